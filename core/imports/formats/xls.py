"""Workbooks of the time before .xlsx, as old desktops and WPS still save them (.xls, .et)."""

import io
import struct
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import xlrd
from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from core.errors import Invalid
from core.imports.formats.archives import damaged
from core.imports.sheets import (
    FROM_1900,
    FROM_1904,
    Book,
    Cell,
    Fault,
    HiddenColumns,
    Line,
    Merge,
    Part,
    Sheet,
    Unreadable,
)

# Cells are held in memory, a sheet at a time: the densest records make some fifteen times their length.
LARGEST_BYTES: Final = 24 << 20
_FIRST_SERIAL: Final = 61
_ERROR: Final = Unreadable(Fault.ERROR)
# What a reader of a damaged file stumbles over; nothing of it says anything to the one who has the file.
_STUMBLES: Final = (
    XLRDError,
    CompDocError,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read(path: Path) -> Book:
    """The sheets of a workbook."""
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise Invalid(f"这个 `.xls` 文件超过 {LARGEST_BYTES >> 20} MB，没有读取：请另存为 `.xlsx` 后再导入。")
    try:
        book = _opened(path)
        zero = FROM_1904 if book.datemode else FROM_1900
        return Book(
            tuple(
                Sheet(name, size, partial(_parts, path, index), _is_hidden(book, index), zero)
                for index, name in enumerate(book.sheet_names())
            )
        )
    except _STUMBLES:
        raise damaged() from None


def _opened(path: Path) -> xlrd.book.Book:
    # Hidden rows and merged cells are told only with the formatting; warnings would go to stdout.
    return xlrd.open_workbook(str(path), logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True)


def _is_hidden(book: xlrd.book.Book, index: int) -> bool:
    found = bool(book.sheet_by_index(index).visibility)
    book.unload_sheet(index)
    return found


def _parts(path: Path, index: int) -> Iterator[Part]:
    try:
        book = _opened(path)
        sheet = book.sheet_by_index(index)
    except _STUMBLES:
        raise damaged() from None
    for column, shown in sheet.colinfo_map.items():
        if shown.hidden:
            yield HiddenColumns(column, column)
    for top, below, left, after in sheet.merged_cells:
        yield Merge(top + 1, left, below, after - 1)
    for row in range(sheet.nrows):
        read = zip(sheet.row_types(row), sheet.row_values(row), strict=True)
        cells = [_value(kind, value, book.datemode) for kind, value in read]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            shown_row = sheet.rowinfo_map.get(row)
            yield Line(row + 1, cells, bool(shown_row is not None and shown_row.hidden))


def _value(kind: int, value: Any, datemode: int) -> Cell:
    if kind == XL_CELL_TEXT:
        return str(value)
    if kind == XL_CELL_NUMBER:
        return float(value)
    if kind == XL_CELL_DATE:
        return _day(float(value), datemode)
    if kind == XL_CELL_BOOLEAN:
        return bool(value)
    return _ERROR if kind == XL_CELL_ERROR else ""


def _day(value: float, datemode: int) -> datetime | float:
    # Before its invented 29 February 1900 Excel's days are one off.
    if value < _FIRST_SERIAL and not datemode:
        return value
    try:
        return xlrd.xldate_as_datetime(value, 1 if datemode else 0)
    except OverflowError:
        return value
