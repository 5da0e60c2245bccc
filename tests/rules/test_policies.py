"""Policies and parameters: dated, sourced, complete, and never guessed."""

import pickle
from datetime import date
from typing import Any

import pytest
import yaml

from rules.calendar import Frequency
from rules.documents import DocumentInvalid
from rules.facts import Tier
from rules.parameters import SHAPES
from rules.policies import NotInForce, in_force, load_policies, parse_policy
from rules.rulebook import Rulebook
from tests.rules.drafts import draft, text
from tests.rules.people import aid, person, warning

FIRST = date(2024, 7, 23)
POLICY = load_policies()[0]


def problems(document: str) -> dict[str, str]:
    with pytest.raises(DocumentInvalid) as refused:
        parse_policy(document)
    return {problem.loc.partition(" ")[0]: problem.code for problem in refused.value.problems}


def changed(**changes: Any) -> str:
    return yaml.safe_dump(yaml.safe_load(text(version=2, effective_on="2026-09-01")) | changes, allow_unicode=True)


def test_the_districts_policy_is_in_force_from_the_day_it_was_issued() -> None:
    assert (POLICY.id, POLICY.version, POLICY.effective_on) == ("songjiang-2024-33", 1, FIRST)
    assert {rule.id for rule in POLICY.rules} >= {"high.major_change", "key.serious_illness"}
    assert all(rule.clause.startswith("二（") for rule in POLICY.rules)


def test_every_parameter_has_a_value_and_a_source_from_the_first_day() -> None:
    assert set(POLICY.parameters) == set(SHAPES)
    for name, parameter in POLICY.parameters.items():
        assert POLICY.parameter(name, FIRST).reference
        assert parameter.description
        assert parameter.unit


def test_asking_before_the_first_value_is_an_error_not_a_guess() -> None:
    with pytest.raises(NotInForce):
        POLICY.parameter("recent_days", date(2024, 7, 22))
    with pytest.raises(NotInForce):
        in_force(load_policies(), date(2024, 7, 22))
    with pytest.raises(NotInForce):
        Rulebook(load_policies()).terms(date(2024, 7, 22))
    with pytest.raises(NotInForce):
        Rulebook([]).verdict(person("1970-01-01"), FIRST)


def test_the_districts_terms_are_those_of_the_guidance_and_the_settled_questions() -> None:
    terms = POLICY.terms(FIRST)
    assert terms.frequency == {
        Tier.HIGH: Frequency.MONTH,
        Tier.KEY: Frequency.QUARTER,
        Tier.GENERAL: Frequency.HALF_YEAR,
    }
    assert terms.modes[Tier.HIGH] == ("home_visit",)
    assert set(terms.modes[Tier.KEY]) == {"home_visit", "phone", "building_video", "wechat"}
    assert terms.modes[Tier.NONE] == ("home_visit", "phone")
    assert terms.entry_days == {Frequency.MONTH: 7, Frequency.QUARTER: 30, Frequency.HALF_YEAR: 60}
    assert terms.response_working_days == {"major_change": 5, "warning": 10}
    assert (terms.recent_days, terms.extension_days, terms.confirm_working_days) == (90, 90, 5)
    assert terms.reference("frequency.high") == "沪松民〔2024〕33号 三（一）"
    assert "本地约定" in terms.reference("response_warning_working_days")
    assert [step["after_working_days"] for step in POLICY.parameter("escalation_chain", FIRST).value] == [
        -3,
        1,
        3,
        5,
        10,
    ]


def test_two_versions_live_side_by_side_and_a_verdict_names_its_own() -> None:
    second = draft(version=2, effective_on="2026-09-01")
    rulebook = Rulebook([second, POLICY])
    somebody = person("1970-01-01", aid("dibao_urban"))
    assert rulebook.verdict(somebody, date(2026, 8, 31)).policy_version == 1
    assert rulebook.verdict(somebody, date(2026, 9, 1)).policy_version == 2
    assert in_force((POLICY, second), date(2026, 9, 1)).version == 2


