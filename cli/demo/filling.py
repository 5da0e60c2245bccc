"""The demo: an empty sandbox gets the people, the news and the work of some months, through the interface alone."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.database import transaction
from cli.demo import news as demo_news
from cli.demo import people as demo_people
from cli.demo.client import Client
from cli.demo.people import Resident, Staff
from cli.demo.work import Office
from cli.embedded.servers import CommandFailed, say_to_stderr
from core import clock
from core.alerts import source_keys
from core.heartbeat import sandbox
from core.organisation import users
from core.organisation.users import SHELL
from core.settings import Settings
from core.store.scopes import Scope, everywhere

DAYS = 100
RESIDENTS = 2000
PASSWORD = "tanfang-demo"
BATCH = 250
WALK_SECONDS = 600.0
_MORNING, _EVENING = 9, 18  # o'clock
_FRIDAY = 4


def run(url: str, settings: Settings) -> None:
    """Fill the empty sandbox that serves at `url`, from its business time to the present."""
    with Client(url, seconds=WALK_SECONDS) as client:
        # Before anything is written: accounts whose password everybody knows do not belong into a real service.
        if client.ask("PUT", "/v1/sandbox/clock", {})[0] == 404:
            raise CommandFailed("The demo fills sandboxes only; start one with: tanfang up --sandbox")
        with _Steps() as steps:
            steps.next("Accounts of people and systems", 1)
            _begin(settings)
            staff, secrets, officer = _accounts(settings)
            steps.advance()
            memory = {"officer": officer, "key": secrets[demo_news.MEDICAL], "complete": False}
            _remember(settings, memory)
            client.token = client.sign_in("district", PASSWORD)["token"]
            start = _now(client)
            end = clock.real_now()
            if end - start < timedelta(days=1):
                end = start + timedelta(days=DAYS)
            register = _registered(client, secrets, start, steps)
            with Office(url, PASSWORD, staff, register) as office:
                _live(client, office, list(register.values()), secrets, start, end, steps)
            steps.say(", ".join(f"{count} {what}" for what, count in sorted(office.done.items())))
        subject = next(resident for resident in register.values() if resident.number == 1)
        _remember(settings, {**memory, "complete": True, "subject": subject.id_number, "name": subject.name})


def closing(url: str, settings: Settings) -> str:
    """Who may sign in and three things to try; says so when what is there is not a whole demo."""
    memory = _remembered(settings)
    with Client(url) as client:
        status, said = client.ask("POST", "/v1/session", {"username": "district", "password": PASSWORD})
    if memory is None or status != 200 or said["user"]["user_id"] != memory["officer"]:
        return f"{url}\nWhat the database holds is not the demo; nothing was changed."
    lines = [f"Address: {url}", "", "Log-ins (role, user name, password, where):"]
    lines += [f"  {account.role:18} {account.username:18} {PASSWORD}  {account.where}" for account in _examples()]
    if not memory["complete"]:
        return "\n".join([*lines, "", "The demo was interrupted; for a whole one start with another --data folder."])
    return "\n".join([*lines, "", "Try next:", *_try_next(url, memory)])


def _examples() -> Iterator[Staff]:
    """The first account of each role."""
    known: set[str] = set()
    for account in demo_people.staff():
        if account.role not in known:
            known.add(account.role)
            yield account


def _try_next(url: str, memory: Mapping[str, Any]) -> Iterator[str]:
    now = clock.real_now().replace(microsecond=0)
    person = {"id_number": memory["subject"]}
    data = {"person": person, "pushed_on": clock.today(now).isoformat(), "out_of_pocket": 52000}
    event = demo_news.event(demo_news.MEDICAL, f"try-{now:%Y%m%d%H%M%S}", "warning.illness_poverty", now, data)
    advisor = next(account for account in demo_people.staff() if account.role == "committee_advisor")
    sign_in = json.dumps({"username": advisor.username, "password": PASSWORD})
    since = (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield f"1. Push an alert about {memory['name']}, as the medical insurance does:"
    yield f"   curl -sS {url}/v1/alerts -H 'Authorization: Bearer {memory['key']}' \\"
    yield "     -H 'Content-Type: application/cloudevents+json' \\"
    yield f"     -d '{json.dumps(event)}'"
    yield f"2. Show the task it raised for {advisor.name} ({advisor.username}):"
    yield f"   TOKEN=$(curl -sS {url}/v1/session -H 'Content-Type: application/json' \\"
    yield f"     -d '{sign_in}' | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"token\"])')"
    yield f"   curl -sS '{url}/v1/tasks?mine=true&state=open&updated_since={since}' \\"
    yield '     -H "Authorization: Bearer $TOKEN" | python3 -m json.tool --no-ensure-ascii'
    yield f"3. Open {url}/docs in a browser: everything else there is to ask."


def _begin(settings: Settings) -> None:
    """An empty sandbox may begin in the past, so that it has one to show; a clock set on purpose stays."""
    past = clock.at(clock.today(clock.real_now()) - timedelta(days=DAYS), _MORNING)
    with transaction(settings.database_url or "", Scope(directory=True)) as session:
        sandbox.start_at(session, past)


def _accounts(settings: Settings) -> tuple[dict[str, Staff], dict[str, str], str]:
    """Staff by user id, keys by source, and the user id of the district officer."""
    # The password is printed on the screen: a slow hash would guard nothing, and sign-ins would take most of the time.
    password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with transaction(settings.database_url or "", everywhere(directory=False)) as session:
        staff = {
            str(
                users.add_user(
                    session,
                    username=account.username,
                    password=PASSWORD,
                    password_hash=password_hash,
                    role=account.role,
                    name=account.name,
                    street=account.street,
                    committees=account.committees,
                    capacity=account.capacity,
                )
            ): account
            for account in demo_people.staff()
        }
        secrets = {
            source: source_keys.add_key(
                session, source=source, scopes=["alerts:write", "alerts:read"], name=name, by=SHELL
            )
            for source, name in demo_news.SOURCES.items()
        }
    officer = next(user_id for user_id, account in staff.items() if account.role == "district_officer")
    return staff, secrets, officer


def _registered(client: Client, secrets: Mapping[str, str], start: datetime, steps: "_Steps") -> dict[str, Resident]:
    """Register everybody; returns them by resident id."""
    invented = demo_people.residents(RESIDENTS, clock.today(start))
    events = demo_news.registrations(invented, start - timedelta(hours=1))
    batches = [events[first : first + BATCH] for first in range(0, len(events), BATCH)]
    steps.next(f"{RESIDENTS} residents", len(batches) + 1)
    for batch in batches:
        client.push(batch, key=secrets[demo_news.CIVIL])
        steps.advance()
    _now(client)
    steps.advance()
    by_event = {event["id"]: resident for event, resident in zip(events, invented, strict=True)}
    found = client.items("/v1/alerts", source=demo_news.CIVIL)
    return {alert["resident_id"]: by_event[alert["id"]] for alert in found}


def _live(
    client: Client,
    office: Office,
    register: Sequence[Resident],
    secrets: Mapping[str, str],
    start: datetime,
    end: datetime,
    steps: "_Steps",
) -> None:
    """Week after week: the clock moves, news comes, people work."""
    news = demo_news.stream(sorted(register, key=lambda resident: resident.number), start, end)
    stops = [*_stops(start, end), end]
    steps.next(f"{len(news)} alerts and the visits of {(end - start).days} days", len(stops))
    last = clock.today(start)
    for stop in stops:
        # The last stop is the present, which has moved on meanwhile.
        target = max(stop, clock.real_now()) if stop == end else stop
        client.call("PUT", "/v1/sandbox/clock", {"now": target.isoformat()})
        today = clock.today(stop)
        office.work(last, today)
        last = today
        while news and news[0].at <= stop:
            due = [sent for sent in news if sent.at <= stop]
            news = news[len(due) :]
            for source in demo_news.SOURCES:
                batch = [sent.event for sent in due if sent.key_of == source]
                if batch:
                    client.push(batch, key=secrets[source])
        steps.advance()
    _now(client)


def _stops(start: datetime, end: datetime) -> Iterator[datetime]:
    """Friday evenings, and the evenings on which a month ends: what was done in it is written up before it closes."""
    day = clock.today(start) + timedelta(days=1)
    while (stop := clock.at(day, _EVENING)) < end:
        if day.weekday() == _FRIDAY or (day + timedelta(days=1)).day == 1:
            yield stop
        day += timedelta(days=1)


def _now(client: Client) -> datetime:
    """Business time, once nothing is left to do."""
    return datetime.fromisoformat(client.call("POST", "/v1/sandbox/settle")["now"])


def _memory_file(settings: Settings) -> Path:
    return settings.data / "demo.json"


def _remember(settings: Settings, memory: Mapping[str, Any]) -> None:
    """Keep the key for later starts, readable by its owner alone like the other keys of the folder."""
    path = _memory_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(memory, file)


def _remembered(settings: Settings) -> dict[str, Any] | None:
    try:
        memory: dict[str, Any] = json.loads(_memory_file(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return memory


class _Steps:
    """What is being done: a bar each on a terminal, a line each elsewhere."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=console) if console.is_terminal else None
        self._bar: TaskID | None = None

    def __enter__(self) -> "_Steps":
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def next(self, what: str, total: int) -> None:
        """Begin something of so many parts."""
        if self._bars:
            self._bar = self._bars.add_task(what, total=total)
        else:
            say_to_stderr(f"{what}…")

    def advance(self) -> None:
        """One part is done."""
        if self._bars and self._bar is not None:
            self._bars.advance(self._bar)

    def say(self, what: str) -> None:
        """A line beside the bars."""
        if self._bars:
            self._bars.console.print(what)
        else:
            say_to_stderr(what)
