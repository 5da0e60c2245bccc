"""Facts are read strictly, and written back as they were."""

import json
import pickle
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rules.facts import Fact, FactInvalid, FactKind, Tier, anniversary, fact_dict, parse_fact
from rules.truths import months_later
from tests.rules.people import random_fact

CASES = Path(__file__).parent / "cases" / "tiers.jsonl"
TAG = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01", "valid_to": None}


def refused(raw: Any) -> dict[str, str]:
    with pytest.raises(FactInvalid) as invalid:
        parse_fact(raw)
    return {problem.loc: problem.code for problem in invalid.value.problems}


def test_a_fact_written_back_is_the_fact_that_was_read() -> None:
    random = Random(1)
    facts = [fact for line in CASES.read_text("utf-8").splitlines() for fact in json.loads(line)["facts"]]
    for raw in [*facts, *(random_fact(random) for _ in range(500))]:
        assert fact_dict(parse_fact(raw)) == raw


def test_what_explains_a_fact_is_written_when_it_is_known() -> None:
    fact = Fact(
        kind=FactKind.MAJOR_CHANGE,
        cause="other",
        valid_from=date(2026, 3, 20),
        extended_until=date(2026, 8, 1),
        recorded_on=date(2026, 3, 21),
        source="/songjiang/hotline",
    )
    assert fact_dict(fact) == {
        "kind": "major_change",
        "cause": "other",
        "valid_from": "2026-03-20",
        "valid_to": None,
        "extended_until": "2026-08-01",
        "recorded_on": "2026-03-21",
        "source": "/songjiang/hotline",
    }


def test_an_empty_field_is_an_absent_one() -> None:
    assert parse_fact(TAG | {"support": None, "cause": None}) == parse_fact(TAG)


@pytest.mark.parametrize(
    ("changes", "loc", "code"),
    [
        ({"kind": None}, "fact.kind", "missing"),
        ({"kind": "pension"}, "fact.kind", "enum"),
        ({"kind": ["assistance"]}, "fact.kind", "enum"),
        ({"tag": None}, "fact.tag", "missing"),
        ({"tag": "potential"}, "fact.tag", "enum"),
        ({"tag": "tekun"}, "fact.support", "missing"),
        ({"support": "scattered"}, "fact.support", "unexpected"),
        ({"cause": "accident"}, "fact.cause", "unknown_field"),
        ({"colour": None}, "fact.colour", "unknown_field"),
        ({"张三 319999": 1}, "fact", "unknown_field"),
        ({"valid_from": None}, "fact.valid_from", "missing"),
        ({"valid_from": "20260101"}, "fact.valid_from", "date"),
        ({"valid_from": "2026-W01-1"}, "fact.valid_from", "date"),
        ({"valid_from": "2026-01-01T00:00:00"}, "fact.valid_from", "date"),
        ({"valid_from": "2026-02-29"}, "fact.valid_from", "date"),
        ({"valid_from": 20260101}, "fact.valid_from", "date"),
        ({"valid_from": "1899-12-31"}, "fact.valid_from", "date"),
        ({"valid_to": "2025-12-31"}, "fact.valid_to", "order"),
        ({"extended_until": "2026-12-31"}, "fact.extended_until", "unknown_field"),
    ],
)
def test_what_is_wrong_with_a_fact_is_named(changes: dict[str, Any], loc: str, code: str) -> None:
    assert refused(TAG | changes) == {loc: code}


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        ({"kind": "outreach"}, ["tag"]),
        ({"kind": "serious_illness"}, ["basis"]),
        ({"kind": "disability"}, ["category", "grade"]),
        ({"kind": "major_change"}, ["cause"]),
        ({"kind": "warning"}, ["warning"]),
        ({"kind": "pause"}, ["reason"]),
        ({"kind": "street_tag"}, ["tag"]),
    ],
)
def test_every_kind_has_what_it_must_say(raw: dict[str, Any], missing: list[str]) -> None:
    assert refused(raw | {"valid_from": "2026-01-01"}) == {f"fact.{name}": "missing" for name in missing}


@pytest.mark.parametrize("grade", [0, 5, True, 1.0, "1"])
def test_a_disability_grade_is_a_whole_number_from_1_to_4(grade: Any) -> None:
    raw = {"kind": "disability", "category": 1, "grade": grade, "valid_from": "2026-01-01"}
    assert refused(raw) == {"fact.grade": "range"}


@pytest.mark.parametrize("tag", ["Living", "独居", "a" * 41, "", "a-b", "a\x00", "a\n"])
def test_a_street_tag_is_a_short_identifier(tag: str) -> None:
    assert refused({"kind": "street_tag", "tag": tag, "valid_from": "2026-01-01"}) == {"fact.tag": "identifier"}


def test_a_street_tag_may_be_called_like_anything() -> None:
    assert parse_fact({"kind": "street_tag", "tag": "tekun", "valid_from": "2026-01-01"}).tag == "tekun"


@pytest.mark.parametrize("raw", [None, [], "fact", 1])
def test_a_fact_is_an_object(raw: Any) -> None:
    assert refused(raw) == {"fact": "type"}


def test_a_refusal_never_repeats_the_value() -> None:
    with pytest.raises(FactInvalid) as invalid:
        parse_fact(TAG | {"tag": "319999196001010040", "valid_to": "319999196001010040"})
    assert "319999" not in str(invalid.value)
    assert pickle.loads(pickle.dumps(invalid.value)).problems == invalid.value.problems


def test_the_end_of_the_calendar_is_no_trouble() -> None:
    fact = parse_fact(TAG | {"valid_to": "9999-12-31"})
    assert fact.valid_to is not None
    assert anniversary(fact.valid_to, 70) == date(9999, 12, 31)


def test_a_leap_day_comes_back_on_28_february() -> None:
    assert anniversary(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert anniversary(date(2028, 2, 29), 4) == date(2032, 2, 29)


@pytest.mark.parametrize(
    ("from_", "months", "until"),
    [
        ("2026-03-20", 6, "2026-09-20"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 12, "2027-12-31"),
        ("9999-06-30", 6, "9999-12-30"),
        ("9999-07-01", 6, "9999-12-31"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(from_: str, months: int, until: str) -> None:
    assert months_later(date.fromisoformat(from_), months) == date.fromisoformat(until)


def test_tiers_are_ordered_by_rank() -> None:
    assert [tier.rank for tier in (Tier.NONE, Tier.GENERAL, Tier.KEY, Tier.HIGH)] == [0, 1, 2, 3]
