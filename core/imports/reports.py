"""What became of the rows of a file: counted for the person at the shell, listed for whoever corrects the file.

Neither holds anybody's data: a row is named by its sheet and number, a person by the resident id.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Final
from uuid import UUID

import xlsxwriter

from core import spreadsheets
from core.imports import words
from core.imports.cells import RowNote, Section, Where
from core.imports.events import RowEvents
from core.imports.files import Table, UnreadTable, Why
from core.imports.mapping import Plan
from rules.facts import FactKind

_COLUMNS: Final = ("工作表", "行号", "结果", "列", "代码", "说明")


class Outcome(StrEnum):
    """What a line of the report is about, as people read it."""

    REFUSED = "未收"
    CHANGED = "有改动"
    NOTICE = "提示"
    LEFT = "未读"
    MISSING = "文件中没有"


NOT_A_PERSON: Final = "合计、说明、重复的表头或空号一类，没有当作一个人来读。"
LEFT_OUT: Final = "按 `--map-value` 的说明没有收。"
# What the door of the alerts says, in the words of those who keep the files.
_OF_THE_DOOR: Final = {
    "text": "内容为空、过长或含有不能用的字符，请核对。",
    "control_character": "内容里有不能用的控制字符，请重新填写。",
    "date": "日期读不出来，请写成 2026-03-20。",
    "range": "日期超出可用的范围，请核对。",
    "date_in_future": "日期在将来，请核对。",
    "order": "结束日期早于开始日期，请核对。",
    "missing": "必填项为空，请补上。",
    "enum": "不是可用的词，请核对。",
    "code": "代码的位数不对，请核对。",
    "conflict": "此前已登记且内容不同：请在系统中更正。",
    "in_future": "日期在将来，请核对。",
    "duplicate_visit": "此人当日同一方式的走访已经登记。",
    "not_found": "此人不在该账号负责的范围内。",
    "unknown_committee": "没有这个居（村）委会：请填 12 位代码或名称。",
}
_WHY: Final = {
    Why.EMPTY: "是空的",
    Why.CHART: "是图表一类，没有单元格",
    Why.NOT_CHOSEN: "没有选它（`--sheet`）",
    Why.NO_HEADER: "没有找到表头",
    Why.UNUSABLE: "表头认出来了，但不能导入",
}
_NEW: Final = ("new",)
_FOUND: Final = {"joined": "此人已由其他来源登记，并入同一人", "returned": "此人曾经退出，这次重新在册"}
_KINDS: Final[Mapping[str, str]] = {
    FactKind.ASSISTANCE: "救助类别",
    FactKind.OUTREACH: "政策找人",
    FactKind.SERIOUS_ILLNESS: "重病",
    FactKind.DISABILITY: "残疾",
    FactKind.MAJOR_CHANGE: "重大变故",
    FactKind.WARNING: "预警",
    FactKind.PAUSE: "暂停走访",
    FactKind.STREET_TAG: "街镇标签",
}


@dataclass(slots=True)
class Report:
    """What became of rows, without anybody's data. `waiting`: facts of people whom nobody has registered yet.

    Of `rows` each is counted once: as new, joined, changed, returned, unchanged or repeated; as left out (by what its
    state was mapped to); or as refused. Beside them stand the skipped ones, which are about nobody.
    """

    rows: int = 0
    new: int = 0
    joined: int = 0
    changed: int = 0
    returned: int = 0
    moved: int = 0
    unchanged: int = 0
    repeated: int = 0
    skipped: int = 0
    left_out: int = 0
    waiting: int = 0
    events: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    problems: list[RowNote] = field(default_factory=list)
    changes: list[RowNote] = field(default_factory=list)
    notices: list[RowNote] = field(default_factory=list)
    # Refused rows of which nobody can say whose they are: the person must not count as missing.
    unidentified: int = 0
    streets: set[str] = field(default_factory=set)

    @property
    def refused(self) -> int:
        """How many rows have a problem."""
        return len({note.where for note in self.problems})

    def count(self, row_events: RowEvents, plan: Plan | None) -> None:
        """Count a row that brings news; without a plan it is about somebody without a row."""
        for name in row_events.counted:
            setattr(self, name, getattr(self, name) + 1)
        self.events += len(row_events.events)
        if plan is None or row_events.counted == _NEW:
            return
        self.fields.update(field_name(plan, name) for name in row_events.fields)
        self.ended.update(tag_name(tag) for tag in row_events.ended)
        said = _change(row_events, plan)
        if said:
            self.changes.append(RowNote(row_events.where, "", row_events.counted[0], said))

    def add(self, other: "Report") -> None:
        """Count what another stretch of the same file came to."""
        for name in self.__slots__:
            mine, more = getattr(self, name), getattr(other, name)
            if isinstance(mine, int):
                setattr(self, name, mine + more)
            elif isinstance(mine, list):
                mine.extend(more)
            else:
                mine.update(more)


def of_the_door(code: str, msg: str) -> str:
    """What the door of the alerts says, in the words of those who keep the files."""
    return _OF_THE_DOOR.get(code, msg)


def field_name(plan: Plan, name: str) -> str:
    """What a file calls a field of a person, or a kind of facts."""
    return _KINDS.get(name) or plan.header(name)


def tag_name(tag: str) -> str:
    """What people call a tag."""
    return words.TAG_NAMES.get(tag, tag)


def _change(row_events: RowEvents, plan: Plan) -> str:
    """How a row differs from what was known, "" if it is new or says nothing else; what stood there is left unsaid."""
    said = [_FOUND[name] for name in row_events.counted if name in _FOUND]
    if row_events.fields:
        said.append(f"改了{'、'.join(field_name(plan, name) for name in row_events.fields)}")
    if row_events.ended:
        said.append(f"{'、'.join(map(tag_name, row_events.ended))}不再列出，到文件前一天为止")
    if row_events.moved:
        said.append("迁到另一个居（村）委会")
    if row_events.kept:
        said.append(f"{'、'.join(field_name(plan, name) for name in row_events.kept)}这次没有填，保留原来的")
    return f"{'；'.join(said)}。" if said else ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is said of rows: how many there are, and which."""

    column: str
    code: str
    msg: str
    count: int
    rows: tuple[Where, ...]


