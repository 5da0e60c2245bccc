"""Which format a file has, by what it holds and not by its name; what is no table is called what it is."""

import codecs
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final

from core.errors import Invalid
from core.imports.formats import delimited, html, ods, xls, xlsx, xml2003
from core.imports.formats.archives import Archive
from core.imports.sheets import Book, Cell

_ZIP: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINS_BYTES: Final = 4096
_SAVE_ANEW: Final = "请在表格软件中打开，另存为 `.xlsx` 后再导入。"
_NO_TABLES: Final = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"{\\rtf", "RTF 文档"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xbc\xaf", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"SQLite format 3", "数据库文件"),
)
# What an old container holds beside or instead of a workbook, as it is named in its directory.
_ENCRYPTED, _DOCUMENT, _WORKBOOKS = "EncryptedPackage", "WordDocument", ("Workbook", "Book")


def book(path: Path, known: Callable[[Sequence[Cell]], int]) -> Book:
    """The sheets of a file; `known` counts the usual headers in a row, by which a text shows its delimiter."""
    with path.open("rb") as file:
        begins = file.read(_BEGINS_BYTES)
    if not begins.strip():
        raise Invalid("这个文件是空的。")
    if begins.startswith(_ZIP):
        return _zipped(path)
    if begins.startswith(_OLD):
        return _old(path)
    for magic, called in _NO_TABLES:
        if begins.startswith(magic):
            raise Invalid(f"这是{called}，不是表格，没有读取：请导入原来的表格文件。")
    markup = begins.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if markup.startswith(b"mime-version:"):
        raise Invalid(f"这是单个文件的网页（MHTML），没有读取：{_SAVE_ANEW}")
    if markup.startswith(b"<"):
        return _markup(path, markup)
    return delimited.read(path, known)


def _zipped(path: Path) -> Book:
    archive = Archive(path)
    workbook = xlsx.workbook_part(archive)
    if workbook is not None and archive.holds("xl/"):
        return xlsx.read(archive, workbook)
    if ods.CONTENT in archive:
        return ods.read(partial(archive.open, ods.CONTENT), archive.size(ods.CONTENT))
    if archive.holds("xl/workbook.bin"):
        raise Invalid(f"这是二进制工作簿（`.xlsb`），没有读取：{_SAVE_ANEW}")
    if archive.holds("word/"):
        raise Invalid("这是 Word 文档，不是表格，没有读取：请把其中的表格复制到表格软件，存成 `.xlsx` 后再导入。")
    raise Invalid("这是压缩包，不是表格，没有读取：请先解压，再导入里面的表格文件。")


def _old(path: Path) -> Book:
    with path.open("rb") as file:
        content = file.read(xls.LARGEST_BYTES)

    def holds(name: str) -> bool:
        return f"{name}\x00".encode("utf-16-le") in content

    if holds(_ENCRYPTED):
        raise Invalid("工作簿有打开密码，没有读取：请去掉密码后另存，再导入。")
    if holds(_DOCUMENT) and not any(map(holds, _WORKBOOKS)):
        raise Invalid("这是 Word 文档，不是表格，没有读取：请把其中的表格复制到表格软件，存成 `.xlsx` 后再导入。")
    return xls.read(path)


def _markup(path: Path, begins: bytes) -> Book:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in begins and b"<html" not in begins:
        return xml2003.read(partial(_plain, path), path.stat().st_size)
    if b"office:document" in begins and b"opendocument" in begins:
        return ods.read(partial(_plain, path), path.stat().st_size)
    if begins.startswith(b"<?xml") and b"<html" not in begins and b"<table" not in begins:
        raise Invalid(f"这是 XML 文件，不是认得的表格，没有读取：{_SAVE_ANEW}")
    return html.read(path)


@contextmanager
def _plain(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        yield file
