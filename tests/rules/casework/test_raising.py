"""What a visit raises and why not, as B4 to B10 put it."""

import pickle
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rules.casework.codes import Category, Dimension, FindingState, Handled, RuleName, Urgency
from rules.casework.limits import LimitName
from rules.casework.outcomes import FollowUpRaised, Judgement, NeedRaised, NoticeRaised, PlanRaised, Spared
from rules.casework.raising import standing_after
from rules.casework.rules import Kind
from rules.casework.standing import OpenNeed, Standing, WrittenNeed
from rules.facts import Person
from tests.rules.casework.cases import (
    SOMEBODY,
    TODAY,
    in_force,
    judged,
    look,
    of_kind,
    opened,
    rules_behind,
    said,
    street,
)
from tests.rules.people import aid, illness

# Wednesday the 2nd of September: the next working day, the tenth and the fifteenth after it.
NEXT, TENTH, FIFTEENTH = "2026-09-03", "2026-09-16", "2026-09-23"
EARLIER = TODAY - timedelta(days=20)


def open_need(category: str, urgency: str = "normal", due_on: date = TODAY) -> OpenNeed:
    return OpenNeed("need 1", Category(category), Urgency(urgency), due_on)


def written(category: str, urgency: str = "normal", handled: str = "open", need_id: str = "written 1") -> WrittenNeed:
    return WrittenNeed(need_id, Category(category), Urgency(urgency), Handled(handled))


def spared(judgement: Judgement) -> list[tuple[Kind, Spared]]:
    return [(each.kind, each.because) for each in judgement.not_raised]


def test_an_urgent_finding_raises_a_need_for_the_next_working_day_a_notice_at_once_and_a_follow_up_in_seven_days() -> (
    None
):
    judgement = judged(look("health", "urgent"))
    assert said(judgement) == [
        ("need", "medical", "urgent", NEXT),
        ("follow_up", "health", "2026-09-09"),
        ("notice", "走访发现急需解决的困难，请马上处理"),
    ]
    need, _, notice = judgement.raised
    assert (need.causes[0].rule.id, need.causes[0].rule.clause) == ("urgent", "四（三）")
    assert isinstance(notice, NoticeRaised)
    assert list(notice.to) == ["street_advisor"]


def test_every_raised_thing_names_rule_clause_label_layer_and_finding() -> None:
    everything = judged(
        look("economy", "risk", TODAY, "benefit_not_claimed"),
        look("health", "urgent", TODAY, "serious_illness"),
        look("social", "watch", TODAY, "abuse"),
        look("housing", "watch"),
        standing=opened(look("housing", "watch", EARLIER)),
    )
    assert {raised.kind for raised in everything.raised} == set(Kind)
    assert {cause.rule.id for raised in everything.raised for cause in raised.causes} == set(RuleName)
    for raised in everything.raised:
        for cause in raised.causes:
            told_of = cause.as_dict()
            assert all(told_of[name] for name in ("rule", "clause", "label", "dimension", "on"))
            assert told_of["layer"] == "district"


def test_a_risk_raises_a_need_of_ten_working_days_and_a_follow_up_in_thirty_days() -> None:
    assert said(judged(look("housing", "risk"))) == [
        ("need", "housing", "normal", TENTH),
        ("follow_up", "housing", "2026-10-02"),
    ]


def test_a_need_counts_from_its_recording_and_a_follow_up_from_the_service() -> None:
    served = date(2026, 8, 26)
    assert said(judged(look("housing", "risk", served))) == [
        ("need", "housing", "normal", TENTH),
        ("follow_up", "housing", "2026-09-25"),
    ]


def test_a_follow_up_of_a_visit_entered_late_is_never_due_before_the_third_working_day() -> None:
    (follow_up,) = of_kind(judged(look("housing", "urgent", date(2026, 8, 1))), FollowUpRaised)
    assert follow_up.due_on == date(2026, 9, 7)


