"""Plain JSON in, decisions or named problems out."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rules.classify import classify_line, classify_person
from rules.coverage import CoverageVersion, parse_coverage
from rules.policies import load_policies
from rules.rulebook import Rulebook

CASES = Path(__file__).parent / "cases" / "tiers.jsonl"
DISTRICT = Rulebook(load_policies())
OLD = {"id": "old", "tier": "key", "label": "高龄", "when": {"age_at_least": 80}}
STREETS = {
    "310117001": Rulebook(load_policies(), [CoverageVersion(1, date(2026, 1, 1), parse_coverage({"rules": [OLD]}))])
}
LINE: dict[str, Any] = {"on": "2026-03-01", "birth_date": "1940-01-01", "facts": []}


def problems(raw: Any) -> dict[str, str]:
    found = classify_line(raw, DISTRICT, STREETS)
    assert isinstance(found, list)
    return {problem.loc: problem.code for problem in found}


def decision(raw: dict[str, Any]) -> dict[str, Any]:
    found = classify_line(raw, DISTRICT, STREETS)
    assert isinstance(found, dict)
    return found


def test_the_worked_cases_can_be_fed_as_they_are() -> None:
    for line in CASES.read_text("utf-8").splitlines():
        case = json.loads(line)
        found = decision(case)
        assert (found["tier"], found["on"]) == (case["tier"], case["on"])
        json.dumps(found)


def test_a_street_gets_its_own_rules_and_one_without_a_document_the_districts() -> None:
    assert decision(LINE)["tier"] == "none"
    assert decision(LINE | {"street": "310117001"})["tier"] == "key"
    assert decision(LINE | {"street": "310117002"})["tier"] == "none"


def test_a_person_alone_is_judged_on_the_day_of_the_request() -> None:
    found = classify_person({"birth_date": None, "facts": []}, DISTRICT, date(2026, 3, 1), "persons.0")
    assert isinstance(found, dict)
    assert found["on"] == "2026-03-01"
    wrong = classify_person({"birth_date": None, "facts": [{}]}, DISTRICT, date(2026, 3, 1), "persons.0")
    assert isinstance(wrong, list)
    assert wrong[0].loc == "persons.0.facts.0.kind"


@pytest.mark.parametrize(
    ("raw", "loc", "code"),
    [
        ([], "person", "type"),
        (LINE | {"steet": "310117001"}, "steet", "unknown_field"),
        (LINE | {"on": None}, "on", "missing"),
        (LINE | {"on": "2026-3-1"}, "on", "date"),
        (LINE | {"on": "2024-07-22"}, "on", "before_policy"),
        (LINE | {"street": 310117001}, "street", "type"),
        (LINE | {"birth_date": "1940"}, "birth_date", "date"),
        (LINE | {"birth_date": "1840-01-01"}, "birth_date", "date"),
        ({"on": "2026-03-01", "facts": []}, "birth_date", "missing"),
        (LINE | {"sex": "m"}, "sex", "enum"),
        (LINE | {"facts": None}, "facts", "missing"),
        (LINE | {"facts": {}}, "facts", "type"),
        (LINE | {"facts": [1]}, "facts.0", "type"),
        (LINE | {"facts": [{"kind": "warning", "valid_from": "2026-01-01"}]}, "facts.0.warning", "missing"),
    ],
)
def test_what_is_wrong_with_a_line_is_named(raw: Any, loc: str, code: str) -> None:
    assert problems(raw) == {loc: code}
