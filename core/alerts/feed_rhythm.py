"""How often a source is usually heard and how much it usually sends: worked out from what was heard, hour by hour."""

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final, Literal, NamedTuple, TypedDict

from core import clock
from core.store.words import FeedDays
from rules.calendar import WorkingCalendar

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_NORMAL: Final = 1.4826  # The standard deviation of a normal distribution, in median absolute deviations.


class Rhythm(NamedTuple):
    """The longest usual interval between two pushes; with `working` days the others do not count."""

    every_minutes: int
    days: FeedDays


class Volume(NamedTuple):
    """Events accepted today up to the last full hour, beside the median of like days (None: too little history)."""

    expected: int | None
    seen: int
    anomaly: Literal["low", "high"] | None


class VolumeShown(TypedDict):
    """A volume as it is answered."""

    expected: int | None
    seen: int
    anomaly: Literal["low", "high"] | None


def hour_of(instant: datetime) -> datetime:
    """The hour in which an instant lies; Shanghai's hours begin with everybody's."""
    return instant.replace(minute=0, second=0, microsecond=0)


def due_after(start: datetime, rhythm: Rhythm, times: int, calendar: WorkingCalendar) -> datetime:
    """When so many intervals have passed since an instant, on the days that count."""
    left = timedelta(minutes=rhythm.every_minutes) * times
    for day, begins, ends in _stretches(start):
        if rhythm.days == FeedDays.ALL or calendar.is_working(day):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
    raise AssertionError("stretches do not end")


def learn(
    heard: Collection[datetime], watch: Mapping[str, int], calendar: WorkingCalendar, *, now: datetime
) -> Rhythm | None:
    """The rhythm of a source from the hours in which it was heard; None while there is too little to learn from.

    The rhythm is the 95th percentile of the intervals between two such hours, so a source that is quiet at night
    has a night's interval, and one outage in the history does not count. A source that is hardly heard on days of
    rest is taken to work as people do, and its intervals are counted in working days.
    """
    hours = sorted(heard)
    if len(hours) <= watch["least_intervals"] or now - hours[0] < watch["least_days"] * _DAY:
        return None
    days = FeedDays.WORKING if _rests(hours, watch["rest_day_percent"], calendar) else FeedDays.ALL
    spans = sorted(_between(before, after, days, calendar) for before, after in pairwise(hours))
    spans = [span for span in spans if span]
    if len(spans) < watch["least_intervals"]:
        return None
    usual = spans[math.ceil(len(spans) * watch["interval_percent"] / 100) - 1]
    return Rhythm(usual // _MINUTE, days)


def volume(
    accepted: Mapping[datetime, int], watch: Mapping[str, int], calendar: WorkingCalendar, *, now: datetime
) -> Volume:
    """Whether much more or much less came today than on other days of the kind, worked or not, up to this hour."""
    today, this_hour = clock.today(now), hour_of(now.astimezone(clock.SHANGHAI)).hour
    by_day: dict[date, int] = {}
    for at, number in accepted.items():
        local = at.astimezone(clock.SHANGHAI)
        if local.hour < this_hour:
            by_day[local.date()] = by_day.get(local.date(), 0) + number
    seen = by_day.get(today, 0)
    # The first day was not heard from its beginning.
    first = min((clock.today(at) for at in accepted), default=today) + _DAY
    alike = [
        by_day.get(day, 0)
        for day in _days(max(first, today - watch["history_days"] * _DAY), today)
        if calendar.is_working(day) == calendar.is_working(today)
    ]
    if len(alike) < watch["volume_least_days"]:
        return Volume(None, seen, None)
    usual = median(alike)
    spread = _NORMAL * median(abs(number - usual) for number in alike)
    tolerated = max(
        spread * watch["volume_deviations"], usual * watch["volume_least_percent"] / 100, watch["volume_least_events"]
    )
    if abs(seen - usual) <= tolerated:
        return Volume(round(usual), seen, None)
    return Volume(round(usual), seen, "low" if seen < usual else "high")


def _rests(hours: Collection[datetime], percent: int, calendar: WorkingCalendar) -> bool:
    """Whether a source is hardly ever heard on days of rest, of which there were some."""
    heard = {clock.today(hour) for hour in hours}
    off = [day for day in _days(min(heard), max(heard)) if not calendar.is_working(day)]
    return bool(off) and 100 * sum(day in heard for day in off) <= percent * len(off)


def _between(start: datetime, end: datetime, days: FeedDays, calendar: WorkingCalendar) -> timedelta:
    """How much time lies between two instants, on the days that count."""
    total = timedelta()
    for day, begins, ends in _stretches(start):
        if begins >= end:
            return total
        if days == FeedDays.ALL or calendar.is_working(day):
            total += min(ends, end) - begins
    raise AssertionError("stretches do not end")


def _stretches(start: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """From an instant on, day by day without end: (day, begins, ends)."""
    begins = start.astimezone(clock.SHANGHAI)
    while True:
        ends = clock.next_midnight(begins)
        yield begins.date(), begins, ends
        begins = ends


def _days(first: date, end: date) -> Iterator[date]:
    """Every day from the first to the one before the end."""
    for offset in range((end - first).days):
        yield first + timedelta(days=offset)
