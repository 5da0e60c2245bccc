"""Keys of monitoring systems and what they sign with."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.common import Body, Instant, Shown, StreetCode
from core.fields import holds_control

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
