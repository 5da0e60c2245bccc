"""One row by field: blank, mapped, doubled and unreadable cells, and every problem noted by the column it stands in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from core.imports import values
from core.imports.files import Table, is_blank
from core.imports.mapping import Column, Plan
from core.imports.sheets import OF_THE_ROW, Cell, CellInvalid, Fault, Row, Unreadable
from core.imports.words import word_key

Value = TypeVar("Value")

_FAULTS: Final[Mapping[Fault, str]] = {
    Fault.ERROR: "单元格里是错误值（#N/A、#REF! 一类），不是空白：请改正公式或直接填写内容。",
    Fault.UNCOMPUTED: "单元格里的公式没有算出结果：请在表格软件中打开并保存一次，再导入。",
    Fault.BROKEN: "这一行里有损坏的字符（编码错误），其他行不受影响：请改正这一行。",
    Fault.UNCLOSED: "这一行里的引号没有配对，其他行不受影响：请改正这一行。",
    Fault.TOO_MANY: "这一行的列数多于表头：多半是某一格里有没加引号的分隔符，请改正这一行。",
}


class Where(NamedTuple):
    """A row of a file: its sheet, by order and name, and its number as a spreadsheet shows it."""

    order: int
    sheet: str
    row: int

    def __str__(self) -> str:
        return f"“{self.sheet}”第 {self.row} 行" if self.sheet else f"第 {self.row} 行"


class RowNote(NamedTuple):
    """What is to be said about a row, in words that never repeat what stands there."""

    where: Where
    column: str
    code: str
    msg: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table with the plan to read it by. `implied` is what all its rows share: where the sheet is named after it."""

    order: int
    table: Table
    plan: Plan
    implied: Mapping[str, str]

    def rows(self) -> Iterator["FileRow"]:
        """Every row that is not blank."""
        return (FileRow(self, number, cells) for number, cells in self.table.rows())


class FileRow(NamedTuple):
    """A row with what is needed to read it."""

    section: Section
    number: int
    cells: Row

    @property
    def where(self) -> Where:
        return Where(self.section.order, self.section.table.sheet, self.number)


class Columns:
    """The columns of a section by field, looked up once for all its rows.

    `is_plain`: no word of it has another meaning, and no field two columns.
    """

    __slots__ = ("first", "further", "headers", "implied", "is_plain", "plan", "words")

    def __init__(self, section: Section) -> None:
        self.plan, self.implied = section.plan, section.implied
        self.first: dict[str, int] = {}
        self.further: dict[str, list[int]] = {}
        for column in self.plan.columns:
            if column.field in self.first:
                self.further.setdefault(column.field, []).append(column.index)
            else:
                self.first[column.field] = column.index
        self.headers = {column.index: column.header for column in self.plan.columns}
        self.words = {column.index: column.words for column in self.plan.columns if column.words}
        self.is_plain = not self.words and not self.further

    def of(self, *fields: str) -> list[Column]:
        """The columns of some fields, each of them."""
        return [column for column in self.plan.columns if column.field in fields]


class Cells:
    """One row by field; every problem is noted, and none ends the reading."""

    __slots__ = ("columns", "notices", "problems", "row", "where")

    def __init__(self, columns: Columns, row: FileRow) -> None:
        self.columns, self.row, self.where = columns, row.cells, row.where
        self.problems: list[RowNote] = []
        self.notices: list[RowNote] = []

    def faults(self) -> bool:
        """Note every cell in use that is filled in and holds nothing; returns whether there is one."""
        headers = self.columns.headers
        for index, cell in enumerate(self.row):
            if type(cell) is Unreadable:
                if index in headers or cell.fault in OF_THE_ROW:
                    self.problems.append(RowNote(self.where, headers.get(index, ""), cell.fault, _FAULTS[cell.fault]))
            elif type(cell) is str and cell[:1] in values.ERROR_BEGINS and index in headers and values.is_error(cell):
                self.problems.append(RowNote(self.where, headers[index], Fault.ERROR, _FAULTS[Fault.ERROR]))
        return bool(self.problems)

    def at(self, index: int) -> Cell:
        """The cell of a column, as it is meant; "" where there is none or it is blank."""
        cell = self.row[index] if index < len(self.row) else ""
        if is_blank(cell):
            return ""
        words = self.columns.words
        if words and index in words:
            meant = words[index].get(word_key(values.plain(cell)))
            if meant is not None:
                return "" if meant == values.NOTHING else meant
        return cell

    def get(self, field: str) -> Cell:
        """The cell of a field; "" where there is none or it is blank. Two columns of one field must agree."""
        index = self.columns.first.get(field)
        if index is None:
            return self.columns.implied.get(field, "")
        if self.columns.is_plain:
            cell = self.row[index] if index < len(self.row) else ""
            return "" if is_blank(cell) else cell
        cell = self.at(index)
        for other in self.columns.further.get(field, ()):
            said = self.at(other)
            if cell == "":
                cell = said
            elif said != "" and values.plain(said) != values.plain(cell):
                both = f"“{self.columns.headers[index]}”和“{self.columns.headers[other]}”"
                self.note(
                    field, "columns_differ", f'{both}两列说的是同一项，内容却不同：用 `--map "列名=-"` 说明不读哪一列。'
                )
                return ""
        return cell

    def take(self, field: str, read: Callable[[Cell], Value]) -> Value | None:
        """What a field says, None if it is blank or cannot be read."""
        if field not in self.columns.first:
            return None
        cell = self.get(field)
        return None if cell == "" else self.read(field, cell, read)

    def read(self, field: str, cell: Cell, read: Callable[[Cell], Value]) -> Value | None:
        """What a cell says, None if it cannot be read."""
        try:
            return read(cell)
        except CellInvalid as problem:
            self.note(field, problem.code, problem.msg)
            return None

    def note(self, field: str, code: str, msg: str) -> None:
        """Say why the row is refused."""
        self.problems.append(RowNote(self.where, self.columns.plan.header(field), code, msg))

    def notice(self, field: str, code: str, msg: str) -> None:
        """Say something about the row that does not refuse it."""
        self.notices.append(RowNote(self.where, self.columns.plan.header(field), code, msg))

    def is_noted(self, field: str) -> bool:
        """Whether something is wrong in the column of a field."""
        header = self.columns.plan.header(field)
        return any(note.column == header for note in self.problems)
