"""Signing in and out."""

from fastapi import APIRouter, Request, Response

from api.dependencies import ContextDep, SessionDep, SlotDep, UserDep
from api.http.bodies import StrictRoute
from api.http.callers import COOKIE, token
from api.http.refusals import refuses
from api.schemas.users import Credentials, SignedInUser, StartedSession
from core import errors
from core.organisation import users
from core.organisation.users import User
from core.store.scopes import Scope

router = APIRouter(prefix="/v1", tags=["session"], route_class=StrictRoute)


@router.post("/session", response_model=StartedSession)
@refuses(errors.NotSignedIn)
def sign_in(
    body: Credentials, request: Request, response: Response, context: ContextDep, _slot: SlotDep
) -> dict[str, object]:
    """Open a session: a token for the header, and a cookie for the pages."""
    hours = context.settings.session_hours
    # Of all accounts the transaction sees the one of this name.
    with context.database.transaction(Scope(username=body.username)) as session:
        secret, user = users.sign_in(session, body.username, body.password, hours=hours)
    response.set_cookie(
        COOKIE, secret, max_age=hours * 3600, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return {"token": secret, "user": _shown(user)}


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, session: SessionDep, _user: UserDep) -> None:
    """End the session at once."""
    users.sign_out(session, token(request))
    response.delete_cookie(COOKIE)


@router.get("/me", response_model=SignedInUser)
def get_me(user: UserDep) -> dict[str, object]:
    """Who is signed in."""
    return _shown(user)


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
    }
