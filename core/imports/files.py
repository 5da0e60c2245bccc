"""Tables as people keep them: on any sheet, below any title, several on one sheet, with the header where it stands.

Every row of a file is accounted for: it belongs to a table, stands above one, or lies on a sheet that is not read.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from core.errors import Invalid
from core.events import names
from core.imports.formats import opening
from core.imports.sheets import Cell, Fault, HiddenColumns, Line, Merge, Row, Sheet, Unreadable, letters
from core.imports.values import is_spoilt, names_somebody

# A title, a note and a header of two lines stand above the first person; nobody writes thirty lines there.
HEADER_WITHIN_ROWS: Final = 30
FEWEST_KNOWN: Final = 2
_CERTAINLY: Final = 3
_MOST_MERGES: Final = 200_000
# Files up to so many cells in so many bytes are kept while they are read, larger ones are read twice.
_KEPT_CELLS: Final = 1_000_000
_KEPT_BYTES: Final = 64 << 20


class Headers(Protocol):
    """Which texts are headers, and which of them head the numbers by which people are known."""

    def known(self, text: str) -> bool: ...

    def identifies(self, text: str) -> bool: ...


class Why(StrEnum):
    """Why a sheet is not read."""

    EMPTY = "empty"
    CHART = "chart"
    NOT_CHOSEN = "not_chosen"
    NO_HEADER = "no_header"
    UNUSABLE = "unusable"  # `detail` says what is missing


@dataclass(frozen=True, slots=True)
class UnreadTable:
    """A sheet or table that is not read. `holds_people`: there are ID numbers in it."""

    sheet: str
    why: Why
    rows: int = 0
    holds_people: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What stands below one header. Rows are numbered as a spreadsheet shows them, from 1; columns from 0.

    `above` are the rows of title and header. `unnamed` columns hold something and have no header. `is_spoilt`: a
    spreadsheet has ruined ID numbers in it. `holds_people`: there are numbers of people in it.
    """

    sheet: str
    headers: tuple[str, ...]
    header_rows: tuple[tuple[str, ...], ...]
    above: tuple[int, ...]
    first: int
    last: int
    height: int
    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[int, ...]
    unnamed: tuple[int, ...]
    is_spoilt: bool
    is_sheet_hidden: bool
    zero: date
    holds_people: bool
    read: Callable[[], Iterator[tuple[int, Row]]]

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Every row that is not blank, with its number; a cell merged over several rows stands in each of them."""
        return ((number, row) for number, row in self.read() if self.first <= number <= self.last)

    def name(self, column: int) -> str:
        """What a column is called, its letters if it has no header."""
        text = self.headers[column] if column < len(self.headers) else ""
        return text or f"{letters(column)} 列"


@dataclass(frozen=True, slots=True)
class File:
    """The tables of a file, and what of it is not read."""

    tables: tuple[Table, ...]
    unread: tuple[UnreadTable, ...]


def open_file(path: Path, headers: Headers, *, sheets: Collection[str] = ()) -> File:
    """The tables of a file, of the named sheets or of all; raises `Invalid` where there is none.

    No message repeats a cell: without a header the first row is somebody's.
    """
    book = opening.book(path, lambda cells: sum(map(headers.known, filter(None, set(texts(cells))))))
    if book.is_text and sheets:
        raise Invalid("只有工作簿才有工作表：这个文件请去掉 `--sheet`。")
    missing = set(sheets) - {sheet.name for sheet in book.sheets}
    if missing:
        raise Invalid(f"工作簿里没有这张工作表：{'、'.join(sorted(missing))}。")
    tables: list[Table] = []
    unread = [UnreadTable(name, Why.CHART) for name in book.charts]
    room = _KEPT_CELLS if sum(sheet.size for sheet in book.sheets) <= _KEPT_BYTES else 0
    for sheet in book.sheets:
        survey = _Survey(sheet, headers, room, is_text=book.is_text, is_chosen=not sheets or sheet.name in sheets)
        found = survey.tables()
        room = survey.room
        tables += found
        if not found:
            unread.append(survey.unread())
    if not tables:
        raise Invalid(
            f"没有找到表头：前 {HEADER_WITHIN_ROWS} 行里至少要有 {FEWEST_KNOWN} 列是认得的列名，"
            '例如“身份证号”和“姓名”；别的列名用 `--map "列名=字段"` 说明。'
        )
    return File(tuple(tables), tuple(unread))


def is_blank(cell: Cell) -> bool:
    """Whether nothing is seen in a cell."""
    return type(cell) is str and not cell.strip(names.PADDING)


class _Header(NamedTuple):
    texts: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


@dataclass(slots=True)
class _Begun:
    """A table whose end is not reached. `loose`: rows since the last one that names somebody."""

    header: _Header
    above: tuple[int, ...]
    identities: tuple[int, ...]
    nameless: tuple[int, ...]
    width: int
    rows: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    unnamed: set[int] = field(default_factory=set)
    loose: int = 0
    is_spoilt: bool = False
    holds_people: bool = False

    def give_up_loose(self) -> list[int]:
        """The last rows, which name nobody: they are titles of the table below."""
        kept = len(self.rows) - self.loose
        given, self.rows = self.rows[kept:], self.rows[:kept]
        return given


class _Survey:
    """One look through a sheet: where its tables begin and end, and what must be known before a row is judged."""

    def __init__(self, sheet: Sheet, headers: Headers, room: int, *, is_text: bool, is_chosen: bool) -> None:
        self.room = room
        self._sheet, self._headers, self._is_text, self._is_chosen = sheet, headers, is_text, is_chosen
        self._merges: list[Merge] = []
        self._hidden_columns: set[int] = set()
        self._kept: list[Line] | None = [] if room > 0 else None
        self._rows = 0
        self._holds_people = False

    def tables(self) -> list[Table]:
        """The tables of the sheet, in their order."""
        begun = list(self._begun()) if self._is_chosen else []
        if not begun:
            for line in self._lines():
                self._count(line)
            return []
        return [self._ended(table) for table in begun]

    def unread(self) -> UnreadTable:
        """Why there is no table."""
        if not self._rows:
            return UnreadTable(self._sheet.name, Why.EMPTY)
        why = Why.NO_HEADER if self._is_chosen else Why.NOT_CHOSEN
        return UnreadTable(self._sheet.name, why, self._rows, self._holds_people)

    def _count(self, line: Line) -> None:
        self._rows += 1
        self._holds_people = self._holds_people or any(map(names_somebody, line.cells))

    def _begun(self) -> Iterator[_Begun]:
        lines = self._lines()
        waiting = _until(HEADER_WITHIN_ROWS, lines)
        header = self._first_header(waiting)
        if header is None:
            return
        last = header.numbers[-1]
        table = self._begin(header, tuple(line.number for line in waiting if line.number <= last))
        upcoming = chain([line for line in waiting if line.number > last], lines)
        line = next(upcoming, None)
        while line is not None:
            after = next(upcoming, None)
            again = self._header_at(line, after) if self._may_be_header(table, line) else None
            if again is None:
                self._take(table, line)
            elif again.rows == table.header.rows:
                # The header again on the next printed page is a row about nobody, and so is its second line.
                self._take(table, line)
                if after is not None and len(again.numbers) > 1:
                    self._take(table, after)
            else:
                above = (*table.give_up_loose(), *again.numbers)
                yield table
                table = self._begin(again, above)
            if again is not None and len(again.numbers) > 1:
                after = next(upcoming, None)
            line = after
        yield table

    def _lines(self) -> Iterator[Line]:
        """The lines that are not blank, kept while there is room."""
        for part in self._sheet.parts():
            if isinstance(part, Merge):
                self._merges.append(part)
                if len(self._merges) > _MOST_MERGES:
                    raise Invalid("这个文件里合并的单元格太多，不是正常的登记表，没有读取。")
            elif isinstance(part, HiddenColumns):
                self._hidden_columns.update(range(part.first, part.last + 1))
            elif not all(map(is_blank, part.cells)):
                if self._kept is not None:
                    self.room -= len(part.cells)
                    if self.room < 0:
                        self._kept = None
                    else:
                        self._kept.append(part)
                yield part

    def _first_header(self, lines: Sequence[Line]) -> _Header | None:
        """The first header of a sheet; one of few known columns and no number too, so that what it lacks is said."""
        for line, after in pairwise((*lines, None)):
            header = self._header_at(line, after, fewest=_CERTAINLY) if line is not None else None
            if header is not None:
                return header
        nobodies = [line for line in lines if not any(map(names_somebody, line.cells))]
        best = max(nobodies, key=lambda line: len(self._known(texts(line.cells))), default=None)
        if best is None or len(self._known(found := texts(best.cells))) < FEWEST_KNOWN:
            return None
        return _Header(found, (found,), (best.number,))

    def _header_at(self, line: Line, after: Line | None, *, fewest: int | None = None) -> _Header | None:
        """The header that begins in a line: the line, or with the one below it when both together name more columns.

        The upper row of a pair fills the gaps of the lower one. With `fewest`, so many columns make a header though
        none of them is for the numbers of people.
        """

        def is_header(known: Set[str]) -> bool:
            identifies = any(map(self._headers.identifies, known))
            return len(known) >= FEWEST_KNOWN if identifies else fewest is not None and len(known) >= fewest

        upper = texts(line.cells)
        alone = self._known(upper)
        if after is not None and any(upper):
            lower = texts(after.cells)
            joined = _joined(upper, lower)
            both = self._known(joined)
            if len(both) > max(len(alone), len(self._known(lower))) and is_header(both):
                return _Header(joined, (upper, lower), (line.number, after.number))
        return _Header(upper, (upper,), (line.number,)) if is_header(alone) else None

    def _known(self, texts: Iterable[str]) -> set[str]:
        return {text for text in texts if text and self._headers.known(text)}

    def _begin(self, header: _Header, above: tuple[int, ...]) -> _Begun:
        identities = tuple(index for index, text in enumerate(header.texts) if self._headers.identifies(text))
        nameless = tuple(index for index, text in enumerate(header.texts) if not text)
        return _Begun(header, above, identities, nameless, len(header.texts))

    def _may_be_header(self, table: _Begun, line: Line) -> bool:
        """Whether no number stands where numbers stand: only then it is worth looking for a header."""
        cells = line.cells
        for column in table.identities:
            cell = cells[column] if column < len(cells) else ""
            if not isinstance(cell, str) or cell[:1].isdigit():
                return False
        return True

    def _take(self, table: _Begun, line: Line) -> None:
        cells = line.cells
        width = len(cells)
        table.rows.append(line.number)
        if line.hidden:
            table.hidden.append(line.number)
        table.loose += 1
        for column in table.identities:
            if column < width and cells[column] != "":
                table.loose, table.holds_people = 0, True
                if not table.is_spoilt:
                    table.is_spoilt = is_spoilt(cells[column])
        if not table.holds_people and not table.identities:
            table.holds_people = any(map(names_somebody, cells))
        for column in table.nameless:
            if column < width and not is_blank(cells[column]):
                table.unnamed.add(column)
        if width > table.width:
            table.unnamed.update(column for column in range(table.width, width) if not is_blank(cells[column]))

    def _ended(self, table: _Begun) -> Table:
        rows, texts = table.rows, table.header.texts
        unnamed = () if self._is_text else tuple(sorted(table.unnamed))
        return Table(
            sheet=self._sheet.name,
            # A column without a header can be named by its letters, if there is something in it.
            headers=texts + ("",) * (max(unnamed, default=0) + 1 - len(texts)),
            header_rows=table.header.rows,
            above=table.above,
            first=rows[0] if rows else 1,
            last=rows[-1] if rows else 0,
            height=len(rows),
            hidden_rows=tuple(number for number in table.hidden if rows and number <= rows[-1]),
            hidden_columns=tuple(sorted(self._hidden_columns)),
            unnamed=unnamed,
            is_spoilt=table.is_spoilt,
            is_sheet_hidden=self._sheet.hidden,
            zero=self._sheet.zero,
            holds_people=table.holds_people,
            read=partial(self._read, len(table.header.texts)),
        )

    def _read(self, width: int) -> Iterator[tuple[int, Row]]:
        if self._kept is not None:
            lines: Iterable[Line] = self._kept
        else:
            lines = (
                part for part in self._sheet.parts() if isinstance(part, Line) and not all(map(is_blank, part.cells))
            )
        if self._is_text:
            return ((line.number, _cut(line.cells, width)) for line in lines)
        return _filled(lines, self._merges)


def _until(last: int, lines: Iterator[Line]) -> list[Line]:
    """The lines up to a row, and the first one below it."""
    found = []
    for line in lines:
        found.append(line)
        if line.number > last:
            break
    return found


def texts(cells: Iterable[Cell]) -> tuple[str, ...]:
    """The texts of a row that may be a header, each on one line."""
    return tuple(" ".join(names.visible(cell).split()) if isinstance(cell, str) else "" for cell in cells)


def _joined(upper: tuple[str, ...], lower: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(low or high for high, low in zip_longest(upper, lower, fillvalue=""))


def _cut(cells: Sequence[Cell], width: int) -> Row:
    """The cells of a line of text; what stands beyond the last header shows that a delimiter is one too many."""
    if len(cells) <= width or all(map(is_blank, cells[width:])):
        return cells
    return [*cells[:width], Unreadable(Fault.TOO_MANY)]


def _filled(lines: Iterable[Line], merges: Iterable[Merge]) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet; a cell merged over several rows stands in each of them, as it is shown."""
    beginning: dict[int, list[Merge]] = defaultdict(list)
    for merge in merges:
        if merge.bottom > merge.top:
            beginning[merge.top].append(merge)
    running: list[tuple[Merge, Cell]] = []
    for line in lines:
        row = line.cells
        if running or line.number in beginning:
            running = [(merge, cell) for merge, cell in running if merge.bottom >= line.number]
            row = [*row, *[""] * (max((merge.right + 1 for merge, _ in running), default=0) - len(row))]
            for merge, cell in running:
                row[merge.left : merge.right + 1] = [cell] * (merge.right + 1 - merge.left)
            running += [
                (merge, row[merge.left])
                for merge in beginning.get(line.number, ())
                if merge.left < len(row) and row[merge.left] != ""
            ]
        yield line.number, row
