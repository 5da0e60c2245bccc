"""Paper records that arrive as a file: each row is a visit that a named user records, once however often it comes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from core.alerts import directory
from core.errors import Refusal
from core.events.fields import holds_control
from core.imports import values
from core.imports.files import Cell, Row, Table
from core.imports.mapping import Plan
from core.imports.marks import Marks
from core.imports.places import Places
from core.imports.reports import Report
from core.imports.rows import Cells, Reader, RowProblem, spoils
from core.imports.values import CellInvalid
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.store.crypto import Keys
from core.visits import recording

_LONGEST_LINE: Final = 200
_LONGEST_NAME: Final = 100
_LONGEST_NARRATIVE: Final = 10_000
_MOST_PARTICIPANTS: Final = 20
# Where a refusal of the visit stands in the row.
_FIELDS: Final = {"in_future": "service_date", "duplicate_visit": "service_date", "not_found": "id_number"}


@dataclass(frozen=True, slots=True)
class Written:
    """A row that can be read: `fields` of the form, and whether the resident was met, if it says so."""

    row: int
    person_keys: tuple[bytes, ...]
    visit_id: UUID
    fields: Mapping[str, Any]
    met: bool | None


@dataclass(slots=True)
class VisitImport:
    """One file of visits on its way in, recorded by `by`."""

    plan: Plan
    keys: Keys
    source: str
    by: User
    now: datetime
    reader: Reader
    report: Report = field(default_factory=Report)
    _seen: dict[UUID, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, table: Table, plan: Plan, divisions: Divisions, keys: Keys, *, source: str, by: User, now: datetime
    ) -> "VisitImport":
        """The import of a file; raises `NotAllowed` for a user who records no visits."""
        by.require(May.RECORD_VISITS)
        reader = Reader(plan, Places(divisions), doubtful=spoils(table, plan))
        return cls(plan, keys, source, by, now, reader)

    def read(self, session: Session, rows: Iterable[tuple[int, Row]]) -> list[tuple[Written, UUID]]:
        """The visits of some rows with whom they are about; the session's scope holds the directory."""
        found = [one for number, row in rows if (one := self._read(number, row)) is not None]
        places = directory.places(session, {key for one in found for key in one.person_keys})
        known = []
        for one in found:
            place = next((places[key] for key in one.person_keys if key in places), None)
            if place is None:
                self._refuse(one.row, "id_number", "unknown_person", "登记册中没有这个号码的人。")
            else:
                known.append((one, place.resident_id))
        return known

    def record(self, session: Session, written: Written, resident_id: UUID) -> None:
        """Record one visit as its user; a refusal is reported, and nothing of the row stays."""
        said = written.fields
        met = {} if written.met is None else {resident_id: written.met}
        fields = {
            "visit_id": str(written.visit_id),
            "resident_ids": [str(resident_id)],
            **said,
            **({"met": {str(one): value for one, value in met.items()}} if met else {}),
        }
        form = recording.Form(
            visit_id=written.visit_id,
            resident_ids=(resident_id,),
            mode=said["mode"],
            service_date=date.fromisoformat(said["service_date"]),
            initiated_by=said["initiated_by"],
            met=met,
            dimensions=None,
            task_id=None,
            visited_by_role=said.get("visited_by_role"),
            merge=False,
            fields=fields,
        )
        try:
            with session.begin_nested():
                recorded = recording.record(session, form, by=self.by, now=self.now)
        except Refusal as refusal:
            code = refusal.problems[0].code if refusal.problems else refusal.code
            self._refuse(written.row, _FIELDS.get(code, "service_date"), code, refusal.detail)
            return
        self.report.new += recorded.is_new
        self.report.unchanged += not recorded.is_new

    def _refuse(self, row: int, field: str, code: str, msg: str) -> None:
        self.report.problems.append(RowProblem(row, self.plan.header(field), code, msg))

    def _read(self, number: int, row: Row) -> Written | None:
        if self.reader.is_furniture(row):
            self.report.skipped += 1
            return None
        self.report.rows += 1
        cells = Cells(self.plan, self.reader.at, row, number)
        person = self.reader.person(cells)
        fields, met = _fields(cells)
        if cells.problems:
            self.report.problems += cells.problems
            return None
        marks = Marks(self.keys, self.source)
        person_keys = marks.person_keys(person)
        # The same person, day and mode is the same visit, so a file that comes again records nothing twice.
        who = marks.who(person_keys[0], "visit", fields["service_date"], fields["mode"])
        written = Written(number, person_keys, UUID(bytes=marks.digest(who)[:16], version=4), fields, met)
        earlier = self._seen.setdefault(written.visit_id, (number, {**fields, "met": met}))
        if earlier[0] == number:
            return written
        if earlier[1] == {**fields, "met": met}:
            self.report.repeated += 1
        else:
            msg = f"与第 {earlier[0]} 行是同一人、同一天、同一方式，内容不同，请保留一行。"
            self._refuse(number, "service_date", "told_twice", msg)
        return None


def _fields(cells: Cells) -> tuple[dict[str, Any], bool | None]:
    """The form (domain §6) of a row, and whether the resident was met."""

    def line(cell: Cell) -> str:
        return _text(values.line(cell), _LONGEST_LINE)

    found: dict[str, Any] = {
        "mode": cells.take("mode", lambda cell: values.word(cell, values.MODES)),
        "mode_text": cells.take("mode_text", line),
        "participants": cells.take("participants", _participants),
        "service_date": cells.take("service_date", values.day),
        "duration_hours": cells.take("duration_hours", values.hours),
        "services": cells.take("services", lambda cell: values.several(cell, values.SERVICES)),
        "initiated_by": cells.take("initiated_by", lambda cell: values.word(cell, values.INITIATORS)),
        "companions": cells.take("companions", line),
        "narrative": cells.take("narrative", lambda cell: _text(values.plain(cell), _LONGEST_NARRATIVE, lines=True)),
        "visited_by_role": cells.take("visited_by_role", lambda cell: values.word(cell, values.ROLES)),
    }
    met = cells.take("met", lambda cell: values.word(cell, values.TICKS))
    needed = ["mode", "participants", "service_date", "duration_hours", "services", "initiated_by", "narrative"]
    if found["mode"] == "other":
        needed.append("mode_text")
    wrong = {one.column for one in cells.problems}
    for name in needed:
        if found[name] is None and cells.plan.header(name) not in wrong:
            cells.note(name, "missing", "必须填写。")
    return {name: value for name, value in found.items() if value is not None}, None if met is None else met == "yes"


def _participants(cell: Cell) -> list[str]:
    found = [_text(name, _LONGEST_NAME) for name in values.names(cell)]
    if not 1 <= len(found) <= _MOST_PARTICIPANTS:
        raise CellInvalid("participants", f"须写明 1 至 {_MOST_PARTICIPANTS} 个人。")
    return found


def _text(said: str, longest: int, *, lines: bool = False) -> str:
    if len(said) > longest or holds_control(said, lines=lines):
        raise CellInvalid("text", f"须是 1 至 {longest} 个字的文字。")
    return said
