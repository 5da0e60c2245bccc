"""The alerts door: what is accepted, what is refused and why, and that nothing is lost."""

import json
from typing import Any

import httpx
import orjson
import pytest

from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, SOURCE, STREET

PERSON = {"id_number": "319999196001010040", "name": "张三", "street": STREET, "committee": COMMITTEE}
DIBAO = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}


def registration(door: Door, **person: Any) -> dict[str, Any]:
    return door.world.event("resident.registered", {"person": {**PERSON, **person}, "facts": [DIBAO]})


def push(door: Door, key: dict[str, str], body: object, content_type: str = "application/json") -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return door.client.post("/v1/alerts", content=content, headers={**key, "content-type": content_type})


def test_an_event_is_accepted_once_and_its_repetition_is_a_duplicate(door: Door) -> None:
    key, event = door.key(), registration(door)
    first, again = push(door, key, event), push(door, key, event)
    assert (first.status_code, first.json()) == (202, {"accepted": 1, "duplicates": 0, "rejected": []})
    assert (again.status_code, again.json()) == (202, {"accepted": 0, "duplicates": 1, "rejected": []})


def test_the_same_id_with_other_content_is_a_conflict_and_kept(door: Door) -> None:
    key, event = door.key(), registration(door)
    push(door, key, event)
    other = {**event, "data": {**event["data"], "facts": []}}
    assert is_problem(push(door, key, other), 409, "conflict")
    batch = push(door, key, [other, registration(door, id_number="319999195512310024")])
    assert batch.status_code == 202
    [refused] = batch.json()["rejected"]
    assert (refused["index"], refused["id"], refused["errors"][0]["code"]) == (0, event["id"], "conflict")
    kept = door.get("/v1/alerts", key, status="conflict")["items"]
    assert [item["id"] for item in kept] == [event["id"], event["id"]]


@pytest.mark.parametrize("content_type", ["application/cloudevents-batch+json", "application/json"])
def test_a_batch_takes_the_good_events_and_names_the_bad_ones(door: Door, content_type: str) -> None:
    good, bad = registration(door), {**registration(door), "type": "resident.invented"}
    answer = push(door, door.key(), [bad, good], content_type)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    assert [(one["index"], one["id"]) for one in answer.json()["rejected"]] == [(0, bad["id"])]


def test_a_stream_of_lines_is_taken_in_portions_and_keeps_its_line_numbers(door: Door) -> None:
    key = door.key()
    lines = [orjson.dumps(registration(door, id_number=None, external_id=f"x{n}")) for n in range(1100)]
    lines[3] = b"{not json"
    other = orjson.loads(lines[1])
    other["data"]["facts"] = []
    lines[1050] = orjson.dumps(other)
    answer = push(door, key, b"\n".join(lines), "application/x-ndjson")
    assert answer.status_code == 202, answer.text
    assert answer.json()["accepted"] == 1098
    assert [one["index"] for one in answer.json()["rejected"]] == [3, 1050]


