"""With scripting off, every form does its work."""

import httpx

from tests.browser.site import PHONE, Site
from tests.browser.test_login import OWN, log_in, path
from tests.world import PASSWORD


def test_without_script_one_signs_in_reads_larger_changes_the_password_and_signs_out(site: Site) -> None:
    username = site.account()
    with site.page("/account", script=False, window=PHONE) as page:
        log_in(page, username, "wrong-password")
        assert "用户名或密码不对" in page.locator("#summary").inner_text()
        log_in(page, username)
        assert path(page) == "/account"
        page.get_by_role("button", name="特大").click()
        assert path(page) == "/account"
        assert page.locator("html").get_attribute("class") == "largest"
        page.get_by_role("link", name="修改密码").click()
        page.get_by_label("现在的密码").fill("wrong-password")
        page.get_by_label("新密码", exact=True).fill(OWN)
        page.get_by_label("再输一遍新密码").fill(OWN)
        page.get_by_role("button", name="修改密码").click()
        assert page.title().startswith("有错误 · ")
        assert page.locator("#summary li").count() == 1
        page.get_by_label("现在的密码").fill(PASSWORD)
        page.get_by_label("新密码", exact=True).fill(OWN)
        page.get_by_label("再输一遍新密码").fill(OWN)
        page.get_by_role("button", name="修改密码").click()
        assert (path(page), page.locator("#status").inner_text()) == (
            "/account",
            "密码已设置，其他设备上的登录都已退出。",
        )
        # What was said is said once.
        page.reload()
        assert page.locator("#status").inner_text() == ""
        page.get_by_role("button", name="退出登录").click()
        assert path(page) == "/login"


def test_without_script_a_session_of_another_device_is_ended(site: Site) -> None:
    username = site.account()
    other = {"Authorization": f"Bearer {site.token(username)}"}
    with site.page("/account", username, script=False) as page:
        page.locator("#sessions tbody tr").filter(has_not_text="本机").get_by_role("button").click()
        assert page.locator("#sessions tbody tr").count() == 1
        assert httpx.get(f"{site.url}/v1/me", headers=other).status_code == 401


def test_without_script_a_form_that_is_wrong_comes_back_whole(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor"), script=False) as page:
        page.get_by_label("参与人员").fill("王芳、李明")
        page.get_by_label("时长（小时）").fill("很久")
        page.get_by_role("button", name="交记录").click()
        assert page.get_by_label("参与人员").input_value() == "王芳、李明"
        assert page.locator("#summary li").all_inner_texts() == ["请填数字，例如 1.5。"]