def test_a_watch_raises_nothing_and_at_the_second_running_a_suggestion_without_a_task() -> None:
    first = judged(look("health", "watch"))
    assert first.raised == ()
    second = judged(look("health", "watch"), standing=opened(look("health", "watch", EARLIER)))
    assert said(second) == [("suggestion", "medical", "同一方面连续两次需要关注，建议登记需求")]


@pytest.mark.parametrize("between", ["ok", "risk"])
def test_a_watch_that_was_interrupted_is_not_twice_running(between: str) -> None:
    earlier = opened(look("health", "watch", EARLIER), look("health", between, EARLIER + timedelta(days=5)))
    assert said(judged(look("health", "watch"), standing=earlier)) == []


def test_a_visit_that_did_not_look_interrupts_nothing() -> None:
    standing = opened(look("health", "watch", EARLIER))
    between = standing_after(standing, judged(look("economy", "ok"), standing=standing))
    assert said(judged(look("health", "watch"), standing=between))[0][0] == "suggestion"


def test_two_watches_of_one_day_are_one() -> None:
    both = [look("health", "watch", contact="visit"), look("health", "watch", contact="phone")]
    assert judged(*both).raised == ()
    assert judged(both[1], standing=opened(both[0])).raised == ()


def test_a_watch_twice_in_two_dimensions_is_not_twice_in_one() -> None:
    assert judged(look("health", "watch"), standing=opened(look("economy", "watch", EARLIER))).raised == ()


def test_two_dimensions_open_at_risk_raise_a_plan_of_fifteen_working_days() -> None:
    (plan,) = of_kind(judged(look("health", "risk"), look("economy", "urgent")), PlanRaised)
    assert plan.due_on == date.fromisoformat(FIFTEENTH)
    assert [(cause.dimension, cause.rule.id) for cause in plan.causes] == [
        ("economy", "several_risks"),
        ("health", "several_risks"),
    ]


def test_a_second_dimension_at_risk_raises_the_plan_whenever_it_comes() -> None:
    judgement = judged(look("health", "risk"), standing=opened(look("economy", "risk", EARLIER)))
    assert len(of_kind(judgement, PlanRaised)) == 1


def test_a_watch_beside_a_risk_or_a_risk_since_lowered_raises_no_plan() -> None:
    assert of_kind(judged(look("health", "risk"), look("economy", "watch")), PlanRaised) == []
    lowered = opened(look("economy", "risk", EARLIER), look("economy", "watch", EARLIER + timedelta(days=3)))
    assert of_kind(judged(look("health", "risk"), standing=lowered), PlanRaised) == []


def test_an_ok_leaves_a_dimension_open_so_it_still_counts_for_a_plan() -> None:
    quiet = opened(look("economy", "risk", EARLIER), look("economy", "ok", EARLIER + timedelta(days=3)))
    assert len(of_kind(judged(look("health", "risk"), standing=quiet), PlanRaised)) == 1


def test_one_plan_is_open_at_most() -> None:
    standing = replace(opened(look("economy", "risk", EARLIER)), plan_open=True)
    judgement = judged(look("health", "risk"), standing=standing)
    assert of_kind(judgement, PlanRaised) == []
    assert (Kind.PLAN, Spared.PLAN_OPEN) in spared(judgement)


def test_a_suspected_serious_illness_states_a_fact_that_waits_for_its_confirmation() -> None:
    judgement = judged(look("health", "watch", EARLIER, "serious_illness"))
    assert said(judgement) == [("fact", str(EARLIER))]
    (fact,) = judgement.raised
    assert (fact.fact.kind, fact.fact.basis) == ("serious_illness", "found_on_visit")


