"""Drafts: record forms that the caller has not sent yet."""

from datetime import datetime

from fastapi import APIRouter

from api.dependencies import ContextDep, NowDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Draft, Page
from api.schemas.drafts import DraftKey, DraftSaving
from core import errors
from core.visits import drafts
from core.visits.drafts import DraftShown

router = APIRouter(prefix="/v1/drafts", tags=["visits"], route_class=StrictRoute)


@router.get("", response_model=Page[Draft])
def list_drafts(
    session: SessionDep, user: UserDep, context: ContextDep, now: NowDep, limit: LimitDep, cursor: Cursor = None
) -> dict[str, object]:
    """The caller's own drafts, the latest saved first; they are kept for 14 days."""
    last = after(cursor, datetime, str)
    rows = drafts.page(session, by=user, after=last, limit=limit, keys=context.keys, now=now)
    return page(rows, limit, lambda row: (row["saved_at"], row["key"]))


@router.get("/{key}", response_model=Draft)
def get_draft(key: DraftKey, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep) -> DraftShown:
    """One of the caller's drafts."""
    return drafts.one(session, key, by=user, keys=context.keys, now=now)


@router.put("/{key}", response_model=Draft)
@refuses(errors.DraftOld)
def put_draft(
    key: DraftKey, body: DraftSaving, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> DraftShown:
    """Keep a form as far as it is filled in; 409 with the one that is stored when that was saved since `seen`."""
    return drafts.save(session, key, body.form, body.seen, by=user, keys=context.keys, now=now)


@router.delete("/{key}", status_code=204)
def discard_draft(key: DraftKey, session: SessionDep, user: UserDep, now: NowDep) -> None:
    """Throw a draft away."""
    drafts.discard(session, key, by=user, now=now)
