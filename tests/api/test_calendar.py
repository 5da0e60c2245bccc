"""The calendar over HTTP: everybody reads it, the district enters it, and what is provisional is labelled so."""

from datetime import date
from typing import Any

import pytest

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
NOTICE = {
    "days": [
        {"day": "2027-01-01", "working": False, "label": "元旦"},
        {"day": "2027-01-02", "working": True},
    ],
    "source": "国务院办公厅通知",
}


def test_the_district_enters_a_year_and_everybody_reads_it(door: Door) -> None:
    officer, advisor = door.person("district_officer"), door.person("committee_advisor")
    before = door.get("/v1/calendar/2027", advisor)
    assert (before["provisional"], before["source"]) == (True, None)
    entered = door.client.put("/v1/calendar/2027", headers=officer, json=NOTICE)
    assert entered.status_code == 200, entered.text
    year = door.get("/v1/calendar/2027", advisor)
    assert entered.json() == year
    assert (year["year"], year["provisional"], year["source"]) == (2027, False, "国务院办公厅通知")
    assert year["days"][:2] == [
        {"day": "2027-01-01", "working": False, "label": "元旦"},
        {"day": "2027-01-02", "working": True, "label": ""},
    ]
    assert door.client.put("/v1/calendar/2027", headers=door.person("admin"), json=NOTICE).status_code == 200
    for role in ("street_manager", "street_advisor", "committee_advisor", "auditor"):
        assert is_problem(door.client.put("/v1/calendar/2027", headers=door.person(role), json=NOTICE), 403)
    assert is_problem(door.client.get("/v1/calendar/2027"), 401)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"days": []},
        {"days": [{"day": "2027-01-01", "working": 1}]},
        {"days": [{"day": "2027-02-30", "working": True}]},
        {"days": [{"day": "2026-01-01", "working": True}]},
        {"days": [{"day": "2027-01-01", "working": True}] * 2},
        {"days": [{"day": "2027-01-01", "working": True, "holiday": "x"}]},
        {"days": [{"day": "2027-01-01", "working": True, "label": "\x00"}]},
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(door: Door, body: dict[str, Any]) -> None:
    officer = door.person("district_officer")
    assert is_problem(door.client.put("/v1/calendar/2027", headers=officer, json=body), 422)
    assert door.get("/v1/calendar/2027", officer)["provisional"] is True


def test_a_year_out_of_all_reason_is_refused(door: Door) -> None:
    officer = door.person("district_officer")
    for year in ("1999", "2101", "99999999999999999999"):
        assert is_problem(door.client.get(f"/v1/calendar/{year}", headers=officer), 422)
    assert is_problem(door.client.get("/v1/calendar/next", headers=officer), 404)


def test_a_task_due_in_a_provisional_year_says_so_until_its_notice_is_entered(door: Door) -> None:
    officer = door.person("district_officer")
    door.resident(DIBAO)
    door.world.jump_to(date(2027, 1, 4))
    [task] = door.get("/v1/tasks", officer, state="open")["items"]
    late = task["due_on"]
    assert (late[:4], task["provisional"]) == ("2026", False)
    door.resident(DIBAO)
    flags = {one["due_on"]: one["provisional"] for one in door.get("/v1/tasks", officer, state="open")["items"]}
    assert flags == {late: False, "2027-06-30": True}
    door.client.put("/v1/calendar/2027", headers=officer, json=NOTICE)
    flags = {one["due_on"]: one["provisional"] for one in door.get("/v1/tasks", officer, state="open")["items"]}
    assert flags == {late: False, "2027-06-30": False}


def test_the_health_page_warns_from_november_that_next_year_is_missing(door: Door) -> None:
    officer = door.person("district_officer")

    def state() -> tuple[int, str, str]:
        ready = door.client.get("/health/ready")
        return ready.status_code, ready.json()["status"], ready.json()["parts"]["calendar"]["state"]

    assert state()[2] == "ok"
    door.world.jump_to(date(2026, 11, 2))
    assert state() == (200, "degraded", "degraded")
    door.client.put("/v1/calendar/2027", headers=officer, json=NOTICE)
    assert state()[2] == "ok"


def test_a41_a_confirmed_year_answers_409_with_the_difference_until_the_caller_says_replace(door: Door) -> None:
    officer = door.person("district_officer")
    assert door.client.put("/v1/calendar/2027", headers=officer, json=NOTICE).status_code == 200
    other = {"days": [{"day": "2027-01-04", "working": False, "label": "元旦"}]}
    refused = door.client.put("/v1/calendar/2027", headers=officer, json=other)
    assert is_problem(refused, 409)
    assert refused.json()["code"] == "confirmed"
    assert refused.json()["difference"] == [
        {"day": "2027-01-01", "was": False, "now": True},
        {"day": "2027-01-02", "was": True, "now": False},
        {"day": "2027-01-04", "was": True, "now": False},
    ]
    replaced = door.client.put("/v1/calendar/2027", headers=officer, json={**other, "replace": True})
    assert [day["working"] for day in replaced.json()["days"][:4]] == [True, False, False, False]


def test_a41_a_patch_changes_only_the_days_it_names(door: Door) -> None:
    officer = door.person("district_officer")
    day = {"days": [{"day": "2027-01-08", "working": False, "label": "停电"}]}
    refused = door.client.patch("/v1/calendar/2027", headers=officer, json=day)
    assert is_problem(refused, 409)
    assert refused.json()["code"] == "provisional"
    door.client.put("/v1/calendar/2027", headers=officer, json=NOTICE)
    before = door.get("/v1/calendar/2027", officer)["days"]
    changed = door.client.patch("/v1/calendar/2027", headers=officer, json=day)
    assert changed.status_code == 200, changed.text
    after = changed.json()["days"]
    assert [one for one, was in zip(after, before, strict=True) if one != was] == [
        {"day": "2027-01-08", "working": False, "label": "停电"}
    ]
    assert is_problem(door.client.patch("/v1/calendar/2027", headers=door.person("street_manager"), json=day), 403)
