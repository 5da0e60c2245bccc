"""Signing in over HTTP: the cookie and where it counts, passwords and codes, one's own sessions."""

import asyncio
import contextlib
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.http import hashing
from api.http.callers import COOKIE, LOCAL_COOKIE
from api.http.hashing import AT_ONCE, WAITING, Hashing
from core.errors import Busy
from core.organisation import passwords
from core.organisation.failures import OF_A_NAME
from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, PASSWORD, STREET

OWN = "a word of my own"
PLACES = {"code": STREET, "year": "2026"}
SOMEBODY = "00000000-0000-4000-8000-000000000000"
# What somebody may ask who has still to choose a password.
OPEN_TO_LIMITED = {
    ("GET", "/v1/me"),
    ("POST", "/v1/me/password"),
    ("DELETE", "/v1/session"),
    ("GET", "/v1/me/sessions"),
    ("DELETE", "/v1/me/sessions"),
    ("DELETE", "/v1/me/sessions/{session_id}"),
}
# Where nobody has to say who they are.
OPEN_TO_ALL = {
    ("POST", "/v1/session"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
}


def account(door: Door, role: str = "street_manager") -> str:
    door.world.user(role)
    name: str = door.world.rows("SELECT username FROM user_account ORDER BY user_id DESC LIMIT 1")[0].username
    return name


def sign_in(door: Door, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return door.client.post("/v1/session", json={"username": name, "password": password}, headers=headers)


def bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    door_token = answer.json()["token"]
    return {"Authorization": f"Bearer {door_token}"}


# The cookie


def test_the_cookie_is_for_our_pages_alone(door: Door) -> None:
    signed = sign_in(door, account(door))
    host, local = signed.headers.get_list("set-cookie")
    assert host.startswith(f"{COOKIE}=tfs_")
    assert {part.strip().lower() for part in host.split(";")[1:]} == {
        "httponly",
        "secure",
        "samesite=lax",
        "path=/",
        "max-age=43200",
    }
    # Browsers that take no Secure cookie over HTTP need another on this machine, and only here.
    assert local.startswith(f"{LOCAL_COOKIE}=tfs_")
    assert "httponly" in local.lower()
    door.client.cookies.clear()
    over_https = door.client.post(
        "https://tanfang.example/v1/session", json={"username": account(door), "password": PASSWORD}
    )
    assert [one.partition("=")[0] for one in over_https.headers.get_list("set-cookie")] == [COOKIE]


def test_the_cookie_without_its_prefix_is_read_on_this_machine_alone(door: Door) -> None:
    token = sign_in(door, account(door)).json()["token"]
    door.client.cookies.clear()
    cookie = {"Cookie": f"{LOCAL_COOKIE}={token}"}
    assert door.client.get("/v1/me", headers=cookie).status_code == 200
    for elsewhere in ("http://tanfang.example", "https://tanfang.example", "https://localhost"):
        assert is_problem(door.client.get(f"{elsewhere}/v1/me", headers=cookie), 401)
    assert door.client.get("https://tanfang.example/v1/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://localhost.elsewhere.example"}, False),
        ({"Origin": "http://localhost:8001"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://elsewhere.example"}, False),
    ],
)
def test_the_cookie_writes_only_for_pages_of_ours(door: Door, headers: dict[str, str], is_ours: bool) -> None:
    sign_in(door, account(door, "committee_advisor"))
    assert door.client.get("/v1/me").status_code == 200
    written = door.client.post("/v1/tasks/pull", json={"max": 1}, headers=headers)
    if is_ours:
        assert written.status_code == 200, written.text
    else:
        assert is_problem(written, 403, "cross_site")


def test_a_token_in_the_header_writes_from_anywhere(door: Door) -> None:
    headers = door.person("committee_advisor")
    elsewhere = {**headers, "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert door.client.post("/v1/tasks/pull", json={"max": 1}, headers=elsewhere).status_code == 200


def test_no_page_elsewhere_signs_anybody_in(door: Door) -> None:
    name = account(door)
    assert is_problem(sign_in(door, name, **{"Sec-Fetch-Site": "cross-site"}), 403, "cross_site")
    assert is_problem(sign_in(door, name, Origin="https://elsewhere.example"), 403, "cross_site")


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://0.0.0.0:8000", True),
        ("http://tanfang.localhost", True),
        ("https://tanfang.example", True),
        ("http://tanfang.example", False),
        ("http://192.0.2.7:8000", False),
        ("http://localhost.example", False),
    ],
)
def test_a_password_crosses_no_network_in_the_clear(door: Door, url: str, is_safe: bool) -> None:
    name = account(door)
    answer = door.client.post(f"{url}/v1/session", json={"username": name, "password": PASSWORD})
    if is_safe:
        assert answer.status_code == 200, answer.text
    else:
        assert is_problem(answer, 403, "plain_http")


