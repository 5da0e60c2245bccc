"""Streets' documents for the tests of the rules, made up at random; most are accepted, some narrow."""

from random import Random
from typing import Any

from rules.facts import COVERED_TAGS, OUTREACH_TAGS, SUPPORTS
from tests.rules.people import STREET_TAGS

Document = dict[str, Any]

TRUTHS = ("in_register", "serious_illness", "severe_disability", "major_change_open", "warned_within_year")


def random_condition(random: Random, depth: int = 0) -> dict[str, Any]:
    if depth < 3 and random.random() < 0.5:
        word = random.choice(("all", "any", "not"))
        if word == "not":
            return {"not": random_condition(random, depth + 1)}
        return {word: [random_condition(random, depth + 1) for _ in range(random.randint(1, 3))]}
    match random.randint(0, 7):
        case 0:
            return {"age_at_least": random.choice((0, 16, 60, 66, 70, 80))}
        case 1:
            return {"age_below": random.choice((16, 60, 66, 70, 80))}
        case 2:
            return {"assistance": random.sample(COVERED_TAGS, random.randint(1, 3))}
        case 3:
            return {"support": random.choice(SUPPORTS)}
        case 4:
            return {"outreach": random.sample(OUTREACH_TAGS, random.randint(1, 2))}
        case 5:
            return {"tag": random.choice(STREET_TAGS)}
        case 6:
            return {"sex": random.choice(("male", "female"))}
        case _:
            return {random.choice(TRUTHS): random.random() < 0.8}


def random_document(random: Random) -> Document:
    document: Document = {
        "tags": dict.fromkeys(STREET_TAGS, "街镇标签"),
        "rules": [
            {
                "id": f"rule_{number}",
                "tier": random.choice(("high", "key", "general")),
                "label": f"街镇规则 {number}",
                "when": random_condition(random),
            }
            for number in range(random.randint(0, 3))
        ],
    }
    for tier in ("high", "key", "general"):
        if random.random() < 0.3:
            document.setdefault("frequency", {})[tier] = random.choice(("month", "quarter", "half_year"))
        if random.random() < 0.3:
            modes = ("home_visit", "phone", "wechat", "building_video", "reception")
            document.setdefault("modes", {})[tier] = random.sample(modes, random.randint(1, 3))
    if random.random() < 0.3:
        document["limits"] = {"recent_days": random.choice((60, 90, 120)), "response_warning_working_days": 5}
    return document
