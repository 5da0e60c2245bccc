"""Where a database stands, and how it is brought to where this program expects it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from core import seeds
from core.store import protection, scopes
from core.store.database import Database, sqlalchemy_url

ROOT = Path(__file__).resolve().parent.parent


class NotMigrated(Exception):
    """A migration met a limit of its time and gave up; the database is as it was."""


def configuration(url: str, login: str) -> Config:
    """Alembic's, for a database as its owner, and the log-in (quoted) that it is opened to."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes.update(url=sqlalchemy_url(url), login=login)
    return config


def migrate(owner_url: str, login: str, revision: str = "head") -> None:
    """Bring the database up to date, open it to the log-in (quoted), and seed what an empty one lacks.

    As the owner of the tables; a second call changes nothing. Raises `NotMigrated` rather than let everybody wait for a
    table that somebody else holds.
    """
    _upgrade(configuration(owner_url, login), revision)
    with as_owner(owner_url) as session:
        seeds.plant(session)


@contextmanager
def as_owner(owner_url: str) -> Iterator[Session]:
    """One transaction of the owner's; row-level security holds for them, too, so it says that it sees everything."""
    connected = Database(owner_url, pool_size=1)
    try:
        with connected.transaction(scopes.everywhere()) as session:
            yield session
    finally:
        connected.dispose()


def is_behind(session: Session) -> bool:
    """Whether the database, or what it lets the log-in see, is not what this program expects."""
    present, expected = revisions(session)
    return present != expected or not protection.is_applied(session)


def _upgrade(config: Config, revision: str) -> None:
    try:
        command.upgrade(config, revision)
    except OperationalError as problem:
        match problem.orig:
            case LockNotAvailable() | DeadlockDetected():
                why = "Somebody else holds what it changes; pg_stat_activity says who, try again once they are done"
            case QueryCanceled():
                why = "It was cancelled or took longer than a migration may; try again when fewer people work"
            case _:
                raise
        statement = " ".join((problem.statement or "").split())
        raise NotMigrated(
            f"The database was not migrated, and nothing was changed. {why}: {problem.orig} `{statement}`"
        ) from None


@cache
def head() -> str:
    """The revision that this program expects."""
    from alembic.script import ScriptDirectory

    expected: Any = ScriptDirectory.from_config(configuration("", "")).get_current_head()
    return str(expected)


def revisions(session: Session) -> tuple[str | None, str]:
    """(the revision of this database, the revision this program expects).

    None where nobody migrated it yet, or it was opened to another log-in than the one that asks.
    """
    from alembic.runtime.migration import MigrationContext

    is_open = session.execute(text("SELECT has_table_privilege(to_regclass('alembic_version'), 'SELECT')")).scalar_one()
    return MigrationContext.configure(session.connection()).get_current_revision() if is_open else None, head()
