"""A sandbox's business clock: it moves forward only, through every instant at which something is due.

The API asks for a move; a worker walks. Each stop is the next instant with work, so a year takes as long as its work.
"""

from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import feed_watch
from core.errors import Conflict, Invalid
from core.heartbeat import sweep
from core.notifications import digests
from core.organisation import streets
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import Actor
from core.policy import rulebooks, working_hours
from core.staff import absences
from core.store import scopes
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import Database
from core.store.scopes import Scope
from rules.facts import Problem

_WALK = "0"  # No street, but one walk at a time like one drain.


def start_at(session: Session, instant: datetime) -> bool:
    """Set the clock of a sandbox that begins; False when it was set before and is later already: it stays later.

    A sandbox that ran by the real clock starts there too, also where that lies in the past.
    """
    is_set = session.execute(
        text(
            "INSERT INTO sandbox_clock (id, business_at, real_at) VALUES (1, :at, :real) ON CONFLICT (id) DO UPDATE"
            " SET business_at = :at, real_at = :real"
            " WHERE sandbox_clock.business_at + (:real - sandbox_clock.real_at) < :at"
            " AND sandbox_clock.target_at IS NULL RETURNING id"
        ),
        {"at": instant, "real": clock.real_now()},
    ).one_or_none()
    return is_set is not None


def request_move(session: Session, target: datetime, *, by: Actor, now: datetime) -> None:
    """Ask the workers to walk to an instant; raises when it lies in the past or another walk is under way."""
    by.require(May.MOVE_CLOCK)
    row = session.execute(text("SELECT target_at FROM sandbox_clock FOR UPDATE")).one_or_none()
    if row is not None and row.target_at is not None:
        raise Conflict("沙箱的时间正在前进，请等它到达。")
    if target < now:
        raise Invalid(
            "沙箱的时间只能向前。",
            problems=[Problem("now", "backwards", "不能早于现在的业务时间。")],
        )
    session.execute(
        text(
            "INSERT INTO sandbox_clock (id, business_at, real_at, target_at) VALUES (1, :now, :real, :target)"
            " ON CONFLICT (id) DO UPDATE SET business_at = :now, real_at = :real, target_at = :target"
        ),
        {"now": now, "real": clock.real_now(), "target": target},
    )


def arrived(session: Session) -> bool:
    """Whether no walk is under way."""
    return not session.execute(
        text("SELECT EXISTS (SELECT FROM sandbox_clock WHERE target_at IS NOT NULL)")
    ).scalar_one()


def settled(session: Session, divisions: Divisions, *, by: Actor, now: datetime) -> bool:
    """Whether the clock has arrived and no accepted alert and no due work is left."""
    by.require(May.MOVE_CLOCK)
    return arrived(session) and sweep.is_quiet(session, divisions, now=now)


def walk(database: Database, keys: Keys, business: Business) -> bool:
    """Take the clock where it was asked to go, doing everything due on the way; False when nobody asked."""
    with database.transaction(Scope()) as session:
        if arrived(session):
            return False
    divisions = streets.known(database)
    scope = scopes.everywhere()
    with database.street_lock(_WALK) as held:
        if held is None:
            return False
        while True:
            with database.transaction(scope) as session:
                row = session.execute(text("SELECT business_at, target_at FROM sandbox_clock")).one_or_none()
            if row is None or row.target_at is None:
                return False
            sweep.until_quiet(database, keys, business)
            with database.transaction(scope) as session:
                stop = _next_stop(session, divisions, row.business_at, row.target_at)
                session.execute(
                    text(
                        "UPDATE sandbox_clock SET business_at = :stop, real_at = :real, target_at = :target"
                        " WHERE business_at = :reached"
                    ),
                    {
                        "stop": stop or row.target_at,
                        "real": clock.real_now(),
                        "target": None if stop is None else row.target_at,
                        "reached": row.business_at,
                    },
                )
            if stop is None:
                return True


def _next_stop(session: Session, divisions: Divisions, reached: datetime, target: datetime) -> datetime | None:
    """The next instant with something to do, at most the target; None when the target is reached and quiet."""
    if reached >= target:
        return None
    key: dict[str, object] = {"streets": list(divisions.codes), "reached": reached}
    day: date | None = session.execute(
        text(
            "SELECT min(wake_on) FROM resident WHERE street_code = ANY(:streets) AND moved_to IS NULL AND failures = 0"
        ),
        key,
    ).scalar_one()
    step: datetime | None = session.execute(
        text(
            "SELECT min(next_step_at) FROM task WHERE street_code = ANY(:streets) AND state = 'open'"
            " AND next_step_at > :reached"
        ),
        key,
    ).scalar_one()
    waiting = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM task WHERE street_code = ANY(:streets) AND state = 'open'"
            " AND next_step_at <= :reached)"
        ),
        key,
    ).scalar_one()
    stops = [target]
    if day is not None:
        stops.append(clock.at(day))
    if step is not None:
        stops.append(step)
    if waiting:
        calendars = [rulebooks.calendar(session, district) for district in divisions.districts]
        stops += [working_hours.next_open(reached, calendar) for calendar in calendars]
    for found in (
        absences.next_due(session, after=reached),
        digests.next_morning(session, divisions, after=reached),
        feed_watch.next_silence(session, after=reached),
    ):
        if found is not None:
            stops.append(found)
    return min((stop for stop in stops if stop > reached), default=target)
