"""One's own account: password, text size, where one is signed in."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import sign_in
from api.dependencies import ContextDep, OwnSessionDep
from api.http import callers
from api.http.paging import after
from api.pages import forms, notices, paging
from api.pages.forms import FormDep
from api.pages.page import OwnPageDep, PageDep
from core import clock
from core.organisation import sessions, streets
from core.store.models.accounts import Ended

ADDRESS: Final = "/account"
PASSWORD: Final = "/account/password"
SESSIONS: Final = 20
router = APIRouter(include_in_schema=False)

notices.plain("password_chosen", "密码已设置，其他设备上的登录都已退出。")
notices.plain("session_ended", "已退出那台设备上的登录。")
notices.plain("others_ended", "其他设备上的登录都已退出。")


@router.get(ADDRESS)
def show_account(
    page: PageDep, session: OwnSessionDep, context: ContextDep, cursor: Annotated[str | None, Query()] = None
) -> Response:
    """Who I am here, and where I am signed in."""
    assert page.user is not None
    [last] = after(cursor, UUID) or [None]
    rows = sessions.page(
        session,
        by=page.user,
        after=last,
        limit=SESSIONS,
        limits=context.callers.limits,
        now=clock.real_now(),
    )
    divisions = streets.known(context.database)
    return page.show(
        "account.html",
        role=page.user.role.label,
        place=divisions.streets.get(page.user.street or "", "全区"),
        committees=[divisions.committee_names[code] for code in page.user.committees or ()],
        sessions=paging.sheet(page, rows, SESSIONS, lambda shown: (shown.session_id,)),
        real_now=clock.real_now(),
        idle_minutes=context.callers.limits.idle // timedelta(minutes=1),
    )


@router.get(PASSWORD)
def show_password(page: OwnPageDep) -> Response:
    """Choose another password."""
    return page.show("password.html")


@router.post(PASSWORD)
async def choose_password(page: OwnPageDep, form: FormDep, request: Request, context: ContextDep) -> Response:
    """From now on this one; typed twice, since nobody sees it."""
    assert page.user is not None
    new = form.secret("new")
    if new != form.secret("again"):
        raise forms.wrong("again", "两次输入的新密码不一样。")
    current = None if page.user.is_limited else form.secret("current")
    started = await sign_in.choose_password(context, request, current, new, by=page.user)
    response = page.leave("/" if page.user.is_limited else ADDRESS, "password_chosen")
    callers.give_cookie(request, response, started.token, context.callers.limits)
    return response


@router.post("/account/sessions/{session_id}/end")
def end_session(page: PageDep, session_id: UUID, session: OwnSessionDep, _form: FormDep) -> Response:
    """Sign out on another device."""
    assert page.user is not None
    sessions.end_one(session, session_id, by=page.user, now=clock.real_now())
    return page.leave(ADDRESS, "session_ended")


@router.post("/account/sessions/end")
def end_others(page: PageDep, session: OwnSessionDep, _form: FormDep) -> Response:
    """Sign out everywhere else."""
    assert page.user is not None
    sessions.end_all(session, page.user.user_id, Ended.ELSEWHERE, but=page.user.session_id, now=clock.real_now())
    return page.leave(ADDRESS, "others_ended")
