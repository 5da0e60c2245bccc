"""What holds of whatever a visit sees: no order matters, and what is urgent is taken up."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.casework.codes import Level, Urgency
from rules.casework.findings import Look, Sight, sights
from rules.casework.outcomes import PlanRaised
from rules.casework.raising import grounds, standing_after
from rules.casework.standing import Standing
from tests.rules.casework.cases import (
    SOMEBODY,
    TODAY,
    in_force,
    judged,
    of_kind,
    opened,
    random_looks,
)

EVERY = settings(max_examples=200, deadline=None, derandomize=True)
NEXT = "2026-09-03"  # The working day after `TODAY`.


@EVERY
@given(st.randoms(use_true_random=False))
def test_the_order_of_a_days_looks_says_nothing(random: Random) -> None:
    looks = [replace(each, on=TODAY) for each in random_looks(random)]
    standing = opened(*random_looks(random, days=30, most=4))
    at_once = judged(*looks, standing=standing)
    random.shuffle(looks)
    again = judged(*looks, standing=standing)
    assert (again.raised, again.not_raised) == (at_once.raised, at_once.not_raised)
    assert again.near_misses == at_once.near_misses
    assert sorted(again.findings, key=str) == sorted(at_once.findings, key=str)


@EVERY
@given(st.randoms(use_true_random=False))
def test_a_days_contacts_come_to_the_same_one_by_one_in_any_order_as_all_at_once(random: Random) -> None:
    looks = [replace(each, on=TODAY) for each in random_looks(random)]
    standing = opened(*random_looks(random, days=30, most=4))
    at_once = standing_after(standing, judged(*looks, standing=standing))
    random.shuffle(looks)
    one_by_one, plans = standing, []
    for each in looks:
        judgement = judged(each, standing=one_by_one)
        plans += of_kind(judgement, PlanRaised)
        one_by_one = standing_after(one_by_one, judgement)
    # A plan that rested on what the day's later contacts saw otherwise has no ground left, and is taken back.
    resting = grounds(in_force(), one_by_one, SOMEBODY, today=TODAY)
    held = any(cause.ground in resting for plan in plans for cause in plan.causes)
    assert stands(replace(one_by_one, plan_open=held)) == stands(at_once)


def stands(standing: Standing) -> dict[str, Any]:
    return {
        # An `ok` that opens nothing is remembered only where it was told together with what opened a finding.
        "findings": {
            (
                each.dimension,
                each.state,
                each.level,
                tuple((sight.on, sight.level, sight.signs) for sight in each.sights),
            )
            for each in standing.findings
        },
        "needs": sorted((need.category, need.urgency, need.due_on) for need in standing.needs),
        "follow_ups": standing.follow_ups,
        "plan": standing.plan_open,
    }


@EVERY
@given(st.randoms(use_true_random=False))
def test_whatever_is_urgent_is_taken_up_the_next_working_day_and_followed_up_within_seven_days(random: Random) -> None:
    looks = random_looks(random)
    judgement = judged(*looks)
    after = standing_after(Standing(), judgement)
    for each in looks:
        if each.level is Level.URGENT and each.on == TODAY:
            assert any(
                need.urgency is Urgency.URGENT and need.due_on <= date.fromisoformat(NEXT)
                for need in after.needs
                if need.category in in_force().categories(_day(looks, each))
            )
            assert after.follow_ups[each.dimension] <= date(2026, 9, 9)


def _day(looks: list[Look], each: Look) -> Sight:
    """All that was seen that day in the same dimension."""
    (sight,) = sights([one for one in looks if one.dimension is each.dimension and one.on == each.on])
    return sight