@pytest.mark.parametrize(
    ("fact", "known"),
    [
        (illness("diagnosis", "2026-01-01"), True),
        (illness("found_on_visit", "2026-08-01"), True),
        (illness("diagnosis", "2026-01-01", until="2026-09-01"), False),
        (illness("diagnosis", "2026-09-03"), False),
        (aid("dibao_urban"), False),
    ],
)
def test_an_illness_that_is_known_or_asked_about_already_is_not_asked_about_again(fact: Any, known: bool) -> None:
    person = replace(SOMEBODY, facts=(fact,))
    judgement = judged(look("health", "watch", TODAY, "serious_illness"), person=person)
    assert spared(judgement) == ([(Kind.FACT, Spared.FACT_KNOWN)] if known else [])
    assert bool(judgement.raised) is not known


@pytest.mark.parametrize("level", ["watch", "risk", "urgent"])
def test_a_suspected_abuse_raises_one_urgent_need_of_the_family_and_tells_advisor_and_manager(level: str) -> None:
    judgement = judged(look("social", level, TODAY, "abuse"))
    (need,) = of_kind(judgement, NeedRaised)
    assert (need.category, need.urgency, str(need.due_on)) == ("family", "urgent", NEXT)
    (follow_up,) = of_kind(judgement, FollowUpRaised)
    assert str(follow_up.due_on) == "2026-09-09"
    notices = of_kind(judgement, NoticeRaised)
    assert ["street_advisor", "street_manager"] in [list(notice.to) for notice in notices]
    assert any("立即报告" in notice.words for notice in notices)


def test_another_sign_beside_abuse_raises_the_need_of_its_dimension_too() -> None:
    needs = of_kind(judged(look("social", "risk", TODAY, "abuse", "alone")), NeedRaised)
    assert [(need.category.value, need.urgency.value) for need in needs] == [
        ("family", "urgent"),
        ("social_life", "normal"),
    ]


def test_a_benefit_not_claimed_raises_an_application_for_aid_at_any_level() -> None:
    assert said(judged(look("economy", "watch", TODAY, "benefit_not_claimed"))) == [("need", "aid", "normal", TENTH)]
    (need,) = of_kind(judged(look("economy", "urgent", TODAY, "benefit_not_claimed")), NeedRaised)
    assert (need.urgency, rules_behind(need)) == ("urgent", ["urgent", "not_claimed"])


def test_a_need_of_that_category_written_in_the_same_visit_takes_the_rules_place() -> None:
    own = written("aid")
    judgement = judged(look("economy", "urgent"), needs=[own])
    (need,) = of_kind(judgement, NeedRaised)
    assert (need.written, rules_behind(need)) == (own, ["urgent"])
    # It keeps the rule's urgency and limit: the resident waits no longer for having been listened to.
    assert (need.urgency, str(need.due_on), need.asks_for_a_task) == ("urgent", NEXT, True)
    assert judgement.written == ()


def test_a_need_of_another_category_takes_nobodys_place_and_has_its_own_limit() -> None:
    judgement = judged(look("economy", "risk"), needs=[written("legal", "urgent")])
    (need,) = of_kind(judgement, NeedRaised)
    assert (need.category, need.written) == ("aid", None)
    (own,) = judgement.written
    assert (own.category, own.urgency, str(own.due_on), own.causes) == ("legal", "urgent", NEXT, ())


def test_what_was_solved_at_the_door_asks_for_no_task_and_is_followed_up_all_the_same() -> None:
    judgement = judged(look("economy", "urgent"), needs=[written("aid", handled="on_the_spot")])
    (need,) = of_kind(judgement, NeedRaised)
    assert need.asks_for_a_task is False
    assert len(of_kind(judgement, FollowUpRaised)) == 1
    assert standing_after(Standing(), judgement).needs == ()


def test_of_two_written_needs_the_one_left_open_takes_the_rules_place() -> None:
    solved, left = written("aid", handled="on_the_spot", need_id="a"), written("aid", need_id="b")
    judgement = judged(look("economy", "risk"), needs=[solved, left])
    assert [need.written for need in of_kind(judgement, NeedRaised)] == [left]
    assert [need.written for need in judgement.written] == [solved]


