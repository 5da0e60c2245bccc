"""Residents over HTTP: masked by default, explained over time, corrected through the inbox."""

import os
import signal
from datetime import date
from typing import Any

import pytest

from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, STREET

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
TEKUN = {"kind": "assistance", "tag": "tekun", "support": "scattered", "valid_from": "2026-01-01"}
NUMBER = "319999196001010040"


def known(door: Door) -> str:
    """A resident of whom everything is known."""
    person = {
        "id_number": NUMBER,
        "name": "欧阳明月",
        "street": STREET,
        "committee": COMMITTEE,
        "phone": "13912345678",
        "address": "测试路1弄2号301室",
    }
    door.world.accept(door.world.event("resident.registered", {"person": person, "facts": [DIBAO]}))
    door.world.settle()
    [row] = door.world.rows("SELECT resident_id FROM resident")
    return str(row.resident_id)


def test_personal_fields_are_masked_and_shown_against_a_reason_only(door: Door) -> None:
    resident, officer, advisor = known(door), door.person("district_officer"), door.person("committee_advisor")
    whole = door.client.get(f"/v1/residents/{resident}", headers=officer)
    shown = whole.json()
    assert (shown["name"], shown["id_number"], shown["phone"]) == ("欧阳*", "**************0040", "139****5678")
    assert (shown["birth_year"], shown["age"], shown["place"]) == (1960, 66, shown["committee_name"])
    listed = door.client.get("/v1/residents", headers=officer)
    for answer in (whole, listed):
        for secret in (NUMBER, "明月", "13912345678", "测试路", "1960-01-01"):
            assert secret not in answer.text
    # Whoever must visit them reads name and building, and of the rest no more than the others.
    for path in (f"/v1/residents/{resident}", "/v1/residents"):
        answer = door.client.get(path, headers=advisor)
        assert "欧阳明月" in answer.text
        for secret in (NUMBER, "13912345678", "1960-01-01", "301室"):
            assert secret not in answer.text
    path = f"/v1/residents/{resident}/reveal"
    for field, value in (
        ("id_number", NUMBER),
        ("phone", "13912345678"),
        ("address", "测试路1弄2号301室"),
        ("name", "欧阳明月"),
        ("birth_date", "1960-01-01"),
    ):
        answer = door.client.post(path, headers=advisor, json={"field": field, "reason": "上门前电话联系"})
        assert answer.json() == {"field": field, "value": value}
    assert is_problem(door.client.post(path, headers=advisor, json={"field": "phone", "reason": " "}), 422)
    assert is_problem(door.client.post(path, headers=advisor, json={"field": "tier", "reason": "x"}), 422)


@pytest.mark.parametrize("written", [NUMBER, "319999 19600101 0040", "３１９９９９１９６００１０１００４０"])
def test_a_resident_is_found_by_id_number_however_it_is_written(door: Door, written: str) -> None:
    resident = known(door)
    answer = door.client.post(
        "/v1/residents/lookup", headers=door.person("street_advisor"), json={"id_number": written}
    )
    assert answer.json()["resident_id"] == resident


def test_an_unknown_or_impossible_id_number_finds_nobody(door: Door) -> None:
    known(door)
    advisor = door.person("committee_advisor")
    other = {"id_number": "319999195512310024"}
    assert is_problem(door.client.post("/v1/residents/lookup", headers=advisor, json=other), 404)
    outside = door.person("committee_advisor", committees=["310117001002"])
    assert is_problem(door.client.post("/v1/residents/lookup", headers=outside, json={"id_number": NUMBER}), 404)
    wrong = door.client.post("/v1/residents/lookup", headers=advisor, json={"id_number": "319999196001010041"})
    assert is_problem(wrong, 422, "id_number")
    assert "319999196001010041" not in wrong.text


