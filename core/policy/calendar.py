"""The working calendar, year by year: the district enters each year's notice; until then a year is provisional.

Deadlines counted over a provisional year are counted again when its notice is entered.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import Row, text
from sqlmodel import Session

from core import clock, errors
from core.errors import Confirmed, Invalid, Provisional
from core.policy import rulebooks
from core.store import bulk
from rules.calendar import WorkingCalendar
from rules.facts import Problem

FIRST_YEAR, LAST_YEAR = 2000, 2100
LABEL_CHARACTERS = 100
# Spreadsheets write days with slashes and without zeros.
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_WORKING = {"1": True, "true": True, "是": True, "0": False, "false": False, "否": False}
WARN_MONTH = 11  # The State Council announces the next year's holidays around then.


@dataclass(frozen=True, slots=True)
class Day:
    """Whether a day is worked, and why it differs from its weekday."""

    day: date
    working: bool
    label: str = ""


class DayShown(TypedDict):
    """A day, worked or not, and why."""

    day: date
    working: bool
    label: str


class YearShown(TypedDict):
    """A year, and whether its notice is still to be entered."""

    year: int
    provisional: bool
    source: str | None
    working_days: int
    days: list[DayShown]


def days_of(year: int) -> list[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days)]


def year(session: Session, number: int, *, place: str) -> YearShown:
    """Every day of a year; while its notice is not entered it is `provisional`, as a place's rules have it (A41)."""
    check_year(number)
    known = _known(session, number)
    provisional = rulebooks.calendar(session, place)
    return {
        "year": number,
        "provisional": not known,
        "source": next((row.source for row in known.values()), None),
        "working_days": sum(
            known[day].working if day in known else provisional.is_working(day) for day in days_of(number)
        ),
        "days": [
            {
                "day": day,
                "working": known[day].working if day in known else provisional.is_working(day),
                "label": known[day].label if day in known else "",
            }
            for day in days_of(number)
        ],
    }


def parse_csv(content: str) -> list[Day]:
    """The days of one year from a CSV file with the columns `day,working[,label]`; `Invalid` names every bad line."""
    reader = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    try:
        rows = list(reader)
    except csv.Error:
        raise Invalid("文件无法按 CSV 读取。") from None
    if not {"day", "working"} <= set(reader.fieldnames or ()):
        raise Invalid("文件须有 `day` 和 `working` 两列，可以有 `label`。")
    found: list[Day] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        working = _WORKING.get((row["working"] or "").strip().lower())
        written = _DAY.fullmatch((row["day"] or "").strip())
        label = (row.get("label") or "").strip()
        try:
            day = date(*map(int, written.groups())) if written else None
        except ValueError:
            day = None
        if day is None:
            problems.append(Problem(f"line {number}", "date", "`day` 须是 `YYYY-MM-DD` 格式的日期。"))
        elif working is None:
            problems.append(Problem(f"line {number}", "enum", "`working` 须是 1 或 0。"))
        elif len(label) > LABEL_CHARACTERS or not label.isprintable():
            problems.append(Problem(f"line {number}", "label", "`label` 须是一行简短的文字。"))
        else:
            found.append(Day(day, working, label))
    if problems:
        raise Invalid("日历中有的行无法读取。", problems=problems)
    if len({day.day.year for day in found}) != 1:
        raise Invalid("一个文件只能是一年的日历。")
    return found


def store(session: Session, number: int, days: Iterable[Day], source: str, *, replace: bool) -> int:
    """Write down a year's notice: the days that differ from their weekday, or all of them. Returns its working days.

    What a confirmed year says otherwise is replaced only when the caller says so; else it raises `Confirmed`.
    """
    told = _told(number, days)
    plain = WorkingCalendar({})
    noticed = [told.get(day) or Day(day, plain.is_working(day)) for day in days_of(number)]
    known = _known(session, number)
    difference = [
        errors.DayDifference(day=each.day, was=known[each.day].working, now=each.working)
        for each in noticed
        if each.day in known and known[each.day].working != each.working
    ]
    if difference and not replace:
        words = f"{number} 年的日历已经确认，新的通知有 {len(difference)} 天与它不同。"
        raise Confirmed(words, difference=difference)
    _write(session, noticed, source)
    return sum(each.working for each in noticed)


def change_days(session: Session, number: int, days: Iterable[Day], source: str) -> None:
    """Change some days of a year whose notice was entered; the others stay as they are."""
    told = _told(number, days)
    if not _known(session, number):
        raise Provisional(f"{number} 年的放假通知还没有录入。")
    _write(session, told.values(), source)


def _told(number: int, days: Iterable[Day]) -> dict[date, Day]:
    """The days of a notice, each once; raises `Invalid` for one of another year."""
    check_year(number)
    told: dict[date, Day] = {}
    problems: list[Problem] = []
    for index, noticed in enumerate(days):
        if noticed.day.year != number:
            problems.append(Problem(f"days.{index}.day", "other_year", "不在这一年。"))
        elif noticed.day in told:
            problems.append(Problem(f"days.{index}.day", "twice", "重复出现。"))
        told[noticed.day] = noticed
    if problems:
        raise Invalid("这一年的日历不能录入。", problems=problems)
    return told


def _known(session: Session, number: int) -> dict[date, Row[Any]]:
    rows = session.execute(
        text("SELECT day, working, label, source FROM calendar_day WHERE day BETWEEN :first AND :last ORDER BY day"),
        {"first": date(number, 1, 1), "last": date(number, 12, 31)},
    )
    return {row.day: row for row in rows}


def _write(session: Session, days: Iterable[Day], source: str) -> None:
    rows: list[dict[str, object]] = [
        {"day": each.day, "working": each.working, "label": each.label, "source": source} for each in days
    ]
    bulk.insert(
        session,
        "calendar_day",
        rows,
        on_conflict="ON CONFLICT (day) DO UPDATE SET working = EXCLUDED.working, label = EXCLUDED.label,"
        " source = EXCLUDED.source",
    )
    rulebooks.forget(session)


def _years(session: Session) -> set[int]:
    """The years whose notice was entered."""
    rows = session.execute(text("SELECT DISTINCT extract(year FROM day)::int FROM calendar_day"))
    return set(rows.scalars())


def is_provisional(session: Session, number: int) -> bool:
    """Whether a year's notice is still to be entered."""
    return number not in _years(session)


def warning(session: Session, *, now: datetime) -> str | None:
    """What to do about the calendar, from November on or once a provisional year has begun."""
    today = clock.today(now)
    known = _years(session)
    if today.year not in known:
        return f"{today.year} 年的日历还是暂定的，请录入放假通知。"
    if today.year + 1 not in known and today.month >= WARN_MONTH:
        return f"{today.year + 1} 年的日历还没有录入，日期都是暂定的。"
    return None


def check_year(number: int) -> None:
    """Raises Invalid for a year that no calendar holds."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Invalid(f"日历的年份须在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。")
