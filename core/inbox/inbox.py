"""Drains the inbox of a street: every accepted alert has its effect exactly once.

One drain a street at a time, under `Database.street_lock`. An attempt is written down before it is made, by
`core.inbox.claims`, so an alert that kills its process is found out; a batch that fails is bisected, so a bad alert
holds up nobody else.
"""

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session

from core import clock
from core.inbox import claims, news
from core.inbox.claims import MOST_ATTEMPTS, Claim, Claimed
from core.store import bulk, scopes
from core.store.crypto import Keys
from core.store.database import Database
from core.store.words import AlertProblem, AlertStatus

log = structlog.get_logger()

LONGEST_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.2  # Doubles with each attempt.
_WAIT_SECONDS = 0.5  # For the alert that opens a person, before the others about them are looked at again.


class Drained(NamedTuple):
    """How many alerts of a street were settled, and whether it was left for the others while more may wait."""

    settled: int
    is_left: bool


def drain(database: Database, street: str, keys: Keys, business_now: Callable[[], datetime]) -> Drained | None:
    """Work off what waits in a street; None when another has it.

    After a small claim it leaves without another look: what comes in one by one would be worked off one by one, at many
    times the cost. It leaves a flooded street, too, after a while: others wait, and so does the street's own calendar.
    Whoever has time goes on.
    """
    with database.street_lock(street) as held:
        if held is None:
            return None
        connection, server_started_at = held
        after, until = claims.NOBODY, time.monotonic() + LONGEST_SECONDS
        with database.transaction(scopes.under(street), connection) as session:
            settled = claims.count_lost(session, street, server_started_at)
            claim = claims.take(session, street, after, server_started_at)
        while claim is not None:
            try:
                settled += _attempt(database, connection, claim, claim.alerts, keys, business_now())
            except Exception:
                # What its alerts are to blame for is dealt with in the attempt.
                _excuse(database, claim)
                raise
            after = claim.next_after
            if claim.is_small:
                break
            if time.monotonic() > until:
                return Drained(settled, is_left=True)
            with database.transaction(scopes.under(street), connection) as session:
                claim = claims.take(session, street, after, server_started_at)
        return Drained(settled, is_left=False)


def _excuse(database: Database, claim: Claim) -> None:
    """The connection was lost and this process lives: the alerts are not to blame. If need be, the restart says so."""
    with (
        contextlib.suppress(SQLAlchemyError),
        database.transaction(scopes.under(claim.street)) as session,
    ):
        claims.give_up(session, claim)


