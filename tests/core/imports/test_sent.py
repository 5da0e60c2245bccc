"""Files as offices really send them: what they hold is read, refused with its reason, or named; nothing is lost."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import Invalid
from core.imports import mapping as import_mapping
from core.imports.files import Why
from core.imports.registers import Import
from tests.core.imports import files
from tests.core.imports.files import CASES, HEADERS, number, person
from tests.core.imports.importing import Files, codes, facts, facts_of, known
from tests.world import DISTRICT, STREET, World


@pytest.fixture
def register(world: World, tmp_path: Path) -> Files:
    return Files(world, tmp_path)


def noted(imported: Import) -> dict[int, set[str]]:
    """The codes of what was said of rows that were not refused."""
    found: dict[int, set[str]] = {}
    for notice in imported.report.notices:
        found.setdefault(notice.where.row, set()).add(notice.code)
    return found


def names(world: World) -> set[str]:
    return {row.name for row in world.rows("SELECT name FROM resident WHERE street_code = :street", street=STREET)}


# The samples


def test_a_sheet_for_each_committee_is_read_whole(world: World, register: Files) -> None:
    one = register.take(path=CASES / "sheet_per_committee.xlsx")
    assert (one.report.rows, one.report.new) == (12, 8)
    # The third sheet names a committee that there is not, and is told which may be meant.
    assert {(problem.where.sheet, problem.code) for problem in one.report.problems} == {
        ("松乐社区居委会", "unknown_committee")
    }
    assert "是不是“松乐苑社区居委会”（310117001032）？" in one.report.problems[0].msg
    given = import_mapping.parse_given(words=["所属居委:松乐社区居委会=松乐苑社区居委会"])
    again = register.take(path=CASES / "sheet_per_committee.xlsx", given=given).report
    assert (again.unchanged, again.new, again.refused) == (8, 4, 0)


def test_a_row_with_an_error_is_refused_and_never_taken_for_blank(register: Files) -> None:
    one = register.take(path=CASES / "error_cells.xlsx")
    assert codes(one) == dict.fromkeys(range(2, 7), "error_cell")
    columns = [problem.column for problem in one.report.problems]
    assert columns == ["救助类别", "认定日期", "终止日期", "残疾证号", "供养方式"]
    assert one.report.new == 1


def test_a_damaged_name_never_replaces_a_good_one_and_is_named(world: World, register: Files) -> None:
    register.take(path=CASES / "names_good.xlsx")
    assert names(world) == {"𠮷田䶮", "张三", "孙八"}
    again = register.take(path=CASES / "names_damaged.csv")
    assert names(world) == {"𠮷田䶮", "张三", "孙八"}
    assert noted(again)[2] == {"name_damaged"}
    assert (again.report.unchanged, again.report.changed, again.report.refused) == (3, 0, 0)
    third = register.take(path=CASES / "names_damaged.csv")
    assert noted(third)[2] == {"name_damaged"}


def test_names_and_numbers_lose_padding_and_invisible_characters(world: World, register: Files) -> None:
    one = register.take(path=CASES / "invisible_characters.xlsx")
    assert (one.report.new, one.report.refused) == (9, 0)
    assert {"王芳", "𠮷田䶮", "孙八", "李九", "阿依古丽·买买提"} <= names(world)
    period = {fact for fact in facts_of(world, "319999195405060138") if fact[1] == "severe_disability_aid"}
    assert period == {("assistance", "severe_disability_aid", "2024-07-01", "2025-06-30")}
    since = {fact[2] for fact in facts_of(world, "319999195505060151")}
    assert since == {"2024-07-01"}


def test_hidden_rows_are_read_and_named_and_an_ended_state_refuses_its_row(world: World, register: Files) -> None:
    one = register.take(path=CASES / "hidden_rows_and_status.xlsx")
    assert codes(one) == dict.fromkeys((5, 6, 7), "status_ended")
    assert {row for row, said in noted(one).items() if "hidden_row" in said} == {5, 6, 7}
    assert one.report.new == 3


def test_a_state_is_what_it_was_mapped_to(world: World, register: Files) -> None:
    given = import_mapping.parse_given(words=["状态:停保=在册", "状态:死亡=-"])
    one = register.take(path=CASES / "hidden_rows_and_status.xlsx", given=given)
    assert codes(one) == {7: "status_ended"}
    assert (one.report.new, one.report.left_out) == (4, 1)
    assert "left_out" in noted(one)[6]
    with world.database.transaction(world.scope) as session:
        [section] = one.group.sections
        import_mapping.remember(session, one.source, section.plan, given, district=DISTRICT, now=world.now)
    again = register.take(path=CASES / "hidden_rows_and_status.xlsx")
    assert (again.report.unchanged, again.report.left_out, again.report.refused) == (4, 1, 1)


def test_a_web_page_named_xls_is_read(register: Files) -> None:
    assert register.take(path=CASES / "html_named.xls").report.new == 2


def test_half_a_character_costs_its_row_and_no_other(world: World, register: Files) -> None:
    one = register.take(path=CASES / "half_character.csv")
    assert (one.report.new, codes(one)) == (3, {5: "broken_text"})
    assert names(world) == {"欧阳娜", "𠮷田䶮", "司马·懿"}


def test_the_usual_words_for_tags_are_understood_and_the_others_can_be_mapped(world: World, register: Files) -> None:
    path = CASES / "words_of_tags.xlsx"
    one = register.take(path=path, write=False)
    assert codes(one) == {
        9: "support_missing",
        13: "tag_ambiguous",
        14: "support_missing",
        15: "unknown_word",
        16: "unknown_word",
        17: "unknown_word",
    }
    words = (
        "低保=城保",
        "五保=特困（分散）",
        "特困供养人员=特困（集中）",
        "低收入=低保边缘",
        "重度残疾=重残",
        "临时救助=-",
    )
    given = import_mapping.parse_given(words=[f"救助类别:{word}" for word in words])
    assert register.take(path=path, given=given).report.new == 16
    assert {fact[1] for fact in facts_of(world, "319999197202151741")} == {"dibao_urban", "severe_disability_aid"}
    assert facts_of(world, "319999197202161755") == set()


# The rest of each kind


def test_tekun_is_read_with_its_support_from_another_column_and_refused_if_they_contradict(
    world: World, register: Files
) -> None:
    headers = (*HEADERS, "供养方式")
    one = register.take(
        [*person(1, "特困供养人员"), "集中供养"],
        [*person(3, "特困（分散）"), "集中"],
        [*person(5, "特困"), ""],
        [*person(7, "城保"), "分散"],
        headers=headers,
    )
    assert codes(one) == {3: "support_differs", 4: "support_missing"}
    assert noted(one) == {5: {"support_unused"}}
    assert {fact[1] for fact in facts(world, 1)} == {"tekun"}


@pytest.mark.parametrize("header", ["状态", "备注", "死亡日期"])
@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("", {}),
        ("停保", {2: "status_ended"}),
        ("2025年3月5日死亡", {2: "status_ended"}),
        ("户籍迁出本区", {2: "status_ended"}),
    ],
)
def test_a_column_of_states_or_remarks_refuses_the_row_of_somebody_gone(
    register: Files, header: str, cell: str, refused: dict[int, str]
) -> None:
    assert codes(register.take([*person(1), cell], headers=(*HEADERS, header), write=False)) == refused


def test_an_unknown_state_is_refused_and_another_remark_is_not(register: Files) -> None:
    headers = (*HEADERS, "保障状态", "备注", "停保原因")
    one = register.take(
        [*person(1), "正常", "独居，听力差", ""],
        [*person(3), "复核中", "", ""],
        [*person(5), "在保", "", "收入超标"],
        headers=headers,
        write=False,
    )
    assert codes(one) == {3: "status_unknown", 4: "status_ended"}


@pytest.mark.parametrize(
    ("header", "cell", "refused"),
    [
        ("是否在保", "是", None),
        ("是否在保", "否", "status_ended"),
        ("是否死亡", "否", None),
        ("是否死亡", "是", "status_ended"),
        ("是否健在", "不详", "status_unknown"),
    ],
)
def test_a_column_that_asks_whether_somebody_is_there_is_answered(
    register: Files, header: str, cell: str, refused: str | None
) -> None:
    one = register.take([*person(1), cell], headers=(*HEADERS, header), write=False)
    assert codes(one) == ({} if refused is None else {2: refused})


def test_a_refused_row_of_somebody_gone_makes_nobody_missing(world: World, register: Files) -> None:
    headers = (*HEADERS, "状态")
    register.take([*person(1), "正常"], [*person(2), "正常"], headers=headers)
    one = register.take([*person(1), "正常"], [*person(2), "停保"], headers=headers)
    assert register.missing(one) == ([], 2)
    given = import_mapping.parse_given(words=["状态:停保=-"])
    left_out = register.take([*person(1), "正常"], [*person(2), "停保"], headers=headers, given=given)
    assert [person.resident_id for person in register.missing(left_out)[0]] == [known(world, 2).id]


def test_a_birth_date_or_sex_that_contradicts_the_number_is_reported(world: World, register: Files) -> None:
    headers = (*HEADERS, "出生日期", "性别")
    one = register.take(
        [*person(1), "1960-01-01", "男"], [*person(2), "1961.1.1", "男"], [*person(4), "", "女"], headers=headers
    )
    assert noted(one) == {3: {"birth_date_differs", "sex_differs"}}
    assert one.report.new == 3
    assert known(world, 2).row.birth_date == date(1960, 1, 1)


def test_what_changed_is_named_row_by_row(world: World, register: Files) -> None:
    headers = (*HEADERS, "联系电话")
    register.take([*person(1), "13800000000"], [*person(2), ""], [*person(3), ""], headers=headers)
    rows = [
        [*person(1, "支贫"), ""],
        [*person(2), ""],
        [*person(3, committee="醉白池社区居委会"), "13900000000"],
        [*person(4), ""],
    ]
    report = register.take(*rows, headers=headers).report
    assert {change.where.row: change.msg for change in report.changes} == {
        2: "改了救助类别；低保边缘不再列出，到文件前一天为止；联系电话这次没有填，保留原来的。",
        4: "改了联系电话、所属居委；迁到另一个居（村）委会。",
    }


def test_two_columns_of_one_thing_are_read_where_they_agree(world: World, register: Files) -> None:
    headers = (*HEADERS, "电话", "电话", "手机")
    one = register.take(
        [*person(1), "", "13800000000", ""],
        [*person(2), "13800000000", "13800000000", 13800000000],
        [*person(3), "13800000000", "", "13900000000"],
        headers=headers,
    )
    assert (one.report.new, codes(one)) == (2, {4: "columns_differ"})


def test_a_sheet_named_after_a_committee_needs_no_column_for_it(world: World, register: Files, tmp_path: Path) -> None:
    headers = ("姓名", "身份证号", "救助类别")

    def row(serial: int) -> list[Any]:
        return ["测试", number(serial), "城保"]

    pages = {"龙潭社区居委会": [headers, row(1)], "醉白池": [headers, row(2)], "其他": [headers, row(3)]}
    path = files.sheets(tmp_path / "a.xlsx", pages)
    one = register.take(path=path)
    assert one.report.new == 2
    assert known(world, 2).row.committee_code == "310117001002"
    [unread] = one.unread
    assert (unread.sheet, unread.why, unread.rows, unread.holds_people) == ("其他", Why.UNUSABLE, 1, True)
    assert "居委" in unread.detail


def test_the_same_person_on_two_sheets_is_one_or_told_twice(register: Files, tmp_path: Path) -> None:
    pages = {"一": [HEADERS, person(1), person(2)], "二": [HEADERS, person(1), person(2, "支贫")]}
    report = register.take(path=files.sheets(tmp_path / "a.xlsx", pages)).report
    assert (report.new, report.repeated) == (2, 1)
    [problem] = report.problems
    assert (problem.code, str(problem.where)) == ("told_twice", "“二”第 3 行")
    assert "“一”第 3 行" in problem.msg


def test_a_number_of_a_workbook_from_1904_is_a_day_of_its_own_count(
    world: World, register: Files, tmp_path: Path
) -> None:
    rows = [HEADERS, person(1, since=date(2026, 1, 5)), person(3, since=44565)]
    register.take(path=files.sheets(tmp_path / "a.xlsx", {"一": rows}, date_1904=True))
    assert facts(world, 1) == facts(world, 3) == {("assistance", "dibao_edge", "2026-01-05", None)}


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"])
def test_the_text_of_an_error_in_a_csv_is_an_error(register: Files, tmp_path: Path, error: str) -> None:
    path = files.text(tmp_path / "a.csv", HEADERS, person(1, error), person(2, since=error), person(3))
    one = register.take(path=path, write=False)
    assert codes(one) == {2: "error_cell", 3: "error_cell"}


def test_an_error_in_a_column_that_is_not_read_harms_nobody(register: Files) -> None:
    assert register.take([*person(1), "#N/A"], headers=(*HEADERS, "内部编码")).report.new == 1


def test_what_has_no_header_and_what_is_not_used_is_named(register: Files) -> None:
    one = register.take([*person(1, ""), "某人"], person(2))
    assert noted(one) == {1: {"unnamed_column"}, 2: {"date_unused"}}


def test_a_column_without_a_header_is_read_when_it_is_named_by_its_letters(world: World, register: Files) -> None:
    given = import_mapping.parse_given(["G列=household"])
    one = register.take([*person(1), "", "H001"], given=given)
    assert (one.report.new, noted(one), known(world, 1).row.household) == (1, {}, "H001")


def test_a_damaged_name_of_somebody_new_is_kept_until_a_better_one_comes(world: World, register: Files) -> None:
    one = register.take(["?田", *person(1)[1:]])
    assert (noted(one), names(world)) == ({2: {"name_damaged"}}, {"?田"})
    register.take(["𠮷田", *person(1)[1:]])
    assert names(world) == {"𠮷田"}
    # Another source that lost it knows the person too.
    again = register.take(["□田", *person(1)[1:]], source="/elsewhere")
    assert (noted(again), names(world)) == ({2: {"name_damaged"}}, {"𠮷田"})


def test_nobody_leaves_while_a_sheet_of_people_is_not_read(world: World, register: Files, tmp_path: Path) -> None:
    register.take(person(1), person(2))
    path = files.sheets(tmp_path / "a.xlsx", {"一": [HEADERS, person(1)], "二": [person(2)]})
    one = register.take(path=path)
    missing, expected = register.missing(one)
    with pytest.raises(Invalid, match="没有让任何人退出"):
        one.check_leaving(missing, expected, confirmed=1, most=0.2)


def test_a_dry_run_of_any_file_says_what_writing_it_comes_to(world: World, register: Files) -> None:
    for path in sorted(CASES.glob("*.xlsx")):
        dry = register.take(path=path, write=False, source=f"/{path.stem}").report
        assert register.take(path=path, source=f"/{path.stem}").report == dry


def test_the_number_of_statements_does_not_grow_with_the_rows(world: World, register: Files) -> None:
    def statements(count: int, source: str) -> int:
        rows = [["?" if serial % 2 else "测试", *person(serial)[1:]] for serial in range(count)]
        register.take(*rows, source=source, settle=False)
        seen: list[str] = []

        def see(*args: Any) -> None:
            seen.append(args[2])

        event.listen(world.database.engine, "before_cursor_execute", see)
        register.take(*[["?", *row[1:4], "2026-02-01"] for row in rows], source=source, settle=False)
        event.remove(world.database.engine, "before_cursor_execute", see)
        return len(seen)

    few, many = statements(4, "/few"), statements(60, "/many")
    assert few == many > 5
