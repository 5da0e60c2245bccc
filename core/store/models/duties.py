"""What was decided about a person, and what is owed to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.store.json import Json
from core.store.models.base import instant, json, one_of, words
from rules.duties import DutyKind, DutyState

_RESIDENT = (["street_code", "resident_id"], ["resident.street_code", "resident.resident_id"])


class Decision(SQLModel, table=True):
    """The tier of a person from a day on, as known then. Kept when a later one supersedes it."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(*_RESIDENT),
        Index(
            "ix_decision_path",
            "street_code",
            "resident_id",
            "from_on",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )
    street_code: str = Field(primary_key=True)
    decision_id: UUID = Field(primary_key=True)
    resident_id: UUID
    from_on: date
    news_at: datetime | None = instant(nullable=True)
    recorded_at: datetime = instant()
    tier: str
    tier_before: str
    rules: list[str] = words()
    policy_id: str
    policy_version: int
    coverage_version: int | None = None
    next_change_on: date | None = None
    superseded_at: datetime | None = instant(nullable=True)


class Duty(SQLModel, table=True):
    """A visit owed: periodic (`occasion` = the period) or in response to news (`occasion` = the news)."""

    __tablename__ = "duty"
    __table_args__ = (
        ForeignKeyConstraint(*_RESIDENT),
        UniqueConstraint("street_code", "resident_id", "kind", "tier", "occasion"),
        one_of("kind", DutyKind),
        one_of("state", DutyState),
        CheckConstraint("due_on >= starts_on", name="ordered"),
        Index(
            "ix_duty_open",
            "street_code",
            "resident_id",
            postgresql_where=text("state = 'open' OR (state = 'missed' AND made_up_on IS NULL)"),
        ),
        Index(
            "ix_duty_closing", "street_code", "due_on", postgresql_where=text("state = 'open' AND kind = 'periodic'")
        ),
    )
    street_code: str = Field(primary_key=True)
    duty_id: UUID = Field(primary_key=True)
    resident_id: UUID
    committee_code: str
    kind: str
    tier: str
    occasion: str
    period: str | None = None
    starts_on: date
    news_at: datetime | None = instant(nullable=True)
    due_on: date
    modes: list[str] = words()
    limit: str
    clause: str
    state: str
    reason: str | None = None
    task_id: UUID | None = None
    credited_visit_id: UUID | None = None
    late_entry: bool = False
    face_to_face: bool = False
    made_up_on: date | None = None
    made_up_visit_id: UUID | None = None
    carried: bool = False
    policy_id: str
    policy_version: int
    coverage_version: int | None = None
    created_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    settled_at: datetime | None = instant(nullable=True)
    excuse: Json | None = json(nullable=True)


class DutyHistory(SQLModel, table=True):
    """A change of a duty, as it was known from `recorded_at` on. Never changed; the duty's row is the latest of them.

    `carried` lines were written in another street, from where the person came, and are no part of this one's reports.
    """

    __tablename__ = "duty_history"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "duty_id"], ["duty.street_code", "duty.duty_id"]),
        one_of("kind", DutyKind),
        one_of("from_state", DutyState),
        one_of("state", DutyState),
        Index("ix_duty_history_resident", "street_code", "resident_id", "recorded_at"),
        Index(
            "ix_duty_history_period",
            "street_code",
            "period",
            "duty_id",
            "version",
            postgresql_where=text("kind = 'periodic' AND NOT carried"),
        ),
    )
    street_code: str = Field(primary_key=True)
    duty_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    resident_id: UUID
    committee_code: str
    kind: str
    tier: str
    period: str | None = None
    starts_on: date
    due_on: date
    recorded_at: datetime = instant()
    from_state: str | None = None
    state: str
    because: str
    words: str | None = None
    by_user_id: UUID | None = None
    visit_id: UUID | None = None
    late_entry: bool
    face_to_face: bool
    made_up_on: date | None = None
    carried: bool
