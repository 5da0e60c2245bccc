"""An outage leaves no trace: after it everybody is owed, asked for and escalated as if nothing had stood still."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.events import id_numbers
from core.organisation.users import User
from core.store.crypto import Keys
from core.store.database import Database
from rules.casework.codes import Dimension
from tests.world import COMMITTEE, Person, World

FIRST, DAYS, PEOPLE = date(2026, 3, 16), 112, 25  # From before the end of a quarter to after that of a half-year.
ELSEWHERE = "310117002003"
TAGS = ("dibao_urban", "dibao_edge", "expenditure_poor", "tekun")
# A whole check that found nothing.
CHECKED = {name: {"level": "ok"} for name in map(str, Dimension)}


@dataclass
class Step:
    """Something that happens to one person on a day: an event at ten, or a visit at eleven."""

    on: date
    person: int
    event: tuple[str, dict[str, Any]] | None = None
    visit: dict[str, Any] | None = None


@dataclass
class Script:
    """The lives of some people over some months; `births` make some of them seventy on the way."""

    births: list[date]
    facts: list[list[dict[str, Any]]]
    steps: list[Step] = field(default_factory=list)

    @property
    def retracted(self) -> set[int]:
        return {step.person for step in self.steps if step.event and step.event[0] == "fact.retracted"}


def script(random: Random) -> Script:
    made = Script(
        [date(1956, random.randint(3, 7), random.randint(1, 28)) for _ in range(PEOPLE)],
        [[_aid(random, FIRST) for _ in range(random.randint(1, 2))] for _ in range(PEOPLE)],
    )
    for person in range(PEOPLE):
        for offset in sorted(random.sample(range(DAYS), random.randint(1, 8))):
            made.steps.append(
                Step(FIRST + timedelta(days=offset), person, event=_event(random, FIRST + timedelta(days=offset)))
            )
        for offset in random.sample(range(DAYS), random.randint(0, 6)):
            made.steps.append(
                Step(FIRST + timedelta(days=offset), person, visit=_visit(random, FIRST + timedelta(days=offset)))
            )
    made.steps.sort(key=lambda step: (step.on, step.visit is not None))
    # Whose death was reported is neither visited nor spoken of any more; who moves away is visited by others.
    gone: dict[int, str] = {}
    lived = []
    for step in made.steps:
        name = step.event[0] if step.event else "visit"
        if gone.get(step.person) != "resident.died" and not (step.visit and step.person in gone):
            lived.append(step)
        if name in ("resident.died", "resident.moved"):
            gone[step.person] = name
    made.steps = lived
    return made


def _aid(random: Random, on: date) -> dict[str, Any]:
    tag = random.choice(TAGS)
    support = {"support": random.choice(("scattered", "scattered", "centralised"))} if tag == "tekun" else {}
    return {"kind": "assistance", "tag": tag, "valid_from": _near(random, on, -60, -1), "valid_to": None, **support}


def _near(random: Random, on: date, low: int, high: int) -> str:
    return (on + timedelta(days=random.randint(low, high))).isoformat()


def _event(random: Random, on: date) -> tuple[str, dict[str, Any]]:
    said: dict[str, Callable[[], dict[str, Any]]] = {
        "change.accident": lambda: {"happened_on": random.choice((on.isoformat(), _near(random, on, -95, 0)))},
        "change.other": lambda: {"happened_on": _near(random, on, -40, 0)},
        # Pushed about a year ago: the anniversary may lie within the outage.
        "warning.illness_poverty": lambda: {
            "pushed_on": random.choice((on.isoformat(), _near(random, on, -370, -320)))
        },
        "fact.recorded": lambda: {"fact": _fact(random, on)},
        "fact.ended": lambda: {**_which(random), "on": _near(random, on, -5, 9)},
        "fact.retracted": lambda: {"kind": "major_change", "valid_from": on.isoformat(), "reason": "误报"},
        "resident.left": lambda: {"on": _near(random, on, -3, 9)},
        "resident.died": lambda: {"on": _near(random, on, -20, 0)},
        "resident.moved": lambda: {
            "on": _near(random, on, -20, 20),
            "to_street": ELSEWHERE[:9],
            "to_committee": ELSEWHERE,
        },
        "lead.reported": lambda: {"channel": "hotline"},
    }
    weights = {"change.accident": 4, "fact.recorded": 4, "fact.ended": 3, "resident.died": 0.5, "fact.retracted": 0.5}
    name = random.choices(list(said), [weights.get(name, 1) for name in said])[0]
    if name == "resident.died" and on.day == 1:
        # A month that began on the day of the report was owed for some hours, which a later look need not know.
        name = "resident.left"
    return name, said[name]()


def _fact(random: Random, on: date) -> dict[str, Any]:
    match random.randint(0, 4):
        case 0 | 1:
            return _aid(random, on)
        case 2:
            basis = random.choice(("diagnosis", "found_on_visit"))
            return {"kind": "serious_illness", "basis": basis, "valid_from": _near(random, on, -20, 0)}
        case 3:
            return {"kind": "disability", "category": 5, "grade": 3, "valid_from": _near(random, on, -20, 9)}
        case _:
            first = on.replace(day=1) + timedelta(days=random.choice((0, 31)))
            return {
                "kind": "pause",
                "reason": "住院",
                "valid_from": first.replace(day=1).isoformat(),
                "valid_to": random.choice((None, _near(random, on, 40, 70))),
            }


def _which(random: Random) -> dict[str, Any]:
    kind = random.choice(("assistance", "major_change", "serious_illness", "pause"))
    return {"kind": kind, **({"tag": random.choice(TAGS)} if kind == "assistance" else {})}


def _visit(random: Random, on: date) -> dict[str, Any]:
    service = on - timedelta(days=random.choice((0, 0, 0, 1, 5, 20)))
    return {
        "visit_id": UUID(int=random.getrandbits(128), version=4),
        "on": max(service, FIRST),
        "mode": random.choice(("home_visit", "home_visit", "home_visit", "phone", "reception")),
        "met": random.random() < 0.9,
        "initiated_by": random.choice(("advisor", "advisor", "advisor", "resident")),
        "dimensions": random.choice((None, CHECKED)),
        "merge": True,
    }


@dataclass
class Stage:
    """A world in which a script is played."""

    world: World
    script: Script
    people: list[Person] = field(default_factory=list)
    visitor: User | None = None

    def open(self) -> None:
        world = self.world
        world.business.at = clock.at(FIRST, 8)
        self.visitor = world.user(capacity=100_000)
        for role in ("street_advisor", "street_manager", "district_officer"):
            world.user(role)
        for serial, (born, facts) in enumerate(zip(self.script.births, self.script.facts, strict=True), 1):
            person = Person(world, id_numbers.make(born, serial))
            who = {"id_number": person.id_number, "name": "测试", "street": COMMITTEE[:9], "committee": COMMITTEE}
            world.accept(world.event("resident.registered", {"person": who, "facts": facts}))
            self.people.append(person)
        world.settle()

    def play(self, is_up: Callable[[date], bool]) -> None:
        """Day by day: midnight, the opening of offices, the news of ten, the visits of eleven, and the evening."""
        last = FIRST + timedelta(days=DAYS)
        on = FIRST
        while on <= last:
            steps = [step for step in self.script.steps if step.on == on]
            for hour in (0, 9, 10, 11, 20):
                if hour > 8 or on > FIRST:
                    self.world.business.at = clock.at(on, hour)
                for step in steps:
                    self._do(step, hour)
                if is_up(on) and (hour < 10 or steps or on == last):
                    self.world.settle()
            on += timedelta(days=1)
        self.world.settle()

    def _do(self, step: Step, hour: int) -> None:
        person = self.people[step.person]
        if step.event and hour == 10:
            name, data = step.event
            accepted = self.world.accept(self.world.event(name, {"person": {"id_number": person.id_number}, **data}))
            assert not accepted.rejected, accepted.rejected
        if step.visit and hour == 11 and self.visitor:
            person.visit(self.visitor, **step.visit)


def outages(random: Random) -> Callable[[date], bool]:
    """Whether the workers run on a day: down for a day to six weeks at a time, but not on the first day or the last."""
    down: set[date] = set()
    on = FIRST + timedelta(days=1)
    last = FIRST + timedelta(days=DAYS)
    while on < last:
        length = random.choice((1, 3, 10, 20, 42))
        down.update(on + timedelta(days=offset) for offset in range(length))
        on += timedelta(days=length + random.choice((1, 2, 8)))
    return lambda day: day not in down or day >= last


def owed(person: Person) -> Any:
    """Every duty that was ever owed; what was withdrawn again need not have been asked for in the outage."""
    return person.world.rows(
        'SELECT kind, occasion, tier, state, reason, starts_on, due_on, modes, "limit", late_entry, made_up_on'
        " FROM duty WHERE resident_id = :id AND street_code = :street AND state <> 'cancelled' AND NOT carried"
        " ORDER BY kind, occasion, tier",
        id=person.id,
        street=person.row.street_code,
    )


def decided(person: Person) -> Any:
    return person.world.rows(
        "SELECT from_on, tier, rules, next_change_on FROM decision WHERE resident_id = :id AND street_code = :street"
        " AND superseded_at IS NULL ORDER BY from_on",
        id=person.id,
        street=person.row.street_code,
    )


def asked_for(person: Person) -> Any:
    return person.world.rows(
        "SELECT kind, split_part(subject, ':', 2) AS about, tier, due_on FROM task WHERE resident_id = :id"
        " AND state = 'open' AND kind <> 'lead' ORDER BY kind, about",
        id=person.id,
    )


def escalated(person: Person) -> Sequence[Any]:
    """What people heard about the visits that were due, in the order in which they heard it."""
    return person.world.rows(
        "SELECT e.task_id, e.level, e.\"to\", e.fired_at, t.state = 'open' AS open FROM escalation e JOIN task t"
        " USING (street_code, task_id) WHERE e.resident_id = :id AND e.street_code = :street AND t.kind = 'visit'"
        " ORDER BY e.task_id, e.fired_at, e.level",
        id=person.id,
        # What was heard in another street came along with them.
        street=person.row.street_code,
    )


@pytest.fixture
def continuous(make_database: Callable[[], str], keys: Keys) -> Iterator[World]:
    """Another world in which nothing ever stands still."""
    store = Database(make_database(), pool_size=8)
    yield World(store, keys)
    store.dispose()


@pytest.mark.long(8)
@pytest.mark.parametrize("seed", range(2))
def test_a_world_with_outages_ends_like_one_without(world: World, continuous: World, seed: int) -> None:
    random = Random(seed)
    lives = script(random)
    is_up = outages(random)
    calm, shaken = Stage(continuous, lives), Stage(world, lives)
    for stage, runs in ((calm, lambda day: True), (shaken, is_up)):
        stage.open()
        stage.play(runs)
    # A visit may end a task of which nobody knew yet that news had come to it; that news then makes a new task.
    blind = {step.person for step in lives.steps if step.visit and not is_up(step.on)}
    for number, (before, after) in enumerate(zip(calm.people, shaken.people, strict=True)):
        told = (seed, number, lives.births[number], lives.facts[number], [s for s in lives.steps if s.person == number])
        assert decided(after) == decided(before), told
        assert owed(after) == owed(before), told
        assert [one[:3] for one in asked_for(after)] == [one[:3] for one in asked_for(before)], told
        assert_in_order(escalated(after))
        if number not in blind:
            assert [one.due_on for one in asked_for(after)] == [one.due_on for one in asked_for(before)], told
        # Who was told before a retraction moved the task stays told.
        if number not in blind | lives.retracted:
            reached = [[(one.level, one.to) for one in escalated(each) if one.open] for each in (before, after)]
            assert reached[0] == reached[1], told


def assert_in_order(fired: Sequence[Any]) -> None:
    """Each level of each task once, one after the other."""
    levels: dict[Any, list[int]] = defaultdict(list)
    for one in fired:
        levels[one.task_id].append(one.level)
    assert all(reached == list(range(1, len(reached) + 1)) for reached in levels.values())


def test_a_visit_entered_after_the_half_year_stays_credited_when_more_news_comes_that_day(world: World) -> None:
    resident = world.register({"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"})
    world.go_to(date(2026, 7, 2))
    resident.visit(world.user(), on=date(2026, 6, 20))
    world.send("lead.reported", resident, channel="hotline")
    first_half = resident.duties()["2026-H1"]
    assert (first_half.state, first_half.late_entry) == ("met", True)
