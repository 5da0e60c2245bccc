"""What a street adds to the district's policy: looked at, previewed, set, rolled back (A25)."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import ContextDep, NowDep, SessionDep, TodayDep, UserDep
from api.evaluation import previews
from api.http.bodies import LargeRoute
from api.schemas.coverage import CoveragePreview, CoveragePut, CoverageShown, Rollback, Stored
from core.errors import NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import coverage, rulebooks
from core.store.models import CoverageDocument

router = APIRouter(prefix="/v1/streets/{code}/coverage", tags=["coverage"], route_class=LargeRoute)


def _street(code: str, user: User, may: May) -> str:
    user.require(may)
    if code not in user.streets:
        raise NotFound("No such street among yours.")
    return code


@router.get("", response_model=CoverageShown)
def get_coverage(code: str, session: SessionDep, user: UserDep, today: TodayDep) -> dict[str, Any]:
    """The document in force, every version, and how many residents have still to be decided anew."""
    street = _street(code, user, May.READ_COVERAGE)
    found = coverage.versions(session, street)
    current = coverage.in_force(found, today)
    return {
        "street": street,
        "in_force": _shown(current) if current else None,
        "versions": [_shown(one) for one in found],
        "waiting": coverage.waiting(session, street, today),
    }


def _shown(one: CoverageDocument) -> dict[str, Any]:
    return {
        "version": one.version,
        "effective_on": one.effective_on,
        "document": one.document,
        "comment": one.comment,
        "by": one.by_user_id,
        "created_at": one.created_at,
    }


@router.put("", status_code=201, response_model=Stored)
def put_coverage(code: str, body: CoveragePut, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, int]:
    """Store a version; it takes effect by itself on its day, and everybody is decided anew in the background."""
    street = _street(code, user, May.SET_COVERAGE)
    version = coverage.put(session, street, body.document, body.effective_on, body.comment, by=user, now=now)
    return {"version": version}


@router.post("/rollback", status_code=201, response_model=Stored)
def roll_back_coverage(code: str, body: Rollback, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, int]:
    """Put an earlier version in force again from today, as a new version."""
    street = _street(code, user, May.SET_COVERAGE)
    return {"version": coverage.rollback(session, street, body.version, by=user, now=now)}


@router.post("/preview", responses=previews.RESPONSES)
def preview_coverage(
    code: str, body: CoveragePreview, request: Request, context: ContextDep, user: UserDep, today: TodayDep
) -> Response:
    """What a document would change on a day; nothing is written."""
    street = _street(code, user, May.SET_COVERAGE)
    on: date = max(body.on or today, today)
    with context.database.transaction(user.scope) as session:
        document, plain = coverage.read(body.document)
        coverage.check(session, document, on)
        before = rulebooks.spec(session, street)
    return previews.respond(
        request,
        context.database,
        context.evaluators,
        user,
        [street],
        {street: (before, before.with_coverage(plain, on))},
        on,
    )
