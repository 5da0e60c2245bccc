"""Record forms that somebody has not sent yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.store.models.base import instant, sealed


class Draft(SQLModel, table=True):
    """A form as far as one person has filled it in, sealed; null once it was sent or thrown away.

    `seen` counts the times it was saved, also across a form that was sent: a page that shows an older one says so.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_saved", "saved_at"),)
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.user_id")
    key: str = Field(primary_key=True)
    seen: int
    form: bytes | None = sealed()
    saved_at: datetime = instant()