def _attempt(
    database: Database, connection: Connection, claim: Claim, alerts: Sequence[Claimed], keys: Keys, now: datetime
) -> int:
    """Process a claim whole, or by halves when that fails; returns how many alerts left the inbox."""
    is_whole = alerts is claim.alerts
    settled = 0
    try:
        # Whoever moves does so from one street into another.
        with database.transaction(scopes.everywhere(), connection) as session:
            settled = _take_effect(session, claim.street, alerts, keys, now)
            if is_whole:
                claims.give_up(session, claim)
        return settled
    except Exception as error:
        if connection.invalidated:
            raise
        failure = error
    if len(alerts) > 1:
        log.warning("batch failed, trying its halves", street=claim.street, error=type(failure).__name__)
        for half in (alerts[: len(alerts) // 2], alerts[len(alerts) // 2 :]):
            settled += _attempt(database, connection, claim, half, keys, now)
    else:
        excused = isinstance(failure, DBAPIError) and failure.connection_invalidated
        with database.transaction(scopes.under(claim.street), connection) as session:
            settled = put_off(
                session,
                claim.street,
                [alerts[0].alert_id],
                0 if excused else alerts[0].attempts + 1,
                AlertProblem.FAILED,
                type(failure).__name__,
            )
    if is_whole:
        with database.transaction(scopes.under(claim.street), connection) as session:
            claims.give_up(session, claim)
    return settled


def _take_effect(session: Session, street: str, alerts: Sequence[Claimed], keys: Keys, now: datetime) -> int:
    """Everything some alerts mean, in one transaction; those about people who are not here go where they are."""
    items = sorted((news.read(alert, keys) for alert in alerts), key=lambda item: item.order)
    told, elsewhere = news.take_effect(session, street, items, keys, now=now)
    return told + _send_on(session, street, elsewhere)


def put_off(
    session: Session,
    street: str,
    alert_ids: Sequence[UUID],
    attempts: int,
    problem: AlertProblem,
    failure: str | None = None,
) -> int:
    """Try failing alerts again later, with growing pauses; after five attempts they are quarantined, never dropped.

    Returns how many were.
    """
    if not alert_ids:
        return 0
    quarantined = attempts >= MOST_ATTEMPTS
    for alert_id in alert_ids:
        log.error(
            "alert failed", street=street, alert_id=str(alert_id), attempts=attempts, problem=problem, failure=failure
        )
    session.execute(
        text(
            "UPDATE alert SET status = :status, problem_code = :problem, failure = :failure, retry_at = :retry,"
            " attempts = :attempts"
            " WHERE street_code = :street AND alert_id = ANY(:alerts) AND status = 'accepted'"
        ),
        {
            "status": AlertStatus.QUARANTINED if quarantined else AlertStatus.ACCEPTED,
            "problem": problem,
            "failure": failure,
            "retry": clock.real_now() + timedelta(seconds=FIRST_PAUSE_SECONDS * 2**attempts),
            "attempts": attempts,
            "street": street,
            "alerts": list(alert_ids),
        },
    )
    return len(alert_ids) if quarantined else 0


def _send_on(session: Session, street: str, items: Sequence[news.Item]) -> int:
    """Alerts about people who are not here: moved away, or their opening alert has not been processed yet."""
    if not items:
        return 0
    ids = list({item.resident_id for item in items})
    moved: dict[UUID, dict[str, object]] = {
        row.resident_id: {"street_code": row.moved_to, "resident_id": row.merged_into or row.resident_id}
        for row in session.execute(
            text(
                "SELECT resident_id, moved_to, merged_into FROM resident WHERE street_code = :street"
                " AND resident_id = ANY(:ids) AND moved_to IS NOT NULL"
            ),
            {"street": street, "ids": ids},
        )
    }
    opening = set(
        session.execute(
            text(
                "SELECT resident_id FROM alert WHERE street_code = :street AND resident_id = ANY(:ids)"
                " AND status = 'accepted' AND alert_id <> ALL(:mine)"
            ),
            {"street": street, "ids": ids, "mine": [item.alert_id for item in items]},
        ).scalars()
    )
    gone = {item.alert_id: target for item in items if (target := moved.get(item.resident_id))}
    left = [item for item in items if item.alert_id not in gone]
    reroute(session, street, gone)
    _wait(session, street, [item.alert_id for item in left if item.resident_id in opening])
    unplaced = [item.alert_id for item in left if item.resident_id not in opening]
    return put_off(session, street, unplaced, MOST_ATTEMPTS, AlertProblem.UNKNOWN_PERSON)


def _wait(session: Session, street: str, alert_ids: Sequence[UUID]) -> None:
    """Their people are opened by other alerts that wait: not a failed attempt."""
    if not alert_ids:
        return
    session.execute(
        text(
            "UPDATE alert SET attempts = 0, retry_at = :retry WHERE street_code = :street AND alert_id = ANY(:alerts)"
        ),
        {
            "street": street,
            "alerts": list(alert_ids),
            "retry": clock.real_now() + timedelta(seconds=_WAIT_SECONDS),
        },
    )


def reroute(session: Session, street: str, changes: Mapping[UUID, Mapping[str, object]]) -> None:
    """Take alerts to other streets under the same ids; a row's street is never changed.

    `changes` says of each what is different there, its `street_code` first of all.
    """
    if not changes:
        return
    rows = session.execute(
        text("DELETE FROM alert WHERE street_code = :street AND alert_id = ANY(:alerts) RETURNING *"),
        {"street": street, "alerts": list(changes)},
    ).mappings()
    anew = {"status": AlertStatus.ACCEPTED, "attempts": 0, "retry_at": None, "problem_code": None, "failure": None}
    fresh = [{**row, **anew, **changes[row["alert_id"]]} for row in rows]
    assert len(fresh) == len(changes)
    bulk.insert(session, "alert", fresh)
    receipts = [
        {"source": row["source"], "event_id": row["event_id"], "street_code": row["street_code"]} for row in fresh
    ]
    bulk.update(session, "receipt", receipts, key=("source", "event_id"))


def release(session: Session, districts: Sequence[str], *, now: datetime, limit: int = 200) -> list[str]:
    """Alerts about unknown people who have been opened since go to their street; returns the streets with work now.

    Only within the district in which they wait: a key does not tell of other districts' people.
    """
    rows = session.execute(
        text(
            "SELECT a.street_code AS district, a.alert_id, d.street_code AS street, d.resident_id FROM alert a"
            " JOIN directory d ON d.person_key = a.person_key WHERE a.street_code = ANY(:districts)"
            " AND a.status = 'quarantined' AND left(d.street_code, 6) = a.street_code"
            " ORDER BY a.received_at LIMIT :limit FOR UPDATE OF a SKIP LOCKED"
        ),
        {"districts": list(districts), "limit": limit},
    ).all()
    # A quarantined alert counts from its release (A33).
    counted: dict[str, object] = {"counts_from": now, "problem_code": None}
    changes: dict[str, dict[UUID, Mapping[str, object]]] = defaultdict(dict)
    for row in rows:
        changes[row.district][row.alert_id] = {
            "street_code": row.street,
            "resident_id": row.resident_id,
            **counted,
        }
    for district, of_district in changes.items():
        reroute(session, district, of_district)
    return sorted({row.street for row in rows})
