"""A person who moves to another street is owed there what is due from then on; nothing gets lost on the way."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from core import clock
from core.tasks import actions, attempts
from tests.core.visits.acts import CHANGE, EDGE, correct, void
from tests.world import Person, World

HERE, THERE = "310117001001", "310117002003"


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def stroke(world: World) -> Person:
    resident = world.register(EDGE)
    world.send("change.serious_illness", resident, happened_on="2026-03-20")
    return resident


def move(resident: Person, on: str, to_committee: str = THERE) -> None:
    resident.world.send("resident.moved", resident, on=on, to_street=to_committee[:9], to_committee=to_committee)


def test_the_old_street_keeps_the_periods_that_closed_there_and_the_new_one_owes_the_rest(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-04-02"))
    move(stroke, "2026-04-02")
    rows = world.rows("SELECT street_code, period, state, carried FROM duty WHERE kind = 'periodic' ORDER BY 1, 2")
    assert [(row.street_code, row.period, row.state) for row in rows if not row.carried] == [
        ("310117001", "2026-03", "missed"),
        ("310117001", "2026-04", "cancelled"),
        ("310117001", "2026-H1", "cancelled"),
        ("310117002", "2026-04", "open"),
        ("310117002", "2026-H1", "cancelled"),
    ]


def test_an_overdue_response_goes_along_and_is_asked_for_in_the_new_street(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-04-02"))
    move(stroke, "2026-04-02")
    [response] = stroke.duties("response").values()
    assert (response.state, response.carried) == ("open", False)
    assert (stroke.task.due_on, stroke.task.committee_code) == (day("2026-03-27"), THERE)


def test_a_lead_is_looked_into_where_the_person_lives_now(stroke: Person) -> None:
    world = stroke.world
    world.send("lead.reported", stroke, channel="neighbour")
    [before] = stroke.tasks("lead")
    world.go_to(day("2026-03-24"))
    move(stroke, "2026-03-24")
    [after] = [lead for lead in stroke.tasks("lead") if lead.state == "open"]
    assert (after.state, after.due_on, after.committee_code) == ("open", before.due_on, THERE)


def test_a_lead_goes_to_the_new_committee_when_the_person_moves_within_the_street(stroke: Person) -> None:
    world = stroke.world
    here, next_door = world.user(), world.user(committees=["310117001002"])
    world.send("lead.reported", stroke, channel="neighbour")
    assert stroke.tasks("lead")[0].assignee_id == here.user_id
    move(stroke, "2026-03-20", "310117001002")
    [lead] = stroke.tasks("lead")
    assert (lead.committee_code, lead.assignee_id) == ("310117001002", next_door.user_id)


def test_who_comes_back_finds_their_credits_again(stroke: Person) -> None:
    world = stroke.world
    stroke.visit(world.user())
    assert stroke.duties()["2026-03"].state == "met"
    move(stroke, "2026-03-20")
    world.go_to(day("2026-03-25"))
    move(stroke, "2026-03-25", HERE)
    assert stroke.row.street_code == HERE[:9]
    assert stroke.duties()["2026-03"].state == "met"
    assert [duty.state for duty in stroke.duties("response").values()] == ["met"]
    world.go_to(day("2026-04-01"))
    assert stroke.duties()["2026-04"].state == "open"


def test_who_comes_back_leaves_the_old_closed_periods_where_they_were(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-04-02"))
    move(stroke, "2026-04-02")
    world.go_to(day("2026-05-02"))
    move(stroke, "2026-05-02", HERE)
    periods = {period: (duty.state, duty.carried) for period, duty in stroke.duties().items()}
    assert periods["2026-03"] == ("missed", False)
    assert periods["2026-04"] == ("missed", True)
    assert periods["2026-05"] == ("open", False)


def test_a_move_said_again_for_the_same_day_goes_where_it_was_said_last(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-03-24"))
    move(stroke, "2026-03-24", "310117003001")
    move(stroke, "2026-03-24", THERE)
    assert stroke.row.committee_code == THERE


def test_a23_every_open_task_goes_along_with_what_it_holds(stroke: Person) -> None:
    world = stroke.world
    here, there = world.user("street_advisor"), world.user("street_advisor", street=THERE[:9])
    visitor = world.user()
    stroke.visit(visitor, dimensions={"health": {"level": "risk"}})
    world.go_to(day("2026-05-06"))
    stroke.visit(visitor, on=day("2026-03-25"), mode="phone")
    world.send("lead.reported", stroke, channel="neighbour")
    before = {(task.kind, task.subject): task for task in open_tasks(stroke)}
    assert {kind for kind, _ in before} == {"visit", "follow_up", "lead"}
    move(stroke, "2026-05-06")
    after = {(task.kind, task.subject): task for task in open_tasks(stroke)}
    assert after.keys() == before.keys()
    assert {task.street_code for task in after.values()} == {THERE[:9]}
    assert {name: task.due_on for name, task in after.items()} == {name: task.due_on for name, task in before.items()}
    [follow_up] = stroke.duties("follow_up").values()
    task = after["follow_up", ""]
    assert (follow_up.state, follow_up.task_id, task.assignee_id) == ("open", task.task_id, there.user_id)
    assert before["follow_up", ""].assignee_id == here.user_id


def test_a23_a_missed_period_that_nobody_made_up_goes_along_and_closes_where_it_was_owed(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-05-06"))
    assert stroke.duties()["2026-04"].state == "missed"
    move(stroke, "2026-05-06")
    assert stroke.task.due_on == day("2026-03-27")
    visitor = world.user(street=THERE[:9], committees=[THERE])
    stroke.visit(visitor)
    assert [task for task in stroke.tasks() if task.state == "open"] == []
    world.settle()
    rows = world.rows("SELECT street_code, carried, made_up_on FROM duty WHERE period = '2026-04' ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        (HERE[:9], False, day("2026-05-06")),
        (THERE[:9], True, day("2026-05-06")),
    ]


def test_a23_a_late_entry_that_waits_goes_along_and_credits_the_period_where_it_closed(stroke: Person) -> None:
    world = stroke.world
    here, there = world.user("street_advisor"), world.user("street_advisor", street=THERE[:9])
    world.go_to(day("2026-05-06"))
    stroke.visit(here, on=day("2026-03-25"))
    assert [task.subject[:11] for task in stroke.tasks("confirm")] == ["late_entry:"]
    move(stroke, "2026-05-06")
    [task] = [task for task in stroke.tasks("confirm") if task.state == "open"]
    with world.database.transaction(there.scope) as session:
        actions.decide(session, task.task_id, "confirm", None, "属实", world.keys, by=there, now=world.now)
    world.settle()
    rows = world.rows("SELECT street_code, state, late_entry FROM duty WHERE period = '2026-03' ORDER BY 1")
    assert [tuple(row) for row in rows] == [(HERE[:9], "met", True), (THERE[:9], "met", True)]


def test_a23_the_whole_timeline_goes_along(stroke: Person) -> None:
    world = stroke.world
    visitor = world.user()
    world.go_to(day("2026-04-10"))
    with world.database.transaction(visitor.scope) as session:
        attempts.attempt(
            session, stroke.task.task_id, "not_home", clock.today(world.now), None, by=visitor, now=world.now
        )

    def told(street: str) -> set[tuple[str, str]]:
        return {
            (table, str(row[0]))
            for table, key in (
                ("alert", "alert_id"),
                ("fact_entry", "entry_id"),
                ("decision", "decision_id"),
                ("duty_history", "duty_id || version::text"),
                ("task", "task_id"),
                ("task_event", "event_id"),
                ("attempt", "attempt_id"),
                ("escalation", "task_id || level::text"),
            )
            for row in world.rows(f"SELECT {key} FROM {table} WHERE street_code = :street", street=street)
        }

    before = told(HERE[:9])
    assert {table for table, _ in before} >= {"alert", "task", "task_event", "attempt", "escalation", "duty_history"}
    move(stroke, "2026-04-10")
    assert before <= told(THERE[:9])
    move(stroke, "2026-04-10", HERE)
    assert before <= told(HERE[:9])
    assert {row.status for row in world.rows("SELECT status FROM alert")} == {"processed"}


def open_tasks(resident: Person) -> Sequence[Any]:
    return resident.world.rows("SELECT * FROM task WHERE resident_id = :id AND state = 'open'", id=resident.id)


def test_news_from_before_the_move_that_is_taken_up_after_it_changes_nothing_that_was_carried(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-03-30"))
    told = world.event("lead.reported", {"person": {"id_number": stroke.id_number}, "channel": "hotline"})
    moved = {"on": "2026-04-02", "to_street": THERE[:9], "to_committee": THERE}
    world.send("resident.moved", stroke, **moved)
    world.go_to(day("2026-04-02"))
    world.accept(told)
    world.rows("UPDATE alert SET counts_from = '2026-03-30T10:00:00+08:00' WHERE status = 'accepted' RETURNING 1")
    world.settle()
    assert {row.status for row in world.rows("SELECT status FROM alert")} == {"processed"}


def closed_march(stroke: Person) -> dict[str, tuple[str, bool]]:
    """How March stands in each street, and whether a home visit lies in it."""
    rows = stroke.world.rows("SELECT street_code, state, face_to_face FROM duty WHERE period = '2026-03'")
    return {row.street_code: (row.state, row.face_to_face) for row in rows}


def test_a27_a_visit_from_before_the_move_that_is_voided_changes_the_report_of_the_old_street(stroke: Person) -> None:
    world = stroke.world
    visit = stroke.visit(world.user())
    world.go_to(day("2026-04-10"))
    move(stroke, "2026-04-10")
    assert closed_march(stroke) == {HERE[:9]: ("met", True), THERE[:9]: ("met", True)}
    void(world, visit, world.user("street_advisor", street=THERE[:9]))
    world.settle()
    assert closed_march(stroke) == {HERE[:9]: ("missed", False), THERE[:9]: ("missed", False)}


def test_a27_a_family_visit_from_before_the_move_of_one_can_be_corrected_where_either_lives(stroke: Person) -> None:
    world = stroke.world
    stays = world.register(EDGE, CHANGE)
    visit = stroke.visit(world.user(), with_others=[stays])
    world.go_to(day("2026-04-10"))
    move(stroke, "2026-04-10")
    correct(world, visit, world.user("street_advisor", street=THERE[:9]), mode="phone")
    world.settle()
    assert closed_march(stroke)[THERE[:9]] == ("missed", False)
    assert stays.duties()["2026-03"].state == "met"
    correct(world, visit, world.user("street_advisor"), mode="phone")
    world.settle()
    assert stays.duties()["2026-03"].state == "missed"
    assert closed_march(stroke)[THERE[:9]] == ("missed", False)
