"""Who is owed a visit when, and what discharges it: the worked examples of the domain and its rules A11 to A35."""

from datetime import date

import pytest

from tests.world import Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
SCATTERED = {"kind": "assistance", "tag": "tekun", "support": "scattered", "valid_from": "2025-01-01"}
ILL = {"kind": "serious_illness", "basis": "outpatient_registration", "valid_from": "2026-01-10"}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def stroke(world: World) -> Person:
    """Example 1: 低保边缘, stroke 2026-03-20, pushed that day."""
    resident = world.register(EDGE)
    world.send("change.serious_illness", resident, happened_on="2026-03-20")
    return resident


def test_example_1_march_is_owed_from_the_day_of_the_stroke(stroke: Person) -> None:
    assert stroke.tier == "high"
    march = stroke.duties()["2026-03"]
    assert (march.state, march.starts_on, march.due_on) == ("open", day("2026-03-20"), day("2026-03-31"))
    assert stroke.task.due_on == day("2026-03-27")


def test_example_1_a_home_visit_before_the_stroke_does_not_discharge_the_month(stroke: Person) -> None:
    answer = stroke.visit(stroke.world.user(), on=day("2026-03-05"))
    assert {one["because"] for one in answer["not_credited"]} == {"before_start"}
    assert stroke.duties()["2026-03"].state == "open"


def test_example_1_a_phone_call_does_not_discharge_a_high_risk_month(stroke: Person) -> None:
    stroke.world.go_to(day("2026-03-28"))
    answer = stroke.visit(stroke.world.user(), mode="phone")
    assert {one["because"] for one in answer["not_credited"]} == {"mode"}
    assert stroke.duties()["2026-03"].state == "open"


def test_example_1_the_home_visit_of_the_30th_does_and_ends_the_task(stroke: Person) -> None:
    stroke.world.go_to(day("2026-03-30"))
    answer = stroke.visit(stroke.world.user())
    assert {(one["duty"]["period"], one["state"]) for one in answer["credits"]} == {("2026-03", "met"), (None, "late")}
    assert [task.state for task in stroke.tasks()] == ["done"]


def test_example_2_undecided_on_day_90_stays_high_and_asks_for_a_decision(stroke: Person) -> None:
    stroke.world.go_to(day("2026-06-18"))
    assert stroke.tier == "high"
    [decision] = stroke.tasks("decision")
    assert decision.state == "open"


def test_example_2_closed_with_a_serious_illness_june_is_cancelled_and_the_quarter_owed(stroke: Person) -> None:
    world, advisor = stroke.world, stroke.world.user()
    world.go_to(day("2026-04-15"))
    stroke.visit(advisor)
    world.go_to(day("2026-06-25"))
    world.send("fact.recorded", stroke, fact={**ILL, "valid_from": "2026-06-25"})
    world.send("fact.ended", stroke, kind="major_change", on="2026-06-24")
    assert stroke.tier == "key"
    duties = stroke.duties()
    assert (duties["2026-06"].state, duties["2026-06"].reason) == ("cancelled", "tier_lowered")
    assert duties["2026-Q2"].state == "met"
    assert [task.state for task in stroke.tasks("decision")] == ["cancelled"]


def test_example_3_a_scattered_tekun_is_key_until_the_70th_birthday_and_high_from_it(world: World) -> None:
    world.jump_to(day("2026-07-01"))
    resident = world.register(SCATTERED, born=day("1956-07-15"))
    world.go_to(day("2026-07-14"))
    assert resident.tier == "key"
    world.go_to(day("2026-07-15"))
    assert resident.tier == "high"
    duties = resident.duties()
    assert duties["2026-07"].state == "open"
    assert (duties["2026-Q3"].state, duties["2026-Q3"].reason) == ("cancelled", "absorbed")


def test_example_5_warned_then_granted_aid_with_an_illness_is_key_and_owes_the_quarter(world: World) -> None:
    world.business.at = world.now.replace(month=2, day=1)
    resident = world.register()
    world.send("warning.illness_poverty", resident, pushed_on="2026-02-01")
    assert resident.tier == "general"
    world.go_to(day("2026-02-10"))
    world.send("fact.recorded", resident, fact={**POOR, "valid_from": "2026-02-10"})
    world.send("fact.recorded", resident, fact={**ILL, "valid_from": "2026-02-10"})
    assert resident.tier == "key"
    assert resident.duties()["2026-Q1"].state == "open"
    assert (resident.duties()["2026-H1"].state, resident.duties()["2026-H1"].reason) == ("cancelled", "absorbed")


