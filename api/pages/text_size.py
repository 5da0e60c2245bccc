"""How large the pages are read: a browser keeps it, and an account brings it along."""

from contextlib import suppress

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.dependencies import ContextDep
from api.http import callers
from api.pages import addresses, forms
from api.pages.forms import FormDep
from api.pages.page import SIZE_COOKIE, SIZE_SECONDS, OpenPageDep
from core.errors import NotSignedIn
from core.organisation import users
from core.organisation.users import User
from core.store.models.accounts import TextSize

router = APIRouter(include_in_schema=False)


@router.post("/text-size")
async def choose_size(page: OpenPageDep, form: FormDep, request: Request, context: ContextDep) -> Response:
    """Read larger or smaller from now on."""
    callers.refuse_foreign(request)
    try:
        size = TextSize(form.text("size"))
    except ValueError:
        raise forms.wrong("size", "字号只有标准、大、特大。") from None
    shown = callers.cookie_token(request)
    if shown is not None:
        with suppress(NotSignedIn):
            user = await run_sync(context.callers.identify, shown)
            if isinstance(user, User):
                await context.transact(user.scope, lambda session: users.set_text_size(session, size, by=user))
    response = page.leave(addresses.own(form.text("next")))
    give(request, response, size)
    return response


def is_chosen(request: Request) -> bool:
    """Whether this browser keeps a size already."""
    return SIZE_COOKIE in request.cookies


def give(request: Request, response: Response, size: TextSize) -> None:
    """Let the browser keep a size."""
    response.set_cookie(
        SIZE_COOKIE,
        size.value,
        max_age=SIZE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=callers.is_encrypted(request),
    )
