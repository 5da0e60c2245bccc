"""Text with delimiters (CSV), whatever the encoding; a broken byte or an open quote costs the row it stands in."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Final

from core.errors import Invalid
from core.imports.sheets import Book, Cell, Fault, Line, Part, Sheet, Unreadable

DELIMITERS: Final = ",;\t"
# As Chinese desktops write text: UTF-8 with or without its mark, "Unicode text", and the national encoding.
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NATIONAL: Final = "gb18030"
_LONGEST_LINE_BYTES: Final = 1 << 20
# A text in quotes may hold line breaks, but nobody writes a cell of so many lines.
_MOST_LINES: Final = 200
# UTF-8 with a few broken bytes is still UTF-8; the national encoding read as UTF-8 is broken nearly everywhere.
_FEW: Final = 0.25
_CHUNK_BYTES: Final = 1 << 20
# Stands for bytes that are no text. No text holds it, since half a surrogate is no character.
_BROKEN: Final = "\udcff"
_RETURNS: Final = re.compile(r"(?<=\r)(?!\n)(?=.)", re.DOTALL)
_HANDLER: Final = "tanfang.imports.broken"


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _BROKEN, error.end


codecs.register_error(_HANDLER, _mark_broken)


def read(path: Path, known: Callable[[Sequence[Cell]], int]) -> Book:
    """The one table of a text, in the encoding and with the delimiter by which `known` finds most of its headers."""
    encodings, skipped = _encodings(path)
    found = 0
    best = encodings[0], DELIMITERS[0]
    for charset in encodings:
        first = list(islice(_lines(path, charset, skipped), _MOST_LINES))
        for delimiter in DELIMITERS:
            headers = max((known(line.cells) for line in _rows(iter(first), delimiter)), default=0)
            if headers > found:
                found, best = headers, (charset, delimiter)

    def parts() -> Iterator[Part]:
        return _rows(_lines(path, best[0], skipped), best[1])

    return Book((Sheet("", path.stat().st_size, parts),), is_text=True)


def encoding(path: Path) -> str:
    """The likeliest encoding of a text; a mark at its beginning is read as a character that nobody sees."""
    return _encodings(path)[0][0]


def _encodings(path: Path) -> tuple[tuple[str, ...], int]:
    """What the encoding of a file may be, the likeliest first, and how many bytes its mark takes."""
    with path.open("rb") as file:
        begins = file.read(4096)
        for mark, encoding in _MARKS:
            if begins.startswith(mark):
                return (encoding,), len(mark)
        if b"\x00" in begins:
            raise Invalid("这个文件不是文本，也不是认得的表格：请另存为 `.xlsx`，或 UTF-8 编码的 CSV 后再导入。")
        file.seek(0)
        is_utf_8 = _is_utf_8(iter(partial(file.read, _CHUNK_BYTES), b""))
        return ("utf-8", _NATIONAL) if is_utf_8 else (_NATIONAL, "utf-8"), 0


def _is_utf_8(chunks: Iterable[bytes]) -> bool:
    """Whether what is no ASCII reads as UTF-8, but for a few broken bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")(_HANDLER)
    good = broken = 0
    for chunk in chunks:
        if not chunk.isascii():
            text = decoder.decode(chunk)
            broken += text.count(_BROKEN)
            good += len(text) - len(text.encode("ascii", "ignore"))
    return broken <= _FEW * (good - broken)


def _lines(path: Path, encoding: str, skipped: int) -> Iterator[str]:
    """The lines of a text, each decoded by itself, so that what is broken in one harms no other."""
    with path.open("rb") as file:
        file.seek(skipped)
        ends = "\n".encode(encoding)
        lines: Iterator[bytes] = iter(partial(file.readline, _LONGEST_LINE_BYTES), b"")
        for line in lines if len(ends) == 1 else _wide_lines(file, encoding):
            if len(line) >= _LONGEST_LINE_BYTES:
                raise Invalid("文件里有一行特别长，不是正常的 CSV，没有读取。")
            text = line.decode(encoding, _HANDLER)
            # Old desktops ended lines by a carriage return alone.
            yield from _RETURNS.split(text) if "\r" in text[:-2] else (text,)


def _wide_lines(file: IO[bytes], encoding: str) -> Iterator[bytes]:
    """The lines of UTF-16. They are found at odd places too: a byte that was lost shifts only the rest of its line."""
    ends = "\r\n".encode(encoding)
    rest = b""
    while chunk := file.read(_LONGEST_LINE_BYTES):
        if ends not in rest + chunk[:_CHUNK_BYTES]:
            ends = "\n".encode(encoding)
        *lines, rest = (rest + chunk).split(ends)
        yield from (line + ends for line in lines)
        if len(rest) >= _LONGEST_LINE_BYTES:
            break
    if rest:
        yield rest


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[Line]:
    """The rows with their numbers. A quote that is never closed costs the line where it stands, not all that follow."""
    number = 0
    put_back: deque[str] = deque()
    while True:
        taken: list[str] = []
        cells: list[Cell]
        try:
            read = next(csv.reader(_taking(put_back, lines, taken), delimiter=delimiter, strict=True), None)
            if read is None:
                return
            cells = [_whole(cell) for cell in read]
        except csv.Error:
            # Strictly read, a quote must begin its field, and end it: one that does not is taken as it stands where it
            # ends on its line, and is not closed where it does not.
            put_back.extendleft(reversed([line for line in taken[1:] if line]))
            cells = _loosely(taken[0], delimiter, is_open=len(taken) > 1)
        number += 1
        if cells:
            yield Line(number, cells)


def _whole(cell: str) -> Cell:
    return Unreadable(Fault.BROKEN) if _BROKEN in cell else cell


def _loosely(line: str, delimiter: str, *, is_open: bool) -> list[Cell]:
    """The cells of a line whose quotes are not where they should be."""
    if is_open:
        parts = line.rstrip("\r\n").split(delimiter)
        return [Unreadable(Fault.UNCLOSED) if part.count('"') % 2 else _whole(part) for part in parts]
    try:
        return [_whole(cell) for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        # A field longer than any field may be.
        return [Unreadable(Fault.BROKEN)]


def _taking(put_back: deque[str], lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """The next lines, written down as they are taken, and an empty one when more are asked for than there may be."""
    while len(taken) < _MOST_LINES:
        line = put_back.popleft() if put_back else next(lines, None)
        if line is None:
            break
        taken.append(line)
        yield line
    if taken:
        taken.append("")
