"""A death, a leaving, and that either was an error, are carried through for every kind of task and duty (A23)."""

from datetime import date, timedelta
from typing import Any

import pytest

from core import clock
from core.organisation.users import User
from core.tasks import actions
from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


@pytest.fixture
def li(world: World) -> User:
    return world.user()


@pytest.fixture
def stroke(world: World, advisor: User, li: User) -> Person:
    """High since 2026-03-20."""
    resident = world.register(EDGE)
    world.send("change.serious_illness", resident, happened_on="2026-03-20")
    return resident


def open_tasks(resident: Person) -> dict[str, Any]:
    rows = resident.world.rows("SELECT * FROM task WHERE resident_id = :id AND state = 'open'", id=resident.id)
    return {f"{row.kind}:{row.subject}": row for row in rows}


def decide(resident: Person, task: Any, outcome: str, by: User) -> None:
    world = resident.world
    with world.database.transaction(by.scope) as session:
        actions.decide(session, task.task_id, outcome, None, "已核实", world.keys, by=by, now=world.now)
    world.settle()


def restore(resident: Person) -> None:
    resident.world.send("resident.restored", resident, reason="同名他人")


# Death


def test_a23_after_a_death_no_task_of_any_kind_is_left_and_none_climbs(stroke: Person, li: User) -> None:
    world = stroke.world
    stroke.visit(li, dimensions={"health": {"level": "risk"}})
    world.send("lead.reported", stroke, channel="neighbour")
    world.go_to(day("2026-04-10"))
    assert {task.split(":")[0] for task in open_tasks(stroke)} == {"visit", "lead", "follow_up"}
    world.send("resident.died", stroke, on="2026-04-09")
    assert open_tasks(stroke) == {}
    climbed = len(world.rows("SELECT 1 FROM escalation"))
    world.go_to(day("2026-06-30"))
    assert len(world.rows("SELECT 1 FROM escalation")) == climbed
    assert open_tasks(stroke) == {}
    states = {duty.state for kind in ("response", "follow_up") for duty in stroke.duties(kind).values()}
    assert states == {"met", "excused"}
    assert len(world.rows("SELECT 1 FROM notification WHERE kind = 'ended'")) == 1


def test_a23_a_period_that_begins_after_the_death_is_not_owed_even_if_it_was_missed_or_met(
    stroke: Person, li: User
) -> None:
    world = stroke.world
    world.go_to(day("2026-05-20"))
    stroke.visit(li)
    world.go_to(day("2026-07-02"))
    assert {p: d.state for p, d in stroke.duties().items() if p != "2026-H1"} == {
        "2026-03": "missed",
        "2026-04": "missed",
        "2026-05": "met",
        "2026-06": "missed",
        "2026-07": "open",
    }
    world.send("resident.died", stroke, on="2026-04-20")
    states = {period: (duty.state, duty.reason) for period, duty in stroke.duties().items() if period != "2026-H1"}
    assert states == {
        "2026-03": ("missed", None),
        "2026-04": ("excused", "death"),
        "2026-05": ("cancelled", "death"),
        "2026-06": ("cancelled", "death"),
        "2026-07": ("cancelled", "death"),
    }


@pytest.mark.parametrize("visit_first", [True, False])
def test_a23_a_visit_after_the_death_credits_nothing_and_is_asked_about_in_either_order(
    stroke: Person, li: User, advisor: User, visit_first: bool
) -> None:
    world = stroke.world
    world.go_to(day("2026-04-15"))
    if visit_first:
        stroke.visit(li)
    world.send("resident.died", stroke, on="2026-04-09")
    if not visit_first:
        answer = stroke.visit(li)
        assert answer["credits"] == []
        assert [task["kind"] for task in answer["raised"]] == ["confirm"]
    [(subject, task)] = open_tasks(stroke).items()
    assert subject == "confirm:death:2026-04-09:2026-04-15"
    assert (task.assignee_id, task.next_step_at) == (advisor.user_id, None)
    assert stroke.duties()["2026-04"].state == "excused"
    [told] = world.rows("SELECT user_id, text FROM notification WHERE task_id = :task", task=task.task_id)
    assert told.user_id == advisor.user_id
    assert "2026-04-09" in told.text
    assert "2026-04-15" in told.text

    decide(stroke, task, "reject", advisor)
    assert open_tasks(stroke) == {}
    stroke.visit(li, mode="phone")
    assert open_tasks(stroke) == {}
    assert stroke.row.died_on == day("2026-04-09")


