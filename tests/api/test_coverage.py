"""Streets widen coverage, never narrow it; what a change would do is shown before it is made."""

import json
from datetime import date
from typing import Any

import pytest

from tests.api.door import Door, is_problem
from tests.world import STREET

POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
PATH = f"/v1/streets/{STREET}/coverage"
WIDER = """
tags:
  living_alone: 独居
rules:
  - id: events_count_for_expenditure_poor
    tier: high
    label: 遭遇重大变故的支出型贫困对象
    when: {all: [{assistance: [expenditure_poor]}, {major_change_open: true}]}
  - id: alone
    tier: key
    label: 独居困难群众
    when: {all: [{in_register: true}, {tag: living_alone}]}
frequency: {general: quarter}
"""


@pytest.fixture
def manager(door: Door) -> dict[str, str]:
    return door.person("street_manager")


def put(door: Door, by: dict[str, str], document: Any, effective_on: str = "2026-03-20") -> Any:
    body = {"document": document, "effective_on": effective_on, "comment": "街道办公会议"}
    return door.client.put(PATH, headers=by, json=body)


def test_a_wider_coverage_takes_effect_the_same_day_and_names_its_rule(door: Door, manager: dict[str, str]) -> None:
    person = door.world.register(POOR)
    door.world.send("change.accident", person, happened_on="2026-03-20")
    assert person.tier == "general"
    decision = door.get(f"/v1/residents/{person.id}/decision", manager)
    assert [one["rule"] for one in decision["suggestions"]] == ["high.major_change"]

    assert put(door, manager, WIDER).json() == {"version": 1}
    door.world.settle()
    assert person.tier == "high"
    decision = door.get(f"/v1/residents/{person.id}/decision", manager)
    assert decision["coverage_version"] == 1
    assert decision["reasons"][0] | {"facts": None} == {
        "rule": "events_count_for_expenditure_poor",
        "tier": "high",
        "clause": "二（三）",
        "label": "遭遇重大变故的支出型贫困对象",
        "layer": "street",
        "facts": None,
    }
    # Yesterday is still decided by the rules of yesterday.
    assert door.get(f"/v1/residents/{person.id}/decision", manager, on="2026-03-19")["coverage_version"] is None


def test_a_coverage_of_a_later_day_takes_effect_on_that_day_by_itself(door: Door, manager: dict[str, str]) -> None:
    person = door.world.register(EDGE)
    assert person.duties()["2026-H1"].state == "open"
    assert put(door, manager, {"frequency": {"general": "quarter"}}, "2026-04-01").status_code == 201
    shown = door.get(PATH, manager)
    assert (shown["in_force"], [one["version"] for one in shown["versions"]]) == (None, [1])
    door.world.go_to(date(2026, 3, 31))
    assert list(person.duties()) == ["2026-H1"]
    newcomer = door.world.register(EDGE)
    door.world.go_to(date(2026, 4, 1))
    for one in (person, newcomer):
        duties = {period: duty.state for period, duty in one.duties().items()}
        assert duties == {"2026-H1": "cancelled", "2026-Q2": "open"}
    assert door.get(PATH, manager)["in_force"]["version"] == 1


def test_a_street_tag_is_recordable_and_counts(door: Door, manager: dict[str, str]) -> None:
    person = door.world.register(EDGE)
    put(door, manager, WIDER)
    fact = {"kind": "street_tag", "tag": "living_alone", "valid_from": "2026-03-01"}
    answer = door.client.post(f"/v1/residents/{person.id}/facts", headers=manager, json=fact)
    assert answer.status_code == 202, answer.text
    door.world.settle()
    assert person.tier == "key"
    undeclared = {**fact, "tag": "left_handed"}
    refused = door.client.post(f"/v1/residents/{person.id}/facts", headers=manager, json=undeclared)
    assert is_problem(refused, 422)


def test_less_than_the_district_is_refused_and_names_the_key(door: Door, manager: dict[str, str]) -> None:
    # Example 9: key once per half-year.
    refused = put(door, manager, {"frequency": {"key": "half_year"}})
    assert is_problem(refused, 422, "narrows")
    assert any("frequency.key" in error["loc"] for error in refused.json()["errors"])
    assert door.get(PATH, manager)["versions"] == []


def test_a_document_that_cannot_be_read_names_the_line(door: Door, manager: dict[str, str]) -> None:
    refused = put(door, manager, "rules:\n  - id: old\n    tier: key\n    label: 高龄\n    when: {age_atleast: 80}\n")
    assert is_problem(refused, 422, "document_invalid")
    assert "line 5" in refused.json()["errors"][0]["loc"]


def test_only_the_streets_own_manager_and_the_district_set_it(door: Door) -> None:
    elsewhere = door.person("street_manager", street="310117002")
    assert is_problem(put(door, elsewhere, {}), 404)
    assert is_problem(put(door, door.person("street_advisor"), {}), 403)
    assert put(door, door.person("district_officer"), {}).status_code == 201


