"""Keys of monitoring systems and what they sign with."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.common import Body, Flag, Instant, Shown, StreetCode
from core.events.fields import holds_control

Scope = Literal["alerts:write", "alerts:read", "classify"]
State = Literal["live", "expired", "revoked"]


def _source(value: str) -> str:
    if value.isspace() or holds_control(value):
        raise ValueError("must be a URI reference")
    return value


Source = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255), AfterValidator(_source)]
EventType = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]


class NewKey(Body):
    """A key to make; no types or no streets mean all of them."""

    source: Source
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    types: Annotated[list[EventType], Field(max_length=50, default_factory=list)]
    streets: Annotated[list[StreetCode], Field(max_length=50, default_factory=list)]
    expires_at: Instant | None = None


class KeyShown(Shown):
    """A key, without the key itself. `last_used_on` is a day of the real calendar."""

    key_id: UUID
    source: str
    scopes: list[Scope]
    types: list[str]
    streets: list[str]
    state: State
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None


class KeyMade(KeyShown):
    """A new key; `key` is stored nowhere and shown once. `live_keys` of its source open the door now."""

    key: str
    live_keys: int


class NewSecret(Body):
    """A secret to make; `obligatory` absent leaves as it is whether the source has to sign."""

    source: Source
    obligatory: Flag | None = None


class SignedSource(Body):
    """Whether what a source sends unsigned is refused."""

    source: Source
    obligatory: Flag


class SignedSourceShown(Shown):
    """Whether a source has to sign, and how many secrets are good for it; obligatory with none shuts it out."""

    source: str
    obligatory: bool
    live_secrets: int


class SecretShown(Shown):
    """A signing secret, without the secret itself."""

    secret_id: UUID
    source: str
    obligatory: bool
    state: Literal["live", "revoked"]
    created_at: datetime
    revoked_at: datetime | None


class SecretMade(SecretShown):
    """A new secret (`whsec_…`), shown once; all live ones of a source are good."""

    secret: str
    live_secrets: int
