"""The pages put together, and what people see when something is refused or goes wrong."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.http import callers, errors
from api.pages import account, addresses, assets, forms, home, login, styles, tasks, text_size, visits
from api.pages.forms import Form
from api.pages.page import HEADERS, Page
from core import clock
from core.errors import Busy, Conflict, Invalid, NotFound, NotSignedIn, Refusal
from core.organisation.sessions import PasswordToChoose

_PROGRAMS: Final = ("/v1/", "/health/", "/metrics", "/openapi.json", "/static/")
_ROUTERS: Final = (
    *(assets.router, login.router, text_size.router, account.router, home.router),
    *(tasks.router, visits.router),
)
# What a form is shown again with.
_MENDABLE: Final = (Invalid, Conflict)
_WORDS: Final = {
    400: ("这个请求无法读取", "请从页面上重新操作。"),
    403: ("您没有这项权限", "这一页要由别的角色办理。确实需要的，请找本单位的负责人。"),
    404: ("没有找到这一页", "可能是地址写错了，也可能内容不在您负责的街镇、居村范围内。"),
    405: ("这个地址不能这样打开", "请从页面上重新操作。"),
    409: ("与现有的内容冲突", "刚刚有人改动过，请重新打开这一页，看看现在的情况。"),
    413: ("提交的内容太大", "请减少文字或附件后再提交。"),
    422: ("这个请求有不能接受的内容", "请从页面上重新操作。"),
    429: ("操作太频繁", "请过一会儿再试。"),
    500: ("这里出了错", "错误已经记录。请稍后再试；仍然不行的，请把下面的编号告诉系统管理员。"),
    503: ("系统暂时忙不过来", "没有作任何改动，请过几秒再试。"),
}
Handler = Callable[[Request, Exception], Awaitable[Response] | Response]


def install(app: FastAPI, *, is_sandbox: bool) -> None:
    """Hang the pages in. Called after `errors.install`, whose answers programs still get."""
    routers = [*_ROUTERS, styles.router] if is_sandbox else _ROUTERS
    for router in routers:
        app.include_router(router)
    paths = {str(getattr(route, "path", "")) for router in routers for route in router.routes}
    app.state.built = frozenset(paths.intersection(addresses.ADDRESSES))
    for kind, handler in list(app.exception_handlers.items()):
        if isinstance(kind, type):
            app.add_exception_handler(kind, _for_people(handler))


def _for_people(answer: Any) -> Handler:
    async def handled(request: Request, error: Exception) -> Response:
        if not wants_page(request):
            response: Response = answer(request, error)
            return response
        if isinstance(error, Refusal):
            return await _refused(request, error)
        return _page_of(request, answer(request, error))

    return handled


def wants_page(request: Request) -> bool:
    """Whether whoever asks is a person with a browser: at every address of a page, and at those that are none."""
    if request.url.path.startswith(_PROGRAMS):
        return False
    return "route" in request.scope or "text/html" in request.headers.get("accept", "")


async def _refused(request: Request, refusal: Refusal) -> Response:
    """After everything was rolled back: the form again, a way to sign in, or a page that says why not."""
    is_writing = request.method == "POST"
    status = errors.status_of(type(refusal))
    if is_writing and (isinstance(refusal, _MENDABLE) or request.url.path == login.ADDRESS):
        again = await _shown_again(request, refusal, status)
        if again is not None:
            return again
    if isinstance(refusal, PasswordToChoose):
        return _plain(request).leave(account.PASSWORD)
    if isinstance(refusal, NotSignedIn):
        return await _sign_in_first(request, refusal)
    return _error(request, status, None if isinstance(refusal, NotFound) else refusal.detail, await _typed(request))


async def _shown_again(request: Request, refusal: Refusal, status: int) -> Response | None:
    """The page at the same address, with what was typed and what is wrong with it; None where there is none."""
    scope = {
        **request.scope,
        "method": "GET",
        "state": {**request.scope["state"], "refusal": refusal, "typed": await _typed(request)},
    }
    try:
        response = await _asked(request.app, scope)
    except HTTPException:
        # Nothing is shown at this address: its form stands on another page.
        return None
    if response.status_code != 200:
        return None
    response.status_code = status
    if isinstance(refusal, Busy):
        response.headers["retry-after"] = str(refusal.retry_after_seconds)
    return response


async def _asked(app: FastAPI, scope: MutableMapping[str, Any]) -> Response:
    """What the application answers to another request, from inside."""
    head: dict[str, Any] = {}
    body = bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        else:
            body.extend(message.get("body", b""))

    await app.router(scope, receive, send)
    response = Response(bytes(body), head["status"])
    response.raw_headers = [(name, value) for name, value in head["headers"]]
    return response


async def _sign_in_first(request: Request, refusal: NotSignedIn) -> Response:
    page = _plain(request)
    if "hx-request" in request.headers:
        # The script asks for the password on the page itself and then does this again.
        return Response(refusal.detail, 401, media_type="text/plain; charset=utf-8")
    if callers.cookie_token(request) is None:
        return page.leave(login.address(page.path if request.method in ("GET", "HEAD") else "/"))
    # A session that is over: the page says why, and nothing that was typed into a form is lost.
    page.refusal = refusal
    typed = await _typed(request)
    kept = typed.kept if typed else None
    return page.show(login.TEMPLATE, status=401, next=page.path, kept=None if kept is None else kept.line)


async def _typed(request: Request) -> Form | None:
    if request.method != "POST":
        return None
    try:
        callers.refuse_foreign(request)
        return await forms.read(request)
    except (Refusal, HTTPException):
        return None


def _plain(request: Request) -> Page:
    """A page for whoever it may be, made without the database."""
    return Page(request, None, clock.real_now(), request.app.state.context.settings.sandbox)


def _page_of(request: Request, answer: Response) -> Response:
    """The page for an answer to programs."""
    response = _error(request, answer.status_code, None, getattr(request.state, "form", None))
    for name in ("retry-after", "allow"):
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    return response


def unexpected(scope: Scope, error: Exception) -> Response:
    """Our own mistake, for whoever asked."""
    answer = errors.unexpected(error)
    request = Request(scope)
    return _page_of(request, answer) if wants_page(request) else answer


def _error(request: Request, status: int, detail: str | None, typed: Form | None) -> Response:
    title, advice = _WORDS.get(status, _WORDS[400])
    if "hx-request" in request.headers:
        return Response(detail or title, status, media_type="text/plain; charset=utf-8", headers=HEADERS)
    resend = typed.kept if typed and status >= 429 else None
    return _plain(request).show(
        "error.html",
        status=status,
        title=title,
        advice=detail or advice,
        code=status,
        number=getattr(request.state, "request_id", "")[-12:],
        pairs=resend.pairs if resend else None,
    )
