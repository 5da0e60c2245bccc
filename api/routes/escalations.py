"""Who heard of what nobody did."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.schemas.common import Page
from api.schemas.district import Escalation
from core.tasks import escalation_queries

router = APIRouter(prefix="/v1", tags=["escalation"], route_class=StrictRoute)


@router.get("/escalations", response_model=Page[Escalation])
def list_escalations(
    session: SessionDep,
    user: UserDep,
    limit: LimitDep,
    task_id: UUID | None = None,
    street: Annotated[str | None, Query(min_length=1, max_length=12)] = None,
    level: Annotated[int | None, Query(ge=1, le=100)] = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Steps that fired, in order."""
    last = after(cursor, datetime, UUID, int)
    rows = escalation_queries.page(
        session, by=user, task_id=task_id, street=street, level=level, after=last, limit=limit
    )
    return page(rows, limit, lambda row: (row["fired_at"], row["task_id"], row["level"]))
