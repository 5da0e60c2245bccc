"""Streets may add; they may not take away."""

import pickle
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.calendar import Frequency
from rules.coverage import Coverage, CoverageVersion, Narrows, check_never_narrower, parse_coverage
from rules.documents import DocumentInvalid
from rules.facts import TIERS, Tier
from rules.policies import load_policies
from rules.rulebook import Rulebook
from tests.rules.drafts import draft
from tests.rules.overlays import random_document
from tests.rules.people import from_raw, random_day, random_person

ON = date(2026, 3, 1)
POLICY = load_policies()[0]

EXAMPLE = """
tags:                       # facts this street keeps beyond the district's
  living_alone: 独居
rules:
  - id: old_and_alone
    tier: key
    label: 80岁以上独居老人
    when: {all: [{age_at_least: 80}, {tag: living_alone}]}
  - id: events_count_for_expenditure_poor
    tier: high
    label: 遭遇重大变故的支出型贫困对象
    when: {all: [{assistance: [expenditure_poor]}, {major_change_open: true}]}
frequency: {general: quarter}      # never less often than the district
modes: {key: [home_visit]}         # never more modes than the district
limits: {response_major_change_working_days: 3, response_warning_working_days: 5, recent_days: 120}
"""


def narrows(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Narrows) as refused:
        check_never_narrower(parse_coverage(document), POLICY, ON)
    assert {problem.code for problem in refused.value.problems} == {"narrows"}
    return [(problem.loc, problem.msg) for problem in refused.value.problems]


def problems(document: object) -> dict[str, str]:
    with pytest.raises(DocumentInvalid) as refused:
        parse_coverage(document)  # type: ignore[arg-type]
    return {problem.loc: problem.code for problem in refused.value.problems}


def test_the_contracts_example_is_accepted_and_changes_the_terms() -> None:
    coverage = parse_coverage(EXAMPLE)
    check_never_narrower(coverage, POLICY, ON)
    terms = Rulebook([POLICY], [CoverageVersion(1, ON, coverage)]).terms(ON)
    assert terms.frequency[Tier.GENERAL] is Frequency.QUARTER
    assert terms.modes[Tier.KEY] == ("home_visit",)
    assert terms.response_working_days == {"major_change": 3, "warning": 5}
    assert (terms.recent_days, terms.coverage_version) == (120, 1)


@pytest.mark.parametrize("document", ["", "{}", {}, "rules:\ntags:\n", {"rules": [], "limits": None}])
def test_an_empty_document_is_the_district_alone(document: Any) -> None:
    assert parse_coverage(document) == Coverage()


def test_json_text_and_yaml_text_read_alike() -> None:
    text = '{"tags": {"a": "\\u72ec\\/\\u5c45"}, "rules": []}'
    assert parse_coverage(text) == parse_coverage("tags: {a: 独/居}") == parse_coverage({"tags": {"a": "独/居"}})


def test_key_people_only_every_half_year_is_refused() -> None:
    ((loc, msg),) = narrows({"frequency": {"key": "half_year"}})
    assert loc == "frequency.key"
    assert "所有重点对象" in msg


def test_a_general_month_beside_a_key_quarter_would_lower_who_rises() -> None:
    ((loc, msg),) = narrows({"frequency": {"general": "month"}})
    assert loc == "frequency.general"
    assert "由一般升为重点的人" in msg
    assert "frequency.key" in msg


def test_general_home_visits_beside_key_phone_calls_would_loosen_who_rises() -> None:
    ((loc, msg),) = narrows({"modes": {"general": ["home_visit"]}})
    assert loc == "modes.general"
    assert "phone" in msg


def test_a_mode_the_district_does_not_credit_is_refused() -> None:
    assert ("modes.high", "高风险对象的走访会可以用`phone`代替，区里不认可这些方式。") in narrows(
        {"modes": {"high": ["home_visit", "phone"]}}
    )


@pytest.mark.parametrize(
    ("limit", "days", "who"),
    [
        ("response_major_change_working_days", 6, "发生重大变故的人"),
        ("response_warning_working_days", 11, "被推送因病致贫预警的人"),
        ("recent_days", 89, "低保、低保边缘对象"),
    ],
)
def test_a_limit_kinder_to_the_office_than_the_districts_is_refused(limit: str, days: int, who: str) -> None:
    ((loc, msg),) = narrows({"limits": {limit: days}})
    assert loc == f"limits.{limit}"
    assert who in msg


