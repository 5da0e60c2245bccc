"""Keys of monitoring systems, for those who hand them out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.schemas.common import Page
from api.schemas.keys import Key, MadeKey, NewKey
from core.alerts import source_keys

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=StrictRoute)


@router.get("", response_model=Page[Key])
def list_keys(
    session: SessionDep,
    user: UserDep,
    limit: LimitDep,
    source: Annotated[str | None, Query(min_length=1, max_length=255)] = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Keys in every state, the oldest first; none of them can be read again."""
    [last] = after(cursor, UUID) or [None]
    rows = source_keys.page(session, source=source, after=last, limit=limit, by=user)
    return page(rows, limit, lambda row: (row["key_id"],))


@router.post("", status_code=201, response_model=MadeKey)
def add_key(body: NewKey, session: SessionDep, user: UserDep) -> dict[str, object]:
    """Make a key. A source may have several, so that one replaces another without a gap."""
    secret = source_keys.add_key(session, **body.model_dump(), district=user.district, by=user)
    return {
        **source_keys.shown(session, secret),
        "key": secret,
        "live_keys": source_keys.count_live(session, user.place, body.source),
    }


@router.delete("/{key_id}", status_code=204)
def revoke_key(key_id: UUID, session: SessionDep, user: UserDep) -> None:
    """End a key at once and for good."""
    source_keys.revoke(session, key_id, by=user)
