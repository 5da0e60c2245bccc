"""Lists a page at a time: `?limit=&cursor=` in, `{"items", "next_cursor"}` out."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query

from core.errors import Invalid
from core.events.fields import holds_control
from core.store.crypto import Keys, SealBroken
from rules.facts import Problem

USUAL: Final = 50
MOST: Final = 500
# What a sealed cursor is bound to.
_PLACE: Final = {"table": "list", "column": "cursor", "row": ""}

Part = date | datetime | UUID | int | str


def _limit(
    limit: Annotated[int, Query(ge=1, description=f"Items of a page; more than {MOST} are cut to {MOST}.")] = USUAL,
) -> int:
    return min(limit, MOST)


def _limit_if_any(
    limit: Annotated[
        int | None, Query(ge=1, description=f"Items of a page; all without it, at most {MOST} with it.")
    ] = None,
) -> int | None:
    return None if limit is None else min(limit, MOST)


LimitDep = Annotated[int, Depends(_limit)]
LimitIfAnyDep = Annotated[int | None, Depends(_limit_if_any)]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.", max_length=512)]


def page(
    rows: Sequence[Any], limit: int, key: Callable[[Any], tuple[Part, ...]], *, sealed_by: Keys | None = None
) -> dict[str, Any]:
    """The first `limit` of at most `limit + 1` rows, and where the next page begins.

    A sort key that tells something about a person is sealed: a cursor goes into an address, and those into logs.
    """
    items = rows[:limit]
    return {"items": items, "next_cursor": _encoded(key(items[-1]), sealed_by) if len(rows) > limit else None}


def part(rows: Sequence[Any], limit: int | None, cursor: str | None) -> dict[str, Any]:
    """A page of a list that is short enough to be read whole: all of it, unless fewer are asked for."""
    [start] = after(cursor, int) or [0]
    rows = rows[max(0, start) :]
    if limit is None or len(rows) <= limit:
        return {"items": rows, "next_cursor": None}
    return {"items": rows[:limit], "next_cursor": _encoded((max(0, start) + limit,))}


def _encoded(parts: tuple[Part, ...], sealed_by: Keys | None = None) -> str:
    texts = [part.isoformat() if isinstance(part, date) else str(part) for part in parts]
    written = json.dumps(texts, separators=(",", ":")).encode()
    if sealed_by is not None:
        written = sealed_by.seal(written, **_PLACE)
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _line(value: str) -> str:
    if holds_control(value):
        raise ValueError("a control character")
    value.encode()
    return value


_READERS: Final[dict[type, Callable[[str], Part]]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
    int: int,
    str: _line,
}


def after(cursor: str | None, *kinds: type, sealed_by: Keys | None = None) -> Any:
    """The sort key in a cursor, of these kinds, or None without one; raises `Invalid` for one that is not ours."""
    if cursor is None:
        return None
    try:
        written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        texts = json.loads(written if sealed_by is None else sealed_by.open(written, **_PLACE))
        parts = tuple(_READERS[kind](written) for kind, written in zip(kinds, texts, strict=True))
        if any(isinstance(part, datetime) and part.tzinfo is None for part in parts):
            raise ValueError("an instant without its offset")
    except (ValueError, TypeError, AttributeError, binascii.Error, SealBroken):
        raise Invalid(
            "游标不是这个列表的，请不带游标从头开始。",
            problems=[Problem("cursor", "cursor", "须是这个列表给出的 `next_cursor`。")],
        ) from None
    return parts
