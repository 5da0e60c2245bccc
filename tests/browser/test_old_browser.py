"""An office computer that nobody has renewed: Chromium 92, older than the oldest that is promised (95)."""

import time
from contextlib import suppress

from playwright.sync_api import Browser, Error, Page

from tests.browser.site import SIZES, WINDOWS, Site
from tests.world import PASSWORD


def click(page: Page, selector: str) -> None:
    """As a person does; this browser knows none of the driver's own ways."""
    page.evaluate("(selector) => document.querySelector(selector).click()", selector)


def fill(page: Page, name: str, value: str) -> None:
    page.evaluate("([name, value]) => { document.querySelector(`[name=${name}]`).value = value }", [name, value])


def text(page: Page, selector: str) -> str:
    found: str = page.evaluate("(selector) => document.querySelector(selector).innerText", selector)
    return found


def wait(page: Page, condition: str) -> None:
    """Until it is so; the driver's own way would evaluate a text, which the content policy forbids."""
    until = time.monotonic() + 10
    while True:
        # While a page gives way to the next one, there is nobody to ask.
        with suppress(Error):
            if page.evaluate(condition):
                return
        assert time.monotonic() < until, condition
        page.wait_for_timeout(50)


def test_the_pages_work_in_a_browser_of_2021(site: Site, old_browser: Browser) -> None:
    username = site.account()
    complaints: list[str] = []
    context = old_browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{site.url}/account")
    assert page.evaluate("navigator.userAgent").count("Chrome/92.")
    fill(page, "username", username)
    fill(page, "password", PASSWORD)
    click(page, "main button.main")
    page.wait_for_url("**/account")
    assert text(page, "h1") == "我的账号"
    site.token(username)
    page.goto(f"{site.url}/account")
    assert page.evaluate("document.querySelectorAll('#sessions tbody tr').length") == 2
    click(page, "#sessions .deed button")
    wait(page, "document.querySelectorAll('#sessions tbody tr').length === 1")
    assert text(page, "#status") == "已退出那台设备上的登录。"
    click(page, ".sizes [value=largest]")
    assert page.evaluate("document.documentElement.className") == "largest"

    page.goto(f"{site.url}/styles")
    assert page.evaluate("document.querySelectorAll('.chart canvas').length") == 2
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        for size in SIZES:
            page.evaluate("(size) => { document.documentElement.className = size }", size)
            sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(sideways) == 0, (width, size)
    fill(page, "duration_hours", "很久")
    click(page, ".send button")
    wait(page, "document.title.startsWith('有错误')")
    assert page.evaluate("document.querySelector('[name=duration_hours]').value") == "很久"
    assert [one for one in complaints if "status of 4" not in one] == []
