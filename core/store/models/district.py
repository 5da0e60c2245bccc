"""Districts, streets, committees, people who work here, keys, signatures, the calendar, the directory.

What belongs to a district has its code first in its key. What stands about somebody who works here has the code of
their place: their street, or their district where they have none.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.store.models.accounts import TextSize, one_of
from core.store.models.base import instant, json, words


class District(SQLModel, table=True):
    """A 区 that works here; an installation may hold those of a whole city, or of several."""

    __tablename__ = "district"
    code: str = Field(primary_key=True)
    name: str
    city_code: str
    city: str
    valid_from: date
    valid_to: date | None = None


class Street(SQLModel, table=True):
    """A 街镇; `code` is our own stable id, seeded from the NBS codes, and begins with its district's."""

    __tablename__ = "street"
    code: str = Field(primary_key=True)
    district_code: str = Field(foreign_key="district.code", index=True)
    name: str
    kind: str
    valid_from: date
    valid_to: date | None = None


class Committee(SQLModel, table=True):
    """A 居委会 or 村委会."""

    __tablename__ = "committee"
    code: str = Field(primary_key=True)
    street_code: str = Field(foreign_key="street.code", index=True)
    name: str
    kind: str
    valid_from: date
    valid_to: date | None = None


class UserAccount(SQLModel, table=True):
    """Somebody who signs in. `capacity` is visits a month; a visitor's access ends with `valid_until`.

    The district's people have no street, the city's no district either. Without a password only a code opens the
    account, once and until `code_expires_at`. A password that somebody else chose is changed at the first sign-in.
    Locked by the operator, an account keeps its work.
    """

    __tablename__ = "user_account"
    __table_args__ = (one_of("text_size", TextSize),)
    user_id: UUID = Field(primary_key=True)
    username: str = Field(unique=True)
    name: str
    password_hash: str | None = None
    is_first_password: bool = False
    code_digest: bytes | None = None
    code_expires_at: datetime | None = instant(nullable=True)
    role: str
    district_code: str | None = Field(default=None, foreign_key="district.code", index=True)
    street_code: str | None = Field(default=None, foreign_key="street.code", index=True)
    capacity: int
    active: bool = True
    valid_until: date | None = None
    locked_at: datetime | None = instant(nullable=True)
    text_size: str = TextSize.STANDARD.value
    created_at: datetime = instant()


class UserCommittee(SQLModel, table=True):
    """Which committees a user serves."""

    __tablename__ = "user_committee"
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.user_id")
    committee_code: str = Field(primary_key=True, foreign_key="committee.code", index=True)
    place_code: str


class Absence(SQLModel, table=True):
    """Days on which a user cannot visit, both inclusive."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="ordered"),
        Index("ix_absence_to_begin", "from_on", "place_code", postgresql_where=text("begun_at IS NULL")),
    )
    absence_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.user_id", index=True)
    place_code: str
    from_on: date
    to_on: date
    reason: str
    # When what could not wait for their return was handed on.
    begun_at: datetime | None = instant(nullable=True)


class Recusal(SQLModel, table=True):
    """A user who must not visit a resident, e.g. a relative."""

    __tablename__ = "recusal"
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.user_id")
    resident_id: UUID = Field(primary_key=True, index=True)
    recusal_id: UUID = Field(unique=True)
    place_code: str
    reason: str


class UpstreamKey(SQLModel, table=True):
    """What a monitoring system shows at the door; the key itself is never stored."""

    __tablename__ = "upstream_key"
    __table_args__ = (Index("ix_upstream_key_source", "district_code", "source"),)
    key_id: UUID = Field(primary_key=True)
    district_code: str = Field(foreign_key="district.code")
    source: str
    key_digest: bytes = Field(unique=True)
    scopes: list[str] = words()
    types: list[str] = words()
    streets: list[str] = words()
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
    last_used_on: date | None = None


class SourceName(SQLModel, table=True):
    """What people call a source of news."""

    __tablename__ = "source_name"
    district_code: str = Field(primary_key=True, foreign_key="district.code")
    source: str = Field(primary_key=True)
    name: str


class SignedSource(SQLModel, table=True):
    """A source that signs what it sends; with `obligatory`, what it sends unsigned is refused."""

    __tablename__ = "signed_source"
    district_code: str = Field(primary_key=True, foreign_key="district.code")
    source: str = Field(primary_key=True)
    obligatory: bool


class SigningSecret(SQLModel, table=True):
    """What a source signs with, sealed; while one secret replaces another, both are live."""

    __tablename__ = "signing_secret"
    __table_args__ = (
        ForeignKeyConstraint(["district_code", "source"], ["signed_source.district_code", "signed_source.source"]),
        Index("ix_signing_secret_source", "district_code", "source"),
    )
    secret_id: UUID = Field(primary_key=True)
    district_code: str
    source: str
    secret: bytes
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class SeenMessage(SQLModel, table=True):
    """A signed request that was taken in, kept while its timestamp could still pass; all times are real."""

    __tablename__ = "seen_message"
    source: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)
    sent_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True, index=True))


class CalendarDay(SQLModel, table=True):
    """Whether a day is worked (调休 included); years without rows count Monday to Friday, provisionally."""

    __tablename__ = "calendar_day"
    day: date = Field(primary_key=True)
    working: bool
    label: str
    source: str


class PolicyDocument(SQLModel, table=True):
    """A version of the district's policy (YAML), in force from a day until a later one. Never changed."""

    __tablename__ = "policy"
    district_code: str = Field(primary_key=True, foreign_key="district.code")
    policy_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    effective_on: date
    document: str
    comment: str
    by_user_id: UUID | None = None
    created_at: datetime = instant()


class SandboxClock(SQLModel, table=True):
    """Business time of a sandbox: it was `business_at` when real time was `real_at`, and is walking to `target_at`."""

    __tablename__ = "sandbox_clock"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    business_at: datetime = instant()
    real_at: datetime = instant()
    target_at: datetime | None = instant(nullable=True)


class ImportMapping(SQLModel, table=True):
    """Which column of a source's file was which field, and what its words meant, by column.

    `signature` tells one layout of its files from another.
    """

    __tablename__ = "import_mapping"
    district_code: str = Field(primary_key=True, foreign_key="district.code")
    source: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    signature: str = Field(primary_key=True)
    mapping: dict[str, str] = json()
    words: dict[str, dict[str, str]] = json()
    updated_at: datetime = instant()


class Directory(SQLModel, table=True):
    """In which street a person is, by blind index of an identifier. Installation-wide: no street user reads it."""

    __tablename__ = "directory"
    __table_args__ = (Index("ix_directory_resident_id", "resident_id"),)
    person_key: bytes = Field(primary_key=True)
    street_code: str
    resident_id: UUID


class Receipt(SQLModel, table=True):
    """That an event was accepted, wherever it went: pushes are idempotent across streets.

    `sequence` is the number its source gave it, if the source counts.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_sequence", "source", "sequence", "alert_id", postgresql_where=text("sequence IS NOT NULL")),
    )
    source: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    digest: bytes
    street_code: str
    alert_id: UUID
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
