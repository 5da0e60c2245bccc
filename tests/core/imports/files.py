"""Files as people make them in a spreadsheet, for tests of the import; everybody in them is invented."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from core.events import id_numbers

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
