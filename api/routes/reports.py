"""Reports for streets and the district."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from api.dependencies import SessionDep, TodayDep, UserDep
from api.http.parameters import KnownRoute
from api.schemas.common import Day
from api.schemas.reports import CoverageReport
from core.duties import reports

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=KnownRoute)


@router.get("/coverage", response_model=CoverageReport)
def get_coverage_report(
    session: SessionDep,
    user: UserDep,
    today: TodayDep,
    period: Annotated[str, Query(max_length=10, description="2026-03, 2026-Q1 or 2026-H1")],
    by: Literal["street", "committee", "tier"],
    as_known_on: Day | None = None,
) -> dict[str, Any]:
    """Periodic visits owed and made, by service date; with `as_known_on` as far as they had been entered by then."""
    rows = reports.coverage(session, period, by, by=user, today=today, as_known_on=as_known_on)
    return {"period": period, "by": by, "as_known_on": as_known_on, "rows": rows}
