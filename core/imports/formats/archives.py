"""Zip files that may be meant to harm: how much they unpack to is known before anything is unpacked."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.errors import Invalid

LARGEST_BYTES: Final = 64 << 20
# Half a million people in fifteen columns unpack to some 350 MB of sheet; reading stops at what an entry declares.
MOST_UNPACKED_BYTES: Final = 512 << 20
_MOST_ENTRIES: Final = 5_000
_ENTRY: Final = b"PK\x01\x02"


class Archive:
    """A zip file by the names of its entries, which some writers spell with \\ or in another case."""

    def __init__(self, path: Path) -> None:
        self._path = path
        content = path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else b""
        if not content:
            raise Invalid(f"文件超过 {LARGEST_BYTES >> 20} MB，没有读取：请拆成几个文件，或另存为 CSV 后再导入。")
        # The list of entries is loaded whole, so their number is judged by their marks beforehand.
        if content.count(_ENTRY) > _MOST_ENTRIES:
            raise Invalid("这个文件里的部件太多，不是正常的工作簿，没有读取。")
        with _whole(), ZipFile(path) as archive:
            self._entries = {_plain(entry.filename): entry for entry in archive.infolist()}
        if sum(entry.file_size for entry in self._entries.values()) > MOST_UNPACKED_BYTES:
            raise Invalid(
                f"这个文件解开后超过 {MOST_UNPACKED_BYTES >> 20} MB，没有读取："
                "请把登记表单独存成一个新文件，或另存为 CSV 后再导入。"
            )

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._entries

    def holds(self, *beginnings: str) -> bool:
        """Whether an entry's name begins like one of these."""
        return any(name.startswith(beginnings) for name in self._entries)

    def size(self, name: str) -> int:
        """How many bytes an entry unpacks to."""
        return self._entry(name).file_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """An entry to be read; what is damaged shows while reading, and is refused then."""
        with _whole(), ZipFile(self._path) as archive, archive.open(self._entry(name)) as entry:
            yield entry

    def _entry(self, name: str) -> ZipInfo:
        found = self._entries.get(_plain(name))
        if found is None:
            raise damaged()
        return found


def damaged() -> Invalid:
    """The refusal of a workbook that is not whole."""
    return Invalid("工作簿已损坏或不完整，读不出来：请在表格软件中打开，另存为新的 `.xlsx` 文件后再导入。")


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except (BadZipFile, zlib.error, struct.error, EOFError, MemoryError, OSError, RuntimeError, ValueError):
        # RuntimeError: an entry under a password, or packed as no spreadsheet does. OSError: a place outside the file.
        raise damaged() from None


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
