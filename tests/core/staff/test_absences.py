"""Somebody is away, recused or leaves: their open visits move to another day while one is left, else to others."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from core.organisation.users import User
from core.staff import absences, accounts, recusals
from tests.world import Person, World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}


def absent(world: World, user: User, first: str, last: str, *, by: User | None = None) -> list[dict[str, Any]]:
    """Enter an absence; returns what moved."""
    with world.database.transaction((by or user).scope) as session:
        days = date.fromisoformat(first), date.fromisoformat(last)
        return absences.add(session, user.user_id, *days, "休假", by=by or user, now=world.now)[1]


def last_line(resident: Person) -> Any:
    """The latest line of the history of a resident's visit task."""
    return resident.world.rows(
        "SELECT * FROM task_event WHERE street_code = :street AND task_id = :task ORDER BY at DESC, event_id DESC",
        street=resident.row.street_code,
        task=resident.task.task_id,
    )[0]


@pytest.fixture
def visitor(world: World) -> User:
    return world.user()


@pytest.fixture
def urgent(world: World, visitor: User) -> Person:
    """An accident told on Friday 2026-03-20, due on 03-27, and with the visitor."""
    resident = world.register(DIBAO, CHANGE)
    assert resident.task.due_on == date(2026, 3, 27)
    return resident


def test_a_visit_moves_to_a_day_on_which_the_visitor_is_there(urgent: Person, visitor: User) -> None:
    world, planned_on = urgent.world, urgent.task.planned_on
    world.user()
    [moved] = absent(world, visitor, planned_on.isoformat(), "2026-03-26")
    assert (moved["result"], moved["task_id"], moved["planned_on"]) == (
        "planned",
        urgent.task.task_id,
        date(2026, 3, 27),
    )
    assert (urgent.task.assignee_id, urgent.task.planned_on) == (visitor.user_id, date(2026, 3, 27))
    line = last_line(urgent)
    assert (line.what, line.details["reason"]) == ("planned", "absence")


def test_a_visit_planned_for_a_day_before_the_absence_stays(urgent: Person, visitor: User) -> None:
    assert absent(urgent.world, visitor, "2026-03-28", "2026-05-31") == []
    assert (urgent.task.assignee_id, last_line(urgent).what) == (visitor.user_id, "opened")


def test_who_is_away_through_the_due_day_gives_the_visit_to_the_next_one(urgent: Person, visitor: User) -> None:
    world, other = urgent.world, urgent.world.user()
    [moved] = absent(world, visitor, "2026-03-20", "2026-03-31")
    assert (moved["result"], moved["to"]["user_id"]) == ("moved", other.user_id)
    assert (urgent.task.assignee_id, urgent.task.assigned_because) == (other.user_id, ["committee", "only_candidate"])
    line = last_line(urgent)
    assert (line.what, line.details["reason"], line.details["before"]["user_id"]) == (
        "assigned",
        "absence",
        str(visitor.user_id),
    )
    assert (line.by_user_id, line.details["user_id"]) == (visitor.user_id, str(other.user_id))


def test_with_nobody_else_the_visit_goes_to_the_pool(urgent: Person, visitor: User) -> None:
    [moved] = absent(urgent.world, visitor, "2026-03-20", "2026-03-31")
    assert moved["to"] is None
    assert (urgent.task.assignee_id, urgent.task.assigned_because) == (None, ["pool", "no_candidate"])


def test_two_absences_that_join_leave_no_day(urgent: Person, visitor: User) -> None:
    world, other = urgent.world, urgent.world.user()
    absent(world, visitor, "2026-03-20", "2026-03-24")
    assert urgent.task.assignee_id == visitor.user_id
    absent(world, visitor, "2026-03-25", "2026-03-31")
    assert urgent.task.assignee_id == other.user_id


def test_the_pairing_and_who_went_last_count_when_a_visit_goes_to_somebody_else(urgent: Person, visitor: User) -> None:
    world = urgent.world
    world.user()
    paired = world.user()
    world.user()
    with world.database.transaction(world.scope) as session:
        session.execute(
            text("UPDATE resident SET paired_user_id = :user WHERE resident_id = :resident"),
            {"user": paired.user_id, "resident": urgent.id},
        )
    absent(world, visitor, "2026-03-20", "2026-03-31")
    assert (urgent.task.assignee_id, urgent.task.assigned_because) == (paired.user_id, ["pairing", "committee"])


