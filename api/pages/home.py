"""`/`: where the day of a role begins."""

from typing import Final

from fastapi import APIRouter, Response

from api.dependencies import ContextDep
from api.pages import addresses
from api.pages.page import PageDep
from core import clock
from core.organisation import streets

router = APIRouter(include_in_schema=False)
_GREETINGS: Final = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))


@router.get("/")
def show_home(page: PageDep, context: ContextDep) -> Response:
    """On to the page of the role; until that is built, who one is and what there is."""
    assert page.user is not None
    start = addresses.start(page.request.app.state.built, page.user.role)
    if start is not None:
        return page.leave(start)
    hour = page.now.astimezone(clock.SHANGHAI).hour
    return page.show(
        "home.html",
        greeting=next(words for until, words in _GREETINGS if hour < until),
        role=page.user.role.label,
        place=streets.known(context.database).streets.get(page.user.street or "", "全区"),
    )
