"""`tanfang import`: a file with its progress, its report, and the question about people who are missing from it."""

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from cli.database import prepare
from cli.embedded.folder import servers
from cli.embedded.servers import CommandFailed, say_to_stderr
from core import clock
from core.errors import Invalid
from core.imports import mapping as import_mapping
from core.imports import preparing, registers
from core.imports import reports as import_reports
from core.imports.cells import FileRow
from core.imports.headers import LABELS, Kind
from core.imports.mapping import Plan
from core.imports.preparing import PreparedFile, TableGroup, Wishes
from core.imports.registers import Import, MissingPerson
from core.imports.reports import Report
from core.imports.visits import VisitImport
from core.organisation import streets, users
from core.settings import Settings
from core.store import crypto, scopes
from core.store.business import Business
from core.store.database import Database
from core.store.scopes import Scope

INTERRUPTED: Final = 130
VISITS_BATCH: Final = 50  # Each locks its residents until the commit.
_LINE_EVERY_ROWS: Final = 10_000
# Rows leave no cycles behind: looking for some every few hundred objects took a fifth of the time.
COLLECT_EVERY_OBJECTS: Final = 200_000
_SHOWN_IDS: Final = 10
_SHOWN_CHANGES: Final = 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `disappeared`: ask, keep or left."""

    file: Path
    kind: Kind | None
    source: str | None
    columns: Sequence[str]
    words: Sequence[str]
    sheets: Sequence[str]
    as_of: date | None
    dry_run: bool
    all_or_nothing: bool
    disappeared: str
    left_on: date | None
    confirmed: int | None
    report: Path | None
    user: str | None
    district: str | None


class _Undone(Exception):
    """Ends a transaction that is not to stay."""


def run(settings: Settings, options: Options) -> int:
    """Import a file; the exit code says whether everything of it was taken."""
    if options.disappeared == "left" and options.left_on is None:
        raise CommandFailed("--disappeared left 还要写明 --left-on 日期，也就是这些人在册的最后一天。")
    gc.set_threshold(COLLECT_EVERY_OBJECTS)
    with servers(settings, broker=False) as found:
        prepare(found)
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
        everything = streets.known(database)
        self._district = everything.chosen(options.district)
        self._divisions = everything.of(self._district)
        self._scope = scopes.under(self._district, directory=True)
        self._given = import_mapping.parse_given(options.columns, options.words)

    def run(self) -> int:
        """Read, check, write unless it is a dry run, and say what came of it."""
        options = self._options
        wishes = Wishes(options.kind, options.source, self._given, options.sheets)
        with self._database.transaction(self._scope) as session:
            prepared = preparing.prepare(session, options.file, self._divisions, wishes)
        if options.user is None and any(group.kind is Kind.VISITS for group in prepared.groups):
            raise CommandFailed("走访记录要有登记人：用 --user 账号 说明是谁登记的。")
        self._say_plan(prepared)
        whole = Report()
        missing_ids: list[UUID] = []
        is_settled = True
        if options.dry_run:
            print("试运行：什么都没有写入。")
        for group in prepared.groups:
            with self._alone(group.source):
                report, missing, settled = (
                    self._visits(group) if group.kind is Kind.VISITS else self._events(group, prepared)
                )
            whole.add(report)
            missing_ids += [person.resident_id for person in missing]
            is_settled = is_settled and settled
        return self._end(whole, prepared, missing_ids, is_settled=is_settled)

    @contextmanager
    def _alone(self, source: str) -> Iterator[None]:
        if self._options.dry_run:
            yield
            return
        # The lock is the connection's; it ends with it, however this process ends.
        with self._database.engine.connect() as connection, Session(connection) as session:
            if not registers.lock(session, source):
                raise CommandFailed("这个来源正在导入另一个文件：请等它结束。")
            session.commit()
            yield

    def _events(self, group: TableGroup, prepared: PreparedFile) -> tuple[Report, list[MissingPerson], bool]:
        options = self._options
        day = registers.day_of(options.as_of, now=self._now)
        with self._database.transaction(self._scope) as session:
            importing = Import(
                session, group, self._divisions, self._keys, unread=prepared.unread, day=day, now=self._now
            )
        if importing.is_late:
            say_to_stderr(
                f"同一来源更晚的文件已经导入过。这个文件按 {day.on} 计；后一个文件没有写到的内容不会因此结束。"
                "请按日期先后导入同一来源的文件。"
            )

        def take(session: Session, rows: Sequence[FileRow]) -> Report:
            spoilt = options.all_or_nothing and importing.report.problems
            return importing.take(session, rows, write=not options.dry_run and not spoilt)

        is_in = self._write(group, importing.report, registers.BATCH, self._scope, take)
        self._keep_mapping(group, is_in)
        missing: list[MissingPerson] = []
        is_settled = True
        if group.kind is Kind.REGISTER and (is_in or options.dry_run):
            with self._database.transaction(self._scope) as session:
                missing, expected = importing.disappeared(session)
            is_settled = self._settle(importing, missing, expected)
        self._say(importing.report, is_in)
        return importing.report, missing, is_settled

    def _visits(self, group: TableGroup) -> tuple[Report, list[MissingPerson], bool]:
        with self._database.transaction(self._scope) as session:
            by = users.named(session, self._options.user or "", today=clock.today(self._now))
        importing = VisitImport.of(group, self._divisions, self._keys, by=by, now=self._now)

        def take(session: Session, rows: Sequence[FileRow]) -> Report:
            # Whom a row is about is looked up district-wide; recorded is only what the user may see.
            with self._database.transaction(self._scope) as looking:
                visits = importing.read(looking, rows)
            for visit, resident_id in visits:
                importing.record(session, visit, resident_id)
            return Report()

        is_in = self._write(group, importing.report, VISITS_BATCH, by.scope, take)
        self._keep_mapping(group, is_in)
        self._say(importing.report, is_in)
        return importing.report, [], True

    def _write(
        self,
        group: TableGroup,
        report: Report,
        size: int,
        scope: Scope,
        take: Callable[[Session, Sequence[FileRow]], Report],
    ) -> bool:
        """Take the rows in batches, each in a transaction or all in one; returns whether they stay."""
        batches = self._shown(group, size)
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
            raise CommandFailed("数据库没有应答。请再运行一次接着做：已经写入的不会重复。") from None
        except KeyboardInterrupt:
            say_to_stderr("已中断。请再运行一次接着做：已经写入的不会重复。")
            raise typer.Exit(INTERRUPTED) from None
        return True

    def _shown(self, group: TableGroup, size: int) -> Iterator[list[FileRow]]:
        """The rows in batches, with a bar on a terminal and a line now and then elsewhere."""
        console = Console(stderr=True)
        done = 0
        if not console.is_terminal:
            told = _LINE_EVERY_ROWS
            for rows in _batches(group.rows(), size):
                yield rows
                done += len(rows)
                if done >= told:
                    say_to_stderr(f"已处理 {done:,} 行，共 {group.height:,} 行")
                    told += _LINE_EVERY_ROWS
            return
        shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*shown, console=console, transient=True) as progress:
            task = progress.add_task("检查中" if self._options.dry_run else "导入中", total=group.height)
            for rows in _batches(group.rows(), size):
                yield rows
                progress.update(task, advance=len(rows))

    def _keep_mapping(self, group: TableGroup, is_in: bool) -> None:
        if is_in:
            with self._database.transaction(self._scope) as session:
                for section in group.sections:
                    import_mapping.remember(
                        session, group.source, section.plan, self._given, district=self._district, now=self._now
                    )

    # People who are missing

    def _settle(self, importing: Import, missing: Sequence[MissingPerson], expected: int) -> bool:
        """Deal with the people who are missing; False when they were to leave and that was refused."""
        options = self._options
        if not missing:
            return True
        print(f"该来源上次登记的 {expected:,} 人中，有 {len(missing):,} 人不在这个文件里。")
        for person in missing[:_SHOWN_IDS]:
            print(f"  居民 {person.resident_id}")
        if len(missing) > _SHOWN_IDS:
            print(f"  …… 另有 {len(missing) - _SHOWN_IDS:,} 人，见报告")
        wanted, left_on = options.disappeared, options.left_on
        if options.dry_run:
            return True
        is_asked = wanted == "ask" and sys.stdin.isatty()
        if is_asked:
            wanted = typer.prompt("这些人退出了吗？（keep 保留，left 退出）", default="keep", err=True)
            if wanted == "left" and left_on is None:
                left_on = _day(typer.prompt("他们在册的最后一天", default=str(importing.day.on), err=True))
        if wanted != "left" or left_on is None:
            print("这些人保持原样：不在文件里不等于退出。确已退出的，用 --disappeared left 说明。")
            return True
        return self._leave(importing, missing, expected, left_on, is_asked=is_asked)

    def _leave(
        self, importing: Import, missing: Sequence[MissingPerson], expected: int, left_on: date, *, is_asked: bool
    ) -> bool:
        most, confirmed = self._settings.most_disappeared, self._options.confirmed
        if is_asked and len(missing) > most * expected:
            confirmed = typer.prompt(f"超过了 {most:.0%}，请输入退出的人数以确认", type=int, err=True)
        try:
            importing.check_leaving(missing, expected, confirmed=confirmed, most=most)
        except Invalid as refusal:
            say_to_stderr(refusal.detail)
            return False
        with self._database.transaction(self._scope) as session:
            left = importing.leave(session, missing, left_on)
        print(f"已登记 {left:,} 人退出，在册最后一天是 {left_on}。")
        return True

    # Telling

    def _say_plan(self, prepared: PreparedFile) -> None:
        say_to_stderr(self._options.file.name)
        for group in prepared.groups:
            say_to_stderr(f"{LABELS[group.kind]}（{group.kind}），来源 {group.source}：")
            for section in group.sections:
                table = section.table
                if table.sheet:
                    hidden = "（隐藏的工作表，照样读）" if table.is_sheet_hidden else ""
                    say_to_stderr(f"  工作表“{table.sheet}”{hidden}，{table.height:,} 行")
                self._say_columns(section.plan, section.implied)
        for unread in prepared.unread:
            say_to_stderr(import_reports.unread_words(unread))

    def _say_columns(self, plan: Plan, implied: Mapping[str, str]) -> None:
        ways = {"given": "（本次指定）", "remembered": "（沿用上次）"}
        for column in plan.columns:
            say_to_stderr(f"    {column.header} → {column.field}{ways.get(column.how, '')}")
            for word, meaning in column.words.items():
                say_to_stderr(f"      其中“{word}”→ {meaning}")
        for name, value in implied.items():
            say_to_stderr(f"    工作表名“{value}” → {name}")
        if plan.unknown:
            say_to_stderr(f'    没有读的列：{"、".join(plan.unknown)}（要读就用 --map "列名=字段"）')

    def _say(self, report: Report, is_in: bool) -> None:
        if not is_in and not self._options.dry_run:
            print("什么都没有写入：有的行不能收，而要求是全收或全不收。")
        counted = (
            ("行", report.rows, True),
            ("新登记", report.new, True),
            ("已由其他来源登记", report.joined, False),
            ("有改动", report.changed, True),
            ("退出后重新在册", report.returned, False),
            ("迁到另一个居（村）委会", report.moved, False),
            ("没有变化", report.unchanged, True),
            ("在文件里重复", report.repeated, False),
            ("等待此人登记", report.waiting, False),
            ("按 --map-value 的说明不收", report.left_out, False),
            ("是合计、说明、表头一类", report.skipped, False),
            ("没有收", report.refused, True),
        )
        for name, count, is_always_said in counted:
            if count or is_always_said:
                print(f"{count:>9,} {name}")
        for title, counter in (("改动的项", report.fields), ("不再列出的类别", report.ended)):
            if counter:
                print(f"{title}：" + "、".join(f"{name} {count:,}" for name, count in counter.most_common()))
        for change in report.changes[:_SHOWN_CHANGES]:
            print(f"{change.where}：{change.msg}")
        if len(report.changes) > _SHOWN_CHANGES:
            print(f"…… 另有 {len(report.changes) - _SHOWN_CHANGES:,} 行有改动，逐行见报告")
        for title, notes in (("没有收", report.problems), ("提示", report.notices)):
            for reason in import_reports.reasons(notes):
                column = f"{reason.column} " if reason.column else ""
                rows = import_reports.row_words(reason.rows)
                print(f"{title} {reason.count:,} 行：{column}[{reason.code}] {reason.msg}（{rows}）")

    def _end(self, report: Report, prepared: PreparedFile, missing: Sequence[UUID], *, is_settled: bool) -> int:
        told = (report.problems, report.changes, report.notices, prepared.unread, missing, self._options.report)
        if any(told):
            path = self._options.report or self._options.file.with_name(f"{self._options.file.stem}-report.csv")
            try:
                import_reports.write(path, report, prepared.unread, missing)
                say_to_stderr(f"逐行报告：{path}")
            except OSError as problem:
                say_to_stderr(f"报告写不出来（{problem.strerror}）：可以用 --report 文件 换一个地方。")
        is_unread = any(table.holds_people for table in prepared.unread)
        return 1 if report.problems or is_unread or not is_settled else 0


def _batches(rows: Iterable[FileRow], size: int) -> Iterator[list[FileRow]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandFailed("日期写成 YYYY-MM-DD。") from None
