"""The sources that send news: whether they are heard, and how often they should be."""

from fastapi import APIRouter

from api.dependencies import ContextDep, DivisionsDep, IdentityDep, NowDep, UserDep, WideSessionDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Page
from api.schemas.feeds import Feed, FeedChange
from core import errors
from core.alerts import feeds
from core.store.words import FeedDays

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], route_class=StrictRoute)


@router.get("", response_model=Page[Feed])
def list_feeds(
    session: WideSessionDep,
    identity: IdentityDep,
    divisions: DivisionsDep,
    context: ContextDep,
    now: NowDep,
    limit: LimitDep,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Every source and how it is heard; a key sees its own."""
    [last] = after(cursor, str) or [None]
    # What this process heard is part of the answer at once; what others heard, some seconds later.
    context.door.feeds.flush()
    rows = feeds.page(session, divisions, after=last, limit=limit, by=identity, now=now)
    return page(rows, limit, lambda row: (row["source"],))


@router.put("", response_model=Feed)
@refuses(errors.NotFound)
def put_feed(
    body: FeedChange, session: WideSessionDep, user: UserDep, divisions: DivisionsDep, context: ContextDep, now: NowDep
) -> feeds.FeedShown:
    """Say how often a source is expected, or pause it; it is waited for anew from now on."""
    context.door.feeds.flush()
    feeds.configure(
        session,
        body.source,
        every_minutes=body.expected_every_minutes,
        days=FeedDays(body.days),
        paused=body.paused,
        count_anew=body.count_anew,
        by=user,
        now=now,
    )
    return feeds.one(session, divisions, body.source, by=user, now=now)
