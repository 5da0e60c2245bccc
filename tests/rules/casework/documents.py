"""Streets' casework documents for the tests, made up at random; most are accepted, some narrow."""

from random import Random
from typing import Any

from rules.casework.codes import Category, Dimension, Sign
from tests.rules.overlays import random_condition

Document = dict[str, Any]
LIMITS = (
    "urgent_need_working_days",
    "need_working_days",
    "plan_working_days",
    "plan_review_days",
    "referral_answer_working_days",
)
DIVIDED = {
    "follow_up_days": ("urgent", "risk"),
    "call_first_answer_working_minutes": ("urgent", "normal"),
    "lead_working_days": ("urgent", "normal"),
}


def random_when(random: Random, depth: int = 0) -> dict[str, Any]:
    """A condition about what was found, and now and then about the person."""
    if depth < 3 and random.random() < 0.5:
        word = random.choice(("all", "all", "any", "not"))
        if word == "not":
            return {"not": random_when(random, depth + 1)}
        return {word: [random_when(random, depth + 1) for _ in range(random.randint(1, 3))]}
    match random.randint(0, 8):
        case 0:
            return {"dimension": random.choice(list(Dimension)).value}
        case 1:
            return {"dimension": [each.value for each in random.sample(list(Dimension), random.randint(1, 3))]}
        case 2:
            return {"sign": random.choice(list(Sign)).value}
        case 3:
            return {"sign": [each.value for each in random.sample(list(Sign), random.randint(1, 8))]}
        case 4 | 5:
            return {"level_at_least": random.choice(("watch", "risk", "urgent"))}
        case 6:
            return {"times_in_a_row": random.randint(2, 3)}
        case 7:
            return {"open_dimensions_at_least": random.randint(1, 3)}
        case _:
            return random_condition(random, depth=3)


def random_raises(random: Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if random.random() < 0.5:
        made["need"] = {"urgency": random.choice(("normal", "urgent"))}
        if random.random() < 0.5:
            made["need"]["category"] = random.choice(list(Category)).value
    if random.random() < 0.3:
        made["suggestion"] = {"text": random.choice(("建议甲", "建议乙"))}
    if random.random() < 0.2:
        made["plan"] = True
    if random.random() < 0.3:
        made["follow_up"] = random.choice(("urgent", "risk"))
    if not made or random.random() < 0.2:
        to = random.sample(("committee", "street_advisor", "street_manager"), random.randint(1, 2))
        made["notice"] = {"to": to, "words": "街镇规则"}
    return made


def random_rules(random: Random, most: int = 4) -> list[dict[str, Any]]:
    return [
        {
            "id": f"street_{number}",
            "label": f"街镇规则 {number}",
            "when": random_when(random),
            "raises": random_raises(random),
        }
        for number in range(random.randint(0, most))
    ]


def random_document(random: Random) -> Document:
    """What a street may write: rules, and limits shorter or, now and then, longer than the district's."""
    document: Document = {"rules": random_rules(random)}
    limits: dict[str, Any] = {}
    for name in LIMITS:
        if random.random() < 0.3:
            limits[name] = random.randint(1, 20)
    for name, parts in DIVIDED.items():
        if random.random() < 0.3:
            limits[name] = {part: random.randint(5, 40) for part in parts if random.random() < 0.7}
    if limits:
        document["limits"] = limits
    return document
