"""What a file holds, as its reader tells it."""

from pathlib import Path

from core.imports.formats import opening
from core.imports.sheets import Book, Cell, Line
from tests.core.imports.files import HEADERS


def book(path: Path) -> Book:
    return opening.book(path, lambda cells: sum(cell in HEADERS for cell in cells))


def told(path: Path, sheet: int = 0) -> list[Line]:
    return [part for part in book(path).sheets[sheet].parts() if isinstance(part, Line)]


def rows(path: Path, sheet: int = 0) -> list[list[Cell]]:
    return [line.cells for line in told(path, sheet)]
