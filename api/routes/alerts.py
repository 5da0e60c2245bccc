"""News from monitoring systems: taken in on the hot path, looked up, replayed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import (
    ContextDep,
    DivisionsDep,
    IdentityDep,
    IdentitySessionDep,
    NowDep,
    TodayDep,
    UserDep,
    WideSessionDep,
    announce,
)
from api.door.intake import take_in
from api.http.bodies import BareRoute, StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas import cloudevents
from api.schemas.alerts import (
    Alert,
    AlertCorrection,
    AlertDetails,
    AlertResolution,
    AlertStatus,
    PushReceipt,
    PushRefusal,
)
from api.schemas.common import Page
from core import clock, errors
from core.alerts import queries as alert_queries
from core.inbox import reading, replay, resolving
from core.inbox.doubts import NotInDoubt
from core.organisation.sessions import SessionOver
from core.organisation.users import AccountClosed
from core.store.words import Resolution

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=BareRoute)
strict = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=StrictRoute)


@router.post(
    "",
    status_code=202,
    response_model=PushReceipt,
    responses={409: {"model": PushRefusal}, 422: {"model": PushRefusal}},
    openapi_extra={"requestBody": cloudevents.REQUEST_BODY, "parameters": cloudevents.HEADERS},
)
@refuses(
    errors.Invalid,
    errors.SignatureMissing,
    errors.SignatureStale,
    errors.SignatureInvalid,
    errors.Replayed,
    errors.Conflict,
    errors.NothingAccepted,
    errors.BodyTooLarge,
    errors.TooManyEvents,
    errors.MediaUnsupported,
    errors.CharsetUnsupported,
    errors.JsonInvalid,
    errors.ByteOrderMark,
    errors.NotUtf8,
    errors.HoldsNul,
    errors.TooDeep,
    errors.DuplicateKey,
    errors.NumberNotFinite,
    errors.NumberOutOfRange,
    errors.LoneSurrogate,
    errors.BodyEmpty,
    errors.NotAnArray,
    errors.HeaderRepeated,
    errors.TooMany,
    errors.Busy,
    SessionOver,
    AccountClosed,
)
async def push_alerts(request: Request) -> Response:
    """Take in CloudEvents 1.0: one, an array, a batch, NDJSON, or binary mode. Answered after the commit."""
    return await take_in(request, request.app.state.context.door)


@strict.get("", response_model=Page[Alert])
def list_alerts(
    session: IdentitySessionDep,
    identity: IdentityDep,
    divisions: DivisionsDep,
    limit: LimitDep,
    today: TodayDep,
    source: Annotated[str | None, Query(min_length=1, max_length=255)] = None,
    id: Annotated[str | None, Query(min_length=1, max_length=255)] = None,
    status: AlertStatus | None = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Alerts of the caller's streets, or of a key's own source; the newest first."""
    [before] = after(cursor, UUID) or [None]
    rows = alert_queries.page(
        session,
        divisions,
        source=source,
        event_id=id,
        status=status,
        after=before,
        limit=limit,
        by=identity,
        today=today,
    )
    return page(rows, limit, lambda row: (row["alert_id"],))


@strict.get("/{alert_id}", response_model=AlertDetails)
def get_alert(
    alert_id: UUID,
    session: IdentitySessionDep,
    identity: IdentityDep,
    context: ContextDep,
    divisions: DivisionsDep,
    today: TodayDep,
) -> reading.AlertRead:
    """One alert with what it said: people see the person masked, whoever settles a doubt the names in full."""
    return reading.read(session, alert_id, divisions, context.keys, by=identity, today=today)


@strict.post("/{alert_id}/resolve", response_model=Alert)
@refuses(NotInDoubt, errors.PersonUnknown, errors.NotAnIdNumber, errors.Merged)
def resolve_alert(
    alert_id: UUID, body: AlertResolution, session: WideSessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> alert_queries.AlertShown:
    """Settle whom an alert in doubt is about: the same person, or another one; it counts from its arrival (A38)."""
    street = resolving.resolve(
        session,
        alert_id,
        Resolution(body.as_),
        body.id_number,
        body.reason,
        context.keys,
        by=user,
        now=now,
    )
    announce(session, street)
    return alert_queries.one(session, alert_id, [street], today=clock.today(now))


@strict.post("/{alert_id}/replay", response_model=Alert)
@refuses(errors.NotQuarantined, errors.PersonUnknown, errors.BodyLost)
def replay_alert(
    alert_id: UUID,
    session: WideSessionDep,
    user: UserDep,
    context: ContextDep,
    divisions: DivisionsDep,
    now: NowDep,
    body: AlertCorrection | None = None,
) -> alert_queries.AlertShown:
    """Send a quarantined alert on its way, with corrected data if given; it keeps its id and counts from now."""
    data = body.data if body else None
    street = replay.replay(session, alert_id, data, divisions.committees, context.keys, by=user, now=now)
    announce(session, street)
    return alert_queries.one(session, alert_id, [street], today=clock.today(now))
