"""How days, instants, figures and lamps are written for people."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, assert_never

from core import clock
from core.policy.lamps import Lamp

_WEEKDAYS: Final = "一二三四五六日"


class Look(StrEnum):
    """How a lamp looks: a colour, an icon and always a word (A31). One that is done has no lamp any more."""

    LATE = "late"
    SOON = "soon"
    NONE = "none"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Lit:
    """A lamp with its words."""

    look: Look
    words: str


def day(value: date, *, today: date | None = None, provisional: bool = False) -> str:
    """`9月18日（周四）`; with the year unless it is that of `today`; 「暂定」 where the calendar may still move it."""
    year = f"{value.year}年" if today is not None and value.year != today.year else ""
    mark = "「暂定」" if provisional else ""
    return f"{year}{value.month}月{value.day}日（周{_WEEKDAYS[value.weekday()]}）{mark}"


def short_day(value: date, *, today: date | None = None) -> str:
    """`9月18日`, in tables and where the weekday helps nobody."""
    year = f"{value.year}年" if today is not None and value.year != today.year else ""
    return f"{year}{value.month}月{value.day}日"


def before(value: date, *, today: date | None = None, provisional: bool = False) -> str:
    """`应于9月18日（周四）前`."""
    return f"应于{day(value, today=today, provisional=provisional)}前"


def span(first: date, last: date, *, today: date | None = None) -> str:
    """`9月18日至30日`; one day alone is itself."""
    if first == last:
        return short_day(first, today=today)
    if (first.year, first.month) == (last.year, last.month):
        return f"{short_day(first, today=today)}至{last.day}日"
    return f"{short_day(first, today=today)}至{short_day(last, today=today)}"


_QUARTERS: Final = "一二三四"


def period(name: str, *, today: date) -> str:
    """`3月`, `一季度`, `上半年`; with the year unless it is that of `today`."""
    year, _, part = name.partition("-")
    match part[0]:
        case "Q":
            words = f"{_QUARTERS[int(part[1]) - 1]}季度"
        case "H":
            words = "上半年" if part == "H1" else "下半年"
        case _:
            words = f"{int(part)}月"
    return words if int(year) == today.year else f"{year}年{words}"


def moment(value: datetime, *, now: datetime) -> str:
    """`今天 09:12`, `昨天 17:40`, `9月18日 09:12`, by the clock of Shanghai."""
    local, today = value.astimezone(clock.SHANGHAI), clock.today(now)
    match (today - local.date()).days:
        case 0:
            name = "今天"
        case 1:
            name = "昨天"
        case _:
            name = short_day(local.date(), today=today)
    return f"{name} {local:%H:%M}"


def number(value: int) -> str:
    """`12,400`."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """`79.6 %`, which no line breaks; of nothing there is no share."""
    return f"{100 * part / whole:.1f}\u00a0%" if whole else "—"


def lit(lamp: Lamp, due_on: date, *, today: date, late_working_days: int = 0, provisional: bool = False) -> Lit:
    """The lamp of something open, in words: `已超期 6 个工作日`, `3 天内到期`, `12月31日前`.

    `late_working_days` counts the working days since the due day.
    """
    mark = "「暂定」" if provisional else ""
    match lamp:
        case Lamp.OVERDUE:
            # On a holiday after the due day no working day has passed yet.
            return Lit(Look.LATE, f"已超期 {late_working_days} 个工作日" if late_working_days else "已超期")
        case Lamp.DUE_SOON:
            left = (due_on - today).days
            words = "今天到期" if left == 0 else "明天到期" if left == 1 else f"{left} 天内到期"
            return Lit(Look.SOON, words + mark)
        case Lamp.NONE:
            return Lit(Look.NONE, f"{short_day(due_on, today=today)}前{mark}")
        case _:
            assert_never(lamp)
