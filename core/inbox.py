"""Drains the inbox of a street: every accepted alert has its effect exactly once.

One drain a street at a time, under `Database.street_lock`. An attempt is counted and committed before it is made, so an
alert that kills its process is found out; a batch that fails is bisected, so a bad alert holds up nobody else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from core import alerts, bulk, clock, facts, leads, moves, reconcile, registration, streets
from core.crypto import Keys
from core.database import DISTRICT, Database, Scope
from core.models import Alert, Resident

log = structlog.get_logger()

BATCH = 200
MOST_ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.2  # Doubles with each attempt.


def drain(database: Database, street: str, keys: Keys, business_now: Callable[[], datetime]) -> int:
    """Work off what waits in a street; returns how many alerts were settled. 0 when another drain has the street."""
    settled = 0
    with database.street_lock(street) as connection:
        if connection is None:
            return 0
        while claimed := _claim(database, connection, street):
            settled += _attempt(database, connection, street, claimed, keys, business_now())
    return settled


def _scope(database: Database) -> Scope:
    """Every street: a person who moves away is opened in another one in the same transaction."""
    return Scope(streets=streets.known(database).codes_and_district, committees=None, directory=True)


def _claim(database: Database, connection: Connection, street: str) -> dict[UUID, int]:
    """Count an attempt on the next alerts, those that were tried before first; returns their attempts.

    What took its process along is taken up in ever smaller company: the one to blame is alone when it fails for good.
    """
    ready = "street_code = :street AND status = 'accepted' AND (retry_at IS NULL OR retry_at <= :real)"
    claim = (
        "UPDATE alert SET attempts = attempts + 1 WHERE street_code = :street AND alert_id IN"
        f" (SELECT alert_id FROM alert WHERE {ready} AND {{}} ORDER BY received_at, alert_id LIMIT :limit)"
        " RETURNING alert_id, attempts"
    )
    with database.transaction(Scope(streets=(street,)), connection) as session:
        for tried, limit in (("attempts > 1", 1), ("attempts = 1", BATCH // 10), ("attempts = 0", BATCH)):
            rows = session.execute(
                text(claim.format(tried)), {"street": street, "real": clock.real_now(), "limit": limit}
            ).all()
            if rows:
                return {row.alert_id: row.attempts for row in rows}
    return {}


def _attempt(
    database: Database,
    connection: Connection,
    street: str,
    claimed: Mapping[UUID, int],
    keys: Keys,
    now: datetime,
) -> int:
    """Process a claim whole, or by halves when that fails; returns how many alerts left the inbox."""
    scope = _scope(database)
    if all(attempts <= MOST_ATTEMPTS for attempts in claimed.values()):
        try:
            with database.transaction(scope, connection) as session:
                return _process(session, street, list(claimed), keys, now)
        except Exception as error:
            if connection.invalidated:
                raise
            if len(claimed) > 1:
                log.warning("batch failed, trying its halves", street=street, error=type(error).__name__)
                alert_ids = list(claimed)
                halves = alert_ids[: len(alert_ids) // 2], alert_ids[len(alert_ids) // 2 :]
                return sum(
                    _attempt(database, connection, street, {one: claimed[one] for one in half}, keys, now)
                    for half in halves
                )
            problem = f"processing failed: {type(error).__name__}"
            excused = isinstance(error, DBAPIError) and error.connection_invalidated
    else:
        problem, excused = "processing ended its process", False
    [(alert_id, attempts)] = claimed.items()
    with database.transaction(Scope(streets=(street,)), connection) as session:
        return _put_off(session, street, alert_id, 0 if excused else attempts, problem)


def _put_off(session: Session, street: str, alert_id: UUID, attempts: int, problem: str) -> int:
    """Try a failing alert again later, with growing pauses; after five attempts it is quarantined, never dropped."""
    quarantined = attempts >= MOST_ATTEMPTS
    log.error("alert failed", street=street, alert_id=str(alert_id), attempts=attempts, problem=problem)
    session.execute(
        text(
            "UPDATE alert SET status = :status, problem = :problem, retry_at = :retry WHERE street_code = :street"
            " AND alert_id = :alert AND status = 'accepted'"
        ),
        {
            "status": "quarantined" if quarantined else "accepted",
            "problem": problem,
            "retry": clock.real_now() + timedelta(seconds=FIRST_PAUSE_SECONDS * 2**attempts),
            "street": street,
            "alert": alert_id,
        },
    )
    return int(quarantined)


@dataclass(frozen=True, slots=True)
class _Item:
    """An alert with what it says."""

    row: Alert
    resident_id: UUID
    body: dict[str, Any]

    @property
    def order(self) -> tuple[datetime, str, str]:
        return (self.row.event_at, self.row.source, self.row.event_id)


def _process(session: Session, street: str, alert_ids: Sequence[UUID], keys: Keys, now: datetime) -> int:
    """Everything some alerts mean, in one transaction."""
    items = _load(session, street, alert_ids, keys)
    people = {item.resident_id for item in items}
    registration.open_missing(
        session,
        street,
        {
            item.resident_id: (item.body["person"], item.row.person_key)
            for item in reversed(items)
            if item.body["opens"]
        },
        keys,
        now=now,
    )
    residents = {one.resident_id: one for one in reconcile.lock(session, street, list(people))}
    elsewhere = people - residents.keys()
    settled = _send_on(session, street, [item for item in items if item.resident_id in elsewhere], keys, now)
    items = [item for item in items if item.resident_id in residents]
    for item in items:
        if item.row.type in ("resident.registered", "resident.corrected"):
            registration.update(residents[item.resident_id], item.body["person"], item.row.event_at, keys)
    facts.append(session, street, [_entry(item) for item in items if item.body["entry"]])
    since: dict[UUID, date] = {}
    for item in items:
        day = clock.today(item.row.counts_from)
        since[item.resident_id] = min(day, since.get(item.resident_id, day))
    outcomes = reconcile.after_news(session, street, list(residents.values()), since, now=now) if residents else {}
    leads.open_tasks(
        session,
        street,
        [
            leads.Lead(item.row.alert_id, residents[item.resident_id], clock.today(item.row.counts_from))
            for item in items
            if item.row.type == "lead.reported"
        ],
        now=now,
    )
    moves.carry_out(session, street, outcomes, now=now)
    done = []
    for item in items:
        outcome = outcomes[item.resident_id]
        done.append(
            {
                "street_code": street,
                "alert_id": item.row.alert_id,
                "status": "processed",
                "processed_at": now,
                "tier_before": outcome.tier_before,
                "tier_after": outcome.tier_after,
                "task_ids": [outcome.task_id] if outcome.task_id else [],
                "problem": None,
                "retry_at": None,
            }
        )
    return settled + bulk.update(session, "alert", done, key=("street_code", "alert_id"))


def _load(session: Session, street: str, alert_ids: Sequence[UUID], keys: Keys) -> list[_Item]:
    rows = session.exec(
        select(Alert)
        .where(Alert.street_code == street, col(Alert.alert_id).in_(alert_ids), Alert.status == "accepted")
        .with_for_update()
    ).all()
    session.expunge_all()
    items = [
        _Item(row, row.resident_id, alerts.open_body(keys, row.alert_id, row.body)) for row in rows if row.resident_id
    ]
    return sorted(items, key=lambda item: item.order)


def _entry(item: _Item) -> dict[str, object]:
    row = item.row
    return {
        "entry_id": row.alert_id,
        "resident_id": item.resident_id,
        "event_at": row.event_at,
        "source": row.source,
        "event_id": row.event_id,
        "type": row.type,
        "entry": item.body["entry"],
        "recorded_at": row.counts_from,
    }


def _send_on(session: Session, street: str, items: Sequence[_Item], keys: Keys, now: datetime) -> int:
    """Alerts about people who are not here: moved away, or their opening alert has not been processed yet."""
    if not items:
        return 0
    ids = list({item.resident_id for item in items})
    moved = {
        row.resident_id: row.moved_to
        for row in session.execute(
            select(col(Resident.resident_id), col(Resident.moved_to)).where(
                Resident.street_code == street, col(Resident.resident_id).in_(ids)
            )
        )
    }
    opening = set(
        session.execute(
            text(
                "SELECT resident_id FROM alert WHERE street_code = :street AND resident_id = ANY(:ids)"
                " AND status = 'accepted' AND alert_id <> ALL(:mine)"
            ),
            {"street": street, "ids": ids, "mine": [item.row.alert_id for item in items]},
        ).scalars()
    )
    settled = 0
    for item in items:
        if target := moved.get(item.resident_id):
            reroute(session, item.row, target)
        elif item.resident_id in opening:
            _wait(session, item.row)
        else:
            settled += _put_off(session, street, item.row.alert_id, MOST_ATTEMPTS, alerts.UNPLACED)
    return settled


def _wait(session: Session, row: Alert) -> None:
    """Its person is opened by another alert that waits: not a failed attempt."""
    session.execute(
        text("UPDATE alert SET attempts = 0, retry_at = :retry WHERE street_code = :street AND alert_id = :alert"),
        {"street": row.street_code, "alert": row.alert_id, "retry": clock.real_now() + timedelta(seconds=0.5)},
    )


def reroute(session: Session, row: Alert, street: str, **changes: object) -> None:
    """Take an alert to another street under the same id; a row's street is never changed."""
    session.execute(
        text("DELETE FROM alert WHERE street_code = :street AND alert_id = :alert"),
        {"street": row.street_code, "alert": row.alert_id},
    )
    fresh = {
        **row.model_dump(),
        "street_code": street,
        "status": "accepted",
        "attempts": 0,
        "retry_at": None,
        **changes,
    }
    bulk.insert(session, "alert", [fresh])
    session.execute(
        text("UPDATE receipt SET street_code = :street WHERE source = :source AND event_id = :event"),
        {"street": street, "source": row.source, "event": row.event_id},
    )


