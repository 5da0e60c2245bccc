"""Which steps the things of casework may take: every one that is allowed, and all others refused."""

import pickle
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from rules.casework.codes import (
    CallState,
    ExperienceState,
    FindingState,
    FollowUpOutcome,
    ItemState,
    LeadState,
    NeedState,
    PartnerState,
    PlanState,
    ReferralState,
)
from rules.casework.steps import (
    CALL,
    EXPERIENCE,
    FINDING,
    ITEM,
    LEAD,
    NEED,
    PARTNER,
    PLAN,
    REFERRAL,
    CallStep,
    ExperienceStep,
    FindingStep,
    NeedStep,
    PartnerStep,
    PlanStep,
    ReferralStep,
    StepRefused,
    Steps,
)

Table = tuple[Steps[Any, Any], type[StrEnum], type[StrEnum], str]

# The state tables once more, as they are told to an official: from, step, to.
REFERRAL_STEPS = """
draft edit draft · draft send sent · draft withdraw withdrawn
sent accept accepted · sent return returned · sent reject rejected · sent withdraw withdrawn
returned edit returned · returned send sent · returned withdraw withdrawn
accepted start in_progress · accepted withdraw withdrawn
in_progress done done · in_progress fail failed · in_progress withdraw withdrawn
done reopen reopened
reopened start in_progress · reopened withdraw withdrawn
"""
NEED_STEPS = """
open on_the_spot on_the_spot · open plan planned · open refer referred · planned refer referred
planned release open · referred release open
open met met · open partly_met partly_met · open unmet unmet · open withdrawn withdrawn
on_the_spot met met · on_the_spot partly_met partly_met · on_the_spot unmet unmet · on_the_spot withdrawn withdrawn
planned met met · planned partly_met partly_met · planned unmet unmet · planned withdrawn withdrawn
referred withdrawn withdrawn
open cleared met · on_the_spot cleared met · planned cleared met · referred cleared met · partly_met cleared met
open eased partly_met · on_the_spot eased partly_met · planned eased partly_met · referred eased partly_met
partly_met eased partly_met
open same open · on_the_spot same on_the_spot · planned same planned · referred same referred
partly_met same partly_met
open worse open · on_the_spot worse on_the_spot · planned worse planned · referred worse referred
partly_met worse partly_met
"""
PLAN_STEPS = "draft edit draft · draft agree agreed · draft end closed · agreed edit agreed · agreed close closed \
· agreed end closed"
FINDING_STEPS = "open clear cleared · open mistaken mistaken"
ITEM_STEPS = "todo doing doing · todo done done · todo failed failed · doing done done · doing failed failed \
· done doing doing · failed doing doing"
LEAD_STEPS = "open verified verified · open unfounded unfounded · open duplicate duplicate · open passed_on passed_on"
CALL_STEPS = "open answer answered · open pass passed_on · answered close closed · passed_on close closed"
EXPERIENCE_STEPS = "draft edit draft · draft submit street · street edit street · street submit district \
· district publish published · district return returned · returned edit returned · returned submit street"

TABLES: list[Table] = [
    (FINDING, FindingState, FindingStep, FINDING_STEPS),
    (NEED, NeedState, NeedStep, NEED_STEPS),
    (PLAN, PlanState, PlanStep, PLAN_STEPS),
    (ITEM, ItemState, ItemState, ITEM_STEPS),
    (REFERRAL, ReferralState, ReferralStep, REFERRAL_STEPS),
    (LEAD, LeadState, LeadState, LEAD_STEPS),
    (CALL, CallState, CallStep, CALL_STEPS),
    (EXPERIENCE, ExperienceState, ExperienceStep, EXPERIENCE_STEPS),
    (PARTNER, PartnerState, PartnerStep, "active end ended"),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table[0].noun)
def test_every_step_of_a_state_table_is_allowed_and_every_other_refused(table: Table) -> None:
    steps, states, names, listed = table
    allowed = {}
    for line in listed.replace("\n", " · ").split("·"):
        if line.strip():
            before, step, after = line.split()
            allowed[states(before), names(step)] = states(after)
    for state, step in product(states, names):
        if (state, step) in allowed:
            assert steps.take(state, step) is allowed[state, step]
        else:
            with pytest.raises(StepRefused) as refused:
                steps.take(state, step)
            assert refused.value.state is state
            assert set(refused.value.possible) == {name for each, name in allowed if each is state}


def test_a_refusal_names_the_present_state_and_what_is_possible_from_it() -> None:
    with pytest.raises(StepRefused) as refused:
        REFERRAL.take(ReferralState.SENT, ReferralStep.DONE)
    assert str(refused.value) == (
        "This referral is sent; the step done is not possible from there"
        " (possible now: accept, return, reject, withdraw)."
    )
    again = pickle.loads(pickle.dumps(refused.value))
    assert (again.state, again.step, str(again)) == ("sent", "done", str(refused.value))


def test_a_referred_need_cannot_be_resolved_but_its_follow_up_says_whether_it_is_met() -> None:
    for step in (NeedStep.MET, NeedStep.PARTLY_MET, NeedStep.UNMET):
        with pytest.raises(StepRefused):
            NEED.take(NeedState.REFERRED, step)
    assert NEED.take(NeedState.REFERRED, NeedStep(FollowUpOutcome.CLEARED)) is NeedState.MET
    assert NEED.take(NeedState.REFERRED, NeedStep(FollowUpOutcome.WORSE)) is NeedState.REFERRED


def test_every_outcome_of_a_follow_up_is_a_step_of_every_need_under_way() -> None:
    for state, outcome in product(NeedState, FollowUpOutcome):
        possible = NeedStep(outcome) in NEED.possible(state)
        assert possible is (state not in (NeedState.MET, NeedState.UNMET, NeedState.WITHDRAWN))


def test_nothing_but_reopening_leads_out_of_a_referral_that_ended() -> None:
    for state in REFERRAL.ended:
        assert REFERRAL.possible(state) == ((ReferralStep.REOPEN,) if state is ReferralState.DONE else ())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table[0].noun)
def test_every_state_but_the_first_is_reached_by_some_step(table: Table) -> None:
    steps, states, _, _ = table
    assert set(steps.table.values()) | {next(iter(states))} == set(states)
