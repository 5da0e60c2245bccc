"""Paper records that arrive as a file: each row is a visit that a named user records, once however often it comes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict, cast
from uuid import UUID

from sqlmodel import Session

from core.alerts import directory
from core.errors import Refusal
from core.events.fields import holds_control
from core.imports import reports, values, words
from core.imports.cells import Cells, FileRow, RowNote, Where
from core.imports.fingerprints import Fingerprints
from core.imports.places import Places
from core.imports.preparing import TableGroup
from core.imports.reports import Report
from core.imports.rows import Reader, RowInvalid
from core.imports.sheets import Cell, CellInvalid
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.store.crypto import Keys
from core.visits import recording
from core.visits.forms import Form

_LONGEST_LINE: Final = 200
_LONGEST_NAME: Final = 100
_LONGEST_NARRATIVE: Final = 10_000
_MOST_PARTICIPANTS: Final = 20
# Where a refusal of the visit stands in the row.
_FIELDS: Final = {"in_future": "service_date", "duplicate_visit": "service_date", "not_found": "id_number"}


class FormFields(TypedDict, total=False):
    """The fields of the record form (domain §6) that a row fills in."""

    mode: str
    mode_text: str
    participants: list[str]
    service_date: str
    duration_hours: float
    services: list[str]
    initiated_by: str
    companions: str
    narrative: str
    visited_by_role: str


@dataclass(frozen=True, slots=True)
class VisitContent:
    """What a row says of a visit: `fields` of the form, and whether the resident was met, if it says so."""

    where: Where
    person_keys: tuple[bytes, ...]
    visit_id: UUID
    fields: FormFields
    met: bool | None


@dataclass(slots=True)
class VisitImport:
    """One file of visits on its way in, recorded by `by`."""

    group: TableGroup
    keys: Keys
    by: User
    now: datetime
    readers: Mapping[int, Reader]
    report: Report = field(default_factory=Report)
    _seen: dict[UUID, tuple[Where, Mapping[str, object]]] = field(default_factory=dict)

    @classmethod
    def of(cls, group: TableGroup, divisions: Divisions, keys: Keys, *, by: User, now: datetime) -> "VisitImport":
        """The import of a file; raises `NotAllowed` for a user who records no visits."""
        by.require(May.RECORD_VISITS)
        doubtful = any(section.table.is_spoilt for section in group.sections)
        places = Places(divisions)
        readers = {section.order: Reader(section, places, doubtful=doubtful) for section in group.sections}
        return cls(group, keys, by, now, readers, Report(notices=reports.of_layout(group.sections)))

    def rows(self) -> Iterator[FileRow]:
        """Every row of the file."""
        return self.group.rows()

    def read(self, session: Session, rows: Iterable[FileRow]) -> list[tuple[VisitContent, UUID]]:
        """The visits of some rows with whom they are about; the session's scope holds the directory."""
        found = [visit for row in rows if (visit := self._read(row)) is not None]
        places = directory.places(session, {key for visit in found for key in visit.person_keys})
        known = []
        for visit in found:
            place = next((places[key] for key in visit.person_keys if key in places), None)
            if place is None:
                self._refuse(visit.where, "id_number", "unknown_person", "在库中没有这个人：请先导入花名册。")
            else:
                known.append((visit, place.resident_id))
        return known

    def record(self, session: Session, content: VisitContent, resident_id: UUID) -> None:
        """Record one visit as its user; a refusal is reported, and nothing of the row stays."""
        met = {} if content.met is None else {resident_id: content.met}
        fields = {
            "visit_id": str(content.visit_id),
            "resident_ids": [str(resident_id)],
            **content.fields,
            **({"met": {str(whom): value for whom, value in met.items()}} if met else {}),
        }
        form = Form.of(fields)
        try:
            with session.begin_nested():
                recorded = recording.record(session, form, by=self.by, now=self.now)
        except Refusal as refusal:
            code = refusal.problems[0].code if refusal.problems else refusal.code
            self._refuse(
                content.where, _FIELDS.get(code, "service_date"), code, reports.of_the_door(code, refusal.detail)
            )
            return
        self.report.new += recorded.is_new
        self.report.unchanged += not recorded.is_new

    def _refuse(self, where: Where, field: str, code: str, msg: str) -> None:
        header = next(section.plan.header(field) for section in self.group.sections if section.order == where.order)
        self.report.problems.append(RowNote(where, header, code, msg))

    def _read(self, row: FileRow) -> VisitContent | None:
        reader, where = self.readers[row.section.order], row.where
        if reader.is_furniture(row):
            self.report.skipped += 1
            self.report.notices.append(RowNote(where, "", "not_a_person", reports.NOT_A_PERSON))
            return None
        self.report.rows += 1
        try:
            cells = reader.cells(row)
        except RowInvalid as problem:
            self.report.problems += problem.problems
            return None
        person = reader.person(cells)
        fields, met = _fields(cells, reader)
        if cells.problems:
            self.report.problems += cells.problems
            return None
        self.report.notices += cells.notices
        fingerprints = Fingerprints(self.keys, self.group.source)
        person_keys = fingerprints.person_keys(person)
        # The same person, day and mode is the same visit, so a file that comes again records nothing twice.
        who = fingerprints.who(person_keys[0], "visit", fields["service_date"], fields["mode"])
        content = VisitContent(where, person_keys, UUID(bytes=fingerprints.digest(who)[:16], version=4), fields, met)
        earlier = self._seen.setdefault(content.visit_id, (where, {**fields, "met": met}))
        if earlier[0] == where:
            return content
        if earlier[1] == {**fields, "met": met}:
            self.report.repeated += 1
            self.report.notices.append(RowNote(where, "", "repeated", f"与{earlier[0]}完全相同，只算一次。"))
        else:
            msg = f"与{earlier[0]}是同一人、同一天、同一方式，内容却不同：请保留一行。"
            self._refuse(where, "service_date", "told_twice", msg)
        return None