def test_a_need_that_is_open_already_is_not_raised_twice() -> None:
    judgement = judged(look("economy", "risk"), standing=Standing(needs=(open_need("aid"),)))
    assert of_kind(judgement, NeedRaised) == []
    (why,) = judgement.not_raised
    assert (why.because, why.need_id, why.causes[0].rule.id) == (Spared.NEED_OPEN, "need 1", "risk")


def test_an_open_need_becomes_urgent_when_the_finding_does_and_never_later() -> None:
    standing = Standing(needs=(open_need("aid", due_on=date(2026, 9, 15)),))
    (need,) = of_kind(judged(look("economy", "urgent"), standing=standing), NeedRaised)
    assert (need.more_urgent, need.urgency, str(need.due_on)) == (standing.needs[0], "urgent", NEXT)
    overdue = Standing(needs=(open_need("aid", due_on=date(2026, 8, 1)),))
    (need,) = of_kind(judged(look("economy", "urgent"), standing=overdue), NeedRaised)
    assert need.due_on == date(2026, 8, 1)


def test_a_suggestion_is_spared_where_a_need_is_open_written_or_raised() -> None:
    standing = opened(look("economy", "watch", EARLIER))
    look_again = look("economy", "watch")
    with_need = replace(standing, needs=(open_need("aid"),))
    assert spared(judged(look_again, standing=with_need)) == [(Kind.SUGGESTION, Spared.NEED_OPEN)]
    assert spared(judged(look_again, standing=standing, needs=[written("aid")])) == [
        (Kind.SUGGESTION, Spared.NEED_WRITTEN)
    ]
    claimed = judged(look("economy", "watch", TODAY, "benefit_not_claimed"), standing=standing)
    assert spared(claimed) == [(Kind.SUGGESTION, Spared.NEED_RAISED)]


def test_a_follow_up_that_is_owed_sooner_stays_and_a_sooner_one_is_pulled_forward() -> None:
    sooner = Standing(follow_ups={Dimension.HEALTH: date(2026, 9, 5)})
    judgement = judged(look("health", "urgent"), standing=sooner)
    assert of_kind(judgement, FollowUpRaised) == []
    assert (Kind.FOLLOW_UP, Spared.FOLLOWED_UP_SOONER) in spared(judgement)
    later = Standing(follow_ups={Dimension.HEALTH: date(2026, 9, 30)})
    (follow_up,) = of_kind(judged(look("health", "urgent"), standing=later), FollowUpRaised)
    assert str(follow_up.due_on) == "2026-09-09"


def test_a_finding_raises_whatever_the_visit_left_out() -> None:
    judgement = judged(look("health", "risk"))
    assert [finding.dimension for finding in judgement.findings] == ["health"]
    assert judgement.raised


def test_a_visit_that_found_nothing_raises_nothing_and_opens_nothing() -> None:
    judgement = judged(*(look(dimension, "ok") for dimension in Dimension))
    assert (judgement.raised, judgement.findings, judgement.not_raised) == ((), (), ())


def test_the_finding_a_visit_closed_is_told_of() -> None:
    standing = opened(look("health", "watch", EARLIER), look("health", "ok", EARLIER + timedelta(days=3)))
    (finding,) = judged(look("health", "ok"), standing=standing).findings
    assert (finding.state, finding.closed_on) == (FindingState.CLEARED, TODAY)


def test_a_rule_that_one_condition_keeps_from_holding_is_a_near_miss() -> None:
    judgement = judged(look("economy", "watch"))
    misses = {(miss.rule.id, miss.as_dict()["failed"]) for miss in judgement.near_misses}
    assert misses == {
        ("urgent", "level_at_least"),
        ("risk", "level_at_least"),
        ("watched_twice", "times_in_a_row"),
        ("not_claimed", "sign"),
    }
    (twice,) = (miss.as_dict() for miss in judgement.near_misses if miss.rule.id == "watched_twice")
    assert twice == {
        "rule": "watched_twice",
        "label": "同一方面连续两次需要关注",
        "layer": "district",
        "dimension": "economy",
        "failed": "times_in_a_row",
        "condition": {"times_in_a_row": 2},
    }


