"""The codes that others rely on, letter by letter."""

from enum import StrEnum

import pytest

from rules.casework import codes
from rules.casework.codes import Level


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (codes.Dimension, "economy health education housing employment social"),
        (codes.Level, "ok watch risk urgent"),
        (codes.Urgency, "normal urgent"),
        (codes.Handled, "on_the_spot open"),
        (codes.RuleName, "urgent risk watched_twice several_risks illness_seen abuse_seen not_claimed"),
        (codes.FollowUpOutcome, "cleared eased same worse"),
        (codes.FollowUpNext, "close again revise_plan"),
        (codes.GoalOutcome, "reached partly missed"),
        (codes.ItemState, "todo doing done failed"),
        (codes.ItemKind, "own referral link coordinate"),
        (codes.ReferralKind, "referral link coordinate"),
        (codes.PartnerKind, "department social_organisation charity enterprise volunteer_group medical"),
        (codes.LeadChannel, "neighbour relative family_doctor property grid hotline other"),
        (codes.LeadLedTo, "visit need outreach registration"),
        (codes.Caller, "self relative neighbour other"),
        (codes.NeedSource, "visit call lead finding"),
        (codes.Wish, "yes partly no"),
        (codes.SaidHow, "spoken written"),
        (codes.Via, "system phone paper"),
        (codes.PassedOn, "name phone address birth_year tags situation"),
        (codes.CardKind, "contact hotline"),
        (codes.CloudState, "not_needed to_enter entered changed_after_entry voided_after_entry"),
        (codes.ExperienceKind, "case practice suggestion"),
        (codes.FindingState, "open cleared mistaken"),
        (codes.NeedState, "open on_the_spot planned referred met partly_met unmet withdrawn"),
        (codes.PlanState, "draft agreed closed"),
        (codes.PartnerState, "active ended"),
        (
            codes.ReferralState,
            "draft sent accepted in_progress done failed returned rejected reopened withdrawn",
        ),
        (codes.LeadState, "open verified unfounded duplicate passed_on"),
        (codes.CallState, "open answered passed_on closed"),
        (codes.ExperienceState, "draft street district published returned"),
    ],
)
def test_a_code_is_spelled_as_the_contract_spells_it(code: type[StrEnum], words: str) -> None:
    assert [each.value for each in code] == words.split()


def test_levels_are_compared_by_rank_and_risk_is_where_alarm_begins() -> None:
    assert sorted(Level, key=lambda level: level.rank) == [Level.OK, Level.WATCH, Level.RISK, Level.URGENT]
    assert [level for level in Level if level.is_alarming] == [Level.RISK, Level.URGENT]
