"""Lists on pages: a sheet of rows, and the addresses of the next and of the first one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from api.http import paging
from api.http.paging import Part
from api.pages.page import Page

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Row]):
    """The rows of one sheet, its number, and where the neighbours are; the address holds both number and cursor."""

    rows: Sequence[Row]
    number: int
    first: str | None
    next: str | None


def sheet(page: Page, rows: Sequence[Row], limit: int, key: Callable[[Any], tuple[Part, ...]]) -> Sheet[Row]:
    """The first `limit` of at most `limit + 1` rows."""
    found = paging.page(rows, limit, key)
    written = page.request.query_params.get("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 1
    cursor = found["next_cursor"]
    return Sheet(
        found["items"],
        number,
        first=None if number == 1 else page.with_query(),
        next=None if cursor is None else page.with_query(cursor=cursor, page=number + 1),
    )
