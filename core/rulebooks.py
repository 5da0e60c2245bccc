"""The rules of a street and the working calendar, as they stand."""

from functools import cache

from sqlalchemy import text
from sqlmodel import Session

from rules.calendar import WorkingCalendar
from rules.policies import load_policies
from rules.rulebook import Rulebook


@cache
def district() -> Rulebook:
    """The district's rules alone, compiled once a process."""
    return Rulebook(load_policies())


def of_street(_session: Session, _street: str) -> Rulebook:
    """Everything in force in a street, over time."""
    return district()


def calendar(session: Session) -> WorkingCalendar:
    """The working calendar: about a thousand rows, read when a piece of work begins."""
    rows = session.execute(text("SELECT day, working FROM calendar_day"))
    return WorkingCalendar({row.day: row.working for row in rows})
