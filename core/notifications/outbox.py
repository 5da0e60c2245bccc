"""The outbox: a row for everybody who is to hear of something, written with the thing itself, and the in-app inbox.

Whoever asked to hear at once has a delivery a channel beside the row; `core.notifications.relay` sends those.
Everybody else reads the pages, and is told once a morning by `core.notifications.digests`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypedDict, cast
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlmodel import Session

from core import clock
from core.organisation.users import User
from core.store import bulk
from core.store.ids import uuid7
from core.store.words import DeliveryState

# What somebody can ask to be told through their channels.
KINDS: Final = (
    "assigned",
    "escalation",
    "joined",
    "ended",
    "alive",
    "refused",
    "feed_silent",
    "feed_heard",
    "person_in_doubt",
)
REFUSED: Final = "refused"
DIGEST: Final = "digest"


class Message(NamedTuple):
    """What one user is to hear. The text holds no name and no number of a person."""

    user_id: UUID
    kind: str
    text: str
    task_id: UUID | None


class NotificationShown(TypedDict):
    """What a user was told, and when they read it."""

    notification_id: UUID
    kind: str
    task_id: UUID | None
    text: str
    created_at: datetime
    read_at: datetime | None


def post_all(
    session: Session, street: str, messages: Sequence[Message], *, now: datetime, wait: timedelta = timedelta()
) -> None:
    """Put messages into inboxes, and on their way to those who want each of them at once, or after a `wait`."""
    if not messages:
        return
    ids = _insert(session, street, messages, now)
    channels = _direct(session, {message.user_id for message in messages})
    if not channels:
        return
    _send(
        session,
        street,
        [
            (notification_id, message.user_id, channel)
            for notification_id, message in zip(ids, messages, strict=True)
            for channel, kinds in channels.get(message.user_id, ())
            if kinds is None or message.kind in kinds
        ],
        wait,
    )


def post_digests(
    session: Session,
    street: str,
    digests: Mapping[UUID, str],
    channels: Mapping[UUID, Sequence[UUID]],
    *,
    now: datetime,
) -> None:
    """Put summaries on their way, a text a user: through channels alone, as the inbox has each message already."""
    messages = [Message(user, DIGEST, words, None) for user, words in digests.items()]
    ids = _insert(session, street, messages, now)
    _send(
        session,
        street,
        [
            (notification_id, message.user_id, channel)
            for notification_id, message in zip(ids, messages, strict=True)
            for channel in channels.get(message.user_id, ())
        ],
    )


def _insert(session: Session, street: str, messages: Sequence[Message], now: datetime) -> list[UUID]:
    ids = [uuid7() for _ in messages]
    bulk.insert(
        session,
        "notification",
        [
            {"street_code": street, "notification_id": notification_id, **message._asdict(), "created_at": now}
            for notification_id, message in zip(ids, messages, strict=True)
        ],
    )
    return ids


def _direct(session: Session, users: Collection[UUID]) -> dict[UUID, list[tuple[UUID, list[str] | None]]]:
    """The channels of those who want each message at once, each with the kinds that go through it."""
    rows = session.execute(
        text(
            "SELECT c.user_id, c.channel_id, p.kinds FROM notification_channel c"
            " JOIN notification_preference p USING (user_id) WHERE c.user_id = ANY(:users) AND NOT p.digest"
            " ORDER BY c.user_id, c.channel_id"
        ),
        {"users": list(users)},
    )
    found: dict[UUID, list[tuple[UUID, list[str] | None]]] = defaultdict(list)
    for row in rows:
        found[row.user_id].append((row.channel_id, row.kinds))
    return found


def _send(
    session: Session, street: str, wanted: Sequence[tuple[UUID, UUID, UUID]], wait: timedelta = timedelta()
) -> None:
    """Deliveries of (notification, user, channel), due at once by real time: receivers have no sandbox clock."""
    due = clock.real_now() + wait
    bulk.insert(
        session,
        "delivery",
        [
            {
                "street_code": street,
                "delivery_id": uuid7(),
                "notification_id": notification,
                "user_id": user,
                "channel_id": channel,
                "state": DeliveryState.PENDING,
                "attempts": 0,
                "next_try_at": due,
            }
            for notification, user, channel in wanted
        ],
    )


def page(
    session: Session, *, by: User, unread: bool, after: tuple[datetime, UUID] | None, limit: int
) -> list[NotificationShown]:
    """The in-app inbox of a user, the newest first; one more than `limit` when there are more."""
    values: dict[str, object] = {
        "streets": list(by.streets),
        "user": by.user_id,
        "digest": DIGEST,
        "limit": limit + 1,
    }
    where = " AND read_at IS NULL" if unread else ""
    if after is not None:
        where += " AND (created_at, notification_id) < (:created_at, :after)"
        values.update(created_at=after[0], after=after[1])
    rows = session.execute(
        text(
            "SELECT notification_id, kind, task_id, text, created_at, read_at FROM notification"
            f" WHERE street_code = ANY(:streets) AND user_id = :user AND kind <> :digest{where}"
            " ORDER BY created_at DESC, notification_id DESC LIMIT :limit"
        ),
        values,
    )
    return [
        NotificationShown(
            notification_id=row.notification_id,
            kind=row.kind,
            task_id=row.task_id,
            text=row.text,
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows
    ]


def mark_read(session: Session, ids: Sequence[UUID], *, by: User, now: datetime) -> int:
    """Note that the caller has read some of their messages; returns how many were unread until now."""
    result = session.execute(
        text(
            "UPDATE notification SET read_at = :now WHERE street_code = ANY(:streets) AND user_id = :user"
            " AND notification_id = ANY(:ids) AND read_at IS NULL"
        ),
        {"now": now, "streets": list(by.streets), "user": by.user_id, "ids": list(ids)},
    )
    return cast("CursorResult[object]", result).rowcount
