"""A visit corrected or voided leaves what it would have left had it been so, or never, from the start (A27)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.errors import Invalid, SeveralHouseholds, VisitDuplicate, VisitVoided
from core.organisation.users import User
from core.residents import queries
from core.tasks import actions
from rules.facts import parse_fact
from tests.core.visits.acts import CHANGE, EDGE, RISK, correct, states, void
from tests.world import Person, World


@pytest.fixture
def li(world: World) -> User:
    return world.user()


@pytest.fixture
def advisor(world: World) -> User:
    return world.user("street_advisor")


def test_a18_a_call_that_was_a_home_visit_discharges_the_month_and_ends_the_task(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    call = resident.visit(li, mode="phone")
    assert states(resident) == {"2026-03": "open"}
    corrected = correct(world, call, li, mode="home_visit")
    assert states(resident) == {"2026-03": "met"}
    assert {one["state"] for one in corrected["credits"]} == {"met"}
    assert [task.state for task in resident.tasks()] == ["done"]


def test_a18_a_home_visit_that_was_a_call_discharges_nothing_and_its_task_is_open_again(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    [before] = resident.tasks()
    visit = resident.visit(li)
    assert resident.tasks()[0].state == "done"
    corrected = correct(world, visit, li, mode="phone")
    assert states(resident) == {"2026-03": "open"}
    assert corrected["credits"] == []
    assert {one["because"] for one in corrected["not_credited"]} == {"mode"}
    [task] = resident.tasks()
    assert (task.task_id, task.state, task.due_on) == (before.task_id, "open", before.due_on)


def test_a27_a_voided_visit_leaves_its_closed_month_missed(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    visit = resident.visit(li)
    world.go_to(date(2026, 4, 10))
    assert states(resident) == {"2026-03": "met", "2026-04": "open"}
    void(world, visit, li)
    assert states(resident) == {"2026-03": "missed", "2026-04": "open"}
    # One task holds both, and its due day is that of March (A34).
    assert resident.task.due_on == date(2026, 3, 27)
    assert {duty.task_id for duty in resident.duties().values()} == {resident.task.task_id}


def test_a27_what_a_voided_visit_had_kept_from_being_cancelled_is_cancelled(world: World, li: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li)
    world.go_to(date(2026, 4, 1))
    world.send("resident.left", resident, on="2026-03-31")
    world.go_to(date(2026, 7, 10))
    assert states(resident) == {"2026-H1": "met"}
    void(world, visit, li)
    h1 = resident.duties()["2026-H1"]
    assert (h1.state, h1.reason) == ("cancelled", "tier_none")


def test_a27_another_visit_of_the_period_credits_it_when_the_first_is_voided(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    first = resident.visit(li)
    world.go_to(date(2026, 3, 30))
    second = resident.visit(li)
    assert second["credits"] == []
    void(world, first, li)
    assert str(resident.duties()["2026-03"].credited_visit_id) == second["visit_id"]
    # The news was answered by the second one only after its limit (A35).
    assert list(states(resident, "response").values()) == ["late"]


def test_a35_a_missed_month_whose_visit_afterwards_is_voided_waits_again(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    world.go_to(date(2026, 4, 10))
    visit = resident.visit(li)
    assert resident.duties()["2026-03"].made_up_on == date(2026, 4, 10)
    assert [task.state for task in resident.tasks()] == ["done"]
    void(world, visit, li)
    assert resident.duties()["2026-03"].made_up_on is None
    assert states(resident) == {"2026-03": "missed", "2026-04": "open"}
    assert resident.task.due_on == date(2026, 3, 27)


def test_a33_a_warning_joins_the_response_that_a_voided_visit_had_settled(world: World, li: User) -> None:
    resident = world.register(EDGE)
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-20")
    visit = resident.visit(li)
    world.go_to(date(2026, 3, 24))
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-24")
    assert sorted(states(resident, "response").values()) == ["met", "open"]
    void(world, visit, li)
    assert {(duty.state, duty.reason) for duty in resident.duties("response").values()} == {
        ("open", None),
        ("cancelled", "joined"),
    }


def test_a28_what_a_voided_visit_found_is_not_followed_up(world: World, li: User, advisor: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li, dimensions=RISK)
    void(world, visit, li)
    [duty] = resident.duties("follow_up").values()
    assert (duty.state, duty.reason) == ("cancelled", "retracted")
    assert [(task.state, task.closed_because) for task in resident.tasks("follow_up")] == [("cancelled", "not_owed")]


def test_a28_a_risk_told_in_a_correction_is_followed_up_from_the_visit_on(
    world: World, li: User, advisor: User
) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li)
    world.go_to(date(2026, 3, 25))
    correct(world, visit, li, dimensions=RISK)
    [duty] = resident.duties("follow_up").values()
    assert (duty.state, duty.starts_on, duty.due_on) == ("open", date(2026, 3, 20), date(2026, 4, 19))


def test_a28_a_follow_up_is_open_again_when_the_visit_that_settled_it_is_voided(
    world: World, li: User, advisor: User
) -> None:
    resident = world.register(EDGE)
    resident.visit(li, dimensions=RISK)
    world.go_to(date(2026, 4, 2))
    looked = resident.visit(advisor, mode="phone")
    [done] = resident.tasks("follow_up")
    assert done.state == "done"
    void(world, looked, advisor)
    [task] = resident.tasks("follow_up")
    assert (task.task_id, task.state, task.due_on) == (done.task_id, "open", date(2026, 4, 19))
    assert list(states(resident, "follow_up").values()) == ["open"]


def test_a18_a_welfare_check_goes_with_the_closed_door_that_was_none(world: World, li: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li, met=False)
    world.go_to(date(2026, 3, 23))
    second = resident.visit(li, met=False)
    assert [task.state for task in resident.tasks("welfare_check")] == ["open"]
    correct(world, second, li, met={str(resident.id): True})
    [check] = resident.tasks("welfare_check")
    assert (check.state, check.closed_because) == ("cancelled", "visit_corrected")
    assert states(resident) == {"2026-H1": "met"}


def test_a18_a_welfare_check_is_raised_when_a_correction_makes_the_second_closed_door(world: World, li: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li, met=False)
    world.go_to(date(2026, 3, 23))
    second = resident.visit(li)
    correct(world, second, li, met={str(resident.id): False})
    assert [task.state for task in resident.tasks("welfare_check")] == ["open"]


def decide(world: World, task: UUID, by: User, outcome: str) -> None:
    with world.database.transaction(by.scope) as session:
        actions.decide(session, task, outcome, None, "已核实", world.keys, by=by, now=world.now)


def test_a27_a_correction_that_would_credit_a_period_long_closed_is_approved_first(
    world: World, li: User, advisor: User
) -> None:
    resident = world.register(EDGE, CHANGE)
    visit = resident.visit(li, mode="phone")
    world.go_to(date(2026, 4, 16))
    corrected = correct(world, visit, li, mode="home_visit")
    assert states(resident)["2026-03"] == "missed"
    assert ("2026-03", "needs_approval") in {
        (one["duty"]["period"], one["because"]) for one in corrected["not_credited"]
    }
    [question] = resident.tasks("confirm")
    decide(world, question.task_id, advisor, "confirm")
    march = resident.duties()["2026-03"]
    # It was entered in time: only what it said was wrong.
    assert (march.state, march.late_entry) == ("met", False)


def test_a27_a_correction_15_days_after_the_close_needs_no_approval(world: World, li: User, advisor: User) -> None:
    resident = world.register(EDGE, CHANGE)
    visit = resident.visit(li, mode="phone")
    world.go_to(date(2026, 4, 15))
    correct(world, visit, li, mode="home_visit")
    assert states(resident)["2026-03"] == "met"
    assert not resident.tasks("confirm")


def test_a27_what_had_credited_a_period_goes_on_doing_so_however_late_it_is_corrected(world: World, li: User) -> None:
    resident = world.register(EDGE, CHANGE)
    visit = resident.visit(li, on=date(2026, 3, 20))
    world.go_to(date(2026, 5, 20))
    correct(world, visit, li, service_date="2026-03-21", narrative="日期有误")
    assert states(resident)["2026-03"] == "met"
    correct(world, visit, li, service_date="2026-03-22")
    assert states(resident)["2026-03"] == "met"
    assert not resident.tasks("confirm")


def test_a27_a_question_about_a_late_entry_goes_with_the_visit(world: World, li: User, advisor: User) -> None:
    resident = world.register(EDGE)
    world.go_to(date(2026, 7, 20))
    visit = resident.visit(li, on=date(2026, 6, 29))
    assert [task.state for task in resident.tasks("confirm")] == ["open"]
    void(world, visit, li)
    assert [task.state for task in resident.tasks("confirm")] == ["cancelled"]


def test_a27_a_late_entry_waits_for_approval_once_the_visit_that_credited_the_period_is_voided(
    world: World, li: User, advisor: User
) -> None:
    resident = world.register(EDGE)
    credited = resident.visit(li)
    world.go_to(date(2026, 7, 20))
    resident.visit(li, on=date(2026, 6, 29))
    assert not resident.tasks("confirm")
    void(world, credited, li)
    assert [task.state for task in resident.tasks("confirm")] == ["open"]


def test_a11_who_was_no_part_of_a_visit_has_no_credit_of_it_and_who_was_has(world: World, li: User) -> None:
    one, other = world.register(EDGE, CHANGE), world.register(EDGE, CHANGE)
    visit = one.visit(li)
    correct(world, visit, li, resident_ids=[str(other.id)], met=None)
    assert (states(one), states(other)) == ({"2026-03": "open"}, {"2026-03": "met"})


def test_a11_a_correction_may_not_reach_a_second_household_unsaid(world: World, li: User) -> None:
    one, other = world.register(EDGE), world.register(EDGE)
    visit = one.visit(li)
    both = [str(one.id), str(other.id)]
    with pytest.raises(SeveralHouseholds):
        correct(world, visit, li, resident_ids=both)
    assert correct(world, visit, li, resident_ids=both, several_households=True)["several_households"] is True


def test_a21_a_correction_never_merges(world: World, li: User) -> None:
    resident = world.register(EDGE)
    resident.visit(li, mode="phone")
    visit = resident.visit(li)
    with pytest.raises(VisitDuplicate):
        correct(world, visit, li, mode="phone")


def test_a_correction_into_the_future_is_refused(world: World, li: User) -> None:
    visit = world.register(EDGE).visit(li)
    with pytest.raises(Invalid):
        correct(world, visit, li, service_date="2026-03-21")


def test_a_voided_visit_is_neither_corrected_nor_voided_again_and_makes_room_for_another(
    world: World, li: User
) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li)
    void(world, visit, li)
    for act in (lambda: void(world, visit, li), lambda: correct(world, visit, li, narrative="改")):
        with pytest.raises(VisitVoided):
            act()
    assert resident.visit(li)["credits"]


def test_every_version_of_a_visit_is_kept(world: World, li: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li)
    correct(world, visit, li, narrative="改")
    void(world, visit, li)
    kept: list[Any] = list(
        world.rows("SELECT version, what, form, reason, by_user_id FROM visit_version ORDER BY version")
    )
    assert [(row.version, row.what) for row in kept] == [(1, "recorded"), (2, "corrected"), (3, "voided")]
    assert [row.form["narrative"] for row in kept] == ["情况稳定", "改", "改"]
    assert {row.by_user_id for row in kept} == {li.user_id}


def test_a_correction_that_changes_nothing_makes_no_version(world: World, li: User) -> None:
    visit = world.register(EDGE).visit(li)
    assert correct(world, visit, li, narrative="情况稳定")["version"] == 1


def find_ill(resident: Person, on: str, *, by: User) -> None:
    """Somebody tells of an illness that they found."""
    world = resident.world
    told = {"kind": "serious_illness", "basis": "found_on_visit", "valid_from": on, "valid_to": None}
    with world.database.transaction(by.scope) as session:
        [row] = queries.visible(session, [resident.id], by=by)
        queries.record_fact(session, row, parse_fact(told), world.keys, by=by, now=world.now)
    world.settle()


def confirmations(resident: Person) -> list[str]:
    return [task.state for task in resident.tasks("confirm")]


def test_a8_an_illness_found_on_a_visit_that_was_voided_asks_nobody(world: World, li: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li)
    find_ill(resident, "2026-03-20", by=li)
    assert confirmations(resident) == ["open"]
    void(world, visit, li)
    assert confirmations(resident) == ["cancelled"]
    world.go_to(date(2026, 4, 2))
    assert confirmations(resident) == ["cancelled"]


def test_a8_an_illness_found_where_nobody_was_met_is_asked_about_once_they_were_met(world: World, li: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li, on=date(2026, 3, 18))
    # Told on the day when the visit was written down, whenever it began.
    find_ill(resident, "2026-03-02", by=li)
    correct(world, visit, li, met={str(resident.id): False})
    assert confirmations(resident) == ["cancelled"]
    correct(world, visit, li, met={str(resident.id): True})
    assert confirmations(resident) == ["cancelled", "open"]


def test_a8_an_illness_stays_asked_about_when_its_visit_only_was_on_another_day(world: World, li: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li, on=date(2026, 3, 19))
    world.go_to(date(2026, 3, 21))
    find_ill(resident, "2026-03-19", by=li)
    correct(world, visit, li, service_date="2026-03-18")
    assert confirmations(resident) == ["open"]


def test_a8_an_illness_that_others_found_is_not_taken_back_with_a_visit(world: World, li: User, advisor: User) -> None:
    resident = world.register(EDGE)
    visit = resident.visit(li)
    find_ill(resident, "2026-03-20", by=advisor)
    void(world, visit, li)
    assert confirmations(resident) == ["open"]


def test_a21_a_late_entry_made_before_anybody_knew_what_was_owed_is_asked_about_with_the_news(
    world: World, li: User
) -> None:
    resident = world.register(EDGE)
    world.go_to(date(2026, 3, 23))
    # The news came in, and nobody worked it off until after the visit was entered.
    said = {"person": {"id_number": resident.id_number}, "happened_on": "2026-03-22"}
    assert world.accept(world.event("change.accident", said)).accepted == 1
    world.business.at = clock.at(date(2026, 4, 20), 11)
    visit = resident.visit(li, on=date(2026, 3, 30))
    assert confirmations(resident) == []
    world.settle()
    assert states(resident)["2026-03"] == "missed"
    [task] = resident.tasks("confirm")
    assert (task.state, task.subject) == ("open", f"late_entry:{visit['visit_id']}")
    void(world, visit, li)
    assert confirmations(resident) == ["cancelled"]


def test_a23_a_late_entry_of_a_period_that_closed_elsewhere_is_asked_about_where_the_person_lives(
    world: World, li: User, advisor: User
) -> None:
    resident = world.register(EDGE, CHANGE)
    world.go_to(date(2026, 4, 20))
    late = resident.visit(li, on=date(2026, 3, 30))
    world.send("resident.moved", resident, on="2026-04-20", to_street="310117002", to_committee="310117002003")
    world.go_to(date(2026, 4, 22))
    there = world.user("street_advisor", street="310117002")
    # Another look that reaches back leaves the question open.
    resident.visit(there, on=date(2026, 3, 29), mode="reception")
    [task] = [task for task in resident.tasks("confirm") if task.state == "open"]
    assert task.subject == f"late_entry:{late['visit_id']}"
    with world.database.transaction(there.scope) as session:
        actions.decide(session, task.task_id, "confirm", None, "属实", world.keys, by=there, now=world.now)
    world.settle()
    rows = world.rows("SELECT street_code, state FROM duty WHERE period = '2026-03' ORDER BY street_code")
    assert [row.state for row in rows] == ["met", "met"]
