"""The page that shows every macro: what holds here holds wherever they are used."""

from tests.browser import checks
from tests.browser.site import PHONE, Site


def test_every_macro_is_good_at_every_width_and_text_size(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor")) as page:
        checks.is_good_everywhere(page)


def test_charts_can_be_looked_at_without_a_word_from_the_content_policy(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor")) as page:
        drawn = page.locator(".chart .drawn")
        assert drawn.count() == 2
        for number in range(2):
            box = drawn.nth(number).bounding_box()
            assert box is not None
            assert drawn.nth(number).locator("canvas").count() == 1
            for step in range(1, 10):
                page.mouse.move(box["x"] + box["width"] * step / 10, box["y"] + box["height"] / 2)
                page.wait_for_timeout(30)


def test_a_figure_on_a_chart_leads_where_the_same_figure_in_its_table_leads(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor")) as page:
        found = page.evaluate(
            """() => {
              const drawn = document.querySelector("[data-chart=line] .drawn");
              const [x, y] = echarts.getInstanceByDom(drawn).convertToPixel({seriesIndex: 1}, [2, 731]);
              const box = drawn.getBoundingClientRect();
              return {x: x + box.left, y: y + box.top + scrollY};
            }"""
        )
        page.evaluate("(y) => scrollTo(0, y - 300)", found["y"])
        page.mouse.click(found["x"], 300)
        page.wait_for_url("**/styles?month=3")


def test_a_form_that_is_wrong_comes_back_with_everything_in_it(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor"), window=PHONE) as page:
        page.get_by_label("时长（小时）").fill("一个半")
        page.get_by_label("参与人员").fill("王芳、李明")
        page.get_by_text("电话", exact=True).last.click()
        with page.expect_navigation():
            page.get_by_role("button", name="交记录").click()
        assert page.title().startswith("有错误 · ")
        assert page.evaluate("document.activeElement.id") == "summary"
        assert page.locator("#summary h2").inner_text() == "有 1 处需要改"
        page.locator("#summary a").click()
        assert page.evaluate("document.activeElement.name") == "duration_hours"
        assert page.get_by_label("时长（小时）").input_value() == "一个半"
        assert page.get_by_label("参与人员").input_value() == "王芳、李明"
        assert page.locator("[name=mode]:checked").get_attribute("value") == "phone"
        checks.is_good_everywhere(page)
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_label("时长（小时）").fill("1.5")
        page.get_by_label("记录内容").fill("")
        with page.expect_navigation():
            page.get_by_role("button", name="交记录").click()
        assert page.locator("#summary li").all_inner_texts() == ["请写下看到的情况，哪怕一句。", "至少选一项。"]
        page.locator("#summary li a").nth(1).click()
        assert page.evaluate("document.activeElement.id") == "f-services"


def test_the_page_prints_without_its_frame(site: Site) -> None:
    with site.page("/styles", site.somebody("visitor")) as page:
        page.emulate_media(media="print")
        assert not page.locator(".top, .bottom, .filters, .send, .acts").locator("visible=true").count()
        assert page.locator("h1").is_visible()
