"""Users, upstream keys and signing secrets from the shell: whoever holds the data folder is the operator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from cli.database import prepare, transaction
from cli.embedded.folder import servers
from core import clock
from core.alerts import signatures, source_keys
from core.organisation import failures, passwords, sessions, signing_in, users
from core.organisation.users import SHELL, Account
from core.settings import Settings
from core.store import crypto
from core.store.models.accounts import Ended
from core.store.scopes import everywhere


def add_user(
    settings: Settings,
    username: str,
    password: str | None,
    *,
    role: str,
    district: str | None,
    street: str | None,
    committees: Sequence[str],
    capacity: int | None,
) -> str | None:
    """Make an account; without a password returns a code that opens it once."""
    password_hash = _judged(username, password)
    with _transaction(settings) as session:
        user_id = users.add_user(
            session,
            username=username,
            password_hash=password_hash,
            role=role,
            district=district,
            street=street,
            committees=committees,
            capacity=capacity,
        )
        return None if password_hash else _code(session, settings, user_id)


def list_users(settings: Settings) -> list[Account]:
    """Every account, by name."""
    with _transaction(settings) as session:
        return users.accounts(session)


def lock_user(settings: Settings, username: str) -> None:
    """Close an account to its owner and end their sessions; their work stays theirs."""
    now = clock.real_now()
    with _transaction(settings) as session:
        user_id = users.id_of(session, username)
        users.set_lock(session, user_id, now)
        sessions.end_all(session, user_id, Ended.BY_OPERATOR, now=now)


def unlock_user(settings: Settings, username: str) -> None:
    """Open an account to its owner again, whether the operator or wrong passwords had closed it."""
    with _transaction(settings) as session:
        users.set_lock(session, users.id_of(session, username), None)
        failures.forgive(session, crypto.load_keys(settings.key_folder), username)


def reset_user(settings: Settings, username: str, password: str | None) -> str | None:
    """Another password for somebody, or without one a code that opens the account once; their sessions end."""
    password_hash = _judged(username, password)
    with _transaction(settings) as session:
        user_id = users.id_of(session, username)
        code = _code(session, settings, user_id)
        if password_hash is None:
            return code
        signing_in.set_password(session, user_id, password_hash, is_first=False)
        return None


def end_sessions(settings: Settings, username: str) -> int:
    """End every session of somebody; returns how many."""
    with _transaction(settings) as session:
        return sessions.end_all(session, users.id_of(session, username), Ended.BY_OPERATOR, now=clock.real_now())


def _judged(username: str, password: str | None) -> str | None:
    if password is None:
        return None
    passwords.judge(password, username=username)
    return passwords.hashed(password)


def _code(session: Session, settings: Settings, user_id: UUID) -> str:
    keys = crypto.load_keys(settings.key_folder)
    return signing_in.give_code(session, keys, user_id, now=clock.real_now())[0]


def add_key(
    settings: Settings,
    source: str,
    *,
    scopes: Sequence[str],
    types: Sequence[str],
    streets: Sequence[str],
    expires_at: datetime | None,
    name: str | None,
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
            name=name,
            district=district,
            by=SHELL,
        )
        made = source_keys.shown(session, key)
        return key, source_keys.count_live(session, made["district"], source)


def list_keys(settings: Settings) -> list[source_keys.KeyShown]:
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


def list_secrets(settings: Settings) -> list[signatures.SecretShown]:
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
