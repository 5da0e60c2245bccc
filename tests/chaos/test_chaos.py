"""Everything dies while news comes in and days pass: what was accepted has its effect exactly once, and no more."""

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from pprint import pformat
from typing import Any

import psycopg
import pytest

from cli.embedded.postgres import SUPERUSER, as_role
from core import clock, migrations
from core.heartbeat import sweep
from core.organisation import streets
from core.policy import rulebooks
from core.store import crypto, database, scopes
from core.store.database import Database
from core.store.logins import LOGIN, OWNER
from rules.history import Entry, fold
from tests.chaos import account, twin
from tests.chaos.havoc import Havoc, Keeper
from tests.chaos.news import News, invent
from tests.chaos.senders import Senders, ask
from tests.chaos.servers import NAME, Servers
from tests.journeys.instance import Instance
from tests.world import DISTRICT

# Each kind of havoc comes about at least once, however short; `make chaos` takes ten minutes.
SECONDS = float(os.environ.get("TANFANG_CHAOS_SECONDS", "15"))
PEOPLE_A_SECOND = 5
TELLING = 0.6  # Of the time; in the rest visits are recorded and days pass.
NOW = datetime.fromisoformat("2026-03-20T10:00:00+08:00")
UNTIL = date(2026, 4, 8)
# Long after everything works again, somebody would call this stuck.
STUCK_SECONDS = 240


@dataclass
class Scene:
    """An instance on servers of its own, and the calm database beside it."""

    servers: Servers
    instance: Instance
    calm: Database
    keys: crypto.Keys


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    servers = Servers(tmp_path)
    try:
        migrations.migrate(as_role(servers.database_url, OWNER), LOGIN)
        as_superuser = database.libpq_url(as_role(servers.database_url, SUPERUSER))
        with psycopg.connect(as_superuser, autocommit=True, dbname="postgres") as server:
            server.execute(f"CREATE DATABASE calm_test TEMPLATE {NAME} OWNER {OWNER}")
        calm = Database(servers.database_url.replace(NAME, "calm_test"), pool_size=4)
        instance = Instance(
            servers.database_url,
            servers.redis_url,
            tmp_path / "keys",
            tmp_path / "logs",
            NOW.isoformat(),
            workers=2,
            apis=2,
            worker="tests.chaos.poisoned_worker",
        )
        keys = crypto.ensure_keys(instance.keys)
        try:
            yield Scene(servers, instance, calm, keys)
        finally:
            instance.stop()
            calm.dispose()
    finally:
        servers.stop()


