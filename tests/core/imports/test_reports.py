"""The report of a file: rows by sheet and number, reasons in the words of those who keep it, nobody's data."""

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook

from core.imports import reports as import_reports
from core.imports.cells import RowNote, Where
from core.imports.files import UnreadTable, Why
from core.imports.reports import Report
from core.store.ids import uuid7


def note(row: int, column: str, code: str, sheet: str = "") -> RowNote:
    return RowNote(Where(1 if sheet else 0, sheet, row), column, code, "请核对。")


PROBLEMS = [
    note(7, "身份证号", "id_number_spreadsheet"),
    note(3, "=HYPERLINK(1)", "missing"),
    note(9, "身份证号", "id_number_spreadsheet"),
]


def written(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_list_is_in_order_of_sheets_and_rows_after_what_is_left_and_before_who_is_missing(tmp_path: Path) -> None:
    resident_id = uuid7()
    report = Report(
        problems=[note(2, "姓名", "missing", "二月"), *PROBLEMS],
        changes=[note(4, "", "changed")],
        notices=[note(3, "", "hidden_row")],
    )
    unread = UnreadTable("说明", Why.NO_HEADER, 2, holds_people=True)
    import_reports.write(tmp_path / "r.csv", report, [unread], [resident_id])
    header, *lines = written(tmp_path / "r.csv")
    assert header == ["工作表", "行号", "结果", "列", "代码", "说明"]
    assert [(line[0], line[1], line[2], line[4]) for line in lines] == [
        ("说明", "", "未读", "no_header"),
        ("", "3", "提示", "hidden_row"),
        ("", "3", "未收", "missing"),
        ("", "4", "有改动", "changed"),
        ("", "7", "未收", "id_number_spreadsheet"),
        ("", "9", "未收", "id_number_spreadsheet"),
        ("二月", "2", "未收", "missing"),
        ("", "", "文件中没有", "disappeared"),
    ]
    assert "没有导入" in lines[0][5]
    assert str(resident_id) in lines[-1][5]


def test_a_header_or_a_sheet_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    report = Report(problems=[*PROBLEMS, note(2, "姓名", "missing", "@SUM(1)")])
    for name in ("r.csv", "r.xlsx"):
        import_reports.write(tmp_path / name, report, [], [])
    assert "'=HYPERLINK(1)" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    [_, first, *_, last] = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python()
    assert (first[3], last[0]) == ("'=HYPERLINK(1)", "'@SUM(1)")


def test_reasons_are_counted_by_column_the_most_frequent_first() -> None:
    [spoilt, missing] = import_reports.reasons(PROBLEMS)
    assert (spoilt.code, spoilt.count, [where.row for where in spoilt.rows]) == ("id_number_spreadsheet", 2, [7, 9])
    assert (missing.code, missing.count) == ("missing", 1)


def test_rows_are_named_by_stretches_and_by_sheet() -> None:
    rows = [*(Where(0, "一月", row) for row in (3, 5, 6, 7)), Where(1, "二月", 2)]
    assert import_reports.row_words(rows) == "“一月”第 3、5–7 行，“二月”第 2 行"
    assert import_reports.row_words([Where(0, "", row) for row in range(1, 40, 2)], most=3) == "第 1、3、5 行 等"


def test_a_row_with_two_problems_is_refused_once() -> None:
    report = Report(problems=[*PROBLEMS, note(7, "姓名", "missing")])
    assert report.refused == 3
