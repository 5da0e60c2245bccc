"""Signing in and out with a browser, and sessions that end while somebody is at work."""

import re
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.browsers import ELSEWHERE
from tests.browser.site import DESK, PHONE, Site, Taps
from tests.world import PASSWORD

OWN = "一句自己记得住的话"


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    with page.expect_navigation():
        page.locator("main button.main").click()


def path(page: Page) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


def end_sessions(site: Site, username: str) -> None:
    """From another device."""
    headers = {"Authorization": f"Bearer {site.token(username)}"}
    assert httpx.delete(f"{site.url}/v1/me/sessions", headers=headers).status_code == 204


# In and out


def test_who_is_not_signed_in_signs_in_and_is_where_they_wanted_to_be(site: Site) -> None:
    with site.page("/account/password?von=wechat", window=PHONE) as page:
        assert path(page) == "/login?next=" + quote("/account/password?von=wechat", safe="")
        # A telephone puts a blank behind a word.
        log_in(page, site.somebody("visitor") + " ")
        assert path(page) == "/account/password?von=wechat"


def test_a_log_in_leads_to_no_other_site(site: Site) -> None:
    for target in (f"http://{ELSEWHERE}/", f"//{ELSEWHERE}/", f"/\\{ELSEWHERE}", "javascript:alert(1)"):
        with site.page("/login?next=" + quote(target, safe="")) as page:
            log_in(page, site.somebody("visitor"))
            assert path(page) == "/tasks"


def test_a_wrong_password_and_an_unknown_name_look_alike(site: Site) -> None:
    seen = []
    for username in (site.account(), "nobody-of-this-name"):
        with site.page("/login") as page:
            log_in(page, username, "wrong-password")
            assert page.title().startswith("有错误 · ")
            assert page.evaluate("document.activeElement.id") == "summary"
            assert page.get_by_label("用户名").input_value() == username
            assert page.get_by_label("密码", exact=True).input_value() == ""
            seen.append(page.locator("main").inner_text())
            checks.is_good_everywhere(page)
    assert seen[0] == seen[1]
    assert "用户名或密码不对。再输错 4 次" in seen[0]


def test_an_empty_log_in_says_what_is_missing_and_counts_for_nothing(site: Site) -> None:
    username = site.account()
    with site.page("/login") as page:
        for _ in range(6):
            log_in(page, username, "")
        assert page.locator("#summary li").all_inner_texts() == ["请填密码。"]
        log_in(page, username)
        assert path(page) == "/tasks"


def test_a_locked_name_is_told_for_how_long_and_whom_to_ask(site: Site) -> None:
    username = site.account()
    with site.page("/login") as page:
        for _ in range(5):
            log_in(page, username, "wrong-password")
        log_in(page, username)
        said = page.locator("#summary").inner_text()
        assert re.search(r"锁定到 \d\d:\d\d（还有 1[45] 分钟）", said)
        assert "所在街镇的负责人" in said


def test_over_plain_http_from_elsewhere_nobody_is_asked_for_a_password(site: Site) -> None:
    port = site.url.rpartition(":")[2]
    with site.page(f"http://{ELSEWHERE}:{port}/login", may_complain=True) as page:
        assert "没有加密" in page.locator("main").inner_text()
        assert page.locator("input[type=password]").count() == 0


def test_behind_a_proxy_that_ends_the_encryption_one_signs_in(site: Site) -> None:
    said = {"username": site.somebody("visitor"), "password": PASSWORD}
    headers = {"Host": "tanfang.example", "Origin": "https://tanfang.example", "Accept": "text/html"}
    plain = httpx.post(f"{site.url}/login", data=said, headers=headers)
    assert plain.status_code == 403
    proxied = httpx.post(f"{site.url}/login", data=said, headers={**headers, "X-Forwarded-Proto": "https"})
    assert proxied.status_code == 303
    cookies = [one for one in proxied.headers.get_list("set-cookie") if "tfs_" in one]
    assert [one.partition("=")[0] for one in cookies] == ["__Host-tanfang"]


