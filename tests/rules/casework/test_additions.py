"""Streets may add rules and shorten limits; they may not take away, and what would be lost is named."""

import pickle
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.casework.additions import Addition, AdditionVersion, check_never_narrower, parse_addition
from rules.casework.casebook import Casebook
from rules.casework.codes import Urgency
from rules.casework.limits import SHORTENED_BY_STREETS, LimitName
from rules.casework.outcomes import (
    FactRaised,
    FollowUpRaised,
    Judgement,
    NeedRaised,
    NoticeRaised,
    PlanRaised,
    Raised,
    SuggestionRaised,
)
from rules.casework.policies import parse_casework_policy
from rules.casework.standing import Standing
from rules.conditions import Layer
from rules.coverage import Narrows
from rules.documents import DocumentInvalid
from rules.policies import NotInForce
from tests.rules.casework.cases import POLICY, RULEBOOK, TODAY, in_force, judged, look, random_looks
from tests.rules.casework.documents import random_document
from tests.rules.people import STREET_TAGS, from_raw, random_person

EXAMPLE = """
rules:
  - id: alone_and_old
    label: 80岁以上独居老人
    when: {all: [{sign: alone}, {age_at_least: 80}]}
    raises:
      need: {urgency: normal, category: daily_care}
      follow_up: risk
  - id: housing_watched
    when: {all: [{dimension: [housing]}, {level_at_least: watch}, {times_in_a_row: 2}]}
    raises: {plan: true}
limits: {need_working_days: 5, follow_up_days: {urgent: 5}, call_first_answer_working_minutes: {normal: 120}}
"""
ADDED = {"id": "a", "label": "甲", "when": {"level_at_least": "watch"}, "raises": {"plan": True}}


def narrows(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Narrows) as refused:
        check_never_narrower(parse_addition(document), POLICY, TODAY)
    assert {problem.code for problem in refused.value.problems} == {"narrows"}
    return [(problem.loc, problem.msg) for problem in refused.value.problems]


def problems(document: Any) -> dict[str, str]:
    with pytest.raises(DocumentInvalid) as refused:
        parse_addition(document)
    return {problem.loc: problem.code for problem in refused.value.problems}


def test_a_street_may_add_rules_and_shorten_limits() -> None:
    addition = parse_addition(EXAMPLE)
    check_never_narrower(addition, POLICY, TODAY)
    rules = in_force(addition)
    assert [each.rule.id for each in rules.rules][-2:] == ["alone_and_old", "housing_watched"]
    assert rules.rules[-1].rule.label == "housing_watched"
    assert {each.rule.clause for each in rules.rules[-2:]} == {"四（四）"}
    need = rules.limits[LimitName.NEED]
    assert (need.amount, need.layer) == (5, Layer.STREET)
    assert rules.limits[LimitName.FOLLOW_UP_RISK].layer is Layer.DISTRICT
    assert rules.limits[LimitName.FIRST_ANSWER].amount == 120


@pytest.mark.parametrize("document", ["", "{}", {}, {"rules": [], "limits": None}])
def test_an_empty_document_is_the_district_alone(document: Any) -> None:
    assert parse_addition(document) == Addition()


@pytest.mark.parametrize("name", sorted(SHORTENED_BY_STREETS))
def test_no_limit_is_lengthened_and_who_would_wait_is_named(name: LimitName) -> None:
    district = POLICY.limit(name, TODAY).amount
    parameter, _, part = name.partition(".")

    def limits(amount: int) -> dict[str, Any]:
        return {"limits": {parameter: {part: amount} if part else amount}}

    check_never_narrower(parse_addition(limits(district)), POLICY, TODAY)
    ((loc, msg),) = narrows(limits(district + 1))
    assert loc == f"limits.{name}"
    assert f"全区规定 {district} " in msg
    assert "更" in msg


@pytest.mark.parametrize("name", sorted(set(LimitName) - SHORTENED_BY_STREETS))
def test_what_is_the_districts_alone_to_count_a_street_cannot_set_even_lower(name: LimitName) -> None:
    lowest = POLICY.parameters[name].limits
    assert lowest is not None
    ((loc, _),) = narrows({"limits": {name.value: lowest[0]}})
    assert loc == f"limits.{name}"


def test_a_rule_under_the_id_of_the_districts_would_replace_it_and_what_is_lost_is_named() -> None:
    ((loc, msg),) = narrows({"rules": [ADDED | {"id": "urgent"}]})
    assert loc == "rules.0.id"
    assert "走访发现急需解决的困难”（四（三））" in msg
    assert "需求、回访、通知就没有了" in msg


@pytest.mark.parametrize("key", ["dimensions", "levels", "categories", "title", "widening_clause"])
def test_what_the_district_says_for_all_streets_a_street_cannot_say_otherwise(key: str) -> None:
    ((loc, msg),) = narrows({key: {}})
    assert loc == key
    assert "全区统一" in msg


def test_all_that_would_be_lost_is_named_at_once() -> None:
    document = {"rules": [ADDED | {"id": "risk"}], "limits": {"need_working_days": 11}, "dimensions": {}}
    assert [loc for loc, _ in narrows(document)] == ["rules.0.id", "limits.need_working_days", "dimensions"]


