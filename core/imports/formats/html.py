"""Web pages under the name of a workbook (.xls), as many systems export: their tables one below the other, as shown."""

import codecs
import re
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from core.errors import Invalid
from core.imports.formats import delimited
from core.imports.sheets import MOST_COLUMNS, MOST_ROWS, Book, Cell, Line, Merge, Part, Sheet, letters, too_far

LARGEST_BYTES: Final = 32 << 20
_BEGINS_BYTES: Final = 4096
_CHUNK_BYTES: Final = 64 << 10
_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_NATIONAL: Final = ("gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk")
_UNSHOWN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")


def read(path: Path) -> Book:
    """The tables of a page as one sheet, which is how a spreadsheet program shows them."""
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise Invalid(
            f"这是一个超过 {LARGEST_BYTES >> 20} MB 的网页文件（HTML），没有读取：请另存为 `.xlsx` 后再导入。"
        )
    encoding = _encoding(path)
    if not any(isinstance(part, Line) for part in _parts(path, encoding)):
        raise Invalid("这是网页文件（HTML），里面没有表格：请在表格软件中打开，另存为 `.xlsx` 后再导入。")
    return Book((Sheet("", size, partial(_parts, path, encoding)),))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        begins = file.read(_BEGINS_BYTES)
    named = _CHARSET.search(begins)
    charset = named.group(1).decode("ascii", "ignore").lower() if named else ""
    if charset in _NATIONAL and not begins.startswith(codecs.BOM_UTF8):
        return "gb18030"
    return delimited.encoding(path)


def _parts(path: Path, encoding: str) -> Iterator[Part]:
    page = _Page()
    # What is broken in a page stands as U+FFFD: a name that holds one is seen to be damaged.
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            page.feed(decoder.decode(chunk))
            yield from page.parts
            page.parts.clear()
    page.close()
    yield from page.parts


class _Page(HTMLParser):
    """Collects cells; a cell over several rows keeps those below it from its columns."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self._row = self._depth = 0
        self._cells: list[Cell] = []
        self._taken: dict[int, int] = {}  # column → the last row that a cell above reaches
        self._texts: list[str] | None = None
        self._span = (1, 1)
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
        elif self._depth > 1:
            # A table inside a cell is text of that cell.
            return
        elif tag == "tr":
            self._end_row()
            self._row += 1
            self._hidden = any(name == "style" and value and _UNSHOWN.search(value) for name, value in attrs)
        elif tag in ("td", "th") and self._row:
            self._end_cell()
            said = dict(attrs)
            self._span = _count(said.get("rowspan"), MOST_ROWS), _count(said.get("colspan"), MOST_COLUMNS)
            self._texts = []
        elif tag == "br" and self._texts is not None:
            self._texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._depth = max(self._depth - 1, 0)
            if self._depth == 0:
                self._end_row()
                self._taken.clear()
        elif self._depth <= 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth <= 1 and tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._texts is not None:
            self._texts.append(_SPACES.sub(" ", data))

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._texts is None:
            return
        text, self._texts = "".join(self._texts).strip(), None
        down, across = self._span
        while self._taken.get(len(self._cells), 0) >= self._row:
            self._cells.append("")
        first = len(self._cells)
        if first + across > MOST_COLUMNS:
            raise too_far(self._row, letters(first + across - 1))
        self._cells.extend([text, *[""] * (across - 1)])
        if down > 1:
            bottom = self._row + down - 1
            self._taken.update(dict.fromkeys(range(first, first + across), bottom))
            self.parts.append(Merge(self._row, first, bottom, first + across - 1))

    def _end_row(self) -> None:
        self._end_cell()
        if any(self._cells):
            self.parts.append(Line(self._row, self._cells, self._hidden))
        self._cells = []


def _count(said: str | None, most: int) -> int:
    return min(max(int(said), 1), most) if said is not None and said.strip().isdecimal() else 1
