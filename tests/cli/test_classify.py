"""`tanfang classify`: a decision a line, in order, and a broken line named by its number."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ON = "2026-03-31"
DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01", "valid_to": None}
ILLNESS = {"kind": "major_change", "cause": "serious_illness", "valid_from": "2026-03-20", "valid_to": None}
COVERAGE = """
tags: {living_alone: 独居}
rules:
  - {id: old_and_alone, tier: key, label: 80岁以上独居老人, when: {all: [{age_at_least: 80}, {tag: living_alone}]}}
"""


def person(*facts: Mapping[str, object], born: str = "1960-01-01", **more: object) -> str:
    return json.dumps({"on": ON, "birth_date": born, "facts": facts, **more})


def classify(
    lines: list[str], tmp_path: Path, *options: str
) -> tuple[int, list[dict[str, object]], subprocess.CompletedProcess[str]]:
    (tmp_path / "persons.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "classify", str(tmp_path / "persons.jsonl"), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done


def test_answers_come_in_the_order_of_the_questions(tmp_path: Path) -> None:
    asked = [person(DIBAO, ILLNESS), person(DIBAO), person()] * 400
    code, answers, done = classify(asked, tmp_path)
    assert (code, done.stderr) == (0, "")
    assert [answer["tier"] for answer in answers] == ["high", "general", "none"] * 400


def test_a_broken_line_is_named_by_its_number_and_the_others_are_decided(tmp_path: Path) -> None:
    code, answers, done = classify([person(DIBAO), "{broken", "", person(born="1960-02-30"), person()], tmp_path)
    assert code == 1
    assert [answer.get("tier", answer.get("line")) for answer in answers] == ["general", 2, 4, "none"]
    assert "line 2: " in done.stderr
    assert "line 4: birth_date: " in done.stderr
    assert "1960-02-30" not in done.stderr


def test_a_street_with_a_document_adds_its_own_rules_and_another_street_has_the_districts(tmp_path: Path) -> None:
    (tmp_path / "street.yaml").write_text(COVERAGE, "utf-8")
    alone = {"kind": "street_tag", "tag": "living_alone", "valid_from": "2026-01-01", "valid_to": None}
    asked = [person(alone, born="1940-01-01", street=street) for street in ("310117001", "310117002")]
    code, answers, _ = classify(asked, tmp_path, "--coverage", f"310117001={tmp_path / 'street.yaml'}")
    assert code == 0
    assert [answer["tier"] for answer in answers] == ["key", "none"]


@pytest.mark.parametrize("document", ["rules: [", "unknown: 1", "frequency: {high: half_year}"])
def test_a_document_the_service_would_refuse_is_refused_with_its_place(tmp_path: Path, document: str) -> None:
    (tmp_path / "street.yaml").write_text(document, "utf-8")
    code, answers, done = classify([person()], tmp_path, "--coverage", f"310117001={tmp_path / 'street.yaml'}")
    assert (code, answers) == (1, [])
    assert "street.yaml: " in done.stderr
