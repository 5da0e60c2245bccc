"""What people call a table: title lines, merged headers, totals, any encoding and delimiter."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from core.errors import Invalid
from core.imports import mapping as import_mapping
from core.imports.files import Table, open_table
from tests.core.imports import files
from tests.core.imports.files import HEADERS, person


def opened(path: Path, sheet: str | None = None) -> Table:
    return open_table(path, import_mapping.is_known, sheet=sheet)


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
    assert [row[0] for row in rows] == ["龙潭社区居委会", "龙潭社区居委会", "太平社区居委会"]
    assert [row[1] for row in rows] == ["甲某", "乙某", "丙某"]


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


def test_the_first_visible_sheet_with_a_header_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "填表说明")
        for name, serial in (("一月", 1), ("二月", 2)):
            page = book.add_worksheet(name)
            page.write_row(0, 0, HEADERS)
            page.write_row(1, 0, person(serial))
    assert next(opened(path).rows())[1][1] == files.number(1)
    assert next(opened(path, "二月").rows())[1][1] == files.number(2)
    with pytest.raises(Invalid, match="没有这个名称的工作表"):
        opened(path, "三月")


def test_a_file_without_a_header_is_refused_without_repeating_what_stands_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="没有找到表头") as refused:
        opened(files.text(tmp_path / "a.csv", person(1), person(2)))
    assert files.number(1) not in str(refused.value)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid, match="不是文本"):
        opened(path)


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 half a workbook")
    with pytest.raises(Invalid, match="无法读取"):
        opened(path)
