"""When people are at work: steps fire and notices go out in these hours of working days (A36)."""

from datetime import datetime

from core import clock
from rules.calendar import WorkingCalendar


def are_now(now: datetime, calendar: WorkingCalendar) -> bool:
    """Whether steps may fire now."""
    local = now.astimezone(clock.SHANGHAI)
    return calendar.is_working(local.date()) and calendar.opens <= local.hour < calendar.closes


def next_open(now: datetime, calendar: WorkingCalendar) -> datetime:
    """Now, if people are at work; else the next opening."""
    if are_now(now, calendar):
        return now
    local = now.astimezone(clock.SHANGHAI)
    if local.hour < calendar.opens and calendar.is_working(local.date()):
        return clock.at(local.date(), calendar.opens)
    return clock.at(calendar.shift(local.date(), 1), calendar.opens)
