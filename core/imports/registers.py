"""Registers and facts that arrive as files: row by row the same events, door and history as alerts (A33).

A row that says what its source said last time is no news. Nobody who is missing from a file is taken to have left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import accepting, directory
from core.alerts.source_keys import Caller
from core.errors import Invalid
from core.events import names
from core.events import types as event_types
from core.events.cloudevents import Event, Rejection, parse_event
from core.imports import events as import_events
from core.imports import known as import_known
from core.imports import marks, reports
from core.imports.cells import FileRow, RowNote, Where
from core.imports.events import Day, Made
from core.imports.files import Left
from core.imports.headers import Kind
from core.imports.marks import Marks, Prior
from core.imports.places import Places
from core.imports.preparing import Work
from core.imports.reports import Report
from core.imports.rows import Reader, RowInvalid, Said
from core.organisation.streets import Divisions
from core.store.crypto import Keys
from rules.facts import Problem
from rules.history import IMPORTED

BATCH: Final = 1000  # rows of one transaction
LOCK_SPACE: Final = 0x7A6F
_DAY_ENDS: Final = time(23, 59, 59)
_ROOM: Final = timedelta(seconds=1)  # for corrections of a file within the same instant
_NOBODY: Final = UUID(int=0)
_NOWHERE: Final = Where(-1, "", 0)
_NAME_DAMAGED: Final = "姓名里有丢失的字（? □ * 一类，编码问题）：不会用它替换原有的姓名，请核对后改正文件。"


def day_of(as_of: date | None, *, now: datetime) -> Day:
    """When a file holds: the end of an earlier day, otherwise this very instant."""
    today = clock.today(now)
    if as_of is None or as_of == today:
        return Day(now, today)
    if as_of > today:
        raise Invalid("文件的日期在将来：`--as-of` 写的是文件所反映的那一天。")
    return Day(datetime.combine(as_of, _DAY_ENDS, clock.SHANGHAI), as_of)


def lock(session: Session, source: str) -> bool:
    """Let nobody else import from this source until the connection is given back; False when somebody does already."""
    taken = session.execute(
        text("SELECT pg_try_advisory_lock(:space, hashtext(:source))"), {"space": LOCK_SPACE, "source": source}
    )
    return bool(taken.scalar_one())


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody whom the source registered last and the file does not name."""

    resident_id: UUID
    prior: Prior


@dataclass(slots=True)
class _Pending:
    """A row that says something new."""

    said: Said
    keys: tuple[bytes, ...]
    who: str
    what: str
    is_damaged: bool
    prior: Prior | None


