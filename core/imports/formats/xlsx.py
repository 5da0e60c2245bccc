"""Workbooks of Excel and WPS (.xlsx, .xlsm): values as they were last computed, errors and hidden parts included."""

import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from datetime import time as clock_time
from functools import partial
from typing import Final

from core.imports.formats.archives import Archive, damaged
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

_MOST_TEXT_BYTES: Final = 192 << 20  # of all texts together, which stay in memory
_POINTER_BYTES: Final = 8
_LARGEST_PART_BYTES: Final = 32 << 20  # of what is no sheet and no text: names, relations, styles
_TRUE: Final = ("1", "true")
# The numbers of built-in formats that show a day, those of Chinese and Japanese editions included.
_DAY_FORMATS: Final = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58))
# What stands in a format without being one of its letters: quoted and escaped texts, colours, fillers.
_NO_LETTERS: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')
_DAY_LETTERS: Final = re.compile(r"[yd]|(?<!\d)e(?![+-])", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_COLUMNS: Final[Mapping[str, int]] = {letters(index): index for index in range(MOST_COLUMNS)}
_DIGITS: Final = "0123456789"
# Before its invented 29 February 1900 Excel's days are one off, and nobody in a register was born by then.
_FIRST_SERIAL, _LAST_SERIAL = 61, 2_958_466
_UNCOMPUTED: Final = Unreadable(Fault.UNCOMPUTED)
_ERROR: Final = Unreadable(Fault.ERROR)


def workbook_part(archive: Archive) -> str | None:
    """Where the workbook stands in the archive, None if there is none."""
    if "_rels/.rels" not in archive:
        return None
    found = (target for kind, target in _relations(archive, "").values() if kind == "officeDocument")
    return next((part for part in found if part.lower().endswith(".xml") and part in archive), None)


def read(archive: Archive, workbook: str) -> Book:
    """The sheets of a workbook."""
    relations = _relations(archive, workbook)
    shared = next((target for kind, target in relations.values() if kind == "sharedStrings"), None)
    styles = next((target for kind, target in relations.values() if kind == "styles"), None)
    texts = _texts(archive, shared) if shared is not None and shared in archive else []
    days = _day_styles(archive, styles) if styles is not None and styles in archive else []
    zero, sheets, charts = FROM_1900, [], []
    for name, attributes in _elements(archive, workbook):
        said = unprefixed(attributes)
        if name == "workbookPr":
            zero = FROM_1904 if said.get("date1904") in _TRUE else FROM_1900
        elif name == "sheet":
            kind, part = relations.get(said.get("id", ""), ("", ""))
            if kind == "worksheet":
                sheets.append((said.get("name", ""), part, said.get("state", "visible") != "visible"))
            else:
                charts.append(said.get("name", ""))
    counted = datetime.combine(zero, clock_time())
    return Book(
        tuple(
            Sheet(name, archive.size(part), partial(_parts, archive, part, texts, days, counted), hidden, zero)
            for name, part, hidden in sheets
        ),
        tuple(charts),
    )


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: id → last word of the type, and the part that is meant."""
    folder, _, file = part.rpartition("/")
    found = {}
    for name, attributes in _elements(archive, f"{folder}/_rels/{file}.rels"):
        if name == "Relationship":
            said = unprefixed(attributes)
            target = posixpath.normpath(posixpath.join("/", folder, said.get("Target", ""))).lstrip("/")
            found[said.get("Id", "")] = said.get("Type", "").rpartition("/")[2], target
    return found


def _elements(archive: Archive, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a small part by local name, each as it begins."""
    if archive.size(part) > _LARGEST_PART_BYTES:
        raise too_much()
    ready: list[tuple[str, dict[str, str]]] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        ready.append((local(name), attributes))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    with archive.open(part) as stream:
        yield from told(stream, start, end, None, ready)


def _texts(archive: Archive, part: str) -> list[str]:
    """The texts that cells share, without the readings printed above characters."""
    ready: list[str] = []
    found: list[str] = []
    pieces: list[str] = []
    depth = length = readings = 0
    is_text = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, readings, is_text
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        name = local(name)
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            readings += 1
        elif name == "t":
            is_text = not readings

    def end(name: str) -> None:
        nonlocal depth, length, readings, is_text
        depth -= 1
        name = local(name)
        if name == "t":
            is_text = False
        elif name == "rPh":
            readings -= 1
        elif name == "si":
            shared = _unescaped("".join(pieces))
            length += sys.getsizeof(shared) + _POINTER_BYTES
            if length > _MOST_TEXT_BYTES:
                raise too_much()
            ready.append(shared)

    def text(data: str) -> None:
        if is_text:
            if len(pieces) > MOST_PIECES:
                raise too_much()
            pieces.append(data)

    with archive.open(part) as stream:
        found.extend(told(stream, start, end, text, ready))
    return found


def _day_styles(archive: Archive, part: str) -> list[bool]:
    """For each style of cells whether it shows a number as a day."""
    formats: dict[str, bool] = {}
    styles: list[bool] = []
    is_cells = False
    for name, attributes in _elements(archive, part):
        if name == "numFmt":
            said = unprefixed(attributes)
            formats[said.get("numFmtId", "")] = shows_day(said.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            is_cells = name == "cellXfs"
        elif name == "xf" and is_cells:
            number = unprefixed(attributes).get("numFmtId", "0")
            styles.append(formats.get(number, number.isdecimal() and int(number) in _DAY_FORMATS))
    return styles


def shows_day(code: str) -> bool:
    """Whether a number format shows a day, whatever its order and its words."""
    first, _, _ = code.partition(";")
    return first.lower() != "general" and _DAY_LETTERS.search(_NO_LETTERS.sub("", first)) is not None


def _unescaped(text: str) -> str:
    """A text with its control characters, which are written like _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text) if "_x" in text else text


# The elements of a sheet that matter, by their names without prefix. Cells and their texts hold none of their own kind;
# all others count as depth.
_ROW, _CELL, _TAKEN, _INLINE, _FORMULA, _READING, _MERGE, _COLUMN = range(8)
_ELEMENTS: Final = {
    "row": _ROW,
    "c": _CELL,
    "v": _TAKEN,
    "t": _TAKEN,
    "is": _INLINE,
    "f": _FORMULA,
    "rPh": _READING,
    "mergeCell": _MERGE,
    "col": _COLUMN,
}


def _parts(archive: Archive, part: str, texts: list[str], days: list[bool], zero: datetime) -> Iterator[Part]:
    """A sheet as it is written, row by row; cells without content are passed over, however many there are."""
    ready: list[Part] = []
    element_of = _ELEMENTS.get
    column_of = _COLUMNS.get
    depth = row = column = readings = digits = 0
    is_hidden = is_cell = is_inline = is_text = has_formula = False
    kind = style = reference = ""
    cells: list[Cell] = []
    pieces: list[str] = []

    def root(name: str) -> None:
        nonlocal element_of
        prefix = name.removesuffix("worksheet")
        element_of = {f"{prefix}{each}": element for each, element in _ELEMENTS.items()}.get

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal column, depth, has_formula, is_cell, is_inline, is_text, kind, reference, style
        element = element_of(name)
        if element == _CELL:
            if is_cell:
                raise damaged()
            is_cell, has_formula = True, False
            if pieces:
                pieces.clear()
            said = attributes.get
            kind, style, reference = said("t", ""), said("s", ""), said("r", "")
            if reference:
                found = column_of(reference[:-digits])
                column = column_of(reference.rstrip(_DIGITS), MOST_COLUMNS) if found is None else found
            else:
                column += 1
        elif element == _TAKEN:
            if is_text:
                raise damaged()
            is_text = True
        elif element == _INLINE:
            if is_inline:
                raise damaged()
            is_inline = True
        else:
            depth += 1
            if depth > DEEPEST:
                raise too_much()
            begin(name, element, attributes)

    def begin(name: str, element: int | None, attributes: dict[str, str]) -> None:
        nonlocal cells, column, digits, has_formula, is_hidden, readings, row
        if element == _ROW:
            said = unprefixed(attributes)
            number = int(said["r"]) if "r" in said else row + 1
            if not row < number <= MOST_ROWS:
                raise damaged()
            row, digits, is_hidden = number, len(str(number)), said.get("hidden") in _TRUE or _is_flat(said.get("ht"))
            cells, column = [], -1
        elif element == _FORMULA:
            has_formula = True
        elif element == _READING:
            readings += 1
        elif element == _MERGE:
            _merge(unprefixed(attributes).get("ref", ""), ready)
        elif element == _COLUMN:
            _hidden(unprefixed(attributes), ready)
        elif depth == 1:
            root(name)

    def text(data: str) -> None:
        if is_text and not readings:
            if len(pieces) > MOST_PIECES:
                raise too_much()
            pieces.append(data)

    def end(name: str) -> None:
        nonlocal depth, is_cell, is_inline, is_text, readings
        element = element_of(name)
        if element == _TAKEN:
            is_text = False
        elif element == _CELL:
            is_cell = False
            raw = (pieces[0] if len(pieces) == 1 else "".join(pieces)) if pieces else ""
            cell = value(raw) if kind != "s" else texts[int(raw)] if raw else ""
            if cell != "":
                if column != len(cells) or column >= MOST_COLUMNS:
                    fill()
                cells.append(cell)
        elif element == _INLINE:
            is_inline = False
        else:
            depth -= 1
            if element == _ROW and cells:
                ready.append(Line(row, cells, is_hidden))
            elif element == _READING:
                readings -= 1

    def fill() -> None:
        if column >= MOST_COLUMNS:
            raise too_far(row, reference.rstrip(_DIGITS) or letters(column))
        if column < len(cells):
            raise damaged()
        cells.extend([""] * (column - len(cells)))

    def value(raw: str) -> Cell:
        if kind in ("inlineStr", "str"):
            return _unescaped(raw)
        if raw == "":
            return _UNCOMPUTED if has_formula else ""
        if kind == "e":
            return _ERROR
        if kind == "b":
            return raw in _TRUE
        if kind == "d":
            return datetime.fromisoformat(raw)
        number = float(raw)
        if style and days[int(style)] and _FIRST_SERIAL <= number < _LAST_SERIAL:
            return zero + timedelta(days=number)
        return number

    with archive.open(part) as stream:
        yield from told(stream, start, end, text, ready)


def _is_flat(height: str | None) -> bool:
    return height is not None and float(height) == 0


def _merge(reference: str, ready: list[Part]) -> None:
    found = _REFERENCE.fullmatch(reference)
    if found is None or found.group(3) is None:
        return
    left, top, right, bottom = found.groups()
    if left in _COLUMNS:
        ready.append(Merge(int(top), _COLUMNS[left], int(bottom), _COLUMNS.get(right, MOST_COLUMNS - 1)))


def _hidden(said: Mapping[str, str], ready: list[Part]) -> None:
    if said.get("hidden") in _TRUE or _is_flat(said.get("width")):
        first, last = int(said["min"]) - 1, int(said["max"]) - 1
        if first < MOST_COLUMNS:
            ready.append(HiddenColumns(first, min(last, MOST_COLUMNS - 1)))
