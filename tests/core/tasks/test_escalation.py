"""When nobody goes, somebody above hears of it (A36): each level once, in working hours, in order."""

from datetime import date, datetime
from typing import Any

import pytest

from core import clock
from core.heartbeat import sweep
from core.staff import absences
from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}


def steps(resident: Person) -> list[tuple[int, str, datetime]]:
    """The steps that fired for a resident, by level: (level, to, when)."""
    rows = resident.world.rows(
        "SELECT * FROM escalation WHERE street_code = :street AND resident_id = :id ORDER BY fired_at, level",
        street=resident.row.street_code,
        id=resident.id,
    )
    return [(row.level, row.to, row.fired_at.astimezone(clock.SHANGHAI)) for row in rows]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


@pytest.fixture
def staff(world: World) -> dict[str, Any]:
    """One person at each rung of the chain."""
    return {
        role: world.user(role) for role in ("committee_advisor", "street_advisor", "street_manager", "district_officer")
    }


@pytest.fixture
def neglected(world: World, staff: dict[str, Any]) -> Person:
    """An accident accepted on Friday 2026-03-20: the visit is due on 03-27, and nobody goes."""
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    return resident


def test_a36_the_chain_is_climbed_in_working_days_each_level_once(neglected: Person) -> None:
    neglected.world.go_to(date(2026, 4, 20))
    assert steps(neglected) == [
        (1, "assignee", at("2026-03-24T09:00:00")),
        (2, "assignee", at("2026-03-30T09:00:00")),
        (3, "street_advisor", at("2026-04-01T09:00:00")),
        (4, "street_manager", at("2026-04-03T09:00:00")),
        # 04-06 is the day off for 清明, so ten working days end on 04-13.
        (5, "district_officer", at("2026-04-13T09:00:00")),
    ]
    assert neglected.task.escalation_level == 5


def test_a36_a_visit_ends_the_climb(neglected: Person, staff: dict[str, Any]) -> None:
    world = neglected.world
    world.go_to(date(2026, 3, 31))
    neglected.visit(staff["committee_advisor"])
    world.go_to(date(2026, 4, 20))
    assert [level for level, _, _ in steps(neglected)] == [1, 2]


def test_a36_steps_missed_in_an_outage_fire_in_order_in_the_next_working_hour(neglected: Person) -> None:
    world = neglected.world
    world.jump_to(date(2026, 4, 4), 23)
    assert steps(neglected) == []
    world.jump_to(date(2026, 4, 7), 9)
    assert [(level, fired) for level, _, fired in steps(neglected)] == [
        (level, at("2026-04-07T09:00:00")) for level in (1, 2, 3, 4)
    ]


def test_a36_a_step_without_a_recipient_goes_to_the_next_steps_and_says_so(world: World) -> None:
    world.user("street_manager")
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.go_to(date(2026, 3, 24))
    [step] = world.rows("SELECT * FROM escalation WHERE street_code = :street", street=resident.row.street_code)
    assert (step.level, step.to, step.note) == (1, "street_manager", "办理人没有可以通知的人，转到下一步")


def test_a36_everybody_reached_hears_of_a_response_that_joins(neglected: Person, staff: dict[str, Any]) -> None:
    world = neglected.world
    world.go_to(date(2026, 3, 30))
    world.send("change.emergency", neglected, happened_on="2026-03-30")
    told = world.rows(
        "SELECT user_id FROM notification WHERE street_code = :street AND kind = 'joined'",
        street=neglected.row.street_code,
    )
    assert [row.user_id for row in told] == [staff["committee_advisor"].user_id]
    assert neglected.task.due_on == date(2026, 3, 27)


def test_a36_two_heartbeats_at_once_fire_a_level_once(neglected: Person) -> None:
    from concurrent.futures import ThreadPoolExecutor

    world = neglected.world
    world.business.at = at("2026-03-30T09:00:00")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: sweep.once(world.database, world.keys, world.business), range(8)))
    world.settle()
    assert [level for level, _, _ in steps(neglected)] == [1, 2]


def test_every_step_leaves_a_notification(neglected: Person, staff: dict[str, Any]) -> None:
    neglected.world.go_to(date(2026, 4, 1))
    told = neglected.world.rows(
        "SELECT user_id FROM notification WHERE street_code = :street AND kind = 'escalation' ORDER BY created_at",
        street=neglected.row.street_code,
    )
    assert [row.user_id for row in told] == [
        staff["committee_advisor"].user_id,
        staff["committee_advisor"].user_id,
        staff["street_advisor"].user_id,
    ]


def absent(world: World, user: Any, first: str, last: str) -> None:
    with world.database.transaction(user.scope) as session:
        days = date.fromisoformat(first), date.fromisoformat(last)
        absences.add(session, user.user_id, *days, "休假", by=user, now=world.now)


def reached(resident: Person) -> list[tuple[int, str, list[str], str | None]]:
    rows = resident.world.rows(
        "SELECT * FROM escalation WHERE street_code = :street AND resident_id = :id ORDER BY level",
        street=resident.row.street_code,
        id=resident.id,
    )
    return [(row.level, row.to, row.recipients, row.note) for row in rows]


def test_a36_a_step_for_who_is_away_goes_to_a_colleague_of_the_same_role(
    neglected: Person, staff: dict[str, Any]
) -> None:
    world = neglected.world
    colleague = world.user("street_advisor")
    absent(world, staff["street_advisor"], "2026-04-01", "2026-04-01")
    world.go_to(date(2026, 4, 1))
    assert reached(neglected)[2] == (3, "street_advisor", [str(colleague.user_id)], None)


def test_a36_a_step_whose_recipients_are_all_away_goes_to_the_next_steps_and_says_so(
    neglected: Person, staff: dict[str, Any]
) -> None:
    world = neglected.world
    absent(world, staff["street_advisor"], "2026-04-01", "2026-04-01")
    world.go_to(date(2026, 4, 1))
    level, to, recipients, note = reached(neglected)[2]
    assert (level, to, recipients) == (3, "street_manager", [str(staff["street_manager"].user_id)])
    assert note


def test_a36_the_reminder_of_an_assignee_who_is_away_that_day_goes_to_a_colleague_of_the_committee(
    neglected: Person, staff: dict[str, Any]
) -> None:
    world = neglected.world
    colleague = world.user()
    assert neglected.task.assignee_id == staff["committee_advisor"].user_id
    absent(world, staff["committee_advisor"], "2026-03-24", "2026-03-24")
    world.go_to(date(2026, 3, 24))
    assert neglected.task.assignee_id == staff["committee_advisor"].user_id
    level, to, recipients, note = reached(neglected)[0]
    assert (level, to, recipients) == (1, "assignee", [str(colleague.user_id)])
    assert note