def reasons(notes: Sequence[RowNote]) -> list[Reason]:
    """What is said of rows by column and reason, the most frequent first."""
    rows: dict[tuple[str, str], list[RowNote]] = {}
    for note in notes:
        rows.setdefault((note.column, note.code), []).append(note)
    found = [
        Reason(column, code, some[0].msg, len(some), tuple(sorted(note.where for note in some)))
        for (column, code), some in rows.items()
    ]
    return sorted(found, key=lambda reason: (-reason.count, reason.rows))


def row_words(rows: Sequence[Where], *, most: int = 8) -> str:
    """Rows as people name them: “花名册”第 3、5–7 行; the first stretches of them if there are many."""
    stretches: list[list[Where]] = []
    for where in rows:
        if stretches and stretches[-1][-1].order == where.order and stretches[-1][-1].row + 1 == where.row:
            stretches[-1].append(where)
        else:
            stretches.append([where])
    named = []
    for _, group in groupby(stretches[:most], key=lambda stretch: stretch[0].order):
        several = list(group)
        numbers = (
            str(stretch[0].row) if len(stretch) == 1 else f"{stretch[0].row}–{stretch[-1].row}" for stretch in several
        )
        sheet = several[0][0].sheet
        named.append(f"{f'“{sheet}”' if sheet else ''}第 {'、'.join(numbers)} 行")
    return "，".join(named) + (" 等" if len(stretches) > most else "")


def unread_words(table: UnreadTable) -> str:
    """Why a table is not read, and how much is in it."""
    sheet = f"工作表“{table.sheet}”" if table.sheet else "其中一张表"
    rows = f"（{table.rows:,} 行）" if table.rows else ""
    people = "里面有身份证号，这些人没有导入！" if table.holds_people else ""
    detail = f"：{table.detail}" if table.detail else "。"
    return f"{sheet}没有读{rows}，{_WHY[table.why]}{detail}{people}"


def of_layout(sections: Iterable[Section]) -> list[RowNote]:
    """What must be said of tables before their rows: what is hidden, and what has no header."""
    found = []
    for section in sections:
        table, order = section.table, section.order
        found += [
            RowNote(
                Where(order, table.sheet, row), "", "hidden_row", "这一行在文件里是隐藏的（筛选或手工隐藏），照样读了。"
            )
            for row in table.hidden_rows
        ]
        found += _of_columns(table, section)
    return found


def _of_columns(table: Table, section: Section) -> Iterator[RowNote]:
    where = Where(section.order, table.sheet, table.above[-1] if table.above else 1)
    used = {column.index for column in section.plan.columns}
    for column in table.hidden_columns:
        if column in used:
            yield RowNote(where, table.name(column), "hidden_column", "这一列在文件里是隐藏的，照样读了。")
    for column in table.unnamed:
        if column not in used:
            yield RowNote(where, table.name(column), "unnamed_column", "这一列有内容但没有表头，没有读。")


def write(path: Path, report: Report, unread: Sequence[UnreadTable], missing: Sequence[UUID]) -> None:
    """List row by row what is to be known, in a workbook if the file is called one, otherwise CSV."""
    lines = list(_lines(report, unread, missing))
    if path.suffix.lower() == ".xlsx":
        with xlsxwriter.Workbook(path, spreadsheets.AS_TEXT) as workbook:
            sheet = workbook.add_worksheet()
            for number, line in enumerate([_COLUMNS, *lines]):
                sheet.write_row(number, 0, line)
        return
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([_COLUMNS, *lines])


def _lines(report: Report, unread: Sequence[UnreadTable], missing: Sequence[UUID]) -> Iterator[tuple[str | int, ...]]:
    for table in unread:
        yield spreadsheets.neutral(table.sheet), "", Outcome.LEFT, "", table.why, unread_words(table)
    outcomes = (
        (Outcome.REFUSED, report.problems),
        (Outcome.CHANGED, report.changes),
        (Outcome.NOTICE, report.notices),
    )
    noted = sorted((note, rank, outcome) for rank, (outcome, notes) in enumerate(outcomes) for note in notes)
    for note, _, outcome in noted:
        yield (
            spreadsheets.neutral(note.where.sheet),
            note.where.row,
            outcome,
            spreadsheets.neutral(note.column),
            note.code,
            note.msg,
        )
    for resident_id in missing:
        msg = f"居民 {resident_id} 上次有、这次没有：请确认是否退出，系统不会自行视为退出。"
        yield "", "", Outcome.MISSING, "", "disappeared", msg
