"""The lamp of a task (A31): overdue, due soon or neither; worked out in Python for one task, in SQL for many."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from sqlmodel import Session

from core.policy import rulebooks
from rules.calendar import Frequency, Period, period_named, period_of


class Lamp(StrEnum):
    """How urgent a task looks (A31)."""

    NONE = "none"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"

    @property
    def place(self) -> int:
        """Where it stands among the others, the most urgent first."""
        return _PLACES[self]


_PLACES: Final = {Lamp.OVERDUE: 0, Lamp.DUE_SOON: 1, Lamp.NONE: 2}

# What a task still holds that somebody has to go for.
_HELD: Final = (
    "FROM duty d WHERE d.street_code = t.street_code AND d.resident_id = t.resident_id AND d.task_id = t.task_id"
    " AND (d.state = 'open' OR (d.state = 'missed' AND d.made_up_on IS NULL))"
)


class Soon(NamedTuple):
    """When a lamp goes on: the last days of a month, and the last part of any other span."""

    month_days: int
    share: int

    def begins(self, first: date, last: date) -> date:
        """The first day of a span on which its end is near."""
        return last - timedelta(days=self._days(first, last) - 1)

    def _days(self, first: date, last: date) -> int:
        is_month = first.day == 1 and (first.year, first.month) == (last.year, last.month)
        return self.month_days if is_month else ((last - first).days + 1) // self.share

    def lit(self, today: date) -> list[str]:
        """The periods of today whose end is near."""
        current = [period_of(today, frequency) for frequency in Frequency]
        return [period.name for period in current if self.begins(period.first, period.last) <= today]


def of_streets(session: Session, streets: Iterable[str], today: date) -> dict[str, Soon]:
    """When lamps go on in some streets."""
    found = {}
    for street, rulebook in rulebooks.of_streets(session, set(streets)).items():
        said = rulebook.parameter("due_soon", today).value
        found[street] = Soon(said["month_days"], said["share_of_period"])
    return found


def lamp(due_on: date, spans: Iterable[tuple[date, date]], soon: Soon, today: date) -> Lamp:
    """The lamp of an open task by its due day and the spans in which it can be done."""
    if due_on < today:
        return Lamp.OVERDUE
    return Lamp.DUE_SOON if any(soon.begins(*span) <= today for span in spans) else Lamp.NONE


def span(period: str | None, starts_on: date, due_on: date) -> tuple[date, date]:
    """The whole period of a periodic duty, however late in it the duty arose; else from arrival to the due day."""
    if period is None:
        return starts_on, due_on
    named: Period = period_named(period)
    return named.first, named.last


def alike(soon: Mapping[str, Soon]) -> dict[Soon, list[str]]:
    """The streets by when their lamps go on; as good as always all of them are alike."""
    found: dict[Soon, list[str]] = defaultdict(list)
    for street, numbers in soon.items():
        found[numbers].append(street)
    return found


def begins_sql(first: str, last: str, month_days: str = ":month_days", share: str = ":share") -> str:
    """SQL: the day on which a lamp goes on, of a span without a period."""
    month = f"extract(day FROM {first}) = 1 AND date_trunc('month', {first}) = date_trunc('month', {last})"
    return f"({last} - (CASE WHEN {month} THEN {month_days} ELSE ({last} - {first} + 1) / {share} END) + 1)"


def place_sql(soon: Mapping[str, Soon], today: date) -> tuple[str, dict[str, object]]:
    """SQL: the place of the lamp of a task `t` among all (`Lamp.place`), and the values to ask with."""
    values: dict[str, object] = {"lamp_today": today}
    groups: Sequence[tuple[Soon, list[str]]] = sorted(alike(soon).items())
    conditions = []
    for number, (numbers, streets) in enumerate(groups):
        names = {"month_days": f":month_days_{number}", "share": f":share_{number}"}
        values |= {
            f"month_days_{number}": numbers.month_days,
            f"share_{number}": numbers.share,
            f"lit_{number}": numbers.lit(today),
            f"alike_{number}": streets,
        }
        of_duty = begins_sql("d.starts_on", "d.due_on", **names)
        of_task = begins_sql("CAST(t.created_at AS date)", "t.due_on", **names)
        conditions.append(
            f"(t.street_code = ANY(:alike_{number}) AND (EXISTS (SELECT {_HELD} AND (d.period = ANY(:lit_{number})"
            f" OR (d.period IS NULL AND {of_duty} <= :lamp_today)))"
            f" OR ({of_task} <= :lamp_today AND NOT EXISTS (SELECT {_HELD}))))"
        )
    lit = " OR ".join(conditions) or "false"
    return (
        f"(CASE WHEN t.state <> 'open' THEN {Lamp.NONE.place} WHEN t.due_on < :lamp_today THEN {Lamp.OVERDUE.place}"
        f" WHEN {lit} THEN {Lamp.DUE_SOON.place} ELSE {Lamp.NONE.place} END)"
    ), values