def test_example_7_one_visit_to_a_household_of_four_gives_three_credits(world: World) -> None:
    away, *met = [world.register(EDGE) for _ in range(4)]
    advisor = world.user()
    answer = away.visit(advisor, with_others=met, met=False)
    assert {one["resident_id"] for one in answer["credits"]} == {str(one.id) for one in met}
    assert away.duties()["2026-H1"].state == "open"


def test_example_8_a_death_excuses_the_month(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-05-11"))
    world.send("resident.died", stroke, on="2026-05-09")
    assert stroke.duties()["2026-05"].state == "excused"
    assert stroke.tier == "none"
    assert not [task for task in stroke.tasks() if task.state == "open"]


def test_a15_a_key_person_with_29_days_left_in_the_quarter_owes_from_the_next_one(world: World) -> None:
    world.business.at = world.now.replace(day=3)
    resident = world.register(POOR, ILL)
    assert resident.tier == "key"
    assert resident.duties() == {}
    world.go_to(day("2026-04-01"))
    assert resident.duties()["2026-Q2"].state == "open"


def test_a15_a_key_person_with_30_days_left_in_the_quarter_owes_it(world: World) -> None:
    world.business.at = world.now.replace(day=2)
    assert world.register(POOR, ILL).duties()["2026-Q1"].state == "open"


def test_a16_an_upgrade_too_late_for_the_month_leaves_the_longer_duty_owed_until_the_next(world: World) -> None:
    resident = world.register(EDGE)
    assert resident.duties()["2026-H1"].state == "open"
    world.go_to(day("2026-03-28"))
    world.send("change.accident", resident, happened_on="2026-03-28")
    assert resident.tier == "high"
    assert list(resident.duties()) == ["2026-H1"]
    assert resident.duties()["2026-H1"].state == "open"
    world.go_to(day("2026-04-01"))
    assert resident.duties()["2026-04"].state == "open"
    assert resident.duties()["2026-H1"].reason == "absorbed"


def test_a16_an_absorbed_duty_reopens_when_the_person_comes_down_in_its_period(stroke: Person) -> None:
    world = stroke.world
    assert stroke.duties()["2026-H1"].reason == "absorbed"
    world.go_to(day("2026-03-25"))
    world.send("fact.retracted", stroke, kind="major_change", valid_from="2026-03-20", reason="another person")
    assert stroke.tier == "general"
    assert stroke.duties()["2026-H1"].state == "open"
    assert stroke.duties()["2026-03"].state == "cancelled"
    assert [row.reason for row in stroke.duties("response").values()] == ["retracted"]


def test_a22_a_warning_counts_through_its_anniversary(world: World) -> None:
    resident = world.register()
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-20")
    world.go_to(day("2027-03-20"))
    assert resident.tier == "general"
    world.go_to(day("2027-03-21"))
    assert resident.tier == "none"


def test_a23_a_move_to_another_street_takes_facts_and_credits_along(stroke: Person) -> None:
    world = stroke.world
    stroke.visit(world.user())
    before = stroke.id
    world.send("resident.moved", stroke, on="2026-03-24", to_street="310117002", to_committee="310117002003")
    world.go_to(day("2026-03-24"))
    assert (stroke.row.street_code, stroke.id, stroke.tier) == ("310117002", before, "high")
    assert stroke.duties()["2026-03"].state == "met"
    world.go_to(day("2026-04-01"))
    assert stroke.task.committee_code == "310117002003"
    assert not world.rows("SELECT 1 FROM task WHERE street_code = '310117001' AND state = 'open'")


def test_a26_a_fact_learnt_late_is_owed_from_the_day_it_was_learnt(world: World) -> None:
    resident = world.register(EDGE)
    world.go_to(day("2026-03-25"))
    world.send("change.accident", resident, happened_on="2026-03-02")
    march = resident.duties()["2026-03"]
    assert march.starts_on == day("2026-03-25")


def test_a33_a_major_change_accepted_on_a_friday_is_due_the_next_friday(stroke: Person) -> None:
    [response] = stroke.duties("response").values()
    assert (response.due_on, response.limit) == (day("2026-03-27"), "local")


def test_a33_a_warning_is_due_in_ten_working_days(world: World) -> None:
    resident = world.register()
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-20")
    [response] = resident.duties("response").values()
    assert response.due_on == day("2026-04-03")


def test_a33_a_repeated_warning_joins_the_open_response(world: World) -> None:
    resident = world.register()
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-19")
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-20")
    assert len(resident.duties("response")) == 1


def test_a34_a_new_alert_joins_the_open_task_and_pulls_its_due_day_forward(world: World) -> None:
    resident = world.register(EDGE)
    task = resident.task
    assert task.due_on == day("2026-06-30")
    world.send("warning.illness_poverty", resident, pushed_on="2026-03-20")
    assert (resident.task.task_id, resident.task.due_on) == (task.task_id, day("2026-04-03"))


def test_a35_a_missed_month_stays_missed_but_the_visit_is_noted_on_it(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-04-08"))
    assert stroke.duties()["2026-03"].state == "missed"
    assert stroke.task.due_on == day("2026-03-27")
    stroke.visit(world.user())
    duties = stroke.duties()
    assert (duties["2026-03"].state, duties["2026-03"].made_up_on) == ("missed", day("2026-04-08"))
    assert duties["2026-04"].state == "met"
    assert [row.state for row in stroke.duties("response").values()] == ["late"]


def test_an_outage_over_the_end_of_the_month_ends_in_the_same_duties(world: World) -> None:
    resident = world.register(EDGE)
    told = world.event("change.accident", {"person": {"id_number": resident.id_number}, "happened_on": "2026-03-20"})
    world.accept(told)
    world.jump_to(day("2026-04-08"))
    assert {period: duty.state for period, duty in resident.duties().items()} == {
        "2026-03": "missed",
        "2026-04": "open",
        "2026-H1": "cancelled",
    }


def test_alerts_take_effect_in_order_of_their_time_whatever_order_they_arrive_in(world: World) -> None:
    resident = world.register(EDGE)
    person = {"id_number": resident.id_number}
    earlier, later = world.now.replace(hour=8), world.now.replace(hour=9)
    change = world.event("change.accident", {"person": person, "happened_on": "2026-03-18"}, at=earlier)
    end = world.event("fact.ended", {"person": person, "kind": "major_change", "on": "2026-03-19"}, at=later)
    world.accept(end)
    world.settle()
    world.accept(change)
    world.settle()
    assert resident.tier == "general"


def test_a23_a_pause_over_the_whole_month_excuses_it_and_one_day_less_does_not(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-03-31"))
    stroke.visit(world.user())
    pause = {"kind": "pause", "reason": "住院", "valid_from": "2026-04-01", "valid_to": "2026-04-29"}
    world.send("fact.recorded", stroke, fact=pause)
    world.go_to(day("2026-04-02"))
    assert stroke.duties()["2026-04"].state == "open"
    world.send("fact.recorded", stroke, fact={**pause, "valid_to": "2026-04-30"})
    assert (stroke.duties()["2026-04"].state, stroke.duties()["2026-04"].reason) == ("excused", "pause")
    assert not [task for task in stroke.tasks() if task.state == "open"]
    world.send("fact.ended", stroke, kind="pause", on="2026-04-10")
    assert stroke.duties()["2026-04"].state == "open"


def test_a27_a_pause_learnt_long_after_the_month_changes_nothing_in_it(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-05-16"))
    assert stroke.duties()["2026-04"].state == "missed"
    pause = {"kind": "pause", "reason": "住院", "valid_from": "2026-03-01", "valid_to": None}
    world.send("fact.recorded", stroke, fact=pause)
    assert stroke.duties()["2026-04"].state == "missed"
    assert stroke.duties()["2026-05"].state == "excused"


def test_a23_a_death_reported_late_excuses_its_month_and_no_later_one_is_owed(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-05-04"))
    assert stroke.duties()["2026-04"].state == "missed"
    world.send("resident.died", stroke, on="2026-04-20")
    duties = stroke.duties()
    assert (duties["2026-03"].state, duties["2026-04"].state, duties["2026-05"].state) == (
        "missed",
        "excused",
        "cancelled",
    )


def test_a27_a_retraction_re_judges_a_closed_month(stroke: Person) -> None:
    world = stroke.world
    world.go_to(day("2026-05-04"))
    assert stroke.duties()["2026-04"].state == "missed"
    world.send("fact.retracted", stroke, kind="major_change", valid_from="2026-03-20", reason="another person")
    duties = stroke.duties()
    assert {period: (duty.state, duty.reason) for period, duty in duties.items()} == {
        "2026-03": ("cancelled", "retracted"),
        "2026-04": ("cancelled", "retracted"),
        "2026-05": ("cancelled", "retracted"),
        "2026-H1": ("open", None),
    }
    assert stroke.task.due_on == day("2026-06-30")


def test_a34_a_retraction_that_lowers_the_tier_takes_the_tasks_due_day_along(world: World) -> None:
    aid = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-03-20"}
    # Too long ago to ask for a response of its own.
    change = {"kind": "major_change", "valid_from": "2025-03-20", "cause": "serious_illness"}
    resident = world.register(aid, change)
    assert (resident.tier, resident.task.due_on) == ("high", date(2026, 3, 31))
    world.send("fact.retracted", resident, kind="major_change", valid_from="2025-03-20", reason="误报")
    assert (resident.tier, resident.task.due_on) == ("general", date(2026, 6, 30))
