"""An advisor's day: whom to go to and why, the record form, and what it counted for."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.homes import WORDS, Home, home
from tests.browser.site import PHONE, Site, Taps
from tests.browser.test_keyboard import tab_to
from tests.browser.test_login import end_sessions, log_in, path
from tests.world import PASSWORD

TEXT = "两位都在家，老人精神尚好，已讲解医疗救助政策。"


@pytest.fixture
def family(site: Site) -> Home:
    """A family whom nobody has visited yet, and their advisor."""
    return home(site)


def new(family: Home) -> str:
    return f"/visits/new?task={family.tasks[0]['task_id']}"


def write(page: Page) -> None:
    """The least that a record says beside what is filled in already."""
    page.get_by_label("关心关爱").check()
    page.get_by_label("记录内容").fill(TEXT)


def draft_is_saved(page: Page) -> None:
    expect(page.locator("#draft")).to_contain_text("草稿已存")


def test_from_signing_in_to_the_receipt_an_ordinary_visit_takes_five_taps(site: Site, family: Home) -> None:
    with site.page("/login", window=PHONE) as page:
        log_in(page, family.advisor)
        assert path(page) == "/tasks"
        card = page.locator("article.card")
        expect(card).to_have_count(1)
        expect(card).to_contain_text("陆伯年")
        expect(card).to_contain_text(WORDS)
        expect(page.locator("h3.place")).to_contain_text("谷阳北路500弄15号")
        taps = Taps(page)
        taps.tap("写记录")
        first, second = (page.get_by_role("group", name=name, exact=True) for name in family.names)
        expect(first.get_by_label("见到", exact=True)).to_be_checked()
        # Nothing is owed to who lives there too, until somebody says that they were met.
        expect(second.get_by_label("不在这次")).to_be_checked()
        second.get_by_label("见到", exact=True).check()
        taps.tap("关心关爱")
        page.get_by_label("记录内容").fill(TEXT)
        taps.tap("交记录")
        expect(page.locator("#status")).to_contain_text("记录已交")
        assert taps.count + 1 <= 5
        counts = page.locator("section[aria-labelledby=counts]")
        expect(counts).to_contain_text("陆伯年：因消息走访")
        expect(counts).to_contain_text("已完成")
        [visit] = family.visits
        assert visit["narrative"] == TEXT
        assert set(visit["resident_ids"]) == set(family.residents)
        page.get_by_role("link", name="我的走访").first.click()
        expect(page.locator(".empty")).to_contain_text("没有分派给您的走访")


def test_a_card_and_its_page_say_why_in_the_senders_words_and_by_which_clause(site: Site, family: Home) -> None:
    with site.page("/tasks", family.advisor) as page:
        page.get_by_role("link", name="陆伯年").click()
        why = page.locator("main .why")
        expect(why).to_contain_text("罹患重病")
        expect(why.locator("q")).to_have_text(WORDS)
        expect(why).to_contain_text("本区限时")
        assert "谷阳北路500弄15号" in page.locator(".facts").inner_text()
        assert "301" not in page.locator("main").inner_text()


def test_the_pages_of_a_visit_are_good_everywhere(site: Site, family: Home) -> None:
    task = family.tasks[0]["task_id"]
    for address in ("/tasks", "/tasks?whose=pool", f"/tasks/{task}", f"/tasks/{task}/attempt", new(family)):
        with site.page(address, family.advisor) as page:
            assert page.locator("h1").count() == 1
            checks.is_good_everywhere(page)
            site.screenshot(page, address.partition("?")[0].strip("/").replace("/", "-").replace(task, "one"))
    with site.page(new(family), family.advisor, window=PHONE) as page:
        write(page)
        page.get_by_role("button", name="交记录").click()
        checks.is_good_everywhere(page)
        site.screenshot(page, "visit")


def test_without_script_one_signs_in_records_and_the_list_is_shorter(site: Site, family: Home) -> None:
    with site.page("/tasks", script=False, window=PHONE) as page:
        log_in(page, family.advisor)
        page.get_by_role("link", name="写记录").click()
        page.get_by_role("button", name="交记录").click()
        assert page.title().startswith("有错误 · ")
        assert page.locator("#summary li").all_inner_texts() == [
            "救助服务内容至少选一项。",
            "请写下看到的情况，哪怕一句。",
        ]
        write(page)
        page.get_by_label("参与人员").fill("王芳、李明")
        page.get_by_role("button", name="交记录").click()
        assert "记录已交" in page.locator("#status").inner_text()
        page.get_by_role("link", name="我的走访").first.click()
        assert page.locator("article.card").count() == 0
    assert family.visits[0]["participants"] == ["王芳", "李明"]


def test_by_keyboard_alone_a_visit_is_recorded(site: Site, family: Home) -> None:
    with site.page(new(family), family.advisor) as page:
        tab_to(page, "需求排摸")
        page.keyboard.press("Space")
        tab_to(page, "没看")
        page.keyboard.press("ArrowRight")
        tab_to(page, "记录内容")
        page.keyboard.type("情况稳定")
        tab_to(page, "交记录")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("记录已交")
    assert family.visits[0]["dimensions"] == {"economy": {"level": "ok"}}


def test_who_was_not_met_is_not_credited_and_that_is_said_in_words(site: Site, family: Home) -> None:
    with site.page(new(family), family.advisor, window=PHONE) as page:
        page.get_by_role("group", name="陆伯年").get_by_label("没见到").check()
        write(page)
        page.get_by_role("button", name="交记录").click()
        counts = page.locator("section[aria-labelledby=counts]")
        expect(counts).to_contain_text("陆伯年：因消息走访没有算，因为没有见到人")


def test_who_meets_nobody_says_so_in_two_taps_and_takes_it_back(site: Site, family: Home) -> None:
    with site.page("/tasks", family.advisor, window=PHONE) as page:
        taps = Taps(page)
        taps.tap("没遇到", within="article.card")
        taps.tap("记下")
        expect(page.locator("#status")).to_contain_text("已记下")
        assert taps.count == 2
        page.get_by_role("button", name="撤销").click()
        expect(page.locator("#status")).to_contain_text("已撤销")


def test_a_task_is_given_back_and_claimed_again(site: Site, family: Home) -> None:
    with site.page(f"/tasks/{family.tasks[0]['task_id']}", family.advisor) as page:
        page.get_by_role("link", name="交还").click()
        page.get_by_label("为什么交还").fill("本周外出培训")
        page.get_by_role("button", name="交还").click()
        expect(page.locator("#status")).to_contain_text("已交还")
        page.get_by_role("navigation", name="谁的").get_by_role("link", name="待领").click()
        page.get_by_role("button", name="领取").first.click()
        expect(page.locator("#status")).to_contain_text("已领取")


# Drafts


def test_what_was_typed_is_there_in_another_browser_after_signing_out(site: Site, family: Home) -> None:
    with site.page(new(family), family.advisor, window=PHONE) as page:
        write(page)
        page.get_by_label("电话").check()
        draft_is_saved(page)
    with site.page(new(family), family.advisor) as page:
        expect(page.locator(".hold")).to_contain_text("草稿")
        expect(page.get_by_label("记录内容")).to_have_value(TEXT)
        expect(page.get_by_label("电话")).to_be_checked()
        expect(page.get_by_label("走访", exact=True)).not_to_be_checked()
        page.get_by_role("button", name="交记录").click()
        expect(page.locator("#status")).to_contain_text("记录已交")
    assert family.call("GET", "/v1/drafts")["items"] == []


def test_of_two_tabs_of_one_form_the_second_is_told_and_neither_is_lost(site: Site, family: Home) -> None:
    with site.page(new(family), family.advisor) as page:
        other = page.context.new_page()
        other.goto(new(family))
        page.get_by_label("记录内容").fill("第一页写的")
        draft_is_saved(page)
        other.get_by_label("记录内容").fill("第二页写的")
        expect(other.locator("#draft")).to_contain_text("在另一个页面改过")
        assert other.get_by_label("记录内容").input_value() == "第二页写的"
        other.get_by_role("button", name="用那一页的").click()
        expect(other.get_by_label("记录内容")).to_have_value("第一页写的")


def test_a_session_that_ends_while_somebody_types_loses_nothing(site: Site, family: Home) -> None:
    address = new(family)
    with site.page(address, family.advisor) as page:
        end_sessions(site, family.advisor)
        page.get_by_label("记录内容").fill(TEXT)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.locator("form.again button.main").click()
        draft_is_saved(page)
        expect(page.get_by_label("记录内容")).to_have_value(TEXT)


def test_a_form_that_cannot_be_saved_for_a_while_is_saved_later(site: Site, family: Home) -> None:
    with site.page(new(family), family.advisor, may_complain=True) as page:
        page.route("**/v1/drafts/**", lambda route: route.abort())
        page.get_by_label("记录内容").fill(TEXT)
        expect(page.locator("#draft")).to_contain_text("没有连上服务器")
        page.unroute("**/v1/drafts/**")
        draft_is_saved(page)
    [draft] = family.call("GET", "/v1/drafts")["items"]
    assert draft["form"]["narrative"] == [TEXT]


def test_a_double_tap_makes_one_visit(site: Site, family: Home) -> None:
    with site.page(new(family), family.advisor, window=PHONE) as page:
        write(page)
        page.get_by_role("button", name="交记录").dblclick()
        expect(page.locator("#status")).to_contain_text("记录已交")
    assert len(family.visits) == 1
