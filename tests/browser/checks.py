"""What every page has to pass, whatever is on it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from tests.browser.site import SIZES, WINDOWS

AXE: Final = Path(__file__).parent / "vendor" / "axe.min.js"
TOUCH: Final = 44
FIRST_VIEW_BYTES: Final = 300 * 1024
FIRST_VIEW_REQUESTS: Final = 12
# Links in the middle of a sentence are as high as its line; a box is hit by its label.
_TARGETS: Final = """
(least) => {
  const kinds = "button, .btn, select, summary, nav a, textarea, input:not([type=hidden]), .pick label, .segs label";
  const isBox = (one) => one.matches("[type=checkbox], [type=radio]");
  return [...document.querySelectorAll(kinds)]
    .filter((one) => one.offsetParent !== null && !isBox(one))
    .map((one) => ({height: one.getBoundingClientRect().height, html: one.outerHTML.slice(0, 80)}))
    .filter(({height}) => height < least - 0.5)
    .map(({height, html}) => `${Math.round(height)}px: ${html}`);
}
"""


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def axe(page: Page) -> list[str]:
    """What axe finds serious or critical; a script tag would be stopped by the content policy."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(_axe())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", tags
    )
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """How many pixels the page can be moved sideways."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def small_targets(page: Page) -> list[str]:
    """What a thumb would miss."""
    found: list[str] = page.evaluate(_TARGETS, TOUCH)
    return found


def everywhere(page: Page) -> Iterator[str]:
    """The same page at both windows and three text sizes, without loading it again; yields which it is."""
    for window in WINDOWS:
        page.set_viewport_size({"width": window[0], "height": window[1]})
        for size in SIZES:
            page.evaluate(
                "(size) => { document.documentElement.className = size; dispatchEvent(new Event('resize')) }", size
            )
            yield f"{window[0]} {size}"


def is_good_everywhere(page: Page) -> None:
    """Readable by everybody, in every window and size: axe, nothing sideways, everything a thumb can hit."""
    found: dict[str, list[str]] = {}
    for where in everywhere(page):
        problems = axe(page) + small_targets(page)
        if pixels := sideways(page):
            problems.append(f"{pixels} pixels sideways")
        if problems:
            found[where] = problems
    assert not found, found


def first_view(page: Page, address: str) -> tuple[int, int]:
    """Bytes and requests of a first visit, packed as they travel."""
    sizes: list[int] = []

    def note(request: Any) -> None:
        measured = request.sizes()
        sizes.append(measured["responseBodySize"] + measured["responseHeadersSize"])

    page.on("requestfinished", note)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("requestfinished", note)
    return sum(sizes), len(sizes)
