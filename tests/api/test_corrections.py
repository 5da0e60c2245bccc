"""Visits over HTTP: corrected under the version one has seen, voided, merged, and every version kept (A21, A27)."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
PHONE = {"mode": "phone", "reason": "当天是电话联系"}


@pytest.fixture
def li(door: Door) -> dict[str, str]:
    return door.person("committee_advisor")


def recorded(door: Door, by: dict[str, str], *residents: str, **fields: Any) -> str:
    """The address of a visit."""
    answer = door.visit(by, *(residents or (door.resident(DIBAO, CHANGE),)), **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def correct(
    door: Door, visit: str, by: dict[str, str], said: dict[str, Any], *, tag: str | None = '"1"'
) -> httpx.Response:
    return door.client.patch(visit, headers={**by, **({"If-Match": tag} if tag else {})}, json=said)


def void(door: Door, visit: str, by: dict[str, str], *, tag: str | None = None) -> httpx.Response:
    said = {"reason": "记错了人"}
    return door.client.post(f"{visit}/void", headers={**by, **({"If-Match": tag} if tag else {})}, json=said)


def test_a_visit_is_corrected_under_the_version_one_has_seen(door: Door, li: dict[str, str]) -> None:
    visit = recorded(door, li)
    seen = door.client.get(visit, headers=li)
    assert seen.headers["etag"] == '"1"'
    assert is_problem(correct(door, visit, li, PHONE, tag=None), 428, "if_match_required")
    assert is_problem(correct(door, visit, li, PHONE, tag='"0"'), 412, "if_match_failed")
    answer = correct(door, visit, li, PHONE, tag=seen.headers["etag"])
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    assert (answer.json()["mode"], answer.json()["credits"]) == ("phone", [])
    assert answer.json() == door.get(visit, li)
    assert is_problem(correct(door, visit, li, {**PHONE, "mode": "wechat"}), 412, "if_match_failed")
    weak_or_any = correct(door, visit, li, {**PHONE, "mode": "wechat"}, tag='"9", W/"2"')
    assert weak_or_any.status_code == 200, weak_or_any.text
    assert correct(door, visit, li, PHONE, tag="*").status_code == 200


def test_a_repeated_form_never_undoes_a_correction(door: Door, li: dict[str, str]) -> None:
    form = door.form(door.resident(DIBAO, CHANGE))
    first = door.client.post("/v1/visits", headers=li, json=form)
    visit = f"/v1/visits/{form['visit_id']}"
    correct(door, visit, li, PHONE)
    again = door.client.post("/v1/visits", headers=li, json=form)
    assert (again.status_code, again.json()) == (200, first.json())
    assert door.get(visit, li)["mode"] == "phone"
    corrected = {**form, "mode": "phone"}
    assert is_problem(door.client.post("/v1/visits", headers=li, json=corrected), 409, "conflict")
    void(door, visit, li)
    assert door.client.post("/v1/visits", headers=li, json=form).json() == first.json()
    assert door.get(visit, li)["voided_at"] is not None


def test_a_voided_visit_is_read_with_its_reason_and_listed_no_more(door: Door, li: dict[str, str]) -> None:
    resident = door.resident(DIBAO, CHANGE)
    visit = recorded(door, li, resident)
    assert is_problem(void(door, visit, li, tag='"7"'), 412, "if_match_failed")
    answer = void(door, visit, li, tag='"1"')
    assert answer.status_code == 200, answer.text
    shown = door.get(visit, li)
    assert (shown["void_reason"], shown["credits"], shown["resident_ids"]) == ("记错了人", [], [resident])
    assert door.get("/v1/visits", li)["items"] == []
    assert is_problem(void(door, visit, li), 409, "voided")
    assert is_problem(correct(door, visit, li, PHONE, tag='"2"'), 409, "voided")
    duties = door.get(f"/v1/residents/{resident}/duties", li)["items"]
    assert {duty["state"] for duty in duties} == {"open"}
    assert len(door.get("/v1/tasks", li, state="open")["items"]) == 1


def test_every_version_says_who_made_it_so_when_and_why(door: Door, li: dict[str, str]) -> None:
    advisor = door.person("street_advisor")
    visit = recorded(door, li)
    correct(door, visit, advisor, PHONE)
    void(door, visit, advisor)
    first, second, third = door.get(f"{visit}/versions", li)["items"]
    assert [item["what"] for item in (first, second, third)] == ["recorded", "corrected", "voided"]
    assert [item["record"]["mode"] for item in (first, second, third)] == ["home_visit", "phone", "phone"]
    assert [item["reason"] for item in (first, second, third)] == [None, "当天是电话联系", "记错了人"]
    assert [item["by"]["user_id"] for item in (first, second)] == [door.id_of(li), door.id_of(advisor)]
    officer = door.get(f"{visit}/versions", door.person("district_officer"))["items"]
    assert {item["record"]["narrative"] for item in officer} == {None}


def test_a_visit_is_corrected_by_its_recorder_and_by_the_street(door: Door, li: dict[str, str]) -> None:
    visit = recorded(door, li)
    for role, status in (
        ("committee_advisor", 403),
        ("district_officer", 403),
        ("auditor", 403),
        ("street_advisor", 200),
        ("street_manager", 200),
    ):
        by = door.person(role)
        assert correct(door, visit, by, {"narrative": role, "reason": "补充"}, tag="*").status_code == status, role
        assert status == 200 or void(door, visit, by).status_code == status
    elsewhere = door.person("street_advisor", street="310117002")
    for answer in (
        correct(door, visit, elsewhere, PHONE, tag="*"),
        void(door, visit, elsewhere),
        door.client.get(f"{visit}/versions", headers=elsewhere),
        correct(door, f"/v1/visits/{uuid4()}", li, PHONE),
    ):
        assert is_problem(answer, 404)
    assert void(door, visit, li).status_code == 200


@pytest.mark.parametrize(
    ("said", "loc"),
    [
        ({}, "reason"),
        ({"reason": " "}, "reason"),
        ({"reason": "改", "mode": None}, "mode"),
        ({"reason": "改", "mode": "other"}, "mode_text"),
        ({"reason": "改", "service_date": "2026-03-21"}, "service_date"),
        ({"reason": "改", "met": {str(uuid4()): False}}, "met"),
        ({"reason": "改", "visit_id": str(uuid4())}, "visit_id"),
        ({"reason": "改", "merge": True}, "merge"),
        ({"reason": "改", "duration_hours": 13}, "duration_hours"),
    ],
)
def test_a_correction_filled_in_wrongly_is_refused_by_field(
    door: Door, li: dict[str, str], said: dict[str, Any], loc: str
) -> None:
    visit = recorded(door, li)
    answer = correct(door, visit, li, said)
    assert is_problem(answer, 422)
    assert loc in [error["loc"] for error in answer.json()["errors"]], answer.text
    assert door.get(visit, li)["version"] == 1


def test_an_optional_field_is_taken_out_with_null(door: Door, li: dict[str, str]) -> None:
    visit = recorded(door, li, mode="other", mode_text="社区活动", companions="志愿者一名")
    shown = correct(door, visit, li, {"reason": "改", "companions": None, "mode": "phone"}).json()
    assert (shown["companions"], shown["mode"], shown["mode_text"]) == (None, "phone", None)


def test_a21_a_merge_answers_with_the_receipt_of_the_earlier_visit(door: Door, li: dict[str, str]) -> None:
    form = door.form(door.resident(DIBAO, CHANGE))
    first = door.client.post("/v1/visits", headers=li, json=form)
    later = {**form, "visit_id": str(uuid4()), "narrative": "另一人的记录", "merge": True}
    other = door.person("committee_advisor")
    merged = door.client.post("/v1/visits", headers=other, json=later)
    assert (merged.status_code, merged.json()) == (200, first.json())
    assert merged.headers["location"] == f"/v1/visits/{form['visit_id']}"
    again = door.client.post("/v1/visits", headers=other, json=later)
    assert (again.status_code, again.json()) == (200, first.json())
    changed = {**later, "narrative": "又一份"}
    assert is_problem(door.client.post("/v1/visits", headers=other, json=changed), 409, "conflict")
    record = door.get(f"/v1/visits/{later['visit_id']}", li)
    assert record == door.get(f"/v1/visits/{form['visit_id']}", li)
    assert record["narrative"] == "情况稳定\n另一人的记录"
    _, joined = door.get(f"/v1/visits/{later['visit_id']}/versions", li)["items"]
    assert (joined["what"], joined["merged"]["visit_id"]) == ("merged", later["visit_id"])
    assert joined["merged"]["narrative"] == "另一人的记录"
    assert [item["visit_id"] for item in door.get("/v1/visits", li)["items"]] == [form["visit_id"]]


def test_a21_the_first_form_sent_again_after_a_merge_is_answered_as_before(door: Door, li: dict[str, str]) -> None:
    resident = door.resident(DIBAO, CHANGE)
    form = door.form(resident, met={resident: False})
    first = door.client.post("/v1/visits", headers=li, json=form)
    met = {**form, "visit_id": str(uuid4()), "met": {resident: True}, "merge": True}
    merged = door.client.post("/v1/visits", headers=li, json=met).json()
    assert first.json()["credits"] == []
    assert {credit["state"] for credit in merged["credits"]} == {"met"}
    assert door.client.post("/v1/visits", headers=li, json=form).json() == first.json()


def test_a11_several_households_in_one_home_visit_have_to_be_meant(door: Door, li: dict[str, str]) -> None:
    one, other = door.resident(DIBAO), door.resident(DIBAO)
    assert is_problem(door.visit(li, one, other), 409, "several_households")
    assert door.visit(li, one, other, mode="phone").status_code == 201
    visit = recorded(door, li, one, other, several_households=True)
    assert door.get(visit, li)["several_households"] is True


def test_a11_a_household_is_visited_as_one(door: Door, li: dict[str, str]) -> None:
    family = [door.resident(DIBAO) for _ in range(2)]
    for resident in family:
        answer = door.client.patch(
            f"/v1/residents/{resident}",
            headers=door.person("street_advisor"),
            json={"household": "H-7"},
        )
        assert answer.status_code == 202, answer.text
    door.world.settle()
    assert door.visit(li, *family).status_code == 201


def test_a_visit_shows_what_it_counts_for_now(door: Door, li: dict[str, str]) -> None:
    resident = door.resident(DIBAO, CHANGE)
    first = recorded(door, li, resident)
    second = recorded(door, li, resident, service_date="2026-03-19")
    assert door.get(first, li)["credits"]
    # Credit goes by service date: an earlier visit takes the month, and the news came after it.
    void(door, first, li)
    assert door.get(second, li)["not_credited"]