def test_binary_mode_carries_the_attributes_in_headers(door: Door) -> None:
    event = registration(door)
    headers = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    answer = door.client.post(
        "/v1/alerts", headers={**door.key(), **headers, "content-type": "application/json"}, json=event["data"]
    )
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 422, "json_invalid"),
        (b"", "application/json", 422, "empty"),
        (b"[]", "application/json", 422, "empty"),
        (b"\n\n", "application/x-ndjson", 422, "empty"),
        (b"42", "application/json", 422, "not_accepted"),
        (b"\xff\xfe{}", "application/json", 422, "encoding"),
        (b"<alert/>", "text/xml", 415, "content_type"),
        (b"[" * 100_000, "application/json", 422, "too_deep"),
        (b'{"id": "\\u0000"}', "application/json", 422, "not_accepted"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(
    door: Door, body: bytes, content_type: str, status: int, code: str
) -> None:
    assert is_problem(push(door, door.key(), body, content_type), status, code)


def test_the_reason_of_a_single_refused_event_stands_in_errors_and_never_repeats_the_value(door: Door) -> None:
    answer = push(door, door.key(), registration(door, id_number="319999196001010041"))
    assert is_problem(answer, 422, "not_accepted")
    assert answer.json()["errors"][0]["loc"] == "data.person.id_number"
    assert answer.json()["rejected"][0]["errors"] == answer.json()["errors"]
    assert "319999196001010041" not in answer.text


def test_sizes_are_bounded_for_events_and_for_requests(door: Door) -> None:
    key, event = door.key(), registration(door)
    event["data"]["person"]["name"] = "张" * 100_000
    assert is_problem(push(door, key, event), 413, "too_large")
    five = {**registration(door), "filler": "x" * 5_000_000}
    assert is_problem(push(door, key, five), 413, "too_large")
    assert is_problem(push(door, key, b" " * (9 * 1024 * 1024)), 413, "too_large")
    assert door.get("/v1/alerts", key)["items"] == []


def test_only_a_key_that_may_write_writes(door: Door) -> None:
    event = registration(door)
    answer = push(door, {}, event)
    assert is_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert is_problem(push(door, {"Authorization": "Bearer tfk_unknown"}, event), 401)
    assert is_problem(push(door, door.key("alerts:read"), event), 403)
    assert is_problem(push(door, door.person("district_officer"), event), 403)
    assert is_problem(push(door, door.key(source="/somebody/else"), event), 422)


def test_a_key_reads_the_alerts_of_its_own_source_only(door: Door) -> None:
    mine, other = door.key(), door.key(source="/other")
    push(door, mine, registration(door))
    assert len(door.get("/v1/alerts", mine)["items"]) == 1
    assert door.get("/v1/alerts", other)["items"] == []
    assert is_problem(door.client.get("/v1/alerts", headers=other, params={"source": SOURCE}), 403)
    assert is_problem(door.client.get("/v1/alerts", headers=door.key("alerts:write")), 403)


def test_alerts_are_listed_the_newest_first_and_page_by_page(door: Door) -> None:
    key = door.key()
    events = [registration(door, id_number=None, external_id=f"x{n}") for n in range(7)]
    push(door, key, events)
    seen, cursor = [], None
    while True:
        page = door.get("/v1/alerts", key, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(event["id"] for event in events)
    assert len(seen) == 7


def test_an_alert_about_nobody_waits_and_is_replayed_with_corrected_data_under_its_id(door: Door) -> None:
    key, officer = door.key(), door.person("district_officer")
    person = {"id_number": "319999196001010040"}
    push(door, key, door.world.event("warning.illness_poverty", {"person": person, "pushed_on": "2026-03-20"}))
    [waiting] = door.get("/v1/alerts", officer, status="quarantined")["items"]
    path = f"/v1/alerts/{waiting['alert_id']}/replay"
    assert is_problem(door.client.post(path, headers=officer), 422, "unknown_person")
    assert is_problem(door.client.post(path, headers=officer, json={"data": {"pushed_on": "x"}}), 422)
    assert is_problem(door.client.post(path, headers=door.person("street_manager")), 404)
    assert is_problem(door.client.post(path, headers=door.person("committee_advisor")), 403)
    corrected = {
        "person": {**person, "name": "张三", "street": STREET, "committee": COMMITTEE},
        "pushed_on": "2026-03-20",
    }
    answer = door.client.post(path, headers=officer, json={"data": corrected})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["alert_id"], answer.json()["status"]) == (waiting["alert_id"], "accepted")
    door.world.settle()
    [done] = door.get("/v1/alerts", officer, id=waiting["id"])["items"]
    assert (done["status"], done["street"], done["tier_after"]) == ("processed", STREET, "general")
    assert len(done["task_ids"]) == 1
    assert is_problem(door.client.post(path, headers=officer), 409, "not_quarantined")


def test_a_street_manager_sees_the_alerts_of_their_street_only(door: Door) -> None:
    key = door.key()
    elsewhere = {"street": "310117002", "committee": "310117002003", "id_number": "319999195512310024"}
    push(door, key, [registration(door), registration(door, **elsewhere)])
    assert len(door.get("/v1/alerts", door.person("district_officer"))["items"]) == 2
    assert {item["street"] for item in door.get("/v1/alerts", door.person("street_manager"))["items"]} == {STREET}
    assert is_problem(door.client.get("/v1/alerts", headers=door.person("committee_advisor")), 403)


def test_the_list_of_refusals_is_bounded_and_says_so(door: Door) -> None:
    lines = b"\n".join(json.dumps({"id": str(n)}).encode() for n in range(1500))
    good = orjson.dumps(registration(door))
    answer = push(door, door.key(), lines + b"\n" + good, "application/x-ndjson")
    assert answer.json()["accepted"] == 1
    assert len(answer.json()["rejected"]) == 1000
    assert answer.json()["rejected_total"] == 1500