def test_a_parameter_changes_on_its_day() -> None:
    second = draft(version=2, effective_on="2026-09-01", warning_years={"2027-01-01": 2})
    rulebook = Rulebook([POLICY, second])
    warned = person("1970-01-01", warning("2025-06-01"))
    assert rulebook.verdict(warned, date(2026, 12, 31)).tier is Tier.NONE
    assert rulebook.verdict(warned, date(2027, 1, 1)).tier is Tier.GENERAL
    assert rulebook.next_change_on(warned, date(2026, 9, 1)) == date(2027, 1, 1)
    assert second.parameter("warning_years", date(2026, 12, 31)).value == 1


def test_a_district_that_keeps_people_after_they_leave_aid_keeps_them_general() -> None:
    kept = Rulebook([draft(version=2, effective_on="2026-01-01", months_after_leaving={"2026-01-01": 3})])
    left = person("1970-01-01", aid("tekun", until="2026-03-31", support="scattered"))
    assert kept.verdict(left, date(2026, 3, 31)).tier is Tier.KEY
    assert kept.verdict(left, date(2026, 4, 1)).rules == ("general.left_aid",)
    assert kept.next_change_on(left, date(2026, 4, 1)) == date(2026, 7, 1)
    assert Rulebook([POLICY]).verdict(left, date(2026, 4, 1)).tier is Tier.NONE


def test_a_policy_crosses_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(POLICY)) == POLICY


def said(value: object) -> dict[str, object]:
    """A value as a draft says it."""
    return {"value": value, "reference": "a"}


@pytest.mark.parametrize(
    ("changes", "loc", "code"),
    [
        ({"rules": []}, "rules", "missing"),
        ({"version": 0}, "version", "range"),
        ({"effective_on": "soon"}, "effective_on", "date"),
        ({"effective_on": "2020-01-01"}, "parameters.recent_days", "missing"),
        ({"title": None}, "title", "missing"),
        ({"colour": 1}, "colour", "unknown_field"),
        ({"parameters": {"unheard_of": {}}}, "parameters.unheard_of", "unknown_parameter"),
        (
            {"parameters": {"recent_days": {"values": {"2026-09-01": {"value": 10, "reference": "a"}}}}},
            "parameters.recent_days.values.2026-09-01.value",
            "range",
        ),
        (
            {"parameters": {"recent_days": {"values": {"2026-09-01": {"value": 60}}}}},
            "parameters.recent_days.values.2026-09-01.reference",
            "missing",
        ),
        (
            {"parameters": {"frequency": {"values": {"2026-09-01": {"value": {"high": "month"}, "reference": "a"}}}}},
            "parameters.frequency.values.2026-09-01.value.key",
            "missing",
        ),
        (
            {"parameters": {"escalation_hours": {"values": {"2026-09-01": said({"from": "09:75", "to": "17:00"})}}}},
            "parameters.escalation_hours.values.2026-09-01.value.from",
            "time",
        ),
        (
            {"parameters": {"escalation_hours": {"values": {"2026-09-01": said({"from": "17:00", "to": "09:00"})}}}},
            "parameters.escalation_hours.values.2026-09-01.value",
            "order",
        ),
        (
            {"suggestions": [{"rule": "gone", "text": "a", "when": {"in_register": True}}]},
            "suggestions.0.rule",
            "unknown_rule",
        ),
        (
            {
                "rules": [
                    {"id": "a", "tier": "key", "label": "a", "clause": "b", "switch": "c", "when": {"age_below": 9}}
                ]
            },
            "rules.0.switch",
            "unknown_parameter",
        ),
    ],
)
def test_a_wrong_draft_is_refused_with_the_place(changes: dict[str, Any], loc: str, code: str) -> None:
    assert problems(changed(**changes)).get(loc) == code
