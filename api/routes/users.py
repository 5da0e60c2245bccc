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
    AbsenceChange,
    Code,
    Handover,
    HandoverRequest,
    MadeAbsence,
    MadeRecusal,
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
from core.staff import absences, accounts, handovers, recusals

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


@router.get("/{user_id}", response_model=UserAccount)
def get_user(user_id: UUID, session: SessionDep, user: UserDep) -> Mapping[str, object]:
    """One user whom the caller manages or may give tasks to."""
    return accounts.one(session, user_id, by=user)


@router.patch("/{user_id}", response_model=UserAccount)
def change_user(
    user_id: UUID, body: UserAccountChange, session: SessionDep, user: UserDep, now: NowDep
) -> Mapping[str, object]:
    """Change an account; an end of access ends its sessions, and its tasks go to others."""
    said = body.model_dump(include=body.model_fields_set)
    fields = {name: value for name, value in said.items() if value is not None or name == "valid_until"}
    accounts.change(session, user_id, fields, by=user, now=now)
    return accounts.one(session, user_id, by=user)


@router.get("/{user_id}/recusals", response_model=Page[Recusal])
def list_recusals(
    user_id: UUID, session: SessionDep, user: UserDep, limit: LimitDep, cursor: Cursor = None
) -> dict[str, object]:
    """Whom this user must not visit."""
    [last] = after(cursor, UUID) or [None]
    rows = recusals.page(session, user_id, by=user, after=last, limit=limit)
    return page(rows, limit, lambda row: (row["recusal_id"],))


@router.post("/{user_id}/recusals", status_code=201, response_model=MadeRecusal)
def add_recusal(user_id: UUID, body: NewRecusal, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, object]:
    """This user must not visit this resident; what they had to do there goes to somebody else."""
    shown, moved = recusals.add(session, user_id, body.resident_id, body.reason, by=user, now=now)
    return {**shown, "moved": moved}


@router.delete("/{user_id}/recusals/{recusal_id}", status_code=204)
def end_recusal(user_id: UUID, recusal_id: UUID, session: SessionDep, user: UserDep) -> None:
    """This user may visit this resident again; what went to somebody else stays there."""
    recusals.end(session, user_id, recusal_id, by=user)


@router.get("/{user_id}/absences", response_model=Page[Absence])
def list_absences(
    user_id: UUID, session: SessionDep, user: UserDep, limit: LimitDep, cursor: Cursor = None
) -> dict[str, object]:
    """When this user cannot visit, past and coming."""
    [last] = after(cursor, UUID) or [None]
    rows = absences.page(session, user_id, by=user, after=last, limit=limit)
    return page(rows, limit, lambda row: (row["absence_id"],))


@router.post("/{user_id}/absences", status_code=201, response_model=MadeAbsence)
def add_absence(user_id: UUID, body: NewAbsence, session: SessionDep, user: UserDep, now: NowDep) -> dict[str, object]:
    """This user cannot visit from one day through another; visits move to other days, or to somebody else."""
    shown, moved = absences.add(session, user_id, body.from_, body.to, body.reason, by=user, now=now)
    return {**shown, "moved": moved}


@router.patch("/{user_id}/absences/{absence_id}", response_model=MadeAbsence)
def change_absence(
    user_id: UUID, absence_id: UUID, body: AbsenceChange, session: SessionDep, user: UserDep, now: NowDep
) -> dict[str, object]:
    """Change days or reason; what it now leaves no day for moves, what had moved stays where it is."""
    shown, moved = absences.change(
        session, user_id, absence_id, first=body.from_, last=body.to, reason=body.reason, by=user, now=now
    )
    return {**shown, "moved": moved}


@router.delete("/{user_id}/absences/{absence_id}", status_code=204)
def end_absence(user_id: UUID, absence_id: UUID, session: SessionDep, user: UserDep, now: NowDep) -> None:
    """This user is back today; the days they were away stay on record."""
    absences.end(session, user_id, absence_id, by=user, now=now)


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
