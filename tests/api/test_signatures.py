"""Signed requests, as the official library of Standard Webhooks signs them: what passes, what is refused, and when."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook

from core import clock
from core.alerts import signatures
from core.alerts.signatures import Message
from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, SOURCE, STREET

NDJSON = "application/x-ndjson"


def secret_of(door: Door, *, obligatory: bool | None = True, source: str = SOURCE) -> str:
    """A new secret of a source."""
    wanted = {"source": source, "obligatory": obligatory}
    made = door.client.post("/v1/signatures", headers=door.person("admin"), json=wanted)
    assert made.status_code == 201, made.text
    secret: str = made.json()["secret"]
    return secret


def warning(door: Door, number: int = 0) -> dict[str, Any]:
    who = {"external_id": f"p{number}", "street": STREET, "committee": COMMITTEE, "name": "张三"}
    return door.world.event("warning.illness_poverty", {"person": who, "pushed_on": "2026-03-20"})


def signed(body: bytes, *secrets: str, message_id: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """The three headers; with several secrets, a signature by each."""
    at = at or clock.real_now()
    marks = [Webhook(secret).sign(message_id, at, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(marks),
    }


def push(
    door: Door, key: dict[str, str], body: bytes, headers: dict[str, str], content_type: str = "application/json"
) -> httpx.Response:
    return door.client.post("/v1/alerts", content=body, headers={**key, **headers, "content-type": content_type})


def test_a_request_signed_by_the_official_library_is_taken_in(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    answer = push(door, key, body, signed(body, secret))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)


def test_what_is_not_ascii_is_signed_as_its_raw_bytes(door: Door) -> None:
    key, secret = door.key(), secret_of(door)
    body = orjson.dumps(warning(door), option=orjson.OPT_INDENT_2) + b"\n"
    assert "张三".encode() in body
    assert push(door, key, body, signed(body, secret)).status_code == 202


def test_a_signed_rehearsal_does_not_use_up_its_message(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    headers = {**key, **signed(body, secret), "content-type": "application/json"}
    answers = [
        door.client.post(f"/v1/alerts{asked}", content=body, headers=headers)
        for asked in ("?dry_run=true", "?dry_run=true", "", "?dry_run=true")
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 409]
    assert is_problem(answers[3], 409, "replayed")


@pytest.mark.parametrize("mode", ["batch", "stream", "binary"])
def test_every_mode_can_be_signed(door: Door, mode: str) -> None:
    key, secret, events = door.key(), secret_of(door), [warning(door, 1), warning(door, 2)]
    extra: dict[str, str] = {}
    match mode:
        case "batch":
            body, content_type = orjson.dumps(events), "application/cloudevents-batch+json"
        case "stream":
            body, content_type = b"\n".join(map(orjson.dumps, events)), NDJSON
        case _:
            extra = {f"ce-{name}": value for name, value in events[0].items() if name != "data"}
            body, content_type = orjson.dumps(events[0]["data"]), "application/json"
    answer = push(door, key, body, {**signed(body, secret), **extra}, content_type)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1 if mode == "binary" else 2)
    assert is_problem(push(door, key, body + b" ", {**signed(body, secret), **extra}, content_type), 401)


def test_secrets_are_replaced_without_a_gap(door: Door) -> None:
    key, admin = door.key(), door.person("admin")
    old, new = secret_of(door), secret_of(door, obligatory=None)

    def answers() -> list[int]:
        found = []
        for secrets in ((old,), (new,), (old, new)):
            news = warning(door)
            body = orjson.dumps(news)
            headers = signed(body, *secrets, message_id=f"msg_{news['id']}")
            found.append(push(door, key, body, headers).status_code)
        return found

    ids = [one["secret_id"] for one in door.get("/v1/signatures", admin, source=SOURCE)["items"]]
    assert answers() == [202, 202, 202]
    for _ in range(2):
        assert door.client.delete(f"/v1/signatures/{ids[0]}", headers=admin).status_code == 204
    assert answers() == [401, 202, 202]
    door.client.delete(f"/v1/signatures/{ids[1]}", headers=admin)
    # Who has to sign and has nothing left to sign with is shut out, whatever they send.
    assert answers() == [401, 401, 401]
    assert is_problem(push(door, key, orjson.dumps(warning(door)), {}), 401, "signature_missing")


def test_what_is_decided_about_signatures_counts_at_once_everywhere(door: Door, other_door: Door) -> None:
    key, admin = door.key(), door.person("admin")

    def unsigned() -> int:
        return push(other_door, key, orjson.dumps(warning(door)), {}).status_code

    def by(secret: str) -> int:
        news = warning(door)
        body = orjson.dumps(news)
        return push(other_door, key, body, signed(body, secret, message_id=f"msg_{news['id']}")).status_code

    assert unsigned() == 202
    secret = secret_of(door, obligatory=False)
    assert (unsigned(), by(secret)) == (202, 202)
    door.client.patch("/v1/signatures", headers=admin, json={"source": SOURCE, "obligatory": True})
    assert (unsigned(), by(secret)) == (401, 202)
    [row] = door.world.rows("SELECT secret_id FROM signing_secret")
    door.client.delete(f"/v1/signatures/{row.secret_id}", headers=admin)
    assert (unsigned(), by(secret)) == (401, 401)


def test_a_copy_is_refused_by_every_process(door: Door, other_door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    headers = signed(body, secret)
    assert push(door, key, body, headers).status_code == 202
    assert is_problem(push(other_door, key, body, headers), 409, "replayed")


def test_what_an_obliged_source_sends_unsigned_is_refused(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    headers = signed(body, secret)
    assert is_problem(push(door, key, body, {}), 401, "signature_missing")
    for missing in headers:
        rest = {name: value for name, value in headers.items() if name != missing}
        assert is_problem(push(door, key, body, rest), 401, "signature_missing")
    assert is_problem(push(door, key, body, {}, NDJSON), 401, "signature_missing")
    # Another source is not concerned.
    other = {**warning(door), "source": "/other"}
    assert push(door, door.key(source="/other"), orjson.dumps(other), {}).status_code == 202
    assert [one["id"] for one in door.get("/v1/alerts", door.person("district_officer"))["items"]] == [other["id"]]


def test_a_source_that_may_sign_is_believed_unsigned_but_never_with_a_wrong_signature(door: Door) -> None:
    key, secret = door.key(), secret_of(door, obligatory=False)
    body = orjson.dumps(warning(door))
    assert push(door, key, body, {}).status_code == 202
    assert is_problem(push(door, key, body, signed(b"{}", secret)), 401, "signature_invalid")
    assert is_problem(push(door, key, body, signed(b"{}", secret), NDJSON), 401, "signature_invalid")


def test_signatures_of_a_source_without_a_secret_are_ignored(door: Door) -> None:
    secret_of(door, source="/other")
    nonsense = {"webhook-id": "a.b", "webhook-timestamp": "soon", "webhook-signature": "v1,nothing"}
    for content_type in ("application/json", NDJSON):
        assert push(door, door.key(), orjson.dumps(warning(door)), nonsense, content_type).status_code == 202


def test_obligation_is_set_and_lifted(door: Door) -> None:
    key, admin, body = door.key(), door.person("admin"), orjson.dumps(warning(door))
    assert is_problem(
        door.client.patch("/v1/signatures", headers=admin, json={"source": SOURCE, "obligatory": True}), 404
    )
    secret_of(door, obligatory=None)
    assert push(door, key, body, {}).status_code == 202
    for obligatory, status in ((True, 401), (False, 202)):
        wanted = {"source": SOURCE, "obligatory": obligatory}
        answer = door.client.patch("/v1/signatures", headers=admin, json=wanted)
        assert answer.json() == {**wanted, "live_secrets": 1}
        assert push(door, key, body, {}).status_code == status


@pytest.mark.parametrize(
    "spoil",
    [
        lambda h: {"webhook-signature": h["webhook-signature"][:-4] + "AAA="},
        lambda h: {"webhook-signature": h["webhook-signature"].replace("v1,", "v1a,")},
        lambda h: {"webhook-signature": h["webhook-signature"].removeprefix("v1,")},
        lambda h: {"webhook-signature": ""},
        lambda h: {"webhook-signature": ","},
        lambda h: {"webhook-signature": "v1,"},
        lambda h: {"webhook-signature": "v1,é"},
        lambda h: {"webhook-signature": "v1,a,b v1"},
        lambda h: {"webhook-signature": " ".join(["v1,AAAA"] * 1000)},
        lambda h: {"webhook-id": "msg_2"},
        lambda h: {"webhook-id": ""},
        lambda h: {"webhook-id": "x" * 256},
        lambda h: {"webhook-id": "é"},
        lambda h: {"webhook-timestamp": str(int(h["webhook-timestamp"]) + 1)},
        lambda h: {"webhook-timestamp": h["webhook-timestamp"] + ".5"},
        lambda h: {"webhook-timestamp": "0" + h["webhook-timestamp"]},
        lambda h: {"webhook-timestamp": "+" + h["webhook-timestamp"]},
        lambda h: {"webhook-timestamp": "nan"},
        lambda h: {"webhook-timestamp": "-1"},
        lambda h: {"webhook-timestamp": ""},
        lambda h: {"webhook-timestamp": "9" * 400},
        lambda h: {"webhook-timestamp": "２"},
    ],
)
def test_a_signature_that_does_not_hold_is_refused_and_nothing_is_stored(door: Door, spoil: Any) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    headers = signed(body, secret)
    spoilt = {name: value.encode() for name, value in {**key, **headers, **spoil(headers)}.items()}
    answer = door.client.post("/v1/alerts", content=body, headers={**spoilt, "content-type": b"application/json"})
    assert is_problem(answer, 401, "signature_invalid")
    assert headers["webhook-signature"] not in answer.text
    assert door.get("/v1/alerts", key)["items"] == []
    assert push(door, key, body, headers).status_code == 202


def test_a_message_id_with_a_full_stop_is_refused(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    assert is_problem(push(door, key, body, signed(body, secret, message_id="a.1")), 401, "signature_invalid")


def test_another_secret_or_another_body_is_no_signature(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    theirs = secret_of(door, source="/other")
    made_up = "whsec_" + base64.b64encode(b"x" * 32).decode()
    for headers in (signed(body, theirs), signed(body, made_up), signed(body + b" ", secret)):
        assert is_problem(push(door, key, body, headers), 401, "signature_invalid")
    assert is_problem(push(door, key, b"\xff" + body, signed(body, secret)), 401, "signature_invalid")


@pytest.mark.parametrize(("minutes", "status"), [(-4, 202), (4, 202), (-6, 401), (6, 401), (-60 * 24 * 365, 401)])
def test_a_timestamp_may_be_five_minutes_away_by_the_real_clock(door: Door, minutes: int, status: int) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    # Business time stands somewhere else altogether.
    door.world.business.at += timedelta(days=3)
    answer = push(door, key, body, signed(body, secret, at=clock.real_now() + timedelta(minutes=minutes)))
    assert answer.status_code == status, answer.text
    assert status == 202 or is_problem(answer, 401, "signature_stale")


def test_a_message_is_taken_in_once_and_a_new_attempt_is_a_new_message(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    first = signed(body, secret)
    assert push(door, key, body, first).status_code == 202
    assert is_problem(push(door, key, body, first), 409, "replayed")
    again = push(door, key, body, signed(body, secret, at=clock.real_now() + timedelta(seconds=2)))
    assert (again.status_code, again.json()["duplicates"]) == (202, 1)


def test_a_second_signature_makes_no_new_message(door: Door) -> None:
    key, old, new, body = door.key(), secret_of(door), secret_of(door), orjson.dumps(warning(door))
    at = clock.real_now()
    assert push(door, key, body, signed(body, old, at=at)).status_code == 202
    assert is_problem(push(door, key, body, signed(body, new, at=at)), 409, "replayed")


def test_two_sources_may_use_the_same_message_id(door: Door) -> None:
    at = clock.real_now()
    for source in (SOURCE, "/other"):
        body = orjson.dumps({**warning(door), "source": source})
        secret = secret_of(door, source=source)
        assert push(door, door.key(source=source), body, signed(body, secret, at=at)).status_code == 202


def test_of_many_copies_at_once_one_is_taken_in(door: Door) -> None:
    key, secret, body = door.key(), secret_of(door), orjson.dumps(warning(door))
    headers = signed(body, secret)
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: push(door, key, body, headers).status_code, range(12)))
    assert sorted(answers) == [202] + [409] * 11


def test_a_refused_or_failed_attempt_leaves_no_trace(door: Door) -> None:
    key, secret = door.key(), secret_of(door)
    bad = orjson.dumps({**warning(door), "type": "resident.invented"})
    headers = signed(bad, secret)
    assert [push(door, key, bad, headers).status_code for _ in range(2)] == [422, 422]
    failing = {"on": True}

    def fail(_connection: Any) -> None:
        if failing["on"]:
            raise OperationalError("COMMIT", {}, Exception("the server went away"))

    body = orjson.dumps(warning(door))
    headers = signed(body, secret)
    engine = door.context.database.engine
    # The first use of the day is written down before, in a transaction of its own.
    door.get("/v1/alerts", key)
    event.listen(engine, "commit", fail)
    assert is_problem(push(door, key, body, headers), 503)
    failing["on"] = False
    assert push(door, key, body, headers).status_code == 202


def test_a_signed_stream_is_believed_only_as_a_whole(door: Door) -> None:
    key, secret = door.key(), secret_of(door, obligatory=False)
    lines = [orjson.dumps(warning(door, number)) for number in range(1200)]
    lines[7] = b"{broken"
    body = b"\n".join(lines)
    assert is_problem(push(door, key, body + b"\n{}", signed(body, secret), NDJSON), 401, "signature_invalid")
    assert door.get("/v1/alerts", key)["items"] == []
    answer = push(door, key, body, signed(body, secret), NDJSON)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1199)
    assert [one["index"] for one in answer.json()["rejected"]] == [7]


def test_a_signed_stream_is_bounded_and_an_unsigned_one_is_not(door: Door) -> None:
    key, secret = door.key(), secret_of(door, obligatory=False)
    body = b"\n" * (8 * 1024 * 1024) + orjson.dumps(warning(door))
    answer = push(door, key, body, signed(body, secret), NDJSON)
    assert is_problem(answer, 413, "too_large")
    assert "签名的数据流" in answer.json()["detail"]
    assert push(door, key, body, {}, NDJSON).status_code == 202


def test_seen_messages_are_dropped_once_they_are_stale(door: Door) -> None:
    database, now = door.world.database, clock.real_now()
    messages = [Message(SOURCE, f"msg_{minutes}", now - timedelta(minutes=minutes)) for minutes in (1, 6, 11, 60)]
    with database.transaction(door.world.scope) as session:
        assert signatures.take_in(session, [*messages, messages[0]]) == [True] * 4 + [False]
        assert signatures.take_in(session, []) == []
    door.world.settle()
    left = door.world.rows("SELECT message_id FROM seen_message ORDER BY sent_at DESC")
    assert [row.message_id for row in left] == ["msg_1", "msg_6"]


def test_a_secret_is_sealed_and_shown_once(door: Door) -> None:
    secret, admin = secret_of(door), door.person("admin")
    answer = door.client.get("/v1/signatures", headers=admin)
    [listed] = answer.json()["items"]
    assert (listed["source"], listed["obligatory"], listed["state"]) == (SOURCE, True, "live")
    assert secret not in answer.text
    [row] = door.world.rows("SELECT secret FROM signing_secret")
    assert base64.b64decode(secret.removeprefix("whsec_")) not in bytes(row.secret)


@pytest.mark.parametrize(
    "role", ["district_officer", "street_manager", "street_advisor", "committee_advisor", "visitor", "auditor"]
)
def test_nobody_but_an_admin_hands_out_secrets(door: Door, role: str) -> None:
    secret_of(door)
    [row] = door.world.rows("SELECT secret_id FROM signing_secret")
    headers, wanted = door.person(role), {"source": SOURCE, "obligatory": False}
    for answer in (
        door.client.get("/v1/signatures", headers=headers),
        door.client.post("/v1/signatures", headers=headers, json=wanted),
        door.client.patch("/v1/signatures", headers=headers, json=wanted),
        door.client.delete(f"/v1/signatures/{row.secret_id}", headers=headers),
    ):
        assert is_problem(answer, 403)
    missing = "/v1/signatures/0193b3a2-0000-7000-8000-000000000000"
    assert is_problem(door.client.delete(missing, headers=door.person("admin")), 404)
