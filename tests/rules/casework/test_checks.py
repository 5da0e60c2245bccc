"""What the doctor says about casework rules and a street's document."""

from typing import Any

import pytest

from rules.casework.additions import parse_addition
from rules.casework.checks import check_casework
from rules.casework.policies import parse_casework_policy
from tests.rules.casework.cases import POLICY, TIERS, TODAY


def codes(*rules: dict[str, Any]) -> list[tuple[str, str]]:
    listed = [
        {"id": f"rule_{number}", "label": f"规则 {number}", "raises": {"plan": True}} | rule
        for number, rule in enumerate(rules)
    ]
    found = check_casework(POLICY, parse_addition({"rules": listed}), tiers=TIERS)
    return [(oddity.rule, oddity.code) for oddity in found]


def test_nothing_is_odd_about_the_districts_casework_policy() -> None:
    assert check_casework(POLICY, tiers=TIERS) == []


@pytest.mark.parametrize(
    "when",
    [
        {"all": [{"level_at_least": "urgent"}, {"not": {"level_at_least": "risk"}}]},
        {"all": [{"dimension": "health"}, {"dimension": ["economy", "social"]}]},
        {"all": [{"dimension": "health"}, {"sign": "abuse"}]},
        {"all": [{"sign": ["debt", "income_lost"]}, {"not": {"dimension": ["economy", "health"]}}]},
        {"all": [{"sign": "debt"}, {"sign": "acute"}]},
        {"all": [{"sign": "debt"}, {"not": {"sign": ["debt", "acute"]}}]},
        {"all": [{"times_in_a_row": 3}, {"not": {"times_in_a_row": 2}}]},
        {"all": [{"open_dimensions_at_least": 3}, {"not": {"open_dimensions_at_least": 2}}]},
        {"all": [{"level_at_least": "risk"}, {"not": {"open_dimensions_at_least": 1}}]},
        {"all": [{"age_at_least": 80}, {"age_below": 70}]},
        {"all": [{"support": "scattered"}, {"in_register": False}]},
    ],
)
def test_a_rule_no_finding_can_meet_is_unreachable(when: dict[str, Any]) -> None:
    assert codes({"when": when}) == [("rule_0", "unreachable")]


@pytest.mark.parametrize(
    "when",
    [
        {"all": [{"dimension": ["health", "economy"]}, {"sign": ["abuse", "debt"]}]},
        {"all": [{"sign": "debt"}, {"sign": ["income_lost", "rigid_spending"]}]},
        {"all": [{"level_at_least": "watch"}, {"not": {"level_at_least": "risk"}}]},
        {"all": [{"times_in_a_row": 2}, {"not": {"times_in_a_row": 3}}]},
        {"all": [{"level_at_least": "risk"}, {"not": {"open_dimensions_at_least": 2}}]},
    ],
)
def test_a_rule_that_some_finding_meets_is_not_odd(when: dict[str, Any]) -> None:
    assert codes({"when": when}) == []


@pytest.mark.parametrize(
    "rule",
    [
        {
            "when": {"all": [{"level_at_least": "urgent"}, {"dimension": "health"}]},
            "raises": {"need": {"urgency": "normal"}, "follow_up": "risk"},
        },
        {"when": {"sign": "abuse"}, "raises": {"need": {"urgency": "urgent", "category": "family"}}},
        {
            "when": {"all": [{"open_dimensions_at_least": 3}, {"level_at_least": "urgent"}, {"age_at_least": 60}]},
            "raises": {"plan": True},
        },
        {
            "when": {"level_at_least": "urgent"},
            "raises": {"notice": {"to": ["street_advisor"], "words": "急"}, "suggestion": {"text": "建议登记"}},
        },
    ],
)
def test_a_rule_that_raises_what_another_raises_anyway_never_raises_anything(rule: dict[str, Any]) -> None:
    assert codes(rule) == [("rule_0", "never_raises")]


@pytest.mark.parametrize(
    "rule",
    [
        # More of the same findings: another category, more people told, sooner followed up.
        {"when": {"level_at_least": "urgent"}, "raises": {"need": {"urgency": "urgent", "category": "goods"}}},
        {
            "when": {"level_at_least": "urgent"},
            "raises": {"notice": {"to": ["street_advisor", "committee"], "words": "急"}},
        },
        {"when": {"all": [{"level_at_least": "risk"}, {"age_at_least": 80}]}, "raises": {"follow_up": "urgent"}},
        {"when": {"level_at_least": "risk"}, "raises": {"plan": True}},
    ],
)
def test_a_rule_that_raises_more_is_not_odd(rule: dict[str, Any]) -> None:
    assert codes(rule) == []


def test_of_two_rules_alike_only_the_second_is_named() -> None:
    rule = {"when": {"sign": "leak"}}
    assert codes(rule, rule) == [("rule_1", "never_raises")]


def test_two_rules_for_the_same_findings_that_say_different_things_contradict() -> None:
    # Written otherwise, they hold for the same.
    normal = {"when": {"sign": ["leak"]}, "raises": {"need": {"urgency": "normal"}, "plan": True}}
    urgent = {"when": {"all": [{"sign": "leak"}, {"dimension": "housing"}]}, "raises": {"need": {"urgency": "urgent"}}}
    assert codes(normal, urgent) == [("rule_1", "contradicts")]
    apart = {"when": {"sign": "unsafe"}, "raises": {"need": {"urgency": "urgent"}}}
    assert codes(normal, apart) == []
    later = {"when": {"sign": "leak"}, "raises": {"follow_up": "risk", "plan": True}}
    sooner = {"when": {"sign": "leak"}, "raises": {"follow_up": "urgent"}}
    assert codes(later, sooner) == [("rule_1", "contradicts")]


def test_a_rule_that_gives_less_than_a_later_one_for_the_same_findings_is_named_itself() -> None:
    less = {"when": {"sign": "leak"}, "raises": {"need": {"urgency": "normal"}}}
    more = {"when": {"sign": "leak"}, "raises": {"need": {"urgency": "urgent"}, "plan": True}}
    assert codes(less, more) == [("rule_0", "never_raises"), ("rule_1", "contradicts")]


def test_a_label_used_twice_cannot_be_told_apart() -> None:
    assert codes({"label": "走访发现 风险隐患", "when": {"sign": "leak"}}) == [("rule_0", "same_label")]


def test_what_is_urgent_must_not_wait_longer_than_what_is_not() -> None:
    upside_down = parse_casework_policy(
        "limits: {urgent_need_working_days: 5, need_working_days: 3}", version=2, effective_on=TODAY
    )
    assert [(oddity.rule, oddity.code) for oddity in check_casework(upside_down, tiers=TIERS)] == [
        ("limits.urgent_need_working_days", "not_nested")
    ]
    street = parse_addition({"limits": {"follow_up_days": {"risk": 5}}})
    assert [oddity.rule for oddity in check_casework(POLICY, street, tiers=TIERS)] == ["limits.follow_up_days.urgent"]
