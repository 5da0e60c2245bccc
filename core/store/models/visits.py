"""Visits as the form records them, and what each one counted for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from core.store.json import Json
from core.store.models.base import instant, json, uuids


class Visit(SQLModel, table=True):
    """One record form. `visit_id` is the client's: the idempotency key; `answer` is what the first call was told.

    `resident_ids` are those it is about, by whom it is seen.
    """

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_street_code_service_date", "street_code", "service_date"),)
    street_code: str = Field(primary_key=True)
    visit_id: UUID = Field(primary_key=True)
    resident_ids: list[UUID] = uuids()
    service_date: date
    mode: str
    form: Json = json()
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: Json = json()
    recorded_by: UUID = Field(foreign_key="user_account.user_id")
    recorded_at: datetime = instant()
    voided_at: datetime | None = instant(nullable=True)
    void_reason: str | None = None


class VisitResident(SQLModel, table=True):
    """One resident of a visit: what decides credit (A17 to A20)."""

    __tablename__ = "visit_resident"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "visit_id"], ["visit.street_code", "visit.visit_id"]),
        ForeignKeyConstraint(["street_code", "resident_id"], ["resident.street_code", "resident.resident_id"]),
        Index("ix_visit_resident_street_code_resident_id", "street_code", "resident_id", "service_date"),
        Index(
            "uq_visit_resident_day_mode",
            "street_code",
            "resident_id",
            "service_date",
            "mode",
            unique=True,
            postgresql_where=text("merged_into IS NULL AND NOT voided"),
        ),
    )
    street_code: str = Field(primary_key=True)
    visit_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    service_date: date
    mode: str
    met: bool
    initiated_by: str
    role: str
    dimensions_done: bool
    visitor_id: UUID | None = None
    entered_at: datetime = instant()
    merged_into: UUID | None = None
    approved_on: date | None = None
    voided: bool = False
    carried: bool = False


class Credit(SQLModel, table=True):
    """What a visit did for a duty, credited or refused, with the reason."""

    __tablename__ = "credit"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "visit_id"], ["visit.street_code", "visit.visit_id"]),
        ForeignKeyConstraint(["street_code", "duty_id"], ["duty.street_code", "duty.duty_id"]),
        CheckConstraint("credited OR because IS NOT NULL", name="explained"),
    )
    street_code: str = Field(primary_key=True)
    visit_id: UUID = Field(primary_key=True)
    duty_id: UUID = Field(primary_key=True)
    resident_id: UUID
    credited: bool
    because: str | None = None
    created_at: datetime = instant()
