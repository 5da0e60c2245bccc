"""News about a person has one outcome, whatever order it arrives in, how often, and in how many pieces."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest

from core import id_numbers
from tests.world import COMMITTEE, Person, World

ELSEWHERE = ("310117001002", "310117001003", "310117002003", "310117003001")
TAGS = ("dibao_urban", "dibao_edge", "expenditure_poor", "severe_disability_aid", "tekun")
DAYS = ("2025-03-20", "2025-03-21", "2025-12-20", "2026-01-01", "2026-03-02", "2026-03-19", "2026-03-20")
LATER = ("2026-03-25", "2026-04-01")
PEOPLE, MOST_EVENTS = 12, 12


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
_SERIAL = count(1)


def told(world: World, story: Story) -> tuple[Person, list[dict[str, Any]]]:
    """The story as the events of one more person."""
    serial = next(_SERIAL)
    person = Person(world, id_numbers.make(story.born, serial % 999 + 1))
    events = []
    for number, said in enumerate(story.events):
        who: dict[str, Any] = {"id_number": person.id_number}
        if said["places"]:
            who |= {"name": "测试", "street": COMMITTEE[:9], "committee": COMMITTEE}
        event = world.event(said["type"], {"person": who, **said["data"]}, at=said["at"])
        # Ties in time are broken by the id, so twins must have the same order of ids.
        events.append(event | {"id": f"{number:02}-{serial}"})
    return person, events


def outcome(person: Person) -> dict[str, Any]:
    """Everything that the news came to, without ids and instants."""
    row = person.row
    key = {"id": row.resident_id, "street": row.street_code}
    where = "WHERE resident_id = :id AND street_code = :street"
    rows = person.world.rows
    return {
        "resident": (row.street_code, row.committee_code, row.tier, row.rules, row.died_on, row.wake_on),
        "decisions": rows(
            f"SELECT from_on, tier, rules, next_change_on, policy_id, policy_version FROM decision {where}"
            " AND superseded_at IS NULL ORDER BY from_on",
            **key,
        ),
        # What was asked for and withdrawn while the story was still incomplete is no part of its outcome, nor is what
        # was owed to somebody until their death was heard of (A23).
        "duties": rows(
            'SELECT kind, occasion, tier, state, reason, starts_on, due_on, modes, "limit", made_up_on, late_entry'
            f" FROM duty {where} AND state <> 'cancelled' AND reason IS DISTINCT FROM 'death'"
            " ORDER BY kind, occasion, tier",
            **key,
        ),
        "tasks": rows(
            "SELECT kind, split_part(subject, ':', 1) AS subject, tier, due_on, committee_code FROM task"
            f" {where} AND state = 'open' ORDER BY kind, subject, due_on",
            **key,
        ),
    }


def unsettled(world: World) -> int:
    return int(world.rows("SELECT count(*) AS n FROM alert WHERE status NOT IN ('processed')")[0].n)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_any_repetition_and_any_splitting_of_a_persons_news_end_the_same(world: World, seed: int) -> None:
    random = Random(seed)
    stories = [story(random, world.now) for _ in range(PEOPLE)]
    plain, twins = [told(world, one) for one in stories], [told(world, one) for one in stories]
    world.accept(*(event for _, events in plain for event in events))
    world.settle()
    # The twins' news comes in pieces, shuffled, with some of it sent again, and each piece takes effect by itself.
    pieces: list[list[dict[str, Any]]] = [[] for _ in range(4)]
    for _, events in twins:
        again = random.sample(events, random.randint(0, len(events)))
        for event in random.sample(events + again, len(events) + len(again)):
            pieces[random.randrange(len(pieces))].append(event)
    for piece in pieces:
        if piece:
            assert not world.accept(*piece).rejected
            world.settle()
    assert unsettled(world) == 0
    for on in (None, date(2026, 4, 8)):
        if on is not None:
            world.go_to(on)
        for one, (person, _), (twin, _) in zip(stories, plain, twins, strict=True):
            assert outcome(twin) == outcome(person), (seed, on, one)
