"""The fairness of the counting (A15 to A17, A27), as it reaches the duties of a person."""

from datetime import timedelta

import pytest

from core import clock
from core.policy import coverage, policies
from tests.core.duties.test_ledger import EDGE, day
from tests.core.tasks.test_desk import recuse
from tests.rules import drafts
from tests.world import STREET, Person, World


def standing(resident: Person) -> dict[str, tuple[str, str | None]]:
    """Every period with what became of it, and why."""
    return {period: (duty.state, duty.reason) for period, duty in resident.duties().items()}


# A15: gaps and returns


def test_a15_a_return_in_the_same_period_reopens_what_the_gap_cancelled(world: World) -> None:
    resident = world.register(EDGE)
    world.go_to(day("2026-03-25"))
    world.send("fact.ended", resident, kind="assistance", tag="dibao_edge", on="2026-03-24")
    assert standing(resident) == {"2026-H1": ("cancelled", "tier_none")}
    # Eleven days are left of the half-year: a newcomer would owe nothing of it.
    world.go_to(day("2026-06-20"))
    world.send("fact.recorded", resident, fact={**EDGE, "valid_from": "2026-06-20"})
    assert standing(resident) == {"2026-H1": ("open", None)}
    assert resident.task.due_on == day("2026-06-30")


def test_a15_a_half_year_that_was_visited_before_the_gap_stays_met_after_the_return(world: World) -> None:
    resident = world.register(EDGE)
    resident.visit(world.user())
    world.go_to(day("2026-03-25"))
    world.send("fact.ended", resident, kind="assistance", tag="dibao_edge", on="2026-03-24")
    world.go_to(day("2026-04-20"))
    world.send("fact.recorded", resident, fact={**EDGE, "valid_from": "2026-04-20"})
    assert standing(resident) == {"2026-H1": ("met", None)}


# A15: a frequency raised in mid-period


@pytest.mark.parametrize(
    ("effective_on", "half_year", "quarter"),
    [
        ("2026-06-01", ("cancelled", "absorbed"), ("open", None)),  # thirty days left of the quarter
        ("2026-06-02", ("open", None), None),  # one less
    ],
)
def test_a15_a_frequency_raised_in_mid_period_owes_from_the_day_it_takes_effect(
    world: World, effective_on: str, half_year: tuple[str, str | None], quarter: tuple[str, str | None] | None
) -> None:
    resident = world.register(EDGE)
    manager = world.user("street_manager")
    document: coverage.Document = {"frequency": {"general": "quarter"}}
    with world.database.transaction(manager.scope) as session:
        coverage.put(session, STREET, document, day(effective_on), "", by=manager, now=world.now)
    world.jump_to(day("2026-06-03"))
    assert (standing(resident)["2026-H1"], standing(resident).get("2026-Q2")) == (half_year, quarter)
    world.jump_to(day("2026-07-02"))
    assert standing(resident)["2026-Q3"] == ("open", None)
    missed = {period for period, (state, _) in standing(resident).items() if state == "missed"}
    assert missed == ({"2026-Q2"} if quarter else {"2026-H1"})


# A17: news after the visit of the same day


def had_an_accident(resident: Person) -> None:
    resident.world.send("change.accident", resident, happened_on="2026-03-20")


def test_a17_a_visit_entered_before_the_news_answers_neither_the_response_nor_the_high_month(world: World) -> None:
    resident, visitor = world.register(EDGE), world.user()
    resident.visit(visitor)
    world.business.at += timedelta(hours=1)
    had_an_accident(resident)
    assert resident.tier == "high"
    assert resident.duties()["2026-03"].state == "open"
    assert [duty.state for duty in resident.duties("response").values()] == ["open"]
    # Nobody went again: also when the month closes, the visit before the news is none of it.
    world.go_to(day("2026-04-02"))
    assert standing(resident)["2026-03"] == ("missed", None)
    assert [duty.state for duty in resident.duties("response").values()] == ["open"]


def test_a17_a_visit_of_that_day_entered_after_the_news_answers_both(world: World) -> None:
    resident, visitor = world.register(EDGE), world.user()
    world.business.at += timedelta(hours=1)
    had_an_accident(resident)
    world.business.at += timedelta(hours=1)
    answer = resident.visit(visitor)
    assert {(credit["duty"]["kind"], credit["state"]) for credit in answer["credits"]} == {
        ("periodic", "met"),
        ("response", "met"),
    }
    world.go_to(day("2026-03-24"))
    assert standing(resident)["2026-03"] == ("met", None)


