"""Workbooks that a spreadsheet program opens without running or changing anything."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from core.documents import workbooks


def read(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def test_numbers_stay_as_they_were_written() -> None:
    number = "319999196001010040"
    assert read(workbooks.write("名单", ["号码", "比例"], [[number, 0.5], ["007", None]])) == [
        ["号码", "比例"],
        [number, "0.5"],
        ["007", ""],
    ]


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_looks_like_a_formula_stands_behind_an_apostrophe(beginning: str) -> None:
    said = f"{beginning}HYPERLINK(1)"
    content = workbooks.write("名单", ["说明"], [[said], ["https://example.org"]])
    # Workbooks know a carriage return as a line end.
    assert str(read(content)[1][0]).replace("\r", "\n") == f"'{said}".replace("\r", "\n")
    with ZipFile(BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


def test_every_cell_is_a_string() -> None:
    content = workbooks.write("名单", ["一", "二"], [[1, 2.5], [True, "字"]])
    with ZipFile(BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<c ") == sheet.count('t="s"') == 6
