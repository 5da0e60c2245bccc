"""What became of the rows of a file: counted for the person at the shell, listed for whoever corrects the file.

Neither holds anybody's data: a row is named by its number, a person by the resident id.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import xlsxwriter

from core.imports.events import Made
from core.imports.rows import RowProblem

_AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False}
_COLUMNS: Final = ("row", "column", "code", "reason", "原因")
# What is said most often, in the words of those who keep the files.
_CHINESE: Final = {
    "id_number_spreadsheet": "身份证号已被表格软件转成数字，末几位已丢失：请先把该列设为“文本”格式，再按原件重新填写",
    "id_number_checksum": "身份证号校验位不符，请核对",
    "id_number_length": "身份证号应为18位",
    "id_number_characters": "身份证号应为17位数字加一位数字或X",
    "id_number_date": "身份证号中的出生日期不存在",
    "disability_number_spreadsheet": "残疾证号已被表格软件转成数字：请先把该列设为“文本”格式，再重新填写",
    "disability_number_mismatch": "残疾证号与身份证号不是同一人",
    "disability_number": "残疾证号应为身份证号加类别、等级共20位",
    "missing": "必填项为空",
    "unknown_committee": "没有这个居（村）委会：请填12位代码或名称",
    "ambiguous_committee": "有多个同名居（村）委会：请填12位代码",
    "committee_elsewhere": "该居（村）委会不属于本行所填街镇",
    "unknown_street": "没有这个街镇：请填9位代码或名称",
    "tag_ambiguous": "请写明“城保”或“农保”，不要只写“低保”",
    "support_missing": "特困请写明“分散”或“集中”",
    "unknown_word": "不是可识别的用语",
    "date": "日期无法识别：请写成 2026-03-20",
    "date_without_day": "日期缺少“日”：请写成 2026-03-20",
    "date_in_future": "日期在将来",
    "order": "结束日期早于开始日期",
    "told_twice": "同一人（同一事项）在文件中出现两次且内容不同：请保留一行",
    "several_tags": "一行只能写一个标签",
    "unknown_person": "在库中没有这个人：请先导入花名册",
    "duplicate_visit": "此人当日同一方式的走访已经登记",
    "conflict": "此前已登记且内容不同：请在系统中更正",
    "in_future": "日期在将来",
    "not_found": "此人不在该用户负责的范围内",
    "hours": "服务时长应为大于0、不超过12小时的数，最多一位小数",
    "disappeared": "上次有、这次没有：请确认是否退出，系统不会自行视为退出",
}


@dataclass(slots=True)
class Report:
    """What became of rows, without anybody's data. `waiting`: facts of people whom nobody has registered yet."""

    rows: int = 0
    new: int = 0
    joined: int = 0
    changed: int = 0
    returned: int = 0
    moved: int = 0
    unchanged: int = 0
    repeated: int = 0
    skipped: int = 0
    waiting: int = 0
    events: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    # Refused rows of which nobody can say whose they are: the person must not count as missing.
    unidentified: int = 0
    streets: set[str] = field(default_factory=set)

    @property
    def refused(self) -> int:
        """How many rows have a problem."""
        return len({one.row for one in self.problems})

    def count(self, made: Made) -> None:
        """Count a row that brings news."""
        for name in made.counted:
            setattr(self, name, getattr(self, name) + 1)
        self.events += len(made.events)
        self.fields.update(made.fields)
        self.ended.update(made.ended)

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


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of problem: how many rows have it, and the first of them."""

    column: str
    code: str
    msg: str
    count: int
    rows: tuple[int, ...]


def reasons(problems: Sequence[RowProblem], *, first: int = 5) -> list[Reason]:
    """The problems by column and reason, the most frequent first."""
    rows: dict[tuple[str, str], list[RowProblem]] = {}
    for one in problems:
        rows.setdefault((one.column, one.code), []).append(one)
    found = [
        Reason(column, code, some[0].msg, len(some), tuple(one.row for one in some[:first]))
        for (column, code), some in rows.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.rows))


def write(path: Path, problems: Sequence[RowProblem], missing: Sequence[UUID]) -> None:
    """List refused rows and missing people in a file, a workbook if it is called one, otherwise CSV."""
    lines = list(_lines(problems, missing))
    if path.suffix.lower() == ".xlsx":
        with xlsxwriter.Workbook(path, _AS_TEXT) as workbook:
            sheet = workbook.add_worksheet()
            for number, line in enumerate([_COLUMNS, *lines]):
                sheet.write_row(number, 0, line)
        return
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([_COLUMNS, *lines])


def _lines(problems: Sequence[RowProblem], missing: Sequence[UUID]) -> Iterator[tuple[str | int, ...]]:
    for one in sorted(problems):
        # A header is the sender's text: a spreadsheet must not take it for a formula.
        column = f"'{one.column}" if one.column.startswith(("=", "+", "-", "@")) else one.column
        yield one.row, column, one.code, one.msg, _CHINESE.get(one.code, "")
    for resident_id in missing:
        yield "", "", "disappeared", f"居民 {resident_id} 不在文件中。", _CHINESE["disappeared"]