def _fields(cells: Cells, reader: Reader) -> tuple[FormFields, bool | None]:
    """The form (domain §6) of a row, and whether the resident was met."""

    def line(cell: Cell) -> str:
        return _text(values.line(cell), _LONGEST_LINE)

    found = {
        "mode": cells.take("mode", lambda cell: values.word(cell, words.MODES)),
        "mode_text": cells.take("mode_text", line),
        "participants": cells.take("participants", _participants),
        "service_date": cells.take("service_date", reader.day),
        "duration_hours": cells.take("duration_hours", values.hours),
        "services": cells.take("services", lambda cell: values.several(cell, words.SERVICES)),
        "initiated_by": cells.take("initiated_by", lambda cell: values.word(cell, words.INITIATORS)),
        "companions": cells.take("companions", line),
        "narrative": cells.take("narrative", lambda cell: _text(values.plain(cell), _LONGEST_NARRATIVE, lines=True)),
        "visited_by_role": cells.take("visited_by_role", lambda cell: values.word(cell, words.ROLES)),
    }
    met = cells.take("met", lambda cell: values.word(cell, words.TICKS))
    needed = ["mode", "participants", "service_date", "duration_hours", "services", "initiated_by", "narrative"]
    if found["mode"] == "other":
        needed.append("mode_text")
    for name in needed:
        if not found[name] and not cells.is_noted(name):
            cells.note(name, "missing", "必填项为空，请补上。")
    filled = {name: value for name, value in found.items() if value is not None}
    return cast(FormFields, filled), None if met is None else met == "yes"


def _participants(cell: Cell) -> list[str]:
    found = [_text(name, _LONGEST_NAME) for name in values.people(cell)]
    if not 1 <= len(found) <= _MOST_PARTICIPANTS:
        raise CellInvalid("participants", f"参与人员要写 1 至 {_MOST_PARTICIPANTS} 人。")
    return found


def _text(said: str, longest: int, *, lines: bool = False) -> str:
    if len(said) > longest or holds_control(said, lines=lines):
        raise CellInvalid("text", f"内容要有 1 至 {longest} 个字，不能有控制字符。")
    return said