def test_a_program_that_keeps_cookies_signs_in_one_person_after_the_other(door: Door) -> None:
    people = [bearer(sign_in(door, account(door))) for _ in range(2)]
    for person in people:
        assert door.client.get("/v1/me", headers=person).status_code == 200


def test_signing_out_ends_the_session_and_takes_the_cookies(door: Door) -> None:
    headers = bearer(sign_in(door, account(door)))
    ended = door.client.delete("/v1/session", headers={"Sec-Fetch-Site": "same-origin"})
    assert ended.status_code == 204
    assert not door.client.cookies
    assert is_problem(door.client.get("/v1/me", headers=headers), 401, "session_over")


def test_who_signs_in_again_in_one_browser_has_one_session(door: Door) -> None:
    name = account(door)
    browser = {"Sec-Fetch-Site": "same-origin"}
    first, second = (bearer(sign_in(door, name, PASSWORD, **browser)) for _ in range(2))
    assert is_problem(door.client.get("/v1/me", headers=first), 401, "session_over")
    assert len(door.get("/v1/me/sessions", second)["items"]) == 1


# Wrong


def test_a_wrong_password_and_an_unknown_name_answer_alike_and_compare_alike(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    is_right = passwords.is_right

    def counting(password: str, stored: str | None) -> bool:
        compared.append(stored)
        return is_right(password, stored)

    monkeypatch.setattr(passwords, "is_right", counting)
    name = account(door)
    for number in range(7):
        wrong, unknown = sign_in(door, name, "wrong"), sign_in(door, "nobody", "wrong")
        assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
        assert wrong.status_code == (401 if number < 5 else 429)
        assert wrong.headers.get("retry-after") == unknown.headers.get("retry-after")
        assert "用户名" in wrong.json()["detail"]
    assert Counter(stored is None for stored in compared) == {True: 5, False: 5}


def test_a_locked_name_says_when_to_come_back_and_whom_to_ask(door: Door) -> None:
    name = account(door)
    for _ in range(5):
        assert is_problem(sign_in(door, name, "wrong"), 401, "wrong_password")
    locked = sign_in(door, name)
    assert is_problem(locked, 429, "locked")
    assert 880 <= int(locked.headers["retry-after"]) <= 900
    assert "还有 15 分钟" in locked.json()["detail"]
    assert "负责人" in locked.json()["detail"]


def test_more_sign_ins_than_can_wait_hear_so_at_once() -> None:
    gate = threading.Event()

    hashed = Hashing()

    async def ask() -> Any:
        with hashed.place():
            return await hashed.run(gate.wait, 10)

    async def crowd() -> list[Any]:
        asked = [asyncio.ensure_future(ask()) for _ in range(hashing.AT_ONCE + hashing.WAITING + 9)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = Counter(type(one) for one in asyncio.run(crowd()))
    assert outcomes == {bool: hashing.AT_ONCE + hashing.WAITING, Busy: 9}


def test_a_crowd_that_signs_in_starves_nobody_else(door: Door) -> None:
    name, reader = account(door), door.person("committee_advisor")
    with ThreadPoolExecutor(30) as threads:
        crowd = [threads.submit(sign_in, door, f"nobody-{number}", "wrong") for number in range(24)]
        for _ in range(10):
            assert door.client.get("/v1/tasks", headers=reader).status_code == 200
        assert {one.result().status_code for one in crowd} == {401}
    assert sign_in(door, name).status_code == 200


def test_who_is_told_to_try_again_has_not_failed(door: Door) -> None:
    name = account(door)
    hashing = door.context.hashing
    with contextlib.ExitStack() as crowd:
        for _ in range(AT_ONCE + WAITING):
            crowd.enter_context(hashing.place())
        for _ in range(OF_A_NAME + 1):
            assert is_problem(sign_in(door, name), 503, "busy")
    assert sign_in(door, name).status_code == 200


# First passwords and codes


def test_without_a_password_an_account_starts_with_a_code(door: Door) -> None:
    manager = door.person("street_manager")
    new = {"username": "new-advisor", "role": "committee_advisor", "committees": [COMMITTEE]}
    made = door.client.post("/v1/users", headers=manager, json=new)
    assert made.status_code == 201, made.text
    code = made.json()["code"]
    assert made.json()["code_expires_at"]
    signed = sign_in(door, "new-advisor", code)
    assert signed.json()["user"]["password_to_choose"] is True
    assert is_problem(sign_in(door, "new-advisor", code), 401, "wrong_password")
    weak = {"current": code, "new": "short"}
    refused = door.client.post("/v1/me/password", headers=bearer(signed), json=weak)
    assert is_problem(refused, 422, "invalid")
    assert [one["loc"] for one in refused.json()["errors"]] == ["new"]
    chosen = door.client.post("/v1/me/password", headers=bearer(signed), json={"current": code, "new": OWN})
    assert chosen.json()["user"]["password_to_choose"] is False
    assert door.client.get("/v1/tasks", headers=bearer(chosen)).status_code == 200
    assert is_problem(door.client.get("/v1/me", headers=bearer(signed)), 401)
    assert sign_in(door, "new-advisor", OWN).status_code == 200


def test_before_a_password_is_chosen_every_other_address_is_closed(door: Door) -> None:
    admin = door.person("admin")
    new = {"username": "first", "password": PASSWORD, "role": "street_manager", "street": STREET}
    made = door.client.post("/v1/users", headers=admin, json=new)
    assert (made.status_code, made.json()["code"]) == (201, None)
    limited = bearer(sign_in(door, "first"))
    door.client.cookies.clear()
    answers = {}
    for template, operations in door.client.get("/openapi.json").json()["paths"].items():
        path = re.sub(r"{(\w+)}", lambda found: PLACES.get(found[1], SOMEBODY), template)
        for method in map(str.upper, operations):
            if (method, template) not in OPEN_TO_LIMITED | OPEN_TO_ALL:
                body = None if method in ("GET", "DELETE") else {}
                answer = door.client.request(method, path, headers=limited, json=body)
                answers[method, template] = (answer.status_code, answer.json().get("code"))
    assert len(answers) > 50
    # A person's session sends no alerts anyway.
    assert answers.pop(("POST", "/v1/alerts")) == (403, "forbidden")
    assert set(answers.values()) == {(403, "password_to_choose")}, answers
    assert door.get("/v1/me", limited)["password_to_choose"] is True


def test_a_manager_resets_those_of_their_street_and_nobody_above(door: Door) -> None:
    manager, officer = door.person("street_manager"), door.person("district_officer")
    advisor = door.person("committee_advisor")
    name = door.get("/v1/me", advisor)["username"]
    reset = door.client.post(f"/v1/users/{door.id_of(advisor)}/reset", headers=manager)
    assert reset.status_code == 200, reset.text
    assert is_problem(door.client.get("/v1/me", headers=advisor), 401, "session_over")
    assert is_problem(sign_in(door, name), 401, "wrong_password")
    assert sign_in(door, name, reset.json()["code"]).json()["user"]["password_to_choose"] is True
    assert is_problem(door.client.post(f"/v1/users/{door.id_of(officer)}/reset", headers=manager), 404)
    elsewhere = door.person("committee_advisor", street="310117002", committees=["310117002003"])
    assert is_problem(door.client.post(f"/v1/users/{door.id_of(elsewhere)}/reset", headers=manager), 404)
    peer = door.person("street_advisor")
    assert is_problem(door.client.post(f"/v1/users/{door.id_of(peer)}/reset", headers=peer), 403)


def test_nobody_changes_anybody_elses_password(door: Door) -> None:
    manager, advisor = door.person("street_manager"), door.person("committee_advisor")
    patched = door.client.patch(f"/v1/users/{door.id_of(advisor)}", headers=manager, json={"password": PASSWORD})
    assert is_problem(patched, 422)


def test_the_own_password_needs_the_present_one(door: Door) -> None:
    name = account(door)
    headers = bearer(sign_in(door, name))
    for current, new, loc in (("wrong", OWN, "current"), (PASSWORD, PASSWORD, "new"), (PASSWORD, name * 9, None)):
        answer = door.client.post("/v1/me/password", headers=headers, json={"current": current, "new": new})
        if loc is None:
            assert answer.status_code == 200, answer.text
        else:
            assert is_problem(answer, 422)
            assert [one["loc"] for one in answer.json()["errors"]] == [loc]


def test_a_first_password_is_not_chosen_again(door: Door) -> None:
    new = {"username": "again", "password": PASSWORD, "role": "street_manager", "street": STREET}
    assert door.client.post("/v1/users", headers=door.person("admin"), json=new).status_code == 201
    signed = bearer(sign_in(door, "again"))
    typed = {"new": PASSWORD, "again": PASSWORD}
    page = door.client.post(
        "/account/password", headers={**signed, "Sec-Fetch-Site": "same-origin"}, data=typed, follow_redirects=False
    )
    assert page.status_code == 422
    assert "新密码要和现在的不同" in page.text
    assert door.get("/v1/me", signed)["password_to_choose"] is True


# Sessions


def test_one_lists_and_ends_ones_own_sessions(door: Door) -> None:
    name = account(door)
    first = bearer(sign_in(door, name))
    door.client.cookies.clear()
    second = bearer(sign_in(door, name))
    door.client.cookies.clear()
    third = bearer(sign_in(door, name))
    door.client.cookies.clear()
    items = door.get("/v1/me/sessions", third)["items"]
    assert [set(one) for one in items] == [{"session_id", "since", "last_seen", "address", "current"}] * 3
    assert [one["current"] for one in items] == [True, False, False]
    paged = door.get("/v1/me/sessions", third, limit=2)
    rest = door.get("/v1/me/sessions", third, limit=2, cursor=paged["next_cursor"])
    assert [*paged["items"], *rest["items"]] == items
    assert door.client.delete(f"/v1/me/sessions/{items[2]['session_id']}", headers=third).status_code == 204
    assert is_problem(door.client.get("/v1/me", headers=first), 401, "session_over")
    assert is_problem(door.client.delete(f"/v1/me/sessions/{items[2]['session_id']}", headers=third), 404)
    stranger = door.person("street_manager")
    assert is_problem(door.client.delete(f"/v1/me/sessions/{items[1]['session_id']}", headers=stranger), 404)
    assert door.client.delete("/v1/me/sessions", headers=third).status_code == 204
    assert is_problem(door.client.get("/v1/me", headers=second), 401, "session_over")
    assert door.client.get("/v1/me", headers=third).status_code == 200


# Every answer


def test_every_answer_carries_its_own_number_and_closes_what_a_browser_might_do(door: Door) -> None:
    answers = [
        door.client.get(path, headers={"X-Request-Id": "mine"})
        for path in ("/", "/v1/me", "/v1/nothing", "/health/live", "/openapi.json")
    ]
    numbers = [one.headers["x-request-id"] for one in answers]
    assert len(set(numbers)) == len(answers)
    assert "mine" not in numbers
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "geolocation=()" in answer.headers["permissions-policy"]
    assert answers[1].headers["content-security-policy"].startswith("default-src 'none'; form-action 'none'")
