"""The working calendar, year by year."""

from fastapi import APIRouter

from api.dependencies import NowDep, SessionDep, UserDep, WideSessionDep
from api.http.bodies import StrictRoute
from api.schemas.calendar import CalendarYear, CalendarYearChange
from core.policy import calendar
from core.tasks import deadlines

router = APIRouter(prefix="/v1/calendar/{year}", tags=["calendar"], route_class=StrictRoute)


@router.get("", response_model=CalendarYear)
def get_calendar_year(year: int, session: SessionDep, _user: UserDep) -> calendar.YearShown:
    """Every day of a year; a provisional one counts Monday to Friday."""
    return calendar.year(session, year)


@router.put("", response_model=CalendarYear)
def put_calendar_year(
    year: int, body: CalendarYearChange, session: WideSessionDep, user: UserDep, now: NowDep
) -> calendar.YearShown:
    """Enter the notice of a year: the days that differ from their weekday, or all of them.

    Deadlines counted over the year are counted again.
    """
    days = [calendar.Day(day.day, day.working, day.label or "") for day in body.days]
    deadlines.put(session, year, days, body.source, by=user, now=now)
    return calendar.year(session, year)
