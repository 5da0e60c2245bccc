"""How somebody wants to hear of things outside the pages, and what is still to be sent."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, ForeignKeyConstraint, Index, String, text
from sqlmodel import Field, SQLModel

from core.store.models.base import instant, one_of, sealed
from core.store.words import ChannelKind, DeliveryState


class NotificationPreference(SQLModel, table=True):
    """What a user wants sent: `kinds` null is every kind. Without a row nothing is sent anywhere."""

    __tablename__ = "notification_preference"
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.user_id")
    place_code: str
    digest: bool
    kinds: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String), nullable=True))
    updated_at: datetime = instant()


class NotificationChannel(SQLModel, table=True):
    """A way to a user outside the pages; address and secret are sealed. A channel with `failing_since` is silent."""

    __tablename__ = "notification_channel"
    __table_args__ = (one_of("kind", ChannelKind),)
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.user_id")
    channel_id: UUID = Field(primary_key=True)
    place_code: str
    kind: str
    address: bytes
    secret: bytes | None = sealed()
    failures: int = 0
    failing_since: datetime | None = instant(nullable=True)
    retry_at: datetime | None = instant(nullable=True)
    last_error: str | None = None
    created_at: datetime = instant()


class Delivery(SQLModel, table=True):
    """A notification on its way through one channel; `delivery_id` is the idempotency key the receiver sees.

    `next_try_at` is real time; while a relay is sending it is the end of that relay's lease.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["street_code", "notification_id"], ["notification.street_code", "notification.notification_id"]
        ),
        one_of("state", DeliveryState),
        Index("uq_delivery_channel", "street_code", "notification_id", "channel_id", unique=True),
        Index("ix_delivery_unsent", "street_code", "state", "next_try_at", postgresql_where=text("state <> 'sent'")),
    )
    street_code: str = Field(primary_key=True)
    delivery_id: UUID = Field(primary_key=True)
    notification_id: UUID
    user_id: UUID
    channel_id: UUID
    state: str
    attempts: int
    next_try_at: datetime = instant()
    last_error: str | None = None
    sent_at: datetime | None = instant(nullable=True)


class DailyDigest(SQLModel, table=True):
    """That a user's morning was summed up, whether or not there was anything to say: the insert is the claim."""

    __tablename__ = "daily_digest"
    street_code: str = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True, foreign_key="user_account.user_id")
    digest_on: date = Field(primary_key=True)
    created_at: datetime = instant()
