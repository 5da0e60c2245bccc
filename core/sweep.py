"""What is due, found again from the rows themselves: a lost message, a crash or a week of outage loses nothing.

Any number of heartbeats may sweep at once. Each step is a transaction of its own, and doing it twice is harmless.
"""

import time
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlmodel import Session

from core import clock, digests, escalation, feed_watch, inbox, rulebooks, streets
from core.business import Business
from core.crypto import Keys
from core.database import DISTRICT, Database, Scope
from core.streets import Divisions

log = structlog.get_logger()

_PAUSE_SECONDS = 0.02  # Between two looks while another process holds the street that has the work.


def _scope(divisions: Divisions) -> Scope:
    return Scope(streets=divisions.codes_and_district, committees=None, directory=True)


def once(database: Database, keys: Keys, business: Business) -> int:
    """Do what is due now, street by street; returns how much was done."""
    divisions = streets.known(database)
    done = 0
    with database.transaction(_scope(divisions)) as session:
        done += len(inbox.release(session, now=business.now()))
    with database.transaction(_scope(divisions)) as session:
        now = business.now()
        pending = _streets_with_alerts(session, divisions)
        waking = _streets_to_wake(session, divisions, now)
        climbing = _streets_to_escalate(session, divisions, now)
        mornings = digests.streets_due(session, divisions, now=now)
    for street in divisions.codes_and_district:
        try:
            if street in pending:
                done += inbox.drain(database, street, keys, business.now)
            if street in waking:
                done += inbox.wake(database, street, business.now)
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
            if not any(backlog(session, divisions, now=business.now()).values()):
                return
        if not done:
            time.sleep(_PAUSE_SECONDS)


def backlog(session: Session, divisions: Divisions, *, now: datetime) -> dict[str, int]:
    """How much accepted or due work is left, by kind; what failed and waits for its next try counts, too."""
    key = {
        "streets": list(divisions.codes),
        "district": DISTRICT,
        "today": clock.today(now),
        "now": now,
        "real": clock.real_now(),
    }
    row = session.execute(
        text(
            "SELECT (SELECT count(*) FROM alert WHERE street_code = ANY(:streets) AND status = 'accepted') AS alerts,"
            " (SELECT count(*) FROM alert a JOIN directory d USING (person_key) WHERE a.street_code = :district"
            "  AND a.status = 'quarantined') AS releases,"
            " (SELECT count(*) FROM resident WHERE street_code = ANY(:streets) AND wake_on <= :today"
            "  AND moved_to IS NULL AND (retry_at IS NULL OR retry_at <= :real)) AS wakes,"
            " (SELECT count(*) FROM task WHERE street_code = ANY(:streets) AND state = 'open'"
            "  AND next_step_at <= :now) AS steps"
        ),
        key,
    ).one()
    steps = row.steps if row.steps and escalation.in_working_hours(now, rulebooks.calendar(session)) else 0
    mornings = len(digests.streets_due(session, divisions, now=now))
    return {"alerts": row.alerts, "releases": row.releases, "wakes": row.wakes, "steps": steps, "digests": mornings}


def _streets_with_alerts(session: Session, divisions: Divisions) -> set[str]:
    rows = session.execute(
        text(
            "SELECT DISTINCT street_code FROM alert WHERE street_code = ANY(:streets) AND status = 'accepted'"
            " AND (retry_at IS NULL OR retry_at <= :real)"
        ),
        {"streets": list(divisions.codes), "real": clock.real_now()},
    )
    return set(rows.scalars())


def _streets_to_wake(session: Session, divisions: Divisions, now: datetime) -> set[str]:
    rows = session.execute(
        text(
            "SELECT DISTINCT street_code FROM resident WHERE street_code = ANY(:streets) AND wake_on <= :today"
            " AND moved_to IS NULL AND (retry_at IS NULL OR retry_at <= :real)"
        ),
        {"streets": list(divisions.codes), "today": clock.today(now), "real": clock.real_now()},
    )
    return set(rows.scalars())


def _streets_to_escalate(session: Session, divisions: Divisions, now: datetime) -> set[str]:
    rows = session.execute(
        text(
            "SELECT DISTINCT street_code FROM task WHERE street_code = ANY(:streets) AND state = 'open'"
            " AND next_step_at <= :now"
        ),
        {"streets": list(divisions.codes), "now": now},
    )
    return set(rows.scalars())
