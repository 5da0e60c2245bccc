"""Visits as the form records them, and what each one counted for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from core.store.json import Json
from core.store.models.base import instant, json, one_of, uuids
from core.store.words import VisitChange


class Visit(SQLModel, table=True):
    """One record form. `visit_id` is the client's: the idempotency key; `answer` is what the first call was told.

    `form` is the record as it stands, which a correction changes; `digest` is of the form as it was first sent. One
    that was merged into another is only kept for whoever asks for it by its own id. `resident_ids` are those it is
    about, by whom it is seen.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_street_code_service_date", "street_code", "service_date"),
        Index("ix_visit_merged", "street_code", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )
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
    version: int = 1
    merged_into: UUID | None = None
    voided_at: datetime | None = instant(nullable=True)
    void_reason: str | None = None


class VisitVersion(SQLModel, table=True):
    """The record as it stood from an instant on; of a merge also which visit was merged, and its form."""

    __tablename__ = "visit_version"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "visit_id"], ["visit.street_code", "visit.visit_id"]),
        one_of("what", VisitChange),
    )
    street_code: str = Field(primary_key=True)
    visit_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    resident_ids: list[UUID] = uuids()
    what: str
    at: datetime = instant()
    by_user_id: UUID = Field(foreign_key="user_account.user_id")
    reason: str | None = None
    form: Json = json()
    merged_visit_id: UUID | None = None
    merged_form: Json | None = json(nullable=True)


class VisitResident(SQLModel, table=True):
    """One resident of a visit: what decides credit (A17 to A20).

    `corrected_at`: since when it stands as it does, where it was told otherwise before; `earlier` is how.
    """

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
    recused: bool
    by_street_advisor: bool
    dimensions_done: bool
    visitor_id: UUID | None = None
    entered_at: datetime = instant()
    merged_into: UUID | None = None
    approved_on: date | None = None
    voided: bool = False
    carried: bool = False
    corrected_at: datetime | None = instant(nullable=True)
    earlier: Json | None = json(nullable=True)


class Credit(SQLModel, table=True):
    """What a visit did for a duty in one of its versions, credited or refused, with the reason."""

    __tablename__ = "credit"
    __table_args__ = (
        ForeignKeyConstraint(["street_code", "visit_id"], ["visit.street_code", "visit.visit_id"]),
        ForeignKeyConstraint(["street_code", "duty_id"], ["duty.street_code", "duty.duty_id"]),
        CheckConstraint("credited OR because IS NOT NULL", name="explained"),
    )
    street_code: str = Field(primary_key=True)
    visit_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    duty_id: UUID = Field(primary_key=True)
    resident_id: UUID
    credited: bool
    because: str | None = None
    created_at: datetime = instant()
