"""The numbers that sources give their events: what never came, in any order, with repetitions and new starts."""

import time
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.alerts import feed_sequences, feed_watch
from core.alerts.feed_sequences import Counted
from core.alerts.source_keys import Caller
from core.organisation.users import User
from core.store import bulk, ids
from tests.behind import behind
from tests.core.alerts.feeds import expect, hear, later, shown, watch_of
from tests.world import DISTRICT, SOURCE, STREET, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def officer(world: World) -> User:
    return world.user("district_officer")


def number(world: World, *numbers: int, source: str = SOURCE) -> None:
    """Events with these numbers come, in this order."""
    for one in numbers:
        world.accept(
            world.event("lead.reported", {"person": {"external_id": "x"}, "channel": "hotline"}, sequence=str(one)),
            by=Caller(uuid4(), DISTRICT, source, frozenset({"alerts:write"}), frozenset(), frozenset()),
        )


def gaps(world: World) -> list[tuple[int, int]]:
    hear(world)
    return [(gap["first"], gap["last"]) for gap in shown(world)["sequence"]["gaps"]]


def test_a_number_that_never_came_is_missing_after_five_minutes_and_no_longer_when_it_comes(world: World) -> None:
    number(world, 7, 8, 11, 12, 14)
    assert gaps(world) == []
    since = world.now
    later(world, timedelta(minutes=5))
    assert gaps(world) == [(9, 10), (13, 13)]
    sequence = shown(world)["sequence"]
    assert (sequence["complete_to"], sequence["highest"], sequence["missing_total"]) == (8, 14, 3)
    assert {gap["since"] for gap in sequence["gaps"]} == {since}
    number(world, 10, 9)
    assert gaps(world) == [(13, 13)]


def test_numbers_that_are_no_whole_numbers_are_kept_and_not_counted() -> None:
    for attributes, expected in (
        ({}, None),
        ({"sequence": "0017"}, 17),
        ({"sequence": "17", "sequencetype": "Integer"}, 17),
        ({"sequence": 17}, 17),
        ({"sequence": "17", "sequencetype": "Lexical"}, None),
        ({"sequence": True}, None),
        ({"sequence": "-1"}, None),
        ({"sequence": -1}, None),
        ({"sequence": "１７"}, None),
        ({"sequence": "a"}, None),
        ({"sequence": ""}, None),
        ({"sequence": "9" * 18}, 10**18 - 1),
        ({"sequence": "9" * 19}, None),
    ):
        assert feed_sequences.number(attributes) == expected, attributes


def receipts(world: World, numbers: Sequence[int]) -> None:
    # Ids of one millisecond are in no order; what comes in one after the other does not come within one.
    time.sleep(0.002)
    rows = [
        {
            "source": SOURCE,
            "event_id": str(uuid4()),
            "digest": b"",
            "street_code": STREET,
            "alert_id": ids.uuid7(),
            "sequence": one,
        }
        for one in numbers
    ]
    with world.database.transaction(world.scope) as session:
        bulk.insert(session, "receipt", rows)


def missing(world: World, complete_to: int | None = None, **watch: int) -> feed_sequences.Sequence:
    with world.database.transaction(world.scope) as session:
        counted = [Counted(SOURCE, complete_to, None)]
        found = feed_sequences.missing(session, counted, {**watch_of(world), **watch}, now=world.now + DAY)
        return found[SOURCE]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    present=st.sets(st.integers(0, 60), min_size=1),
    again=st.integers(0, 2),
    cuts=st.lists(st.integers(0, 120), max_size=3),
    seed=st.integers(0, 1000),
)
def test_exactly_what_is_not_there_is_missing_in_any_order_with_repetitions_and_whenever_one_looked(
    world: World, present: set[int], again: int, cuts: list[int], seed: int
) -> None:
    with behind(world.database.url) as connection:
        connection.exec_driver_sql("DELETE FROM receipt")
    arriving = [min(present), *Random(seed).sample(sorted(present) * (again + 1), len(present) * (again + 1))]
    complete_to: int | None = None
    begun = 0
    for cut in [*sorted(cuts), len(arriving)]:
        receipts(world, arriving[begun:cut])
        begun = max(begun, cut)
        with world.database.transaction(world.scope) as session:
            counted = [Counted(SOURCE, complete_to, None)]
            advanced = feed_sequences.advance(session, counted, watch_of(world))[SOURCE]
        assert advanced.era is None
        complete_to = advanced.complete_to
    found = missing(world, complete_to)
    absent = set(range(min(present), max(present))) - present
    assert {one for gap in found.gaps for one in range(gap.first, gap.last + 1)} == absent
    assert (found.missing_total, found.highest) == (len(absent), max(present))
    assert found == missing(world)._replace(complete_to=found.complete_to)


def test_many_gaps_are_counted_and_the_first_fifty_listed(world: World) -> None:
    receipts(world, range(1, 1001, 2))
    found = missing(world)
    assert (found.missing_total, len(found.gaps)) == (499, 50)
    assert found.gaps[0] == (2, 2, None)


def test_one_absurd_number_does_not_make_everything_missing(world: World) -> None:
    receipts(world, [1, 2, 10**15])
    assert missing(world).missing_total == watch_of(world)["sequence_window"] - 1


def test_a_source_that_starts_its_numbers_again_is_watched_from_there(world: World) -> None:
    hear(world)
    receipts(world, range(4990, 5011))
    world.settle()
    assert shown(world)["sequence"]["complete_to"] == 5010
    receipts(world, [*range(1, 1501), 1502])
    later(world, feed_watch.LEARN_EVERY)
    sequence = shown(world)["sequence"]
    assert (sequence["complete_to"], sequence["highest"], sequence["missing_total"]) == (1500, 1502, 1)
    receipts(world, [1501])
    assert shown(world)["sequence"]["missing_total"] == 0


def test_a_stray_low_number_between_high_ones_is_no_new_start(world: World) -> None:
    hear(world)
    receipts(world, range(4990, 5011))
    world.settle()
    receipts(world, [1])
    receipts(world, [5011, 5013])
    later(world, feed_watch.LEARN_EVERY)
    sequence = shown(world)["sequence"]
    assert (sequence["highest"], sequence["missing_total"]) == (5013, 1)


def test_the_district_can_settle_what_is_missing(world: World, officer: User) -> None:
    hear(world)
    receipts(world, [1, 2, 10**15])
    expect(world, officer, None, count_anew=True)
    assert shown(world)["sequence"] == {"complete_to": None, "highest": None, "missing_total": 0, "gaps": []}
    receipts(world, [3, 5])
    assert [(gap["first"], gap["last"]) for gap in shown(world)["sequence"]["gaps"]] == [(4, 4)]
