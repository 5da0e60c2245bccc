"""Keys: who hands them out, what each opens, and when it stops opening anything."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from core import clock
from tests.api.door import Door, is_problem
from tests.behind import behind
from tests.world import SOURCE, STREET

ELSEWHERE = "310117002"
WANTED = {"source": SOURCE, "scopes": ["alerts:write", "alerts:read"]}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def warning(door: Door, number: int = 0, **person: Any) -> dict[str, Any]:
    who = {"external_id": f"p{number}", "street": STREET, "committee": f"{STREET}001", "name": "张三", **person}
    return door.world.event("warning.illness_poverty", {"person": who, "pushed_on": "2026-03-20"})


def push(door: Door, headers: dict[str, str], event: object) -> httpx.Response:
    return door.client.post("/v1/alerts", headers=headers, json=event)


def code_of(answer: httpx.Response) -> str:
    """Why one event was refused."""
    assert is_problem(answer, 422, "not_accepted")
    [problem] = answer.json()["errors"]
    return str(problem["code"])


def test_an_admin_makes_a_key_sees_it_once_and_revokes_it(door: Door) -> None:
    admin = door.person("admin")
    made = door.client.post("/v1/keys", headers=admin, json=WANTED)
    assert made.status_code == 201, made.text
    key, key_id = made.json()["key"], made.json()["key_id"]
    assert made.json()["live_keys"] == 1
    assert push(door, bearer(key), warning(door)).status_code == 202
    answer = door.client.get("/v1/keys", headers=admin)
    assert key not in answer.text
    [listed] = answer.json()["items"]
    assert (listed["key_id"], listed["source"], listed["state"]) == (key_id, SOURCE, "live")
    assert listed["last_used_on"] == clock.today(clock.real_now()).isoformat()
    for _ in range(2):
        assert door.client.delete(f"/v1/keys/{key_id}", headers=admin).status_code == 204
    assert is_problem(push(door, bearer(key), warning(door)), 401, "unauthorized")
    assert [one["state"] for one in door.get("/v1/keys", admin)["items"]] == ["revoked"]


def test_keys_are_listed_page_by_page_and_by_source(door: Door) -> None:
    admin = door.person("admin")
    for number in range(3):
        door.key(source=f"/s{number}")
    first = door.get("/v1/keys", admin, limit=2)
    rest = door.get("/v1/keys", admin, limit=2, cursor=first["next_cursor"])
    assert [one["source"] for one in first["items"] + rest["items"]] == ["/s0", "/s1", "/s2"]
    assert rest["next_cursor"] is None
    assert [one["source"] for one in door.get("/v1/keys", admin, source="/s1")["items"]] == ["/s1"]


@pytest.mark.parametrize(
    "role",
    ["district_officer", "street_manager", "street_advisor", "committee_advisor", "visitor", "auditor"],
)
def test_nobody_but_an_admin_hands_out_keys(door: Door, role: str) -> None:
    door.key()
    [row] = door.world.rows("SELECT key_id FROM upstream_key")
    headers = door.person(role)
    assert is_problem(door.client.get("/v1/keys", headers=headers), 403)
    assert is_problem(door.client.post("/v1/keys", headers=headers, json=WANTED), 403)
    assert is_problem(door.client.delete(f"/v1/keys/{row.key_id}", headers=headers), 403)
    assert is_problem(door.client.get("/v1/keys", headers=door.key()), 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"source": ""},
        {"source": "   "},
        {"source": "/a\nb"},
        {"source": "x" * 256},
        {"types": ["resident.invented"]},
        {"types": ["resident.corrected"]},
        {"streets": ["310118001"]},
        {"streets": ["songjiang"]},
        {"expires_at": "2026-01-01T00:00:00+08:00"},
        {"expires_at": "2036-01-01"},
        {"key": "mine"},
    ],
)
def test_a_key_that_cannot_be_is_not_made(door: Door, wrong: dict[str, Any]) -> None:
    admin = door.person("admin")
    assert is_problem(door.client.post("/v1/keys", headers=admin, json={**WANTED, **wrong}), 422)
    assert door.get("/v1/keys", admin)["items"] == []


def test_a_key_that_never_was_cannot_be_revoked(door: Door) -> None:
    path = "/v1/keys/0193b3a2-0000-7000-8000-000000000000"
    assert is_problem(door.client.delete(path, headers=door.person("admin")), 404)


def test_a_source_changes_its_key_without_a_gap(door: Door) -> None:
    admin = door.person("admin")
    made = [door.client.post("/v1/keys", headers=admin, json=WANTED).json() for _ in range(3)]
    assert [one["live_keys"] for one in made] == [1, 2, 3]
    for number, one in enumerate(made):
        assert push(door, bearer(one["key"]), warning(door, number)).status_code == 202
    door.client.delete(f"/v1/keys/{made[0]['key_id']}", headers=admin)
    answers = [push(door, bearer(one["key"]), warning(door, 9)).status_code for one in made]
    assert answers == [401, 202, 202]
    # All of them see what any of them sent.
    assert len(door.get("/v1/alerts", bearer(made[2]["key"]))["items"]) == 5


def test_a_revocation_counts_at_once_where_the_key_was_seen_before(door: Door, other_door: Door) -> None:
    key, admin = door.key(), door.person("admin")
    assert [push(each, key, warning(door)).status_code for each in (door, other_door, other_door)] == [202] * 3
    [row] = door.world.rows("SELECT key_id FROM upstream_key")
    assert door.client.delete(f"/v1/keys/{row.key_id}", headers=admin).status_code == 204
    for each in (other_door, door):
        assert is_problem(push(each, key, warning(door)), 401, "unauthorized")
    stream = {**key, "content-type": "application/x-ndjson"}
    assert is_problem(other_door.client.post("/v1/alerts", headers=stream, content=b"{}"), 401, "unauthorized")


def test_a_key_ends_at_its_instant_by_the_real_clock(door: Door) -> None:
    key = door.key(expires_at=clock.real_now() + timedelta(hours=1))
    # Business time may be anywhere; only the real clock ends a key.
    door.world.business.at += timedelta(days=2)
    assert push(door, key, warning(door)).status_code == 202
    with behind(door.world.database.url) as connection:
        connection.execute(text("UPDATE upstream_key SET expires_at = :past"), {"past": clock.real_now()})
    assert is_problem(push(door, key, warning(door)), 401, "unauthorized")
    [listed] = door.get("/v1/keys", door.person("admin"))["items"]
    assert listed["state"] == "expired"


@pytest.mark.parametrize("shown", ["tfk_", "tfk_unknown", "tfk_" + "x" * 5000, "tfk_\u00e9"])
def test_an_unknown_key_opens_nothing(door: Door, shown: str) -> None:
    headers = {"Authorization": f"Bearer {shown}".encode()}
    for method, path in (("GET", "/v1/alerts"), ("POST", "/v1/alerts"), ("POST", "/v1/classify")):
        assert is_problem(door.client.request(method, path, headers=headers), 401, "unauthorized")


def test_a_key_sends_only_for_its_own_source(door: Door) -> None:
    assert code_of(push(door, door.key(source="/other"), warning(door))) == "source"


def test_a_key_sends_only_its_types(door: Door) -> None:
    key = door.key(types=["warning.illness_poverty"])
    assert push(door, key, warning(door)).status_code == 202
    change = door.world.event("change.accident", {"person": {"external_id": "p0"}, "happened_on": None})
    assert code_of(push(door, key, change)) == "type_not_allowed"


def test_a_key_sends_only_about_people_of_its_streets(door: Door) -> None:
    key, wide = door.key(streets=[STREET]), door.key()
    other = {"street": ELSEWHERE, "committee": f"{ELSEWHERE}003"}
    assert push(door, key, warning(door)).status_code == 202
    assert code_of(push(door, key, warning(door, 1, **other))) == "street_not_allowed"
    # The same words for somebody who lives elsewhere and for nobody: where people live is not for this key to learn.
    push(door, wide, warning(door, 2, **other))
    elsewhere = push(door, key, warning(door, 2, street=None, committee=None))
    nowhere = push(door, key, warning(door, 3, street=None, committee=None))
    assert code_of(elsewhere) == "street_not_allowed"
    assert elsewhere.json()["errors"] == nowhere.json()["errors"]


def test_a_key_reads_only_the_streets_it_was_made_for(door: Door) -> None:
    wide, narrow = door.key(), door.key(streets=[ELSEWHERE])
    push(door, wide, warning(door))
    push(door, wide, warning(door, 1, street=ELSEWHERE, committee=f"{ELSEWHERE}003"))
    assert {one["street"] for one in door.get("/v1/alerts", narrow)["items"]} == {ELSEWHERE}
    assert len(door.get("/v1/alerts", wide)["items"]) == 2


def test_each_address_asks_for_its_scope(door: Door) -> None:
    person = {"birth_date": "1950-01-01", "facts": []}
    asked = {"on": "2026-03-20", "persons": [person]}
    answers = {}
    for scope in ("alerts:write", "alerts:read", "classify"):
        key = door.key(scope)
        answers[scope] = (
            push(door, key, warning(door)).status_code,
            door.client.get("/v1/alerts", headers=key).status_code,
            door.client.post("/v1/classify", headers=key, json=asked).status_code,
        )
    assert answers == {"alerts:write": (202, 403, 403), "alerts:read": (403, 200, 403), "classify": (403, 403, 200)}


def test_a_key_classifies_only_for_its_streets(door: Door) -> None:
    key = door.key("classify", streets=[STREET])
    asked = {"on": "2026-03-20", "persons": []}
    for street, status in ((STREET, 200), (ELSEWHERE, 404)):
        answer = door.client.post("/v1/classify", headers=key, json={**asked, "street": street})
        assert answer.status_code == status, answer.text
