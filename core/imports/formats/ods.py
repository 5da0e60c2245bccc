"""OpenDocument spreadsheets (.ods, .fods): repeated rows and cells are told as often as they hold something."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from typing import IO, Final, TypeAlias

from core.imports.formats.markup import DEEPEST, MOST_PIECES, local, told, too_much, unprefixed
from core.imports.sheets import (
    FROM_1900,
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

CONTENT: Final = "content.xml"
_HIDDEN: Final = ("collapse", "filter")
_ERROR: Final = Unreadable(Fault.ERROR)
_UNCOMPUTED: Final = Unreadable(Fault.UNCOMPUTED)


def read(opened: Opened, size: int) -> Book:
    """The sheets of a document."""
    ready: list[tuple[str, dict[str, str]]] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        name = local(name)
        if name in ("style", "table-properties", "null-date", "table"):
            ready.append((name, unprefixed(attributes)))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    zero, style = FROM_1900, ""
    unseen: set[str] = set()
    sheets: list[tuple[str, bool]] = []
    with opened() as stream:
        for name, said in told(stream, start, end, None, ready):
            if name == "style":
                style = said.get("name", "")
            elif name == "table-properties" and said.get("display") == "false":
                unseen.add(style)
            elif name == "null-date" and "date-value" in said:
                zero = date.fromisoformat(said["date-value"])
            elif name == "table":
                sheets.append((said.get("name", ""), said.get("style-name") in unseen))
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
    sheet = -1
    depth = row = column = repeated = notes = 0
    is_hidden = is_cell = is_error = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cell, column, depth, is_cell, is_error, is_hidden, notes, repeated, row, sheet
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        name = local(name)
        if name == "table":
            sheet += 1
            row = column = 0
        elif sheet != wanted:
            return
        elif name in ("table-cell", "covered-table-cell"):
            cell, is_cell = unprefixed(attributes), True
            is_error = any(key.endswith(":value-type") and said == "error" for key, said in attributes.items())
            pieces.clear()
        elif name == "table-row":
            said = unprefixed(attributes)
            repeated, is_hidden = int(said.get("number-rows-repeated", "1")), said.get("visibility") in _HIDDEN
            row += 1
            column = 0
            cells.clear()
        elif name == "table-column":
            said = unprefixed(attributes)
            first, column = column, column + int(said.get("number-columns-repeated", "1"))
            if said.get("visibility") in _HIDDEN and first < MOST_COLUMNS:
                ready.append(HiddenColumns(first, min(column, MOST_COLUMNS) - 1))
        elif name == "annotation":
            notes += 1
        elif is_cell and not notes:
            if name == "p" and pieces:
                text("\n")
            elif name == "s":
                text(" " * min(int(unprefixed(attributes).get("c", "1")), MOST_COLUMNS))
            elif name in ("tab", "line-break"):
                text("\t" if name == "tab" else "\n")

    def text(data: str) -> None:
        if is_cell and not notes:
            if len(pieces) > MOST_PIECES:
                raise too_much()
            pieces.append(data)

    def end(name: str) -> None:
        nonlocal column, depth, is_cell, notes, row
        depth -= 1
        if sheet != wanted:
            return
        name = local(name)
        if name in ("table-cell", "covered-table-cell"):
            is_cell = False
            times = int(cell.get("number-columns-repeated", "1"))
            found = _ERROR if is_error else _value(cell, "".join(pieces))
            if found != "":
                if column + times > MOST_COLUMNS:
                    raise too_far(row, letters(column + times - 1))
                cells.extend([""] * (column - len(cells)))
                cells.extend([found] * times)
                bottom = row + int(cell.get("number-rows-spanned", "1")) - 1
                right = column + int(cell.get("number-columns-spanned", "1")) - 1
                if (bottom, right) != (row, column):
                    ready.append(Merge(row, column, bottom, right))
            column += times
        elif name == "table-row":
            if row + repeated - 1 > MOST_ROWS and cells:
                raise too_far(row + repeated - 1, "A")
            if cells:
                ready.extend(Line(row + more, cells.copy(), is_hidden) for more in range(repeated))
            row += repeated - 1
        elif name == "annotation":
            notes -= 1

    with opened() as stream:
        yield from told(stream, start, end, text, ready)


def _value(cell: dict[str, str], shown: str) -> Cell:
    kind = cell.get("value-type")
    if kind in ("float", "currency", "percentage"):
        return float(cell["value"])
    if kind == "date":
        return datetime.fromisoformat(cell["date-value"])
    if kind == "boolean":
        return cell.get("boolean-value") == "true"
    if kind is None and not shown and "formula" in cell:
        return _UNCOMPUTED
    return shown or cell.get("string-value", "")
