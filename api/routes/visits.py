"""Visits: recorded once on the official form, and looked up."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import NowDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Day, ModeName, Page
from api.schemas.visits import Visit, VisitForm, VisitReceipt
from core import errors
from core.visits import queries as visit_queries
from core.visits import recording

router = APIRouter(prefix="/v1/visits", tags=["visits"], route_class=StrictRoute)

Code = Annotated[str | None, Query(min_length=1, max_length=12)]


@router.post(
    "",
    status_code=201,
    response_model=VisitReceipt,
    responses={200: {"description": "The same form again.", "model": VisitReceipt}},
)
@refuses(errors.NotFound, errors.VisitDuplicate)
def record_visit(
    body: VisitForm, response: Response, session: SessionDep, user: UserDep, now: NowDep
) -> dict[str, object]:
    """Record a visit and say which duties it discharged, and which not and why (三（一）, A17 to A21)."""
    recorded = recording.record(session, _form(body), by=user, now=now)
    if not recorded.is_new:
        response.status_code = 200
    response.headers["Location"] = f"/v1/visits/{body.visit_id}"
    return recorded.answer


def _form(body: VisitForm) -> recording.Form:
    dimensions = body.dimensions
    return recording.Form(
        visit_id=body.visit_id,
        resident_ids=tuple(body.resident_ids),
        mode=body.mode,
        service_date=body.service_date,
        initiated_by=body.initiated_by,
        met=body.met or {},
        dimensions=None if dimensions is None else dimensions.model_dump(exclude_none=True),
        task_id=body.task_id,
        visited_by_role=body.visited_by_role,
        merge=body.merge,
        # Without what was left out: a field added to the form later must not make an old form look changed.
        fields=body.model_dump(mode="json", exclude={"merge"}, exclude_none=True),
    )


@router.get("", response_model=Page[Visit])
def list_visits(
    session: SessionDep,
    user: UserDep,
    limit: LimitDep,
    resident_id: UUID | None = None,
    street: Code = None,
    committee: Code = None,
    mode: ModeName | None = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    mine: bool = False,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Visits the caller may see, the latest service day first; both days inclusive."""
    wanted = visit_queries.Filter(
        resident_id=resident_id, street=street, committee=committee, mode=mode, first=from_, last=to, mine=mine
    )
    rows = visit_queries.page(session, wanted, by=user, after=after(cursor, date, UUID), limit=limit)
    return page(rows, limit, lambda row: (row["service_date"], row["visit_id"]))


@router.get("/{visit_id}", response_model=Visit)
def get_visit(visit_id: UUID, session: SessionDep, user: UserDep) -> dict[str, object]:
    """One visit with what it counted for."""
    return visit_queries.one(session, visit_id, by=user)
