"""What people call a table: title lines, merged headers, totals, any encoding and delimiter."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from core.errors import Invalid
from core.imports import files as import_files
from core.imports.files import File, Table, Why, open_file
from core.imports.mapping import Headers
from core.imports.sheets import Unreadable
from tests.core.imports import files
from tests.core.imports.files import HEADERS, person


def file(path: Path, *sheets: str) -> File:
    return open_file(path, Headers([]), sheets=sheets)


def opened(path: Path, *sheets: str) -> Table:
    """The only table of a file."""
    [table] = file(path, *sheets).tables
    return table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_the_encodings_and_with_the_delimiters_that_spreadsheets_write(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    table = opened(files.text(tmp_path / "a.csv", HEADERS, person(1), encoding=encoding, delimiter=delimiter))
    assert table.headers == HEADERS
    assert [(number, list(row)) for number, row in table.rows()] == [(2, person(1))]


def test_a_rare_character_survives_the_national_encoding(tmp_path: Path) -> None:
    row = ["王𠮷平", *person(1)[1:]]
    [(_, read)] = opened(files.text(tmp_path / "a.csv", HEADERS, row, encoding="gb18030")).rows()
    assert list(read) == row


def test_the_header_is_found_below_a_title_and_a_blank_line(tmp_path: Path) -> None:
    path = files.workbook(tmp_path / "a.xlsx", ["松江区困难群众花名册"], [], HEADERS, person(1), [], person(2))
    table = opened(path)
    assert table.headers == HEADERS
    assert [number for number, _ in table.rows()] == [4, 6]


def test_rows_are_numbered_as_the_spreadsheet_shows_them_also_when_the_first_ones_are_empty(tmp_path: Path) -> None:
    path = files.workbook(tmp_path / "a.xlsx", [], [], [], HEADERS, person(1))
    assert [number for number, _ in opened(path).rows()] == [5]


def test_a_header_of_two_merged_lines_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for column, header in enumerate(("姓名", "身份证号")):
            page.merge_range(0, column, 1, column, header)
        page.merge_range(0, 2, 0, 3, "居住情况")
        page.write_row(1, 2, ["所属居委", "家庭住址"])
        page.write_row(2, 0, ["测试", files.number(1), "龙潭社区居委会", "某路1号"])
    table = opened(path)
    assert table.headers == ("姓名", "身份证号", "所属居委", "家庭住址")
    assert [number for number, _ in table.rows()] == [3]


def test_a_cell_merged_over_several_people_stands_in_each_of_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.merge_range(0, 1, 0, 4, "花名册")
        page.write_row(1, 1, ["所属居委", "姓名", "身份证号"])
        for row, name in enumerate(("甲某", "乙某", "丙某"), start=2):
            page.write_row(row, 2, [name, files.number(row)])
        page.merge_range(2, 1, 3, 1, "龙潭社区居委会")
        page.write(4, 1, "太平社区居委会")
    rows = [row for _, row in opened(path).rows()]
    assert [row[1] for row in rows] == ["龙潭社区居委会", "龙潭社区居委会", "太平社区居委会"]
    assert [row[2] for row in rows] == ["甲某", "乙某", "丙某"]


ODS_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="一">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def test_an_open_document_is_read_whatever_the_file_is_called(tmp_path: Path) -> None:
    def row(cells: Sequence[str]) -> str:
        texts = (
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        return f"<table:table-row>{''.join(texts)}</table:table-row>"

    path = tmp_path / "a.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS_CONTENT.format(rows=row(HEADERS) + row(person(1))))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    assert [list(cells) for _, cells in opened(path).rows()] == [person(1)]


def test_a_file_without_a_header_is_refused_without_repeating_what_stands_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="没有找到表头") as refused:
        opened(files.text(tmp_path / "a.csv", person(1), person(2)))
    assert files.number(1) not in str(refused.value)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=r"不是文本|图片"):
        opened(path)


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 half a workbook")
    with pytest.raises(Invalid, match="损坏"):
        opened(path)


# Sheets and tables


def test_every_sheet_with_a_header_is_read_and_each_that_is_left_is_named_with_why(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in (
            ("说明", [["填表说明"], ["姓名必填"]]),
            ("一月", [HEADERS, person(1)]),
            ("没有表头", [person(7), person(8)]),
            ("二月", [["花名册"], HEADERS, person(2), person(3)]),
            ("空", []),
        ):
            page = book.add_worksheet(name)
            for index, row in enumerate(rows):
                page.write_row(index, 0, row)
        book.get_worksheet_by_name("二月").hide()
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=一月!$A$1"})
        book.add_chartsheet("图").set_chart(chart)
    found = file(path)
    assert [(table.sheet, table.height, table.is_sheet_hidden) for table in found.tables] == [
        ("一月", 1, False),
        ("二月", 2, True),
    ]
    assert [(table.sheet, table.why, table.rows, table.holds_people) for table in found.unread] == [
        ("图", Why.CHART, 0, False),
        ("说明", Why.NO_HEADER, 2, False),
        ("没有表头", Why.NO_HEADER, 2, True),
        ("空", Why.EMPTY, 0, False),
    ]


def test_only_the_sheets_that_are_named_are_read_and_the_others_are_left(tmp_path: Path) -> None:
    path = files.sheets(tmp_path / "a.xlsx", {name: [HEADERS, person(1)] for name in ("一月", "二月", "三月")})
    found = file(path, "二月", "三月")
    assert [table.sheet for table in found.tables] == ["二月", "三月"]
    assert [(table.sheet, table.why, table.holds_people) for table in found.unread] == [("一月", Why.NOT_CHOSEN, True)]
    with pytest.raises(Invalid, match="没有这张工作表：四月"):
        file(path, "四月")
    with pytest.raises(Invalid, match="只有工作簿"):
        file(files.text(tmp_path / "a.csv", HEADERS, person(1)), "一月")


def test_several_tables_on_one_sheet_are_read_each_by_its_own_header(tmp_path: Path) -> None:
    other = ("身份证号", "姓名", "所属居委", "认定日期")
    path = files.workbook(
        tmp_path / "a.xlsx",
        ["城保人员名单"],
        HEADERS,
        person(1),
        [],
        HEADERS,
        person(2),
        ["合计", "", "2 人"],
        [],
        ["农保人员名单"],
        other,
        [files.number(3), "测试", "龙潭社区居委会", "2026-01-01"],
    )
    first, second = file(path).tables
    assert [(table.headers[:4], table.above, table.height) for table in (first, second)] == [
        (HEADERS[:4], (1, 2), 3),
        (other, (7, 9, 10), 1),
    ]
    assert [number for number, _ in first.rows()] == [3, 5, 6]
    assert [(number, row[0]) for number, row in second.rows()] == [(11, files.number(3))]


def test_a_header_of_two_lines_on_every_printed_page_is_one_header(tmp_path: Path) -> None:
    upper, lower = ["姓名", "身份证号", "居住情况"], ["", "", "所属居委", "家庭住址"]

    def row(serial: int) -> list[str]:
        return ["测试", files.number(serial), "龙潭社区居委会", "某路1号"]

    table = opened(files.workbook(tmp_path / "a.xlsx", upper, lower, row(1), upper, lower, row(2)))
    assert table.headers == ("姓名", "身份证号", "所属居委", "家庭住址")
    assert [number for number, _ in table.rows()] == [3, 4, 5, 6]


def test_what_is_hidden_and_what_has_no_header_is_told_of_a_table(tmp_path: Path) -> None:
    def hide(name: str, page: Any) -> None:
        page.set_row(2, None, None, {"hidden": True})
        page.set_column(3, 3, None, None, {"hidden": True})

    rows = [HEADERS, person(1), [*person(2), "", "某人"], person(3)]
    [table] = file(files.sheets(tmp_path / "a.xlsx", {"一": rows}, hide)).tables
    assert (table.hidden_rows, table.hidden_columns, table.unnamed) == ((3,), (3,), (6,))
    assert (table.name(3), table.name(6)) == ("救助类别", "G 列")


def test_a_table_whose_numbers_stand_under_an_unknown_header_holds_people_all_the_same(tmp_path: Path) -> None:
    headers = ("姓名", "所属居委", "证件")
    path = files.workbook(tmp_path / "a.xlsx", headers, ["测试", "龙潭社区居委会", files.number(1)])
    assert opened(path).holds_people
    assert not opened(files.workbook(tmp_path / "b.xlsx", headers, ["测试", "龙潭社区居委会", "无"])).holds_people


def test_a_line_of_text_with_one_delimiter_too_many_is_seen_to_be_shifted(tmp_path: Path) -> None:
    shifted = [*person(1)[:3], "某路1号", "2室", "城保"]
    rows = list(opened(files.text(tmp_path / "a.csv", HEADERS, shifted, [*person(2), "", ""])).rows())
    assert isinstance(rows[0][1][-1], Unreadable)
    assert list(rows[1][1])[:5] == person(2)


def test_a_file_too_large_to_be_kept_is_read_again_with_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files.workbook(tmp_path / "a.xlsx", ["花名册"], HEADERS, *(person(serial) for serial in range(20)))
    kept = list(opened(path).rows())
    monkeypatch.setattr(import_files, "_KEPT_CELLS", 30)
    assert list(opened(path).rows()) == kept
