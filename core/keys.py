"""Keys of monitoring systems: made once, shown once, stored as a digest."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock, crypto, event_types
from core import streets as divisions
from core.errors import Invalid, NotAllowed, NotSignedIn
from core.ids import uuid7
from core.models import UpstreamKey

SCOPES = ("alerts:write", "alerts:read", "classify")
PREFIX = "tfk_"


@dataclass(frozen=True, slots=True)
class Caller:
    """A monitoring system at the door. Empty `types` or `streets` mean all."""

    key_id: UUID
    source: str
    scopes: frozenset[str]
    types: frozenset[str]
    streets: frozenset[str]

    def require(self, scope: str) -> None:
        """Refuse what the key was not made for."""
        if scope not in self.scopes:
            raise NotAllowed(f"This key lacks the scope {scope}; ask the district for another.")


def add_key(
    session: Session,
    *,
    source: str,
    scopes: Sequence[str],
    types: Sequence[str] = (),
    streets: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """Make a key for a source and return it: the only time it can be read."""
    if not 1 <= len(source) <= 255:
        raise Invalid("A source is a URI of 1 to 255 characters.")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(f"A key has scopes out of {', '.join(SCOPES)}.")
    unknown = [kind for kind in types if not event_types.is_known(kind, internal=False)]
    if unknown:
        raise Invalid("A key is limited to event types of the contract, e.g. warning.illness_poverty.")
    if any(code not in divisions.load(session).streets for code in streets):
        raise Invalid("A key is limited to streets of this district, by their 9-digit codes.")
    secret = PREFIX + secrets.token_urlsafe(32)
    session.add(
        UpstreamKey(
            key_id=uuid7(),
            source=source,
            key_digest=crypto.digest(secret),
            scopes=list(scopes),
            types=list(types),
            streets=list(streets),
            created_at=clock.real_now(),
            expires_at=expires_at,
        )
    )
    session.flush()
    return secret


def caller(session: Session, secret: str) -> Caller:
    """Who shows this key; raises `NotSignedIn` for an unknown, expired or revoked one."""
    digest = crypto.digest(secret)
    found = callers(session, [digest]).get(digest)
    if found is None:
        raise NotSignedIn(UNKNOWN)
    return found


UNKNOWN = "The key is unknown, expired or revoked."


def callers(session: Session, digests: Collection[bytes]) -> dict[bytes, Caller]:
    """Who shows the keys with these digests; unknown, expired and revoked ones are missing."""
    rows = session.execute(
        text(
            "SELECT key_digest, key_id, source, scopes, types, streets FROM upstream_key"
            " WHERE key_digest = ANY(:digests) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)"
        ),
        {"digests": list(digests), "now": clock.real_now()},
    )
    return {
        bytes(row.key_digest): Caller(
            row.key_id, row.source, frozenset(row.scopes), frozenset(row.types), frozenset(row.streets)
        )
        for row in rows
    }
