"""Tables of signing in: sessions, and what is counted against guessing."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime
from sqlmodel import Field, SQLModel

from core.store.models.base import instant


class TextSize(StrEnum):
    """How large somebody reads the pages."""

    STANDARD = "standard"
    LARGE = "large"
    LARGEST = "largest"


class Ended(StrEnum):
    """Why a session was ended before its time."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"
    ELSEWHERE = "elsewhere"
    PASSWORD_CHANGED = "password_changed"
    RESET = "reset"
    ACCESS_ENDED = "access_ended"
    BY_OPERATOR = "by_operator"


class Counted(StrEnum):
    """What failures are counted by."""

    NAME = "name"
    ADDRESS = "address"
    LOOK_UP = "look_up"


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Login(SQLModel, table=True):
    """A session; the token itself is never stored, and changes while the session goes on. All times are real.

    With `is_limited` it was opened by a code or a first password: nothing can be done with it but to choose a password.
    """

    __tablename__ = "login"
    __table_args__ = (one_of("ended_because", Ended),)
    session_id: UUID = Field(primary_key=True)
    token_digest: bytes = Field(unique=True)
    user_id: UUID = Field(foreign_key="user_account.user_id", index=True)
    place_code: str
    created_at: datetime = instant()
    last_seen_at: datetime = instant()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    address: str
    is_limited: bool
    ended_at: datetime | None = instant(nullable=True)
    ended_because: str | None = None


class FailureCount(SQLModel, table=True):
    """Failures since `counted_from`, by a keyed digest of what they are counted by."""

    __tablename__ = "failure_count"
    __table_args__ = (one_of("kind", Counted),)
    kind: str = Field(primary_key=True)
    subject: bytes = Field(primary_key=True)
    failures: int
    counted_from: datetime = instant()
    locked_until: datetime | None = instant(nullable=True)
