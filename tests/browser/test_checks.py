"""The checks themselves: what is wrong on a page is found."""

import pytest
from playwright.sync_api import Page

from tests.browser import checks
from tests.browser.site import PHONE, Site

BAD = {
    "color-contrast": "<p style='color:#bbb'>几乎看不见</p>",
    "label": "<input type=text>",
    "image-alt": "<img src='data:,'>",
    "button-name": "<button></button>",
}


def put(page: Page, html: str) -> None:
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)


@pytest.mark.parametrize("rule", BAD)
def test_axe_finds_what_keeps_somebody_out(site: Site, rule: str) -> None:
    with site.page("/login", may_complain=True) as page:
        assert checks.axe(page) == []
        # The content policy lets no inline style in, but this one.
        put(page, BAD[rule])
        page.evaluate("document.querySelectorAll('[style]').forEach((one) => { one.style.color = '#bbb' })")
        assert any(problem.startswith(rule) for problem in checks.axe(page))


def test_what_a_thumb_would_miss_and_what_hangs_over_the_edge_is_found(site: Site) -> None:
    with site.page("/login", window=PHONE) as page:
        assert (checks.small_targets(page), checks.sideways(page)) == ([], 0)
        put(page, "<button id=small>小</button><pre id=wide>" + "宽" * 99 + "</pre>")
        assert len(checks.small_targets(page)) == 1
        assert checks.sideways(page) > 0


@pytest.mark.parametrize(
    ("trouble", "complaint"),
    [
        (
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color: red\">红</p>')",
            "style-src",
        ),
        ("setTimeout(() => { throw new Error('so ein Fehler') })", "so ein Fehler"),
        ("console.warn('veraltet')", "veraltet"),
        ("fetch('http://elsewhere.example/').catch(() => null)", "connect-src"),
    ],
)
def test_a_console_that_complains_fails_the_test(site: Site, trouble: str, complaint: str) -> None:
    def troubled() -> None:
        with site.page("/login") as page:
            page.evaluate(f"() => {{ {trouble} }}")
            page.wait_for_timeout(100)

    with pytest.raises(AssertionError, match=complaint):
        troubled()
