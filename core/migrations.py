"""Where a database stands, and how it is brought to where this program expects it."""

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlmodel import Session

from core import seeds
from core.store.database import sqlalchemy_url

ROOT = Path(__file__).resolve().parent.parent


def _alembic(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = sqlalchemy_url(url)
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database up to date and seed what an empty one lacks; a second call changes nothing."""
    command.upgrade(_alembic(url), revision)
    engine = create_engine(sqlalchemy_url(url))
    try:
        with Session(engine) as session, session.begin():
            seeds.plant(session)
    finally:
        engine.dispose()


@cache
def head() -> str:
    """The revision that this program expects."""
    from alembic.script import ScriptDirectory

    expected: Any = ScriptDirectory.from_config(_alembic("")).get_current_head()
    return str(expected)


def revisions(session: Session) -> tuple[str | None, str]:
    """(the revision of this database, the revision this program expects)."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(session.connection()).get_current_revision(), head()
