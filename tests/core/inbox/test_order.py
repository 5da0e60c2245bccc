"""News about a person has one outcome, whatever order it arrives in, how often, and in how many pieces."""

from datetime import date
from itertools import count
from random import Random
from typing import Any

import pytest

from core.events import id_numbers
from tests.core.inbox.stories import Story, person_of, story
from tests.world import Person, World

PEOPLE = 12
_SERIAL = count(1)


def told(world: World, story: Story) -> tuple[Person, list[dict[str, Any]]]:
    """The story as the events of one more person."""
    serial = next(_SERIAL)
    person = Person(world, id_numbers.make(story.born, serial % 999 + 1))
    events = []
    for number, said in enumerate(story.events):
        who = person_of(person.id_number, story, number)
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
