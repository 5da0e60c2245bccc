"""Adding users and upstream keys from the shell: whoever holds the data folder is the operator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlmodel import Session

from cli.embedded import servers
from cli.up import prepare, transaction
from core import keys, people
from core.database import Scope
from core.settings import Settings


def add_user(
    settings: Settings,
    username: str,
    password: str,
    *,
    role: str,
    street: str | None,
    committees: Sequence[str],
    capacity: int | None,
) -> None:
    """Make an account; raises a `Refusal` that says what does not fit."""
    with _transaction(settings) as session:
        people.add_user(
            session,
            username=username,
            password=password,
            role=role,
            street=street,
            committees=committees,
            capacity=capacity,
        )


def add_key(
    settings: Settings, source: str, *, scopes: Sequence[str], types: Sequence[str], streets: Sequence[str]
) -> str:
    """Make a key and return it once it is stored; it cannot be read again."""
    with _transaction(settings) as session:
        key = keys.add_key(session, source=source, scopes=scopes, types=types, streets=streets)
    return key


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    """One transaction on the instance's database. Accounts and keys are the district's, so no street is in scope."""
    with servers(settings, broker=False) as found:
        prepare(found.settings)
        with transaction(found.settings.database_url or "", Scope()) as session:
            yield session