def test_a17_a_visit_between_two_news_of_a_day_answers_the_month_that_the_first_began(world: World) -> None:
    resident, visitor = world.register(EDGE), world.user()
    world.business.at += timedelta(hours=1)
    had_an_accident(resident)
    world.business.at += timedelta(hours=1)
    resident.visit(visitor)
    world.business.at += timedelta(hours=1)
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-20")
    assert resident.duties()["2026-03"].state == "met"
    assert {occasion.partition(":")[0]: duty.state for occasion, duty in resident.duties("response").items()} == {
        "major_change": "met",
        "warning": "open",
    }


def test_a17_news_that_was_accepted_before_the_visit_counts_as_such_however_late_it_is_processed(world: World) -> None:
    resident, visitor = world.register(EDGE), world.user()
    person = {"id_number": resident.id_number}
    world.accept(world.event("change.accident", {"person": person, "happened_on": "2026-03-20"}))
    world.business.at += timedelta(hours=1)
    resident.visit(visitor)
    world.business.at += timedelta(hours=1)
    world.settle()
    assert resident.duties()["2026-03"].state == "met"
    assert [duty.state for duty in resident.duties("response").values()] == ["met"]


def test_a17_news_after_the_visit_takes_nothing_from_the_half_year_that_it_credited(world: World) -> None:
    resident, visitor = world.register(EDGE), world.user()
    resident.visit(visitor)
    world.business.at += timedelta(hours=1)
    had_an_accident(resident)
    assert standing(resident)["2026-H1"] == ("met", None)


# A27: pauses told after the period


def pause(resident: Person, **dates: str | None) -> None:
    resident.world.send("fact.recorded", resident, fact={"kind": "pause", "reason": "住院", **dates})


@pytest.fixture
def missed_march(world: World) -> Person:
    """High since January, and not visited in March."""
    world.business.at = clock.at(day("2026-01-05"), 10)
    change = {"kind": "major_change", "cause": "accident", "valid_from": "2026-01-05"}
    resident = world.register(EDGE, change)
    world.jump_to(day("2026-04-10"))
    assert standing(resident)["2026-03"] == ("missed", None)
    return resident


@pytest.mark.parametrize(("told_on", "march"), [("2026-04-15", ("excused", "pause")), ("2026-04-16", ("missed", None))])
def test_a27_a_pause_told_within_15_days_of_the_close_excuses_the_period(
    missed_march: Person, told_on: str, march: tuple[str, str | None]
) -> None:
    missed_march.world.jump_to(day(told_on))
    pause(missed_march, valid_from="2026-02-20", valid_to="2026-04-02")
    assert standing(missed_march)["2026-03"] == march
    assert standing(missed_march)["2026-02"] == ("missed", None)
    # It stays so, whatever is told or done later.
    missed_march.world.jump_to(day("2026-05-20"))
    missed_march.visit(missed_march.world.user())
    assert standing(missed_march)["2026-03"] == march


def test_a27_a_pause_told_in_time_excuses_also_a_month_that_somebody_made_up_for(missed_march: Person) -> None:
    missed_march.visit(missed_march.world.user())
    assert missed_march.duties()["2026-03"].made_up_on == day("2026-04-10")
    missed_march.world.jump_to(day("2026-04-15"))
    pause(missed_march, valid_from="2026-03-01", valid_to="2026-03-31")
    assert standing(missed_march)["2026-03"] == ("excused", "pause")


def test_a27_a_pause_made_longer_too_late_excuses_nothing_more(missed_march: Person) -> None:
    pause(missed_march, valid_from="2026-03-01", valid_to="2026-03-20")
    assert standing(missed_march)["2026-03"] == ("missed", None)
    missed_march.world.jump_to(day("2026-04-20"))
    pause(missed_march, valid_from="2026-03-01", valid_to="2026-04-10")
    assert standing(missed_march)["2026-03"] == ("missed", None)


def test_a27_an_end_of_a_pause_told_too_late_takes_no_excuse_back(missed_march: Person) -> None:
    pause(missed_march, valid_from="2026-03-01", valid_to=None)
    missed_march.world.jump_to(day("2026-04-20"))
    missed_march.world.send("fact.ended", missed_march, kind="pause", on="2026-03-20")
    assert standing(missed_march)["2026-03"] == ("excused", "pause")


