"""Registers and facts that arrive as files: row by row the same events, door and history as alerts (A33).

A row that says what its source said last time is no news. Nobody who is missing from a file is taken to have left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import accepting
from core.alerts.source_keys import Caller
from core.errors import Invalid
from core.events import names, persons
from core.events.cloudevents import Event, Rejection, parse_event
from core.events.types import EventType
from core.imports import events as import_events
from core.imports import fingerprints, recognition, reports
from core.imports import known as import_known
from core.imports.cells import FileRow, RowNote, Where
from core.imports.event_data import RegistrationData
from core.imports.events import Day, RowEvents
from core.imports.files import UnreadTable
from core.imports.fingerprints import Fingerprints, PriorEvent
from core.imports.headers import Kind
from core.imports.places import Places
from core.imports.preparing import TableGroup
from core.imports.reports import Report
from core.imports.rows import Reader, RowContent, RowInvalid
from core.organisation.streets import Divisions
from core.residents import identities as resident_identities
from core.residents.identities import Identity
from core.store.crypto import Keys
from rules.facts import Problem
from rules.history import ABSENT, IMPORTED

BATCH: Final = 1000  # rows of one transaction
LOCK_SPACE: Final = 0x7A6F
_DAY_ENDS: Final = time(23, 59, 59)
_ROOM: Final = timedelta(seconds=1)  # for corrections of a file within the same instant
_NOBODY: Final = UUID(int=0)
_NOWHERE: Final = Where(-1, "", 0)
# What is told by nothing but that a file does not name it any more; the next one that does takes it back (A40).
_GAPS: Final = (EventType.FACT_ENDED, EventType.RESIDENT_LEFT)
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
class MissingPerson:
    """Somebody whom the source registered last and the file does not name."""

    resident_id: UUID
    prior: PriorEvent


@dataclass(slots=True)
class _Pending:
    """A row that says something new."""

    content: RowContent
    keys: tuple[bytes, ...]
    who: str
    what: str
    is_damaged: bool
    prior: PriorEvent | None


class Import:
    """One file on its way in. Core commits nothing: whoever calls `take` decides when, and adds its report then.

    `unread` is what of the file is not read: nobody on it must count as missing.
    """

    def __init__(
        self,
        session: Session,
        group: TableGroup,
        divisions: Divisions,
        keys: Keys,
        *,
        unread: Sequence[UnreadTable] = (),
        day: Day,
        now: datetime,
    ) -> None:
        if not 1 <= len(group.source) <= persons.LONGEST_ID:
            raise Invalid("来源（`--source`）是一个 1 至 255 个字符的 URI。")
        self.group, self.kind, self.source, self.day, self.now = group, group.kind, group.source, day, now
        self.report = Report(notices=reports.of_layout(group.sections))
        self.unread = tuple(unread)
        self._divisions, self._keys, self._district = divisions, keys, divisions.chosen(None)
        self._fingerprints = Fingerprints(keys, group.source)
        doubtful = any(section.table.is_spoilt for section in group.sections)
        places = Places(divisions)
        self._readers = {section.order: Reader(section, places, doubtful=doubtful) for section in group.sections}
        self._plans = {section.order: section.plan for section in group.sections}
        everywhere, until = divisions.codes_and_districts, day.at + _ROOM
        self._priors = fingerprints.load(session, group.source, everywhere, before=until)
        self.is_late = fingerprints.has_later(session, group.source, everywhere, since=until)
        # Identity → the row that told of it, and what it said.
        self._seen: dict[str, tuple[Where, str]] = {}
        self._named: set[str] = set()  # of refused rows
        self._present: set[UUID] = set()  # whom rows are about, under whatever number

    def rows(self) -> Iterator[FileRow]:
        """Every row of the file."""
        return self.group.rows()

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
            content = reader.read(row)
        except RowInvalid as problem:
            report.problems.extend(problem.problems)
            report.unidentified += not self._is_named(reader, row)
            return None
        if content is None:
            report.left_out += 1
            report.notices.append(RowNote(row.where, "", "left_out", reports.LEFT_OUT))
            return None
        report.notices.extend(content.notices)
        if "street" in content.person:
            report.streets.add(content.person["street"])
        keys = self._fingerprints.person_keys(content.person)
        about = () if self.kind is Kind.REGISTER else import_events.identity(content.facts[0])
        whose = [self._fingerprints.who(key, *about) for key in keys]
        what = self._what(content)
        earlier = next((self._seen[who] for who in whose if who in self._seen), None)
        if earlier is not None:
            self._tell_twice(content, earlier, what, report)
            return None
        self._seen.update(dict.fromkeys(whose, (content.where, what)))
        is_damaged = "name" in content.person and names.is_damaged(content.person["name"])
        if is_damaged:
            report.notices.append(
                RowNote(content.where, self._header(content.where, "name"), "name_damaged", _NAME_DAMAGED)
            )
        prior = next((self._priors[who] for who in whose if who in self._priors), None)
        if prior is not None and prior.what == what:
            report.unchanged += 1
            self._present.update(filter(None, (prior.resident_id,)))
            return None
        return _Pending(content, keys, whose[0], what, is_damaged, prior)

    def _what(self, content: RowContent) -> str:
        return self._fingerprints.what([content.person, content.facts, content.says_tags])

    def _header(self, where: Where, field: str) -> str:
        plan = self._plans.get(where.order)
        return plan.header(field) if plan is not None else field

    def _is_named(self, reader: Reader, row: FileRow) -> bool:
        """Whether a refused row still says whose it is, so that nobody takes the person for missing."""
        keys = self._fingerprints.person_keys(reader.whose(row))
        self._named.update(self._fingerprints.who(key) for key in keys)
        return bool(keys)

    def _tell_twice(self, content: RowContent, earlier: tuple[Where, str], what: str, report: Report) -> None:
        where, before = earlier
        if before == what:
            report.repeated += 1
            report.notices.append(RowNote(content.where, "", "repeated", f"与{where}完全相同，只算一次。"))
            return
        column = self._header(content.where, "id_number" if "id_number" in content.person else "external_id")
        msg = f"与{where}是同一人（同一事项），内容却不同：请保留一行。"
        report.problems.append(RowNote(content.where, column, "told_twice", msg))

    def _make(self, session: Session, pending: Sequence[_Pending], report: Report) -> list[RowEvents]:
        """The events of some rows, and how each differs from what is known."""
        places = recognition.places(session, self._fingerprints, [(row.keys, row.content) for row in pending])
        self._present.update(place.resident_id for place in places.values())
        if self.kind is Kind.FACTS:
            return [self._fact(row, is_waiting=not any(key in places for key in row.keys)) for row in pending]
        spoken = [row.prior for row in pending if row.prior and row.prior.type == "resident.registered"]
        before = fingerprints.bodies(session, spoken, self._keys)
        residents = {
            row.keys: next((places[key].resident_id for key in row.keys if key in places), None) for row in pending
        }
        identities = resident_identities.of_places(session, places.values(), self._keys)
        self._keep_names(pending, residents, identities, before)
        homes = import_known.committees(session, {place.resident_id for place in places.values()}, self._divisions)
        spoken_of = [places[key] for row in pending if row.prior for key in row.keys if key in places]
        standing = import_known.standing(session, spoken_of, self.source, before=self.day.at + _ROOM)
        found = []
        for row in pending:
            if row.prior is not None and row.prior.what == row.what:
                # But for a damaged name it says what it said last time.
                report.unchanged += 1
                continue
            resident_id = residents[row.keys]
            last = before.get(row.prior.alert_id) if row.prior else None
            home = homes.get(resident_id) if resident_id else None
            if row.prior is not None and row.prior.is_waiting:
                # What waits for its effect is not in the log yet.
                told = last.get("facts", []) if last else []
            else:
                told = standing.get(resident_id, []) if resident_id else []
            row_events = import_events.registration(
                row.content,
                row.keys[0],
                row.who,
                row.what,
                row.prior,
                last,
                told,
                home,
                self._fingerprints,
                self.day,
                is_doubtful=recognition.tell_doubt(row.keys, row.content, places, identities, self._header, report),
            )
            counted = "changed" if last else "returned" if row.prior else "joined" if resident_id else "new"
            row_events.counted = (counted, "moved") if row_events.moved else (counted,)
            found.append(row_events)
        return found

    def _keep_names(
        self,
        pending: Sequence[_Pending],
        residents: Mapping[tuple[bytes, ...], UUID | None],
        identities: Mapping[UUID, Identity],
        before: Mapping[UUID, RegistrationData],
    ) -> None:
        """Put the good name that is known into the place of a damaged one (A38)."""
        for row in pending:
            if not row.is_damaged:
                continue
            last = before.get(row.prior.alert_id) if row.prior else None
            resident_id = residents[row.keys]
            identity = identities.get(resident_id) if resident_id else None
            known = (identity.name if identity else None, last["person"].get("name") if last else None)
            good = recognition.good_name(row.content.person["name"], known)
            if good is not None:
                row.content = row.content._replace(person={**row.content.person, "name": good})
                row.what = self._what(row.content)

    def _fact(self, row: _Pending, *, is_waiting: bool) -> RowEvents:
        row_events = import_events.fact(row.content, row.who, row.what, row.prior, self._fingerprints, self.day)
        counted = "changed" if row.prior else "new"
        row_events.counted = (counted, "waiting") if is_waiting else (counted,)
        return row_events

    def _parsed(self, made: Sequence[RowEvents], report: Report) -> list[tuple[Where, Event]]:
        """The events that the door would take, counted; a row with one that is refused brings none."""
        found: list[tuple[Where, Event]] = []
        for row_events in made:
            events: list[Event] = []
            problems: list[Problem] = []
            for raw in row_events.events:
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
                report.problems += [self._row_note(row_events.where, problem) for problem in problems]
                continue
            report.count(row_events, self._plans.get(row_events.where.order))
            if self.kind is Kind.FACTS:
                for event in events:
                    # A33: an import carries history, and asks for a visit only if it is recent.
                    event.entry[IMPORTED] = True
            for event in events:
                if event.type in _GAPS:
                    event.entry[ABSENT] = True
            found += [(row_events.where, event) for event in events]
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

    def disappeared(self, session: Session) -> tuple[list[MissingPerson], int]:
        """Whom the source registered last, in the streets that the file names, and the file does not name now.

        The second number is how many people of those streets were expected in the file.
        """
        ours = {
            who: prior
            for who, prior in self._priors.items()
            if prior.type == "resident.registered" and prior.resident_id
        }
        homes = import_known.streets(session, [prior.resident_id for prior in ours.values() if prior.resident_id])
        expected = {
            who: prior for who, prior in ours.items() if homes.get(prior.resident_id or _NOBODY) in self.report.streets
        }
        unnamed = [
            prior
            for who, prior in expected.items()
            if who not in self._seen and who not in self._named and prior.resident_id not in self._present
        ]
        latest = import_known.latest(
            session, [prior.resident_id for prior in unnamed if prior.resident_id], self._divisions
        )
        missing = [
            MissingPerson(prior.resident_id, prior)
            for prior in unnamed
            if prior.resident_id and latest.get(prior.resident_id) == prior.alert_id
        ]
        elsewhere = len(unnamed) - len(missing)
        return sorted(missing, key=lambda person: person.resident_id), len(expected) - elsewhere

    def check_leaving(
        self, missing: Sequence[MissingPerson], expected: int, *, confirmed: int | None, most: float
    ) -> None:
        """Refuse to let people leave who may be there after all, or so many that their number must be confirmed."""
        people = [table for table in self.unread if table.holds_people]
        if people:
            raise Invalid(f"有 {len(people)} 张表里的人没有读到，谁真的不在还说不准，所以没有让任何人退出。")
        if self.report.unidentified:
            raise Invalid(
                f"有 {self.report.unidentified:,} 行没有收、又看不出是谁，谁真的不在还说不准，所以没有让任何人退出："
                "请改正这些行后重新导入。"
            )
        if len(missing) > most * expected and confirmed != len(missing):
            raise Invalid(
                f"{expected:,} 人中有 {len(missing):,} 人不在文件里，超过 {most:.0%}，所以没有让任何人退出："
                f"如果文件是完整的，请加 `--confirm-left {len(missing)}`。"
            )

    def leave(self, session: Session, missing: Sequence[MissingPerson], on: date) -> int:
        """Tell that these people have left, on the last day given; returns how many."""
        said = fingerprints.bodies(session, [leaver.prior for leaver in missing], self._keys)
        made = []
        for leaver in missing:
            person = said[leaver.prior.alert_id]["person"]
            key = self._fingerprints.person_keys(person)[0]
            event = import_events.leaving(person, key, leaver.prior, on, self._fingerprints, self.day)
            made.append(RowEvents(_NOWHERE, [event]))
        report = Report()
        events = self._parsed(made, report)
        self._accept(session, events, report)
        if report.problems:
            raise Invalid(f"退出没有登记：{report.problems[0].msg}")
        return len(events)
