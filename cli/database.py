"""The database as a command meets it: prepared before the first process, and one transaction at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from cli.embedded.folder import Servers
from cli.embedded.servers import CommandFailed
from core import migrations
from core.alerts import directory
from core.store import crypto, logins
from core.store.database import Database, login_of
from core.store.scopes import Scope


def prepare(found: Servers, *, migrates: bool = False) -> None:
    """Bring database and keys to where the API and the workers can start; twice is harmless.

    A database that is not ours to migrate, because no owner is named, has to be up to date; with `migrates` an owner
    has to be named.
    """
    settings = found.settings
    url = settings.database_url
    if url is None:
        raise CommandFailed("There is no database to prepare; set TANFANG_DATABASE_URL.")
    try:
        _bring_up_to_date(url, found.owner_url, migrates=migrates)
    except migrations.NotMigrated as problem:
        raise CommandFailed(str(problem)) from None
    except (OperationalError, psycopg.OperationalError) as problem:
        said = getattr(problem, "orig", None) or problem
        raise CommandFailed(f"数据库没有应答：{str(said).strip()}") from None
    try:
        crypto.load_keys(settings.key_folder)
    except FileNotFoundError as problem:
        # New keys beside old data would open none of it, and would hide that the old ones are missing.
        if holds_people(url):
            raise CommandFailed(
                f"{problem.filename or settings.key_folder}: an encryption key is missing, and the database holds "
                "people sealed with it; bring the key folder back from its backup."
            ) from None
        crypto.ensure_keys(settings.key_folder)
    except ValueError as problem:
        raise CommandFailed(f"{settings.key_folder}: {problem}") from None


def _bring_up_to_date(url: str, owner_url: str | None, *, migrates: bool) -> None:
    if owner_url is not None:
        migrations.migrate(owner_url, login_of(url))
    elif migrates:
        raise CommandFailed("迁移以数据表的所有者身份进行：请设置 TANFANG_OWNER_URL（见 .env.example）。")
    with transaction(url, Scope()) as session:
        if problem := logins.flaw(session):
            raise CommandFailed(problem)
        if migrations.is_behind(session):
            raise CommandFailed(
                "数据库的版本与本程序不一致；请设置 TANFANG_OWNER_URL 后运行 `tanfang migrate`，再启动。"
            )


def holds_people(url: str) -> bool:
    """Whether anybody's data are in a database."""
    with transaction(url, Scope(directory=True)) as session:
        return directory.holds_people(session)


@contextmanager
def transaction(url: str, scope: Scope) -> Iterator[Session]:
    """One transaction on a database this command opens for it alone."""
    connected = Database(url, pool_size=1)
    try:
        with connected.transaction(scope) as session:
            yield session
    finally:
        connected.dispose()
