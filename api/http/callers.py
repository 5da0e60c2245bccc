"""Who is calling: the key or the session's token that a request shows, and where the request comes from."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from anyio.to_thread import run_sync
from fastapi import Request, Response

from core import clock
from core.alerts import source_keys
from core.alerts.source_keys import Caller
from core.errors import NotAllowed, NotSignedIn
from core.organisation import sessions
from core.organisation.sessions import Limits, PasswordToChoose
from core.organisation.users import User
from core.settings import Settings
from core.store import crypto
from core.store.business import Business
from core.store.database import Database
from core.store.scopes import Scope

# Browsers keep a cookie of this name only when it is Secure, without Domain and for the whole site.
COOKIE: Final = "__Host-tanfang"
# Over plain HTTP, which only this machine itself may use, not every browser takes the former; this one they all do.
LOCAL_COOKIE: Final = "tanfang-localhost"
_READING: Final = ("GET", "HEAD")
_FOREIGN: Final = ("cross-site", "same-site")


class CrossSite(NotAllowed):
    """A browser sends this for another site, with the cookie of ours."""

    code = "cross_site"
    title = "请求来自别的网站"
    advice = "请在本系统的页面上操作；程序调用请把登录令牌放在 `Authorization` 头中。"


class PlainHttp(NotAllowed):
    """A password would cross the network in the clear."""

    code = "plain_http"
    title = "连接没有加密"
    advice = "请用 HTTPS 地址打开；反向代理须传递 `X-Forwarded-Proto`，并列入 `TANFANG_TRUSTED_PROXIES`。"


def token(request: Request) -> str:
    """The key or session token of a request.

    A page elsewhere can make a browser send the cookie, but not set the header: what writes with the cookie must come
    from a page of ours.
    """
    shown = header_token(request)
    if shown is not None:
        return shown
    cookie = cookie_token(request)
    if cookie is None:
        raise NotSignedIn("请在 `Authorization: Bearer` 头中带上密钥或登录令牌，或者先登录。")
    if request.method not in _READING:
        refuse_foreign(request)
    return cookie


def header_token(request: Request) -> str | None:
    """The key or token in a request's header."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    return shown.strip() or None if scheme.lower() == "bearer" else None


def cookie_token(request: Request) -> str | None:
    """The token in a request's cookie."""
    if not is_encrypted(request) and is_confidential(request) and LOCAL_COOKIE in request.cookies:
        return request.cookies[LOCAL_COOKIE] or None
    return request.cookies.get(COOKIE) or None


def refuse_foreign(request: Request, *, is_proof_needed: bool = True) -> None:
    """Refuse what a browser sends for a page of another site; without proof that it is ours, too, if that is needed."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    # Older browsers say one or the other; a proxy may end the encryption, so schemes are not compared.
    is_ours = origin is not None and origin.partition("://")[2] == request.headers.get("host")
    if site in _FOREIGN or (origin is not None and not is_ours):
        raise CrossSite("这个请求来自别的网站，没有执行。")
    if is_proof_needed and not is_ours and site != "same-origin":
        raise CrossSite("看不出这个请求来自本系统的页面，没有执行。")


def is_from_page(request: Request) -> bool:
    """Whether a browser says that it sends this, for a page of ours."""
    return "sec-fetch-site" in request.headers or "origin" in request.headers


def is_encrypted(request: Request) -> bool:
    """Whether a request came by HTTPS, as far as we or a trusted proxy know."""
    return request.url.scheme == "https"


def refuse_plain(request: Request) -> None:
    """Refuse a password over plain HTTP from anywhere but this machine."""
    if not is_confidential(request):
        raise PlainHttp("这个地址没有加密，密码会在网络上被看到；请改用 HTTPS 地址登录。")


def is_confidential(request: Request) -> bool:
    """Whether nobody on the way can read a request."""
    return is_encrypted(request) or _is_this_machine(request.url.hostname or "")


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ip_address(host)
    except ValueError:
        return False
    # 0.0.0.0 is nowhere else either.
    return found.is_loopback or found.is_unspecified


def address(request: Request) -> str:
    """The address of the client, as far as we or a trusted proxy know."""
    return request.client.host if request.client else ""


def give_cookie(request: Request, response: Response, shown: str, limits: Limits) -> None:
    """Let a browser keep a session's token."""
    seconds = limits.absolute // timedelta(seconds=1)
    response.set_cookie(COOKIE, shown, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
    if not is_encrypted(request):
        response.set_cookie(LOCAL_COOKIE, shown, max_age=seconds, path="/", httponly=True, samesite="lax")


def take_cookie(request: Request, response: Response) -> None:
    """Let a browser forget a session's token."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    if not is_encrypted(request):
        response.delete_cookie(LOCAL_COOKIE, path="/", httponly=True, samesite="lax")


@dataclass(frozen=True, slots=True)
class Callers:
    """Where callers are looked up, and how long a sign-in lasts."""

    database: Database
    business: Business
    limits: Limits

    @classmethod
    def of(cls, settings: Settings, database: Database, business: Business) -> "Callers":
        """As the operator wants it."""
        idle, absolute = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
        return cls(database, business, Limits(idle, absolute))

    def identify(self, shown: str) -> User | Caller:
        """Who shows this key or session token; a person who has still to choose a password, too."""
        # A transaction of its own, over before the request's begins: nobody holds two connections.
        digest = crypto.digest(shown)
        if shown.startswith(source_keys.PREFIX):
            with self.database.transaction(Scope(key=digest)) as session:
                return source_keys.caller(session, shown)
        with self.database.transaction(Scope(token=digest)) as session:
            today = clock.today(self.business.now(session))
            return sessions.find(session, shown, limits=self.limits, now=clock.real_now(), today=today)


async def identity(request: Request) -> User | Caller:
    """Who sends a request, looked up once; what a route asks for that wants to know."""
    if not hasattr(request.state, "identity"):
        known: Callers = request.app.state.context.callers
        request.state.identity = await run_sync(known.identify, token(request))
    found: User | Caller = request.state.identity
    return found


def refuse_limited(identity: User | Caller) -> None:
    """Refuse somebody who has still to choose a password."""
    if isinstance(identity, User) and identity.is_limited:
        raise PasswordToChoose("请先设置自己的密码（`POST /v1/me/password`），再做别的。")