def test_an_absence_does_nothing_to_closed_tasks(urgent: Person, visitor: User) -> None:
    urgent.visit(visitor)
    [closed] = [task for task in urgent.tasks() if task.state == "done"]
    urgent.world.user()
    moved = absent(urgent.world, visitor, "2026-03-20", "2026-12-31")
    assert closed.task_id not in [one["task_id"] for one in moved]
    [after] = [task for task in urgent.tasks() if task.task_id == closed.task_id]
    assert (after.assignee_id, after.updated_at) == (visitor.user_id, closed.updated_at)


def test_new_work_goes_to_who_is_there_in_time(world: World, visitor: User) -> None:
    absent(world, visitor, "2026-03-20", "2026-03-31")
    assert world.register(DIBAO, CHANGE).task.assignee_id is None
    general = world.register(DIBAO).task
    assert general.assignee_id == visitor.user_id
    assert general.planned_on > date(2026, 3, 31)


def test_a_decision_moves_to_another_street_advisor(world: World) -> None:
    first = world.user("street_advisor")
    resident = world.register(DIBAO, CHANGE)
    world.jump_to(date(2026, 6, 16))
    [decision] = resident.tasks("decision")
    assert decision.assignee_id == first.user_id
    second = world.user("street_advisor")
    [moved] = absent(world, first, "2026-06-16", "2026-06-30")
    assert (moved["to"]["user_id"], moved["because"]) == (second.user_id, ["street_advisor"])


def test_a_new_recusal_takes_that_residents_visits_away_and_no_others(urgent: Person, visitor: User) -> None:
    world, manager = urgent.world, urgent.world.user("street_manager")
    kept = world.register(DIBAO)
    other = world.user()
    with world.database.transaction(manager.scope) as session:
        _, moved = recusals.add(session, visitor.user_id, urgent.id, "亲属", by=manager, now=world.now)
    assert [(one["task_id"], one["to"]["user_id"]) for one in moved] == [(urgent.task.task_id, other.user_id)]
    assert (urgent.task.assignee_id, kept.task.assignee_id) == (other.user_id, visitor.user_id)
    assert last_line(urgent).details["reason"] == "recusal"


def test_a_committee_advisor_who_is_away_gives_work_to_the_least_loaded_of_the_whole_street(world: World) -> None:
    # The other's visits lie in a committee that the one who leaves cannot see.
    visitor = world.user(capacity=10)
    resident = world.register(DIBAO, CHANGE)
    busy = world.user(committees=["310117001001", "310117001002"], capacity=10)
    for _ in range(3):
        world.register(DIBAO, CHANGE, committee="310117001002")
    idle = world.user(capacity=10)
    absent(world, visitor, "2026-03-20", "2026-03-31")
    assert busy.user_id < idle.user_id
    assert resident.task.assignee_id == idle.user_id


def test_closing_an_account_gives_all_its_open_tasks_to_others(urgent: Person, visitor: User) -> None:
    world, manager = urgent.world, urgent.world.user("street_manager")
    general = world.register(DIBAO)
    other = world.user()
    with world.database.transaction(manager.scope) as session:
        accounts.change(session, visitor.user_id, {"active": False}, by=manager, now=world.now)
    assert {urgent.task.assignee_id, general.task.assignee_id} == {other.user_id}
    assert last_line(urgent).details["reason"] == "deactivated"


def test_an_admin_who_sees_no_residents_may_close_an_account_all_the_same(urgent: Person, visitor: User) -> None:
    world, admin, other = urgent.world, urgent.world.user("admin"), urgent.world.user()
    with world.database.transaction(admin.scope) as session:
        accounts.change(session, visitor.user_id, {"active": False}, by=admin, now=world.now)
        assert session.execute(text("SELECT count(*) FROM task")).scalar_one() == 0
    assert urgent.task.assignee_id == other.user_id


def test_who_no_longer_serves_a_committee_keeps_no_task_there(urgent: Person, visitor: User) -> None:
    world, manager, other = urgent.world, urgent.world.user("street_manager"), urgent.world.user()
    with world.database.transaction(manager.scope) as session:
        accounts.change(session, visitor.user_id, {"committees": ["310117001002"]}, by=manager, now=world.now)
    assert urgent.task.assignee_id == other.user_id
    assert last_line(urgent).details["reason"] == "committees"


