"""Visits: recorded once on the official form, corrected or voided, and looked up."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import NowDep, SessionDep, UserDep
from api.http import files
from api.http.bodies import StrictRoute
from api.http.conditions import IfMatch, seen
from api.http.paging import Cursor, LimitDep, LimitIfAnyDep, after, page, part
from api.http.refusals import refuses
from api.schemas.common import Day, ModeName, Page
from api.schemas.visits import Visit, VisitCorrection, VisitForm, VisitReceipt, VisitVersion, VisitVoiding
from core import errors
from core.documents import record_forms, word
from core.visits import correcting, recording
from core.visits import queries as visit_queries

router = APIRouter(prefix="/v1/visits", tags=["visits"], route_class=StrictRoute)

Code = Annotated[str | None, Query(min_length=1, max_length=12)]


@router.post(
    "",
    status_code=201,
    response_model=VisitReceipt,
    responses={200: {"description": "The same form again.", "model": VisitReceipt}},
)
@refuses(errors.NotFound, errors.VisitDuplicate, errors.SeveralHouseholds, errors.Merged)
def record_visit(
    body: VisitForm, response: Response, session: SessionDep, user: UserDep, now: NowDep
) -> dict[str, object]:
    """Record a visit and say which duties it discharged, and which not and why (三（一）, A17 to A21)."""
    recorded = recording.record(session, body.form, by=user, now=now)
    if not recorded.is_new:
        response.status_code = 200
    response.headers["Location"] = f"/v1/visits/{recorded.answer['visit_id']}"
    return recorded.answer


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
def get_visit(visit_id: UUID, response: Response, session: SessionDep, user: UserDep) -> dict[str, object]:
    """One visit with what it counts for; `ETag` names its version."""
    return _tagged(response, visit_queries.one(session, visit_id, by=user))


@router.patch("/{visit_id}", response_model=Visit)
@refuses(errors.VersionMissing, errors.VersionOld, errors.VisitVoided, errors.VisitDuplicate, errors.SeveralHouseholds)
def correct_visit(
    visit_id: UUID,
    body: VisitCorrection,
    response: Response,
    session: SessionDep,
    user: UserDep,
    now: NowDep,
    if_match: IfMatch = None,
) -> dict[str, object]:
    """Correct a visit: credits, findings and duties follow as if it had been so from the start (A27)."""
    changed = correcting.correct(session, visit_id, body.changes, body.reason, seen(if_match), by=user, now=now)
    return _tagged(response, changed)


@router.post("/{visit_id}/void", response_model=Visit)
@refuses(errors.VersionOld, errors.VisitVoided)
def void_visit(
    visit_id: UUID,
    body: VisitVoiding,
    response: Response,
    session: SessionDep,
    user: UserDep,
    now: NowDep,
    if_match: IfMatch = None,
) -> dict[str, object]:
    """Take a visit back, as if it had never been recorded; it stays readable, with the reason (A27)."""
    return _tagged(response, correcting.void(session, visit_id, body.reason, seen(if_match), by=user, now=now))


@router.get("/{visit_id}/versions", response_model=Page[VisitVersion])
def list_visit_versions(
    visit_id: UUID, session: SessionDep, user: UserDep, limit: LimitIfAnyDep, cursor: Cursor = None
) -> dict[str, object]:
    """Every version of a visit, the first one first: who made it so, when and why."""
    return part(visit_queries.versions(session, visit_id, by=user), limit, cursor)


@router.get(
    "/{visit_id}/form.docx",
    response_class=Response,
    responses=files.described(word.MEDIA_TYPE, "The record form, a page a resident."),
)
def get_visit_form(visit_id: UUID, session: SessionDep, user: UserDep) -> Response:
    """The record form of the annex as a Word file: the visit as it stands, a page for each of its residents."""
    return files.document(record_forms.of_visit(session, visit_id, by=user), f"服务内容记录表-{visit_id}")


def _tagged(response: Response, visit: dict[str, object]) -> dict[str, object]:
    response.headers["ETag"] = f'"{visit["version"]}"'
    return visit
