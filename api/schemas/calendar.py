"""Working days of a year."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.schemas.common import Body, Day, Flag, Line, Shown, example


class CalendarDayChange(Body):
    """A day of the notice: worked or not, and why."""

    day: Day
    working: Flag
    label: Line | None = None


class CalendarYearChange(
    Body,
    json_schema_extra=example(
        days=[
            {"day": "2026-10-01", "working": False, "label": "国庆节"},
            {"day": "2026-10-10", "working": True, "label": "国庆节调休"},
        ],
        source="国务院办公厅通知",
    ),
):
    """The notice of a year: at least the days that differ from their weekday. `replace`: one confirmed already."""

    days: Annotated[list[CalendarDayChange], Field(min_length=1, max_length=366)]
    source: Line = "手工录入"
    replace: Flag = False


class CalendarDaysChange(
    Body,
    json_schema_extra=example(days=[{"day": "2026-10-10", "working": False, "label": "调休取消"}], source="区里通知"),
):
    """Single days of a year to change; the others stay."""

    days: Annotated[list[CalendarDayChange], Field(min_length=1, max_length=366)]
    source: Line = "手工录入"


class CalendarDay(Shown):
    """A day, worked or not."""

    day: date
    working: bool
    label: str


class CalendarYear(Shown):
    """A year; `provisional` until its notice is entered, and then deadlines in it are counted again."""

    year: int
    provisional: bool
    source: str | None
    working_days: int
    days: list[CalendarDay]
