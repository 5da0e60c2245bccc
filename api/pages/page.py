"""What a page function works with: who looks, how large they read, what was typed, and how an answer is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as Variables

from api.dependencies import ContextDep, NowDep, SignedInDep
from api.http import callers
from api.pages import addresses, assets, formats, notices, words
from api.pages.addresses import Item
from api.pages.forms import Form
from api.pages.notices import Notice
from core import clock
from core.errors import Refusal
from core.organisation.users import User
from core.store.models.accounts import TextSize
from rules.facts import Tier

SIZE_COOKIE: Final = "tanfang-size"
SIZE_SECONDS: Final = 365 * 24 * 3600
# No page of ours needs more, and nothing from elsewhere may run, load, send or frame.
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # Without a referrer a browser would send forms from an origin named null, and they would be refused.
    "referrer-policy": "same-origin",
    "vary": "Cookie",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing to be changed: in which field, and how."""

    loc: str
    words: str


@dataclass(slots=True)
class Page:
    """One page on its way; `refusal` and `typed` are there when a form comes back."""

    request: Request
    user: User | None
    now: datetime
    is_sandbox: bool
    refusal: Refusal | None = None
    typed: Form | None = None
    notice: Notice | None = None
    _stored_size: TextSize | None = field(default=None)

    @property
    def today(self) -> date:
        """The business day."""
        return clock.today(self.now)

    @property
    def size(self) -> TextSize:
        """How large the reader wants it; a browser keeps that, an account brings it along."""
        try:
            return TextSize(self.request.cookies.get(SIZE_COOKIE, ""))
        except ValueError:
            return self.user.text_size if self.user else TextSize.STANDARD

    @property
    def is_confidential(self) -> bool:
        """Whether a password may be typed here."""
        return callers.is_confidential(self.request)

    @property
    def path(self) -> str:
        """The address of this page, with its state."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    @property
    def menu(self) -> Sequence[Item]:
        """What the reader finds in the menu."""
        if self.user is None or self.user.is_limited:
            return ()
        return addresses.menu(self.request.app.state.built, self.user.role)

    @property
    def wrong(self) -> Sequence[Wrong]:
        """What has to be changed before the form is taken."""
        if self.refusal is None:
            return ()
        return [Wrong(problem.loc, problem.msg) for problem in self.refusal.problems]

    def is_here(self, address: str) -> bool:
        """Whether an entry of the menu is where the reader is."""
        path = self.request.url.path
        return path == address or (address != "/" and path.startswith(f"{address}/"))

    def value(self, name: str, given: object = None) -> str:
        """What stands in a field: what was typed, or what the page put there."""
        if self.typed is not None:
            return next((value for key, value in reversed(self.typed.pairs) if key == name), "")
        return "" if given is None else str(given)

    def values(self, name: str, given: Sequence[object] = ()) -> list[str]:
        """What is ticked in a group."""
        if self.typed is not None:
            return self.typed.all(name)
        return [str(value) for value in given]

    def wrong_at(self, name: str) -> str | None:
        """What is wrong with a field."""
        return next((flaw.words for flaw in self.wrong if flaw.loc == name), None)

    def with_query(self, **changes: object) -> str:
        """This address with other parameters; None takes one out. The cursor never survives another filter."""
        query = {name: value for name, value in self.request.query_params.items() if name not in ("cursor", "page")}
        query |= {name: str(value) for name, value in changes.items() if value is not None}
        for name, value in changes.items():
            if value is None:
                query.pop(name, None)
        return self.request.url.path + (f"?{urlencode(query)}" if query else "")

    def show(self, template: str, *, status: int = 200, **more: object) -> Response:
        """The page; when a form comes back, with the status of its refusal."""
        html = environment().get_template(template).render(page=self, user=self.user, today=self.today, **more)
        response = HTMLResponse(html, status, headers=HEADERS)
        if notices.COOKIE in self.request.cookies:
            response.delete_cookie(notices.COOKIE, httponly=True, samesite="lax")
        return response

    def leave(self, address: str, said: str | None = None, **ids: UUID) -> Response:
        """On to another page, which may say what was done."""
        response = RedirectResponse(address, 303, headers=HEADERS)
        if said is not None:
            notices.note(self.request, response, said, ids)
        return response


def open_page(request: Request, context: ContextDep, now: NowDep) -> Page:
    """A page that everybody may see."""
    return _page(request, context.settings.sandbox, None, now)


def own_page(request: Request, context: ContextDep, user: SignedInDep, now: NowDep) -> Page:
    """A page of somebody who signed in, and may have still to choose a password."""
    return _page(request, context.settings.sandbox, user, now)


def full_page(page: "OwnPageDep") -> Page:
    """A page of somebody who signed in and may work."""
    assert page.user is not None
    callers.refuse_limited(page.user)
    return page


def _page(request: Request, is_sandbox: bool, user: User | None, now: datetime) -> Page:
    state = request.state
    return Page(
        request,
        user,
        now,
        is_sandbox,
        refusal=getattr(state, "refusal", None),
        typed=getattr(state, "typed", None),
        notice=notices.of(notices.take(request)),
    )


OpenPageDep = Annotated[Page, Depends(open_page)]
OwnPageDep = Annotated[Page, Depends(own_page)]
PageDep = Annotated[Page, Depends(full_page)]


@cache
def environment() -> Environment:
    """Where templates are found and what all of them know."""
    made = Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": assets.url, "words": words, "TextSize": TextSize, "field_id": field_id}
    made.filters |= {
        "day": _of_today(formats.day),
        "short_day": _of_today(formats.short_day),
        "before": _of_today(formats.before),
        "span": _of_today(formats.span),
        "period": _of_today(formats.period),
        "moment": _moment,
        "number": formats.number,
        "iso_day": _of_today(lambda written, *, today: formats.day(date.fromisoformat(str(written)), today=today)),
        "service": words.SERVICES.__getitem__,
    }
    made.globals["percent"] = formats.percent
    made.globals["tier_of"] = Tier
    return made


def field_id(name: str) -> str:
    """The id of the field with this name, for labels and for the summary of what is wrong."""
    return "f-" + "".join(letter if letter.isalnum() else "-" for letter in name).rstrip("-")


def _of_today(write: Any) -> Any:
    @pass_context
    def written(variables: Variables, *values: Any, **more: Any) -> str:
        text: str = write(*values, today=variables["today"], **more)
        return text

    return written


@pass_context
def _moment(variables: Variables, value: datetime, now: datetime | None = None) -> str:
    return formats.moment(value, now=now or variables["page"].now)
