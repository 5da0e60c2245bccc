"""What PostgreSQL could do without us: one connection, as owner, copying the same rows into the same tables."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from bench.instance import Instance
from cli.embedded.postgres import SUPERUSER, as_role
from cli.embedded.servers import CommandFailed
from core.store.database import libpq_url
from core.store.ids import uuid7
from core.store.words import AlertProblem, AlertStatus

# The columns that the door writes, with the index of those that are unique or tell a worker to begin.
_ALERT = (
    *("alert_id", "event_id", "status", "street_code", "source", "type", "event_at", "digest", "body", "person_key"),
    *("resident_id", "received_at", "counts_from", "attempts", "task_ids", "problem_code"),
)
_RECEIPT = ("alert_id", "event_id", "source", "digest", "street_code")
_COPIED = "copied-"


def measure(instance: Instance, prefix: str, count: int, size: int) -> float:
    """Alerts a second for the `count` alerts whose ids begin with `prefix`, `size` in a transaction.

    The copies are quarantined, which is as many index entries as accepted, and wakes no worker.
    """
    with psycopg.connect(libpq_url(as_role(instance.database_url, SUPERUSER))) as connection:
        alerts = _rows(connection, "alert", _ALERT, prefix)
        receipts = {row[1]: row for row in _rows(connection, "receipt", _RECEIPT, prefix)}
        if len(alerts) != count or any(row[2] != "processed" for row in alerts):
            raise CommandFailed(f"{count} alerts were accepted, {len(alerts)} are there, or not all were processed.")
        copies = []
        for row in alerts:
            alert_id, name = uuid7(), _COPIED + str(row[1])
            copy = (alert_id, name, AlertStatus.QUARANTINED, *row[3:-1], AlertProblem.FAILED)
            copies.append((copy, (alert_id, name, *receipts[row[1]][2:])))
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


def _rows(connection: psycopg.Connection, table: str, columns: Sequence[str], prefix: str) -> list[tuple[Any, ...]]:
    statement = sql.SQL("SELECT {} FROM {} WHERE event_id LIKE %s").format(_names(columns), sql.Identifier(table))
    return connection.execute(statement, [f"{prefix}%"]).fetchall()


def _copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
