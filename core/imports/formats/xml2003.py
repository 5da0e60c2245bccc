"""XML spreadsheets of 2003, which many systems still hand out under the name .xls."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import IO, Final, TypeAlias

from core.imports.formats.archives import damaged
from core.imports.formats.markup import DEEPEST, MOST_PIECES, local, told, too_much, unprefixed
from core.imports.sheets import (
    FROM_1900,
    FROM_1904,
    MOST_COLUMNS,
    MOST_ROWS,
    Book,
    Cell,
    Fault,
    HiddenColumns,
    Line,
    Merge,
    Part,
    Sheet,
    Unreadable,
    letters,
    too_far,
)

Opened: TypeAlias = Callable[[], AbstractContextManager[IO[bytes]]]

_ERROR: Final = Unreadable(Fault.ERROR)
_UNCOMPUTED: Final = Unreadable(Fault.UNCOMPUTED)


def read(opened: Opened, size: int) -> Book:
    """The sheets of a workbook; whether one is hidden stands below its cells."""
    ready: list[tuple[str, str]] = []
    pieces: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        pieces.clear()
        name = local(name)
        if name == "Worksheet":
            ready.append((name, unprefixed(attributes).get("Name", "")))
        elif name == "Date1904":
            ready.append((name, ""))

    def text(data: str) -> None:
        if len(pieces) < MOST_PIECES:
            pieces.append(data)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if local(name) == "Visible":
            ready.append(("Visible", "".join(pieces).strip()))

    zero = FROM_1900
    sheets: list[tuple[str, bool]] = []
    with opened() as stream:
        for name, said in told(stream, start, end, text, ready):
            if name == "Worksheet":
                sheets.append((said, False))
            elif name == "Date1904":
                zero = FROM_1904
            elif sheets and said in ("SheetHidden", "SheetVeryHidden"):
                sheets[-1] = (sheets[-1][0], True)
    return Book(
        tuple(
            Sheet(name, size, partial(_parts, opened, index), hidden, zero)
            for index, (name, hidden) in enumerate(sheets)
        )
    )


def _parts(opened: Opened, wanted: int) -> Iterator[Part]:
    ready: list[Part] = []
    cells: list[Cell] = []
    pieces: list[str] = []
    cell: dict[str, str] = {}
    kind = ""
    sheet = -1
    depth = row = column = across = 0
    is_hidden = is_data = has_data = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal across, cell, column, depth, has_data, is_data, is_hidden, kind, row, sheet
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        name = local(name)
        if name == "Worksheet":
            sheet += 1
            row = column = 0
        elif sheet != wanted:
            return
        elif name == "Row":
            said = unprefixed(attributes)
            number = int(said.get("Index", row + 1))
            if not row < number <= MOST_ROWS:
                raise damaged()
            row, column, is_hidden = number, -1, said.get("Hidden") == "1"
            cells.clear()
        elif name == "Cell":
            cell = unprefixed(attributes)
            column = int(cell["Index"]) - 1 if "Index" in cell else column + 1
            across = int(cell.get("MergeAcross", "0"))
            has_data = False
            if across or "MergeDown" in cell:
                ready.append(Merge(row, column, row + int(cell.get("MergeDown", "0")), column + across))
        elif name == "Column":
            said = unprefixed(attributes)
            column = int(said["Index"]) - 1 if "Index" in said else column
            first, column = column, column + 1 + int(said.get("Span", "0"))
            if said.get("Hidden") == "1" and first < MOST_COLUMNS:
                ready.append(HiddenColumns(first, min(column, MOST_COLUMNS) - 1))
        elif name == "Data":
            kind = unprefixed(attributes).get("Type", "String")
            is_data = has_data = True
            pieces.clear()

    def text(data: str) -> None:
        if is_data:
            if len(pieces) > MOST_PIECES:
                raise too_much()
            pieces.append(data)

    def end(name: str) -> None:
        nonlocal column, depth, is_data
        depth -= 1
        if sheet != wanted:
            return
        name = local(name)
        if name == "Data":
            is_data = False
        elif name == "Cell":
            found = _value(kind, "".join(pieces)) if has_data else _UNCOMPUTED if "Formula" in cell else ""
            if found != "":
                if column >= MOST_COLUMNS:
                    raise too_far(row, letters(column))
                if column < len(cells):
                    raise damaged()
                cells.extend([""] * (column - len(cells)))
                cells.append(found)
            column += across
        elif name == "Row" and cells:
            ready.append(Line(row, cells.copy(), is_hidden))

    with opened() as stream:
        yield from told(stream, start, end, text, ready)


def _value(kind: str, said: str) -> Cell:
    if kind == "Error":
        return _ERROR
    if said == "" or kind == "String":
        return said
    if kind == "Number":
        return float(said)
    if kind == "DateTime":
        return datetime.fromisoformat(said)
    return said == "1" if kind == "Boolean" else said
