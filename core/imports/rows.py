"""A row of a register or of facts, read into what a monitoring system would have sent about the person."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Literal, NamedTuple

from core.events import id_numbers
from core.imports import days, files, values, words
from core.imports.cells import Cells, Columns, FileRow, RowNote, Section, Where
from core.imports.event_data import FactData
from core.imports.headers import MARK, Kind
from core.imports.places import Places
from core.imports.sheets import Cell, CellInvalid
from core.imports.words import Status

_WORDS: Final[dict[Literal["support", "basis", "cause", "warning"], dict[str, str]]] = {
    "support": words.SUPPORTS,
    "basis": words.BASES,
    "cause": words.CAUSES,
    "warning": words.WARNINGS,
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
_IDENTITIES: Final = ("id_number", "external_id")
_LINES: Final = ("external_id", "household", "relation", "address")
_NO_TAG: Final = ("无", "-", "/")
_MISSING: Final = "必填项为空，请补上。"
_ENDED: Final = (
    "这一列说此人已停保、死亡、注销或迁出，这一行没有收。"
    '若仍在册，用 `--map-value "列名:原词=在册"` 说明；若整类不收，用 `--map-value "列名:原词=-"`。'
)
_STATUS_UNKNOWN: Final = (
    "这个状态不认得，分不清是否在册，这一行没有收："
    '用 `--map-value "列名:原词=在册"`（或 =停保，或 =- 表示不收）说明，或用 `--map "列名=-"` 不读这一列。'
)


class RowInvalid(ValueError):
    """A row that cannot be read; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[RowNote]) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        self.problems = problems


class RowContent(NamedTuple):
    """What a row says. A fact without `valid_from` takes the day the source first named it."""

    where: Where
    person: dict[str, str]
    facts: list[FactData]
    says_tags: bool
    notices: Sequence[RowNote]


