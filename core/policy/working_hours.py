"""When people are at work: steps fire and notices go out in these hours of working days (A36)."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session

from core import clock
from core.organisation.streets import district_of
from core.policy import rulebooks
from rules.calendar import WorkingCalendar


def are_now(now: datetime, calendar: WorkingCalendar) -> bool:
    """Whether steps may fire now."""
    local = now.astimezone(clock.SHANGHAI)
    hours = calendar.hours(local.date())
    return calendar.is_working(local.date()) and hours.opens <= local.time() < hours.closes


def opening(day: date, calendar: WorkingCalendar) -> datetime:
    """The instant at which people begin to work on a day."""
    return clock.at(day, calendar.hours(day).opens)


def at_work(session: Session, places: Iterable[str], now: datetime) -> list[str]:
    """Those of some streets and districts where people are at work now."""
    found = list(places)
    open_now = {
        district: are_now(now, rulebooks.calendar(session, district)) for district in set(map(district_of, found))
    }
    return [place for place in found if open_now[district_of(place)]]


def next_open(now: datetime, calendar: WorkingCalendar) -> datetime:
    """Now, if people are at work; else the next opening."""
    return now if are_now(now, calendar) else next_opening(now, calendar)


def next_opening(after: datetime, calendar: WorkingCalendar) -> datetime:
    """The first instant after this one at which people begin to work."""
    today = clock.today(after)
    if calendar.is_working(today) and after < (opens_at := opening(today, calendar)):
        return opens_at
    return opening(calendar.shift(today, 1), calendar)
