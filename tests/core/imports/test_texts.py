"""Text files as offices write them, and files that are no table."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import Invalid
from core.imports.sheets import Fault, Line, Unreadable
from tests.core.imports import files
from tests.core.imports.files import CASES, HEADERS, line, person
from tests.core.imports.opening import book, rows, told

ERROR = Unreadable(Fault.ERROR)


@pytest.mark.parametrize(
    ("encoding", "mark", "broken"),
    [
        ("utf-8", b"", b"\xff\x8e"),
        ("utf-8", b"\xef\xbb\xbf", b"\xff\x8e"),
        ("gb18030", b"", b"\xff"),
        # Half of a pair; another byte would be another character, and no loss.
        ("utf-16-le", b"\xff\xfe", b"\x00\xd8"),
        ("utf-16-be", b"\xfe\xff", b"\xd8\x00"),
    ],
)
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_broken_byte_costs_the_row_it_stands_in_and_no_other(
    tmp_path: Path, encoding: str, mark: bytes, broken: bytes, is_lost: bool
) -> None:
    everybody = [HEADERS, *(["王" * serial + "乙", *person(serial)[1:]] for serial in range(1, 8))]
    written = [",".join(map(str, row)).encode(encoding) for row in everybody]
    # In the last character of the fourth person's name one byte is lost, or the first ones are no character.
    before = len(("王" * 4).encode(encoding))
    rest = written[4][before:]
    written[4] = written[4][:before] + (rest[1:] if is_lost else broken + rest[len(broken) :])
    (tmp_path / "a.csv").write_bytes(mark + "\r\n".encode(encoding).join(written))
    found = told(tmp_path / "a.csv")
    assert [line.number for line in found] == list(range(1, 9))
    assert [line.number for line in found if any(isinstance(cell, Unreadable) for cell in line.cells)] == [5]
    assert [line.cells for line in found if line.number != 5] == [
        [str(value) for value in row] for index, row in enumerate(everybody) if index != 4
    ]


def test_half_a_character_at_the_end_of_a_file_is_seen() -> None:
    found = rows(CASES / "half_character.csv")
    assert found[-1] == [Unreadable(Fault.BROKEN)]
    assert found[2][:2] == ["𠮷田䶮", "319999196502020829\t"]


def test_a_quote_that_is_never_closed_costs_its_row_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('姓名,身份证号\n"甲,1\n"乙","二\n2"\n丙,3\n"丁,4', encoding="utf-8")
    unclosed = Unreadable(Fault.UNCLOSED)
    assert rows(tmp_path / "a.csv") == [
        ["姓名", "身份证号"],
        [unclosed, "1"],
        ["乙", "二\n2"],
        ["丙", "3"],
        [unclosed, "4"],
    ]


def test_many_quotes_that_are_never_closed_end_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,身份证号\n" + '"甲,1\n' * 20_001, encoding="utf-8")
    assert len(rows(tmp_path / "a.csv")) == 20_002


def test_lines_of_old_desktops_are_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("姓名;身份证号\r甲;1\r\r乙;2".encode("gb18030"))
    assert told(tmp_path / "a.csv") == [Line(1, ["姓名", "身份证号"]), Line(2, ["甲", "1"]), Line(4, ["乙", "2"])]


# What is no table


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00", "图片"),
        (b"Rar!\x1a\x07\x00", "压缩包"),
        (b"{\\rtf1 x}", "RTF"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "MHTML"),
        (b"<html><body><p>x</p></body></html>", "HTML.*没有表格"),
        (b'<?xml version="1.0"?><invoice/>', "XML 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument\x00".encode("utf-16-le"), "Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage\x00".encode("utf-16-le"), "密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "损坏"),
        (b"PK\x03\x04 half a workbook", "损坏"),
        (b"\x00\x01\x02\x03", "不是文本"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    with pytest.raises(Invalid, match=said):
        book(tmp_path / "a.xls")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"word/document.xml": "<x/>"}, "Word"),
        ({"xl/workbook.bin": "x"}, "xlsb"),
        ({"花名册.xlsx": "x"}, "压缩包"),
    ],
)
def test_another_zip_is_called_what_it_is(tmp_path: Path, parts: dict[str, str], said: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(Invalid, match=said):
        book(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b'r="2"', b'r="1"', 1),
        lambda content: content.replace(b"<v>", b"<v>x", 1),
        lambda content: content.replace(b'<c r="A2"', b'<c r="A2" s="9"', 1),
    ],
)
def test_a_damaged_sheet_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    data = f'<worksheet><sheetData>{line(1, "甲")}<row r="2"><c r="A2"><v>100</v></c></row></sheetData></worksheet>'
    path = files.package(tmp_path / "a.xlsx", "", parts={"xl/worksheets/sheet1.xml": damage(data.encode())})
    with pytest.raises(Invalid, match="损坏"):
        rows(path)


@pytest.mark.parametrize("name", ["old_workbook.xls", "sheet_per_committee.xlsx"])
def test_no_damage_of_a_workbook_ends_in_anything_but_a_refusal(tmp_path: Path, name: str) -> None:
    content = (CASES / name).read_bytes()
    refused = 0
    for at in range(0, len(content), 61):
        (tmp_path / "a.xls").write_bytes(content[:at] + bytes((content[at] ^ 0x5A,)) + content[at + 1 :])
        try:
            found: list[Any] = [list(sheet.parts()) for sheet in book(tmp_path / "a.xls").sheets]
            assert isinstance(found, list)
        except Invalid:
            refused += 1
    assert refused
