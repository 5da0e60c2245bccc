"""Somebody went and could not (A18): what counts, what is told, and what the street advisor makes of it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.errors import Invalid, NotAllowed
from core.organisation.users import User
from core.tasks import actions, attempts
from core.tasks.whereabouts import Particulars
from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-10"}
FRIDAY, MONDAY, TUESDAY = date(2026, 3, 20), date(2026, 3, 23), date(2026, 3, 24)


@pytest.fixture
def visitor(world: World) -> User:
    return world.user()


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


@pytest.fixture
def resident(world: World, visitor: User, advisor: User) -> Person:
    """Owed a visit in March and in each month after."""
    return world.register(EDGE, CHANGE)


def went(resident: Person, outcome: str, *days: date, by: User, task: UUID | None = None, note: str = "") -> None:
    """Somebody went on these days and could not."""
    world = resident.world
    for day in days:
        world.go_to(max(day, world.now.date()))
        with world.database.transaction(by.scope) as session:
            attempts.attempt(session, task or resident.task.task_id, outcome, day, note or None, by=by, now=world.now)


def checks(resident: Person) -> list[str]:
    return [task.state for task in resident.tasks("welfare_check")]


def noted(resident: Person) -> int:
    return len(resident.world.rows("SELECT 1 FROM attempt WHERE resident_id = :id", id=resident.id))


def told(user: User, world: World) -> list[Any]:
    return list(world.rows("SELECT * FROM notification WHERE user_id = :user AND kind = 'refused'", user=user.user_id))


# Counted once, on days that make sense


def test_a18_the_same_outcome_on_the_same_day_of_a_task_counts_once(resident: Person, visitor: User) -> None:
    went(resident, "not_home", FRIDAY, FRIDAY, by=visitor)
    assert (noted(resident), checks(resident)) == (1, [])
    lines = resident.world.rows(
        "SELECT 1 FROM task_event WHERE task_id = :id AND what = 'attempt'", id=resident.task.task_id
    )
    assert len(lines) == 1
    # Another outcome of that day is another attempt.
    went(resident, "refused", FRIDAY, by=visitor)
    assert noted(resident) == 2


@pytest.mark.parametrize(("on", "code"), [(FRIDAY - timedelta(days=1), "before_task"), (TUESDAY, "in_future")])
def test_a18_an_attempt_lies_between_the_opening_of_its_task_and_today(
    resident: Person, visitor: User, on: date, code: str
) -> None:
    world = resident.world
    world.go_to(MONDAY)
    with world.database.transaction(visitor.scope) as session, pytest.raises(Invalid) as refused:
        attempts.attempt(session, resident.task.task_id, "not_home", on, None, by=visitor, now=world.now)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert noted(resident) == 0


# Not at home


def test_a18_two_closed_doors_on_different_days_raise_a_welfare_check(resident: Person, visitor: User) -> None:
    went(resident, "not_home", FRIDAY, by=visitor)
    assert checks(resident) == []
    went(resident, "not_home", MONDAY, by=visitor)
    assert checks(resident) == ["open"]
    # A third one raises nothing twice.
    went(resident, "not_home", TUESDAY, by=visitor)
    assert checks(resident) == ["open"]


def test_a18_a_visit_that_met_nobody_at_home_counts_like_an_attempt_and_once_a_day(
    resident: Person, visitor: User
) -> None:
    went(resident, "not_home", FRIDAY, by=visitor)
    resident.visit(visitor, met=False)
    assert checks(resident) == []
    resident.world.go_to(MONDAY)
    answer = resident.visit(visitor, met=False)
    assert [task["kind"] for task in answer["raised"]] == ["welfare_check"]


def test_a18_a_call_that_nobody_answered_is_no_closed_door(resident: Person, visitor: User) -> None:
    went(resident, "not_home", FRIDAY, by=visitor)
    resident.world.go_to(MONDAY)
    resident.visit(visitor, mode="phone", met=False)
    assert checks(resident) == []
    # Nor does it begin the count anew.
    went(resident, "not_home", TUESDAY, by=visitor)
    assert checks(resident) == ["open"]


@pytest.mark.parametrize("between", ["refused", "other", "met"])
def test_a18_whoever_was_seen_in_between_is_not_missed_twice_in_a_row(
    resident: Person, visitor: User, between: str
) -> None:
    went(resident, "not_home", FRIDAY, by=visitor)
    resident.world.go_to(MONDAY)
    if between == "met":
        # A call settles nothing for somebody in the high tier, but they answered it.
        resident.visit(visitor, mode="phone")
    else:
        went(resident, between, MONDAY, by=visitor)
    went(resident, "not_home", TUESDAY, by=visitor)
    assert checks(resident) == []


def test_a18_closed_doors_are_counted_of_one_task(resident: Person, visitor: User, advisor: User) -> None:
    risk = {dimension: {"level": "ok"} for dimension in ("economy", "education", "housing", "employment", "social")}
    resident.visit(visitor, mode="phone", dimensions={**risk, "health": {"level": "risk"}})
    [follow_up] = resident.tasks("follow_up")
    resident.world.go_to(MONDAY)
    went(resident, "not_home", MONDAY, by=visitor)
    went(resident, "not_home", TUESDAY, by=advisor, task=follow_up.task_id)
    assert checks(resident) == []
    went(resident, "not_home", TUESDAY + timedelta(days=1), by=advisor, task=follow_up.task_id)
    assert checks(resident) == ["open"]


def test_a18_a_settled_welfare_check_starts_the_count_anew(resident: Person, visitor: User, advisor: User) -> None:
    went(resident, "not_home", FRIDAY, MONDAY, by=visitor)
    [check] = resident.tasks("welfare_check")
    world = resident.world
    with world.database.transaction(advisor.scope) as session:
        actions.complete(session, check.task_id, "在女儿家，安好", by=advisor, now=world.now)
    went(resident, "not_home", TUESDAY, by=visitor)
    assert checks(resident) == ["done"]
    went(resident, "not_home", TUESDAY + timedelta(days=1), by=visitor)
    assert checks(resident) == ["done", "open"]


# Refused


def test_a18_the_second_refusal_is_told_to_the_street_advisor(resident: Person, visitor: User, advisor: User) -> None:
    world = resident.world
    went(resident, "refused", FRIDAY, FRIDAY, by=visitor)
    assert told(advisor, world) == []
    went(resident, "refused", MONDAY, by=visitor)
    [message] = told(advisor, world)
    assert (message.task_id, "被拒" in message.text) == (resident.task.task_id, True)
    went(resident, "refused", MONDAY, TUESDAY, by=visitor)
    assert len(told(advisor, world)) == 1


# In hospital, or moved


@pytest.fixture
def in_hospital(resident: Person, visitor: User) -> Person:
    went(resident, "hospital", FRIDAY, by=visitor, note="邻居说上周住院")
    return resident


def decide(
    resident: Person, by: User, outcome: str, said: Particulars | None = None, until: date | None = None
) -> None:
    world = resident.world
    [task] = resident.tasks("confirm")
    with world.database.transaction(by.scope) as session:
        actions.decide(session, task.task_id, outcome, until, None, world.keys, said=said, by=by, now=world.now)
    world.settle()


@pytest.mark.parametrize("outcome", ["hospital", "moved"])
def test_a18_hospital_and_moved_ask_the_street_advisor_within_five_working_days(
    resident: Person, visitor: User, advisor: User, outcome: str
) -> None:
    went(resident, outcome, FRIDAY, by=visitor, note="邻居所说")
    [task] = resident.tasks("confirm")
    assert (task.assignee_id, task.due_on, task.state) == (advisor.user_id, date(2026, 3, 27), "open")
    # What was said is read in the task, and goes into no notice.
    assert "邻居所说" not in task.why
    # While they are asked, the same found again asks nothing more.
    went(resident, outcome, MONDAY, by=visitor)
    assert len(resident.tasks("confirm")) == 1


def test_a18_a_pause_that_the_advisor_confirms_excuses_the_months_it_covers(in_hospital: Person, advisor: User) -> None:
    decide(in_hospital, advisor, "pause", Particulars(from_on=date(2026, 2, 27)), until=date(2026, 4, 30))
    [task] = in_hospital.tasks("confirm")
    assert (task.state, task.closed_because) == ("done", "pause")
    in_hospital.world.go_to(date(2026, 4, 2))
    assert {period: duty.state for period, duty in in_hospital.duties().items() if period != "2026-H1"} == {
        "2026-03": "excused",
        "2026-04": "excused",
    }


def test_a18_a_move_that_the_advisor_confirms_is_carried_through(
    resident: Person, visitor: User, advisor: User
) -> None:
    went(resident, "moved", FRIDAY, by=visitor)
    there = Particulars(on=FRIDAY, to_street="310117002", to_committee="310117002003")
    decide(resident, advisor, "moved", there)
    assert (resident.row.street_code, resident.row.committee_code) == ("310117002", "310117002003")


def test_a18_leaving_that_the_advisor_confirms_ends_the_tier_after_the_last_day(
    resident: Person, visitor: User, advisor: User
) -> None:
    went(resident, "moved", FRIDAY, by=visitor)
    decide(resident, advisor, "left", Particulars(on=FRIDAY))
    assert resident.tier == "high"
    resident.world.go_to(date(2026, 3, 21))
    assert resident.tier == "none"
    assert resident.duties()["2026-03"].state == "cancelled"


def test_a18_what_was_not_so_changes_nothing_and_may_be_found_again(
    in_hospital: Person, visitor: User, advisor: User
) -> None:
    decide(in_hospital, advisor, "reject")
    [task] = in_hospital.tasks("confirm")
    assert (task.state, in_hospital.duties()["2026-03"].state) == ("done", "open")
    went(in_hospital, "hospital", MONDAY, by=visitor)
    assert [task.state for task in in_hospital.tasks("confirm")] == ["done", "open"]


@pytest.mark.parametrize(
    ("outcome", "said", "missing"),
    [
        ("pause", Particulars(), "from"),
        ("moved", Particulars(on=FRIDAY), "to_street"),
        ("moved", Particulars(to_street="310117002", to_committee="310117002003"), "on"),
        ("moved", Particulars(on=FRIDAY, to_street="310117001", to_committee="310117002003"), "to_committee"),
        ("left", Particulars(), "on"),
    ],
)
def test_a18_a_decision_that_leaves_something_out_is_refused(
    in_hospital: Person, advisor: User, outcome: str, said: Particulars, missing: str
) -> None:
    with pytest.raises(Invalid) as refused:
        decide(in_hospital, advisor, outcome, said)
    assert [problem.loc for problem in refused.value.problems] == [missing]
    assert [task.state for task in in_hospital.tasks("confirm")] == ["open"]


def test_a18_a_pause_does_not_end_before_it_begins_and_nothing_else_is_asked(
    in_hospital: Person, advisor: User
) -> None:
    with pytest.raises(Invalid):
        decide(in_hospital, advisor, "pause", Particulars(from_on=MONDAY), until=FRIDAY)
    for outcome in ("confirm", "close", "extend"):
        with pytest.raises(Invalid):
            decide(in_hospital, advisor, outcome)


def test_a18_only_the_street_advisor_decides_where_somebody_is(in_hospital: Person, visitor: User) -> None:
    with pytest.raises(NotAllowed):
        decide(in_hospital, visitor, "reject")
