"""A row of a register or of facts, read into what a monitoring system would have sent about the person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from core.imports import values
from core.imports.files import Cell, Row, Table
from core.imports.mapping import MARK, Kind, Plan
from core.imports.places import Places
from core.imports.values import CellInvalid

Value = TypeVar("Value")

_WORDS: Final = {
    "support": values.SUPPORTS,
    "basis": values.BASES,
    "cause": values.CAUSES,
    "warning": values.WARNINGS,
}
# What stands in the first cell of a line below the last person.
_FOOTERS: Final = (
    "合计",
    "总计",
    "小计",
    "共计",
    "总人数",
    "制表",
    "填表",
    "审核",
    "负责人",
    "经办人",
    "备注",
    "说明",
    "注:",
    "注：",
)
_LINES: Final = ("external_id", "name", "household", "relation", "address")


class RowProblem(NamedTuple):
    """Why a row is refused: where, and in words that never repeat what stands there."""

    row: int
    column: str
    code: str
    msg: str


class RowInvalid(ValueError):
    """A row that cannot be read; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[RowProblem]) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says. A fact without `valid_from` takes the day the source first named it."""

    row: int
    person: dict[str, str]
    facts: list[dict[str, Any]]
    says_tags: bool = False


class Cells:
    """One row by field; every problem is noted, and none ends the reading."""

    __slots__ = ("_at", "plan", "problems", "row", "row_number")

    def __init__(self, plan: Plan, at: Mapping[str, int], row: Row, row_number: int) -> None:
        self.plan, self._at, self.row, self.row_number = plan, at, row, row_number
        self.problems: list[RowProblem] = []

    def get(self, field: str) -> Cell:
        """The cell of a field; "" where there is none or it is blank."""
        index = self._at.get(field)
        if index is None or index >= len(self.row):
            return ""
        cell = self.row[index]
        return "" if isinstance(cell, str) and not cell.strip() else cell

    def take(self, field: str, read: Callable[[Cell], Value]) -> Value | None:
        """What a field says, None if it is blank or cannot be read."""
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
        self.problems.append(RowProblem(self.row_number, self.plan.header(field), code, msg))


class Reader:
    """Reads the rows of one file. `doubtful`: its ID numbers were in part ruined by a spreadsheet."""

    def __init__(self, plan: Plan, places: Places, *, doubtful: bool) -> None:
        self._plan, self._places = plan, places
        self.at = {one.field: one.index for one in plan.columns}
        self._tags = [one for one in plan.columns if one.field == "tags" or one.field.startswith(MARK)]
        self._identity = [self.at[field] for field in ("id_number", "external_id") if field in self.at]
        self._headers = {one.index: one.header for one in plan.columns}
        readers: dict[str, Callable[[Cell], str | None]] = {
            "id_number": partial(values.number_of_person, doubtful=doubtful),
            **dict.fromkeys(_LINES, values.line),
            "phone": values.code,
            "birth_date": values.day,
            "sex": partial(values.word, words=values.SEXES),
        }
        self._readers = [(field, read) for field, read in readers.items() if field in self.at]

    def is_furniture(self, row: Row) -> bool:
        """Whether a row is about nobody: numbered but empty, a total, a note, or the header again on the next page."""

        def said(index: int) -> str:
            return str(row[index]).strip() if index < len(row) else ""

        if any(map(said, self._identity)):
            return all(said(index) == header for index, header in self._headers.items())
        first = next((text for cell in row if (text := str(cell).strip())), "")
        return first.startswith(_FOOTERS) or not any(map(said, self._headers))

    def read(self, row: Row, number: int) -> Said:
        """What a row of a register or of facts says; raises `RowInvalid` naming everything that is wrong."""
        cells = Cells(self._plan, self.at, row, number)
        person = self.person(cells)
        if self._plan.kind is Kind.REGISTER:
            self._place(cells, person)
            if "name" not in person:
                cells.note("name", "missing", "必须填写。")
            facts, says_tags = self._facts_of_register(cells)
        else:
            facts, says_tags = [self._fact(cells)], False
        if cells.problems:
            raise RowInvalid(cells.problems)
        return Said(number, person, facts, says_tags)

    def person(self, cells: Cells) -> dict[str, str]:
        """Who a row is about."""
        found = {field: value for field, read in self._readers if (value := cells.take(field, read)) is not None}
        if not cells.problems and "id_number" not in found and "external_id" not in found:
            field = "id_number" if "id_number" in self.at else "external_id"
            cells.note(field, "missing", "必须填写，没有号码找不到人。")
        return found

    def whose(self, row: Row) -> dict[str, str]:
        """Whose row it is, as far as it can be read; for a row that is refused."""
        person = self.person(Cells(self._plan, self.at, row, 0))
        return {field: person[field] for field in ("id_number", "external_id") if field in person}

    def _place(self, cells: Cells, person: dict[str, str]) -> None:
        committee = cells.get("committee")
        if committee == "":
            cells.note("committee", "missing", "必须填写。")
            return
        try:
            person["street"], person["committee"] = self._places.find(cells.get("street"), committee)
        except CellInvalid as problem:
            cells.note("street" if problem.code == "unknown_street" else "committee", problem.code, problem.msg)

    def _facts_of_register(self, cells: Cells) -> tuple[list[dict[str, Any]], bool]:
        dates = {field: day for field in ("valid_from", "valid_to") if (day := cells.take(field, values.day))}
        tagged, says_tags = self._tagged(cells)
        facts = [{**dates, **fact} for fact in tagged]
        disability = self._disability(cells)
        if disability is not None:
            since = cells.take("disability_from", values.day) or dates.get("valid_from")
            facts.append({**disability, **({"valid_from": since} if since else {})})
        basis = cells.take("basis", lambda cell: values.word(cell, values.BASES))
        if basis is not None:
            since = cells.take("illness_from", values.day)
            facts.append({"kind": "serious_illness", "basis": basis, **({"valid_from": since} if since else {})})
        return facts, says_tags

    def _tagged(self, cells: Cells) -> tuple[list[dict[str, Any]], bool]:
        """The tags of all columns, whether words in one cell or ticks in a column each, and whether any is filled in.

        A blank cell may only not have been filled in; 无 or a crossed tick says that there is no such tag.
        """
        support = cells.take("support", lambda cell: values.word(cell, values.SUPPORTS))
        found: dict[str, dict[str, Any]] = {}
        is_filled = False
        for column in self._tags:
            cell = cells.row[column.index] if column.index < len(cells.row) else ""
            said = values.plain(cell)
            if not said or said in ("-", "/"):
                continue
            is_filled = True
            if said == "无":
                continue
            since = None
            named: list[str] | None
            if column.field == "tags":
                named = cells.read("tags", cell, values.tags)
            else:
                named, since = self._ticked(cells, column.field, cell)
            for tag in named or ():
                fact = self._tag(cells, column.field, tag, support)
                if fact is not None:
                    found[fact["tag"]] = {**fact, **({"valid_from": since} if since else {})}
        return list(found.values()), is_filled

    def _ticked(self, cells: Cells, field: str, cell: Cell) -> tuple[list[str] | None, str | None]:
        """The tag of a ticked column, and the day if the tick is one."""
        tag = field.removeprefix(MARK)
        ticked = values.TICKS.get(values.word_key(values.plain(cell)))
        if ticked is not None:
            return ([tag] if ticked == "yes" else []), None
        if tag == "tekun" and (support := values.SUPPORTS.get(values.word_key(values.plain(cell)))):
            return [f"tekun:{support}"], None
        since = cells.read(field, cell, values.day)
        return ([tag] if since else None), since

    def _tag(self, cells: Cells, field: str, tag: str, support: str | None) -> dict[str, Any] | None:
        tag, _, said = tag.partition(":")
        fact = {"kind": values.kind_of_tag(tag), "tag": tag}
        if tag == "tekun":
            if not (said or support):
                cells.note(
                    field, "support_missing", "请写明特困（分散）或特困（集中），或用 `--map` 指明供养方式一列。"
                )
                return None
            fact["support"] = said or str(support)
        return fact

    def _disability(self, cells: Cells) -> dict[str, Any] | None:
        """From the certificate's number, or from a column each for category and grade."""
        certificate = cells.take("disability_number", values.certificate)
        if certificate is not None:
            number, category, grade = certificate
            own = cells.get("id_number")
            if isinstance(own, str) and own and not cells.problems:
                known = values.number_of_person(own, doubtful=False)
                if known != number:
                    cells.note("disability_number", "disability_number_mismatch", "残疾证号中是另一个人的身份证号码。")
            return {"kind": "disability", "category": category, "grade": grade}
        category_said = cells.take("category", lambda cell: values.word(cell, values.CATEGORIES))
        grade_said = cells.take("grade", lambda cell: values.word(cell, values.GRADES))
        if category_said is None and grade_said is None:
            return None
        if category_said is None or grade_said is None:
            if not cells.problems:
                cells.note("grade" if grade_said is None else "category", "missing", "残疾类别和等级须一起填写。")
            return None
        return {"kind": "disability", "category": int(category_said), "grade": int(grade_said)}

    def _fact(self, cells: Cells) -> dict[str, Any]:
        """The one fact of a row; its kind follows from the tag where only that is given."""
        kind = cells.take("kind", lambda cell: values.word(cell, values.KINDS))
        fact: dict[str, Any] = {}
        for field, words in _WORDS.items():
            value = cells.take(field, lambda cell, words=words: values.word(cell, words))  # type: ignore[misc]
            if value is not None:
                fact[field] = value
        for field in ("valid_from", "valid_to", "confirmed_on"):
            day = cells.take(field, values.day)
            if day is not None:
                fact[field] = day
        reason = cells.take("reason", values.line)
        if reason is not None:
            fact["reason"] = reason
        self._tag_of_fact(cells, kind, fact)
        kind = kind or fact.pop("kind", None)
        if kind is None:
            kind = "major_change" if "cause" in fact else "warning" if "warning" in fact else None
        if kind == "disability":
            fact |= self._disability(cells) or {}
        if kind is None and not cells.problems:
            cells.note("kind", "missing", "须写明是哪一类事实，或者写出标签。")
        if "valid_from" not in fact and not any(
            one.column == cells.plan.header("valid_from") for one in cells.problems
        ):
            cells.note("valid_from", "missing", "必须填写。")
        return {**fact, "kind": kind}

    def _tag_of_fact(self, cells: Cells, kind: str | None, fact: dict[str, Any]) -> None:
        if cells.get("tag") == "":
            return
        if kind == "street_tag":
            fact["tag"] = values.code(cells.get("tag"))
            return
        found = cells.read("tag", cells.get("tag"), values.tags)
        if found is None:
            return
        if len(found) > 1:
            cells.note("tag", "several_tags", "一行只能写一个标签，请分行填写。")
            return
        tagged = self._tag(cells, "tag", found[0], fact.get("support"))
        if tagged is not None:
            if kind is not None:
                tagged.pop("kind")
            fact |= tagged


def spoils(table: Table, plan: Plan) -> bool:
    """Whether a spreadsheet ruined ID numbers of a file: then none that ends in 000 is believed."""
    column = next((one.index for one in plan.columns if one.field == "id_number"), None)
    if column is None:
        return False

    def cell(row: Row) -> Cell:
        return row[column] if column < len(row) else ""

    return any(values.is_spoilt(cell(row)) for _, row in table.rows())
