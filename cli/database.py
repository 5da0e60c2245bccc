"""The database as a command meets it: prepared before the first process, and one transaction at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from cli.embedded.servers import CommandFailed
from core import migrations
from core.alerts import directory
from core.settings import Settings
from core.store import crypto
from core.store.database import Database, Scope


def prepare(settings: Settings) -> None:
    """Bring database and keys to where the API and the workers can start; twice is harmless."""
    url = settings.database_url
    if url is None:
        raise CommandFailed("There is no database to prepare; set TANFANG_DATABASE_URL.")
    try:
        migrations.migrate(url)
    except migrations.NotMigrated as problem:
        raise CommandFailed(str(problem)) from None
    except OperationalError as problem:
        raise CommandFailed(f"The database does not answer: {str(problem.orig).strip()}") from None
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
