"""Processes die and hints are lost while news comes in: every accepted alert has its effect exactly once."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import redis

from core import id_numbers
from tests.journeys.instance import Instance

RESIDENTS = 200
ALERTS_EACH = 10
KILLS = 9
BATCH = 25
TODAY = date(2026, 3, 20)


def push(instance: Instance, key: str, events: list[dict[str, Any]]) -> Counter[str]:
    """Send a batch until it was answered, as a monitoring system does: an unanswered push is sent again."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            answer = httpx.post(
                f"{instance.url}/v1/alerts", json=events, headers={"Authorization": f"Bearer {key}"}, timeout=30
            )
        except httpx.HTTPError:
            time.sleep(0.05)
            continue
        if answer.status_code in (429, 503):
            time.sleep(0.05)
            continue
        assert answer.status_code == 202, answer.text
        body = answer.json()
        assert not body["rejected"], body
        return Counter(accepted=body["accepted"], duplicates=body["duplicates"])
    raise AssertionError("the door did not open again within a minute")


def havoc(instance: Instance, valkey_url: str, chance: random.Random) -> Counter[str]:
    """Kill what runs, at random, and start it again; flush Valkey twice. Every process is hit at least once."""
    done: Counter[str] = Counter()
    broker = redis.Redis.from_url(valkey_url)
    victims = [*instance.processes, *chance.choices(instance.processes, k=KILLS - len(instance.processes))]
    chance.shuffle(victims)
    for number, victim in enumerate(victims):
        time.sleep(chance.uniform(0.2, 1.0))
        victim.kill()
        done[victim.module] += 1
        if number in (KILLS // 3, 2 * KILLS // 3):
            broker.flushall()
            done["flushed"] += 1
        time.sleep(chance.uniform(0.0, 0.3))
        victim.start()
        if victim is instance.api:
            instance.wait_until_ready()
    return done


@pytest.mark.timeout(300)
def test_every_accepted_alert_has_its_effect_exactly_once_through_kills_and_flushes(
    make_instance: Callable[..., Instance], valkey_url: str
) -> None:
    seed = int(os.environ.get("TANFANG_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    print(f"TANFANG_CHAOS_SEED={seed}")
    chance = random.Random(seed)
    instance = make_instance(now="2026-03-20T09:00:00+08:00", workers=2)
    instance.add_user("district", "district_officer")
    instance.add_user("li", "committee_advisor", committees=["310117001001"], capacity=10_000)
    key = instance.add_key()
    numbers = [id_numbers.make(date(1960, 1, 1), serial) for serial in range(1, RESIDENTS + 1)]
    registrations: list[dict[str, Any]] = []
    alerts: list[dict[str, Any]] = []
    for number in numbers:
        person = {"id_number": number, "name": "测试", "street": "310117001", "committee": "310117001001"}
        told = {"person": person, "facts": [{"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}]}
        registrations.append(instance.event("resident.registered", told, time="2026-03-01T08:00:00+08:00"))
        alerts += [
            instance.event(
                "change.accident",
                {"person": {"id_number": number}, "happened_on": (TODAY - timedelta(days=ago)).isoformat()},
                time="2026-03-20T08:00:00+08:00",
            )
            for ago in range(ALERTS_EACH)
        ]
    chance.shuffle(alerts)

    done: list[Counter[str]] = []
    chaos = threading.Thread(target=lambda: done.append(havoc(instance, valkey_url, chance)))
    chaos.start()
    counted: Counter[str] = Counter()
    for part in (registrations, alerts):
        for start in range(0, len(part), BATCH):
            counted += push(instance, key, part[start : start + BATCH])
            time.sleep(0.1)
    chaos.join()
    events = registrations + alerts
    print(dict(done[0]), dict(counted))
    instance.wait_until_ready()
    instance.settle()

    assert counted.total() == len(events)
    found = instance.everything("/v1/alerts", by=key)
    assert Counter(one["status"] for one in found) == {"processed": len(events)}
    assert len({(one["source"], one["id"]) for one in found}) == len(events)
    residents = instance.everything("/v1/residents?street=310117001", by="district")
    assert len(residents) == RESIDENTS
    tasks = Counter(
        one["resident"]["resident_id"] for one in instance.everything("/v1/tasks?state=open&kind=visit", by="district")
    )
    assert tasks == {one["resident_id"]: 1 for one in residents}
    for resident in residents:
        duties = instance.call("GET", f"/v1/residents/{resident['resident_id']}/duties", by="district")["items"]
        assert Counter(duty["kind"] for duty in duties if duty["state"] == "open") == {
            "response": ALERTS_EACH,
            "periodic": 1,
        }
