"""What is due, found again from the rows themselves: a lost message, a crash or a week of outage loses nothing.

Any number of heartbeats may sweep at once. Each step is a transaction of its own, and doing it twice is harmless.
"""

import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import feed_watch, signatures
from core.heartbeat import waking
from core.inbox import inbox
from core.notifications import digests
from core.organisation import failures, sessions, streets
from core.organisation.streets import Divisions
from core.policy import rulebooks, working_hours
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import DISTRICT, Database, Scope
from core.tasks import escalation

log = structlog.get_logger()

_HINT_TIME = timedelta(seconds=4)
_PAUSE_SECONDS = 0.02  # Between two looks while another process holds the street that has the work.


def _scope(divisions: Divisions) -> Scope:
    return Scope(streets=divisions.codes_and_district, committees=None, directory=True)


def once(database: Database, keys: Keys, business: Business, *, is_patient: bool = False) -> int:
    """Do what is due now, street by street; returns how much was done.

    With `is_patient` alerts of the last seconds are left to whoever follows their hint.
    """
    divisions = streets.known(database)
    done = 0
    with database.transaction(_scope(divisions)) as session:
        done += len(inbox.release(session, now=business.now()))
    with database.transaction(Scope()) as session:
        real = clock.real_now()
        signatures.forget(session, now=real)
        sessions.forget(session, now=real)
        failures.forget(session, now=real)
    with database.transaction(_scope(divisions)) as session:
        now = business.now()
        pending = _streets_with_alerts(session, divisions, now - _HINT_TIME if is_patient else None)
        to_wake = _streets_to_wake(session, divisions, now)
        climbing = _streets_to_escalate(session, divisions, now)
        mornings = digests.streets_due(session, divisions, now=now)
    for street in divisions.codes_and_district:
        try:
            if street in pending:
                done += inbox.drain(database, street, keys, business.now) or 0
            if street in to_wake:
                done += waking.wake(database, street, business.now)
            if street in climbing:
                done += _escalate(database, street, business)
            if street in mornings:
                done += _sum_up(database, street, divisions, business)
        except Exception as error:
            # One street's trouble must not keep the others waiting; the next heartbeat finds the work again.
            log.error("sweep failed", street=street, error=type(error).__name__)
    return done + _watch_feeds(database, divisions, business)


def _watch_feeds(database: Database, divisions: Divisions, business: Business) -> int:
    try:
        with database.transaction(_scope(divisions)) as session:
            return feed_watch.watch(session, now=business.now())
    except Exception as error:
        log.error("feeds could not be watched", error=type(error).__name__)
        return 0


def _escalate(database: Database, street: str, business: Business) -> int:
    done = 0
    while True:
        with database.transaction(Scope(streets=(street,), committees=None)) as session:
            fired = escalation.escalate_due(session, street, now=business.now())
        if not fired:
            return done
        done += fired


def _sum_up(database: Database, street: str, divisions: Divisions, business: Business) -> int:
    # The district's people hear of every street.
    seen = divisions.codes_and_district if street == DISTRICT else (street,)
    with database.transaction(Scope(streets=seen, committees=None)) as session:
        return digests.make(session, street, divisions, now=business.now())


def until_quiet(database: Database, keys: Keys, business: Business) -> None:
    """Sweep until nothing is due at the present business time."""
    divisions = streets.known(database)
    while True:
        done = once(database, keys, business)
        with database.transaction(_scope(divisions)) as session:
            if is_quiet(session, divisions, now=business.now()):
                return
        if not done:
            time.sleep(_PAUSE_SECONDS)


def is_quiet(session: Session, divisions: Divisions, *, now: datetime) -> bool:
    """Whether no accepted or due work is left; what failed and waits for its next try counts, too."""
    if _streets_where(session, divisions, "alert", "status = 'accepted'") or _releases(session):
        return False
    if _streets_to_wake(session, divisions, now) or digests.streets_due(session, divisions, now=now):
        return False
    climbing = _streets_to_escalate(session, divisions, now)
    return not climbing or not working_hours.are_now(now, rulebooks.calendar(session))


def _streets_with_alerts(session: Session, divisions: Divisions, until: datetime | None) -> set[str]:
    """The streets with alerts to process; with `until` those of alerts that came in by then, or failed before."""
    ready = "status = 'accepted' AND (retry_at IS NULL OR retry_at <= :real)"
    real = clock.real_now()
    if until is None:
        return _streets_where(session, divisions, "alert", ready, real=real)
    ready += " AND (received_at <= :until OR retry_at IS NOT NULL)"
    return _streets_where(session, divisions, "alert", ready, real=real, until=until)


def _streets_to_wake(session: Session, divisions: Divisions, now: datetime) -> set[str]:
    due = "wake_on <= :today AND moved_to IS NULL AND (retry_at IS NULL OR retry_at <= :real)"
    return _streets_where(session, divisions, "resident", due, today=clock.today(now), real=clock.real_now())


def _streets_to_escalate(session: Session, divisions: Divisions, now: datetime) -> set[str]:
    return _streets_where(session, divisions, "task", "state = 'open' AND next_step_at <= :now", now=now)


def _streets_where(session: Session, divisions: Divisions, table: str, condition: str, **values: object) -> set[str]:
    """The streets with a row to work on: one look into an index for each, however many rows there are."""
    rows = session.execute(
        text(
            "SELECT code FROM unnest(CAST(:streets AS text[])) AS code CROSS JOIN LATERAL"
            f" (SELECT 1 FROM {table} WHERE street_code = code AND {condition} LIMIT 1) AS first"
        ),
        {"streets": list(divisions.codes), **values},
    )
    return set(rows.scalars())


def _releases(session: Session) -> bool:
    """Whether an alert about an unknown person can go to their street by now."""
    found: bool = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM alert a JOIN directory d USING (person_key)"
            " WHERE a.street_code = :district AND a.status = 'quarantined')"
        ),
        {"district": DISTRICT},
    ).scalar_one()
    return found
