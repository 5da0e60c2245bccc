"""Visits over HTTP: the form, sent once or twice, and what it counts for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}


def test_a_visit_is_recorded_once_however_often_it_is_sent(door: Door) -> None:
    advisor = door.person("committee_advisor")
    form = door.form(door.resident(DIBAO, CHANGE))
    first = door.client.post("/v1/visits", headers=advisor, json=form)
    assert first.status_code == 201, first.text
    assert first.json()["visit_id"] == form["visit_id"]
    assert {credit["duty"]["kind"] for credit in first.json()["credits"]} == {"response", "periodic"}
    again = door.client.post("/v1/visits", headers=advisor, json={**form, "merge": True})
    assert (again.status_code, again.json()) == (200, first.json())
    other = door.client.post("/v1/visits", headers=advisor, json={**form, "narrative": "另一份记录"})
    assert is_problem(other, 409, "conflict")
    twin = {**form, "visit_id": str(uuid4())}
    assert is_problem(door.client.post("/v1/visits", headers=advisor, json=twin), 409, "duplicate_visit")
    merged = door.client.post("/v1/visits", headers=advisor, json={**twin, "merge": True})
    assert (merged.status_code, merged.json()) == (200, first.json())


def test_the_same_form_sent_twice_at_once_is_one_visit(door: Door) -> None:
    advisor = door.person("committee_advisor")
    form = door.form(door.resident(DIBAO, CHANGE))
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: door.client.post("/v1/visits", headers=advisor, json=form), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
    assert len({answer.text for answer in answers}) == 1


def test_what_was_not_credited_is_said_with_its_reason(door: Door) -> None:
    advisor = door.person("committee_advisor")
    answer = door.visit(advisor, door.resident(DIBAO, CHANGE), mode="phone")
    assert answer.json()["credits"] == []
    assert {one["because"] for one in answer.json()["not_credited"]} == {"mode"}


def test_of_a_family_only_those_who_were_met_are_credited(door: Door) -> None:
    advisor = door.person("committee_advisor")
    met, absent = door.resident(DIBAO, CHANGE), door.resident(DIBAO, CHANGE)
    answer = door.visit(advisor, met, absent, met={absent: False}, several_households=True)
    assert {credit["resident_id"] for credit in answer.json()["credits"]} == {met}


def test_two_visits_that_met_nobody_raise_a_welfare_check_in_the_answer(door: Door) -> None:
    advisor = door.person("committee_advisor")
    resident = door.resident(DIBAO, CHANGE)
    for day in ("2026-03-19", "2026-03-20"):
        answer = door.visit(advisor, resident, met={resident: False}, service_date=day)
    [raised] = answer.json()["raised"]
    assert (raised["kind"], raised["resident"]["resident_id"]) == ("welfare_check", resident)


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"visit_id": "7"}, "visit_id"),
        ({"resident_ids": []}, "resident_ids"),
        ({"mode": "teleport"}, "mode"),
        ({"mode": "other"}, "mode_text"),
        ({"participants": []}, "participants"),
        ({"participants": ["  "]}, "participants[0]"),
        ({"participants": ["x"] * 21}, "participants"),
        ({"service_date": "2026-02-30"}, "service_date"),
        ({"service_date": "2026-03-21"}, "service_date"),
        ({"service_date": 1774000000}, "service_date"),
        ({"duration_hours": 0}, "duration_hours"),
        ({"duration_hours": 12.1}, "duration_hours"),
        ({"duration_hours": 1.25}, "duration_hours"),
        ({"duration_hours": "1.5"}, "duration_hours"),
        ({"duration_hours": True}, "duration_hours"),
        ({"services": []}, "services"),
        ({"services": ["care", "care"]}, "services"),
        ({"services": ["cooking"]}, "services[0]"),
        ({"initiated_by": "neighbour"}, "initiated_by"),
        ({"narrative": ""}, "narrative"),
        ({"narrative": "a\u0007b"}, "narrative"),
        ({"met": {str(uuid4()): True}}, "met"),
        ({"dimensions": {"economy": "fine"}}, "dimensions.economy.level"),
        ({"visited_by_role": "police"}, "visited_by_role"),
        ({"tags": ["rich"]}, "tags"),
        ({"gps": "31.0,121.2"}, "gps"),
        ({"merge": "yes"}, "merge"),
    ],
)
def test_a_form_filled_in_wrongly_is_refused_by_field(door: Door, fields: dict[str, Any], loc: str) -> None:
    advisor = door.person("committee_advisor")
    answer = door.visit(advisor, door.resident(DIBAO), **fields)
    assert is_problem(answer, 422)
    assert loc in [error["loc"] for error in answer.json()["errors"]], answer.text
    assert door.get("/v1/visits", advisor)["items"] == []


def test_a_nul_character_is_refused_before_it_reaches_the_database(door: Door) -> None:
    assert is_problem(door.visit(door.person("committee_advisor"), door.resident(DIBAO), narrative="a\x00b"), 422)


def test_every_field_of_the_form_comes_back(door: Door) -> None:
    advisor = door.person("committee_advisor")
    resident = door.resident(DIBAO, CHANGE)
    check = dict.fromkeys(("economy", "health", "education", "housing", "employment"), "ok")
    form = door.form(
        resident,
        mode="other",
        mode_text="社区活动",
        tags=["dibao_urban", "other_concern"],
        companions="志愿者一名",
        dimensions={**check, "social": {"level": "watch", "note": "独处较多"}},
        met={resident: True},
        visited_by_role="social_worker",
    )
    assert door.client.post("/v1/visits", headers=advisor, json=form).status_code == 201
    shown = door.get(f"/v1/visits/{form['visit_id']}", advisor)
    levels = {name: {"level": "ok"} for name in check}
    said = {**form, "dimensions": {**levels, "social": form["dimensions"]["social"]}}
    assert {name: shown[name] for name in said} == said
    assert shown["recorded_by"]["user_id"] == door.id_of(advisor)


def test_the_district_reads_no_narratives(door: Door) -> None:
    advisor, officer = door.person("committee_advisor"), door.person("district_officer")
    dimensions = {"health": {"level": "risk", "note": "住院"}}
    visit = door.visit(advisor, door.resident(DIBAO), dimensions=dimensions).json()["visit_id"]
    shown = door.get(f"/v1/visits/{visit}", officer)
    assert (shown["narrative"], shown["narrative_masked"]) == (None, True)
    assert shown["dimensions"] == {"health": {"level": "risk"}}


def test_visits_are_listed_by_day_resident_and_author(door: Door) -> None:
    advisor, street = door.person("committee_advisor"), door.person("street_advisor")
    first, second = door.resident(DIBAO), door.resident(DIBAO)
    door.visit(advisor, first, service_date="2026-03-10")
    door.visit(advisor, second, service_date="2026-03-12", mode="phone")
    door.visit(street, second, service_date="2026-03-15")
    days = lambda **query: [one["service_date"] for one in door.get("/v1/visits", advisor, **query)["items"]]  # noqa: E731  # said twice below
    assert days() == ["2026-03-15", "2026-03-12", "2026-03-10"]
    assert days(resident_id=first) == ["2026-03-10"]
    assert days(mode="phone") == ["2026-03-12"]
    assert days(mine=True) == ["2026-03-12", "2026-03-10"]
    assert days(**{"from": "2026-03-12", "to": "2026-03-12"}) == ["2026-03-12"]
    page = door.get("/v1/visits", advisor, limit=2)
    assert days(limit=2, cursor=page["next_cursor"]) == ["2026-03-10"]