def test_a23_restored_from_the_question_everything_is_as_if_never_said(stroke: Person, li: User, advisor: User) -> None:
    world = stroke.world
    stroke.visit(li, dimensions={"health": {"level": "risk"}})
    world.send("lead.reported", stroke, channel="neighbour")
    world.go_to(day("2026-04-15"))
    before = open_tasks(stroke)
    world.send("resident.died", stroke, on="2026-03-30")
    world.go_to(day("2026-06-10"))
    stroke.visit(li)
    [task] = open_tasks(stroke).values()
    decide(stroke, task, "restore", advisor)
    assert stroke.row.died_on is None
    assert stroke.tier == "high"
    assert {period: duty.state for period, duty in stroke.duties().items() if period != "2026-H1"} == {
        "2026-03": "met",
        "2026-04": "missed",
        "2026-05": "missed",
        "2026-06": "met",
    }
    after = open_tasks(stroke)
    again = [name for name in before if name.startswith(("lead", "follow_up"))]
    assert len(again) == 2
    assert [after[name].task_id for name in again] == [before[name].task_id for name in again]
    assert all(after[name].escalation_level for name in again)
    [follow_up] = stroke.duties("follow_up").values()
    assert (follow_up.state, follow_up.reason) == ("open", None)


def test_a23_news_of_a_living_person_after_the_death_undoes_nothing_but_reaches_the_street_advisor(
    stroke: Person, advisor: User
) -> None:
    world = stroke.world
    world.send("resident.died", stroke, on="2026-03-20")
    world.go_to(day("2026-03-30"))
    world.send("change.accident", stroke, happened_on="2026-03-18")
    assert open_tasks(stroke) == {}
    world.send("change.accident", stroke, happened_on="2026-03-28")
    [(subject, task)] = open_tasks(stroke).items()
    assert subject == "confirm:death:2026-03-20:2026-03-28"
    assert (stroke.tier, task.next_step_at) == ("none", None)
    decide(stroke, task, "reject", advisor)
    world.send("lead.reported", stroke, channel="neighbour")
    assert set(open_tasks(stroke)) == {"confirm:death:2026-03-20:2026-03-30"}


def test_a23_a_late_entry_still_waits_for_its_approval_after_a_death_but_does_not_climb(
    stroke: Person, li: User, advisor: User
) -> None:
    world = stroke.world
    world.go_to(day("2026-05-05"))
    stroke.visit(li, on=day("2026-03-25"))
    world.send("resident.died", stroke, on="2026-05-05")
    [task] = [task for name, task in open_tasks(stroke).items() if name.startswith("confirm:late_entry")]
    assert task.next_step_at is None
    decide(stroke, task, "confirm", advisor)
    assert stroke.duties()["2026-03"].state == "met"


# Leaving


def test_a23_leaving_ends_the_periodic_duties_and_their_task_but_no_response_and_nothing_else(
    stroke: Person, li: User
) -> None:
    world = stroke.world
    world.send("lead.reported", stroke, channel="neighbour")
    world.send("resident.left", stroke, on="2026-03-20")
    world.go_to(day("2026-03-23"))
    assert {name.split(":")[0] for name in open_tasks(stroke)} == {"visit", "lead"}
    assert {duty.state for duty in stroke.duties().values()} == {"cancelled"}
    stroke.visit(li)
    assert {name.split(":")[0] for name in open_tasks(stroke)} == {"lead"}


def test_a35_a_missed_period_ends_with_the_leaving_after_one_notice(stroke: Person, li: User) -> None:
    world = stroke.world
    stroke.visit(li)
    world.go_to(day("2026-05-04"))
    task = stroke.task
    world.send("resident.left", stroke, on="2026-05-04")
    world.go_to(day("2026-05-06"))
    [ended] = [one for one in stroke.tasks() if one.task_id == task.task_id]
    assert (ended.state, ended.closed_because) == ("cancelled", "left")
    assert stroke.duties()["2026-04"].state == "missed"
    told = world.rows("SELECT user_id FROM notification WHERE kind = 'ended'")
    assert [row.user_id for row in told] == [li.user_id]
    world.go_to(day("2026-06-20"))
    assert open_tasks(stroke) == {}


