"""A running instance as people see it in a browser: accounts of every role, and pages signed in as any of them."""

import itertools
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from api.http.callers import LOCAL_COOKIE
from api.pages.page import SIZE_COOKIE
from tests.journeys.instance import Instance
from tests.world import COMMITTEE, PASSWORD, STREET

PHONE: Final = (390, 844)
DESK: Final = (1366, 768)
WINDOWS: Final = (PHONE, DESK)
SIZES: Final = ("standard", "large", "largest")
# What a browser writes into its console about an answer that is meant; what is not found is asked for elsewhere.
_ANSWERS: Final = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_VIOLATIONS: Final = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


@dataclass
class Watched:
    """A page and whatever its console said; `tapped` counts what a person does with a finger or a mouse."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not _ANSWERS.match(text):
            self.said.append(f"{kind}: {text}")

    @property
    def complaints(self) -> list[str]:
        """What the console said that nobody wants to read there, refusals of the content policy included."""
        violations: list[str] = [] if self.page.is_closed() else self.page.evaluate("window.violations || []")
        return self.said + violations


# One count for the process: the driver may end and begin again while the instance and its accounts stay.
_NAMES: Final = itertools.count(1)


@dataclass
class Site:
    """An instance and its people; tests that change somebody make their own."""

    instance: Instance
    browser: Browser
    look_at: Path
    _known: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.instance.url

    def account(self, role: str = "committee_advisor", **details: Any) -> str:
        """A new account; returns its user name."""
        username = f"{role}-{next(_NAMES)}"
        if role in ("committee_advisor", "visitor"):
            details.setdefault("committees", [COMMITTEE])
        if role in ("committee_advisor", "visitor", "street_advisor", "street_manager"):
            details.setdefault("street", STREET)
        self.instance.add_user(username, role, **{"name": "韦佳怡", **details})
        return username

    def somebody(self, role: str) -> str:
        """An account of a role that all tests share."""
        if role not in self._known:
            self._known[role] = self.account(role)
        return self._known[role]

    def token(self, username: str) -> str:
        """The token of a new session."""
        answer = httpx.post(f"{self.url}/v1/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    @contextmanager
    def context(
        self,
        username: str | None = None,
        *,
        window: tuple[int, int] = DESK,
        size: str | None = None,
        script: bool = True,
        token: str | None = None,
    ) -> Iterator[BrowserContext]:
        """A browser of its own for somebody, signed in without the log-in page."""
        context = self.browser.new_context(
            viewport={"width": window[0], "height": window[1]},
            has_touch=window == PHONE,
            java_script_enabled=script,
            base_url=self.url,
            locale="zh-CN",
        )
        context.set_default_timeout(10_000)
        cookies: list[Any] = [{"name": SIZE_COOKIE, "value": size, "url": self.url}] if size else []
        if username is not None or token is not None:
            shown = token or self.token(username or "")
            cookies.append({"name": LOCAL_COOKIE, "value": shown, "url": self.url, "httpOnly": True})
        context.add_cookies(cookies)
        if script:
            context.add_init_script(_VIOLATIONS)
        try:
            yield context
        finally:
            context.close()

    @contextmanager
    def page(
        self, address: str, username: str | None = None, *, may_complain: bool = False, **how: Any
    ) -> Iterator[Page]:
        """A page of the site, open; afterwards its console must be clean."""
        with self.context(username, **how) as context:
            watched = Watched(context.new_page())
            watched.page.goto(address)
            yield watched.page
            if may_complain:
                return
            complaints = watched.complaints if how.get("script", True) else []
            foreign = [url for url in watched.asked if not url.startswith((self.url, "data:", "blob:"))]
            if complaints or foreign:
                raise AssertionError(f"The console says {complaints}; from elsewhere is asked for {foreign}.")

    def screenshot(self, page: Page, name: str) -> Path:
        """A picture of the whole page, in the folder that the run names at its end."""
        path = self.look_at / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Until something outside the browser has happened."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not happen"
            time.sleep(0.05)


@dataclass
class Taps:
    """Counts what a person does: a tap each, typing apart."""

    page: Page
    count: int = 0

    def tap(self, what: str, *, within: str = "body") -> None:
        """Tap the first thing that begins with this: a link, a button, a box, or its label."""
        self.count += 1
        place = self.page.locator(within)
        name = re.compile(f"^\\s*{re.escape(what)}")
        for role in ("button", "link", "radio", "checkbox"):
            found = place.get_by_role(role, name=name)  # type: ignore[arg-type]
            if found.count():
                found.first.click()
                return
        place.get_by_text(name).first.click()


def folder_for_pictures(fallback: Path) -> Path:
    """Where screenshots go: TANFANG_SCREENSHOTS, or the temporary folder of the run."""
    folder = Path(os.environ.get("TANFANG_SCREENSHOTS") or fallback)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
