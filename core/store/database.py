"""The way into PostgreSQL: one engine, and transactions inside a scope."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

# What statements of our own read as JSON; the engine does the same for mapped columns.
set_json_loads(orjson.loads)
APP_ROLE = "tanfang_app"
DISTRICT = "310117"
EVERY_COMMITTEE = "*"
AWAY_SECONDS = 0.5  # How long a failure to connect speaks for all.
_LOCK_SPACE = 0x7A6E  # Which advisory locks are ours, on a server that others may share.
_STREET = re.compile(r"\d{6,9}")
_COMMITTEE = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a transaction may see. Streets are always listed; `committees=None` is all of theirs.

    `directory` opens the two district-wide tables that say in which street a person is.
    """

    streets: tuple[str, ...] = ()
    committees: tuple[str, ...] | None = ()
    directory: bool = False

    def __post_init__(self) -> None:
        if not all(_STREET.fullmatch(code) for code in self.streets):
            raise ValueError("A scope names streets by their 6- to 9-digit codes.")
        if not all(_COMMITTEE.fullmatch(code) for code in self.committees or ()):
            raise ValueError("A scope names committees by their 12-digit codes.")

    @property
    def statements(self) -> str:
        """The literals are validated above; `SET LOCAL` takes no parameters and ends with the transaction."""
        committees = EVERY_COMMITTEE if self.committees is None else ",".join(self.committees)
        return (
            f"SET LOCAL ROLE {APP_ROLE}; "
            f"SET LOCAL tanfang.streets = '{','.join(self.streets)}'; "
            f"SET LOCAL tanfang.committees = '{committees}'; "
            f"SET LOCAL tanfang.directory = '{'on' if self.directory else ''}'"
        )


class Database:
    """One process's connections to one PostgreSQL database."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        self.url = url
        # Filled by `core.organisation.streets.known`, once a process.
        self.divisions: Any = None
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            json_deserializer=orjson.loads,
            connect_args={"connect_timeout": 5, "options": "-c timezone=Asia/Shanghai -c statement_timeout=120s"},
        )
        self._away_until = 0.0
        event.listen(self.engine, "do_connect", self._connect)

    def _connect(
        self, dialect: Dialect, _record: object, arguments: list[object], named: dict[str, object]
    ) -> DBAPIConnection:
        """Connect, unless that failed a moment ago: while the server is away, everybody hears so at once."""
        if time.monotonic() < self._away_until:
            raise psycopg.OperationalError("the database did not answer a moment ago")
        try:
            return dialect.connect(*arguments, **named)
        except psycopg.OperationalError:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise

    @contextmanager
    def transaction(self, scope: Scope, connection: Connection | None = None) -> Iterator[Session]:
        """One unit of work inside one scope: everything commits together, or nothing does."""
        bind = connection or self.engine
        with Session(bind, expire_on_commit=False, info={"scope": scope}) as session, session.begin():
            yield session

    @contextmanager
    def street_lock(self, street: str) -> Iterator[tuple[Connection, datetime] | None]:
        """A connection that alone works on a street until it is given back, or None when another one does.

        With it comes the instant at which the server that holds the lock was started.

        The lock belongs to the connection: a process that dies frees it at once, and one that lost it can
        write nothing.
        """
        with self.engine.connect() as connection:
            key = {"space": _LOCK_SPACE, "street": int(street)}
            taken = connection.execute(
                text("SELECT pg_try_advisory_lock(:space, :street), pg_postmaster_start_time()"), key
            ).one()
            connection.commit()
            if not taken[0]:
                yield None
                return
            try:
                yield connection, taken[1]
            finally:
                if not connection.invalidated:
                    connection.rollback()
                    connection.execute(text("SELECT pg_advisory_unlock(:space, :street)"), key)
                    connection.commit()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@event.listens_for(Session, "after_begin")
def _set_scope(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    scope: Scope | None = session.info.get("scope")
    if scope is not None:
        connection.exec_driver_sql(scope.statements)


@contextmanager
def widened(session: Session, scope: Scope) -> Iterator[None]:
    """A stretch of a transaction that sees more than its caller; only for what hands out nothing the caller asked for.

    Who serves one committee may cause work in the whole street: their own tasks go to whoever has least to do there.
    """
    before: Scope = session.info["scope"]
    _enter(session, scope)
    try:
        yield
    except BaseException:
        # An exception ends the transaction, or goes back to its savepoint, and the wider scope ends with it.
        session.info["scope"] = before
        raise
    _enter(session, before)


def _enter(session: Session, scope: Scope) -> None:
    session.flush()
    session.connection().exec_driver_sql(scope.statements)
    session.info["scope"] = scope


def server_version(session: Session) -> str:
    """Which PostgreSQL answers."""
    return str(session.execute(text("SHOW server_version")).scalar_one())


def sqlalchemy_url(url: str) -> str:
    """A libpq URL as SQLAlchemy wants it, with the psycopg 3 driver."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)


def libpq_url(url: str) -> str:
    """The same address as psycopg itself wants it."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