def test_what_a_rule_that_holds_raises_anyway_is_no_near_miss() -> None:
    judgement = judged(look("health", "urgent"))
    assert "risk" not in {miss.rule.id for miss in judgement.near_misses}
    assert "several_risks" in {miss.rule.id for miss in judgement.near_misses}


def test_a_sign_of_another_dimension_is_no_near_miss() -> None:
    assert {miss.rule.id for miss in judged(look("education", "risk")).near_misses} == {"urgent", "several_risks"}


def test_a_visit_handed_in_twice_raises_nothing_the_second_time() -> None:
    looks = [look("social", "urgent", TODAY, "abuse"), look("health", "watch", TODAY, "serious_illness")]
    first = judged(*looks)
    again = judged(*looks, standing=standing_after(Standing(), first))
    assert (again.raised, again.not_raised) == ((), ())
    assert again.findings == first.findings


def test_a_late_entry_that_makes_a_known_watch_the_second_one_raises_the_suggestion() -> None:
    standing = opened(look("health", "watch", TODAY - timedelta(days=2)))
    judgement = judged(look("health", "watch", EARLIER), standing=standing)
    assert [rules_behind(raised) for raised in judgement.raised] == [["watched_twice"]]
    assert judgement.raised[0].causes[0].on == TODAY - timedelta(days=2)


def test_a_streets_rule_may_ask_about_the_person_and_stands_under_the_clause_of_adding() -> None:
    rule = {
        "id": "old_and_watched",
        "label": "80岁以上健康需关注",
        "when": {"all": [{"dimension": "health"}, {"level_at_least": "watch"}, {"age_at_least": 80}]},
        "raises": {"need": {"urgency": "normal"}},
    }
    rules = street(rule)
    assert judged(look("health", "watch"), rules=rules).raised == ()
    old = Person(birth_date=date(1940, 1, 1))
    (need,) = judged(look("health", "watch"), rules=rules, person=old).raised
    cause = need.causes[0].as_dict()
    assert (cause["rule"], cause["clause"], cause["layer"]) == ("old_and_watched", "四（四）", "street")


def test_a_streets_shorter_limits_hold_and_say_whose_they_are() -> None:
    rules = street(need_working_days=5, follow_up_days={"risk": 14})
    need, follow_up = judged(look("health", "risk"), rules=rules).raised
    assert isinstance(need, NeedRaised)
    assert isinstance(follow_up, FollowUpRaised)
    assert (str(need.due_on), need.limit.layer, need.limit.name) == ("2026-09-09", "street", LimitName.NEED)
    assert str(follow_up.due_on) == "2026-09-16"


def test_a_judgement_names_the_versions_and_crosses_to_another_process() -> None:
    judgement = judged(look("social", "urgent", TODAY, "abuse"), look("health", "risk"), needs=[written("medical")])
    assert (judgement.policy_id, judgement.policy_version, judgement.addition_version) == ("casework-2024-33", 1, None)
    assert pickle.loads(pickle.dumps(judgement)) == judgement


def test_what_does_not_fit_together_is_named() -> None:
    rules = in_force()
    wrong = [look("health", "risk", TODAY, "abuse"), look("economy", "ok", TODAY, "debt"), look("housing", "risk")]
    assert [(problem.loc, problem.code) for problem in rules.problems(wrong)] == [
        ("dimensions.health.signs", "foreign_sign"),
        ("dimensions.economy.signs", "sign_without_level"),
    ]
    assert rules.problems([look("economy", "watch", TODAY, "debt")]) == []
