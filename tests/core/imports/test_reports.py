"""The list of refused rows: numbers and reasons, in words for both who keeps the file and who runs the product."""

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook

from core.imports import reports as import_reports
from core.imports.reports import Report
from core.imports.rows import RowProblem
from core.store.ids import uuid7

PROBLEMS = [
    RowProblem(7, "身份证号", "id_number_spreadsheet", "a float"),
    RowProblem(3, "=HYPERLINK(1)", "missing", "must be given"),
    RowProblem(9, "身份证号", "id_number_spreadsheet", "a float"),
]


def test_the_list_is_in_order_of_rows_and_ends_with_the_missing(tmp_path: Path) -> None:
    resident_id = uuid7()
    import_reports.write(tmp_path / "r.csv", PROBLEMS, [resident_id])
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        [header, *lines] = list(csv.reader(file))
    assert header == ["row", "column", "code", "reason", "原因"]
    assert [line[0] for line in lines] == ["3", "7", "9", ""]
    assert "文本" in lines[1][4]
    assert str(resident_id) in lines[3][3]


def test_a_header_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    import_reports.write(tmp_path / "r.csv", PROBLEMS, [])
    import_reports.write(tmp_path / "r.xlsx", PROBLEMS, [])
    assert "'=HYPERLINK(1)" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    [_, first, *_] = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python()
    assert first[1] == "'=HYPERLINK(1)"


def test_reasons_are_counted_by_column_the_most_frequent_first() -> None:
    [spoilt, missing] = import_reports.reasons(PROBLEMS)
    assert (spoilt.code, spoilt.count, spoilt.rows) == ("id_number_spreadsheet", 2, (7, 9))
    assert (missing.code, missing.count) == ("missing", 1)


def test_a_row_with_two_problems_is_refused_once() -> None:
    report = Report(problems=[*PROBLEMS, RowProblem(7, "姓名", "missing", "must be given")])
    assert report.refused == 3
