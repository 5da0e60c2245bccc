"""A new calendar moves deadlines: what was counted in working days is counted again."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from core import clock
from core.organisation import streets
from core.organisation.roles import May
from core.organisation.users import Actor
from core.policy import calendar, coverage, rulebooks
from core.policy.calendar import Day
from core.store import bulk
from core.store.models import Task
from core.tasks import escalation
from rules.calendar import WorkingCalendar


def put(session: Session, year: int, days: Iterable[Day], source: str, *, by: Actor, now: datetime) -> int:
    """Enter a year's notice; returns its working days.

    Open deadlines of every street are counted again: steps at once, response duties as the residents are looked at.
    """
    by.require(May.SET_CALENDAR)
    working_days = calendar.store(session, year, days, source)
    fresh = rulebooks.calendar(session)
    for street in streets.load(session).codes:
        coverage.wake_all(session, street, clock.today(now))
        count_again(session, street, fresh, now=now)
    return working_days


def count_again(session: Session, street: str, calendar: WorkingCalendar, *, now: datetime) -> None:
    """The calendar changed: count the next step of every open task of a street again."""
    tasks = session.exec(
        select(Task)
        .where(Task.street_code == street, Task.state == "open", col(Task.next_step_at).is_not(None))
        .order_by(col(Task.task_id))
        .with_for_update()
    ).all()
    rows = [
        {
            "street_code": street,
            "task_id": task.task_id,
            "next_step_at": escalation.next_step_at(task.due_on, task.chain, task.escalation_level, calendar, now=now),
        }
        for task in tasks
    ]
    session.expunge_all()
    bulk.update(session, "task", rows, key=("street_code", "task_id"))
