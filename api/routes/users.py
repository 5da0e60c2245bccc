"""Accounts of people who work here, their recusals and absences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api import sign_in
from api.dependencies import ContextDep, NowDep, SessionDep, UserDep
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Page
from api.schemas.users import (
    Absence,
    Code,
    Handover,
    HandoverRequest,
    MadeUserAccount,
    NewAbsence,
    NewRecusal,
    NewUserAccount,
    Recusal,
    UserAccount,
    UserAccountChange,
)
from core import errors
from core.organisation.roles import Role
from core.staff import accounts, handovers

router = APIRouter(prefix="/v1/users", tags=["people"], route_class=StrictRoute)


@router.get("", response_model=Page[UserAccount])
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


async def _first_password(body: NewUserAccount, context: ContextDep, _user: UserDep) -> str | None:
    return await sign_in.first_password(context, body.username, body.password)


@router.post("", status_code=201, response_model=MadeUserAccount)
@refuses(errors.NotFound)
def add_user(
    body: NewUserAccount,
    password_hash: Annotated[str | None, Depends(_first_password)],
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
) -> dict[str, object]:
    """Make an account; a street manager makes those of their street. Without a password the answer holds a code."""
    fields = {**body.model_dump(exclude={"password"}), "password_hash": password_hash}
    user_id, code = accounts.add(session, context.keys, fields, by=user)
    return {**accounts.one(session, user_id, by=user), **_code(code)}


@router.post("/{user_id}/reset", response_model=Code)
def reset_password(user_id: UUID, session: SessionDep, user: UserDep, context: ContextDep) -> dict[str, object]:
    """Instead of somebody's password a code that opens the account once; their sessions end."""
    return _code(accounts.reset(session, context.keys, user_id, by=user))


def _code(given: tuple[str, datetime] | None) -> dict[str, object]:
    code, expires_at = given or (None, None)
    return {"code": code, "code_expires_at": expires_at}


@router.patch("/{user_id}", response_model=UserAccount)
def change_user(
    user_id: UUID, body: UserAccountChange, session: SessionDep, user: UserDep, now: NowDep
) -> Mapping[str, object]:
    """Change an account; an end of access ends its sessions, and its tasks go to others."""
    said = body.model_dump(include=body.model_fields_set)
    fields = {name: value for name, value in said.items() if value is not None or name == "valid_until"}
    accounts.change(session, user_id, fields, by=user, now=now)
    return accounts.one(session, user_id, by=user)


@router.post("/{user_id}/recusals", status_code=201, response_model=Recusal)
def add_recusal(user_id: UUID, body: NewRecusal, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, object]:
    """This user must not visit this resident; what they had to do there goes to somebody else."""
    moved = accounts.recuse(session, user_id, body.resident_id, body.reason, by=user, now=now)
    return {"user_id": user_id, "resident_id": body.resident_id, "reason": body.reason, "moved": moved}


@router.post("/{user_id}/absences", status_code=201, response_model=Absence)
def add_absence(user_id: UUID, body: NewAbsence, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, object]:
    """This user cannot visit from one day through another; visits move to other days, or to somebody else."""
    absence_id, moved = accounts.absent(session, user_id, body.from_, body.to, body.reason, by=user, now=now)
    return {
        "absence_id": absence_id,
        "user_id": user_id,
        "from_": body.from_,
        "to": body.to,
        "reason": body.reason,
        "moved": moved,
    }


@router.post("/{user_id}/handover", response_model=Handover)
def hand_over_tasks(
    user_id: UUID, body: HandoverRequest, session: SessionDep, user: UserDep, now: NowDep
) -> Mapping[str, object]:
    """Hand on the open tasks of somebody who leaves: a preview unless `dry_run` is false."""
    return handovers.hand_over(session, user_id, body.to, dry_run=body.dry_run, by=user, now=now)


@router.post("/{user_id}/handover/{batch_id}/revert", response_model=Handover)
def revert_handover(
    user_id: UUID, batch_id: UUID, session: SessionDep, user: UserDep, now: NowDep
) -> Mapping[str, object]:
    """Give back what is still open and still with whom the handover gave it."""
    return handovers.revert(session, user_id, batch_id, by=user, now=now)