@pytest.mark.long(40)
@pytest.mark.timeout(int(3 * SECONDS) + 600)
def test_every_accepted_alert_has_its_effect_exactly_once_whatever_dies_meanwhile(scene: Scene) -> None:
    seed = int(os.environ.get("TANFANG_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    print(f"TANFANG_CHAOS_SEED={seed} TANFANG_CHAOS_SECONDS={SECONDS:g}, logs in {scene.instance.logs}")
    chance = random.Random(seed)
    news = invent(chance, int(PEOPLE_A_SECOND * SECONDS), NOW)
    visited, expected = twin.live(scene.calm, scene.keys, news, NOW, UNTIL)
    instance = scene.instance
    with instance.transaction() as session:
        twin.employ(session)
    senders = Senders(instance, instance.add_key())
    instance.start()
    tokens = {f"advisor-{street}": instance.token(f"advisor-{street}") for street in set(visited.values())}
    district = {"headers": {"Authorization": f"Bearer {instance.token('district')}"}}

    keeper = Keeper(instance)
    havoc = Havoc(scene.servers, instance, random.Random(chance.random()))
    with ThreadPoolExecutor(2) as threads:
        kept = threads.submit(keeper.keep)
        wreaking = threads.submit(havoc.wreak, SECONDS)
        try:
            senders.send(news.batches, chance, seconds=TELLING * SECONDS)
            ask(instance, "POST", "/v1/sandbox/settle", seconds=STUCK_SECONDS, **district)
            visit(scene, visited, tokens)
            walk(instance, district)
            done = wreaking.result()
            instance.wait_until_ready()
            ask(instance, "POST", "/v1/sandbox/settle", seconds=STUCK_SECONDS, **district)
        finally:
            keeper.stop()
            kept.result()
    print(f"havoc: {dict(done)}\nstarted again: {dict(keeper.restarts)}\nanswers: {dict(senders.answers)}")

    live = Database(scene.servers.database_url, pool_size=4)
    try:
        everything_was_taken_in_once(instance.everything("/v1/alerts", by=senders.key), news)
        the_log_has_every_line_once(live, news)
        the_rules_say_the_same(live, scene.keys, news)
        nothing_is_left(live)
        difference = account.difference(expected, account.of(live))
        assert not difference, pformat(difference, width=200)
    finally:
        live.dispose()


def visit(scene: Scene, visited: Mapping[str, str], tokens: Mapping[str, str]) -> None:
    """Somebody records the visits, and again when the answer got lost."""
    for id_number, street in visited.items():
        # The database may be away: who records a visit has looked the person up before.
        found = ask(
            scene.instance,
            "POST",
            "/v1/residents/lookup",
            seconds=STUCK_SECONDS,
            headers={"Authorization": f"Bearer {tokens[f'advisor-{street}']}"},
            json={"id_number": id_number},
        ).json()
        ask(
            scene.instance,
            "POST",
            "/v1/visits",
            seconds=STUCK_SECONDS,
            expect=(200, 201),
            headers={"Authorization": f"Bearer {tokens[f'advisor-{street}']}"},
            json={
                "visit_id": str(twin.visit_id_of(id_number)),
                "resident_ids": [found["resident_id"]],
                "mode": "home_visit",
                "participants": ["李顾问"],
                "service_date": clock.today(NOW).isoformat(),
                "duration_hours": 0.5,
                "services": ["care"],
                "initiated_by": "advisor",
                "narrative": "了解近况。",
            },
        )


def walk(instance: Instance, district: Mapping[str, Any]) -> None:
    """Days pass, asked for until they have: a request whose API died may have been heard."""
    target = clock.at(UNTIL, twin.clock_hour(NOW)).isoformat()
    answer = None
    while answer is None or answer.status_code == 409:
        answer = ask(
            instance,
            "PUT",
            "/v1/sandbox/clock",
            seconds=STUCK_SECONDS,
            expect=(200, 409, 422),
            json={"now": target},
            **district,
        )
    # Backwards: the clock has arrived already.
    assert answer.status_code == 200 or answer.json()["errors"][0]["code"] == "backwards", answer.text


def everything_was_taken_in_once(alerts: Sequence[Mapping[str, Any]], news: News) -> None:
    sent = [event["id"] for event in news.wholesome]
    assert Counter(one["id"] for one in alerts) == Counter([*sent, *news.poison])
    states = {one["id"]: (one["status"], one["problem_code"]) for one in alerts}
    # What was ended since is processed, kept, and says so (A40).
    fine = {("processed", None), ("processed", "ended_since")}
    assert {one: states[one] for one in sent if states[one] not in fine} == {}
    assert {one: states[one][0] for one in news.poison} == dict.fromkeys(news.poison, "quarantined")


def the_log_has_every_line_once(live: Database, news: News) -> None:
    """Where the person is now; who moved has left a copy behind."""
    told = account.query(
        live,
        "SELECT e.event_id FROM fact_entry e JOIN directory d ON d.street_code = e.street_code"
        " AND d.resident_id = e.resident_id",
    )
    assert Counter(row.event_id for row in told) == Counter(event["id"] for event in news.wholesome)


def the_rules_say_the_same(live: Database, keys: crypto.Keys, news: News) -> None:
    """What the rules alone make of everything that was sent about a person is where the person stands."""
    with live.transaction(scopes.everywhere()) as session:
        rulebook = rulebooks.of_district(session, DISTRICT)
    tiers = {
        bytes(row.person_key): row.tier
        for row in account.query(live, "SELECT person_key, tier FROM resident WHERE moved_to IS NULL")
    }
    for id_number, events in news.people.items():
        told = twin.parsed(events, NOW)
        log = [Entry(one.time, one.source, one.id, one.type, one.entry, NOW, clock.today(NOW)) for one in told]
        person = fold(log).person(told[0].person.birth_date, told[0].person.sex)
        expected = rulebook.decide(person, UNTIL).tier.value
        assert tiers[keys.person_key("id_number", id_number)] == expected, id_number
    assert len(tiers) == len(news.people)


def nothing_is_left(live: Database) -> None:
    divisions = streets.known(live)
    with live.transaction(scopes.everywhere()) as session:
        assert sweep.is_quiet(session, divisions, now=clock.at(UNTIL, 11))
    twice = account.query(
        live,
        "SELECT user_id, task_id, text, count(*) FROM notification WHERE kind = 'escalation'"
        " GROUP BY user_id, task_id, text HAVING count(*) > 1",
    )
    assert not twice
