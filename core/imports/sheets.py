"""What a file holds before anybody has read a word of it: sheets of cells, told part by part whatever the format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from core.errors import Invalid

# Day 0 of a workbook's dates. Excel believes in a 29 February 1900, so day 1 is not 1 January.
FROM_1900: Final = date(1899, 12, 30)
FROM_1904: Final = date(1904, 1, 1)
# Nobody keeps a register a thousand columns wide; a cell out there is a slip, and a row up to it costs memory.
MOST_COLUMNS: Final = 1024
MOST_ROWS: Final = 1_048_576


class Fault(StrEnum):
    """Why a cell holds nothing that can be read; also the code in the report."""

    ERROR = "error_cell"
    UNCOMPUTED = "formula_without_value"
    BROKEN = "broken_text"
    UNCLOSED = "unclosed_quote"
    TOO_MANY = "too_many_cells"


# What makes the whole row doubtful, whichever columns are read.
OF_THE_ROW: Final = frozenset((Fault.BROKEN, Fault.UNCLOSED, Fault.TOO_MANY))


class CellInvalid(ValueError):
    """A cell that cannot be read; `code` says why, `msg` in words that never repeat it."""

    def __init__(self, code: str, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that is filled in and cannot be read: never the same as a blank one."""

    fault: Fault

    def __str__(self) -> str:
        return "#"


Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | Unreadable
Row: TypeAlias = Sequence[Cell]


class Line(NamedTuple):
    """A row that is not blank, numbered as a spreadsheet shows it, from 1."""

    number: int
    cells: list[Cell]
    hidden: bool = False


class Merge(NamedTuple):
    """Cells shown as one; rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


class HiddenColumns(NamedTuple):
    """Columns that the spreadsheet does not show, from 0, both ends included."""

    first: int
    last: int


Part: TypeAlias = Line | Merge | HiddenColumns


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; each call of `parts` tells it from its beginning, lines in order. `zero` is day 0 of its numbers.

    `size` is how many bytes it is written in, unpacked.
    """

    name: str
    size: int
    parts: Callable[[], Iterator[Part]]
    hidden: bool = False
    zero: date = FROM_1900


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file; `charts` are the names of those that hold no cells.

    `is_text`: it is one nameless table whose columns are only counted out by delimiters.
    """

    sheets: tuple[Sheet, ...]
    charts: tuple[str, ...] = ()
    is_text: bool = False


def letters(column: int) -> str:
    """A column as a spreadsheet names it: 0 is A, 26 is AA."""
    found = ""
    while column >= 0:
        found = chr(ord("A") + column % 26) + found
        column = column // 26 - 1
    return found


def too_far(row: int, column: str) -> Invalid:
    """The refusal of a file with a cell far from everything else."""
    return Invalid(
        f"第 {row} 行 {column} 列的单元格里有内容，离表格太远（最多 {MOST_COLUMNS} 列、{MOST_ROWS} 行）："
        "请删掉这个单元格，保存后再导入。"
    )
