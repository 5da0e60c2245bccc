"""The way into PostgreSQL: one engine, and transactions inside a scope."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from core.store import scopes
from core.store.scopes import Scope, Settings

# What statements of our own read as JSON; the engine does the same for mapped columns.
set_json_loads(orjson.loads)
AWAY_SECONDS = 0.5  # How long a failure to connect speaks for all.
_LOCK_SPACE = 0x7A6E  # Which advisory locks are ours, on a server that others may share.
_TURN_SPACE = 0x7A6F
_SCOPE, _SETTINGS = "scope", "settings"
# Where names are looked up: not in what the log-in itself could have made under the same names.
_OPTIONS = "-c timezone=Asia/Shanghai -c statement_timeout=120s -c search_path=public,pg_temp"


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
            connect_args={"connect_timeout": 5, "options": _OPTIONS},
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
        with Session(bind, expire_on_commit=False, info={_SCOPE: scope}) as session, session.begin():
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
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    scope: Scope | None = session.info.get(_SCOPE)
    # What a savepoint's end takes back is what was set since.
    if scope is not None and not transaction.nested:
        session.info[_SETTINGS] = {}
        _enter(session, connection, scope)


def _enter(session: Session, connection: Connection, scope: Scope) -> None:
    if scope.is_listed:
        _set(session, connection, scope.looking_up())
        _set(session, connection, scope.settings(scope.people(connection)))
    else:
        _set(session, connection, scope.settings())


def _set(session: Session, connection: Connection, wanted: Settings) -> None:
    if changes := scopes.statement(wanted, session.info[_SETTINGS]):
        connection.exec_driver_sql(changes)
    session.info[_SETTINGS] = wanted


def enter(session: Session, scope: Scope) -> None:
    """From here on, the transaction is in another scope: somebody who showed a name or a token is known by now."""
    session.flush()
    _enter(session, session.connection(), scope)
    session.info[_SCOPE] = scope


@contextmanager
def widened(session: Session, scope: Scope) -> Iterator[None]:
    """A stretch of a transaction that sees more than its caller; only for what hands out nothing the caller asked for.

    Who serves one committee may cause work in the whole street: their own tasks go to whoever has least to do there.
    """
    session.flush()
    connection = session.connection()
    before: Settings = session.info[_SETTINGS]
    _enter(session, connection, scope)
    try:
        yield
        session.flush()
    except BaseException:
        # It ends the transaction, or a savepoint that began before: the wider scope goes with either.
        session.info[_SETTINGS] = before
        raise
    _set(session, connection, before)


def admit(session: Session, people: Iterable[UUID]) -> None:
    """Somebody whose people are listed is given more of them: whoever takes a task may know from now on whose it is."""
    _set(session, session.connection(), scopes.admitted(session.info[_SETTINGS], people))


def listed(session: Session) -> frozenset[UUID] | None:
    """The people that the scope of a transaction lists, or None where it lists none."""
    session.connection()
    settings: Settings = session.info[_SETTINGS]
    if settings["everybody"] or settings["streets"]:
        return None
    return frozenset(map(UUID, filter(None, settings["people"].split(","))))


def take_turn(session: Session, street: str) -> None:
    """One transaction at a time goes on from here in a street, until it ends: numbers in a row have no gap then."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:space, :street)"), {"space": _TURN_SPACE, "street": int(street)}
    )


def login_of(url: str) -> str:
    """The quoted name of the role that an address connects as."""
    with psycopg.connect(libpq_url(url), connect_timeout=5) as connection:
        [name] = connection.execute("SELECT quote_ident(current_user)").fetchone() or ("",)
    return str(name)


def server_version(session: Session) -> str:
    """Which PostgreSQL answers."""
    return str(session.execute(text("SHOW server_version")).scalar_one())


def sqlalchemy_url(url: str) -> str:
    """A libpq URL as SQLAlchemy wants it, with the psycopg 3 driver."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)


def libpq_url(url: str) -> str:
    """The same address as psycopg itself wants it."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
