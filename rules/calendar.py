"""Periods in which visits are owed (A14), and working days by which deadlines are counted."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, assert_never

from dateutil.relativedelta import relativedelta

ONE_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6}
SATURDAY = 5


class Frequency(StrEnum):
    """How often a tier is owed a visit (三（一）)."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"

    @property
    def months(self) -> int:
        """The length of its period."""
        return _MONTHS[self]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month, quarter or half-year; both days inclusive, no holiday roll (A14)."""

    first: date
    last: date
    name: str


# A register has few different days and asks for their periods over and over.
@lru_cache(maxsize=4096)
def period_of(day: date, frequency: Frequency) -> Period:
    """The period of a frequency in which a day lies: `2026-03`, `2026-Q1`, `2026-H1`."""
    index = (day.month - 1) // frequency.months
    first = date(day.year, index * frequency.months + 1, 1)
    last = first + relativedelta(months=frequency.months - 1, day=31)
    match frequency:
        case Frequency.MONTH:
            name = f"{day:%Y-%m}"
        case Frequency.QUARTER:
            name = f"{day.year:04d}-Q{index + 1}"
        case Frequency.HALF_YEAR:
            name = f"{day.year:04d}-H{index + 1}"
        case _:
            assert_never(frequency)
    return Period(first, last, name)


def period_named(name: str) -> Period:
    """The period that a name means; raises `ValueError` for a name that is none."""
    year, _, part = name.partition("-")
    if len(year) != 4 or not year.isdigit():
        raise ValueError("时段须写成 `2026-03`、`2026-Q1` 或 `2026-H1`。")
    frequency = {"Q": Frequency.QUARTER, "H": Frequency.HALF_YEAR}.get(part[:1], Frequency.MONTH)
    number = part if frequency is Frequency.MONTH else part[1:]
    if not number.isdigit() or not 1 <= int(number) <= 12 // frequency.months:
        raise ValueError("时段须写成 `2026-03`、`2026-Q1` 或 `2026-H1`。")
    period = period_of(date(int(year), (int(number) - 1) * frequency.months + 1, 1), frequency)
    if period.name != name:
        raise ValueError("时段须写成 `2026-03`、`2026-Q1` 或 `2026-H1`。")
    return period


class Hours(NamedTuple):
    """Working hours, from `opens` until before `closes`, by the clock of a working day (A36)."""

    opens: time
    closes: time


ALWAYS: Final = ((date.min, Hours(time.min, time.max)),)
# Days of every year, as `MM-DD`.
MonthDays = frozenset[str]


class WorkingCalendar:
    """Which days are worked, and in which hours.

    Beyond the years it holds, Monday to Friday count, provisionally, but the holidays with a fixed date (A41). `hours`
    and `fixed`: each with its first day, oldest first.
    """

    def __init__(
        self,
        days: Mapping[date, bool],
        *,
        hours: Sequence[tuple[date, Hours]] = ALWAYS,
        fixed: Sequence[tuple[date, MonthDays]] = (),
    ) -> None:
        self._days = days
        self._hours = hours
        self._fixed = fixed
        self._years = frozenset(day.year for day in days)

    def hours(self, day: date) -> Hours:
        """The hours in which people work on a day that is worked; raises LookupError before the first that are set."""
        index = bisect_right(self._hours, day, key=lambda item: item[0])
        if not index:
            raise LookupError(f"{day} 还没有规定工作时间。")
        return self._hours[index - 1][1]

    def is_working(self, day: date) -> bool:
        """Whether people work on a day, make-up days (调休) included."""
        known = self._days.get(day)
        if known is not None:
            return known
        return day.weekday() < SATURDAY and not self._is_fixed_holiday(day)

    def _is_fixed_holiday(self, day: date) -> bool:
        index = bisect_right(self._fixed, day, key=lambda item: item[0])
        return bool(index) and f"{day:%m-%d}" in self._fixed[index - 1][1]

    def is_provisional(self, day: date) -> bool:
        """Whether no notice of the day's year has been entered yet."""
        return day.year not in self._years

    def shift(self, day: date, working_days: int) -> date:
        """The n-th working day after a day, or before it when negative; the day itself does not count.

        Zero is the day itself, or the next working day when it is none.
        """
        step = ONE_DAY if working_days >= 0 else -ONE_DAY
        left = abs(working_days)
        if left == 0:
            while not self.is_working(day):
                day += ONE_DAY
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def passed(self, since: date, until: date) -> int:
        """How many working days lie after one day, up to another."""
        return sum(self.is_working(since + ONE_DAY * days) for days in range(1, (until - since).days + 1))

    def last_working_day(self, due_on: date) -> date:
        """The day by which the reminder of what is due on a day goes out (A14)."""
        return due_on if self.is_working(due_on) else self.shift(due_on, -1)
