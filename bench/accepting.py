"""How fast the door takes alerts: in batches, as a stream of lines and one by one, beside what `COPY` could do."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from bench import pushing, raw_limit
from bench.figures import Figure, percentile
from bench.instance import Instance
from cli.demo import news
from cli.demo.people import SEED, Resident
from core import clock

PREFIX = "accept-"
SENDERS = 2  # of batches: while one body is stored, the next is on its way
CLIENTS = 16  # of single alerts


def measure(instance: Instance, count: int, size: int) -> Iterator[Figure]:
    """`count` alerts in each of the three ways, then the raw limit of the same rows. Workers run all the while."""
    people, now = list(instance.register.values()), clock.real_now()
    with instance.client() as client:
        instance.settle(client)
        batched = [_json(one) for one in events(people, f"{PREFIX}batch-", count, now)]
        bodies = [b"[" + b",".join(batched[first : first + size]) + b"]" for first in range(0, count, size)]
        requests = [pushing.request(instance.key, "application/cloudevents-batch+json", body) for body in bodies]
        batches, _ = pushing.push(instance.url, requests, connections=SENDERS, expected=count)
        instance.settle(client)
        lines = b"\n".join(_json(one) for one in events(people, f"{PREFIX}line-", count, now))
        stream = [pushing.request(instance.key, "application/x-ndjson", lines)]
        streamed, _ = pushing.push(instance.url, stream, connections=1, expected=count)
        instance.settle(client)
        singles = [
            pushing.request(instance.key, "application/cloudevents+json", _json(one))
            for one in events(people, f"{PREFIX}single-", count, now)
        ]
        alone, taken = pushing.push(instance.url, singles, connections=CLIENTS, expected=count)
        instance.settle(client)
    limit = raw_limit.measure(instance, PREFIX, 3 * count, size)
    yield Figure(
        f"{count:,} alerts accepted in batches of {size}, {SENDERS} senders", count / batches, "alerts/s", limit
    )
    yield Figure("  the same number as one NDJSON stream", count / streamed, "alerts/s", limit)
    yield Figure(f"  the same number one by one, {CLIENTS} clients", count / alone, "alerts/s", limit)
    yield Figure("    one of them, median", 1000 * percentile(taken, 0.5), "ms")
    yield Figure("    one of them, p99", 1000 * percentile(taken, 0.99), "ms")
    yield Figure("  raw limit: one connection, COPY into alert and receipt", limit, "alerts/s")


def events(people: Sequence[Resident], prefix: str, count: int, now: datetime) -> list[dict[str, Any]]:
    """News of the usual mix about people of the register, each of them known."""
    dice = random.Random(SEED)
    today = clock.today(now).isoformat()
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("warning.illness_poverty", {"pushed_on": today, "out_of_pocket": 30000}),
        ("change.accident", {"happened_on": today, "description": "交通事故受伤"}),
        ("change.serious_illness", {"happened_on": today}),
        ("lead.reported", {"channel": "hotline"}),
    ]
    chosen = dice.choices(kinds, (55, 20, 15, 10), k=count)
    return [
        news.event(news.CIVIL, f"{prefix}{number:06d}", kind, now, {"person": dice.choice(people).reference, **data})
        for number, (kind, data) in enumerate(chosen)
    ]


def _json(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)