class Import:
    """One file on its way in. Core commits nothing: whoever calls `take` decides when, and adds its report then.

    `left` is what of the file is not read: nobody on it must count as missing.
    """

    def __init__(
        self,
        session: Session,
        work: Work,
        divisions: Divisions,
        keys: Keys,
        *,
        left: Sequence[Left] = (),
        day: Day,
        now: datetime,
    ) -> None:
        if not 1 <= len(work.source) <= event_types.LONGEST_ID:
            raise Invalid("来源（`--source`）是一个 1 至 255 个字符的 URI。")
        self.work, self.kind, self.source, self.day, self.now = work, work.kind, work.source, day, now
        self.report = Report(notices=reports.of_layout(work.sections))
        self.left = tuple(left)
        self._divisions, self._keys, self._district = divisions, keys, divisions.chosen(None)
        self._marks = Marks(keys, work.source)
        doubtful = any(one.table.is_spoilt for one in work.sections)
        places = Places(divisions)
        self._readers = {one.order: Reader(one, places, doubtful=doubtful) for one in work.sections}
        self._plans = {one.order: one.plan for one in work.sections}
        everywhere, until = divisions.codes_and_districts, day.at + _ROOM
        self._priors = marks.load(session, work.source, everywhere, before=until)
        self.is_late = marks.has_later(session, work.source, everywhere, since=until)
        # Identity → the row that told of it, and what it said.
        self._seen: dict[str, tuple[Where, str]] = {}
        self._named: set[str] = set()  # of refused rows
        self._present: set[UUID] = set()  # whom rows are about, under whatever number

    def rows(self) -> Iterator[FileRow]:
        """Every row of the file."""
        return self.work.rows()

    def take(self, session: Session, rows: Iterable[FileRow], *, write: bool) -> Report:
        """Check some rows, and with `write` accept them like alerts; returns what they came to."""
        report = Report()
        pending = [one for row in rows if (one := self._look_at(row, report)) is not None]
        events = self._parsed(self._make(session, pending, report), report)
        if write:
            self._accept(session, events, report)
        return report

    def _look_at(self, row: FileRow, report: Report) -> _Pending | None:
        reader = self._readers[row.section.order]
        if reader.is_furniture(row):
            report.skipped += 1
            report.notices.append(RowNote(row.where, "", "not_a_person", reports.NOT_A_PERSON))
            return None
        report.rows += 1
        try:
            said = reader.read(row)
        except RowInvalid as problem:
            report.problems.extend(problem.problems)
            report.unidentified += not self._is_named(reader, row)
            return None
        if said is None:
            report.left_out += 1
            report.notices.append(RowNote(row.where, "", "left_out", reports.LEFT_OUT))
            return None
        report.notices.extend(said.notices)
        if "street" in said.person:
            report.streets.add(said.person["street"])
        keys = self._marks.person_keys(said.person)
        about = () if self.kind is Kind.REGISTER else import_events.identity(said.facts[0])
        whose = [self._marks.who(key, *about) for key in keys]
        what = self._what(said)
        earlier = next((self._seen[who] for who in whose if who in self._seen), None)
        if earlier is not None:
            self._tell_twice(said, earlier, what, report)
            return None
        self._seen.update(dict.fromkeys(whose, (said.where, what)))
        is_damaged = "name" in said.person and names.is_damaged(said.person["name"])
        if is_damaged:
            report.notices.append(RowNote(said.where, self._header(said.where, "name"), "name_damaged", _NAME_DAMAGED))
        prior = next((self._priors[who] for who in whose if who in self._priors), None)
        if prior is not None and prior.what == what:
            report.unchanged += 1
            self._present.update(filter(None, (prior.resident_id,)))
            return None
        return _Pending(said, keys, whose[0], what, is_damaged, prior)

    def _what(self, said: Said) -> str:
        return self._marks.what([said.person, said.facts, said.says_tags])

    def _header(self, where: Where, field: str) -> str:
        plan = self._plans.get(where.order)
        return plan.header(field) if plan is not None else field

    def _is_named(self, reader: Reader, row: FileRow) -> bool:
        """Whether a refused row still says whose it is, so that nobody takes the person for missing."""
        keys = self._marks.person_keys(reader.whose(row))
        self._named.update(self._marks.who(key) for key in keys)
        return bool(keys)

    def _tell_twice(self, said: Said, earlier: tuple[Where, str], what: str, report: Report) -> None:
        where, before = earlier
        if before == what:
            report.repeated += 1
            report.notices.append(RowNote(said.where, "", "repeated", f"与{where}完全相同，只算一次。"))
            return
        column = self._header(said.where, "id_number" if "id_number" in said.person else "external_id")
        msg = f"与{where}是同一人（同一事项），内容却不同：请保留一行。"
        report.problems.append(RowNote(said.where, column, "told_twice", msg))

    def _make(self, session: Session, pending: Sequence[_Pending], report: Report) -> list[Made]:
        """The events of some rows, and how each differs from what is known."""
        places = directory.places(session, {key for one in pending for key in one.keys})
        self._present.update(place.resident_id for place in places.values())
        if self.kind is Kind.FACTS:
            return [self._fact(one, is_waiting=not any(key in places for key in one.keys)) for one in pending]
        spoken = [one.prior for one in pending if one.prior and one.prior.type == "resident.registered"]
        before = marks.bodies(session, spoken, self._keys)
        residents = {
            one.keys: next((places[key].resident_id for key in one.keys if key in places), None) for one in pending
        }
        self._keep_names(session, pending, residents, before)
        homes = import_known.committees(session, {place.resident_id for place in places.values()}, self._divisions)
        spoken_of = [places[key] for one in pending if one.prior for key in one.keys if key in places]
        standing = import_known.standing(session, spoken_of, self.source, before=self.day.at + _ROOM)
        found = []
        for one in pending:
            if one.prior is not None and one.prior.what == one.what:
                # But for a damaged name it says what it said last time.
                report.unchanged += 1
                continue
            resident_id = residents[one.keys]
            last = before.get(one.prior.alert_id) if one.prior else None
            home = homes.get(resident_id) if resident_id else None
            if one.prior is not None and one.prior.is_waiting:
                # What waits for its effect is not in the log yet.
                told = (last or {}).get("facts", [])
            else:
                told = standing.get(resident_id, []) if resident_id else []
            made = import_events.registration(
                one.said, one.keys[0], one.who, one.what, one.prior, last, told, home, self._marks, self.day
            )
            counted = "changed" if last else "returned" if one.prior else "joined" if resident_id else "new"
            made.counted = (counted, "moved") if made.moved else (counted,)
            found.append(made)
        return found

    def _keep_names(
        self,
        session: Session,
        pending: Sequence[_Pending],
        residents: Mapping[tuple[bytes, ...], UUID | None],
        before: Mapping[UUID, Mapping[str, Any]],
    ) -> None:
        """Put the good name that is known into the place of a damaged one (A38)."""
        damaged = [one for one in pending if one.is_damaged]
        if not damaged:
            return
        on_record = import_known.names(
            session, list(filter(None, (residents[one.keys] for one in damaged))), self._divisions
        )
        for one in damaged:
            last = before.get(one.prior.alert_id, {}) if one.prior else {}
            resident_id = residents[one.keys]
            known = (on_record.get(resident_id) if resident_id else None, last.get("person", {}).get("name"))
            good = next((name for name in known if name and not names.is_damaged(name)), None)
            if good is not None:
                one.said = one.said._replace(person={**one.said.person, "name": good})
                one.what = self._what(one.said)

    def _fact(self, one: _Pending, *, is_waiting: bool) -> Made:
        made = import_events.fact(one.said, one.who, one.what, one.prior, self._marks, self.day)
        counted = "changed" if one.prior else "new"
        made.counted = (counted, "waiting") if is_waiting else (counted,)
        return made

    def _parsed(self, made: Sequence[Made], report: Report) -> list[tuple[Where, Event]]:
        """The events that the door would take, counted; a row with one that is refused brings none."""
        found: list[tuple[Where, Event]] = []
        for one in made:
            events: list[Event] = []
            problems: list[Problem] = []
            for raw in one.events:
                event = parse_event(raw, index=0, now=self.now)
                if isinstance(event, Rejection):
                    problems += event.errors
                elif wrong := accepting.misplaced(
                    event.person, event.entry, self._divisions.committees, self._district
                ):
                    problems.append(wrong)
                else:
                    events.append(event)
            if problems:
                report.problems += [self._row_note(one.where, problem) for problem in problems]
                continue
            report.count(one, self._plans.get(one.where.order))
            if self.kind is Kind.FACTS:
                for event in events:
                    # A33: an import carries history, and asks for a visit only if it is recent.
                    event.entry[IMPORTED] = True
            found += [(one.where, event) for event in events]
        return found

    def _row_note(self, where: Where, problem: Problem) -> RowNote:
        name = problem.loc.rpartition(".")[2].partition("[")[0]
        if name in ("tag", "support") and self.kind is Kind.REGISTER:
            name = "tags"
        return RowNote(where, self._header(where, name), problem.code, reports.of_the_door(problem.code, problem.msg))

    def _accept(self, session: Session, events: Sequence[tuple[Where, Event]], report: Report) -> None:
        caller = Caller(
            key_id=_NOBODY,
            district=self._district,
            source=self.source,
            scopes=frozenset({"alerts:write"}),
            types=frozenset(),
            streets=frozenset(),
        )
        result = accepting.accept(
            session,
            [event for _, event in events],
            self._divisions.committees,
            self._keys,
            by=caller,
            now=self.now,
        )
        for refused in result.rejected:
            where = events[refused.index][0]
            report.problems += [self._row_note(where, problem) for problem in refused.errors]

    def disappeared(self, session: Session) -> tuple[list[Gone], int]:
        """Whom the source registered last, in the streets that the file names, and the file does not name now.

        The second number is how many people of those streets were expected in the file.
        """
        ours = {who: one for who, one in self._priors.items() if one.type == "resident.registered" and one.resident_id}
        homes = import_known.streets(session, [one.resident_id for one in ours.values() if one.resident_id])
        expected = {
            who: one for who, one in ours.items() if homes.get(one.resident_id or _NOBODY) in self.report.streets
        }
        missing = [
            one
            for who, one in expected.items()
            if who not in self._seen and who not in self._named and one.resident_id not in self._present
        ]
        latest = import_known.latest(session, [one.resident_id for one in missing if one.resident_id], self._divisions)
        gone = [
            Gone(one.resident_id, one)
            for one in missing
            if one.resident_id and latest.get(one.resident_id) == one.alert_id
        ]
        elsewhere = len(missing) - len(gone)
        return sorted(gone, key=lambda one: one.resident_id), len(expected) - elsewhere

    def check_leaving(self, gone: Sequence[Gone], expected: int, *, confirmed: int | None, most: float) -> None:
        """Refuse to let people leave who may be there after all, or so many that their number must be confirmed."""
        people = [one for one in self.left if one.holds_people]
        if people:
            raise Invalid(f"有 {len(people)} 张表里的人没有读到，谁真的不在还说不准，所以没有让任何人退出。")
        if self.report.unidentified:
            raise Invalid(
                f"有 {self.report.unidentified:,} 行没有收、又看不出是谁，谁真的不在还说不准，所以没有让任何人退出："
                "请改正这些行后重新导入。"
            )
        if len(gone) > most * expected and confirmed != len(gone):
            raise Invalid(
                f"{expected:,} 人中有 {len(gone):,} 人不在文件里，超过 {most:.0%}，所以没有让任何人退出："
                f"如果文件是完整的，请加 `--confirm-left {len(gone)}`。"
            )

    def leave(self, session: Session, gone: Sequence[Gone], on: date) -> int:
        """Tell that these people have left, on the last day given; returns how many."""
        said = marks.bodies(session, [one.prior for one in gone], self._keys)
        made = []
        for one in gone:
            person = said[one.prior.alert_id]["person"]
            key = self._marks.person_keys(person)[0]
            event = import_events.leaving(person, key, one.prior, on, self._marks, self.day)
            made.append(Made(_NOWHERE, [event]))
        report = Report()
        events = self._parsed(made, report)
        self._accept(session, events, report)
        if report.problems:
            raise Invalid(f"退出没有登记：{report.problems[0].msg}")
        return len(events)
