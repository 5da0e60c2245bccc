"""The database stops, starts again and drops connections: nothing is lost, nothing is claimed, and service resumes."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from cli.embedded.folder import start_postgres
from core import migrations
from core.store import crypto
from core.store.database import Database
from core.store.logins import LOGIN
from tests.api.door import Door, is_problem
from tests.api.limited import application, until
from tests.api.test_grouping import news, push
from tests.world import World
from worker import heartbeat

BACK_SECONDS = 10
NAME = "away_test"
# What was committed outlives the server, unlike in the other tests; the machine itself is not switched off.
DURABLE = {"fsync": "off", "max_connections": "100"}
SOMEBODY = "01935b8e-0000-7000-8000-000000000000"


@dataclass
class Site:
    """A server of this test alone, the door, and a worker that goes on beating."""

    folder: Path
    door: Door

    def stop_database(self) -> None:
        """As after a power cut: no farewell to anybody."""
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not (self.folder / "postgres" / "postmaster.pid").exists())

    def start_database(self) -> None:
        start_postgres(self.folder, DURABLE, database=NAME)


@pytest.fixture
def site(tmp_path: Path, key_folder: Path) -> Iterator[Site]:
    server = start_postgres(tmp_path, DURABLE, database=NAME)
    migrations.migrate(server.owner_url or "", LOGIN)
    world = World(Database(server.url, pool_size=8), crypto.load_keys(key_folder))
    beating, stop = Database(server.url, pool_size=4), threading.Event()
    worker = threading.Thread(
        target=heartbeat.beat, args=(beating, world.keys, world.business, stop), kwargs={"is_sandbox": False}
    )
    with TestClient(
        application(world, key_folder), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        worker.start()
        try:
            yield Site(tmp_path, Door(client, world))
        finally:
            stop.set()
            worker.join()
            beating.dispose()
            world.database.dispose()
            server.stop()


class Senders:
    """Four senders that repeat an event until it is accepted, as monitoring systems do."""

    def __init__(self, door: Door) -> None:
        self._door, self._key = door, door.key()
        self._stop = threading.Event()
        self.answers: Counter[int] = Counter()
        self.said: set[str] = set()
        self.accepted: set[str] = set()
        self._threads = [threading.Thread(target=self._run, args=(1000 * n,)) for n in range(1, 5)]

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        while not self._stop.is_set():
            number += 1
            event = news(self._door, number)
            while (answer := push(self._door, (self._key, event))).status_code != 202:
                self.answers[answer.status_code] += 1
                self.said.add(answer.json()["code"])
                assert answer.headers["retry-after"]
                if self._stop.wait(0.01):
                    return
            self.answers[202] += 1
            self.accepted.add(event["id"])


def statuses(door: Door) -> Counter[tuple[str, str]]:
    rows = door.world.rows("SELECT event_id, status FROM alert")
    return Counter((row.event_id, row.status) for row in rows)


def test_while_the_database_is_away_every_address_says_503_and_afterwards_nothing_is_missing(site: Site) -> None:
    door = site.door
    key, advisor = door.key(), door.person("committee_advisor")
    assert push(door, (key, news(door, 1))).status_code == 202
    with Senders(door) as senders:
        until(lambda: senders.answers[202] > 20)
        site.stop_database()
        until(lambda: senders.answers[503] > 20)

        def ask(number: int) -> Any:
            match number % 4:
                case 0:
                    return push(door, (key, news(door, number)))
                case 1:
                    return door.client.get("/v1/tasks", headers=advisor)
                case 2:
                    return door.client.post("/v1/visits", headers=advisor, json=door.form(SOMEBODY))
            return door.client.post("/v1/session", json={"username": "a", "password": "b"})

        with ThreadPoolExecutor(16) as threads:
            for answer in threads.map(ask, range(2, 42)):
                assert is_problem(answer, 503, "database_unavailable")
                assert answer.headers["retry-after"]
        before = senders.answers[202]
        site.start_database()
        until(lambda: senders.answers[202] > before + 20, BACK_SECONDS)
        until(lambda: door.client.get("/v1/tasks", headers=advisor).status_code == 200, BACK_SECONDS)
    assert set(senders.answers) == {202, 503}
    assert senders.said == {"database_unavailable"}
    found = statuses(door)
    assert {event for event, _ in found} >= senders.accepted
    assert set(found.values()) == {1}
    # The worker came back by itself, too.
    until(lambda: {status for _, status in statuses(door)} == {"processed"}, 60)


def test_connections_cut_off_in_the_middle_cost_a_503_at_most(site: Site) -> None:
    door = site.door
    with Senders(door) as senders:
        for round_ in range(1, 6):
            until(lambda round_=round_: senders.answers[202] > 20 * round_)  # type: ignore[misc]
            with door.world.database.engine.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
        until(lambda: senders.answers[202] > 140)
    assert set(senders.answers) <= {202, 503}
    found = statuses(door)
    assert {event for event, _ in found} >= senders.accepted
    assert set(found.values()) == {1}
