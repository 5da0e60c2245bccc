"""Deliveries on their way: each at least once, with one key for all its attempts, and never in a transaction.

A relay claims some (the attempt is counted and leased before it is made), sends them, and notes what became of each.
One that dies in between leaves leases; when they end, the next relay sends again, under the same key.
"""

import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from core import clock
from core.notifications import channels, senders
from core.notifications.senders import Delivery, Egress, NotDelivered
from core.store import scopes
from core.store.crypto import Keys, SealBroken
from core.store.database import Database
from core.store.words import ChannelKind, DeliveryState

log = structlog.get_logger()

AT_ONCE: Final = 4
BATCH: Final = 20
LEASE: Final = timedelta(minutes=3)  # Longer than a batch of channels takes of which none answers.
MOST_ATTEMPTS: Final = 12  # With the pauses below, most of a day.
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=6)
CHANNEL_PAUSE: Final = timedelta(minutes=5)  # A silent channel is asked once in this time, however much waits for it.
JITTER: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Claim:
    street: str
    delivery_id: UUID
    attempt: int
    user_id: UUID
    channel_id: UUID
    kind: ChannelKind
    address: bytes
    secret: bytes | None
    delivery: Delivery


def deliver_due(
    database: Database, keys: Keys, egress: Egress, *, now: datetime, stop: threading.Event | None = None
) -> int:
    """Attempt what is due by real time, at most one delivery a channel; returns how many attempts were made."""
    claims = list(_claims(database, now))
    if not claims:
        return 0

    def attempt(claim: _Claim) -> int:
        # What is not begun when the process is asked to end stays leased, and is sent when the lease ends.
        return 0 if stop is not None and stop.is_set() else _attempt(database, keys, egress, claim, now)

    with ThreadPoolExecutor(AT_ONCE, "relay") as threads:
        return sum(threads.map(attempt, claims))


def _attempt(database: Database, keys: Keys, egress: Egress, claim: _Claim, now: datetime) -> int:
    reason: str | None = None
    try:
        address, secret = channels.opened(keys, claim.user_id, claim.channel_id, claim.address, claim.secret)
        senders.send(claim.kind, address, secret, claim.delivery, egress, now=now)
    except NotDelivered as error:
        reason = error.reason
    except SealBroken:
        reason = "seal_broken"
    except Exception as error:
        # A service's library may fail in any way; its words could hold the address, so only the kind is kept.
        reason = type(error).__name__
    try:
        with database.transaction(scopes.under(claim.street)) as session:
            _mark(session, claim, reason, now=now)
    except SQLAlchemyError as error:
        # The lease ends and it is sent again: twice is harmless, never is not.
        log.warning("a delivery could not be marked", error=type(error).__name__)
    return 1


def _claims(database: Database, now: datetime) -> Iterator[_Claim]:
    with database.transaction(scopes.everywhere(directory=False)) as session:
        # Who has waited longest comes first, so that no street keeps the others waiting.
        waiting = session.execute(
            text(
                "SELECT d.street_code FROM delivery d LEFT JOIN notification_channel c"
                " ON c.user_id = d.user_id AND c.channel_id = d.channel_id"
                " WHERE d.state = 'pending' AND d.next_try_at <= :now"
                " AND (c.retry_at IS NULL OR c.retry_at <= :now)"
                " GROUP BY d.street_code ORDER BY min(d.next_try_at), d.street_code"
            ),
            {"now": now},
        ).scalars()
        due = list(waiting)
    left = BATCH
    for street in due:
        if left <= 0:
            return
        with database.transaction(scopes.under(street)) as session:
            claimed = _claim(session, street, left, now)
        left -= len(claimed)
        yield from claimed