@pytest.mark.parametrize(
    ("document", "loc", "code"),
    [
        ({"frequencies": {}}, "frequencies", "unknown_field"),
        ({"tags": {"tekun": "特困"}}, "tags.tekun", "reserved"),
        ({"tags": {"Living": "独居"}}, "tags", "identifier"),
        ({"tags": {"a": ""}}, "tags.a", "text"),
        ({"frequency": {"none": "month"}}, "frequency.none", "unknown_field"),
        ({"frequency": {"key": "week"}}, "frequency.key", "enum"),
        ({"modes": {"key": []}}, "modes.key", "type"),
        ({"modes": {"key": ["fax"]}}, "modes.key.0", "enum"),
        ({"limits": {"recent_days": 0}}, "limits.recent_days", "range"),
        ({"limits": {"recent_days": True}}, "limits.recent_days", "range"),
        ({"limits": {"response_days": 3}}, "limits.response_days", "unknown_field"),
        ({"rules": {"id": "a"}}, "rules", "type"),
        ({"rules": [{"id": "a", "tier": "none", "label": "a", "when": {"age_below": 1}}]}, "rules.0.tier", "enum"),
        ({"rules": [{"id": "1", "tier": "key", "label": "a", "when": {"age_below": 1}}]}, "rules.0.id", "identifier"),
        ({"rules": [{"id": "a", "label": "a", "when": {"age_below": 1}}]}, "rules.0.tier", "missing"),
        ({"rules": [{"id": "a", "tier": "key", "label": "a"}]}, "rules.0.when", "missing"),
        (
            {"rules": [{"id": "a", "tier": "key", "label": "a", "when": {"tag": "b"}}]},
            "rules.0.when.tag",
            "unknown_tag",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_is(document: dict[str, Any], loc: str, code: str) -> None:
    assert problems(document) == {loc: code}


def test_a_street_rule_without_a_label_is_called_by_its_id() -> None:
    (rule,) = parse_coverage({"rules": [{"id": "a", "tier": "key", "when": {"age_below": 1}}]}).rules
    assert rule.label == "a"


def test_a_rule_id_is_given_once_and_not_taken_from_the_district() -> None:
    rule = {"id": "a", "tier": "key", "label": "a", "when": {"in_register": True}}
    assert problems({"rules": [rule, rule]}) == {"rules.1.id": "duplicate"}
    taken = parse_coverage({"rules": [rule | {"id": "high.major_change"}]})
    with pytest.raises(DocumentInvalid):
        check_never_narrower(taken, POLICY, ON)


def test_rules_wider_than_the_engine_holds_are_refused_when_saved() -> None:
    either = [{"any": [{"age_at_least": age}, {"age_below": age - 1}]} for age in range(10, 28)]
    wide = parse_coverage({"rules": [{"id": "wide", "tier": "key", "label": "a", "when": {"all": either}}]})
    with pytest.raises(DocumentInvalid) as refused:
        check_never_narrower(wide, POLICY, ON)
    assert refused.value.problems[0].code == "too_large"


def test_a_refusal_survives_the_way_back_from_another_process() -> None:
    with pytest.raises(Narrows) as refused:
        check_never_narrower(parse_coverage({"frequency": {"key": "half_year"}}), POLICY, ON)
    again = pickle.loads(pickle.dumps(refused.value))
    assert (type(again), again.problems) == (Narrows, refused.value.problems)
    assert pickle.loads(pickle.dumps(parse_coverage(EXAMPLE))) == parse_coverage(EXAMPLE)


def test_a_district_that_later_grows_stricter_pulls_the_street_along() -> None:
    street = CoverageVersion(1, ON, parse_coverage({"limits": {"recent_days": 100}}))
    later = draft(
        version=2,
        effective_on="2026-07-01",
        recent_days={"2026-07-01": 120},
        frequency={"2026-07-01": {"high": "month", "key": "month", "general": "quarter"}},
    )
    terms = Rulebook([POLICY, later], [street]).terms(date(2026, 7, 1))
    assert (terms.recent_days, terms.frequency[Tier.KEY]) == (120, Frequency.MONTH)


def test_a_district_that_later_opens_a_tier_does_not_open_it_beyond_the_streets_tier_below() -> None:
    street = CoverageVersion(1, ON, parse_coverage({"modes": {"key": ["home_visit"]}}))
    opened = {"high": ["home_visit", "phone"], "key": ["home_visit", "phone"], "general": ["home_visit", "phone"]}
    later = draft(version=2, effective_on="2026-07-01", modes={"2026-07-01": opened | {"none": ["phone"]}})
    terms = Rulebook([POLICY, later], [street]).terms(date(2026, 7, 1))
    assert [terms.modes[tier] for tier in TIERS] == [("home_visit",), ("home_visit",), ("home_visit", "phone")]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_no_accepted_document_ever_lowers_anyone(random: Random) -> None:
    document = random_document(random)
    try:
        check_never_narrower(parse_coverage(document), POLICY, POLICY.effective_on)
    except Narrows as refused:
        for problem in refused.problems:
            document.pop(problem.loc.partition(".")[0], None)
    coverage = parse_coverage(document)
    check_never_narrower(coverage, POLICY, POLICY.effective_on)
    district, street = Rulebook([POLICY]), Rulebook([POLICY], [CoverageVersion(1, POLICY.effective_on, coverage)])
    for _ in range(10):
        somebody, on = from_raw(random_person(random)), max(random_day(random), POLICY.effective_on)
        before, after = district.verdict(somebody, on), street.verdict(somebody, on)
        assert after.tier.rank >= before.tier.rank
        assert set(before.rules) <= set(after.rules)
        theirs, ours = district.terms(on), street.terms(on)
        if before.tier is not Tier.NONE:
            assert ours.frequency[after.tier].months <= theirs.frequency[before.tier].months
            assert set(ours.modes[after.tier]) <= set(theirs.modes[before.tier])
        assert ours.recent_days >= theirs.recent_days
        assert all(ours.response_working_days[news] <= days for news, days in theirs.response_working_days.items())


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_the_document_and_the_district_later_every_tier_is_treated_as_well_as_the_one_below(
    random: Random,
) -> None:
    street = CoverageVersion(1, ON, parse_coverage(random_document(random)))
    often = sorted(random.choices(list(Frequency), k=3), key=lambda each: each.months)
    later = draft(
        version=2,
        effective_on="2026-07-01",
        frequency={"2026-07-01": dict(zip(("high", "key", "general"), map(str, often), strict=True))},
    )
    terms = Rulebook([POLICY, later], [street]).terms(date(2026, 7, 1))
    months = [terms.frequency[tier].months for tier in TIERS]
    assert months == sorted(months)
    assert all(terms.frequency[tier].months <= each.months for tier, each in zip(TIERS, often, strict=True))
    assert all(terms.modes[tier] for tier in TIERS)