class Reader:
    """Reads the rows of one section. `doubtful`: the file's ID numbers were in part ruined by a spreadsheet."""

    def __init__(self, section: Section, places: Places, *, doubtful: bool) -> None:
        self.columns = Columns(section)
        self._plan, self._places, self._zero = section.plan, places, section.table.zero
        self._header_rows = frozenset(section.table.header_rows)
        self._tags = [
            column for column in self._plan.columns if column.field == "tags" or column.field.startswith(MARK)
        ]
        self._tag_readers = {column.index: partial(values.tags, given=column.words) for column in self._tags}
        self._period = partial(days.period, zero=section.table.zero)
        self._states = self.columns.of("status", "remarks", "is_in_force", "is_gone", "gone")
        self._identity = [column.index for column in self.columns.of("id_number", "external_id")]
        readers: dict[str, Callable[[Cell], str | None]] = {
            "id_number": partial(values.number_of_person, doubtful=doubtful),
            "name": values.name,
            **dict.fromkeys(_LINES, values.line),
            "phone": values.code,
            "birth_date": self.day,
            "sex": partial(values.word, known=words.SEXES),
        }
        self._says_disability = bool(self.columns.of("disability_number", "category", "grade"))
        self._readers = [(name, read) for name, read in readers.items() if name in self.columns.first]

    def day(self, cell: Cell) -> str | None:
        """A day, numbers counted as the workbook counts them."""
        return days.day(cell, zero=self._zero)

    def is_furniture(self, row: FileRow) -> bool:
        """Whether a row is about nobody: numbered but empty, a total, a note, or the header again on the next page."""
        cells = row.cells
        for index in self._identity:
            if index < len(cells) and (cell := cells[index]) != "" and str(cell)[:1].isdigit():
                return False

        def said(index: int) -> str:
            return str(cells[index]).strip() if index < len(cells) else ""

        if any(map(said, self._identity)):
            texts = files.texts(cells)
            return any(texts == again[: len(texts)] and not any(again[len(texts) :]) for again in self._header_rows)
        first = next((text for cell in cells if (text := str(cell).strip())), "")
        return first.startswith(_FOOTERS) or not any(map(said, self.columns.headers))

    def cells(self, row: FileRow) -> Cells:
        """A row by field; raises `RowInvalid` if a cell in use is filled in and holds nothing."""
        cells = Cells(self.columns, row)
        if cells.faults():
            raise RowInvalid(cells.problems)
        return cells

    def read(self, row: FileRow) -> RowContent | None:
        """What a row of a register or of facts says, None if it is to be left out by what its state was mapped to.

        Raises `RowInvalid` naming everything that is wrong.
        """
        cells = self.cells(row)
        if self._states and not self._is_in_force(cells):
            return None
        person = self.person(cells)
        if self._plan.kind is Kind.REGISTER:
            self._place(cells, person)
            if "name" not in person and not cells.is_noted("name"):
                cells.note("name", "missing", _MISSING)
            facts, says_tags = self._facts_of_register(cells)
        else:
            facts, says_tags = [self._fact(cells)], False
        if cells.problems:
            raise RowInvalid(cells.problems)
        return RowContent(cells.where, person, facts, says_tags, cells.notices)

    def person(self, cells: Cells) -> dict[str, str]:
        """Who a row is about."""
        found = {}
        for name, read in self._readers:
            cell = cells.get(name)
            if cell != "" and (value := cells.read(name, cell, read)):
                found[name] = value
        if not cells.problems and "id_number" not in found and "external_id" not in found:
            name = "id_number" if "id_number" in self.columns.first else "external_id"
            cells.note(name, "missing", "身份证号（或人员编号）为空：没有号码就认不出是谁，请补上。")
        if "id_number" in found and ("birth_date" in found or "sex" in found):
            self._compare(cells, found)
        return found

    def whose(self, row: FileRow) -> dict[str, str]:
        """Whose row it is, as far as it can be read; for a row that is refused."""
        cells = Cells(self.columns, row)
        found = {}
        for name, read in self._readers:
            cell = cells.get(name) if name in _IDENTITIES else ""
            if cell != "" and not values.is_error(cell) and (value := cells.read(name, cell, read)):
                found[name] = value
        return found

    def _compare(self, cells: Cells, person: dict[str, str]) -> None:
        """Say where birth date or sex contradict the number, which decides (A5)."""
        number = person["id_number"]
        if person.get("birth_date", "").replace("-", "") not in ("", number[6:14]):
            cells.notice("birth_date", "birth_date_differs", "出生日期与身份证号里的不一致，按身份证号，请核对。")
        if person.get("sex", id_numbers.sex(number)) != id_numbers.sex(number):
            cells.notice("sex", "sex_differs", "性别与身份证号里的不一致，按身份证号，请核对。")

    def _is_in_force(self, cells: Cells) -> bool:
        """Whether a row is to be read; what says that it is over is noted, what was mapped to nothing is left out."""
        for column in self._states:
            raw = cells.row[column.index] if column.index < len(cells.row) else ""
            cell = cells.at(column.index)
            if cell == "":
                mapped = column.words.get(words.word_key(values.plain(raw))) if column.words else None
                if mapped == values.NOTHING:
                    return False
                continue
            status = _status(column.field, values.plain(cell))
            if status == Status.ENDED:
                cells.problems.append(RowNote(cells.where, column.header, "status_ended", _ENDED))
            elif status is None:
                cells.problems.append(RowNote(cells.where, column.header, "status_unknown", _STATUS_UNKNOWN))
        return True

    def _place(self, cells: Cells, person: dict[str, str]) -> None:
        committee = cells.get("committee")
        if committee == "":
            if not cells.is_noted("committee"):
                cells.note("committee", "missing", _MISSING)
            return
        try:
            person["street"], person["committee"] = self._places.find(cells.get("street"), committee)
        except CellInvalid as problem:
            cells.note("street" if problem.code == "unknown_street" else "committee", problem.code, problem.msg)

    def _facts_of_register(self, cells: Cells) -> tuple[list[FactData], bool]:
        dates = self._dates(cells)
        tagged, says_tags = self._tagged(cells)
        facts: list[FactData] = [{**dates, **fact} for fact in tagged]
        disability = self._disability(cells) if self._says_disability else None
        if disability is not None:
            since = cells.take("disability_from", self.day) or dates.get("valid_from")
            facts.append({**disability, **({"valid_from": since} if since else {})})
        basis = cells.take("basis", lambda cell: values.word(cell, words.BASES))
        if basis is not None:
            since = cells.take("illness_from", self.day)
            facts.append({"kind": "serious_illness", "basis": basis, **({"valid_from": since} if since else {})})
        if dates and not facts:
            cells.notice("valid_from", "date_unused", "填了日期，但这一行没有救助类别一类的事项，日期没有用上。")
        return facts, says_tags

    def _dates(self, cells: Cells) -> FactData:
        """First and last day of a row; one cell may hold both."""
        first, until = cells.take("valid_from", self._period) or (None, None)
        last = cells.take("valid_to", self.day)
        if until is not None and last is not None and until != last:
            cells.note("valid_to", "dates_differ", "两列写的结束日期不一致，请核对。")
        found: FactData = {} if first is None else {"valid_from": first}
        if last or until:
            found["valid_to"] = str(last or until)
        return found

    def _tagged(self, cells: Cells) -> tuple[list[FactData], bool]:
        """The tags of all columns, whether words in one cell or ticks in a column each, and whether any is filled in.

        A blank cell may only not have been filled in; 无 or a crossed tick says that there is no such tag.
        """
        support = cells.take("support", lambda cell: values.word(cell, words.SUPPORTS))
        found: dict[str, FactData] = {}
        is_filled = False
        for column in self._tags:
            cell = cells.row[column.index] if column.index < len(cells.row) else ""
            said = "" if files.is_blank(cell) else values.plain(cell)
            if not said or said in _NO_TAG[1:]:
                continue
            is_filled = True
            if said == _NO_TAG[0]:
                continue
            since = None
            named: list[str] | None
            if column.field == "tags":
                named = cells.read("tags", cell, self._tag_readers[column.index])
            else:
                named, since = self._ticked(cells, column.field, cells.at(column.index))
            for tag in named or ():
                fact = self._tag(cells, column.field, tag, support)
                if fact is not None:
                    found[fact["tag"]] = {**fact, **({"valid_from": since} if since else {})}
        if support is not None and "tekun" not in found and not cells.is_noted("tags"):
            cells.notice("support", "support_unused", "填了供养方式，但这一行没有特困，供养方式没有用上。")
        return list(found.values()), is_filled

    def _ticked(self, cells: Cells, name: str, cell: Cell) -> tuple[list[str] | None, str | None]:
        """The tag of a ticked column, and the day if the tick is one."""
        if cell == "":
            return [], None
        tag = name.removeprefix(MARK)
        key = words.word_key(values.plain(cell))
        ticked = words.TICKS.get(key)
        if ticked is not None:
            return ([tag] if ticked == "yes" else []), None
        if tag == "tekun" and (support := words.SUPPORTS.get(key)):
            return [f"tekun:{support}"], None
        if words.TAG_WORDS.get(words.tag_key(values.plain(cell))) == tag:
            return [tag], None
        since = cells.read(name, cell, self.day)
        return ([tag] if since else None), since

    def _tag(self, cells: Cells, name: str, tag: str, support: str | None) -> FactData | None:
        tag, _, said = tag.partition(":")
        fact: FactData = {"kind": values.kind_of_tag(tag), "tag": tag}
        if tag == "tekun":
            if not (said or support):
                cells.note(
                    name, "support_missing", "特困要写明供养方式：写“特困（分散）”或“特困（集中）”，或填供养方式列。"
                )
                return None
            if said and support and said != support:
                cells.note("support", "support_differs", "供养方式与救助类别里写的不一致，请核对。")
                return None
            fact["support"] = said or str(support)
        return fact

    def _disability(self, cells: Cells) -> FactData | None:
        """From the certificate's number, or from a column each for category and grade."""
        certificate = cells.take("disability_number", values.certificate)
        if certificate is not None:
            number, category, grade = certificate
            own = cells.get("id_number")
            if isinstance(own, str) and own and not cells.problems:
                known = values.number_of_person(own, doubtful=False)
                if known != number:
                    cells.note("disability_number", "disability_number_mismatch", "残疾证号里的身份证号是另一个人的。")
            self._compare_disability(cells, str(category), str(grade))
            return {"kind": "disability", "category": category, "grade": grade}
        category_said = cells.take("category", lambda cell: values.word(cell, words.CATEGORIES))
        grade_said = cells.take("grade", lambda cell: values.word(cell, words.GRADES))
        if category_said is None and grade_said is None:
            return None
        if category_said is None or grade_said is None:
            if not cells.problems:
                cells.note("grade" if grade_said is None else "category", "missing", "残疾类别和残疾等级要一起填写。")
            return None
        return {"kind": "disability", "category": int(category_said), "grade": int(grade_said)}

    def _compare_disability(self, cells: Cells, category: str, grade: str) -> None:
        for name, known, meant in (("category", words.CATEGORIES, category), ("grade", words.GRADES, grade)):
            said = cells.take(name, partial(values.word, known=known))
            if said is not None and said != meant:
                cells.notice(name, f"{name}_differs", "与残疾证号里的不一致，按残疾证号，请核对。")

    def _fact(self, cells: Cells) -> FactData:
        """The one fact of a row; its kind follows from the tag where only that is given."""
        kind = cells.take("kind", lambda cell: values.word(cell, words.KINDS))
        fact: FactData = {}
        for name, known in _WORDS.items():
            value = cells.take(name, partial(values.word, known=known))
            if value is not None:
                fact[name] = value
        fact |= self._dates(cells)
        confirmed_on = cells.take("confirmed_on", self.day)
        if confirmed_on is not None:
            fact["confirmed_on"] = confirmed_on
        reason = cells.take("reason", values.line)
        if reason:
            fact["reason"] = reason
        self._tag_of_fact(cells, kind, fact)
        kind = kind or fact.pop("kind", None)
        if kind is None:
            kind = "major_change" if "cause" in fact else "warning" if "warning" in fact else None
        if kind == "disability":
            fact |= self._disability(cells) or {}
        if kind is None and not cells.problems:
            cells.note("kind", "missing", "要写明是哪一种事项，或写明救助类别。")
        if "valid_from" not in fact and not cells.is_noted("valid_from"):
            cells.note("valid_from", "missing", _MISSING)
        if kind is not None:
            fact["kind"] = kind
        return fact

    def _tag_of_fact(self, cells: Cells, kind: str | None, fact: FactData) -> None:
        cell = cells.get("tag")
        if cell == "":
            return
        if kind == "street_tag":
            fact["tag"] = values.code(cell)
            return
        [column, *_] = self.columns.of("tag")
        found = cells.read("tag", cell, partial(values.tags, given=column.words))
        if found is None:
            return
        if len(found) > 1:
            cells.note("tag", "several_tags", "一行只能写一个标签：请每个标签各写一行。")
            return
        tagged = self._tag(cells, "tag", found[0], fact.get("support")) if found else None
        if tagged is not None:
            if kind is not None:
                tagged.pop("kind")
            fact |= tagged


def _status(field: str, text: str) -> Status | None:
    """What a state, a remark or the like says, None for a state that is not known.

    The words of a state are few; a remark is free text of which only an end matters.
    """
    key = words.word_key(text)
    known = words.STATUSES.get(key)
    ticked = words.TICKS.get(key)
    match field:
        case "is_in_force" | "is_gone" if ticked is not None:
            return Status.IN_FORCE if (ticked == "yes") is (field == "is_in_force") else Status.ENDED
        case _ if known is not None:
            return Status(known)
        case "gone":
            return Status.IN_FORCE if text in _NO_TAG else Status.ENDED
        case _ if words.ends(text):
            return Status.ENDED
        case "remarks":
            return Status.IN_FORCE
        case _:
            return Status.IN_FORCE if text in _NO_TAG else None
