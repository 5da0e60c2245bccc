"""Who is calling: the key or the session's token that a request shows."""

from typing import Final

from fastapi import Request

from core.alerts import source_keys
from core.alerts.source_keys import Caller
from core.errors import NotSignedIn
from core.organisation import users
from core.organisation.users import User
from core.store import crypto
from core.store.database import Database
from core.store.scopes import Scope

COOKIE: Final = "tanfang_session"
_READING: Final = ("GET", "HEAD")


def token(request: Request) -> str:
    """The key or session token of a request.

    The cookie counts for reading only: a page elsewhere can make a browser send it, but cannot set the header.
    """
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and shown.strip():
        return shown.strip()
    cookie = request.cookies.get(COOKIE)
    if cookie and request.method in _READING:
        return cookie
    raise NotSignedIn("请在 `Authorization: Bearer` 头中带上密钥或登录令牌。")


def identify(database: Database, shown: str) -> User | Caller:
    """Who shows this key or session token."""
    # A transaction of its own, over before the request's begins: nobody holds two connections.
    digest = crypto.digest(shown)
    if shown.startswith(source_keys.PREFIX):
        with database.transaction(Scope(key=digest)) as session:
            return source_keys.caller(session, shown)
    with database.transaction(Scope(token=digest)) as session:
        return users.signed_in(session, shown)


def identity(request: Request) -> User | Caller:
    """Who sends a request; what a route asks for that wants to know."""
    return identify(request.app.state.context.database, token(request))
