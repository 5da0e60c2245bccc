"""Rows of a file as people keep them: XLSX, XLS, ODS or CSV, with the header wherever it stands."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.errors import Invalid

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta
Row: TypeAlias = Sequence[Cell]

# What a workbook begins with, as a zip or in the older format; its name may say anything.
_WORKBOOK_BEGINS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# As Chinese desktops write text: UTF-8 with or without its mark, "Unicode text", and the national encoding.
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS: Final = ("utf-8", "gb18030")
_DELIMITERS: Final = ",;\t"
# A title, a note and a header of two lines stand above the first person; nobody writes thirty lines there.
_HEADER_WITHIN_ROWS: Final = 30
_FEWEST_KNOWN: Final = 2


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds below its header. `first` and `height` count rows as a spreadsheet shows them, from 1."""

    headers: tuple[str, ...]
    first: int
    height: int
    read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Every row that is not blank, with its number."""
        for number, row in enumerate(islice(self.read(), self.first - 1, None), start=self.first):
            if any(cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in row):
                yield number, row


@dataclass(frozen=True, slots=True)
class _Header:
    texts: tuple[str, ...]
    last_row: int
    known: int


def open_table(path: Path, is_known: Callable[[str], bool], *, sheet: str | None = None) -> Table:
    """The table of a file, its header found by the names that `is_known` knows; raises `Invalid` where there is none.

    No message repeats a cell: without a header the first row is somebody's.
    """
    content = path.read_bytes()
    if content.startswith(_WORKBOOK_BEGINS):
        return _of_workbook(content, is_known, sheet)
    if sheet is not None:
        raise Invalid("只有工作簿才有工作表；文本文件请不要写 `--sheet`。")
    return _of_text(_decoded(content), is_known)


def _of_workbook(content: bytes, is_known: Callable[[str], bool], wanted: str | None) -> Table:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [
            one.name
            for one in workbook.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
        if wanted is not None and wanted not in workbook.sheet_names:
            raise Invalid("工作簿中没有这个名称的工作表，请用表格软件查看。")
        for name in names if wanted is None else [wanted]:
            found = workbook.get_sheet_by_name(name)
            header = _header(list(islice(found.iter_rows(), _HEADER_WITHIN_ROWS)), is_known)
            if header is not None:
                # Rows are counted from the sheet's first, whether or not something stands there.
                height = found.end[0] + 1 if found.end else 0
                return Table(header.texts, header.last_row + 1, height, partial(_filled, found))
    except CalamineError as error:
        raise Invalid(f"工作簿无法读取（`{type(error).__name__}`）：请确认文件完整、没有加密码。") from None
    raise _headless()


def _filled(sheet: CalamineSheet) -> Iterator[Row]:
    """The rows of a sheet; a cell merged over several rows stands in each of them, as it is shown."""
    beginning: dict[int, list[tuple[int, range]]] = defaultdict(list)
    first_column = sheet.start[1] if sheet.start else 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom > top:
            beginning[top].append((bottom, range(left - first_column, right - first_column + 1)))
    running: list[tuple[int, range, Cell]] = []
    for index, row in enumerate(sheet.iter_rows()):
        for _, columns, cell in running:
            for column in columns:
                row[column] = cell
        running = [one for one in running if one[0] > index]
        running += [(bottom, columns, row[columns[0]]) for bottom, columns in beginning.get(index, ())]
        yield row


def _of_text(content: str, is_known: Callable[[str], bool]) -> Table:
    best: tuple[_Header, str] | None = None
    for delimiter in _DELIMITERS:
        header = _header(list(islice(_reader(content, delimiter), _HEADER_WITHIN_ROWS)), is_known)
        if header is not None and (best is None or header.known > best[0].known):
            best = header, delimiter
    if best is None:
        raise _headless()
    header, delimiter = best
    return Table(
        header.texts,
        header.last_row + 1,
        content.count("\n") + (not content.endswith("\n")),
        lambda: _reader(content, delimiter),
    )


def _reader(content: str, delimiter: str) -> Iterator[Row]:
    try:
        yield from csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    except csv.Error:
        raise Invalid("文件无法按 CSV 读取：其中有一格的内容太长。") from None


def _decoded(content: bytes) -> str:
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid("文件不是文本，请另存为 XLSX，或 UTF-8 的 CSV。")


def _header(rows: Sequence[Row], is_known: Callable[[str], bool]) -> _Header | None:
    """The row, or the pair of rows, that names the most known columns; the upper row of a pair fills its gaps."""
    texts = [tuple(cell.strip() if isinstance(cell, str) else "" for cell in row) for row in rows]
    pairs = [_joined(upper, lower) for upper, lower in pairwise(texts)]
    best: _Header | None = None
    # Single rows first, so that a title above the header does not become part of it.
    for last_row, candidate in [*enumerate(texts, start=1), *enumerate(pairs, start=2)]:
        known = len({text for text in candidate if text and is_known(text)})
        if known >= _FEWEST_KNOWN and (best is None or known > best.known):
            best = _Header(candidate, last_row, known)
    return best


def _joined(upper: tuple[str, ...], lower: tuple[str, ...]) -> tuple[str, ...]:
    width = max(len(upper), len(lower))
    above, below = upper + ("",) * (width - len(upper)), lower + ("",) * (width - len(lower))
    return tuple(low or high for high, low in zip(above, below, strict=True))


def _headless() -> Invalid:
    return Invalid(
        f"前 {_HEADER_WITHIN_ROWS} 行中没有找到表头：至少 {_FEWEST_KNOWN} 列须是导入认识的名称，"
        "如身份证号、姓名，或用 `--map` 指明。"
    )