def test_a27_a_leaving_that_was_an_error_has_the_closed_periods_judged_again(stroke: Person, li: User) -> None:
    world = stroke.world
    stroke.visit(li)
    world.send("resident.left", stroke, on="2026-03-20")
    world.go_to(day("2026-05-20"))
    assert stroke.tier == "none"
    restore(stroke)
    assert stroke.tier == "high"
    assert {period: duty.state for period, duty in stroke.duties().items() if period != "2026-H1"} == {
        "2026-03": "met",
        "2026-04": "missed",
        "2026-05": "open",
    }
    assert stroke.task.due_on == day("2026-04-30")


# Said again, and dated changes


def test_a40_a_closed_change_said_again_stays_closed_and_the_alert_says_why(stroke: Person, advisor: User) -> None:
    world = stroke.world
    world.go_to(day("2026-06-18"))
    [task] = [task for task in stroke.tasks("decision") if task.state == "open"]
    decide(stroke, task, "close", advisor)
    assert stroke.tier == "general"
    world.go_to(day("2026-06-19"))
    world.send("change.serious_illness", stroke, happened_on="2026-03-20")
    assert stroke.tier == "general"
    alert = world.rows("SELECT status, problem_code FROM alert ORDER BY alert_id DESC LIMIT 1")
    assert [tuple(row) for row in alert] == [("processed", "ended_since")]


def test_a43_a_dated_change_ends_by_itself_when_that_is_before_its_limit(world: World, advisor: User) -> None:
    short, long = world.register(EDGE), world.register(EDGE)
    change = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-20"}
    world.send("fact.recorded", short, fact={**change, "valid_to": "2026-06-18"})
    world.send("fact.recorded", long, fact={**change, "valid_to": "2026-06-30"})
    world.go_to(day("2026-06-18"))
    assert (short.tier, long.tier) == ("high", "high")
    assert short.tasks("decision") == []
    [asked] = long.tasks("decision")
    assert asked.state == "open"
    world.go_to(day("2026-06-19"))
    assert (short.tier, long.tier) == ("general", "high")
    world.go_to(day("2026-07-01"))
    assert long.tier == "general"
    assert [task.state for task in long.tasks("decision")] == ["cancelled"]


def test_a44_two_changes_of_one_day_are_asked_about_one_by_one(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.send("change.emergency", resident, happened_on="2026-03-20")
    world.go_to(day("2026-06-18"))
    tasks = {task.subject: task for task in resident.tasks("decision")}
    assert set(tasks) == {"major_change:2026-03-20:accident", "major_change:2026-03-20:emergency"}
    decide(resident, tasks["major_change:2026-03-20:accident"], "close", advisor)
    assert resident.tier == "high"
    decide(resident, tasks["major_change:2026-03-20:emergency"], "close", advisor)
    assert resident.tier == "general"


def test_a44_an_end_that_fits_two_changes_waits_until_somebody_says_which(world: World) -> None:
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.send("change.emergency", resident, happened_on="2026-03-20")
    on = (clock.today(world.now) + timedelta(days=1)).isoformat()
    world.send("fact.ended", resident, kind="major_change", on=on)
    world.send("fact.retracted", resident, kind="major_change", valid_from="2026-03-20", reason="误报")
    rows = world.rows("SELECT type, status, problem_code FROM alert WHERE type LIKE 'fact.%'")
    assert {tuple(row) for row in rows} == {
        ("fact.ended", "quarantined", "ambiguous"),
        ("fact.retracted", "quarantined", "ambiguous"),
    }
    world.send(
        "fact.retracted", resident, kind="major_change", valid_from="2026-03-20", cause="accident", reason="误报"
    )
    world.send("fact.ended", resident, kind="major_change", on=on)
    world.go_to(day("2026-03-23"))
    assert resident.tier == "general"


# Never true


def test_a27_a_met_month_of_a_tier_that_was_never_true_is_cancelled_and_its_visit_credits_what_was_owed(
    stroke: Person, li: User
) -> None:
    world = stroke.world
    stroke.visit(li)
    world.go_to(day("2026-05-04"))
    assert stroke.duties()["2026-03"].state == "met"
    world.send("fact.retracted", stroke, kind="major_change", valid_from="2026-03-20", reason="误报")
    periods = {period: (duty.state, duty.reason) for period, duty in stroke.duties().items()}
    assert periods["2026-03"] == ("cancelled", "retracted")
    assert periods["2026-04"] == ("cancelled", "retracted")
    assert periods["2026-H1"] == ("met", None)
    [response] = stroke.duties("response").values()
    assert (response.state, response.reason) == ("cancelled", "retracted")
