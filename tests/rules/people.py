"""People for the tests of the rules: said in a line each, or made up at random around awkward days."""

from datetime import date, timedelta
from random import Random
from typing import Any

from rules.facts import BASES, CAUSES, COVERED_TAGS, OUTREACH_TAGS, SUPPORTS, Fact, Person, Sex, parse_fact

RawPerson = dict[str, Any]

STREET_TAGS = ("living_alone", "single_parent")
# Leap days, birthdays, period ends and anniversaries crowd around these.
AWKWARD = (date(2024, 7, 23), date(2025, 2, 28), date(2026, 2, 28), date(2026, 7, 15), date(2028, 2, 29))
BIRTHDAYS = ("1956-02-29", "1956-02-28", "1956-07-15", "1946-03-01", "1960-02-29", "1990-12-31", "2010-06-01")


def aid(tag: str, since: str = "2025-01-01", until: str | None = None, support: str | None = None) -> Fact:
    raw = {"kind": "assistance", "tag": tag, "valid_from": since, "valid_to": until, "support": support}
    return parse_fact(raw)


def outreach(tag: str, since: str = "2025-01-01", until: str | None = None) -> Fact:
    return parse_fact({"kind": "outreach", "tag": tag, "valid_from": since, "valid_to": until})


def illness(basis: str, since: str, until: str | None = None, confirmed_on: str | None = None) -> Fact:
    raw = {"kind": "serious_illness", "basis": basis, "valid_from": since, "valid_to": until}
    return parse_fact(raw | {"confirmed_on": confirmed_on})


def disability(category: int, grade: int, since: str = "2025-01-01", until: str | None = None) -> Fact:
    raw = {"kind": "disability", "category": category, "grade": grade, "valid_from": since, "valid_to": until}
    return parse_fact(raw)


def change(cause: str, since: str, until: str | None = None) -> Fact:
    return parse_fact({"kind": "major_change", "cause": cause, "valid_from": since, "valid_to": until})


def warning(pushed_on: str, until: str | None = None) -> Fact:
    raw = {"kind": "warning", "warning": "illness_poverty", "valid_from": pushed_on, "valid_to": until}
    return parse_fact(raw)


def street_tag(tag: str, since: str = "2025-01-01", until: str | None = None) -> Fact:
    return parse_fact({"kind": "street_tag", "tag": tag, "valid_from": since, "valid_to": until})


def person(born: str | None, *facts: Fact, sex: Sex | None = None, died_on: str | None = None) -> Person:
    return Person(
        birth_date=None if born is None else date.fromisoformat(born),
        sex=sex,
        facts=facts,
        died_on=None if died_on is None else date.fromisoformat(died_on),
    )


def from_raw(raw: RawPerson) -> Person:
    return person(raw["birth_date"], *map(parse_fact, raw["facts"]), sex=raw.get("sex"), died_on=raw.get("died_on"))


def random_day(random: Random) -> date:
    return random.choice(AWKWARD) + timedelta(days=random.choice((-1, 0, 0, 1, random.randint(-400, 400))))


def random_person(random: Random) -> RawPerson:
    """Somebody with up to six facts, as plain JSON."""
    return {
        "birth_date": random.choice((*BIRTHDAYS, *BIRTHDAYS, None)),
        "sex": random.choice(("male", "female", None)),
        "died_on": random_day(random).isoformat() if random.random() < 0.05 else None,
        "facts": [random_fact(random) for _ in range(random.randint(0, 6))],
    }


def random_fact(random: Random) -> dict[str, Any]:
    first = random_day(random)
    last = first + timedelta(days=random.choice((0, 1, 30, 365, 800))) if random.random() < 0.5 else None
    made: dict[str, Any] = {"valid_from": first.isoformat(), "valid_to": last.isoformat() if last else None}
    match random.randint(0, 9):
        case 0 | 1 | 2:
            tag = random.choice(COVERED_TAGS)
            made |= {"kind": "assistance", "tag": tag}
            if tag == "tekun":
                made["support"] = random.choice(SUPPORTS)
        case 3:
            made |= {"kind": "outreach", "tag": random.choice(OUTREACH_TAGS)}
        case 4:
            made |= {"kind": "serious_illness", "basis": random.choice(BASES)}
            if random.random() < 0.5:
                made["confirmed_on"] = random_day(random).isoformat()
        case 5:
            made |= {"kind": "disability", "category": random.randint(1, 7), "grade": random.randint(1, 4)}
        case 6:
            made |= {"kind": "major_change", "cause": random.choice(CAUSES)}
        case 7:
            made |= {"kind": "warning", "warning": "illness_poverty"}
        case 8:
            made |= {"kind": "street_tag", "tag": random.choice(STREET_TAGS)}
        case _:
            made |= {"kind": "pause", "reason": "住院"}
    return made
