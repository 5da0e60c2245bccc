"""Reports for streets and the district."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from api.dependencies import SessionDep, TodayDep, UserDep
from api.http import files
from api.http.parameters import KnownRoute
from api.schemas.common import Day
from api.schemas.reports import CoverageReport
from core.documents import coverage, workbooks
from core.duties import reports

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=KnownRoute)


@router.get(
    "/coverage",
    response_model=CoverageReport,
    responses=files.described(workbooks.MEDIA_TYPE, "The report, or with `format=xlsx` the same as a workbook."),
)
def get_coverage_report(
    session: SessionDep,
    user: UserDep,
    today: TodayDep,
    period: Annotated[str, Query(max_length=10, description="2026-03, 2026-Q1 or 2026-H1")],
    by: Literal["street", "committee", "tier"],
    as_known_on: Day | None = None,
    format_: Annotated[Literal["json", "xlsx"], Query(alias="format")] = "json",
) -> dict[str, Any] | Response:
    """Periodic visits owed and made, by service date; with `as_known_on` as far as they had been entered by then."""
    if format_ == "xlsx":
        made = coverage.report(session, period, by, by=user, today=today, as_known_on=as_known_on)
        return files.workbook(made, f"走访情况-{period}")
    rows = reports.coverage(session, period, by, by=user, today=today, as_known_on=as_known_on)
    return {"period": period, "by": by, "as_known_on": as_known_on, "rows": rows}
