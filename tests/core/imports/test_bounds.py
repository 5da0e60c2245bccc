"""Files that make much out of little are refused within 512 MB of memory, in words, and never end a process."""

import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.core.imports import files
from tests.core.imports.files import CASES, HEADERS, OFFICE, cell, line, person
from tests.core.imports.test_formats import ods, ods_cell, xml2003, xml_cell

MEMORY_BYTES = 512 << 20
READ = """
import sys
from pathlib import Path
from core.errors import Invalid
from core.imports.files import open_file
from core.imports.mapping import Headers
try:
    found = open_file(Path(sys.argv[1]), Headers([]))
    print("read", sum(1 for table in found.tables for row in table.rows()))
except Invalid as refusal:
    print("refused", refusal.detail)
"""


def read(path: Path) -> str:
    """What becomes of a file in a process of its own that has no more memory than this."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES)),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def zeros(path: Path, name: str, begins: bytes, piece: bytes, times: int, ends: bytes = b"") -> Path:
    """A workbook with an entry that is one piece over and over."""
    relations = (
        f'<Relationships><Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="b" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="c" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )
    files.package(path, "", parts={"xl/_rels/workbook.xml.rels": relations})
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist() if entry.filename != name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, content in parts.items():
            archive.writestr(other, content)
        with archive.open(name, "w", force_zip64=True) as entry:
            entry.write(begins)
            for _ in range(times):
                entry.write(piece)
            entry.write(ends)
    return path


SHEET = "xl/worksheets/sheet1.xml"
HEADER_ROW = line(1, *HEADERS)


def test_a_cell_at_the_far_corner_is_refused_by_its_name(tmp_path: Path) -> None:
    corner = f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
    path = files.package(
        tmp_path / "a.xlsx", f"<sheetData>{HEADER_ROW}{line(2, *map(str, person(1)))}{corner}</sheetData>"
    )
    assert read(path).startswith("refused 第 1048576 行 XFD 列")


def test_a_cell_at_the_far_corner_of_other_formats_is_refused_too(tmp_path: Path) -> None:
    row = "".join(map(ods_cell, HEADERS))
    far = '<table:table-cell table:number-columns-repeated="16383"/>' + ods_cell("x")
    table = (
        f'<table:table><table:table-row>{row}</table:table-row><table:table-row table:number-rows-repeated="1048574"/>'
        f"<table:table-row>{far}</table:table-row></table:table>"
    )
    assert read(ods(tmp_path / "a.ods", table)).startswith("refused 第 1048576 行 XFD 列")
    cells = "".join(map(xml_cell, HEADERS))
    corner = xml_cell("x", more='ss:Index="16384"')
    path = xml2003(tmp_path / "a.xls", f"<Row>{cells}</Row>", f'<Row ss:Index="1048576">{corner}</Row>')
    assert read(path).startswith("refused 第 1048576 行 XFD 列")
    page = f"<table><tr>{''.join(f'<td>{each}' for each in HEADERS)}<tr><td colspan=99999999>x<td>y</table>"
    (tmp_path / "b.xls").write_text(page, encoding="utf-8")
    assert read(tmp_path / "b.xls").startswith("refused 第 2 行")


def test_a_cell_at_the_far_corner_of_an_old_workbook_is_a_row_of_its_own() -> None:
    """There are only 256 columns; nothing stands below a header there, so the row is listed as nobody's."""
    assert read(CASES / "old_workbook_corner.xls") == "read 2"


def test_cells_that_are_only_coloured_out_to_the_far_corner_are_no_matter(tmp_path: Path) -> None:
    coloured = '<c r="XFD2" s="0"/>'
    rows = line(2, *map(str, person(1))).replace("</row>", f"{coloured}</row>")
    path = files.package(
        tmp_path / "a.xlsx", f'<sheetData>{HEADER_ROW}{rows}<row r="1048576">{coloured}</row></sheetData>'
    )
    assert read(path) == "read 1"


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    piece = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 20_000
    begins = f"<worksheet><sheetData>{HEADER_ROW}".encode()
    path = zeros(tmp_path / "a.xlsx", SHEET, begins, piece, 1_100, b"</sheetData></worksheet>")
    assert path.stat().st_size < 8 << 20
    assert "解开后超过 512 MB" in read(path)


def test_a_file_that_lies_about_what_it_unpacks_to_is_refused(tmp_path: Path) -> None:
    path = zeros(tmp_path / "a.xlsx", SHEET, b"<worksheet><sheetData>", b"<row><c><v>1</v></c></row>" * 40_000, 600)
    size = 22 + 26 * 40_000 * 600
    content = path.read_bytes()
    assert size.to_bytes(4, "little") in content
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (4096).to_bytes(4, "little")))
    assert read(path).startswith("refused")


