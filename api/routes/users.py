"""Accounts of people who work here, their recusals and absences."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.bodies import StrictRoute
from api.dependencies import SessionDep, UserDep
from api.paging import Cursor, LimitDep, after, page
from api.schemas.common import Page
from api.schemas.people import (
    AbsenceShown,
    NewAbsence,
    NewRecusal,
    NewUser,
    RecusalShown,
    UserChange,
    UserShown,
)
from core import accounts
from core.roles import Role

router = APIRouter(prefix="/v1/users", tags=["people"], route_class=StrictRoute)


@router.get("", response_model=Page[UserShown])
def list_users(
    session: SessionDep,
    user: UserDep,
    limit: LimitDep,
    street: Annotated[str | None, Query(min_length=1, max_length=12)] = None,
    role: Role | None = None,
    active: bool | None = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Users whom the caller manages or may give tasks to."""
    [last] = after(cursor, UUID) or [None]
    rows = accounts.page(session, by=user, street=street, role=role, active=active, after=last, limit=limit)
    return page(rows, limit, lambda row: (row["user_id"],))


@router.post("", status_code=201, response_model=UserShown)
def add_user(body: NewUser, session: SessionDep, user: UserDep) -> dict[str, object]:
    """Make an account; a street manager makes those of their street."""
    return accounts.one(session, accounts.add(session, body.model_dump(), by=user), by=user)


@router.patch("/{user_id}", response_model=UserShown)
def change_user(user_id: UUID, body: UserChange, session: SessionDep, user: UserDep) -> dict[str, object]:
    """Change an account; a new password or an end of access ends its sessions."""
    said = body.model_dump(include=body.model_fields_set)
    fields = {name: value for name, value in said.items() if value is not None or name == "valid_until"}
    accounts.change(session, user_id, fields, by=user)
    return accounts.one(session, user_id, by=user)


@router.post("/{user_id}/recusals", status_code=201, response_model=RecusalShown)
def recuse_user(user_id: UUID, body: NewRecusal, session: SessionDep, user: UserDep) -> dict[str, object]:
    """This user must not visit this resident."""
    accounts.recuse(session, user_id, body.resident_id, body.reason, by=user)
    return {"user_id": user_id, "resident_id": body.resident_id, "reason": body.reason}


@router.post("/{user_id}/absences", status_code=201, response_model=AbsenceShown)
def note_absence(user_id: UUID, body: NewAbsence, session: SessionDep, user: UserDep) -> dict[str, object]:
    """This user cannot visit from one day through another."""
    absence_id = accounts.absent(session, user_id, body.from_, body.to, body.reason, by=user)
    return {
        "absence_id": absence_id,
        "user_id": user_id,
        "from_": body.from_,
        "to": body.to,
        "reason": body.reason,
    }