def release(session: Session, *, now: datetime, limit: int = 200) -> list[str]:
    """Alerts about unknown people who have been opened since go to their street; returns the streets with work now."""
    rows = session.execute(
        text(
            "SELECT a.alert_id, d.street_code AS street, d.resident_id FROM alert a JOIN directory d"
            " ON d.person_key = a.person_key WHERE a.street_code = :district AND a.status = 'quarantined'"
            " ORDER BY a.received_at LIMIT :limit FOR UPDATE OF a SKIP LOCKED"
        ),
        {"district": DISTRICT, "limit": limit},
    ).all()
    for row in rows:
        alert = session.get_one(Alert, (DISTRICT, row.alert_id))
        session.expunge(alert)
        # A quarantined alert counts from its release (A33).
        reroute(session, alert, row.street, resident_id=row.resident_id, counts_from=now, problem=None)
    return sorted({row.street for row in rows})


def wake(database: Database, street: str, business_now: Callable[[], datetime], *, limit: int = 500) -> int:
    """Look again at the residents of a street for whom a day came that changes something; returns how many."""
    woken = 0
    with database.street_lock(street) as connection:
        if connection is None:
            return 0
        while True:
            now = business_now()
            with database.transaction(Scope(streets=(street,), committees=None), connection) as session:
                due = _due(session, street, clock.today(now), limit)
            if not due:
                return woken
            woken += _wake(database, connection, street, due, now)


