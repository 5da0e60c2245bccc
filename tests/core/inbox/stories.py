"""Everything that can be said about a person, at random: as many systems say it, at their own pace and out of order."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.world import COMMITTEE

ELSEWHERE = ("310117001002", "310117001003", "310117002003", "310117003001")
TAGS = ("dibao_urban", "dibao_edge", "expenditure_poor", "severe_disability_aid", "tekun")
DAYS = ("2025-03-20", "2025-03-21", "2025-12-20", "2026-01-01", "2026-03-02", "2026-03-19", "2026-03-20")
LATER = ("2026-03-25", "2026-04-01")
MOST_EVENTS = 12


@dataclass
class Story:
    """What is said about one person, as it might reach the product through several systems."""

    born: date
    events: list[dict[str, Any]]


def story(random: Random, now: datetime) -> Story:
    """Up to twelve events of every type, with times that sometimes coincide; at least one opens the person."""
    names = [random.choice(list(_SAID)) for _ in range(random.randint(1, MOST_EVENTS - 1))]
    events = [_event(random, name, now) for name in ("resident.registered", *names)]
    return Story(date(1956, random.randint(1, 12), random.randint(1, 28)), events)


def _event(random: Random, name: str, now: datetime) -> dict[str, Any]:
    at = now - timedelta(days=random.randint(0, 2), minutes=random.choice((0, 0, 1, 30)))
    places = name == "resident.registered" or (
        name.partition(".")[0] in ("warning", "change") and random.random() < 0.5
    )
    return {"type": name, "at": at, "places": places, "data": _SAID[name](random)}


def _fact(random: Random) -> dict[str, Any]:
    kind = random.choice(
        ("assistance", "assistance", "serious_illness", "disability", "major_change", "warning", "pause")
    )
    made: dict[str, Any] = {"kind": kind, "valid_from": random.choice(DAYS + LATER), "valid_to": None}
    match kind:
        case "assistance":
            made["tag"] = random.choice(TAGS)
            if made["tag"] == "tekun":
                made["support"] = random.choice(("scattered", "centralised"))
        case "serious_illness":
            made["basis"] = random.choice(("diagnosis", "found_on_visit"))
        case "disability":
            made |= {"category": 5, "grade": random.choice((1, 3, 4))}
        case "major_change":
            made["cause"] = random.choice(("accident", "serious_illness"))
        case "warning":
            made |= {"warning": "illness_poverty", "valid_from": random.choice(DAYS)}
        case "pause":
            made["reason"] = "住院"
    return made


def _which(random: Random) -> dict[str, Any]:
    kind = random.choice(("assistance", "major_change", "major_change", "warning", "serious_illness"))
    return {"kind": kind, **({"tag": random.choice(TAGS)} if kind == "assistance" else {})}


def _moved(random: Random) -> dict[str, Any]:
    to = random.choice((COMMITTEE, *ELSEWHERE))
    return {"on": random.choice(DAYS[4:] + LATER), "to_street": to[:9], "to_committee": to}


_SAID: dict[str, Any] = {
    "resident.registered": lambda random: {"facts": [_fact(random) for _ in range(random.randint(0, 3))]},
    "resident.left": lambda random: {"on": random.choice(DAYS[3:] + LATER)},
    "resident.died": lambda random: {"on": random.choice(DAYS[4:])},
    "resident.moved": _moved,
    "fact.recorded": lambda random: {"fact": _fact(random)},
    "fact.ended": lambda random: {**_which(random), "on": random.choice(DAYS[2:] + LATER)},
    "fact.retracted": lambda random: {**_which(random), "valid_from": random.choice(DAYS), "reason": "误报"},
    "warning.illness_poverty": lambda random: {"pushed_on": random.choice(DAYS)},
    "change.accident": lambda random: {"happened_on": random.choice((*DAYS, None))},
    "change.serious_illness": lambda random: {"happened_on": random.choice(DAYS)},
    "lead.reported": lambda random: {"channel": "neighbour"},
}


def person_of(id_number: str, story: Story, number: int, home: str = COMMITTEE) -> dict[str, Any]:
    """Whom one of the events is about: some say where the person lives, and so may open them."""
    who: dict[str, Any] = {"id_number": id_number}
    if story.events[number]["places"]:
        who |= {"name": "测试", "street": home[:9], "committee": home}
    return who