def test_a39_what_is_due_within_an_absence_goes_to_somebody_else_on_its_first_morning(
    urgent: Person, visitor: User
) -> None:
    world, other = urgent.world, urgent.world.user()
    later = world.register(DIBAO)
    with world.database.transaction(world.scope) as session:
        session.execute(text("UPDATE task SET assignee_id = :user WHERE state = 'open'"), {"user": visitor.user_id})
    absent(world, visitor, "2026-03-25", "2026-04-01")
    assert urgent.task.assignee_id == visitor.user_id
    world.go_to(date(2026, 3, 25))
    assert urgent.task.assignee_id == other.user_id
    assert last_line(urgent).details["reason"] == "absence"
    assert (later.task.assignee_id, later.task.due_on) == (visitor.user_id, date(2026, 6, 30))


def test_a39_what_is_given_anyway_to_somebody_away_is_not_taken_back_the_next_minute(
    urgent: Person, visitor: User
) -> None:
    world = urgent.world
    world.user()
    absent(world, visitor, "2026-03-25", "2026-04-01")
    world.go_to(date(2026, 3, 25))
    with world.database.transaction(world.scope) as session:
        session.execute(text("UPDATE task SET assignee_id = :user WHERE state = 'open'"), {"user": visitor.user_id})
    world.go_to(date(2026, 3, 26))
    assert urgent.task.assignee_id == visitor.user_id


def test_a39_the_end_of_an_account_hands_on_all_its_work_and_nothing_is_planned_past_it(
    urgent: Person, visitor: User
) -> None:
    world, manager, other = urgent.world, urgent.world.user("street_manager"), urgent.world.user()
    with world.database.transaction(manager.scope) as session:
        accounts.change(session, visitor.user_id, {"valid_until": date(2026, 3, 24)}, by=manager, now=world.now)
    assert (urgent.task.assignee_id, urgent.task.planned_on <= date(2026, 3, 24)) == (visitor.user_id, True)
    world.go_to(date(2026, 3, 24))
    assert urgent.task.assignee_id == visitor.user_id
    world.go_to(date(2026, 3, 25))
    assert urgent.task.assignee_id == other.user_id
    assert last_line(urgent).details["reason"] == "account_ended"


def test_a39_an_absence_is_listed_changed_and_ended(urgent: Person, visitor: User) -> None:
    world, other = urgent.world, urgent.world.user()
    with world.database.transaction(visitor.scope) as session:
        days = date(2026, 4, 1), date(2026, 4, 3)
        shown, _ = absences.add(session, visitor.user_id, *days, "休假", by=visitor, now=world.now)
    change = {"first": date(2026, 3, 20), "last": None, "reason": "病假"}
    with world.database.transaction(visitor.scope) as session:
        changed, moved = absences.change(
            session, visitor.user_id, shown["absence_id"], **change, by=visitor, now=world.now
        )
    assert (changed["from_"], changed["to"], changed["reason"]) == (date(2026, 3, 20), date(2026, 4, 3), "病假")
    assert [one["to"]["user_id"] for one in moved] == [other.user_id]
    world.go_to(date(2026, 3, 24))
    with world.database.transaction(visitor.scope) as session:
        absences.end(session, visitor.user_id, shown["absence_id"], by=visitor, now=world.now)
        [left] = absences.page(session, visitor.user_id, by=visitor, after=None, limit=50)
    # What they were away stays on record.
    assert (left["from_"], left["to"]) == (date(2026, 3, 20), date(2026, 3, 23))


def test_a39_a_recusal_is_listed_and_ended(urgent: Person, visitor: User) -> None:
    world = urgent.world
    with world.database.transaction(visitor.scope) as session:
        shown, _ = recusals.add(session, visitor.user_id, urgent.id, "亲属", by=visitor, now=world.now)
        again, _ = recusals.add(session, visitor.user_id, urgent.id, "邻居", by=visitor, now=world.now)
        assert again["recusal_id"] == shown["recusal_id"]
        listed = recusals.page(session, visitor.user_id, by=visitor, after=None, limit=50)
        assert [(one["resident_id"], one["reason"]) for one in listed] == [(urgent.id, "邻居")]
        recusals.end(session, visitor.user_id, shown["recusal_id"], by=visitor)
        assert recusals.page(session, visitor.user_id, by=visitor, after=None, limit=50) == []
