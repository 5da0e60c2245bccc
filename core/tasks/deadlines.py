"""A new calendar moves deadlines: what was counted in working days is counted again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from core.organisation import streets
from core.organisation.roles import May
from core.organisation.users import Actor
from core.policy import calendar, coverage, street_pass
from core.policy.calendar import Day
from core.policy.street_pass import StreetPass
from core.store.locks import FOR_CHANGE
from core.tasks.desk import Desk
from core.tasks.rows import TASKS

_WITH_STEPS: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND state = 'open'"
    f" AND next_step_at IS NOT NULL ORDER BY task_id {FOR_CHANGE}"
)


def put(
    session: Session, year: int, days: Iterable[Day], source: str, *, replace: bool = False, by: Actor, now: datetime
) -> int:
    """Enter a year's notice; returns its working days. A confirmed one is replaced only with `replace` (A41)."""
    by.require(May.SET_CALENDAR)
    working_days = calendar.store(session, year, days, source, replace=replace)
    _count_everywhere(session, now=now)
    return working_days


def change_days(session: Session, year: int, days: Iterable[Day], source: str, *, by: Actor, now: datetime) -> None:
    """Change single days of a year (A41)."""
    by.require(May.SET_CALENDAR)
    calendar.change_days(session, year, days, source)
    _count_everywhere(session, now=now)


def _count_everywhere(session: Session, *, now: datetime) -> None:
    """Count open deadlines of every street again: steps at once, response duties as the residents are looked at.

    Street by street, as rows are only ever locked in one: here statements grow with the streets, and with nothing else.
    """
    for street in streets.load(session).codes:
        pass_ = street_pass.begin(session, street, now=now)
        coverage.wake_all(session, street, pass_.today)
        count_again(pass_)


def count_again(pass_: StreetPass) -> None:
    """The calendar changed: count the next step of every open task of a street again."""
    tasks = TASKS.read(pass_.session.execute(_WITH_STEPS, {"street": pass_.street}))
    desk = Desk(pass_, ())
    for task in tasks:
        desk.count_steps(task)
    desk.write()