def test_residents_are_listed_by_street_committee_and_tier(door: Door) -> None:
    officer = door.person("district_officer")
    resident = known(door)
    other = door.resident(DIBAO, CHANGE, committee="310117002003")
    ids = lambda **query: {one["resident_id"] for one in door.get("/v1/residents", officer, **query)["items"]}  # noqa: E731  # said twice below
    assert ids() == {resident, other}
    assert ids(street="310117002") == {other}
    assert ids(committee=COMMITTEE) == {resident}
    assert ids(tier="high") == {other}
    # Nothing about a person stands in an address.
    refused = door.client.get("/v1/residents", headers=officer, params={"q": "欧阳"})
    assert is_problem(refused, 422, "unknown_parameter")
    page = door.get("/v1/residents", officer, limit=1)
    assert ids(limit=1, cursor=page["next_cursor"]) == ids() - {page["items"][0]["resident_id"]}


def test_a_decision_is_explained_with_reasons_near_misses_and_the_next_change(door: Door) -> None:
    advisor = door.person("committee_advisor")
    born = date(1956, 7, 15)
    resident = str(door.world.register(TEKUN, born=born).row.resident_id)
    path = f"/v1/residents/{resident}/decision"
    today = door.get(path, advisor)
    assert (today["resident_id"], today["on"], today["tier"]) == (resident, "2026-03-20", "key")
    assert today["next_change_on"] == "2026-07-15"
    assert today["near_misses"][0]["true_from"] == "2026-07-15"
    assert today["policy"] == {"id": "songjiang-2024-33", "version": 1}
    assert door.get(path, advisor, on="2026-07-15")["tier"] == "high"
    assert door.get(path, advisor, as_known_on="2026-03-19")["tier"] == "none"
    assert is_problem(door.client.get(path, headers=advisor, params={"on": "2020-01-01"}), 422, "before_policy")
    assert is_problem(door.client.get(path, headers=advisor, params={"on": "yesterday"}), 422)


def test_a_fact_recorded_on_screen_goes_the_way_of_all_news(door: Door) -> None:
    advisor, resident = door.person("committee_advisor"), door.resident(DIBAO)
    path = f"/v1/residents/{resident}"
    answer = door.client.post(f"{path}/facts", headers=advisor, json=CHANGE)
    assert answer.status_code == 202, answer.text
    door.world.settle()
    assert door.get(path, advisor)["tier"] == "high"
    told = [one for one in door.get(f"{path}/timeline", advisor)["items"] if one["what"] == "alert"]
    assert told[-1]["alert_id"] == answer.json()["alert_id"]
    [duty] = [one for one in door.get(f"{path}/duties", advisor)["items"] if one["kind"] == "response"]
    assert (duty["due_on"], duty["limit"], duty["state"]) == ("2026-03-27", "local", "open")
    assert door.get(f"{path}/duties", advisor, to="2025-12-31")["items"] == []
    wrong = door.client.post(f"{path}/facts", headers=advisor, json={**CHANGE, "cause": "bad luck"})
    assert is_problem(wrong, 422)
    assert wrong.json()["errors"][0]["loc"] == "cause"
    found = {
        "kind": "serious_illness",
        "basis": "found_on_visit",
        "valid_from": "2026-03-20",
        "confirmed_on": "2026-03-20",
    }
    assert is_problem(door.client.post(f"{path}/facts", headers=advisor, json=found), 403)


def test_a_confirmed_correction_changes_the_register_and_the_decision(door: Door) -> None:
    advisor = door.person("street_advisor")
    resident = str(door.world.register(TEKUN, born=date(1960, 1, 1)).row.resident_id)
    path = f"/v1/residents/{resident}"
    body = {"birth_date": "1950-01-01", "phone": "021-5777 0000", "name": "张三丰"}
    assert door.client.patch(path, headers=advisor, json=body).status_code == 202
    door.world.settle()
    shown = door.get(path, advisor)
    assert (shown["birth_year"], shown["phone"], shown["name"], shown["tier"]) == (
        1950,
        "021******0000",
        "张三丰",
        "high",
    )
    for wrong in ({}, {"birth_date": "2027-01-01"}, {"phone": "call me"}, {"tier": "none"}):
        assert is_problem(door.client.patch(path, headers=advisor, json=wrong), 422)
    assert is_problem(door.client.patch(path, headers=door.person("visitor"), json=body), 404)


