"""The district's policies: every version, a preview of a draft, a new version."""

from fastapi import APIRouter, Request, Response

from api.dependencies import ContextDep, NowDep, SessionDep, TodayDep, UserDep
from api.evaluation import previews
from api.http.bodies import LargeRoute
from api.http.paging import Cursor, LimitIfAnyDep, part
from api.http.refusals import refuses
from api.schemas.common import Page
from api.schemas.coverage import Policy, PolicyChange, PolicyDraft, StoredPolicy
from core import errors
from core.policy import policies

router = APIRouter(prefix="/v1/policies", tags=["coverage"], route_class=LargeRoute)


@router.get("", response_model=Page[Policy])
def list_policies(
    session: SessionDep, user: UserDep, today: TodayDep, limit: LimitIfAnyDep, cursor: Cursor = None
) -> dict[str, object]:
    """Every version, the latest first day first."""
    return part(policies.versions(session, by=user, today=today), limit, cursor)


@router.post("", status_code=201, response_model=StoredPolicy)
@refuses(errors.DocumentUnreadable, errors.Narrowing)
def add_policy(body: PolicyChange, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, object]:
    """Store a version; it takes effect on its day by itself, and closed periods keep theirs (A27)."""
    policy = policies.put(session, body.document, body.comment, by=user, now=now)
    return {"id": policy.id, "version": policy.version, "effective_on": policy.effective_on}


@router.post("/preview", responses=previews.RESPONSES)
@refuses(errors.DocumentUnreadable, errors.Busy)
def preview_policy(
    body: PolicyDraft, request: Request, context: ContextDep, user: UserDep, today: TodayDep
) -> Response:
    """What a draft would change in the whole district; nothing is written."""
    with context.database.transaction(user.scope) as session:
        sides, on = policies.draft(session, body.document, body.on, by=user, today=today)
    return previews.respond(request, context.database, context.evaluators, user, sides, on)