def test_who_signs_out_is_out_in_every_tab_and_back_shows_nothing(site: Site) -> None:
    with site.page("/account", site.account()) as page:
        tab = page.context.new_page()
        tab.goto("/account")
        with page.expect_navigation():
            page.get_by_role("button", name="退出登录").click()
        assert path(page) == "/login"
        assert page.locator("#status").inner_text() == "您已退出登录。"
        page.go_back()
        expect(page.locator("h1")).to_have_text("登录")
        tab.reload()
        expect(tab.locator("h1")).to_have_text("登录")


def test_another_site_that_sends_our_forms_changes_nothing(site: Site) -> None:
    username = site.account()
    with site.page("/account", username, may_complain=True) as page:
        attack = f"<form method=post action='{site.url}/logout'></form><script>document.forms[0].submit()</script>"
        page.route(f"http://{ELSEWHERE}/", lambda route: route.fulfill(body=attack, content_type="text/html"))
        page.goto(f"http://{ELSEWHERE}/")
        page.wait_for_url(f"{site.url}/**")
        page.goto(f"{site.url}/account")
        assert path(page) == "/account"


# Passwords and sessions of one's own


def test_a_code_leads_to_choosing_a_password_and_nowhere_else(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.token(site.somebody('admin'))}"}
    new = {"username": "hong.mei", "name": "洪梅", "role": "auditor"}
    code = httpx.post(f"{site.url}/v1/users", headers=headers, json=new).json()["code"]
    with site.page("/login", window=PHONE) as page:
        log_in(page, "hong.mei", code.lower())
        for address in ("/account", "/"):
            page.goto(address)
            assert path(page) == "/account/password"
        assert "洪梅" in page.locator("main").inner_text()
        checks.is_good_everywhere(page)
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_label("新密码", exact=True).fill(OWN)
        page.get_by_label("再输一遍新密码").fill("别的")
        with page.expect_navigation():
            page.locator("main button.main").click()
        assert page.locator("#summary li").all_inner_texts() == ["两次输入的新密码不一样。"]
        page.get_by_label("新密码", exact=True).fill(OWN)
        page.get_by_label("再输一遍新密码").fill(OWN)
        with page.expect_navigation():
            page.locator("main button.main").click()
        assert path(page) == "/"
        assert "密码已设置" in page.locator("#status").inner_text()


def test_a_password_can_be_looked_at_and_changed(site: Site) -> None:
    username = site.account()
    with site.page("/account", username) as page:
        page.get_by_role("link", name="修改密码").click()
        page.get_by_label("现在的密码").fill(PASSWORD)
        page.get_by_role("button", name="显示密码").first.click()
        assert page.get_by_label("现在的密码").get_attribute("type") == "text"
        page.get_by_label("新密码", exact=True).fill(OWN)
        page.get_by_label("再输一遍新密码").fill(OWN)
        with page.expect_navigation():
            page.get_by_role("button", name="修改密码").click()
        assert path(page) == "/account"
    with site.page("/login") as page:
        log_in(page, username, OWN)
        assert path(page) == "/tasks"


def test_one_ends_a_session_of_another_device_without_leaving_the_page(site: Site) -> None:
    username = site.account()
    with site.page("/account", username) as desk, site.page("/account", username, window=PHONE) as phone:
        desk.reload()
        taps, loads = Taps(desk), list[str]()
        desk.on("load", lambda _: loads.append("load"))
        taps.tap("结束", within="#sessions")
        expect(desk.locator("#sessions tbody tr")).to_have_count(1)
        expect(desk.locator("#status")).to_have_text("已退出那台设备上的登录。")
        expect(desk.locator("#sessions")).to_be_focused()
        assert (taps.count, loads, path(desk)) == (1, [], "/account")
        phone.reload()
        assert "您在另一台设备上结束了这次登录" in phone.locator("main").inner_text()


# A session that ends meanwhile


