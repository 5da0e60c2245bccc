"""What somebody must do, who was told when nobody did, and what is still to be sent."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.store.json import Json
from core.store.models.base import instant, json, one_of, words
from core.store.words import TaskKind, TaskState

_TASK = (["street_code", "task_id"], ["task.street_code", "task.task_id"])


class Task(SQLModel, table=True):
    """A piece of work for one assignee, or for the committee's pool when `assignee_id` is null.

    `batch_id` is the last act on many tasks that gave it to somebody.
    """

    __tablename__ = "task"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "resident_id"], ["resident.street_code", "resident.resident_id"]),
        one_of("kind", TaskKind),
        one_of("state", TaskState),
        Index(
            "uq_task_one_open_visit",
            "street_code",
            "resident_id",
            unique=True,
            postgresql_where=text("state = 'open' AND kind = 'visit'"),
        ),
        Index(
            "uq_task_one_open_subject",
            "street_code",
            "resident_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("state = 'open' AND kind <> 'visit'"),
        ),
        Index("ix_task_batch", "street_code", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index("ix_task_step", "street_code", "next_step_at", postgresql_where=text("state = 'open'")),
        # By instant first: the heartbeat asks where a step is due, in however many streets.
        Index("ix_task_due", "next_step_at", "street_code", postgresql_where=text("state = 'open'")),
        Index("ix_task_assignee", "street_code", "assignee_id", "state", "due_on"),
        Index("ix_task_committee", "street_code", "committee_code", "state", "due_on"),
    )
    street_code: str = Field(primary_key=True)
    task_id: UUID = Field(primary_key=True)
    resident_id: UUID
    committee_code: str
    kind: str
    subject: str = ""
    state: str
    tier: str
    why: str
    due_on: date
    planned_on: date | None = None
    assignee_id: UUID | None = Field(default=None, foreign_key="user_account.user_id")
    assigned_because: list[str] = words()
    chain: list[Json] = Field(sa_column=Column(JSONB, nullable=False))
    escalation_level: int = 0
    next_step_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    updated_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    closed_because: str | None = None
    batch_id: UUID | None = None


class TaskEvent(SQLModel, table=True):
    """One line of a task's history."""

    __tablename__ = "task_event"
    __table_args__ = (
        ForeignKeyConstraint(*_TASK),
        Index("ix_task_event_street_code_task_id", "street_code", "task_id"),
    )
    street_code: str = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    task_id: UUID
    resident_id: UUID
    at: datetime = instant()
    what: str
    by_user_id: UUID | None = None
    details: Json | None = json(nullable=True)


class Attempt(SQLModel, table=True):
    """Somebody tried to do a task and could not: `not_home` and `refused` are outcomes, never credits (A18)."""

    __tablename__ = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(*_TASK),
        Index("ix_attempt_street_code_resident_id", "street_code", "resident_id"),
    )
    street_code: str = Field(primary_key=True)
    attempt_id: UUID = Field(primary_key=True)
    task_id: UUID
    resident_id: UUID
    outcome: str
    on: date
    note: str | None = None
    by_user_id: UUID
    created_at: datetime = instant()


class Escalation(SQLModel, table=True):
    """A step that fired. (`task_id`, `level`) is the key, so the insert is the claim."""

    __tablename__ = "escalation"
    __table_args__ = (ForeignKeyConstraint(*_TASK),)
    street_code: str = Field(primary_key=True)
    task_id: UUID = Field(primary_key=True)
    level: int = Field(primary_key=True)
    resident_id: UUID
    action: str
    to: str
    recipients: list[str] = words()
    note: str | None = None
    due_at: datetime = instant()
    fired_at: datetime = instant()


class EscalationChain(SQLModel, table=True):
    """A street's own chain (A36); without a row it inherits the district's."""

    __tablename__ = "escalation_chain"
    street_code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    steps: list[Json] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = instant()
    by_user_id: UUID | None = None


class CoverageDocument(SQLModel, table=True):
    """What a street adds to the district's policy from a day on (A25); versions are never changed."""

    __tablename__ = "coverage"
    street_code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    effective_on: date
    document: Json = json()
    comment: str
    by_user_id: UUID | None = None
    created_at: datetime = instant()


class Notification(SQLModel, table=True):
    """The outbox: somebody is to hear of something. In the in-app inbox at once; other channels relay it."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_user_id", "street_code", "user_id", "created_at"),)
    street_code: str = Field(primary_key=True)
    notification_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.user_id")
    kind: str
    task_id: UUID | None = None
    text: str
    created_at: datetime = instant()
    read_at: datetime | None = instant(nullable=True)