def test_a_rollback_is_a_new_version_in_force_from_today(door: Door, manager: dict[str, str]) -> None:
    person = door.world.register(POOR)
    door.world.send("change.accident", person, happened_on="2026-03-20")
    put(door, manager, WIDER)
    door.world.settle()
    assert person.tier == "high"
    answer = door.client.post(f"{PATH}/rollback", headers=manager, json={"version": 0})
    assert answer.json() == {"version": 2}
    door.world.settle()
    assert person.tier == "general"
    assert door.get(PATH, manager)["in_force"]["version"] == 2
    assert is_problem(door.client.post(f"{PATH}/rollback", headers=manager, json={"version": 9}), 404)


def test_a_preview_shows_who_changes_and_writes_nothing(door: Door, manager: dict[str, str]) -> None:
    touched = door.world.register(POOR)
    door.world.send("change.accident", touched, happened_on="2026-03-20")
    for _ in range(3):
        door.world.register(EDGE)
    door.world.user(capacity=1)
    answer = door.client.post(f"{PATH}/preview", headers=manager, json={"document": WIDER})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["people"] == {
        "before": {"high": 0, "key": 0, "general": 4, "none": 0},
        "after": {"high": 1, "key": 0, "general": 3, "none": 0},
    }
    assert shown["changed"] == [
        {
            "resident_id": str(touched.id),
            "from": "general",
            "to": "high",
            "rule": "events_count_for_expenditure_poor",
        }
    ]
    assert shown["changed_total"] == 1
    # Four half-yearly visits before; one monthly and three quarterly after.
    assert shown["visits_per_month"] == {"before": 0.7, "after": 2.0}
    assert shown["capacity"] == {"visits_per_month": 1, "short_by": 1.0}
    assert touched.tier == "general"
    assert door.get(PATH, manager)["versions"] == []


def test_a_preview_tells_its_progress_to_those_who_ask(door: Door, manager: dict[str, str]) -> None:
    door.world.register(EDGE)
    answer = door.client.post(
        f"{PATH}/preview", headers={**manager, "Accept": "application/x-ndjson"}, json={"document": WIDER}
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["progress"] for line in lines[:-1]] == [{"done": 0, "of": 1}, {"done": 1, "of": 1}]
    assert lines[-1]["result"]["on"] == "2026-03-20"


def test_two_policies_live_side_by_side_and_a_decision_names_the_one_it_used(door: Door) -> None:
    officer = door.person("district_officer")
    person = door.world.register(POOR)
    door.world.send("change.accident", person, happened_on="2026-03-20")
    [first] = door.get("/v1/policies", officer)["items"]
    assert (first["id"], first["version"], first["state"]) == ("songjiang-2024-33", 1, "in_force")
    draft = (
        first["document"]
        .replace("version: 1", "version: 2", 1)
        .replace("effective_on: 2024-07-23", "effective_on: 2026-04-01", 1)
        .replace("[dibao_urban, dibao_rural, dibao_edge]", "[dibao_urban, dibao_rural, dibao_edge, expenditure_poor]")
    )
    assert draft != first["document"]
    preview = door.client.post("/v1/policies/preview", headers=officer, json={"document": draft})
    assert preview.json()["changed_total"] == 1, preview.text
    answer = door.client.post("/v1/policies", headers=officer, json={"document": draft, "comment": "试行期满"})
    assert answer.json() == {"id": "songjiang-2024-33", "version": 2, "effective_on": "2026-04-01"}
    assert is_problem(
        door.client.post("/v1/policies", headers=officer, json={"document": draft, "comment": "again"}), 409
    )
    door.world.go_to(date(2026, 4, 1))
    assert person.tier == "high"
    path = f"/v1/residents/{person.id}/decision"
    assert door.get(path, officer)["policy"] == {"id": "songjiang-2024-33", "version": 2}
    assert door.get(path, officer, on="2026-03-31")["policy"] == {"id": "songjiang-2024-33", "version": 1}


def test_a_draft_with_a_rule_that_can_never_fire_is_refused(door: Door) -> None:
    officer = door.person("district_officer")
    [first] = door.get("/v1/policies", officer)["items"]
    draft = (
        first["document"]
        .replace("version: 1", "version: 2", 1)
        .replace("effective_on: 2024-07-23", "effective_on: 2026-04-01", 1)
    )
    never = """rules:
  - id: high.never
    tier: high
    clause: 二（一）
    label: 永不成立
    when: {all: [{age_at_least: 80}, {age_below: 70}]}
"""
    refused = door.client.post(
        "/v1/policies", headers=officer, json={"document": draft.replace("rules:\n", never, 1), "comment": "x"}
    )
    assert is_problem(refused, 422, "document_invalid")
    assert refused.json()["errors"][0]["code"] == "unreachable"
