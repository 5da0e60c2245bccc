"""The whole product as its users meet it: API and worker processes of its own, spoken to over HTTP only."""

import itertools
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from core.alerts import source_keys
from core.heartbeat import sandbox
from core.organisation import users
from core.store import scopes
from core.store.database import Database
from tests import processes
from tests.world import PASSWORD, PASSWORD_HASH

SOURCE = "/songjiang/medical-insurance"
START_SECONDS = 120


@dataclass
class Process:
    """One process of the instance; killed, it can be started again."""

    module: str
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self._end(signal.SIGKILL)

    def ask_to_stop(self) -> None:
        if self.running is not None:
            self.running.terminate()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.running is not None:
            processes.end(self.running, number, seconds=15)
            assert self.running.stdin is not None
            self.running.stdin.close()
            self.running = None


@dataclass
class Instance:
    """A sandbox with some APIs and some workers; `worker` is the module that the latter run."""

    database_url: str
    redis_url: str
    keys: Path
    logs: Path
    now: str
    workers: int = 1
    apis: int = 1
    worker: str = "worker"
    processes: list[Process] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    _tokens: dict[str, str] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def start(self) -> None:
        """Start everything and wait until it serves."""
        with self.transaction() as session:
            sandbox.start_at(session, datetime.fromisoformat(self.now))
        self.ports = [_free_port() for _ in range(self.apis)]
        environment = processes.supervised(
            {
                "TANFANG_DATABASE_URL": self.database_url,
                "TANFANG_REDIS_URL": self.redis_url,
                "TANFANG_KEYS": str(self.keys),
                "TANFANG_SANDBOX": "1",
            }
        )
        self.processes = [
            Process("api", environment | {"TANFANG_PORT": str(port)}, self.logs / f"api-{number}.log")
            for number, port in enumerate(self.ports)
        ]
        self.processes += [
            Process(self.worker, environment, self.logs / f"worker-{number}.log") for number in range(self.workers)
        ]
        for process in self.processes:
            process.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Every API serves."""
        until = time.monotonic() + START_SECONDS
        for number, url in enumerate(self.urls):
            while not _is_ready(url):
                assert time.monotonic() < until, (self.logs / f"api-{number}.log").read_text()[-2000:]
                time.sleep(0.05)

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def url(self) -> str:
        return self.urls[0]

    def stop(self) -> None:
        for process in self.processes:
            process.ask_to_stop()
        for process in self.processes:
            process.stop()

    # What an operator prepares on the command line.

    def transaction(self) -> Any:
        store = Database(self.database_url, pool_size=2)
        return store.transaction(scopes.everywhere())

    def add_user(self, username: str, role: str, **details: Any) -> str:
        """Make an account and return its id."""
        with self.transaction() as session:
            return str(
                users.add_user(
                    session, username=username, password=PASSWORD, password_hash=PASSWORD_HASH, role=role, **details
                )
            )

    def add_key(self, *scopes: str, source: str = SOURCE) -> str:
        with self.transaction() as session:
            wanted = list(scopes or ("alerts:write", "alerts:read"))
            return source_keys.add_key(session, source=source, scopes=wanted, by=users.SHELL)

    # What its users do.

    def call(self, method: str, path: str, *, by: str | None = None, expect: int = 200, **rest: Any) -> Any:
        """One request as a user (by name) or with a key; returns the body."""
        headers = rest.pop("headers", {})
        if by is not None:
            headers["Authorization"] = f"Bearer {by if by.startswith('tf') else self.token(by)}"
        answer = httpx.request(method, self.url + path, headers=headers, timeout=600, **rest)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def token(self, name: str) -> str:
        if name not in self._tokens:
            body = self.call("POST", "/v1/session", json={"username": name, "password": PASSWORD})
            self._tokens[name] = body["token"]
        return self._tokens[name]

    def everything(self, path: str, *, by: str) -> list[Any]:
        """All items of a list, page after page."""
        found: list[Any] = []
        cursor = ""
        while True:
            joined = "&" if "?" in path else "?"
            page = self.call("GET", f"{path}{joined}limit=500{cursor}", by=by)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def event(self, kind: str, data: dict[str, Any], *, time: str, **extra: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": SOURCE,
            "id": f"e{next(self._ids)}",
            "type": kind,
            "time": time,
            "data": data,
            **extra,
        }

    def settle(self) -> None:
        self.call("POST", "/v1/sandbox/settle", by="district")

    def go_to(self, instant: str) -> None:
        self.call("PUT", "/v1/sandbox/clock", by="district", json={"now": instant})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.HTTPError:
        return False
