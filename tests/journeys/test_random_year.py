"""A random year: its evenings are told again for ever, and walked in jumps it ends as it does day by day."""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.evaluation.evaluators import Evaluators
from core.store.crypto import Keys
from core.store.database import Database
from tests.api.door import open_door
from tests.journeys.bookkeeper import UNSURE, Bookkeeper
from tests.journeys.district import District, Evenings
from tests.journeys.lives import Life
from tests.journeys.scripts import ACTS, Script, invent
from tests.journeys.year import Year
from tests.world import World

FIRST = date(2026, 2, 16)
# The suite lives the same year each time, so that whoever breaks it knows that they did; `make year` draws another.
SEED = int(os.environ.get("TANFANG_YEAR_SEED", "1"))
DAYS = int(os.environ.get("TANFANG_YEAR_DAYS", "140"))
PEOPLE = int(os.environ.get("TANFANG_YEAR_PEOPLE", "40"))


@pytest.fixture
def script() -> Script:
    print(f"TANFANG_YEAR_SEED={SEED} TANFANG_YEAR_DAYS={DAYS} TANFANG_YEAR_PEOPLE={PEOPLE}")
    return invent(SEED, PEOPLE, DAYS, FIRST)


@pytest.fixture
def begin(make_database: Callable[[], str], keys: Keys, tmp_path: Path, script: Script) -> Iterator[Callable[[], Year]]:
    """Begins the year in a district of its own."""
    with ExitStack() as open_:
        evaluators = Evaluators()
        open_.callback(evaluators.close)

        def make() -> Year:
            url = make_database()
            database = Database(url, pool_size=8)
            open_.callback(database.dispose)
            door = open_.enter_context(open_door(url, tmp_path / "keys", World(database, keys), evaluators))
            year = Year(District(door, script.first), script)
            year.open()
            return year

        yield make


def check_books(year: Year) -> Counter[str]:
    """What is owed is what the bookkeeper says; returns how often they agreed on what."""
    bookkeeper, agreed = Bookkeeper(year), Counter[str]()
    today = year.district.today
    for life in year.lives:
        if life.is_merged_away or not bookkeeper.follows(life):
            continue
        expected = bookkeeper.periods(life, today)
        found = {
            (duty["tier"], duty["period"]): duty["state"]
            for duty in year.district.everything(f"/v1/residents/{life.resident.resident_id}/duties", by="district")
            if duty["kind"] == "periodic" and duty["state"] != "cancelled"
        }
        sure = {period: state for period, state in expected.items() if state != UNSURE}
        known = {period: found.get(period) for period in found if expected.get(period) != UNSURE}
        differing = {key: (sure.get(key), known.get(key)) for key in {*sure, *known} if sure.get(key) != known.get(key)}
        assert not differing, "\n".join(
            (f"on {today}", str(differing), *year.about(life), *map(str, life.told), str(life))
        )
        agreed.update(sure.values())
    return agreed


def walk_day_by_day(year: Year, evenings: Evenings) -> None:
    for on, steps in year.script.days():
        if steps:
            year.district.go_to(on, 10)
            for step in steps:
                year.play(step)
        year.district.go_to(on, 20)
        if on.isoweekday() == 7:
            evenings.save()
        if on.day == 1 or on == year.script.last:
            agreed = check_books(year)
    # They did not agree on nothing.
    assert set(agreed) == {"open", "met", "missed", "excused"}, agreed


def walk_in_jumps(year: Year) -> None:
    """Nothing runs on the days on which nothing happens."""
    for on, steps in year.script.days():
        if steps or on == year.script.last:
            year.district.door.world.jump_to(on, 10)
            for step in steps:
                year.play(step)
    year.district.door.world.jump_to(year.script.last, 20)


def owed(year: Year, life: Life) -> list[str]:
    """Every duty that was ever owed, and by which visit it was credited; what was withdrawn need not have been seen."""
    services = {went.visit_id: str(went.service_date) for went in life.visits}
    found = year.district.everything(f"/v1/residents/{life.resident.resident_id}/duties", by="district")
    return sorted(
        str({**duty, "credited_visit_id": services.get(duty["credited_visit_id"], duty["credited_visit_id"] and "?")})
        for duty in found
        if duty["state"] != "cancelled"
    )


def asked_for(year: Year, life: Life) -> list[tuple[Any, ...]]:
    found = year.district.everything("/v1/tasks", by="district", state="open", resident_id=life.resident.resident_id)
    return sorted(
        (task["kind"], task["due_on"], task["tier"], sorted(duty["due_on"] for duty in task["duties"]))
        for task in found
    )


def decided(year: Year, life: Life) -> list[tuple[Any, ...]]:
    """Since when which tier for which reasons; that a street's new document changed neither need not be on record."""
    rows = year.district.door.world.rows(
        "SELECT from_on, tier, rules, next_change_on FROM decision WHERE resident_id = CAST(:id AS uuid)"
        " AND superseded_at IS NULL AND street_code = :street ORDER BY from_on",
        id=life.resident.resident_id,
        street=life.committee[:9],
    )
    runs = [list(run) for _, run in itertools.groupby(rows, key=lambda row: (row.tier, row.rules))]
    return [(run[0].from_on, run[0].tier, run[0].rules, run[-1].next_change_on) for run in runs]


@pytest.mark.long(60)
@pytest.mark.timeout(600 + PEOPLE * DAYS // 5)
def test_a_random_year_is_told_again_for_ever_and_ends_alike_in_jumps(begin: Callable[[], Year]) -> None:
    slow, fast = begin(), begin()
    evenings = Evenings(slow.district)
    walk_day_by_day(slow, evenings)
    assert {name for name in ACTS if not slow.done[name]} == set()
    differing = evenings.differing()
    assert not differing, (len(differing), next(iter(differing.items())))

    walk_in_jumps(fast)
    assert fast.told == slow.told
    for there, here in zip(fast.lives, slow.lives, strict=True):
        if here.is_merged_away:
            continue
        for look in (decided, owed, asked_for):
            then, now = look(slow, here), look(fast, there)
            assert now == then, "\n".join(
                (look.__name__, *slow.about(here), *map(str, then), "in jumps:", *map(str, now))
            )
