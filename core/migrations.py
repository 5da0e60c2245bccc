"""Where a database stands, and how it is brought to where this program expects it."""

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from core import seeds
from core.store.database import sqlalchemy_url

ROOT = Path(__file__).resolve().parent.parent


class NotMigrated(Exception):
    """A migration met a limit of its time and gave up; the database is as it was."""


def configuration(url: str) -> Config:
    """Alembic's, for a database."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = sqlalchemy_url(url)
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database up to date and seed what an empty one lacks; a second call changes nothing.

    Raises `NotMigrated` rather than let everybody wait for a table that somebody else holds.
    """
    _upgrade(configuration(url), revision)
    engine = create_engine(sqlalchemy_url(url))
    try:
        with Session(engine) as session, session.begin():
            seeds.plant(session)
    finally:
        engine.dispose()


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

    expected: Any = ScriptDirectory.from_config(configuration("")).get_current_head()
    return str(expected)


def revisions(session: Session) -> tuple[str | None, str]:
    """(the revision of this database, the revision this program expects)."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(session.connection()).get_current_revision(), head()
