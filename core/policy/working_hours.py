"""When people are at work: steps fire and notices go out in these hours of working days (A36)."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from core import clock
from core.organisation.streets import district_of
from core.policy import rulebooks
from rules.calendar import WorkingCalendar


def are_now(now: datetime, calendar: WorkingCalendar) -> bool:
    """Whether steps may fire now."""
    local = now.astimezone(clock.SHANGHAI)
    return calendar.is_working(local.date()) and calendar.opens <= local.hour < calendar.closes


def at_work(session: Session, places: Iterable[str], now: datetime) -> list[str]:
    """Those of some streets and districts where people are at work now."""
    found = list(places)
    open_now = {
        district: are_now(now, rulebooks.calendar(session, district)) for district in set(map(district_of, found))
    }
    return [place for place in found if open_now[district_of(place)]]


def next_open(now: datetime, calendar: WorkingCalendar) -> datetime:
    """Now, if people are at work; else the next opening."""
    if are_now(now, calendar):
        return now
    local = now.astimezone(clock.SHANGHAI)
    if local.hour < calendar.opens and calendar.is_working(local.date()):
        return clock.at(local.date(), calendar.opens)
    return clock.at(calendar.shift(local.date(), 1), calendar.opens)
