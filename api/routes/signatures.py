"""What sources sign with, and which of them have to, for those who hand out keys."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import ContextDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Page
from api.schemas.keys import MadeSigningSecret, NewSigningSecret, SigningSecret, SourceSigning, SourceSigningChange
from core import clock, errors
from core.alerts import signatures

router = APIRouter(prefix="/v1/signatures", tags=["keys"], route_class=StrictRoute)


@router.get("", response_model=Page[SigningSecret])
def list_signing_secrets(
    session: SessionDep,
    user: UserDep,
    limit: LimitDep,
    source: Annotated[str | None, Query(min_length=1, max_length=255)] = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Signing secrets in every state, the oldest first; none of them can be read again."""
    [last] = after(cursor, UUID) or [None]
    rows = signatures.page(session, source=source, after=last, limit=limit, by=user)
    return page(rows, limit, lambda row: (row["secret_id"],))


@router.post("", status_code=201, response_model=MadeSigningSecret)
def add_signing_secret(
    body: NewSigningSecret, session: SessionDep, user: UserDep, context: ContextDep
) -> dict[str, object]:
    """Make a secret (Standard Webhooks); a source may have several, so that one replaces another without a gap."""
    secret_id, secret = signatures.add_secret(
        session,
        context.keys,
        source=body.source,
        obligatory=body.obligatory,
        district=user.district,
        by=user,
        now=clock.real_now(),
    )
    live = signatures.count_live(session, user.place, body.source)
    return {**signatures.one(session, secret_id), "secret": secret, "live_secrets": live}


@router.patch("", response_model=SourceSigning)
@refuses(errors.NotFound)
def require_signatures(body: SourceSigningChange, session: SessionDep, user: UserDep) -> dict[str, object]:
    """Say whether what a source sends unsigned is refused."""
    signatures.set_obligatory(session, body.source, obligatory=body.obligatory, district=user.district, by=user)
    return {**body.model_dump(), "live_secrets": signatures.count_live(session, user.place, body.source)}


@router.delete("/{secret_id}", status_code=204)
def revoke_signing_secret(secret_id: UUID, session: SessionDep, user: UserDep) -> None:
    """End a secret at once and for good."""
    signatures.revoke(session, secret_id, by=user, now=clock.real_now())
