"""Working days of a year."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.schemas.common import Body, Day, Flag, Line, Shown


class DayPut(Body):
    """A day of the notice: worked or not, and why."""

    day: Day
    working: Flag
    label: Line | None = None


class YearPut(Body):
    """The notice of a year: at least the days that differ from their weekday."""

    days: Annotated[list[DayPut], Field(min_length=1, max_length=366)]
    source: Line = "手工录入"


class DayShown(Shown):
    """A day, worked or not."""

    day: date
    working: bool
    label: str


class YearShown(Shown):
    """A year; `provisional` until its notice is entered, and then deadlines in it are counted again."""

    year: int
    provisional: bool
    source: str | None
    working_days: int
    days: list[DayShown]
