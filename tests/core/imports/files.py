"""Files as people make them in a spreadsheet, for tests of the import; everybody in them is invented."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from core.events import id_numbers

CASES = Path(__file__).parent / "cases"  # as offices sent them, with invented people
HEADERS = ("姓名", "身份证号", "所属居委", "救助类别", "认定日期")
BORN = date(1960, 1, 1)


def number(serial: int) -> str:
    """The ID number of an invented person."""
    return id_numbers.make(BORN, serial)


def person(
    serial: int, tag: str = "低保边缘", since: Any = "2026-01-01", committee: str = "龙潭社区居委会"
) -> list[Any]:
    """A row of a register below `HEADERS`."""
    return ["测试", number(serial), committee, tag, since]


def workbook(path: Path, *rows: Sequence[Any], sheet: str = "花名册") -> Path:
    """An XLSX with these rows, cell by cell of the type of the value."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as made:
        page = made.add_worksheet(sheet)
        for index, row in enumerate(rows):
            page.write_row(index, 0, row)
    return path


def text(path: Path, *rows: Sequence[Any], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A CSV with these rows."""
    path.write_text("\r\n".join(delimiter.join(map(str, row)) for row in rows) + "\r\n", encoding=encoding, newline="")
    return path


def sheets(
    path: Path,
    pages: Mapping[str, Sequence[Sequence[Any]]],
    change: Callable[[str, Worksheet], None] = lambda name, page: None,
    **options: Any,
) -> Path:
    """An XLSX with several sheets; `change` hides and merges what it likes on each."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options}) as made:
        for name, rows in pages.items():
            page = made.add_worksheet(name)
            for index, row in enumerate(rows):
                page.write_row(index, 0, row)
            change(name, page)
    return path


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def package(path: Path, data: str, *, parts: Mapping[str, str | bytes] | None = None) -> Path:
    """An XLSX whose only sheet holds `data` as it is, for what no library writes; `parts` are added or replaced."""
    whole: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="一" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a"'
        f' Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{data}</worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**whole, **(parts or {})}.items():
            archive.writestr(name, content)
    return path


def cell(place: str, value: str, kind: str = "inlineStr") -> str:
    """A cell of `package`."""
    return f'<c r="{place}" t="{kind}">' + (f"<is><t>{value}</t></is>" if kind == "inlineStr" else value) + "</c>"


def line(number: int, *values: str, hidden: bool = False) -> str:
    """A row of texts of `package`."""
    cells = "".join(cell(f"{chr(ord('A') + index)}{number}", value) for index, value in enumerate(values))
    shown = ' hidden="1"' if hidden else ""
    return f'<row r="{number}"{shown}>{cells}</row>'
