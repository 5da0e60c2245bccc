"""Every macro on one page, for those who build pages and for the tests that look at them; in a sandbox only."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter, Response

from api.pages import formats
from api.pages.forms import FormDep, wrong
from api.pages.notices import Notice
from api.pages.page import OpenPageDep, Page, PageDep
from api.pages.paging import Sheet
from core.errors import Invalid
from core.policy.lamps import Lamp
from rules.facts import Problem

ADDRESS: Final = "/styles"
router = APIRouter(include_in_schema=False)
# Invented, like everybody in a sandbox.
_STREETS: Final = (
    ("岳阳街道", 74, 66, 64),
    ("永丰街道", 61, 47, 41),
    ("方松街道", 39, 35, 35),
    ("中山街道", 82, 58, 57),
    ("泗泾镇", 97, 83, 80),
)
_MONTHS: Final = (("6月", 871, 702), ("7月", 884, 745), ("8月", 902, 731), ("9月", 918, 799), ("10月", 921, 823))


@router.get(ADDRESS)
def show_styles(page: OpenPageDep) -> Response:
    """What there is to build pages of."""
    return shown(page)


@router.post(ADDRESS)
def send_styles(_page: PageDep, form: FormDep) -> Response:
    """A form that is never right, to see how one comes back, also to somebody whose session ended meanwhile."""
    problems = []
    if not form.text("narrative"):
        problems.append(Problem("narrative", "missing", "请写下看到的情况，哪怕一句。"))
    if not form.all("services"):
        problems.append(Problem("services", "missing", "至少选一项。"))
    if form.decimal("duration_hours") is None:
        problems.append(Problem("duration_hours", "missing", "请填服务时长，例如 0.5。"))
    if problems:
        raise Invalid("有几处需要改。", problems=problems)
    raise wrong("service_date", "这一页只给人看样子，什么也不会保存。")


@router.get(f"{ADDRESS}/confirmation")
def show_confirmation(page: OpenPageDep) -> Response:
    """How is asked before something that cannot simply be taken back."""
    return page.show("styles_confirmation.html")


def shown(page: Page) -> Response:
    today = page.today
    if page.notice is None:
        page.notice = Notice("已把张桂英的走访交还。", links=[("看记录", ADDRESS)], undo=ADDRESS)
    lamps: Mapping[str, formats.Lit] = {
        "late": formats.lit(Lamp.OVERDUE, today - timedelta(days=8), today=today, late_working_days=6),
        "soon": formats.lit(Lamp.DUE_SOON, today + timedelta(days=3), today=today),
        "none": formats.lit(Lamp.NONE, date(today.year, 12, 31), today=today, provisional=True),
        "done": formats.Lit(formats.Look.DONE, "已完成"),
    }
    return page.show(
        "styles.html",
        lamps=lamps,
        streets=_STREETS,
        months=_MONTHS,
        sheet=Sheet(rows=[], number=2, first=ADDRESS, next=page.with_query(cursor="x", page=3)),
        yesterday=page.now - timedelta(days=1),
    )
