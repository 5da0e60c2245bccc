"""Two transactions about one person never block each other for good: the resident is locked first, and not too hard."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.organisation.users import User
from core.policy import coverage
from core.residents import standing
from core.tasks import actions, attempts, escalation, excuses
from tests.world import STREET, Person, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
RISK = {
    **{dimension: {"level": "ok"} for dimension in ("economy", "education", "housing", "employment", "social")},
    "health": {"level": "risk"},
}
WAITS = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


@contextmanager
def looked_at(resident: Person) -> Iterator[None]:
    """A transaction that holds the resident, as a drain does while it works."""
    with resident.world.database.transaction(resident.world.scope) as session:
        assert standing.lock(session, STREET, [resident.id])
        yield


def until_it_waits(world: World, done: "Future[None]") -> None:
    """Until something done at the same time waits for a lock, or is over."""
    with world.database.engine.connect() as connection:
        while not done.done() and not connection.execute(WAITS).scalar_one():
            connection.rollback()
            time.sleep(0.01)


def test_a_step_fires_while_the_person_is_looked_at(world: World) -> None:
    world.user()
    world.user("street_advisor")
    resident = world.register(DIBAO, CHANGE)
    world.business.at = clock.at(date(2026, 4, 20), 10)
    with looked_at(resident), world.database.transaction(world.scope) as session:
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert escalation.escalate_due(session, STREET, now=world.now) == 1


def late_entry(world: World, advisor: User) -> tuple[Person, UUID, Callable[[Session, UUID], object]]:
    resident = world.register(DIBAO)
    world.go_to(date(2026, 7, 20))
    resident.visit(world.user(), on=date(2026, 6, 20))
    [task] = resident.tasks("confirm")

    def decide(session: Session, task_id: UUID) -> None:
        actions.decide(session, task_id, "confirm", None, "已核实", world.keys, by=advisor, now=world.now)

    return resident, task.task_id, decide


def follow_up(world: World, advisor: User) -> tuple[Person, UUID, Callable[[Session, UUID], object]]:
    resident = world.register(DIBAO)
    resident.visit(world.user(), dimensions=RISK)
    [task] = resident.tasks("follow_up")

    def complete(session: Session, task_id: UUID) -> None:
        actions.complete(session, task_id, "已就医", by=advisor, now=world.now)

    return resident, task.task_id, complete


def closed_door(world: World, advisor: User) -> tuple[Person, UUID, Callable[[Session, UUID], object]]:
    resident = world.register(DIBAO, CHANGE)

    def attempt(session: Session, task_id: UUID) -> None:
        attempts.attempt(session, task_id, "not_home", date(2026, 3, 20), None, by=advisor, now=world.now)

    return resident, resident.task.task_id, attempt


def excuse(world: World, advisor: User) -> tuple[Person, UUID, Callable[[Session, UUID], object]]:
    resident = world.register(DIBAO, CHANGE)

    def excused(session: Session, task_id: UUID) -> None:
        excuses.excuse(session, task_id, "response", None, "已联系", by=advisor, now=world.now)

    return resident, resident.task.task_id, excused


@pytest.mark.parametrize("story", [late_entry, follow_up, closed_door, excuse])
def test_whoever_will_need_the_resident_waits_for_them_before_taking_the_task(
    world: World, advisor: User, story: Callable[..., tuple[Person, UUID, Callable[[Session, UUID], object]]]
) -> None:
    resident, task_id, act = story(world, advisor)

    def work() -> None:
        with world.database.transaction(advisor.scope) as session:
            act(session, task_id)

    with ThreadPoolExecutor(1) as threads:
        with looked_at(resident):
            done = threads.submit(work)
            until_it_waits(world, done)
            assert not done.done()
            with world.database.transaction(world.scope) as session:
                # As the drain goes on to the tasks of the resident it holds.
                session.execute(
                    text("SELECT FROM task WHERE street_code = :street AND task_id = :task FOR UPDATE NOWAIT"),
                    {"street": STREET, "task": task_id},
                )
        done.result()


def test_a_new_calendar_takes_the_residents_of_a_street_in_the_order_in_which_everybody_does(world: World) -> None:
    # By committee the second one would come first.
    first, second = world.register(DIBAO, committee="310117001002"), world.register(DIBAO, committee="310117001001")
    assert first.id < second.id

    def work() -> None:
        with world.database.transaction(world.scope) as session:
            coverage.wake_all(session, STREET, clock.today(world.now))

    with ThreadPoolExecutor(1) as threads:
        with looked_at(first):
            done = threads.submit(work)
            until_it_waits(world, done)
            assert not done.done()
            with world.database.transaction(world.scope) as session:
                session.execute(
                    text(
                        "SELECT FROM resident WHERE street_code = :street AND resident_id = :resident FOR UPDATE NOWAIT"
                    ),
                    {"street": STREET, "resident": second.id},
                )
        done.result()
