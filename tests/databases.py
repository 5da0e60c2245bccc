"""Migrated databases for tests: made once, lent to one test at a time, and emptied in between."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import sql

from cli.embedded import postgres
from cli.embedded.postgres import SUPERUSER, as_role
from core.store import database
from core.store.logins import OWNER
from tests.earlier import sockets_of

TEMPLATE: Final = "template_test"
GONE_SECONDS: Final = 30
# From here on its dead rows are cleared away, too.
LARGE_BYTES: Final = 256 * 1024
# Whatever a test may do to the shape of a database shows in one of these.
_SHAPE: Final = " UNION ALL ".join(
    f"SELECT '{catalog}', count(*), max(CAST(CAST(xmin AS text) AS bigint)) FROM {catalog}"
    for catalog in (
        "pg_attribute",
        "pg_class",
        "pg_constraint",
        "pg_description",
        "pg_namespace",
        "pg_policy",
        "pg_proc",
        "pg_trigger",
    )
)
# The transaction that last wrote a row tells a change.
_STATE: Final = "SELECT count(*), max(CAST(CAST(xmin AS text) AS bigint)) FROM {}"


@dataclass
class _Lent:
    """One database, seen as the superuser. `seeds`: the state of each table that is not empty to begin with."""

    url: str
    behind: psycopg.Connection
    seeds: dict[str, object]


@dataclass
class Databases:
    """The databases of one server, whose `template_test` at `url` is migrated and holds what an empty one starts with.

    Making one takes a tenth of a second, emptying one a hundredth of that.
    """

    url: str
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _free: list[_Lent] = field(default_factory=list)
    _lent: dict[str, _Lent] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with _behind(self.url) as server:
            tables = [row[0] for row in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            full = [table for table in tables if _state(server, table) != (0, None)]
            self._seeds = {table: b"".join(_copied(server, table)) for table in full}
            self._empty = [table for table in tables if table not in full]
            self._shape = server.execute(_SHAPE).fetchall()

    def make(self) -> str:
        """The address of a new database, as the log-in; it ends with the server."""
        name = f"n{next(self._numbers)}_test"
        with _behind(self.url, dbname="postgres") as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {OWNER}")
            server.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
        return self.url.replace(TEMPLATE, name)

    def make_empty(self) -> str:
        """The address of a database that nobody migrated."""
        name = f"n{next(self._numbers)}_test"
        postgres.prepare(sockets_of(self.url), name)
        return self.url.replace(TEMPLATE, name)

    def lend(self) -> str:
        """The address of a database as it was made, until it is given back."""
        lent = self._free.pop() if self._free else self._open()
        self._lent[lent.url] = lent
        return lent.url

    def give_back(self, url: str) -> None:
        """Empty a database for the next test; one whose shape was changed is not lent again."""
        lent = self._lent.pop(url)
        try:
            _end_others(lent.behind)
            is_sound = lent.behind.execute(_SHAPE).fetchall() == self._shape
        except psycopg.OperationalError:
            # Some tests end every session, ours among them.
            is_sound = False
        if is_sound:
            self._restore(lent)
            self._free.append(lent)
        else:
            lent.behind.close()

    def _open(self) -> _Lent:
        url = self.make()
        behind = _behind(url)
        # No foreign key stands in the way of an order in which tables are emptied.
        behind.execute("SET session_replication_role = replica")
        return _Lent(url, behind, {table: _state(behind, table) for table in self._seeds})

    def _restore(self, lent: _Lent) -> None:
        lent.behind.execute("; ".join(f'DELETE FROM "{table}"' for table in self._empty))
        for table, rows in self._seeds.items():
            if _state(lent.behind, table) != lent.seeds[table]:
                lent.behind.execute(_of("DELETE FROM {}", table))
                with lent.behind.cursor().copy(_of("COPY {} FROM STDIN", table)) as copy:
                    copy.write(rows)
                lent.seeds[table] = _state(lent.behind, table)
        large = lent.behind.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND pg_relation_size(quote_ident(tablename)::regclass) > %s AND tablename = ANY (%s)",
            [LARGE_BYTES, self._empty],
        ).fetchall()
        if large:
            lent.behind.execute("VACUUM " + ", ".join(f'"{table}"' for (table,) in large))


def _behind(url: str, **details: str) -> psycopg.Connection:
    """A connection for which no scope and no privilege counts."""
    return psycopg.connect(database.libpq_url(as_role(url, SUPERUSER)), autocommit=True, **details)


def _of(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(table))


def _copied(behind: psycopg.Connection, table: str) -> list[bytes]:
    with behind.cursor().copy(_of("COPY {} TO STDOUT", table)) as copy:
        return [bytes(piece) for piece in copy]


def _state(behind: psycopg.Connection, table: str) -> object:
    return behind.execute(_of(_STATE, table)).fetchone()


def _end_others(behind: psycopg.Connection) -> None:
    """End every other session of the database: what a test forgot, and what is in the middle of something."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + GONE_SECONDS
    while behind.execute(f"SELECT pg_terminate_backend(pid) {others} AND backend_type = 'client backend'").fetchall():
        assert time.monotonic() < until, "a session of the database does not end"
        time.sleep(0.001)
