"""When something is away or too much at once: no half answers, no lies, and nothing delayed by a hint."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis
from dramatiq import Message
from fastapi.testclient import TestClient
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from api.door.hints import Hints
from api.main import create
from core.settings import Settings
from core.store.database import Database
from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, STREET

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
PERSON = {"id_number": "319999196001010040", "name": "张三", "street": STREET, "committee": COMMITTEE}


def database_of(door: Door) -> Database:
    found: Database = door.context.database
    return found


def test_a_failed_commit_is_never_answered_as_done(door: Door) -> None:
    advisor, key, resident = door.person("committee_advisor"), door.key(), door.resident(DIBAO)
    news = door.world.event("resident.registered", {"person": PERSON, "facts": []})
    headers = {**advisor}

    def fail(_connection: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("the server went away"))

    engine = database_of(door).engine
    failing = {"on": False}

    def maybe(connection: Any) -> None:
        if failing["on"]:
            fail(connection)

    event.listen(engine, "commit", maybe)
    assert door.get("/v1/me", advisor)
    failing["on"] = True
    for answer in (
        door.client.post("/v1/visits", headers=headers, json=door.form(resident)),
        door.client.post("/v1/alerts", headers=key, json=news),
    ):
        assert is_problem(answer, 503, "database_unavailable")
        assert answer.headers["retry-after"]
    failing["on"] = False
    assert door.get("/v1/visits", advisor)["items"] == []
    assert door.get("/v1/alerts", key, id=news["id"])["items"] == []


def test_without_the_database_everything_answers_503_and_says_when_to_come_back(key_folder: Path) -> None:
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/nothing", keys=key_folder, sandbox=False, pool_size=4
    )
    with TestClient(create(settings), base_url="http://localhost", raise_server_exceptions=False) as client:
        headers = {"Authorization": "Bearer tfk_something"}
        for answer in (
            client.post("/v1/alerts", headers=headers, json={}),
            client.get("/v1/tasks", headers=headers),
            client.post("/v1/session", json={"username": "a", "password": "b"}),
        ):
            assert is_problem(answer, 503, "database_unavailable")
            assert answer.headers["retry-after"]
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert "tanfang_database_up 0.0" in client.get("/metrics").text


def test_connections_that_the_server_dropped_are_replaced(door: Door) -> None:
    advisor = door.person("committee_advisor")
    assert door.get("/v1/tasks", advisor)["items"] == []
    with door.world.database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        )
    assert door.get("/v1/tasks", advisor)["items"] == []


def test_many_more_requests_than_connections_are_all_answered(door: Door) -> None:
    advisor, key = door.person("committee_advisor"), door.key()
    residents = [door.resident(DIBAO) for _ in range(4)]

    def ask(number: int) -> int:
        match number % 4:
            case 0:
                news = door.world.event(
                    "change.accident",
                    {"person": {**PERSON, "id_number": None, "external_id": f"x{number}"}, "happened_on": None},
                )
                return door.client.post("/v1/alerts", headers=key, json=news).status_code
            case 1:
                return door.client.get("/v1/tasks", headers=advisor).status_code
            case 2:
                form = door.form(
                    residents[number % 3], service_date=f"2026-02-{1 + number % 28:02}", mode="phone", merge=True
                )
                return door.client.post("/v1/visits", headers=advisor, json=form).status_code
        return door.client.get(f"/v1/residents/{residents[0]}", headers=advisor).status_code

    with ThreadPoolExecutor(60) as threads:
        answers = Counter(threads.map(ask, range(180)))
    # One in two of the forms is about the same person and day, and is merged into the earlier one.
    assert answers == {202: 45, 200: 114, 201: 21}
    assert database_of(door).engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_an_unexpected_error_says_nothing_about_what_was_sent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("319999196001010040 is in the words of the error")

    monkeypatch.setattr("core.tasks.queries.page", fail)
    answer = door.client.get("/v1/tasks", headers=door.person("committee_advisor"))
    assert is_problem(answer, 500, "internal")
    assert "3199" not in answer.text


def test_a_hint_names_the_street_and_nothing_else(valkey_url: str) -> None:
    client = redis.Redis.from_url(valkey_url)
    client.flushall()
    hints = Hints(valkey_url)
    hints.send([STREET])
    until = time.monotonic() + 5
    while not client.exists("dramatiq:default.msgs") and time.monotonic() < until:
        time.sleep(0.01)
    [body] = client.hvals("dramatiq:default.msgs")
    message: Message[Any] = Message.decode(body)
    assert (message.actor_name, message.queue_name, list(message.args), message.kwargs) == (
        "drain",
        "default",
        [STREET],
        {},
    )
    hints.close()


def test_a_dead_broker_delays_nobody() -> None:
    hints = Hints("redis://127.0.0.1:1/0")
    started = time.perf_counter()
    for _ in range(1000):
        hints.send([STREET])
    assert time.perf_counter() - started < 0.5
    hints.close()