def test_a_session_over_in_the_middle_asks_on_the_page_and_the_action_goes_on(site: Site) -> None:
    username = site.account()
    with site.page("/account", username, window=PHONE) as page:
        site.token(username)
        page.reload()
        end_sessions(site, username)
        page.get_by_role("button", name="结束其他设备上的登录").click()
        panel = page.locator("form.again")
        expect(panel).to_be_visible()
        assert page.evaluate("document.activeElement.id") == "again-password"
        checks.is_good_everywhere(page)
        page.set_viewport_size({"width": 390, "height": 844})
        panel.get_by_label("密码").fill("wrong-password")
        panel.get_by_role("button", name="登录").click()
        expect(panel.get_by_role("alert")).to_contain_text("用户名或密码不对")
        panel.get_by_label("密码").fill(PASSWORD)
        panel.get_by_role("button", name="登录").click()
        expect(panel).to_have_count(0)
        expect(page.locator("#status")).to_have_text("其他设备上的登录都已退出。")
        expect(page.locator("#sessions tbody tr")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_form_sent_after_the_session_ended_is_kept_through_the_log_in(site: Site, script: bool) -> None:
    username = site.account()
    with site.page("/styles", username, script=script) as page:
        page.get_by_label("记录内容").fill("两位都在家。\n已联系家庭医生。")
        page.get_by_label("需求排摸").check()
        page.get_by_label("关心关爱").check()
        end_sessions(site, username)
        with page.expect_navigation():
            page.get_by_role("button", name="交记录").click()
        said = page.locator("main").inner_text()
        assert "您在另一台设备上结束了这次登录" in said
        assert "刚才填写的内容已保留" in said
        log_in(page, username, "wrong-password")
        assert "刚才填写的内容已保留" in page.locator("main").inner_text()
        log_in(page, username)
        with page.expect_navigation():
            page.get_by_role("button", name="继续提交").click()
        # It is never right; but it has come whole.
        assert "什么也不会保存" in page.locator("#summary").inner_text()
        assert page.get_by_label("记录内容").input_value() == "两位都在家。\n已联系家庭医生。"
        ticked = page.locator("[name=services]:checked")
        assert [ticked.nth(number).get_attribute("value") for number in range(2)] == ["need_screen", "care"]


def test_a_password_is_never_kept_in_a_page(site: Site) -> None:
    username = site.account()
    with site.page("/account/password", username, script=False) as page:
        page.get_by_label("现在的密码").fill(PASSWORD)
        page.get_by_label("新密码", exact=True).fill(OWN)
        end_sessions(site, username)
        page.get_by_role("button", name="修改密码").click()
        assert (PASSWORD in page.content(), OWN in page.content()) == (False, False)
        log_in(page, username)
        assert path(page) == "/account/password"


def test_a_button_pressed_after_the_session_ended_is_pressed_again_by_choice(site: Site) -> None:
    username = site.account()
    with site.page("/account", username, script=False) as page:
        site.token(username)
        page.reload()
        end_sessions(site, username)
        page.get_by_role("button", name="结束其他设备上的登录").click()
        log_in(page, username)
        page.get_by_role("button", name="继续提交").click()
        assert page.locator("#status").inner_text() == "其他设备上的登录都已退出。"


def test_a_session_that_ended_says_why_and_leads_back(site: Site) -> None:
    username = site.account()
    with site.page("/account", username) as page:
        end_sessions(site, username)
        page.reload()
        assert page.title().startswith("有错误 · ")
        checks.is_good_everywhere(page)
        log_in(page, username)
        assert path(page) == "/account"


# Text size


def test_the_text_size_is_chosen_at_the_log_in_and_stays(site: Site) -> None:
    username = site.account()
    with site.page("/login", window=PHONE) as page:
        page.get_by_label("用户名").fill(username)
        before = page.evaluate("getComputedStyle(document.body).fontSize")
        page.get_by_role("button", name="特大").click()
        assert (before, page.evaluate("getComputedStyle(document.body).fontSize")) == ("18px", "27px")
        # Nothing that was typed is lost by it.
        assert page.get_by_label("用户名").input_value() == username
        site.wait(lambda: any(one.get("value") == "largest" for one in page.context.cookies()))
        log_in(page, username)
        assert page.evaluate("document.documentElement.className") == "largest"
        page.get_by_role("button", name="大", exact=True).click()
        site.wait(lambda: any(one.get("value") == "large" for one in page.context.cookies()))
    # The account brings it to another device, where nobody has chosen one.
    with site.page("/login", window=DESK) as page:
        log_in(page, username)
        assert page.evaluate("getComputedStyle(document.body).fontSize") == "22.5px"