@pytest.mark.parametrize(
    ("document", "loc", "code"),
    [
        ({"colour": 1}, "colour", "unknown_field"),
        ({"limits": {"need_working_days": 0}}, "limits.need_working_days", "range"),
        ({"limits": {"need_working_days": True}}, "limits.need_working_days", "range"),
        ({"limits": {"need_hours": 3}}, "limits.need_hours", "unknown_field"),
        ({"limits": {"follow_up_days": 3}}, "limits.follow_up_days", "type"),
        ({"rules": {"id": "a"}}, "rules", "type"),
        ({"rules": [ADDED, ADDED]}, "rules.1.id", "duplicate"),
        ({"rules": [ADDED | {"clause": "四"}]}, "rules.0.clause", "unknown_field"),
        ({"rules": [ADDED | {"fixed": True}]}, "rules.0.fixed", "unknown_field"),
        ({"rules": [ADDED | {"when": {"sign": "fever"}}]}, "rules.0.when.sign.0", "enum"),
        ({"rules": [ADDED | {"when": {"level": "risk"}}]}, "rules.0.when.level", "unknown_field"),
        ({"rules": [ADDED | {"when": {"tag": "living_alone"}}]}, "rules.0.when.tag", "unknown_tag"),
        # Which facts a visit may state is settled for everybody (B8).
        (
            {"rules": [ADDED | {"raises": {"fact": {"kind": "serious_illness", "basis": "found_on_visit"}}}]},
            "rules.0.raises.fact",
            "unknown_field",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_is(document: Any, loc: str, code: str) -> None:
    assert problems(document) == {loc: code}


def test_a_line_number_is_named_in_yaml() -> None:
    text = "rules:\n  - id: a\n    when:\n      all:\n        - sign: fever\n    raises: {plan: true}\n"
    assert problems(text) == {"rules.0.when.all.0.sign.0 (line 5)": "enum"}


def test_a_tag_of_the_streets_coverage_may_be_asked_for() -> None:
    document = {"rules": [ADDED | {"when": {"tag": "living_alone"}}]}
    assert parse_addition(document, tags=STREET_TAGS).rules[0].rule.id == "a"


def test_rules_wider_than_the_engine_holds_are_refused() -> None:
    either = [{"any": [{"age_at_least": age}, {"age_below": age - 1}]} for age in range(10, 28)]
    wide = parse_addition({"rules": [ADDED | {"when": {"all": either}}]})
    with pytest.raises(DocumentInvalid) as refused:
        check_never_narrower(wide, POLICY, TODAY)
    assert refused.value.problems[0].code == "too_large"


def test_what_the_district_shortens_later_pulls_the_street_along() -> None:
    later = parse_casework_policy("limits: {need_working_days: 3}", version=2, effective_on=date(2026, 10, 1))
    version = AdditionVersion(4, date(2026, 9, 1), parse_addition({"limits": {"need_working_days": 5}}))
    book = Casebook([POLICY, later], [version], rulebook=RULEBOOK)
    assert [book.on(date(2026, month, 20)).limits[LimitName.NEED].amount for month in (8, 9, 10)] == [10, 5, 3]
    assert [book.on(date(2026, month, 20)).addition_version for month in (8, 9, 10)] == [None, 4, 4]
    assert [book.on(date(2026, month, 20)).policy.version for month in (8, 9, 10)] == [1, 1, 2]
    assert book.changes_on(date(2026, 8, 20)) == date(2026, 9, 1)
    assert book.changes_on(date(2026, 10, 1)) is None
    with pytest.raises(NotInForce):
        book.on(date(2024, 7, 22))


def test_a_document_crosses_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(parse_addition(EXAMPLE))) == parse_addition(EXAMPLE)


def lost(district: Judgement, street: Judgement) -> list[Raised]:
    """What the district raises and the street does not, as soon, as urgently, and to as many."""
    return [each for each in district.raised if not any(_as_good(each, other) for other in street.raised)]


def _as_good(each: Raised, other: Raised) -> bool:
    # Every rule that gave cause gives it still.
    if not isinstance(each, SuggestionRaised) and not set(each.causes) <= set(other.causes):
        return False
    match each, other:
        case NeedRaised(), NeedRaised():
            urgent = other.urgency is Urgency.URGENT or other.urgency is each.urgency
            return other.category is each.category and urgent and other.due_on <= each.due_on
        case SuggestionRaised(), SuggestionRaised():
            return (other.category, other.text) == (each.category, each.text)
        case SuggestionRaised(), NeedRaised():
            # The need itself is more than the hint to open one.
            return other.category is each.category
        case PlanRaised(), PlanRaised():
            return other.due_on <= each.due_on
        case FollowUpRaised(), FollowUpRaised():
            return other.dimension is each.dimension and other.due_on <= each.due_on
        case FactRaised(), FactRaised():
            return (other.fact, other.valid_from) == (each.fact, each.valid_from)
        case NoticeRaised(), NoticeRaised():
            return (other.to, other.words) == (each.to, each.words)
        case _:
            return False


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_no_accepted_document_ever_lengthens_a_limit_or_loses_a_raise(random: Random) -> None:
    document = random_document(random)
    try:
        check_never_narrower(parse_addition(document, STREET_TAGS), POLICY, TODAY)
    except Narrows as refused:
        for problem in refused.problems:
            document["limits"].pop(problem.loc.split(".")[1], None)
    addition = parse_addition(document, STREET_TAGS)
    check_never_narrower(addition, POLICY, TODAY)
    district, street = in_force(), in_force(addition)
    assert all(street.limits[name].amount <= limit.amount for name, limit in district.limits.items())
    for _ in range(10):
        person = from_raw(random_person(random))
        history, looks = random_looks(random), random_looks(random, days=5)
        before = Standing(findings=judged(*history, rules=district, person=person).findings)
        ours = judged(*looks, rules=district, standing=before, person=person)
        theirs = judged(*looks, rules=street, standing=before, person=person)
        assert lost(ours, theirs) == []
        assert theirs.findings == ours.findings


def test_the_property_would_notice_a_loss() -> None:
    district = judged(look("health", "urgent"), look("economy", "risk"))
    milder = judged(look("health", "risk"), look("economy", "risk"))
    assert {raised.kind for raised in lost(district, milder)} == {"need", "follow_up", "notice"}
