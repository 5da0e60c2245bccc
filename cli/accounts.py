"""Users, upstream keys and signing secrets from the shell: whoever holds the data folder is the operator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from cli.database import prepare, transaction
from cli.embedded.folder import servers
from core import clock
from core.alerts import signatures, source_keys
from core.organisation import users
from core.organisation.users import SHELL
from core.settings import Settings
from core.store import crypto
from core.store.scopes import everywhere


def add_user(
    settings: Settings,
    username: str,
    password: str,
    *,
    role: str,
    district: str | None,
    street: str | None,
    committees: Sequence[str],
    capacity: int | None,
) -> None:
    """Make an account; raises a `Refusal` that says what does not fit."""
    with _transaction(settings) as session:
        users.add_user(
            session,
            username=username,
            password=password,
            role=role,
            district=district,
            street=street,
            committees=committees,
            capacity=capacity,
        )


def add_key(
    settings: Settings,
    source: str,
    *,
    scopes: Sequence[str],
    types: Sequence[str],
    streets: Sequence[str],
    expires_at: datetime | None,
    district: str | None,
) -> tuple[str, int]:
    """Make a key; returns it, which cannot be read again, and how many keys of its source are live now."""
    with _transaction(settings) as session:
        key = source_keys.add_key(
            session,
            source=source,
            scopes=scopes,
            types=types,
            streets=streets,
            expires_at=expires_at,
            district=district,
            by=SHELL,
        )
        made = source_keys.shown(session, key)
        return key, source_keys.count_live(session, made["district"], source)


def list_keys(settings: Settings) -> list[dict[str, Any]]:
    """Every key in every state, without the key itself."""
    with _transaction(settings) as session:
        return source_keys.page(session, source=None, after=None, limit=None, by=SHELL)


def revoke_key(settings: Settings, key_id: UUID) -> None:
    """End a key at once; raises `NotFound` for one that never was."""
    with _transaction(settings) as session:
        source_keys.revoke(session, key_id, by=SHELL)


def add_secret(settings: Settings, source: str, *, obligatory: bool | None, district: str | None) -> tuple[str, int]:
    """Make a signing secret; returns it, which cannot be read again, and how many of its source are live now."""
    with _transaction(settings) as session:
        # Only now: the first start makes the encryption keys.
        own = crypto.load_keys(settings.key_folder)
        secret_id, secret = signatures.add_secret(
            session, own, source=source, obligatory=obligatory, district=district, by=SHELL, now=clock.real_now()
        )
        made = signatures.one(session, secret_id)
        return secret, signatures.count_live(session, made["district"], source)


def list_secrets(settings: Settings) -> list[dict[str, Any]]:
    """Every signing secret in every state, without the secret itself."""
    with _transaction(settings) as session:
        return signatures.page(session, source=None, after=None, limit=None, by=SHELL)


def revoke_secret(settings: Settings, secret_id: UUID) -> None:
    """End a signing secret at once; raises `NotFound` for one that never was."""
    with _transaction(settings) as session:
        signatures.revoke(session, secret_id, by=SHELL, now=clock.real_now())


def set_obligatory(settings: Settings, source: str, *, obligatory: bool, district: str | None) -> None:
    """Say whether what a source sends unsigned is refused."""
    with _transaction(settings) as session:
        signatures.set_obligatory(session, source, obligatory=obligatory, district=district, by=SHELL)


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    """One transaction on the instance's database, as the operator: in every district."""
    with servers(settings, broker=False) as found:
        prepare(found)
        with transaction(found.settings.database_url or "", everywhere(directory=False)) as session:
            yield session
