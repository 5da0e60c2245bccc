"""Registers and facts that arrive as files: row by row the same events, door and history as alerts (A33).

A row that says what its source said last time is no news. Nobody who is missing from a file is taken to have left.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import accepting, directory
from core.alerts.source_keys import Caller
from core.errors import Invalid
from core.events import types as event_types
from core.events.cloudevents import Event, Rejection, parse_event
from core.imports import events as import_events
from core.imports import known as import_known
from core.imports import mapping, marks
from core.imports.events import Day, Made
from core.imports.files import Row, Table, open_table
from core.imports.mapping import Kind, Plan
from core.imports.marks import Marks, Prior
from core.imports.places import Places
from core.imports.reports import Report
from core.imports.rows import Reader, RowInvalid, RowProblem, Said, spoils
from core.organisation.streets import Divisions
from core.store.crypto import Keys
from rules.facts import Problem
from rules.history import IMPORTED

BATCH: Final = 1000  # rows of one transaction
LOCK_SPACE: Final = 0x7A6F
_DAY_ENDS: Final = time(23, 59, 59)
_ROOM: Final = timedelta(seconds=1)  # for corrections of a file within the same instant
_NOBODY: Final = UUID(int=0)


def default_source(kind: Kind) -> str:
    """The source of a file whose origin nobody named."""
    return f"/tanfang/import/{kind}"


def day_of(as_of: date | None, *, now: datetime) -> Day:
    """When a file holds: the end of an earlier day, otherwise this very instant."""
    today = clock.today(now)
    if as_of is None or as_of == today:
        return Day(now, today)
    if as_of > today:
        raise Invalid("文件的日期在将来，`--as-of` 须是制表的日期。")
    return Day(datetime.combine(as_of, _DAY_ENDS, clock.SHANGHAI), as_of)


def lock(session: Session, source: str) -> bool:
    """Let nobody else import from this source until the connection is given back; False when somebody does already."""
    taken = session.execute(
        text("SELECT pg_try_advisory_lock(:space, hashtext(:source))"), {"space": LOCK_SPACE, "source": source}
    )
    return bool(taken.scalar_one())


def _is_known(header: str, others: Container[str]) -> bool:
    """Whether a header has a usual name, or one that was given or used before."""
    return mapping.is_known(header) or mapping.header_key(header) in others


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
    what: str
    prior: Prior | None


class Import:
    """One file on its way in. Core commits nothing: whoever calls `take` decides when, and adds its report then."""

    def __init__(
        self,
        session: Session,
        table: Table,
        plan: Plan,
        divisions: Divisions,
        keys: Keys,
        *,
        source: str,
        day: Day,
        now: datetime,
    ) -> None:
        if not 1 <= len(source) <= event_types.LONGEST_ID:
            raise Invalid("来源须是 1 至 255 个字符的 URI。")
        self.plan, self.source, self.day, self.now = plan, source, day, now
        self.report = Report()
        self._divisions, self._keys, self._district = divisions, keys, divisions.chosen(None)
        self._marks = Marks(keys, source)
        self._reader = Reader(plan, Places(divisions), doubtful=spoils(table, plan))
        everywhere, until = divisions.codes_and_districts, day.at + _ROOM
        self._priors = marks.load(session, source, everywhere, before=until)
        self.is_late = marks.has_later(session, source, everywhere, since=until)
        # Identity → the row that told of it, and what it said.
        self._seen: dict[str, tuple[int, str]] = {}
        self._named: set[str] = set()  # of refused rows
        self._present: set[UUID] = set()  # whom rows are about, under whatever number

    def take(self, session: Session, rows: Iterable[tuple[int, Row]], *, write: bool) -> Report:
        """Check some rows, and with `write` accept them like alerts; returns what they came to."""
        report = Report()
        pending = [one for number, row in rows if (one := self._look_at(number, row, report)) is not None]
        events = self._parsed(self._make(session, pending), report)
        if write:
            self._accept(session, events, report)
        return report

    def _look_at(self, number: int, row: Row, report: Report) -> _Pending | None:
        if self._reader.is_furniture(row):
            report.skipped += 1
            return None
        report.rows += 1
        try:
            said = self._reader.read(row, number)
        except RowInvalid as problem:
            report.problems.extend(problem.problems)
            report.unidentified += not self._is_named(row)
            return None
        if "street" in said.person:
            report.streets.add(said.person["street"])
        keys = self._marks.person_keys(said.person)
        registering = self.plan.kind is Kind.REGISTER
        whose = [self._marks.who(key, *(() if registering else import_events.identity(said.facts[0]))) for key in keys]
        what = self._marks.what([said.person, said.facts, said.says_tags])
        earlier = next((self._seen[who] for who in whose if who in self._seen), None)
        if earlier is not None:
            self._tell_twice(said, earlier, what, report)
            return None
        self._seen.update(dict.fromkeys(whose, (number, what)))
        prior = next((self._priors[who] for who in whose if who in self._priors), None)
        if prior is not None and prior.what == what:
            report.unchanged += 1
            self._present.update(filter(None, (prior.resident_id,)))
            return None
        return _Pending(said, keys, what, prior)

    def _is_named(self, row: Row) -> bool:
        """Whether a refused row still says whose it is, so that nobody takes the person for missing."""
        keys = self._marks.person_keys(self._reader.whose(row))
        self._named.update(self._marks.who(key) for key in keys)
        return bool(keys)

    def _tell_twice(self, said: Said, earlier: tuple[int, str], what: str, report: Report) -> None:
        row, before = earlier
        if before == what:
            report.repeated += 1
            return
        column = self.plan.header("id_number" if "id_number" in said.person else "external_id")
        msg = f"与第 {row} 行说的是同一件事，内容不同，请保留一行。"
        report.problems.append(RowProblem(said.row, column, "told_twice", msg))

    def _make(self, session: Session, pending: Sequence[_Pending]) -> list[Made]:
        """The events of some rows, and how each differs from what is known."""
        places = directory.places(session, {key for one in pending for key in one.keys})
        self._present.update(place.resident_id for place in places.values())
        if self.plan.kind is Kind.FACTS:
            return [self._fact(one, is_waiting=not any(key in places for key in one.keys)) for one in pending]
        spoken = [one.prior for one in pending if one.prior and one.prior.type == "resident.registered"]
        before = marks.bodies(session, spoken, self._keys)
        homes = import_known.committees(session, {place.resident_id for place in places.values()}, self._divisions)
        spoken_of = [places[key] for one in pending if one.prior for key in one.keys if key in places]
        standing = import_known.standing(session, spoken_of, self.source, before=self.day.at + _ROOM)
        found = []
        for one in pending:
            place = next((places[key] for key in one.keys if key in places), None)
            last = before.get(one.prior.alert_id) if one.prior else None
            home = homes.get(place.resident_id) if place else None
            if one.prior is not None and one.prior.is_waiting:
                # What waits for its effect is not in the log yet.
                told = (last or {}).get("facts", [])
            else:
                told = standing.get(place.resident_id, []) if place else []
            made = import_events.registration(
                one.said, one.keys[0], one.what, one.prior, last, told, home, self._marks, self.day
            )
            counted = "changed" if last else "returned" if one.prior else "joined" if place else "new"
            made.counted = (counted, "moved") if made.moved else (counted,)
            found.append(made)
        return found

    def _fact(self, one: _Pending, *, is_waiting: bool) -> Made:
        made = import_events.fact(one.said, one.keys[0], one.what, one.prior, self._marks, self.day)
        counted = "changed" if one.prior else "new"
        made.counted = (counted, "waiting") if is_waiting else (counted,)
        return made

    def _parsed(self, made: Sequence[Made], report: Report) -> list[tuple[int, Event]]:
        """The events that the door would take, counted; a row with one that is refused brings none."""
        found: list[tuple[int, Event]] = []
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
                report.problems += [self._row_problem(one.row, problem) for problem in problems]
                continue
            report.count(one)
            if self.plan.kind is Kind.FACTS:
                for event in events:
                    # A33: an import carries history, and asks for a visit only if it is recent.
                    event.entry[IMPORTED] = True
            found += [(one.row, event) for event in events]
        return found

    def _row_problem(self, row: int, problem: Problem) -> RowProblem:
        name = problem.loc.rpartition(".")[2].partition("[")[0]
        if name in ("tag", "support") and self.plan.kind is Kind.REGISTER:
            name = "tags"
        return RowProblem(row, self.plan.header(name), problem.code, problem.msg)

    def _accept(self, session: Session, events: Sequence[tuple[int, Event]], report: Report) -> None:
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
            row = events[refused.index][0]
            report.problems += [self._row_problem(row, problem) for problem in refused.errors]

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

    def leave(self, session: Session, gone: Sequence[Gone], on: date) -> int:
        """Tell that these people have left, on the last day given; returns how many."""
        said = marks.bodies(session, [one.prior for one in gone], self._keys)
        made = []
        for one in gone:
            person = said[one.prior.alert_id]["person"]
            key = self._marks.person_keys(person)[0]
            event = import_events.leaving(person, key, one.prior, on, self._marks, self.day)
            made.append(Made(0, [event]))
        report = Report()
        events = self._parsed(made, report)
        self._accept(session, events, report)
        if report.problems:
            raise Invalid(f"无法登记退出：{report.problems[0].msg}")
        return len(events)


def plan_for(
    session: Session, path: Path, *, kind: Kind | None, source: str | None, given: Mapping[str, str], sheet: str | None
) -> tuple[Table, Plan, str]:
    """The table of a file, the plan to read it by, and its source."""
    known = {one: mapping.remembered(session, source or default_source(one), one) for one in Kind}
    others = {*given, *(header for one in known.values() for header in one)}
    table = open_table(path, lambda header: _is_known(header, others), sheet=sheet)
    kind = kind or mapping.detect(table.headers, given, known)
    return table, mapping.make(kind, table.headers, given, known[kind]), source or default_source(kind)
