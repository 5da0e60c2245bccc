"""The working calendar, year by year."""

from collections.abc import Sequence

from fastapi import APIRouter

from api.dependencies import NowDep, SessionDep, UserDep, WideSessionDep
from api.http.bodies import StrictRoute
from api.http.refusals import refuses
from api.schemas.calendar import CalendarDayChange, CalendarDaysChange, CalendarYear, CalendarYearChange
from core import errors
from core.policy import calendar
from core.tasks import deadlines

router = APIRouter(prefix="/v1/calendar/{year}", tags=["calendar"], route_class=StrictRoute)


@router.get("", response_model=CalendarYear)
def get_calendar_year(year: int, session: SessionDep, user: UserDep) -> calendar.YearShown:
    """Every day of a year; a provisional one counts Monday to Friday, but the holidays with a fixed date."""
    return calendar.year(session, year, place=user.place)


@router.put("", response_model=CalendarYear)
@refuses(errors.Confirmed)
def put_calendar_year(
    year: int, body: CalendarYearChange, session: WideSessionDep, user: UserDep, now: NowDep
) -> calendar.YearShown:
    """Enter the notice of a year: the days that differ from their weekday, or all of them.

    Deadlines counted over the year are counted again. A confirmed year is replaced only with `replace`; without, the
    answer names the `difference`.
    """
    deadlines.put(session, year, _days(body.days), body.source, replace=body.replace, by=user, now=now)
    return calendar.year(session, year, place=user.place)


@router.patch("", response_model=CalendarYear)
@refuses(errors.Provisional)
def change_calendar_days(
    year: int, body: CalendarDaysChange, session: WideSessionDep, user: UserDep, now: NowDep
) -> calendar.YearShown:
    """Change single days of a confirmed year; deadlines counted over them are counted again."""
    deadlines.change_days(session, year, _days(body.days), body.source, by=user, now=now)
    return calendar.year(session, year, place=user.place)


def _days(changes: Sequence[CalendarDayChange]) -> list[calendar.Day]:
    return [calendar.Day(change.day, change.working, change.label or "") for change in changes]
