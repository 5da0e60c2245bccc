"""`tanfang import`: a file with its progress, its report, and the question about people who are missing from it."""

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from cli.database import prepare
from cli.embedded.folder import servers
from cli.embedded.servers import CommandFailed, say_to_stderr
from core import clock
from core.imports import mapping as import_mapping
from core.imports import registers
from core.imports import reports as import_reports
from core.imports.files import Row, Table
from core.imports.mapping import Kind, Plan
from core.imports.registers import Gone, Import
from core.imports.reports import Report
from core.imports.visits import VisitImport
from core.organisation import streets, users
from core.settings import Settings
from core.store import crypto
from core.store.business import Business
from core.store.database import Database, Scope

INTERRUPTED: Final = 130
VISITS_BATCH: Final = 50  # Each locks its residents until the commit.
_LINE_EVERY_ROWS: Final = 10_000
# Rows leave no cycles behind: looking for some every few hundred objects took a fifth of the time.
COLLECT_EVERY_OBJECTS: Final = 200_000
_SHOWN_IDS: Final = 10


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `disappeared`: ask, keep or left."""

    file: Path
    kind: Kind | None
    source: str | None
    columns: Sequence[str]
    sheet: str | None
    as_of: date | None
    dry_run: bool
    all_or_nothing: bool
    disappeared: str
    left_on: date | None
    confirmed: int | None
    report: Path | None
    user: str | None


class _Undone(Exception):
    """Ends a transaction that is not to stay."""


def run(settings: Settings, options: Options) -> int:
    """Import a file; the exit code says whether everything of it was taken."""
    if options.disappeared == "left" and options.left_on is None:
        raise CommandFailed(
            "--disappeared left needs --left-on DATE, the last day on which these people belonged here."
        )
    gc.set_threshold(COLLECT_EVERY_OBJECTS)
    with servers(settings, broker=False) as found:
        prepare(found.settings)
        database = Database(found.settings.database_url or "", pool_size=3)
        try:
            return _Job(found.settings, database, options).run()
        finally:
            database.dispose()


class _Job:
    """One run of the command on a database."""

    def __init__(self, settings: Settings, database: Database, options: Options) -> None:
        self._settings, self._database, self._options = settings, database, options
        self._keys = crypto.load_keys(settings.key_folder)
        # A database with a sandbox clock is a sandbox, whatever this shell's settings say.
        self._now: datetime = Business(database, sandbox=True).now()
        self._divisions = streets.known(database)
        self._scope = Scope(streets=self._divisions.codes_and_district, committees=None, directory=True)
        self._given = import_mapping.parse_given(options.columns)

    def run(self) -> int:
        """Read, check, write unless it is a dry run, and say what came of it."""
        options = self._options
        with self._database.transaction(self._scope) as session:
            table, plan, source = registers.plan_for(
                session,
                options.file,
                kind=options.kind,
                source=options.source,
                given=self._given,
                sheet=options.sheet,
            )
        self._say_plan(plan, source)
        with self._alone(source):
            work = self._visits if plan.kind is Kind.VISITS else self._events
            return work(table, plan, source)

    @contextmanager
    def _alone(self, source: str) -> Iterator[None]:
        if self._options.dry_run:
            yield
            return
        # The lock is the connection's; it ends with it, however this process ends.
        with self._database.engine.connect() as connection, Session(connection) as session:
            if not registers.lock(session, source):
                raise CommandFailed("Another import of this source is running; wait until it has ended.")
            session.commit()
            yield

    def _events(self, table: Table, plan: Plan, source: str) -> int:
        options = self._options
        day = registers.day_of(options.as_of, now=self._now)
        with self._database.transaction(self._scope) as session:
            one = Import(session, table, plan, self._divisions, self._keys, source=source, day=day, now=self._now)
        if one.is_late:
            say_to_stderr(
                f"A later file of this source is in already. This one counts as of {day.on}, but what the later one "
                "does not name stays open; import the files of a source in the order of their days."
            )

        def take(session: Session, rows: Sequence[tuple[int, Row]]) -> Report:
            spoilt = options.all_or_nothing and one.report.problems
            return one.take(session, rows, write=not options.dry_run and not spoilt)

        is_in = self._write(table, one.report, registers.BATCH, self._scope, take)
        self._keep_mapping(plan, source, is_in)
        gone: list[Gone] = []
        refused = False
        if plan.kind is Kind.REGISTER and (is_in or options.dry_run):
            with self._database.transaction(self._scope) as session:
                gone, expected = one.disappeared(session)
            refused = not self._settle(one, gone, expected)
        self._say(one.report, is_in)
        return self._end(one.report, gone, refused=refused)

    def _visits(self, table: Table, plan: Plan, source: str) -> int:
        if self._options.user is None:
            raise CommandFailed("Visits are recorded by somebody; name their account by --user NAME.")
        with self._database.transaction(Scope()) as session:
            by = users.named(session, self._options.user, today=clock.today(self._now))
        one = VisitImport.of(table, plan, self._divisions, self._keys, source=source, by=by, now=self._now)

        def take(session: Session, rows: Sequence[tuple[int, Row]]) -> Report:
            # Whom a row is about is looked up district-wide; recorded is only what the user may see.
            with self._database.transaction(self._scope) as looking:
                written = one.read(looking, rows)
            for visit, resident_id in written:
                one.record(session, visit, resident_id)
            return Report()

        is_in = self._write(table, one.report, VISITS_BATCH, by.scope, take)
        self._keep_mapping(plan, source, is_in)
        self._say(one.report, is_in)
        return self._end(one.report, [], refused=False)

    def _write(
        self,
        table: Table,
        report: Report,
        size: int,
        scope: Scope,
        take: Callable[[Session, Sequence[tuple[int, Row]]], Report],
    ) -> bool:
        """Take the rows in batches, each in a transaction or all in one; returns whether they stay."""
        batches = self._shown(table, size)
        try:
            if not self._options.all_or_nothing and not self._options.dry_run:
                for rows in batches:
                    with self._database.transaction(scope) as session:
                        came_to = take(session, rows)
                    report.add(came_to)
                return True
            with self._database.transaction(scope) as session:
                for rows in batches:
                    report.add(take(session, rows))
                if self._options.dry_run or report.problems:
                    raise _Undone
        except _Undone:
            return False
        except OperationalError:
            raise CommandFailed(
                "The database stopped answering. Run it again to go on: what is in already is not done twice."
            ) from None
        except KeyboardInterrupt:
            say_to_stderr("Interrupted. Run it again to go on: what is in already is not done twice.")
            raise typer.Exit(INTERRUPTED) from None
        return True

    def _shown(self, table: Table, size: int) -> Iterator[list[tuple[int, Row]]]:
        """The rows in batches, with a bar on a terminal and a line now and then elsewhere."""
        console = Console(stderr=True)
        if not console.is_terminal:
            told = _LINE_EVERY_ROWS
            for rows in _batches(table.rows(), size):
                yield rows
                if rows[-1][0] >= told:
                    say_to_stderr(f"{rows[-1][0]:,} of {table.height:,} rows")
                    told += _LINE_EVERY_ROWS
            return
        shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*shown, console=console, transient=True) as progress:
            task = progress.add_task("Checking" if self._options.dry_run else "Importing", total=table.height)
            for rows in _batches(table.rows(), size):
                yield rows
                progress.update(task, completed=rows[-1][0])

    def _keep_mapping(self, plan: Plan, source: str, is_in: bool) -> None:
        if is_in:
            with self._database.transaction(Scope()) as session:
                import_mapping.remember(session, source, plan, self._given, now=self._now)

    # People who are missing

    def _settle(self, one: Import, gone: Sequence[Gone], expected: int) -> bool:
        """Deal with the people who are missing; False when they were to leave and that was refused."""
        options = self._options
        if not gone:
            return True
        print(f"{len(gone):,} of {expected:,} people whom this source registered last are not in the file.")
        for each in gone[:_SHOWN_IDS]:
            print(f"  resident {each.resident_id}")
        if len(gone) > _SHOWN_IDS:
            print(f"  … and {len(gone) - _SHOWN_IDS:,} more, listed in the report")
        wanted, left_on = options.disappeared, options.left_on
        if options.dry_run:
            return True
        is_asked = wanted == "ask" and sys.stdin.isatty()
        if is_asked:
            wanted = typer.prompt("Have they left? keep leaves them as they are", default="keep", err=True)
            if wanted == "left" and left_on is None:
                left_on = _day(typer.prompt("Last day on which they belonged here", default=str(one.day.on), err=True))
        if wanted != "left" or left_on is None:
            print("They stay as they are: missing from a file is not leaving. --disappeared left says they have left.")
            return True
        return self._leave(one, gone, expected, left_on, is_asked=is_asked)

    def _leave(self, one: Import, gone: Sequence[Gone], expected: int, left_on: date, *, is_asked: bool) -> bool:
        if one.report.unidentified:
            say_to_stderr(
                f"Nobody was told to have left: {one.report.unidentified:,} refused rows do not say whose they are, so "
                "who is missing is not certain. Correct them and import the file again."
            )
            return False
        most = self._settings.most_disappeared
        confirmed = self._options.confirmed
        if len(gone) > most * expected:
            if is_asked:
                confirmed = typer.prompt(f"That is more than {most:.0%}. Type their number", type=int, err=True)
            if confirmed != len(gone):
                say_to_stderr(
                    f"Nobody was told to have left: {len(gone):,} of {expected:,} is more than {most:.0%}. "
                    f"If the file is complete, add --confirm-left {len(gone)}."
                )
                return False
        with self._database.transaction(self._scope) as session:
            left = one.leave(session, gone, left_on)
        print(f"{left:,} people were told to have left, with {left_on} as their last day.")
        return True

    # Telling

    def _say_plan(self, plan: Plan, source: str) -> None:
        say_to_stderr(f"{self._options.file.name}: {plan.kind}, source {source}")
        for column in plan.columns:
            say_to_stderr(
                f"  {column.header} → {column.field}" + ("" if column.how == "recognised" else f" ({column.how})")
            )
        if plan.unknown:
            say_to_stderr(f'  not read: {", ".join(plan.unknown)} (--map "表头=field" reads one)')

    def _say(self, report: Report, is_in: bool) -> None:
        if self._options.dry_run:
            print("Dry run: nothing was written.")
        elif not is_in:
            print("Nothing was written: some rows are refused, and it was to be all or nothing.")
        counted = (
            ("rows", report.rows),
            ("new", report.new),
            ("known from other sources", report.joined),
            ("changed", report.changed),
            ("back after leaving", report.returned),
            ("moved to another committee", report.moved),
            ("unchanged", report.unchanged),
            ("repeated in the file", report.repeated),
            ("waiting for the registration of their person", report.waiting),
            ("totals, notes and headers left out", report.skipped),
            ("refused", report.refused),
        )
        for name, count in counted:
            if count or name in ("rows", "new", "changed", "unchanged", "refused"):
                print(f"{count:>9,} {name}")
        for title, counter in (("changed", report.fields), ("ended", report.ended)):
            if counter:
                print(f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in counter.most_common()))
        for reason in import_reports.reasons(report.problems):
            rows = ", ".join(map(str, reason.rows)) + (", …" if reason.count > len(reason.rows) else "")
            print(f"refused {reason.count:,}: {reason.column} [{reason.code}] {reason.msg} (row {rows})")

    def _end(self, report: Report, gone: Sequence[Gone], *, refused: bool) -> int:
        missing = [each.resident_id for each in gone]
        if report.problems or missing or self._options.report:
            path = self._options.report or self._options.file.with_name(f"{self._options.file.stem}-report.csv")
            try:
                import_reports.write(path, report.problems, missing)
                say_to_stderr(f"Row by row: {path}")
            except OSError as problem:
                say_to_stderr(f"The report could not be written ({problem.strerror}); --report FILE puts it elsewhere.")
        return 1 if report.problems or refused else 0


def _batches(rows: Iterable[tuple[int, Row]], size: int) -> Iterator[list[tuple[int, Row]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandFailed("A day is written YYYY-MM-DD.") from None