@pytest.mark.parametrize(
    ("name", "begins", "piece", "times"),
    [
        # One cell of 400 MB; one name of 400 MB; elements within elements; texts and merged cells without end.
        (SHEET, b'<worksheet><sheetData><row><c t="inlineStr"><is><t>', b"x" * (1 << 20), 400),
        (SHEET, b"<worksheet><sheetData><row><c r='", b"A" * (1 << 20), 400),
        (SHEET, b"<worksheet><sheetData>", b"<row>" * 200_000, 400),
        (SHEET, b"<worksheet><sheetData><row>", b"<c>" * 300_000, 400),
        (SHEET, b"<worksheet><sheetData><row><c>", b"<is>" * 300_000, 400),
        (SHEET, b"<worksheet><sheetData><row><c><is><rPh>", b"<t>" * 300_000, 400),
        (SHEET, b"<worksheet>", b"<a>" * 300_000, 400),
        (SHEET, b"<worksheet><sheetData><row>", b"<c><v>1</v></c>" * 60_000, 400),
        (SHEET, b"<worksheet><sheetData/><mergeCells>", b'<mergeCell ref="A1:A9"/>' * 40_000, 400),
        ("xl/sharedStrings.xml", b"<sst>", b"<si><t>xxxxxxxxxxxxxxxxx</t></si>" * 30_000, 400),
        ("xl/sharedStrings.xml", b"<sst>", b"<si><t>xy</t></si>" * 50_000, 400),
        ("xl/styles.xml", b"<styleSheet><cellXfs>", b"<xf/>" * 200_000, 400),
    ],
)
def test_markup_without_measure_is_refused(tmp_path: Path, name: str, begins: bytes, piece: bytes, times: int) -> None:
    assert read(zeros(tmp_path / "a.xlsx", name, begins, piece, times)).startswith("refused")


def test_entities_are_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{depth} "{f"&e{depth - 1};" * 10 if depth else "x"}">' for depth in range(12))
    sheet = f"<sheetData>{HEADER_ROW}<row><c><v>&e11;</v></c></row></sheetData>"
    data = f"<!DOCTYPE worksheet [{entities}]><worksheet>{sheet}</worksheet>"
    assert "DTD" in read(files.package(tmp_path / "a.xlsx", "", parts={SHEET: data}))
    namespace = "urn:schemas-microsoft-com:office:spreadsheet"
    (tmp_path / "a.xls").write_text(
        f'<?xml version="1.0"?><!DOCTYPE Workbook [{entities}]><Workbook xmlns="{namespace}"><Worksheet/></Workbook>',
        encoding="utf-8",
    )
    assert "DTD" in read(tmp_path / "a.xls")


def test_a_zip_of_zips_and_one_of_too_many_entries_are_refused(tmp_path: Path) -> None:
    inner = files.workbook(tmp_path / "inner.xlsx", HEADERS, person(1))
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.write(inner, "inner.xlsx")
    assert "压缩包" in read(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}", b"")
    assert "部件太多" in read(tmp_path / "b.xlsx")


def test_rows_that_stand_for_many_are_read_one_by_one_up_to_the_last_row_there_can_be(tmp_path: Path) -> None:
    header = f"<table:table-row>{''.join(map(ods_cell, HEADERS))}</table:table-row>"
    row = f'<table:table-row table:number-rows-repeated="100000">{ods_cell("x")}</table:table-row>'
    assert read(ods(tmp_path / "a.ods", f"<table:table>{header}{row}</table:table>")) == "read 100000"
    assert read(ods(tmp_path / "b.ods", f"<table:table>{header}{row * 11}</table:table>")).startswith("refused")


def test_a_text_without_lines_and_one_of_many_are_read_in_bounded_memory(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x" * (64 << 20))
    assert "特别长" in read(tmp_path / "a.csv")
    with (tmp_path / "b.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(HEADERS) + "\n")
        file.writelines(
            f"测试,{files.number(number % 1000)},龙潭社区居委会,城保,2025-01-01\n" for number in range(150_000)
        )
    assert read(tmp_path / "b.csv") == "read 150000"


def test_what_is_read_twice_and_what_is_kept_takes_bounded_memory(tmp_path: Path) -> None:
    header = (",".join(HEADERS) + "\n").encode()
    (tmp_path / "cells.csv").write_bytes(header + b"xy,xy,xy,xy,xy\n" * 250_000)
    assert read(tmp_path / "cells.csv") == "read 250000"
    (tmp_path / "long.csv").write_bytes(header + (b"x" * 30_000 + b",1\n") * 2_500)
    assert read(tmp_path / "long.csv") == "read 2500"
    cells = "".join(f"<th>{each}" for each in HEADERS)
    (tmp_path / "a.xls").write_text(f"<table><tr>{cells}" + "<tr><td>xy<td>z" * 250_000, encoding="utf-8")
    assert read(tmp_path / "a.xls") == "read 250000"


def test_a_large_old_workbook_and_a_large_page_are_refused(tmp_path: Path) -> None:
    content = (CASES / "old_workbook.xls").read_bytes()
    (tmp_path / "a.xls").write_bytes(content + bytes(32 << 20))
    assert "`.xls` 文件超过" in read(tmp_path / "a.xls")
    (tmp_path / "b.xls").write_text("<table>" + "<tr><td>x" * 4_000_000, encoding="utf-8")
    assert "网页文件" in read(tmp_path / "b.xls")