def test_a27_a_pause_that_never_was_takes_its_excuse_along_whenever_it_is_told(missed_march: Person) -> None:
    pause(missed_march, valid_from="2026-03-01", valid_to="2026-03-31")
    missed_march.world.jump_to(day("2026-05-20"))
    missed_march.world.send("fact.retracted", missed_march, kind="pause", valid_from="2026-03-01", reason="同名")
    assert standing(missed_march)["2026-03"] == ("missed", None)


def test_a27_a_closed_month_is_credited_by_the_rules_of_its_last_day(missed_march: Person) -> None:
    world = missed_march.world
    officer = world.user("district_officer")
    document = drafts.text(version=2, effective_on="2026-04-10", crediting_roles={"2026-04-11": ["street_advisor"]})
    with world.database.transaction(officer.scope) as session:
        policies.put(session, document, "试行修订", by=officer, now=world.now)
    world.jump_to(day("2026-04-12"))
    answer = missed_march.visit(world.user(), on=day("2026-03-30"))
    assert [credit["duty"]["period"] for credit in answer["credits"]] == ["2026-03"]
    # What is open follows the new rules.
    assert {refused["because"] for refused in missed_march.visit(world.user())["not_credited"]} == {"role"}


# A16: down, but not of what has ended


def test_a16_coming_down_cancels_the_open_duty_and_leaves_the_month_that_has_ended_as_it_is(world: World) -> None:
    resident = world.register(EDGE)
    had_an_accident(resident)
    world.go_to(day("2026-04-02"))
    world.send("fact.ended", resident, kind="major_change", on="2026-03-31")
    assert resident.tier == "general"
    assert standing(resident) == {
        "2026-03": ("missed", None),
        "2026-04": ("cancelled", "tier_lowered"),
        "2026-H1": ("open", None),
    }


# A20: who must not visit


def test_a20_a_visit_of_a_recused_user_credits_nothing_and_says_so(world: World) -> None:
    resident, kin = world.register(EDGE), world.user()
    recuse(resident, kin)
    answer = resident.visit(kin)
    assert answer["credits"] == []
    assert [refused["because"] for refused in answer["not_credited"]] == ["recused"]
    assert standing(resident) == {"2026-H1": ("open", None)}
    # Nor does it later, when somebody else goes.
    world.go_to(day("2026-03-24"))
    answer = resident.visit(world.user())
    assert [credit["duty"]["period"] for credit in answer["credits"]] == ["2026-H1"]


def test_a20_a_paper_of_somebody_else_that_a_recused_user_enters_credits_nothing_either(world: World) -> None:
    resident, kin = world.register(EDGE), world.user()
    recuse(resident, kin)
    answer = resident.visit(kin, role="grid_worker")
    assert [refused["because"] for refused in answer["not_credited"]] == ["recused"]


def test_a20_a_missed_month_is_not_made_up_for_by_a_recused_user(world: World) -> None:
    resident, kin = world.register(EDGE), world.user()
    had_an_accident(resident)
    recuse(resident, kin)
    world.go_to(day("2026-04-02"))
    resident.visit(kin)
    duties = resident.duties()
    assert (duties["2026-03"].made_up_on, duties["2026-04"].state) == (None, "open")


def test_a20_who_is_recused_later_keeps_what_their_visits_were_credited_with(world: World) -> None:
    resident, visitor = world.register(EDGE), world.user()
    resident.visit(visitor)
    recuse(resident, visitor)
    world.go_to(day("2026-04-02"))
    resident.visit(world.user(), mode="phone")
    assert standing(resident) == {"2026-H1": ("met", None)}


@pytest.mark.parametrize("looks_between", [True, False])
def test_a35_a_period_that_a_pause_excuses_is_not_made_up_by_a_later_visit(world: World, looks_between: bool) -> None:
    resident = world.register(EDGE)
    had_an_accident(resident)
    pause(resident, valid_from="2026-04-01", valid_to="2026-05-31")
    if looks_between:
        world.go_to(day("2026-06-09"))
    world.jump_to(day("2026-06-10"))
    resident.visit(world.user())
    world.jump_to(day("2026-06-11"))
    april = resident.duties()["2026-04"]
    assert (april.state, april.reason, april.made_up_on) == ("excused", "pause", None)
