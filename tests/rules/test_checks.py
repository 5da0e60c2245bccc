"""What the doctor says about a policy and a street's document."""

from typing import Any

import pytest

from rules.checks import check_policy
from rules.coverage import parse_coverage
from rules.policies import load_policies
from tests.rules.drafts import draft

POLICY = load_policies()[0]


def codes(*rules: dict[str, Any], tags: dict[str, str] | None = None) -> list[tuple[str, str]]:
    listed = [{"id": f"rule_{n}", "tier": "key", "label": f"规则 {n}"} | rule for n, rule in enumerate(rules)]
    found = check_policy(POLICY, parse_coverage({"tags": tags or {}, "rules": listed}))
    return [(finding.rule, finding.code) for finding in found]


def test_nothing_is_odd_about_the_districts_policy() -> None:
    assert check_policy(POLICY) == []


@pytest.mark.parametrize(
    "when",
    [
        {"all": [{"age_at_least": 80}, {"age_below": 70}]},
        {"all": [{"age_at_least": 80}, {"not": {"age_at_least": 70}}]},
        {"all": [{"sex": "male"}, {"sex": "female"}]},
        {"all": [{"assistance": ["tekun"]}, {"in_register": False}]},
        {"all": [{"support": "scattered"}, {"not": {"assistance": ["tekun", "dibao_edge"]}}]},
        {"all": [{"assistance": ["severe_disability_aid"]}, {"severe_disability": False}]},
        {"all": [{"in_register": True}, {"in_register": False}]},
    ],
)
def test_a_rule_nobody_can_meet_is_unreachable(when: dict[str, Any]) -> None:
    assert codes({"when": when}) == [("rule_0", "unreachable")]


@pytest.mark.parametrize(
    "rule",
    [
        {"tier": "general", "when": {"assistance": ["tekun"]}},
        {"when": {"all": [{"in_register": True}, {"serious_illness": True}, {"age_at_least": 60}]}},
        {"when": {"all": [{"support": "scattered"}, {"age_at_least": 80}]}},
    ],
)
def test_a_rule_for_people_who_have_the_tier_anyway_never_raises_one(rule: dict[str, Any]) -> None:
    assert codes(rule) == [("rule_0", "never_raises")]


def test_of_two_rules_alike_only_the_second_is_named() -> None:
    rule = {"when": {"outreach": ["potential"]}}
    assert codes(rule, rule) == [("rule_1", "never_raises")]


def test_a_rule_that_raises_some_is_not_odd() -> None:
    assert codes({"when": {"all": [{"age_at_least": 80}, {"in_register": True}]}}) == []


def test_a_label_used_twice_cannot_be_told_apart() -> None:
    same = {"label": "在库困难群众", "when": {"age_at_least": 80}}
    assert codes(same) == [("general.in_register", "same_label")]


def test_a_tag_nobody_uses_is_named() -> None:
    assert codes(tags={"living_alone": "独居"}) == [("tags.living_alone", "unused_tag")]


def test_a_draft_that_visits_a_higher_tier_less_often_is_odd() -> None:
    upside_down = {"2026-09-01": {"high": "quarter", "key": "month", "general": "month"}}
    found = check_policy(draft(version=2, effective_on="2026-09-01", frequency=upside_down))
    assert [(finding.rule, finding.code) for finding in found] == [("frequency.high", "not_nested")]


def test_a_draft_is_looked_at_on_every_day_on_which_a_number_changes() -> None:
    upside_down = {"high": "month", "key": "half_year", "general": "quarter"}
    later = draft(version=2, effective_on="2026-09-01", frequency={"2027-01-01": upside_down})
    assert [(one.rule, one.code) for one in check_policy(later)] == [("frequency.key", "not_nested")]
