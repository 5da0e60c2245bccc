"""Workbooks of Excel and WPS (.xlsx, .xlsm): values as they were last computed, errors and hidden parts included."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from datetime import time as clock_time
from functools import partial
from typing import Final

from core.imports.formats.archives import Archive, damaged
from core.imports.formats.markup import DEEPEST, MOST_PIECES, attributes, local, told, too_much
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

_MOST_TEXT: Final = 32_000_000  # characters of all texts together, which stay in memory
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
    for name, pairs in _elements(archive, workbook):
        said = attributes(pairs)
        if name == "workbookPr":
            zero = FROM_1904 if said.get("date1904") in _TRUE else FROM_1900
        elif name == "sheet":
            kind, part = relations.get(said.get("id", ""), ("", ""))
            if kind == "worksheet":
                sheets.append((said.get("name", ""), part, said.get("state", "visible") != "visible"))
            else:
                charts.append(said.get("name", ""))
    return Book(
        tuple(
            Sheet(name, partial(_parts, archive, part, texts, days, datetime.combine(zero, clock_time())), hidden, zero)
            for name, part, hidden in sheets
        ),
        tuple(charts),
    )


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: id → last word of the type, and the part that is meant."""
    folder, _, file = part.rpartition("/")
    found = {}
    for name, pairs in _elements(archive, f"{folder}/_rels/{file}.rels"):
        if name == "Relationship":
            said = attributes(pairs)
            target = posixpath.normpath(posixpath.join("/", folder, said.get("Target", ""))).lstrip("/")
            found[said.get("Id", "")] = said.get("Type", "").rpartition("/")[2], target
    return found


def _elements(archive: Archive, part: str) -> Iterator[tuple[str, list[str]]]:
    """The elements of a small part by local name, each as it begins."""
    if archive.size(part) > _LARGEST_PART_BYTES:
        raise too_much()
    ready: list[tuple[str, list[str]]] = []
    depth = 0

    def start(name: str, pairs: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise too_much()
        ready.append((local(name), pairs))

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

    def start(name: str, pairs: list[str]) -> None:
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
            one = _unescaped("".join(pieces))
            length += len(one)
            if length > _MOST_TEXT:
                raise too_much()
            ready.append(one)

    def text(data: str) -> None:
        if is_text:
            if len(pieces) > MOST_PIECES * DEEPEST:
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
    for name, pairs in _elements(archive, part):
        if name == "numFmt":
            said = attributes(pairs)
            formats[said.get("numFmtId", "")] = shows_day(said.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            is_cells = name == "cellXfs"
        elif name == "xf" and is_cells:
            number = attributes(pairs).get("numFmtId", "0")
            styles.append(formats.get(number, number.isdecimal() and int(number) in _DAY_FORMATS))
    return styles


def shows_day(code: str) -> bool:
    """Whether a number format shows a day, whatever its order and its words."""
    first, _, _ = code.partition(";")
    return first.lower() != "general" and _DAY_LETTERS.search(_NO_LETTERS.sub("", first)) is not None


def _unescaped(text: str) -> str:
    """A text with its control characters, which are written like _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text) if "_x" in text else text


def _parts(archive: Archive, part: str, texts: list[str], days: list[bool], zero: datetime) -> Iterator[Part]:
    """A sheet as it is written, row by row; cells without content are passed over, however many there are."""
    ready: list[Part] = []
    row_name, cell_name, formula_name, reading_name, value_names = "row", "c", "f", "rPh", ("v", "t")
    depth = row = column = readings = 0
    is_hidden = is_taking = has_formula = False
    kind = style = far = ""
    cells: list[Cell] = []
    pieces: list[str] = []

    def root(name: str) -> None:
        nonlocal row_name, cell_name, formula_name, reading_name, value_names
        prefix = name.removesuffix("worksheet")
        row_name, cell_name, formula_name, reading_name = (f"{prefix}{each}" for each in ("row", "c", "f", "rPh"))
        value_names = f"{prefix}v", f"{prefix}t"

    def start(name: str, pairs: list[str]) -> None:
        nonlocal depth, row, column, readings, is_hidden, is_taking, has_formula, kind, style, far
        depth += 1
        if name == cell_name:
            kind = style = ""
            has_formula = False
            if pieces:
                pieces.clear()
            column += 1
            for index in range(0, len(pairs), 2):
                attribute = pairs[index]
                if attribute == "r":
                    place = pairs[index + 1].rstrip(_DIGITS)
                    found = _COLUMNS.get(place)
                    if found is None:
                        far, found = place, MOST_COLUMNS
                    column = found
                elif attribute == "t":
                    kind = pairs[index + 1]
                elif attribute == "s":
                    style = pairs[index + 1]
        elif name in value_names:
            is_taking = not readings
        elif name == row_name:
            cells.clear()
            column = -1
            said = attributes(pairs)
            number = int(said["r"]) if "r" in said else row + 1
            if not row < number <= MOST_ROWS:
                raise damaged()
            row, is_hidden = number, said.get("hidden") in _TRUE or _is_flat(said.get("ht"))
        elif name == formula_name:
            has_formula = True
        elif name == reading_name:
            readings += 1
        elif depth == 1:
            root(name)
        elif local(name) == "mergeCell":
            _merge(attributes(pairs).get("ref", ""), ready)
        elif local(name) == "col":
            _hidden(attributes(pairs), ready)
        if depth > DEEPEST:
            raise too_much()

    def text(data: str) -> None:
        if is_taking:
            if len(pieces) > MOST_PIECES:
                raise too_much()
            pieces.append(data)

    def end(name: str) -> None:
        nonlocal depth, readings, is_taking
        depth -= 1
        if name in value_names:
            is_taking = False
        elif name == cell_name:
            raw = (pieces[0] if len(pieces) == 1 else "".join(pieces)) if pieces else ""
            cell = (texts[int(raw)] if raw else "") if kind == "s" else value(raw)
            if cell != "":
                missing = column - len(cells)
                if missing or column >= MOST_COLUMNS:
                    fill(missing)
                cells.append(cell)
        elif name == row_name:
            if cells:
                ready.append(Line(row, cells.copy(), is_hidden))
        elif name == reading_name:
            readings -= 1

    def fill(missing: int) -> None:
        if column >= MOST_COLUMNS:
            raise too_far(row, far or letters(column))
        if missing < 0:
            raise damaged()
        cells.extend([""] * missing)

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
