"""What is due, found again from the rows themselves: a lost message, a crash or a week of outage loses nothing.

Any number of heartbeats may sweep at once. Each step is a transaction of its own, and doing it twice is harmless.
"""

import time
from collections.abc import Callable
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
from core.policy import working_hours
from core.staff import absences
from core.store import scopes
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import Database
from core.tasks import escalation
from core.visits import drafts

log = structlog.get_logger()

_HINT_TIME = timedelta(seconds=4)
_PAUSE_SECONDS = 0.02  # Between two looks while another process holds the street that has the work.


def once(
    database: Database,
    keys: Keys,
    business: Business,
    *,
    is_patient: bool = False,
    leave: Callable[[str], None] | None = None,
) -> int:
    """Do what is due now, street by street; returns how much was done.

    With `is_patient` alerts of the last seconds are left to whoever follows their hint; `leave` is told of a street
    that still has work when the others have their turn.
    """
    divisions = streets.known(database)
    done = 0
    with database.transaction(scopes.everywhere()) as session:
        done += len(inbox.release(session, tuple(divisions.districts), now=business.now()))
    with database.transaction(scopes.everywhere()) as session:
        real = clock.real_now()
        signatures.forget(session, now=real)
        sessions.forget(session, now=real)
        failures.forget(session, now=real)
        drafts.forget(session, now=business.now())
    with database.transaction(scopes.everywhere()) as session:
        now = business.now()
        pending = _streets_with_alerts(session, now - _HINT_TIME if is_patient else None)
        to_wake = _streets_to_wake(session, now)
        climbing = _streets_to_escalate(session, now)
        away = absences.streets_due(session, now=now)
        mornings = digests.streets_due(session, divisions, now=now)
    for street in divisions.codes_and_districts:
        try:
            if street in pending:
                done += _drain(database, street, keys, business, leave)
            if street in to_wake:
                done += waking.wake(database, street, business.now)
            if street in away:
                done += _hand_on(database, street, business)
            if street in climbing:
                done += _escalate(database, street, business)
            if street in mornings:
                done += _sum_up(database, street, divisions, business)
        except Exception as error:
            # One street's trouble must not keep the others waiting; the next heartbeat finds the work again.
            log.error("sweep failed", street=street, error=type(error).__name__)
    return done + _watch_feeds(database, business)


def _drain(database: Database, street: str, keys: Keys, business: Business, leave: Callable[[str], None] | None) -> int:
    drained = inbox.drain(database, street, keys, business.now)
    if drained is None:
        return 0
    if drained.is_left and leave is not None:
        leave(street)
    return drained.settled


def _watch_feeds(database: Database, business: Business) -> int:
    try:
        with database.transaction(scopes.everywhere()) as session:
            return feed_watch.watch(session, now=business.now())
    except Exception as error:
        log.error("feeds could not be watched", error=type(error).__name__)
        return 0


def _hand_on(database: Database, street: str, business: Business) -> int:
    with database.transaction(scopes.under(street)) as session:
        return absences.hand_on_due(session, street, now=business.now())


def _escalate(database: Database, street: str, business: Business) -> int:
    done = 0
    while True:
        with database.transaction(scopes.under(street)) as session:
            fired = escalation.escalate_due(session, street, now=business.now())
        if not fired:
            return done
        done += fired


def _sum_up(database: Database, place: str, divisions: Divisions, business: Business) -> int:
    with database.transaction(scopes.under(place)) as session:
        return digests.make(session, place, divisions, now=business.now())


def until_quiet(database: Database, keys: Keys, business: Business) -> None:
    """Sweep until nothing is due at the present business time."""
    divisions = streets.known(database)
    while True:
        done = once(database, keys, business)
        with database.transaction(scopes.everywhere()) as session:
            if is_quiet(session, divisions, now=business.now()):
                return
        if not done:
            time.sleep(_PAUSE_SECONDS)


def is_quiet(session: Session, divisions: Divisions, *, now: datetime) -> bool:
    """Whether no accepted or due work is left; what failed and waits for its next try counts, too."""
    if _streets_where(session, "alert", "status = 'accepted'") or _releases(session, divisions):
        return False
    if _streets_to_wake(session, now) or digests.streets_due(session, divisions, now=now):
        return False
    if absences.streets_due(session, now=now):
        return False
    return not working_hours.at_work(session, _streets_to_escalate(session, now), now)


def _streets_with_alerts(session: Session, until: datetime | None) -> set[str]:
    """The streets with alerts to process; with `until` those of alerts that came in by then, or failed before."""
    ready = "status = 'accepted' AND (retry_at IS NULL OR retry_at <= :real)"
    real = clock.real_now()
    if until is None:
        return _streets_where(session, "alert", ready, real=real)
    ready += " AND (received_at <= :until OR retry_at IS NOT NULL)"
    return _streets_where(session, "alert", ready, real=real, until=until)


def _streets_to_wake(session: Session, now: datetime) -> set[str]:
    due = "wake_on <= :today AND moved_to IS NULL AND (retry_at IS NULL OR retry_at <= :real)"
    return _streets_where(session, "resident", due, today=clock.today(now), real=clock.real_now())


def _streets_to_escalate(session: Session, now: datetime) -> set[str]:
    return _streets_where(session, "task", "state = 'open' AND next_step_at <= :now", now=now)


def _streets_where(session: Session, table: str, condition: str, **values: object) -> set[str]:
    """The streets with a row to work on: one look into an index of what is due, however many streets there are."""
    return set(session.execute(text(f"SELECT DISTINCT street_code FROM {table} WHERE {condition}"), values).scalars())


def _releases(session: Session, divisions: Divisions) -> bool:
    """Whether an alert about an unknown person can go to their street by now."""
    found: bool = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM alert a JOIN directory d USING (person_key)"
            " WHERE a.street_code = ANY(:districts) AND a.status = 'quarantined'"
            " AND left(d.street_code, 6) = a.street_code)"
        ),
        {"districts": list(divisions.districts)},
    ).scalar_one()
    return found
