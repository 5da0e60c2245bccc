"""Residents, the news about them, and the log of facts from which every decision is made."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from core.store.json import Json
from core.store.models.base import instant, json, one_of, sealed, uuids, words
from core.store.words import AlertProblem, AlertStatus
from rules.facts import Tier


class Resident(SQLModel, table=True):
    """A person in one street. `tier` and `rules` repeat the latest decision.

    On `wake_on` time alone changes something: a decision, the end of a period, the start of the next. `details_at` is
    the time of the event that last told the personal details. `former_names` is a list, `former_numbers` are the blind
    indexes of those given up (A38). Who was merged into another has `moved_to`, too, and is closed like who moved.
    `failures` counts wakes that raised; `retry_at` is real time.
    """

    __tablename__ = "resident"
    __table_args__ = (
        one_of("tier", Tier),
        Index("ix_resident_street_code_committee_code", "street_code", "committee_code", "resident_id"),
        Index(
            "ix_resident_paired", "street_code", "paired_user_id", postgresql_where=text("paired_user_id IS NOT NULL")
        ),
        Index(
            "ix_resident_wake_on",
            "street_code",
            "wake_on",
            postgresql_where=text("wake_on IS NOT NULL AND moved_to IS NULL"),
        ),
        # By day first: the heartbeat asks where somebody is due, in however many streets.
        Index(
            "ix_resident_due",
            "wake_on",
            "street_code",
            postgresql_where=text("wake_on IS NOT NULL AND moved_to IS NULL"),
        ),
    )
    street_code: str = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    committee_code: str
    name: str
    birth_date: date | None = None
    sex: str | None = None
    household: str | None = None
    relation: str | None = None
    id_number: bytes | None = sealed()
    phone: bytes | None = sealed()
    address: bytes | None = sealed()
    person_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    former_names: bytes | None = sealed()
    former_numbers: list[bytes] | None = Field(default=None, sa_column=Column(ARRAY(LargeBinary), nullable=True))
    paired_user_id: UUID | None = Field(default=None, foreign_key="user_account.user_id")
    tier: str = "none"
    rules: list[str] = words()
    decided_on: date | None = None
    wake_on: date | None = None
    died_on: date | None = None
    opened_on: date
    moved_to: str | None = None
    moved_on: date | None = None
    merged_into: UUID | None = None
    details_at: datetime | None = instant(nullable=True)
    failures: int = 0
    retry_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class Alert(SQLModel, table=True):
    """The inbox: one row for each accepted event. `body` is sealed; `counts_from` is acceptance, or replay (A33).

    `attempts` counts those that failed or never came back.
    """

    __tablename__ = "alert"
    __table_args__ = (
        one_of("status", AlertStatus),
        one_of("problem_code", AlertProblem),
        CheckConstraint("status <> 'quarantined' OR problem_code IS NOT NULL", name="explained"),
        CheckConstraint("status <> 'accepted' OR resident_id IS NOT NULL", name="placed"),
        Index(
            "uq_alert_street_code_source_event_id",
            "street_code",
            "source",
            "event_id",
            unique=True,
            postgresql_where=text("status <> 'conflict'"),
        ),
        Index(
            "ix_alert_pending",
            "street_code",
            "resident_id",
            "received_at",
            postgresql_where=text("status = 'accepted'"),
        ),
        Index(
            "ix_alert_tried",
            "street_code",
            "received_at",
            "alert_id",
            postgresql_where=text("status = 'accepted' AND attempts > 0"),
        ),
        Index("ix_alert_quarantined", "street_code", "person_key", postgresql_where=text("status = 'quarantined'")),
        Index("ix_alert_street_code_resident_id", "street_code", "resident_id"),
    )
    street_code: str = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    source: str
    event_id: str
    type: str
    event_at: datetime = instant()
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    person_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    resident_id: UUID | None = None
    status: str
    received_at: datetime = instant()
    counts_from: datetime = instant()
    attempts: int = 0
    retry_at: datetime | None = instant(nullable=True)
    processed_at: datetime | None = instant(nullable=True)
    tier_before: str | None = None
    tier_after: str | None = None
    task_ids: list[UUID] = uuids()
    problem_code: str | None = None
    # By when somebody must settle whom it is about, and how somebody did (A38).
    due_on: date | None = None
    resolution: Json | None = json(nullable=True)
    # What failed, for whoever looks for the fault.
    failure: str | None = None


class Claim(SQLModel, table=True):
    """A batch of alerts that a drain is at: gone when the attempt comes back, and counted when it does not.

    `server_started_at` tells an attempt that ended with its database server from one that ended its process.
    """

    __tablename__ = "claim"
    street_code: str = Field(primary_key=True)
    claim_id: UUID = Field(primary_key=True)
    alert_ids: list[UUID] = uuids()
    server_started_at: datetime = instant()
    claimed_at: datetime = instant()


class FactEntry(SQLModel, table=True):
    """One line of a person's log: what an event said, when it happened and when we learnt it. Never changed.

    `words` are the sender's own, sealed: they decide nothing and are shown to whoever has to act.
    """

    __tablename__ = "fact_entry"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "resident_id"], ["resident.street_code", "resident.resident_id"]),
        Index("ix_fact_entry_street_code_resident_id", "street_code", "resident_id"),
    )
    street_code: str = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    resident_id: UUID
    event_at: datetime = instant()
    source: str
    event_id: str
    type: str
    entry: Json = json()
    recorded_at: datetime = instant()
    words: bytes | None = sealed()
