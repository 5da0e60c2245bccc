"""Nothing of a file is lost without a word: what was written into it is accepted, refused, or named as left."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import xlsxwriter

from core.errors import Invalid
from core.imports import preparing
from core.imports.preparing import PreparedFile, Wishes
from core.imports.registers import Import, day_of
from core.imports.reports import Report
from core.organisation import streets
from tests.core.imports.files import HEADERS, number, person
from tests.world import World

Cells = list[Any]

ODD_TAGS: Final = ("城保", "农村低保户", "低保", "特困（分散）", "#N/A", "城保/支贫", "没听说过", "无", "")
ODD_DAYS: Final = ("2026-01-01", "2026年1月", "20260101", "二〇二六年一月一日", 46023, "#REF!", "长期", "")
ODD_STATES: Final = ("正常", "停保", "死亡", "", "复核中")
ABOUT_NOBODY: Final[tuple[Cells, ...]] = (
    ["合计", "", "", "", "5"],
    ["填表人：某某"],
    ["说明：以上属实"],
    list(HEADERS),
)


def somebody(dice: Random) -> Cells:
    """A row of somebody, perhaps with what cannot be read."""
    row: Cells = person(dice.randrange(400), dice.choice(ODD_TAGS), dice.choice(ODD_DAYS))
    match dice.randrange(12):
        case 0:
            row[1] = float(number(1).replace("X", "0"))
        case 1:
            row[0] = ""
        case 2:
            row[0] = dice.choice(("?田", "\u202d张　三\u202c"))
        case 3:
            row[2] = "桃花源"
        case 4:
            row[1] = dice.choice(("", "\u200b", f"'{row[1]}\u200b", row[1][:17]))
    return [*row, dice.choice(ODD_STATES)]


def page(dice: Random) -> list[Cells]:
    """The rows of a sheet: titles, headers, people, totals, blank rows, in an order that offices know."""
    rows: list[Cells] = [["花名册"]] * dice.randrange(3)
    if dice.random() < 0.8:
        rows.append([*HEADERS, "状态"])
    for _ in range(dice.randrange(8)):
        rows += [somebody(dice) for _ in range(dice.randrange(6))]
        rows.append(
            dice.choice(([], ["  "], *ABOUT_NOBODY, ["农保名单"], ["身份证号", "姓名", "所属居委", "救助类别"]))
        )
    return rows


def written(path: Path, dice: Random) -> Counter[str]:
    """Make a workbook; returns how many rows that are not blank stand on each of its sheets."""
    filled: Counter[str] = Counter()
    with xlsxwriter.Workbook(path) as book:
        for sheet in ("一月", "二月", "龙潭社区居委会", "说明")[: dice.randint(1, 4)]:
            made = book.add_worksheet(sheet)
            filled[sheet] = 0
            if dice.random() < 0.2 and len(book.worksheets()) > 1:
                made.hide()
            for index, row in enumerate(page(dice)):
                made.write_row(index, 0, row)
                if dice.random() < 0.2:
                    made.set_row(index, None, None, {"hidden": True})
                filled[sheet] += any(str(cell).strip("\u200b \t") for cell in row)
    return filled


def every_row(prepared: PreparedFile, reports: list[Report]) -> int:
    """How many rows are told of."""
    above = sum(len(section.table.above) for group in prepared.groups for section in group.sections)
    unread = sum(table.rows for table in prepared.unread)
    return above + unread + sum(report.rows + report.skipped for report in reports)


@pytest.fixture
def imported(world: World) -> Callable[[Path], tuple[PreparedFile, list[Import]]]:
    def take(path: Path) -> tuple[PreparedFile, list[Import]]:
        with world.database.transaction(world.scope) as session:
            divisions = streets.load(session)
            prepared = preparing.prepare(session, path, divisions, Wishes(source="/random"))
            day = day_of(None, now=world.now)
            imports = []
            for group in prepared.groups:
                one = Import(session, group, divisions, world.keys, unread=prepared.unread, day=day, now=world.now)
                one.report.add(one.take(session, one.rows(), write=True))
                imports.append(one)
        return prepared, imports

    return take


def files(folder: Path, seed: int) -> Iterator[tuple[Path, Counter[str]]]:
    dice = Random(seed)
    for index in range(8):
        path = folder / f"{index}.xlsx"
        yield path, written(path, dice)


@pytest.mark.parametrize("seed", range(6))
def test_every_row_of_every_sheet_is_accepted_refused_or_named(
    imported: Callable[[Path], tuple[PreparedFile, list[Import]]], tmp_path: Path, seed: int
) -> None:
    read = 0
    for path, filled in files(tmp_path, seed):
        try:
            prepared, imports = imported(path)
        except Invalid:
            # Not one table of it can be read, and that is said of the whole file.
            continue
        read += 1
        reports = [one.report for one in imports]
        assert every_row(prepared, reports) == filled.total()
        for report in reports:
            accepted = report.new + report.joined + report.changed + report.returned
            assert accepted + report.unchanged + report.repeated + report.left_out + report.refused == report.rows
            named = Counter(note.code for note in report.notices)
            assert named["not_a_person"] == report.skipped
            assert named["repeated"] == report.repeated
        told = {section.table.sheet for group in prepared.groups for section in group.sections}
        assert told | {table.sheet for table in prepared.unread} == set(filled)
    assert read >= 4


@pytest.mark.parametrize("seed", range(3))
def test_every_cell_of_a_line_of_text_is_read_or_refuses_its_row(
    imported: Callable[[Path], tuple[PreparedFile, list[Import]]], tmp_path: Path, seed: int
) -> None:
    """Bytes are lost and quotes left open; a row is never two people's, and the others are untouched."""
    dice = Random(seed)
    everybody = [person(serial) for serial in range(60)]
    lines = [",".join(map(str, row)).encode("gb18030") for row in [HEADERS, *everybody]]
    spoilt = set(dice.sample(range(1, 61), 12))
    for index in spoilt:
        line = lines[index]
        lines[index] = b'"' + line if dice.random() < 0.4 else line[: dice.randrange(1, 4)] + b"\xff" + line[4:]
    (tmp_path / "a.csv").write_bytes(b"\r\n".join(lines))
    prepared, [one] = imported(tmp_path / "a.csv")
    assert {problem.where.row - 1 for problem in one.report.problems} == spoilt
    assert (one.report.rows, one.report.new) == (60, 48)
    assert every_row(prepared, [one.report]) == 61
