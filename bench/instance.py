"""An instance of our own in a temporary folder: servers, API and workers, with a register of invented people."""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from cli.database import transaction
from cli.demo import news
from cli.demo import people as demo_people
from cli.demo.client import Client
from cli.demo.people import Resident
from cli.embedded.folder import servers
from cli.embedded.servers import CommandFailed
from core import clock
from core.alerts import source_keys
from core.organisation import users
from core.settings import Settings
from core.store.scopes import everywhere

PASSWORD = "bench-bench"
BATCH = 500
# Of the four advisors of a street, who all serve the whole of it: enough for everybody, and unequal on purpose.
CAPACITIES = (2000, 3000, 4000, 5000)
STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Instance:
    """What a measurement needs. `capacities` by user id, `register` by resident id."""

    url: str
    database_url: str
    key: str
    officer: str
    keys: Path
    capacities: dict[str, int]
    register: dict[str, Resident]

    def client(self) -> Client:
        """A connection that shows the key of a monitoring system."""
        return Client(self.url, token=self.key, seconds=900)

    def settle(self, client: Client) -> datetime:
        """Wait until nothing is left to do; returns business time."""
        return datetime.fromisoformat(client.call("POST", "/v1/sandbox/settle", token=self.officer)["now"])


@contextmanager
def running(*, residents: int, workers: int) -> Iterator[Instance]:
    """An instance that serves; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="tanfang-bench-") as folder:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "cli.main", "up", "--sandbox", "--port", "0"),
                *("--workers", str(workers), "--data", folder),
            ],
            # It reads the end of this pipe, and stops, when we are gone: killed, too.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("TANFANG_")},
                "TANFANG_SUPERVISED": "1",
            },
        )
        try:
            assert process.stdout is not None
            word, _, url = process.stdout.readline().strip().partition(" ")
            if word != "ready":
                raise CommandFailed("The instance to be measured did not start.")
            with servers(Settings(data=Path(folder), database_url=None), broker=False) as found:
                yield _filled(url, found.settings, residents)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _filled(url: str, settings: Settings, residents: int) -> Instance:
    committees: dict[str, list[str]] = defaultdict(list)
    for place in demo_people.places():
        committees[place.street].append(place.committee)
    password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    capacities: dict[str, int] = {}
    with transaction(settings.database_url or "", everywhere(directory=False)) as session:
        for street, codes in committees.items():
            for capacity in CAPACITIES:
                user_id = users.add_user(
                    session,
                    username=f"{street}-{capacity}",
                    password=PASSWORD,
                    password_hash=password_hash,
                    role="committee_advisor",
                    street=street,
                    committees=codes,
                    capacity=capacity,
                )
                capacities[str(user_id)] = capacity
        users.add_user(session, username="officer", password=PASSWORD, role="district_officer")
        key = source_keys.add_key(session, source=news.CIVIL, scopes=["alerts:write", "alerts:read"], by=users.SHELL)
    with Client(url, token=key, seconds=900) as client:
        officer = client.sign_in("officer", PASSWORD)["token"]
        instance = Instance(url, settings.database_url or "", key, officer, settings.key_folder, capacities, {})
        instance.register.update(_register(client, instance, residents))
    return instance


def _register(client: Client, instance: Instance, count: int) -> dict[str, Resident]:
    """Every tenth person has no tag at all: news about them raises a task where there was none."""
    now = clock.real_now()
    invented = demo_people.residents(count, clock.today(now))
    for one in invented[::10]:
        one.facts = []
    events = news.registrations(invented, now - timedelta(hours=1))
    for first in range(0, len(events), BATCH):
        client.push(events[first : first + BATCH], key=instance.key)
    instance.settle(client)
    by_event = {event["id"]: one for event, one in zip(events, invented, strict=True)}
    return {one["resident_id"]: by_event[one["id"]] for one in client.items("/v1/alerts", source=news.CIVIL)}
