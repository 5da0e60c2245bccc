"""Signing in and out with a browser, and going on where one was."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api import sign_in
from api.dependencies import ContextDep
from api.http import callers
from api.pages import addresses, forms, notices, text_size
from api.pages.forms import Form, FormDep
from api.pages.page import OpenPageDep, OwnPageDep, Page
from core.errors import Invalid
from core.organisation.signing_in import Started
from rules.facts import Problem

ADDRESS: Final = "/login"
TEMPLATE: Final = "login.html"
router = APIRouter(include_in_schema=False)

Next = Annotated[str | None, Query(max_length=2000)]

notices.plain("signed_out", "您已退出登录。")


def address(onward: str) -> str:
    """The log-in page that leads on to another."""
    return ADDRESS if onward == "/" else f"{ADDRESS}?{urlencode({'next': onward})}"


def onward(written: str | None) -> str:
    """Where a log-in leads: never to another log-in."""
    own = addresses.own(written)
    return "/" if own.startswith(ADDRESS) else own


@router.get(ADDRESS)
def show_login(page: OpenPageDep, next: Next = None) -> Response:
    """Who are you?"""
    kept = page.typed.secret("kept") if page.typed and page.typed.flag("kept") else None
    return page.show(TEMPLATE, next=onward(page.value("next", next)), kept=kept)


@router.post(ADDRESS)
async def log_in(page: OpenPageDep, form: FormDep, request: Request, context: ContextDep) -> Response:
    """Open a session; what was typed into a form while the last one ended is kept."""
    callers.refuse_foreign(request)
    # Telephones put a blank behind a word; a password may hold one.
    username, password = form.text("username"), form.secret("password")
    missing = [
        (name, words)
        for name, given, words in (("username", username, "请填用户名。"), ("password", password, "请填密码。"))
        if not given
    ]
    if missing:
        raise Invalid("请填用户名和密码。", problems=[Problem(name, "missing", words) for name, words in missing])
    # Read before the session begins: what cannot be read begins none.
    kept = forms.parsed(form.secret("kept").encode()) if form.flag("kept") else None
    started = await sign_in.start(context, request, username, password)
    response = _go_on(page, started, onward(form.text("next")), kept)
    callers.give_cookie(request, response, started.token, context.callers.limits)
    text_size.give(request, response, page.size if text_size.is_chosen(request) else started.user.text_size)
    return response


def _go_on(page: Page, started: Started, target: str, kept: Form | None) -> Response:
    if started.user.is_limited:
        return page.leave("/account/password")
    if kept is not None:
        page.user = started.user
        return page.show("resend.html", action=target, pairs=kept.pairs)
    return page.leave(target)


@router.post("/logout")
async def log_out(page: OwnPageDep, request: Request, context: ContextDep, _form: FormDep) -> Response:
    """End the session at once."""
    await sign_in.end(context, request)
    response = page.leave(ADDRESS, "signed_out")
    callers.take_cookie(request, response)
    return response
