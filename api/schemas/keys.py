"""Keys of monitoring systems and what they sign with."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.common import Body, Flag, Instant, Name, Shown, StreetCode, example
from core.events.fields import holds_control

Scope = Literal["alerts:write", "alerts:read", "classify"]
State = Literal["live", "expired", "revoked"]


def _source(value: str) -> str:
    if value.isspace() or holds_control(value):
        raise ValueError("须是 URI。")
    return value


Source = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255), AfterValidator(_source)]
EventType = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]


class NewKey(
    Body,
    json_schema_extra=example(
        source="/songjiang/medical-insurance",
        scopes=["alerts:write", "alerts:read"],
        types=["warning.illness_poverty"],
        name="区医保局",
        expires_at="2027-03-31T00:00:00+08:00",
    ),
):
    """A key to make; no types or no streets mean all of them."""

    source: Source
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    types: Annotated[list[EventType], Field(max_length=50, default_factory=list)]
    streets: Annotated[list[StreetCode], Field(max_length=50, default_factory=list)]
    expires_at: Instant | None = None
    # What people read as the teller of its news.
    name: Name | None = None


class Key(Shown):
    """A key, without the key itself. `last_used_on` is a day of the real calendar."""

    key_id: UUID
    district: str
    source: str
    name: str | None
    scopes: list[Scope]
    types: list[str]
    streets: list[str]
    state: State
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None


class MadeKey(Key):
    """A new key; `key` is stored nowhere and shown once. `live_keys` of its source open the door now."""

    key: str
    live_keys: int


class NewSigningSecret(Body, json_schema_extra=example(source="/songjiang/medical-insurance", obligatory=True)):
    """A secret to make; `obligatory` absent leaves as it is whether the source has to sign."""

    source: Source
    obligatory: Flag | None = None


class SourceSigningChange(Body, json_schema_extra=example(source="/songjiang/medical-insurance", obligatory=False)):
    """Whether what a source sends unsigned is refused."""

    source: Source
    obligatory: Flag


class SourceSigning(Shown):
    """Whether a source has to sign, and how many secrets are good for it; obligatory with none shuts it out."""

    source: str
    obligatory: bool
    live_secrets: int


class SigningSecret(Shown):
    """A signing secret, without the secret itself."""

    secret_id: UUID
    district: str
    source: str
    obligatory: bool
    state: Literal["live", "revoked"]
    created_at: datetime
    revoked_at: datetime | None


class MadeSigningSecret(SigningSecret):
    """A new secret (`whsec_…`), shown once; all live ones of a source are good."""

    secret: str
    live_secrets: int