def _due(session: Session, street: str, today: date, limit: int) -> dict[UUID, date]:
    rows = session.execute(
        text(
            "SELECT resident_id, wake_on FROM resident WHERE street_code = :street AND wake_on <= :today"
            " AND moved_to IS NULL AND (retry_at IS NULL OR retry_at <= :real)"
            " ORDER BY wake_on, resident_id LIMIT :limit"
        ),
        {"street": street, "today": today, "real": clock.real_now(), "limit": limit},
    )
    return {row.resident_id: row.wake_on for row in rows}


def _wake(database: Database, connection: Connection, street: str, due: Mapping[UUID, date], now: datetime) -> int:
    try:
        with database.transaction(_scope(database), connection) as session:
            residents = reconcile.lock(session, street, list(due))
            if residents:
                outcomes = reconcile.after_news(session, street, residents, due, now=now)
                moves.carry_out(session, street, outcomes, now=now)
            return len(residents)
    except Exception as error:
        if connection.invalidated:
            raise
        if len(due) > 1:
            return sum(_wake(database, connection, street, {one: day}, now) for one, day in due.items())
        log.error("resident failed to wake", street=street, resident_id=str(*due), error=type(error).__name__)
        with database.transaction(Scope(streets=(street,), committees=None), connection) as session:
            session.execute(
                text(
                    "UPDATE resident SET failures = failures + 1, retry_at = :retry"
                    " WHERE street_code = :street AND resident_id = :resident"
                ),
                {"street": street, "resident": next(iter(due)), "retry": clock.real_now() + timedelta(minutes=1)},
            )
        return 0
