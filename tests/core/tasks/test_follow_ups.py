"""What a visit found is looked at again (A28), and what was entered very late is approved first (A21)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from core.errors import Invalid, NotAllowed
from core.organisation.users import User
from core.tasks import actions, excuses
from tests.core.tasks.test_desk import recuse
from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
RISK = {
    **{dimension: {"level": "ok"} for dimension in ("economy", "education", "housing", "employment", "social")},
    "health": {"level": "risk", "note": "血压偏高"},
}


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


def decide(world: World, task: UUID, by: User, outcome: str) -> None:
    with world.database.transaction(by.scope) as session:
        actions.decide(session, task, outcome, None, "已核实", world.keys, by=by, now=world.now)


def test_a28_a_risk_found_on_a_visit_is_followed_up_within_30_days(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    answer = resident.visit(world.user(), dimensions=RISK)
    assert [task["kind"] for task in answer["raised"]] == ["follow_up"]
    [task] = resident.tasks("follow_up")
    assert (task.assignee_id, task.due_on) == (advisor.user_id, date(2026, 4, 19))
    [duty] = resident.duties("follow_up").values()
    assert (duty.state, duty.limit) == ("open", "local")


def test_a28_the_street_advisors_visit_settles_the_follow_up(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 4, 2))
    answer = resident.visit(advisor, mode="phone")
    assert ("follow_up", "met") in {(one["duty"]["kind"], one["state"]) for one in answer["credits"]}
    assert [task.state for task in resident.tasks("follow_up")] == ["done"]


def test_a28_a_committee_advisors_next_visit_does_not_settle_it(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 4, 2))
    resident.visit(world.user())
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]


def test_a20_a_paper_that_names_the_street_advisor_settles_it_only_if_a_street_advisor_enters_it(
    world: World, advisor: User
) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 4, 2))
    resident.visit(world.user(), mode="phone", role="street_advisor")
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]
    # A street advisor who enters what a volunteer did has not looked again either.
    resident.visit(advisor, mode="wechat", role="volunteer")
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]
    resident.visit(advisor, role="street_advisor")
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["met"]


def test_a20_a_paper_that_the_street_advisor_confirms_settles_it(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), on=date(2026, 3, 20), mode="reception", dimensions=RISK)
    world.go_to(date(2026, 7, 16))
    # Too late to be credited before it is approved.
    resident.visit(world.user(), on=date(2026, 3, 27), role="street_advisor")
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]
    [task] = resident.tasks("confirm")
    decide(world, task.task_id, advisor, "confirm")
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["met"]


@pytest.mark.parametrize("mode", ["reception", "other"])
def test_a20_the_street_advisor_looks_again_only_in_the_modes_of_the_follow_up(
    world: World, advisor: User, mode: str
) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 4, 2))
    resident.visit(advisor, mode=mode)
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]


def test_a20_nobody_but_a_street_advisor_completes_it(world: World, advisor: User) -> None:
    resident, manager = world.register(EDGE), world.user("street_manager")
    resident.visit(world.user(), dimensions=RISK)
    [task] = resident.tasks("follow_up")
    with world.database.transaction(manager.scope) as session, pytest.raises(NotAllowed):
        actions.complete(session, task.task_id, "已就医", by=manager, now=world.now)
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]


def test_a20_a_recused_street_advisor_settles_nothing(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    recuse(resident, advisor)
    world.go_to(date(2026, 4, 2))
    resident.visit(advisor)
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["open"]


def test_a_follow_up_whose_only_duty_is_excused_is_over(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    [task] = resident.tasks("follow_up")
    with world.database.transaction(advisor.scope) as session:
        excuses.excuse(session, task.task_id, "follow_up", None, "已转介医院", by=advisor, now=world.now)
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["excused"]
    [task] = resident.tasks("follow_up")
    assert (task.state, task.closed_because) == ("cancelled", "not_owed")


def test_a35_a_follow_up_completed_after_its_limit_is_late(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 4, 20))
    [task] = resident.tasks("follow_up")
    with world.database.transaction(advisor.scope) as session:
        actions.complete(session, task.task_id, "已就医", by=advisor, now=world.now)
    assert [duty.state for duty in resident.duties("follow_up").values()] == ["late"]
    assert [task.state for task in resident.tasks("follow_up")] == ["done"]


def test_a28_two_findings_ride_on_one_task(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 3, 25))
    resident.visit(world.user(), dimensions=RISK)
    assert len(resident.tasks("follow_up")) == 1
    assert len(resident.duties("follow_up")) == 2


def late_visit(world: World) -> tuple[Person, dict[str, Any]]:
    """A half-year closed without a visit; the paper of 06-29 turns up 16 days after its end."""
    resident = world.register(EDGE)
    world.go_to(date(2026, 7, 16))
    assert resident.duties()["2026-H1"].state == "missed"
    return resident, resident.visit(world.user(), on=date(2026, 6, 29))


def test_a21_an_entry_more_than_15_days_late_waits_for_the_street_advisor(world: World, advisor: User) -> None:
    resident, answer = late_visit(world)
    assert {one["because"] for one in answer["not_credited"] if one["duty"]["period"] == "2026-H1"} == {
        "needs_approval"
    }
    [task] = resident.tasks("confirm")
    assert (task.assignee_id, [one["kind"] for one in answer["raised"]]) == (advisor.user_id, ["confirm"])
    decide(world, task.task_id, advisor, "confirm")
    h1 = resident.duties()["2026-H1"]
    assert (h1.state, h1.late_entry) == ("met", True)


def test_a21_a_rejected_late_entry_stays_without_credit(world: World, advisor: User) -> None:
    resident, _ = late_visit(world)
    [task] = resident.tasks("confirm")
    decide(world, task.task_id, advisor, "reject")
    assert resident.duties()["2026-H1"].state == "missed"
    with pytest.raises(Invalid):
        decide(world, resident.task.task_id, advisor, "confirm")


def test_a21_an_entry_15_days_late_needs_no_approval_and_counts_apart(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    world.go_to(date(2026, 7, 15))
    resident.visit(world.user(), on=date(2026, 6, 29))
    h1 = resident.duties()["2026-H1"]
    assert (h1.state, h1.late_entry) == ("met", True)


def test_a8_an_illness_found_on_a_visit_counts_once_the_street_advisor_confirms_it(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    found = {"kind": "serious_illness", "basis": "found_on_visit", "valid_from": "2026-03-18"}
    world.send("fact.recorded", resident, fact=found)
    assert resident.tier == "general"
    [task] = resident.tasks("confirm")
    assert task.due_on == date(2026, 3, 27)
    decide(world, task.task_id, advisor, "confirm")
    world.settle()
    assert resident.tier == "key"


def test_a1_a_major_change_is_extended_by_at_most_90_days_or_closed(world: World, advisor: User) -> None:
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.go_to(date(2026, 6, 18))
    [first] = resident.tasks("decision")
    with world.database.transaction(advisor.scope) as session:
        until = date(2026, 9, 17)
        with pytest.raises(Invalid, match="2026-09-16"):
            actions.decide(session, first.task_id, "extend", until, "x", world.keys, by=advisor, now=world.now)
    with world.database.transaction(advisor.scope) as session:
        until = date(2026, 8, 1)
        actions.decide(session, first.task_id, "extend", until, "仍在康复", world.keys, by=advisor, now=world.now)
    world.go_to(date(2026, 7, 31))
    assert [task.state for task in resident.tasks("decision")] == ["done"]
    world.go_to(date(2026, 8, 1))
    [_, second] = resident.tasks("decision")
    assert (second.state, resident.tier) == ("open", "high")
    decide(world, second.task_id, advisor, "close")
    world.settle()
    assert resident.tier == "general"
