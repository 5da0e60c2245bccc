"""Column kinds that every table shares, and which tables belong to a street."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, MetaData, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
metadata: MetaData = SQLModel.metadata


def instant(*, nullable: bool = False) -> Any:
    """An instant, always with its offset."""
    return Field(default=None if nullable else ..., sa_column=Column(DateTime(timezone=True), nullable=nullable))


def json(*, nullable: bool = False) -> Any:
    """A JSON document without personal identifiers."""
    return Field(default=None if nullable else ..., sa_column=Column(JSONB, nullable=nullable))


def words() -> Any:
    """A list of short words."""
    return Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))


def uuids() -> Any:
    """A list of row ids."""
    return Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))


def sealed() -> Any:
    """A field encrypted by `core.store.crypto`."""
    return Field(default=None, sa_column=Column(LargeBinary, nullable=True))


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """That a column holds one of these words."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


TENANT_TABLES: tuple[str, ...] = (
    "alert",
    "attempt",
    "claim",
    "coverage",
    "credit",
    "daily_digest",
    "decision",
    "delivery",
    "duty",
    "duty_history",
    "escalation",
    "escalation_chain",
    "fact_entry",
    "notification",
    "resident",
    "task",
    "task_event",
    "visit",
    "visit_resident",
    "visit_version",
)
