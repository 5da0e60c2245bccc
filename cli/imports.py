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
    district: str | None


class _Undone(Exception):
    """Ends a transaction that is not to stay."""


def run(settings: Settings, options: Options) -> int:
    """Import a file; the exit code says whether everything of it was taken."""
    if options.disappeared == "left" and options.left_on is None:
        raise CommandFailed("`--disappeared left` 须同时写明 `--left-on DATE`，即这些人在这里的最后一天。")
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
                raise CommandFailed("这个来源的另一次导入正在进行，请等它结束。")
            session.commit()
            yield

    def _events(self, table: Table, plan: Plan, source: str) -> int:
        options = self._options
        day = registers.day_of(options.as_of, now=self._now)
        with self._database.transaction(self._scope) as session:
            one = Import(session, table, plan, self._divisions, self._keys, source=source, day=day, now=self._now)
        if one.is_late:
            say_to_stderr(
                f"这个来源已有更晚的文件。这一份按 {day.on} 计入，但更晚的文件没有写到的内容仍然有效；"
                "同一来源的文件请按日期先后导入。"
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
            raise CommandFailed("走访须由某人记录，请用 `--user NAME` 写明账号。")
        with self._database.transaction(self._scope) as session:
            by = users.named(session, self._options.user)
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
            raise CommandFailed("数据库没有应答。请再运行一次继续，已经导入的不会重复。") from None
        except KeyboardInterrupt:
            say_to_stderr("已中断。请再运行一次继续，已经导入的不会重复。")
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
                    say_to_stderr(f"已处理 {rows[-1][0]:,} 行，共 {table.height:,} 行。")
                    told += _LINE_EVERY_ROWS
            return
        shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*shown, console=console, transient=True) as progress:
            task = progress.add_task("正在检查" if self._options.dry_run else "正在导入", total=table.height)
            for rows in _batches(table.rows(), size):
                yield rows
                progress.update(task, completed=rows[-1][0])

    def _keep_mapping(self, plan: Plan, source: str, is_in: bool) -> None:
        if is_in:
            with self._database.transaction(self._scope) as session:
                import_mapping.remember(session, source, plan, self._given, district=self._district, now=self._now)

    # People who are missing

    def _settle(self, one: Import, gone: Sequence[Gone], expected: int) -> bool:
        """Deal with the people who are missing; False when they were to leave and that was refused."""
        options = self._options
        if not gone:
            return True
        print(f"这个来源上次登记的 {expected:,} 人中，有 {len(gone):,} 人不在文件中。")
        for each in gone[:_SHOWN_IDS]:
            print(f"  居民 {each.resident_id}")
        if len(gone) > _SHOWN_IDS:
            print(f"  ……还有 {len(gone) - _SHOWN_IDS:,} 人，列在报告中")
        wanted, left_on = options.disappeared, options.left_on
        if options.dry_run:
            return True
        is_asked = wanted == "ask" and sys.stdin.isatty()
        if is_asked:
            wanted = typer.prompt("他们退出了吗？`left` 表示退出，`keep` 表示保持不变", default="keep", err=True)
            if wanted == "left" and left_on is None:
                left_on = _day(typer.prompt("他们在这里的最后一天", default=str(one.day.on), err=True))
        if wanted != "left" or left_on is None:
            print("他们保持不变：不在文件中不等于退出。确已退出的请用 `--disappeared left`。")
            return True
        return self._leave(one, gone, expected, left_on, is_asked=is_asked)

    def _leave(self, one: Import, gone: Sequence[Gone], expected: int, left_on: date, *, is_asked: bool) -> bool:
        if one.report.unidentified:
            say_to_stderr(
                f"没有登记任何人退出：有 {one.report.unidentified:,} 行被退回，看不出是谁的，"
                "因此不能确定谁不在文件中。请更正后重新导入。"
            )
            return False
        most = self._settings.most_disappeared
        confirmed = self._options.confirmed
        if len(gone) > most * expected:
            if is_asked:
                confirmed = typer.prompt(f"超过了 {most:.0%}。请输入人数确认", type=int, err=True)
            if confirmed != len(gone):
                say_to_stderr(
                    f"没有登记任何人退出：{expected:,} 人中的 {len(gone):,} 人超过了 {most:.0%}。"
                    f"文件确实完整的，请加上 `--confirm-left {len(gone)}`。"
                )
                return False
        with self._database.transaction(self._scope) as session:
            left = one.leave(session, gone, left_on)
        print(f"已登记 {left:,} 人退出，最后一天是 {left_on}。")
        return True

    # Telling

    def _say_plan(self, plan: Plan, source: str) -> None:
        say_to_stderr(f"{self._options.file.name}：`{plan.kind}`，来源 {source}")
        for column in plan.columns:
            say_to_stderr(f"  {column.header} → {column.field}{_HOW[column.how]}")
        if plan.unknown:
            say_to_stderr(f'  没有读取：{"、".join(plan.unknown)}（可用 `--map "表头=字段"` 读取）')

    def _say(self, report: Report, is_in: bool) -> None:
        if self._options.dry_run:
            print("试运行：没有写入任何内容。")
        elif not is_in:
            print("没有写入任何内容：有的行被退回，而要求是全部写入或全不写入。")
        counted = (
            ("行", report.rows),
            ("新增", report.new),
            ("其他来源已有", report.joined),
            ("有变化", report.changed),
            ("退出后重新出现", report.returned),
            ("迁到另一个居村", report.moved),
            ("没有变化", report.unchanged),
            ("文件中重复", report.repeated),
            ("等待本人登记", report.waiting),
            ("合计、备注和表头，未读", report.skipped),
            ("退回", report.refused),
        )
        for name, count in counted:
            if count or name in ("行", "新增", "有变化", "没有变化", "退回"):
                print(f"{count:>9,} {name}")
        for title, counter in (("变化的字段", report.fields), ("结束的", report.ended)):
            if counter:
                print(f"{title}：" + "、".join(f"{name} {count:,}" for name, count in counter.most_common()))
        for reason in import_reports.reasons(report.problems):
            rows = "、".join(map(str, reason.rows)) + ("……" if reason.count > len(reason.rows) else "")
            print(f"退回 {reason.count:,} 行：{reason.column} [{reason.code}] {reason.msg}（第 {rows} 行）")

    def _end(self, report: Report, gone: Sequence[Gone], *, refused: bool) -> int:
        missing = [each.resident_id for each in gone]
        if report.problems or missing or self._options.report:
            path = self._options.report or self._options.file.with_name(f"{self._options.file.stem}-report.csv")
            try:
                import_reports.write(path, report.problems, missing)
                say_to_stderr(f"逐行的报告：{path}")
            except OSError as problem:
                say_to_stderr(f"报告无法写入（{problem.strerror}），请用 `--report FILE` 另选位置。")
        return 1 if report.problems or refused else 0


# How it is known what a column holds; what was recognised by its name needs no word.
_HOW: Final = {"recognised": "", "given": "（按指定）", "remembered": "（沿用上次）"}


def _batches(rows: Iterable[tuple[int, Row]], size: int) -> Iterator[list[tuple[int, Row]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandFailed("日期须写成 `YYYY-MM-DD`。") from None
