"""Signing in and out; one's own password and sessions."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api import sign_in
from api.dependencies import ContextDep, OwnSessionDep, SignedInDep
from api.http import callers
from api.http.bodies import StrictRoute
from api.http.callers import CrossSite, PlainHttp
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Page
from api.schemas.users import Credentials, OpenSession, PasswordChange, SignedInUser, StartedSession
from core import clock, errors
from core.organisation import sessions
from core.organisation.failures import AddressBlocked, NameLocked
from core.organisation.signing_in import Started, WrongPassword
from core.organisation.users import AccountClosed, User
from core.store.models.accounts import Ended

router = APIRouter(prefix="/v1", tags=["session"], route_class=StrictRoute)
# Passwords wait for their turn, and then for the database.
_HASHED: Final = (errors.Busy, errors.DatabaseAway)


@router.post("/session", response_model=StartedSession)
@refuses(WrongPassword, AccountClosed, NameLocked, AddressBlocked, errors.TooMany, CrossSite, PlainHttp, *_HASHED)
async def start_session(
    body: Credentials, request: Request, response: Response, context: ContextDep
) -> dict[str, object]:
    """Open a session: a token for the header, and a cookie for the pages."""
    started = await sign_in.start(context, request, body.username, body.password)
    callers.give_cookie(request, response, started.token, context.callers.limits)
    return _started(started)


@router.delete("/session", status_code=204)
@refuses(errors.Busy)
async def end_session(request: Request, response: Response, context: ContextDep, _user: SignedInDep) -> None:
    """End the session at once."""
    await sign_in.end(context, request)
    callers.take_cookie(request, response)


@router.get("/me", response_model=SignedInUser)
def get_me(user: SignedInDep) -> dict[str, object]:
    """Who is signed in."""
    return _shown(user)


@router.post("/me/password", response_model=StartedSession)
@refuses(NameLocked, AddressBlocked, errors.TooMany, PlainHttp, *_HASHED)
async def change_password(
    body: PasswordChange, request: Request, response: Response, context: ContextDep, user: SignedInDep
) -> dict[str, object]:
    """Choose another password. The session goes on under another token, every other one ends."""
    started = await sign_in.choose_password(context, request, body.current, body.new, by=user)
    if callers.cookie_token(request) is not None:
        callers.give_cookie(request, response, started.token, context.callers.limits)
    return _started(started)


@router.get("/me/sessions", response_model=Page[OpenSession])
def list_sessions(
    session: OwnSessionDep, user: SignedInDep, context: ContextDep, limit: LimitDep, cursor: Cursor = None
) -> dict[str, object]:
    """One's own open sessions, newest first."""
    [last] = after(cursor, UUID) or [None]
    rows = sessions.page(session, by=user, after=last, limit=limit, limits=context.callers.limits, now=clock.real_now())
    return page(rows, limit, lambda row: (row.session_id,))


@router.delete("/me/sessions", status_code=204)
def end_other_sessions(session: OwnSessionDep, user: SignedInDep) -> None:
    """End every session of one's own but this one."""
    sessions.end_all(session, user.user_id, Ended.ELSEWHERE, but=user.session_id, now=clock.real_now())


@router.delete("/me/sessions/{session_id}", status_code=204)
def end_one_session(session_id: UUID, session: OwnSessionDep, user: SignedInDep) -> None:
    """End one session of one's own."""
    sessions.end_one(session, session_id, by=user, now=clock.real_now())


def _started(started: Started) -> dict[str, object]:
    return {"token": started.token, "user": _shown(started.user)}


def _shown(user: User) -> dict[str, object]:
    return {
        "user_id": user.user_id,
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "district": user.district,
        "street": user.street,
        "committees": list(user.committees or ()),
        "capacity": user.capacity,
        "password_to_choose": user.is_limited,
    }
