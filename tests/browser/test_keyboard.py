"""By keyboard alone."""

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.world import PASSWORD

MOST = 200


def tab_to(page: Page, what: str) -> None:
    """Press Tab until something with this name has the focus, which must be visible on the way."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => {
              const one = document.activeElement;
              const seen = one.matches(".segs input, .chips input") ? one.nextElementSibling : one;
              const label = one.labels && one.labels.length ? one.labels[0].innerText : "";
              const name = one.getAttribute("aria-label") || label || one.innerText || "";
              return [name, getComputedStyle(seen).outlineStyle];
            }"""
        )
        assert outline != "none", name
        if name.strip() == what:
            return
    raise AssertionError(f"no {what} within {MOST} steps")


def test_one_signs_in_reads_larger_and_ends_a_session_without_a_mouse(site: Site) -> None:
    username = site.account()
    site.token(username)
    with site.page("/login") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "跳到正文"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        tab_to(page, "用户名")
        page.keyboard.type(username)
        tab_to(page, "密码")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/tasks")
        tab_to(page, "韦佳怡")
        page.keyboard.press("Enter")
        page.wait_for_url("**/account")
        tab_to(page, "特大")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_class("largest")
        tab_to(page, "结束其他设备上的登录")
        page.keyboard.press("Space")
        expect(page.locator("#sessions tbody tr")).to_have_count(1)
        expect(page.locator("#sessions")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.innerText") == "退出登录"


def test_every_field_of_a_form_is_filled_without_a_mouse(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor")) as page:
        tab_to(page, "走访")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        tab_to(page, "时长（小时）")
        page.keyboard.type("1.5")
        tab_to(page, "需求排摸")
        page.keyboard.press("Space")
        tab_to(page, "没看")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        tab_to(page, "记录内容")
        page.keyboard.type("情况稳定")
        tab_to(page, "交记录")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        chosen = page.evaluate("[...document.querySelectorAll(':checked')].map((one) => one.value)")
        assert {"phone", "need_screen", "urgent"} <= set(chosen)
        assert page.locator("[name=narrative]").input_value() == "情况稳定"


def test_the_menu_of_a_telephone_closes_with_escape(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor")) as page:
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<nav class=bottom><details class=more open><summary>更多"
            "</summary><ul><li><a href=/styles>样式</a></li></ul></details></nav>')"
        )
        page.keyboard.press("Escape")
        assert page.locator(".more[open]").count() == 0
