"""A register from a workbook: how fast its rows are read, how fast accepted, and what `COPY` alone would do."""

import gc
import itertools
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import xlsxwriter
from psycopg import sql
from sqlmodel import Session

from bench.figures import Figure
from bench.instance import Instance
from cli.demo import people
from cli.demo.people import SEED
from cli.embedded.postgres import SUPERUSER, as_role
from cli.embedded.servers import CommandFailed
from cli.imports import COLLECT_EVERY_OBJECTS
from core import clock
from core.events import id_numbers
from core.imports import preparing, registers
from core.imports.cells import FileRow
from core.imports.preparing import Wishes
from core.imports.registers import Import
from core.organisation import streets
from core.store import crypto, scopes
from core.store.database import Database, libpq_url

SOURCE = "/bench/register"
FIRST_BIRTHDAY = date(1931, 1, 1)
BIRTHDAYS_APART = timedelta(days=7)
HEADERS = ("序号", "姓名", "身份证号", "所属街道", "所属居委", "救助类别", "认定日期", "联系电话", "家庭住址")
TAGS = ("城保", "农保", "低保边缘", "支贫", "重残", "特困（分散）", "城保、重残")


def measure(instance: Instance, count: int) -> Iterator[Figure]:
    """Rows a second: made into checked events, accepted, and the raw limit of the same rows into the same columns."""
    with TemporaryDirectory(prefix="tanfang-bench-") as folder, instance.client() as client:
        now = instance.settle(client)
        path = _workbook(Path(folder) / "register.xlsx", count, clock.today(now))
        database = Database(instance.database_url, pool_size=2)
        try:
            keys = crypto.load_keys(instance.keys)
            divisions = streets.known(database)
            scope = scopes.everywhere()
            taken = []
            gc.set_threshold(COLLECT_EVERY_OBJECTS)
            for write in (False, True):
                started = time.perf_counter()
                with database.transaction(scope) as session:
                    [group] = preparing.prepare(session, path, divisions, Wishes(source=SOURCE)).groups
                    one = Import(session, group, divisions, keys, day=registers.day_of(None, now=now), now=now)
                for rows in _batches(one.rows()):
                    with database.transaction(scope) as session:
                        _take(session, one, rows, write=write)
                taken.append(time.perf_counter() - started)
        finally:
            database.dispose()
        instance.settle(client)
    limit = count / _copied(instance, count)
    checked, accepted = (count / seconds for seconds in taken)
    yield Figure(f"{count:,} rows of a register: read and checked", checked, "rows/s", limit)
    yield Figure("  the same, accepted", accepted, "rows/s", limit)
    yield Figure("  raw limit: one connection, COPY into the same columns", limit, "rows/s")


def _batches(rows: Iterator[FileRow]) -> Iterator[list[FileRow]]:
    while batch := list(islice(rows, registers.BATCH)):
        yield batch


def _take(session: Session, one: Import, rows: list[FileRow], *, write: bool) -> None:
    report = one.take(session, rows, write=write)
    if report.problems:
        raise CommandFailed(f"A row of the benchmark was refused: {report.problems[0].msg}.")


def _workbook(path: Path, count: int, today: date) -> Path:
    """People born on days of their own, so that none of them is in the register already by chance."""
    dice = random.Random(SEED)
    places = people.places()
    births = (FIRST_BIRTHDAY + BIRTHDAYS_APART * number for number in itertools.count())
    numbers = (id_numbers.make(born, serial) for born in births for serial in range(500, 1000))
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        for row, number in enumerate(islice(numbers, count), start=1):
            place = dice.choice(places)
            since = today - timedelta(days=dice.randint(1, 700))
            told = (row, "测试", number, place.street_name, place.committee_name, dice.choice(TAGS), since.isoformat())
            sheet.write_row(row, 0, (*told, "13800000000", "测试路1弄2号"))
    return path


def _copied(instance: Instance, count: int) -> float:
    """Seconds to copy the same rows, a batch a transaction, into tables with the same columns and indexes."""
    with psycopg.connect(libpq_url(as_role(instance.database_url, SUPERUSER))) as connection:
        connection.execute("SET row_security = off")
        held = {}
        for table in ("alert", "receipt"):
            copy_of = sql.Identifier(f"bench_{table}")
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(copy_of, sql.Identifier(table))
            )
            query = sql.SQL("COPY (SELECT * FROM {} WHERE source = {}) TO STDOUT").format(
                sql.Identifier(table), sql.Literal(SOURCE)
            )
            with connection.cursor().copy(query) as copy:
                held[table] = list(copy.rows())
        connection.commit()
        if any(len(rows) != count for rows in held.values()):
            raise CommandFailed(f"{count} rows were accepted, and other numbers of alerts and receipts are there.")
        started = time.perf_counter()
        for first in range(0, count, registers.BATCH):
            for table, rows in held.items():
                statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(f"bench_{table}"))
                with connection.cursor().copy(statement) as copy:
                    for row in rows[first : first + registers.BATCH]:
                        copy.write_row(row)
            connection.commit()
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE bench_alert, bench_receipt")
    return seconds
