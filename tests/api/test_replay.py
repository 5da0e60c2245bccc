"""Alerts that wait for somebody who knows better: listed, corrected, replayed, or released by themselves."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.inbox import inbox
from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, SOURCE, STREET

ELSEWHERE, THERE = "310117002", "310117002003"
NUMBER, OTHER_NUMBER = "319999196001010040", "319999195512310024"
WHO = {"id_number": NUMBER}
PLACED = {**WHO, "name": "张三", "street": STREET, "committee": COMMITTEE}
EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}


def warn(door: Door, key: dict[str, str], person: dict[str, Any]) -> str:
    """Push a warning about somebody; returns the id of its alert."""
    news = door.world.event("warning.illness_poverty", {"person": person, "pushed_on": "2026-03-20"})
    answer = door.client.post("/v1/alerts", headers=key, json=news)
    assert answer.status_code == 202, answer.text
    [item] = door.get("/v1/alerts", key, id=news["id"])["items"]
    return str(item["alert_id"])


def replay(door: Door, headers: dict[str, str], alert: str, data: object = None) -> httpx.Response:
    body = None if data is None else {"data": data}
    return door.client.post(f"/v1/alerts/{alert}/replay", headers=headers, json=body)


def waiting(door: Door, headers: dict[str, str]) -> list[str]:
    """The ids of the quarantined alerts somebody sees."""
    return [item["alert_id"] for item in door.get("/v1/alerts", headers, status="quarantined")["items"]]


def one(door: Door, alert: str) -> Any:
    [item] = [x for x in door.get("/v1/alerts", door.person("district_officer"))["items"] if x["alert_id"] == alert]
    return item


def broken(door: Door, key: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """An alert in the street whose sealed body no longer opens, after all its attempts."""
    alert = warn(door, key, PLACED)
    door.world.rows(
        "UPDATE alert SET body = '\\x0101' WHERE street_code = :street AND alert_id = :id RETURNING 1",
        street=STREET,
        id=alert,
    )
    monkeypatch.setattr(inbox, "FIRST_PAUSE_SECONDS", 0.001)
    door.world.settle()
    return alert


def test_what_waits_is_listed_by_status_with_what_would_help(door: Door) -> None:
    key = door.key()
    alert = warn(door, key, WHO)
    warn(door, key, {**PLACED, "id_number": OTHER_NUMBER})
    officer = door.person("district_officer")
    assert waiting(door, officer) == [alert]
    assert waiting(door, key) == [alert]
    item = one(door, alert)
    assert (item["status"], item["street"], item["resident_id"]) == ("quarantined", "310117", None)
    assert item["problem_code"] == "unknown_person"
    assert "重放" in item["problem"]
    assert NUMBER not in str(item)
    # Nobody's street has it yet, so no street's manager sees it; nor does another source.
    assert waiting(door, door.person("street_manager")) == []
    assert waiting(door, door.key(source="/other")) == []


def test_corrected_data_gives_it_its_effect_under_the_same_id(door: Door) -> None:
    alert, officer = warn(door, door.key(), {"id_number": OTHER_NUMBER}), door.person("district_officer")
    answer = replay(door, officer, alert, {"person": PLACED, "pushed_on": "2026-03-19"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["alert_id"], answer.json()["status"], answer.json()["street"]) == (alert, "accepted", STREET)
    door.world.settle()
    item = one(door, alert)
    assert (item["status"], item["tier_after"], item["problem_code"]) == ("processed", "general", None)
    assert item["problem"] is None
    assert len(item["task_ids"]) == 1
    assert waiting(door, officer) == []


def test_wrong_corrections_are_named_and_change_nothing(door: Door) -> None:
    alert, officer = warn(door, door.key(), WHO), door.person("district_officer")
    good = {"person": PLACED, "pushed_on": "2026-03-20"}
    for data, loc in (
        ({**good, "pushed_on": "20 March"}, "data.pushed_on"),
        ({**good, "person": {**PLACED, "id_number": "319999196001010041"}}, "data.person.id_number"),
        ({**good, "person": {**PLACED, "street": "310117099", "committee": "310117099001"}}, "data.person.committee"),
        ({"person": PLACED}, "data.pushed_on"),
        ({}, "data.person"),
        ({**good, "person": WHO}, "data.person"),
    ):
        answer = replay(door, officer, alert, data)
        assert is_problem(answer, 422)
        assert loc in {problem["loc"] for problem in answer.json()["errors"]}
        assert "319999196001010041" not in answer.text
    for body in (b"{", b'{"data": {}, "data": {}}', b'{"data": 1}', b'{"date": {}}', b"[]", b'"x"'):
        headers = {**officer, "content-type": "application/json"}
        assert is_problem(door.client.post(f"/v1/alerts/{alert}/replay", headers=headers, content=body), 422)
    assert waiting(door, officer) == [alert]


def test_once_the_person_is_opened_it_is_replayed_as_it_was_sent(door: Door) -> None:
    key, officer = door.key(), door.person("district_officer")
    alert = warn(door, key, WHO)
    assert is_problem(replay(door, officer, alert), 422, "unknown_person")
    registration = door.world.event("resident.registered", {"person": PLACED, "facts": [EDGE]})
    assert door.client.post("/v1/alerts", headers=key, json=registration).status_code == 202
    answer = replay(door, officer, alert)
    assert (answer.status_code, answer.json()["street"]) == (200, STREET)
    door.world.settle()
    assert one(door, alert)["status"] == "processed"
    assert is_problem(replay(door, officer, alert), 409, "not_quarantined")


def test_it_is_released_by_itself_when_the_person_is_opened(door: Door) -> None:
    key, officer = door.key(), door.person("district_officer")
    alert = warn(door, key, WHO)
    door.world.settle()
    assert waiting(door, officer) == [alert]
    registration = door.world.event("resident.registered", {"person": PLACED, "facts": [EDGE]})
    door.client.post("/v1/alerts", headers=key, json=registration)
    door.world.settle()
    item = one(door, alert)
    assert (item["status"], item["street"], item["problem_code"]) == ("processed", STREET, None)
    # It is now the street's own, and the street's manager sees it.
    manager = door.person("street_manager")
    assert alert in [seen["alert_id"] for seen in door.get("/v1/alerts", manager)["items"]]


def test_what_waits_for_its_person_is_still_known_when_it_is_pushed_again(door: Door) -> None:
    key = door.key()
    news = door.world.event("warning.illness_poverty", {"person": WHO, "pushed_on": "2026-03-20"})
    answers = [door.client.post("/v1/alerts", headers=key, json=news).json() for _ in range(2)]
    assert [(each["accepted"], each["duplicates"]) for each in answers] == [(1, 0), (0, 1)]
    officer = door.person("district_officer")
    [alert] = waiting(door, officer)
    assert replay(door, officer, alert, {"person": PLACED, "pushed_on": "2026-03-20"}).status_code == 200
    # Its correction does not make the original another event.
    assert door.client.post("/v1/alerts", headers=key, json=news).json()["duplicates"] == 1
    assert len(door.get("/v1/alerts", officer)["items"]) == 1


@pytest.mark.parametrize("role", ["admin", "street_advisor", "committee_advisor", "visitor", "auditor"])
def test_only_district_and_street_replay(door: Door, role: str) -> None:
    alert = warn(door, door.key(), WHO)
    assert is_problem(replay(door, door.person(role), alert), 403)


def test_a_key_replays_nothing_and_nobody_unknown_does(door: Door) -> None:
    key = door.key()
    alert = warn(door, key, WHO)
    assert is_problem(replay(door, key, alert), 403)
    assert is_problem(replay(door, {}, alert), 401)
    officer = door.person("district_officer")
    assert is_problem(replay(door, officer, str(uuid4())), 404)
    assert is_problem(replay(door, officer, "none"), 404)


def test_a_manager_replays_what_failed_in_their_street_and_no_other(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = broken(door, door.key(), monkeypatch)
    there = door.person("street_manager", street=ELSEWHERE)
    assert waiting(door, there) == []
    assert is_problem(replay(door, there, alert), 404)
    manager = door.person("street_manager")
    assert waiting(door, manager) == [alert]
    # What can no longer be read is sent anew; that is said, and no error of ours.
    assert is_problem(replay(door, manager, alert), 409, "unreadable")
    answer = replay(door, manager, alert, {"person": PLACED, "pushed_on": "2026-03-20"})
    assert answer.status_code == 200, answer.text
    door.world.settle()
    assert one(door, alert)["status"] == "processed"


def test_a_manager_cannot_send_an_alert_into_another_street(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    alert, manager = broken(door, door.key(), monkeypatch), door.person("street_manager")
    moved = {"id_number": OTHER_NUMBER, "name": "李四", "street": ELSEWHERE, "committee": THERE}
    assert is_problem(replay(door, manager, alert, {"person": moved, "pushed_on": "2026-03-20"}), 403)
    assert waiting(door, manager) == [alert]
    officer = door.person("district_officer")
    answer = replay(door, officer, alert, {"person": moved, "pushed_on": "2026-03-20"})
    assert (answer.status_code, answer.json()["street"], answer.json()["source"]) == (200, ELSEWHERE, SOURCE)
    assert is_problem(replay(door, manager, alert), 404)
