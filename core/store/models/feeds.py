"""The sources that send news: how often each is expected, and what was heard of it hour by hour. Nothing personal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime
from sqlmodel import Field, SQLModel

from core.store.models.base import instant, one_of
from core.store.words import FeedDays


class Feed(SQLModel, table=True):
    """A source of a district and its rhythm, set by somebody or learnt. No push ever touches this row.

    `silent_since` marks a silence that was told. Up to `sequence_from` nothing is missing any more; numbers count only
    from the alert `sequence_era` on, which begins anew when the source starts its numbers again.
    """

    __tablename__ = "feed"
    __table_args__ = (
        one_of("expected_days", FeedDays),
        one_of("learnt_days", FeedDays),
    )
    district_code: str = Field(primary_key=True, foreign_key="district.code")
    source: str = Field(primary_key=True)
    expected_every_minutes: int | None = None
    expected_days: str | None = None
    learnt_every_minutes: int | None = None
    learnt_days: str | None = None
    paused: bool = False
    watched_from: datetime = instant()
    checked_at: datetime | None = instant(nullable=True)
    silent_since: datetime | None = instant(nullable=True)
    sequence_from: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    sequence_era: UUID | None = None


class FeedHour(SQLModel, table=True):
    """What was heard of a source in an hour of business time; the API processes add to it."""

    __tablename__ = "feed_hour"
    district_code: str = Field(primary_key=True, foreign_key="district.code")
    source: str = Field(primary_key=True)
    hour_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    requests: int
    accepted: int
    duplicates: int
    rejected: int
    last_heard_at: datetime = instant()
    last_event_at: datetime | None = instant(nullable=True)