def test_a_pairing_names_somebody_of_the_street(door: Door) -> None:
    street, advisor, resident = door.person("street_advisor"), door.person("committee_advisor"), door.resident(DIBAO)
    path = f"/v1/residents/{resident}/pairing"
    paired = door.client.put(path, headers=street, json={"user_id": door.id_of(advisor)})
    assert paired.json()["paired_user_id"] == door.id_of(advisor)
    assert door.client.put(path, headers=street, json={"user_id": None}).json()["paired_user_id"] is None
    elsewhere = door.person("committee_advisor", street="310117002", committees=["310117002003"])
    assert is_problem(door.client.put(path, headers=street, json={"user_id": door.id_of(elsewhere)}), 422)
    assert is_problem(door.client.put(path, headers=advisor, json={"user_id": None}), 403)


def judged(door: Door, headers: dict[str, str], **body: Any) -> Any:
    return door.client.post("/v1/classify", headers=headers, json={"on": "2026-03-31", **body})


def test_the_rules_alone_judge_persons_given_in_the_request(door: Door) -> None:
    persons = [{"birth_date": "1960-01-01", "facts": [DIBAO, CHANGE]}, {"birth_date": None, "facts": []}]
    for headers in (door.key("classify"), door.person("committee_advisor")):
        answer = judged(door, headers, persons=persons, street=STREET)
        assert [one["tier"] for one in answer.json()["decisions"]] == ["high", "none"]
    assert is_problem(judged(door, door.key("alerts:write"), persons=persons), 403)
    assert is_problem(judged(door, door.person("visitor"), persons=persons), 403)
    wrong = judged(door, door.key("classify"), persons=[persons[0], {"birth_date": "x", "facts": []}])
    assert is_problem(wrong, 422)
    assert wrong.json()["errors"][0]["loc"] == "persons[1].birth_date"
    assert is_problem(judged(door, door.key("classify"), persons=persons, street="310117999"), 422)
    assert is_problem(judged(door, door.key("classify"), persons=persons, on="2020-01-01"), 422)


def test_ten_thousand_persons_are_judged_at_once_and_one_more_is_too_many(door: Door) -> None:
    headers, persons = door.key("classify"), [{"birth_date": "1960-01-01", "facts": [DIBAO, CHANGE]}] * 10_000
    assert len(judged(door, headers, persons=persons).json()["decisions"]) == 10_000
    assert is_problem(judged(door, headers, persons=[*persons, persons[0]]), 422)


def test_an_evaluation_that_dies_fails_one_request_and_the_next_is_answered(door: Door) -> None:
    advisor, resident = door.person("committee_advisor"), door.resident(DIBAO)
    path = f"/v1/residents/{resident}/decision"
    assert door.get(path, advisor)["tier"] == "general"
    evaluators = door.context.evaluators
    answer = door.client.get
    with pytest.raises(Exception, match="中断"):
        evaluators.run(os.kill, evaluators._seats[-1].process.pid, signal.SIGSEGV)
    assert answer(path, headers=advisor).status_code == 200
    # One that was killed while it waited is noticed before it is used.
    os.kill(evaluators._seats[-1].process.pid, signal.SIGKILL)
    evaluators._seats[-1].process.join()
    assert answer(path, headers=advisor).status_code == 200


def test_a_list_that_is_short_comes_whole_unless_fewer_are_asked_for(door: Door) -> None:
    officer = door.person("district_officer")
    path = f"/v1/residents/{known(door)}/timeline"
    whole = door.get(path, officer)["items"]
    assert len(whole) >= 3
    pages: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = door.get(path, officer, limit=2, **cursor)
        assert len(answer["items"]) <= 2
        pages += answer["items"]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert pages == whole
    assert len(door.get("/v1/policies", officer, limit=500)["items"]) == 1
