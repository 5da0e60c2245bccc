"""SIGKILL before and after every commit of a short life: started again, it ends like a life nobody cut short."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from pprint import pformat
from queue import SimpleQueue
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import make_url

from cli.embedded.postgres import SUPERUSER, as_role
from core import clock
from core.alerts import source_keys
from core.heartbeat import sandbox
from core.notifications import channels
from core.notifications.channels import Wanted
from core.notifications.senders import Egress
from core.organisation import users
from core.store import crypto, scopes
from core.store.database import Database, libpq_url
from core.store.logins import OWNER
from core.store.words import ChannelKind
from tests import processes
from tests.chaos import account, twin
from tests.receivers import Receiver, http_receiver
from tests.world import COMMITTEE, SOURCE, STREET

AT_ONCE = 2
TRIES = 4
STARTS = "2026-03-20T10:00:00+08:00"
SECRET = "whsec_" + "QUJD" * 8
# A life passes through all of these; a door without a crash point would be a hole in this test.
DOORS = (
    "POST /v1/session",
    "POST /v1/visits",
    "/release",
    "/claim",
    "/complete",
    "PUT /v1/sandbox/clock",
    "core.inbox.inbox",
    "core.heartbeat.sweep._escalate",
    "core.heartbeat.sweep._sum_up",
    "core.heartbeat.sweep.once",
    "core.heartbeat.sandbox",
    "core.notifications.relay",
)
_MORE = {
    "alerts": "SELECT event_id, status, problem_code, failure IS NULL FROM alert",
    # Who is told at once is told of everything that one pass gave them, and a pass that was killed begins with more.
    "deliveries": (
        "SELECT u.username, n.kind, d.state FROM delivery d JOIN user_account u ON u.user_id = d.user_id"
        " JOIN notification n ON n.street_code = d.street_code AND n.notification_id = d.notification_id"
        " WHERE n.kind NOT IN ('assigned', 'ended', 'alive')"
    ),
    "digests": ("SELECT u.username, x.digest_on FROM daily_digest x JOIN user_account u ON u.user_id = x.user_id"),
    "credits": "SELECT credited, because FROM credit",
    "clock": "SELECT target_at FROM sandbox_clock",
    "log": "SELECT street_code, event_id FROM fact_entry",
}


@dataclass
class Runner:
    """Processes that live lives, each job in one of them."""

    idle: "SimpleQueue[subprocess.Popen[str]]"

    def live(self, job: dict[str, Any]) -> dict[str, Any]:
        process = self.idle.get()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            found: dict[str, Any] = json.loads(process.stdout.readline())
            return found
        finally:
            self.idle.put(process)


@contextmanager
def runners() -> Iterator[Runner]:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.crash_runner"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(AT_ONCE)
    ]
    idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    for process in started:
        idle.put(process)
    try:
        yield Runner(idle)
    finally:
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
            processes.end(process, signal.SIGTERM, seconds=30)


@dataclass
class Place:
    """Where lives begin: a database with the people who work, copied for each life."""

    url: str
    keys: Path
    key: str
    numbers: Iterator[int]

    def copy(self) -> str:
        name = f"crash_{next(self.numbers)}_test"
        template = make_url(self.url).database
        with psycopg.connect(libpq_url(as_role(self.url, SUPERUSER)), dbname="postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
        return make_url(self.url).set(database=name).render_as_string()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture
def place(make_database: Callable[[], str], tmp_path: Path, receiver: Receiver) -> Place:
    url = make_database()
    folder = tmp_path / "keys"
    sealing = crypto.ensure_keys(folder)
    starts = datetime.fromisoformat(STARTS)
    database = Database(url, pool_size=2)
    with database.transaction(scopes.everywhere()) as session:
        sandbox.start_at(session, starts)
        twin.employ(session)
        key = source_keys.add_key(session, source=SOURCE, scopes=["alerts:write"], by=users.SHELL)
    # Two people hear of things outside the pages: one of each message, one of all of them in the morning.
    for name, digest in ((f"visitor-{COMMITTEE}", False), (f"manager-{STREET}", True)):
        with database.transaction(scopes.everywhere()) as session:
            user = users.named(session, name, today=clock.today(starts))
        with database.transaction(user.scope) as session:
            wanted = [Wanted(None, ChannelKind.WEBHOOK, receiver.url, SECRET)]
            egress = Egress(sandbox=True, smtp_url=None)
            channels.replace(session, sealing, wanted, digest=digest, kinds=None, egress=egress, by=user, now=starts)
    database.dispose()
    return Place(url, folder, key, itertools.count(1))


class Crash(NamedTuple):
    """Where a life ends: at a boundary, when it is reached for the n-th time."""

    name: str
    time: int


@dataclass
class Outcome:
    """What a life came to; `names` as often as they were met, in order."""

    standing: account.Standing
    names: list[str]


def lived(place: Place, runner: Runner, receiver: Receiver, crash: Crash | None = None) -> Outcome:
    """A whole life, with at most one death in it."""
    for _ in range(TRIES):
        job = {"url": place.copy(), "keys": str(place.keys), "key": place.key, "first": 0, "crash": crash}
        found = runner.live(job)
        if crash is None or found["end"] != "over":
            break
        # How often workers look depends on how fast they are: this life came by less often than the calm one.
        crash = crash._replace(time=1)
    if crash is not None:
        assert found["end"] == "killed", (crash, found)
        found = runner.live({**job, "first": found["reached"], "crash": None})
    assert found["end"] == "over", (crash, found)
    database = Database(job["url"], pool_size=1)
    try:
        standing = account.of(database)
        for name, statement in _MORE.items():
            standing[name] = Counter(tuple(map(str, row)) for row in account.query(database, statement))
        sent = [str(row.delivery_id) for row in account.query(database, "SELECT delivery_id FROM delivery")]
        assert set(sent) <= set(receiver.ids), "a message that counts as sent did not arrive"
    finally:
        database.dispose()
    return Outcome(standing, found["met"])


@pytest.mark.long(45)
@pytest.mark.timeout(600)
def test_a_process_killed_at_any_commit_and_started_again_leaves_no_trace(place: Place, receiver: Receiver) -> None:
    seed = int(os.environ.get("TANFANG_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    print(f"TANFANG_CHAOS_SEED={seed}")
    chance = random.Random(seed)
    with runners() as runner:
        calm = lived(place, runner, receiver)
        # What is passed through more than once kills one time or another; the seed says which.
        crashes = [Crash(name, chance.randint(1, times)) for name, times in Counter(calm.names).items()]
        print(f"{len(crashes)} crash points:", *crashes, sep="\n")
        assert crashes[0].name.startswith("api.")  # The alerts door, before there is work for anybody.
        assert [door for door in DOORS if not any(door in crash.name for crash in crashes)] == []

        def crashed(crash: Crash) -> account.Difference:
            return account.difference(calm.standing, lived(place, runner, receiver, crash).standing)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            differences = dict(zip(crashes, threads.map(crashed, crashes), strict=True))
    traces = {crash: difference for crash, difference in differences.items() if difference}
    assert not traces, pformat(traces, width=200)
