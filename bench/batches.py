"""Many alerts in batches: how fast they are accepted, how fast decided and assigned, and what `COPY` alone would do."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from bench.figures import Figure
from bench.instance import Instance
from cli import demo_news
from cli.client import Refused
from cli.demo_people import SEED, Resident
from cli.servers import CommandFailed
from core import clock
from core.database import libpq_url
from core.ids import uuid7

# The columns that the door writes, with the index of those that are unique or tell a worker to begin.
_ALERT = (
    *("alert_id", "event_id", "status", "street_code", "source", "type", "event_at", "digest", "body", "person_key"),
    *("resident_id", "received_at", "counts_from", "attempts", "task_ids"),
)
_RECEIPT = ("alert_id", "event_id", "source", "digest", "street_code")
_PREFIX, _COPIED = "batch-", "copied-"


def measure(instance: Instance, count: int, size: int) -> Iterator[Figure]:
    """Accept rate, end-to-end rate, and the raw limit of the same rows in the same tables of the same server."""
    events = _events(list(instance.register.values()), count, clock.real_now())
    bodies = [json.dumps(events[first : first + size]).encode() for first in range(0, count, size)]
    with instance.client() as client:
        instance.settle(client)
        started = time.perf_counter()
        for body in bodies:
            status, said = client.ask("POST", "/v1/alerts", body)
            if status != 202 or said["rejected"]:
                raise Refused("POST", "/v1/alerts", status, said)
        accepted = time.perf_counter() - started
        instance.settle(client)
        settled = time.perf_counter() - started
    limit = _copied(instance, count, size)
    yield Figure(f"{count:,} alerts in batches of {size}: accepted", count / accepted, "alerts/s", limit)
    yield Figure("  the same, until decided and assigned", count / settled, "alerts/s", limit)
    yield Figure("  raw limit: one connection, COPY into alert and receipt", limit, "alerts/s")


def _events(people: Sequence[Resident], count: int, now: datetime) -> list[dict[str, Any]]:
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
        demo_news.event(
            demo_news.CIVIL, f"{_PREFIX}{number:06d}", kind, now, {"person": dice.choice(people).reference, **data}
        )
        for number, (kind, data) in enumerate(chosen)
    ]


def _copied(instance: Instance, count: int, size: int) -> float:
    """Rows a second. The copies are quarantined, which is as many index entries as accepted, and wakes no worker."""
    with psycopg.connect(libpq_url(instance.database_url)) as connection:
        alerts = _rows(connection, "alert", _ALERT)
        receipts = {row[1]: row for row in _rows(connection, "receipt", _RECEIPT)}
        if len(alerts) != count or any(row[2] != "processed" for row in alerts):
            raise CommandFailed(f"{count} alerts were accepted, {len(alerts)} are there, or not all were processed.")
        copies = []
        for row in alerts:
            alert_id, name = uuid7(), _COPIED + str(row[1])
            copies.append(((alert_id, name, "quarantined", *row[3:]), (alert_id, name, *receipts[row[1]][2:])))
        connection.commit()
        started = time.perf_counter()
        for first in range(0, count, size):
            some = copies[first : first + size]
            _copy(connection, "alert", _ALERT, [alert for alert, _ in some])
            _copy(connection, "receipt", _RECEIPT, [receipt for _, receipt in some])
            connection.commit()
        taken = time.perf_counter() - started
        for table in ("alert", "receipt"):
            statement = sql.SQL("DELETE FROM {} WHERE event_id LIKE %s").format(sql.Identifier(table))
            connection.execute(statement, [f"{_COPIED}%"])
    return count / taken


def _rows(connection: psycopg.Connection, table: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    statement = sql.SQL("SELECT {} FROM {} WHERE event_id LIKE %s").format(_names(columns), sql.Identifier(table))
    return connection.execute(statement, [f"{_PREFIX}%"]).fetchall()


def _copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
