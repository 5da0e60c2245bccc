"""A short life of the whole product in one process, step by step: what its clients do, and what its workers do.

A step may be cut short by the death of the process. Its client then does what clients do and asks again, so each step
can be taken twice, and the second time changes nothing.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asked

from api.main import context_of
from core import clock
from core.events import id_numbers
from core.heartbeat import sandbox, sweep
from core.notifications import relay
from core.notifications.senders import Egress
from core.settings import Settings
from core.store import crypto
from core.store.business import Business
from core.store.database import Database
from tests.chaos import account, boundaries
from tests.chaos.poisoned_worker import RAISES
from tests.world import COMMITTEE, PASSWORD, SOURCE

HOME, ELSEWHERE = COMMITTEE, "310117002003"
TODAY = "2026-03-20"
ARRIVAL = "2026-04-01T10:00:00+08:00"
PEOPLE = [id_numbers.make(date(1960, 1, 1), serial) for serial in range(1, 8)]
VISIT = UUID("01990000-0000-7000-8000-000000000001")
EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
# Answers of a client's second attempt among them: it was done already.
FINE = (200, 201, 202, 409)


class Life:
    """The product and its clients. `key` is that of a monitoring system, `app` the addresses of the product."""

    def __init__(self, url: str, keys: Path, key: str, app: FastAPI) -> None:
        self.database = Database(url, pool_size=6)
        self.keys = crypto.load_keys(keys)
        self.business = Business(self.database, sandbox=True)
        config = Settings(database_url=url, redis_url=None, keys=keys, sandbox=True, pool_size=6)
        app.state.context = context_of(config)
        self._client = TestClient(_Serving(app), base_url="http://localhost", raise_server_exceptions=False)
        self._key = key
        self._tokens: dict[str, str] = {}

    # What happens, in order; the names are for the one who reads a failure.

    def steps(self) -> "list[tuple[str, Any]]":
        return [
            ("news comes in", self.news_comes_in),
            ("workers work", self.work),
            ("more news comes in", self.more_news_comes_in),
            ("workers work", self.work),
            ("a task is given back", lambda: self._task(0, "visit", "release", reason="休假")),
            ("the task is taken", lambda: self._task(0, "visit", "claim")),
            ("a lead is looked into", lambda: self._task(2, "lead", "complete", result="已核实")),
            ("a visit is recorded", self.visit),
            ("days pass", self.days_pass),
            ("messages are delivered", self.deliver),
            ("workers work", self.work),
        ]

    def news_comes_in(self) -> None:
        self._push(
            *(self._registered(number) for number in (0, 1, 2, 3)),
            self._registered(5, ELSEWHERE),
            self._event("accident-0", "change.accident", 0, happened_on=TODAY),
            self._event("accident-1", "change.accident", 1, happened_on=TODAY),
            self._event("lead-2", "lead.reported", 2, channel="neighbour"),
            self._event("poison-3", "change.other", 3, description=RAISES),
            # Nobody knows them yet.
            self._event("warning-4", "warning.illness_poverty", 4, pushed_on=TODAY),
        )

    def more_news_comes_in(self) -> None:
        self._push(
            self._registered(4),
            self._event("moved-1", "resident.moved", 1, on=TODAY, to_street=ELSEWHERE[:9], to_committee=ELSEWHERE),
            self._event("accident-5", "change.accident", 5, happened_on=TODAY),
        )

    def work(self) -> None:
        sweep.until_quiet(self.database, self.keys, self.business)

    def visit(self) -> None:
        self._ask(
            "POST",
            "/v1/visits",
            by=f"advisor-{HOME[:9]}",
            json={
                "visit_id": str(VISIT),
                "resident_ids": [str(self._resident(2))],
                "mode": "home_visit",
                "participants": ["李顾问"],
                "service_date": TODAY,
                "duration_hours": 0.5,
                "services": ["care"],
                "initiated_by": "advisor",
                "narrative": "了解近况。",
                "dimensions": {"health": {"level": "urgent", "note": "需要帮助"}},
            },
        )

    def days_pass(self) -> None:
        """Somebody moves the clock, and a worker walks; the answer comes when it has arrived."""
        with self._walking():
            answer = self._ask("PUT", "/v1/sandbox/clock", by="district", json={"now": ARRIVAL}, fine=(200, 409, 422))
            # Heard before the process died, the first request needs no second: it is under way, or over.
            self._ask("POST", "/v1/sandbox/settle", by="district")
        if answer.status_code == 422:
            assert answer.json()["errors"][0]["code"] == "backwards", answer.text

    def deliver(self) -> None:
        """What a relay was sending when it died is sent again when its lease has ended."""
        egress = Egress(sandbox=True, smtp_url=None)
        later = clock.real_now()
        while account.query(self.database, "SELECT FROM delivery WHERE state = 'pending'"):
            relay.deliver_due(self.database, self.keys, egress, now=later)
            later += relay.LEASE + timedelta(minutes=1)

    # How.

    def _registered(self, number: int, home: str = HOME) -> dict[str, Any]:
        event = self._event(f"registered-{number}", "resident.registered", number, facts=[EDGE])
        event["data"]["person"] |= {"name": "测试", "street": home[:9], "committee": home}
        return event

    def _event(self, event_id: str, kind: str, number: int, **said: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": SOURCE,
            "id": event_id,
            "type": kind,
            "time": f"{TODAY}T09:00:00+08:00",
            "data": {"person": {"id_number": PEOPLE[number]}, **said},
        }

    def _push(self, *events: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        answer = self._client.post("/v1/alerts", json=list(events), headers=headers)
        assert answer.status_code == 202, answer.text
        assert not answer.json()["rejected"], answer.text

    def _ask(self, method: str, path: str, *, by: str, fine: tuple[int, ...] = FINE, **rest: Any) -> Response:
        if by not in self._tokens:
            signed_in = self._client.post("/v1/session", json={"username": by, "password": PASSWORD})
            self._tokens[by] = signed_in.json()["token"]
        headers = {"Authorization": f"Bearer {self._tokens[by]}"}
        answer = self._client.request(method, path, headers=headers, **rest)
        assert answer.status_code in fine, (path, answer.status_code, answer.text)
        return answer

    def _task(self, number: int, kind: str, deed: str, **said: Any) -> None:
        [row] = account.query(
            self.database,
            "SELECT task_id FROM task WHERE resident_id = :resident AND kind = :kind ORDER BY task_id LIMIT 1",
            resident=self._resident(number),
            kind=kind,
        )
        self._ask("POST", f"/v1/tasks/{row.task_id}/{deed}", by=f"visitor-{HOME}", json=said or None)

    def _resident(self, number: int) -> UUID:
        key = self.keys.person_key("id_number", PEOPLE[number])
        [row] = account.query(self.database, "SELECT resident_id FROM directory WHERE person_key = :key", key=key)
        found: UUID = row.resident_id
        return found

    @contextmanager
    def _walking(self) -> Iterator[None]:
        """A worker's heartbeat beside the request that waits for it."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(0.01):
                sandbox.walk(self.database, self.keys, self.business)

        walker = threading.Thread(target=beat)
        walker.start()
        yield
        over.set()
        walker.join()


class _Serving:
    """The application, with a note of which address it serves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, asked: Asked, receive: Receive, send: Send) -> None:
        if asked["type"] == "http":
            parts = asked["path"].split("/")
            path = "/".join("{id}" if len(part) == 36 else part for part in parts)
            boundaries.serving.set(f"{asked['method']} {path}")
        await self._app(asked, receive, send)
