"""Many rows in one statement.

Row-level security refuses `COPY`, and a statement a row is slow: the rows travel as one JSON document that PostgreSQL
reads with the table's own types.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import orjson
from sqlalchemy import CursorResult, text
from sqlmodel import Session


def insert(session: Session, table: str, rows: Sequence[Mapping[str, object]], *, on_conflict: str = "") -> int:
    """Insert rows that all have the same columns; returns how many were new."""
    if not rows:
        return 0
    columns = ", ".join(f'"{column}"' for column in rows[0])
    statement = (
        f"INSERT INTO {table} ({columns})"
        f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)) {on_conflict}"
    )
    return _affected(session, statement, rows)


def update(
    session: Session, table: str, rows: Sequence[Mapping[str, object]], *, key: Sequence[str], where: str = ""
) -> int:
    """Update rows by key; every row names the key's columns and the same others. Returns how many were found."""
    if not rows:
        return 0
    assignments = ", ".join(f'"{column}" = new."{column}"' for column in rows[0] if column not in key)
    matches = " AND ".join(f'{table}."{column}" = new."{column}"' for column in key)
    # PostgreSQL takes a document to hold a hundred rows, and would read a whole table to join a few. A limit that is
    # never reached tells it better; in powers of four, so that there are few statements to prepare.
    most = next(size for size in (4**power for power in range(1, 16)) if size >= len(rows))
    statement = (
        f"UPDATE {table} SET {assignments} FROM (SELECT * FROM jsonb_populate_recordset(NULL::{table},"
        f" CAST(:rows AS jsonb)) LIMIT {most}) AS new WHERE {matches} {where}"
    )
    return _affected(session, statement, rows)


def _affected(session: Session, statement: str, rows: Sequence[Mapping[str, object]]) -> int:
    return cast("CursorResult[object]", session.execute(text(statement), {"rows": dumps(rows)})).rowcount


def dumps(value: object) -> str:
    """JSON as PostgreSQL reads it into columns: bytes as hex, days and instants as ISO 8601."""
    return orjson.dumps(value, default=_other).decode()


def _other(value: object) -> object:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} does not go into a table")