def _claim(session: Session, street: str, most: int, now: datetime) -> list[_Claim]:
    """Count an attempt of the longest waiting delivery of each channel that may be tried, and lease it."""
    rows = session.execute(
        text(
            "SELECT d.delivery_id, d.attempts, c.channel_id IS NOT NULL AND u.active"
            " AND (u.valid_until IS NULL OR u.valid_until >= :today) AS reachable FROM delivery d"
            " JOIN user_account u ON u.user_id = d.user_id"
            " LEFT JOIN notification_channel c ON c.user_id = d.user_id AND c.channel_id = d.channel_id"
            " WHERE d.street_code = :street AND d.state = 'pending' AND d.next_try_at <= :now"
            " AND (c.retry_at IS NULL OR c.retry_at <= :now) AND d.delivery_id IN"
            " (SELECT DISTINCT ON (channel_id) delivery_id FROM delivery WHERE street_code = :street"
            "  AND state = 'pending' AND next_try_at <= :now ORDER BY channel_id, next_try_at, delivery_id)"
            " ORDER BY d.next_try_at, d.delivery_id LIMIT :most FOR UPDATE OF d SKIP LOCKED"
        ),
        {"street": street, "now": now, "today": clock.today(now), "most": most},
    ).all()
    used_up = [row.delivery_id for row in rows if row.attempts >= MOST_ATTEMPTS]
    _give_up(session, street, used_up, "lease_ended")
    _give_up(session, street, [row.delivery_id for row in rows if not row.reachable], "recipient_gone")
    chosen = [row.delivery_id for row in rows if row.reachable and row.attempts < MOST_ATTEMPTS]
    if not chosen:
        return []
    session.execute(
        text(
            "UPDATE delivery SET attempts = attempts + 1, next_try_at = :lease"
            " WHERE street_code = :street AND delivery_id = ANY(:chosen)"
        ),
        {"street": street, "chosen": chosen, "lease": now + LEASE},
    )
    claimed = session.execute(
        text(
            "SELECT d.delivery_id, d.attempts, d.user_id, d.channel_id, c.kind AS channel, c.address, c.secret,"
            " n.notification_id, n.kind, n.task_id, n.text, n.created_at FROM delivery d"
            " JOIN notification n ON n.street_code = d.street_code AND n.notification_id = d.notification_id"
            " JOIN notification_channel c ON c.user_id = d.user_id AND c.channel_id = d.channel_id"
            " WHERE d.street_code = :street AND d.delivery_id = ANY(:chosen)"
        ),
        {"street": street, "chosen": chosen},
    )
    return [_claim_of(street, row) for row in claimed]


def _claim_of(street: str, row: Row[Any]) -> _Claim:
    delivery = Delivery(row.delivery_id, row.notification_id, row.kind, street, row.task_id, row.text, row.created_at)
    return _Claim(
        street,
        row.delivery_id,
        row.attempts,
        row.user_id,
        row.channel_id,
        ChannelKind(row.channel),
        row.address,
        row.secret,
        delivery,
    )


def _give_up(session: Session, street: str, deliveries: Sequence[UUID], reason: str) -> None:
    if deliveries:
        session.execute(
            text(
                "UPDATE delivery SET state = 'failed', last_error = :reason"
                " WHERE street_code = :street AND delivery_id = ANY(:deliveries)"
            ),
            {"street": street, "deliveries": list(deliveries), "reason": reason},
        )


def _mark(session: Session, claim: _Claim, reason: str | None, *, now: datetime) -> None:
    """Note what became of an attempt, for the delivery and for its channel."""
    key = {"street": claim.street, "delivery": claim.delivery_id, "attempt": claim.attempt, "now": now}
    channel = {"user": claim.user_id, "channel": claim.channel_id, "now": now}
    if reason is None:
        # Whoever has the lease by now: it did arrive.
        session.execute(
            text(
                "UPDATE delivery SET state = 'sent', sent_at = :now, last_error = NULL"
                " WHERE street_code = :street AND delivery_id = :delivery"
            ),
            key,
        )
        session.execute(
            text(
                "UPDATE notification_channel SET failures = 0, failing_since = NULL, retry_at = NULL,"
                " last_error = NULL WHERE user_id = :user AND channel_id = :channel AND failures > 0"
            ),
            channel,
        )
        return
    pause = pause_after(claim.attempt)
    session.execute(
        text(
            "UPDATE delivery SET state = :state, next_try_at = :again, last_error = :reason"
            " WHERE street_code = :street AND delivery_id = :delivery AND state = 'pending' AND attempts = :attempt"
        ),
        {
            **key,
            "state": DeliveryState.FAILED if claim.attempt >= MOST_ATTEMPTS else DeliveryState.PENDING,
            "again": now + pause,
            "reason": reason,
        },
    )
    session.execute(
        text(
            "UPDATE notification_channel SET failures = failures + 1, failing_since = coalesce(failing_since, :now),"
            " retry_at = :again, last_error = :reason WHERE user_id = :user AND channel_id = :channel"
        ),
        {**channel, "again": now + min(pause, CHANNEL_PAUSE), "reason": reason},
    )


def pause_after(attempt: int) -> timedelta:
    """How long to wait after a failed attempt: twice as long each time, up to a limit, and never all at once."""
    pause = min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE)
    return pause * random.uniform(1 - JITTER, 1 + JITTER)


def counts(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Deliveries that wait and that failed for good, in some streets."""
    row = session.execute(
        text(
            "SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'failed')"
            " AS failed FROM delivery WHERE street_code = ANY(:streets) AND state <> 'sent'"
        ),
        {"streets": list(codes)},
    ).one()
    return {"pending": row.pending, "failed": row.failed}
