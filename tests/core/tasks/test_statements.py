"""The number of statements does not grow with the rows: residents visited, tasks taken, steps fired, leads told."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import pytest

from core import clock
from core.heartbeat import sweep
from core.organisation.users import User
from core.policy import chains
from core.staff import absences
from core.store.ids import uuid7
from core.tasks import actions, escalation
from core.visits import recording
from core.visits.forms import Form
from tests.statements import Statements, growth
from tests.world import STREET, Person, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
RISK = {
    **{dimension: {"level": "ok"} for dimension in ("economy", "education", "housing", "employment", "social")},
    "health": {"level": "risk"},
}
# What is done with many rows at once, and whether it did something to each of them.
Work = tuple[Callable[[], object], Callable[[], bool]]
# Prepares as many rows as it is told.
Story = Callable[[World, User, int], Work]


def visit(world: World, user: User, everybody: tuple[UUID, ...], on: date, *, met: bool) -> None:
    fields = {
        "visit_id": str(uuid7()),
        "resident_ids": [str(resident_id) for resident_id in everybody],
        "mode": "home_visit",
        "participants": ["王芳"],
        "service_date": on.isoformat(),
        "duration_hours": 1.0,
        "services": ["care"],
        "initiated_by": "advisor",
        "narrative": "情况稳定",
        "met": {str(resident_id): met for resident_id in everybody},
        "several_households": True,
        **({"dimensions": RISK} if met else {}),
    }
    form = Form.of(fields)
    with world.database.transaction(user.scope) as session:
        recording.record(session, form, by=user, now=world.now)


def all_have(residents: Sequence[Person], kind: str) -> Callable[[], bool]:
    return lambda: all(resident.tasks(kind) for resident in residents)


def a_visit_that_finds_a_risk(world: World, advisor: User, people: int) -> Work:
    residents = [world.register(DIBAO, CHANGE) for _ in range(people)]
    everybody = tuple(resident.id for resident in residents)
    return lambda: visit(world, advisor, everybody, date(2026, 3, 20), met=True), all_have(residents, "follow_up")


def a_second_closed_door(world: World, advisor: User, people: int) -> Work:
    residents = [world.register(DIBAO, CHANGE) for _ in range(people)]
    everybody = tuple(resident.id for resident in residents)
    visit(world, advisor, everybody, date(2026, 3, 19), met=False)
    return lambda: visit(world, advisor, everybody, date(2026, 3, 20), met=False), all_have(residents, "welfare_check")


def a_pull(world: World, advisor: User, people: int) -> Work:
    residents = [world.register(DIBAO) for _ in range(people)]
    for resident in residents:
        with world.database.transaction(advisor.scope) as session:
            actions.release(session, resident.task.task_id, "太远", by=advisor, now=world.now)

    def pull() -> None:
        with world.database.transaction(advisor.scope) as session:
            actions.pull(session, people, by=advisor, now=world.now)

    return pull, lambda: all(resident.task.assignee_id == advisor.user_id for resident in residents)


def leads(world: World, advisor: User, people: int) -> Work:
    residents = [world.register(DIBAO) for _ in range(people)]
    told = [{"person": {"id_number": resident.id_number}, "channel": "hotline"} for resident in residents]
    world.accept(*(world.event("lead.reported", data) for data in told))
    return lambda: sweep.once(world.database, world.keys, world.business), all_have(residents, "lead")


def steps_that_hand_on(world: World, advisor: User, people: int) -> Work:
    manager = world.user("street_manager")
    with world.database.transaction(manager.scope) as session:
        district = chains.shown(session, STREET, by=manager, now=world.now)["steps"]
        assert isinstance(district, list)
        reassign = {"after_working_days": -3, "to": "assignee", "action": "reassign"}
        chains.put(session, STREET, [reassign, *district], by=manager, now=world.now)
    residents = [world.register(DIBAO, CHANGE) for _ in range(people)]
    world.business.at = clock.at(date(2026, 3, 24), 10)

    def climb() -> None:
        with world.database.transaction(world.scope) as session:
            escalation.escalate_due(session, STREET, now=world.now)

    return climb, lambda: all(resident.task.assigned_because[0] == "reassigned" for resident in residents)


def an_absence(world: World, advisor: User, people: int) -> Work:
    away = world.user(committees=["310117001002"], capacity=100)
    residents = [world.register(DIBAO, CHANGE, committee="310117001002") for _ in range(people)]

    def absent() -> None:
        with world.database.transaction(away.scope) as session:
            first, last = date(2026, 3, 20), date(2026, 4, 30)
            absences.add(session, away.user_id, first, last, "休假", by=away, now=world.now)

    return absent, lambda: all(resident.task.assignee_id != away.user_id for resident in residents)


@pytest.mark.parametrize("story", [a_visit_that_finds_a_risk, a_second_closed_door, a_pull, leads, an_absence])
def test_more_rows_take_no_more_statements(world: World, statements: Statements, story: Story) -> None:
    advisor = world.user(capacity=100)
    world.user("street_advisor")
    assert grown(world, statements, advisor, story) == {}


def test_more_steps_that_fire_at_once_take_no_more_statements(world: World, statements: Statements) -> None:
    advisor = world.user(capacity=100)
    world.user(capacity=100)
    world.user("street_advisor")
    assert grown(world, statements, advisor, steps_that_hand_on) == {}


def grown(world: World, statements: Statements, advisor: User, story: Story) -> dict[str, int]:
    """What six rows take more than two; what a process reads once is read by then."""
    found = []
    for people in (1, 2, 6):
        work, is_done = story(world, advisor, people)
        with statements.counted() as sent:
            work()
        assert is_done()
        found.append(sent)
        world.business.at = clock.at(date(2026, 3, 20), 10)
    _, few, many = found
    return growth(few, many)
