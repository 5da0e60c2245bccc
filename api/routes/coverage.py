"""What a street adds to the district's policy: looked at, previewed, set, rolled back (A25)."""

from fastapi import APIRouter, Request, Response

from api.dependencies import ContextDep, NowDep, SessionDep, TodayDep, UserDep
from api.evaluation import previews
from api.http.bodies import LargeRoute
from api.http.refusals import refuses
from api.schemas.coverage import CoverageChange, CoverageDraft, CoverageRollback, StoredVersion, StreetCoverage
from core import errors
from core.policy import coverage

router = APIRouter(prefix="/v1/streets/{code}/coverage", tags=["coverage"], route_class=LargeRoute)


@router.get("", response_model=StreetCoverage)
def get_coverage(code: str, session: SessionDep, user: UserDep, today: TodayDep) -> coverage.CoverageShown:
    """The document in force, every version, and how many residents have still to be decided anew."""
    return coverage.shown(session, code, by=user, today=today)


@router.put("", status_code=201, response_model=StoredVersion)
@refuses(errors.DocumentUnreadable, errors.Narrowing)
def put_coverage(code: str, body: CoverageChange, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, int]:
    """Store a version; it takes effect by itself on its day, and everybody is decided anew in the background."""
    version = coverage.put(session, code, body.document, body.effective_on, body.comment, by=user, now=now)
    return {"version": version}


@router.post("/rollback", status_code=201, response_model=StoredVersion)
@refuses(errors.Narrowing)
def roll_back_coverage(
    code: str, body: CoverageRollback, session: SessionDep, user: UserDep, now: NowDep
) -> dict[str, int]:
    """Put an earlier version in force again from today, as a new version."""
    return {"version": coverage.rollback(session, code, body.version, by=user, now=now)}


@router.post("/preview", responses=previews.RESPONSES)
@refuses(errors.DocumentUnreadable, errors.Narrowing, errors.Busy)
def preview_coverage(
    code: str, body: CoverageDraft, request: Request, context: ContextDep, user: UserDep, today: TodayDep
) -> Response:
    """What a document would change on a day; nothing is written."""
    on = max(body.on or today, today)
    with context.database.transaction(user.scope) as session:
        sides = {code: coverage.draft(session, code, body.document, on, by=user)}
    return previews.respond(request, context.database, context.evaluators, user, sides, on)
