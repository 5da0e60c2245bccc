"""The numbers that sources give their events (CloudEvents `sequence`), and which of them never came.

Nothing is counted on the way in: what is missing is read from the receipts, so a late event closes its gap by itself
and no two processes can disagree.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

MOST_GAPS: Final = 50
_DIGITS: Final = 18  # What a bigint holds, whatever the digits.
_RANDOM_BITS: Final = 80  # Of a UUID version 7, behind its milliseconds.
_BEGINNING: Final = UUID(int=0)


class Gap(NamedTuple):
    """Numbers that never came, both ends included; `since` the number after them did."""

    first: int
    last: int
    since: datetime | None


class Sequence(NamedTuple):
    """What is known of a source's numbers after `complete_to`; `gaps` are the first of them."""

    complete_to: int | None = None
    highest: int | None = None
    missing_total: int = 0
    gaps: tuple[Gap, ...] = ()


def number(attributes: Mapping[str, object]) -> int | None:
    """The number of an event, if its source counts in whole numbers; other kinds of sequence only sort."""
    value = attributes.get("sequence")
    if value is None or attributes.get("sequencetype", "Integer") != "Integer":
        return None
    if isinstance(value, str):
        return int(value) if len(value) <= _DIGITS and value.isascii() and value.isdigit() else None
    return value if type(value) is int and value >= 0 else None


def missing(
    session: Session, source: str, complete_to: int | None, era: UUID | None, watch: Mapping[str, int], *, now: datetime
) -> Sequence:
    """What is missing; a gap younger than the grace may still be a matter of order, and is not told yet."""
    era = era or _BEGINNING
    highest = _end(session, source, era, "DESC")
    if highest is None:
        return Sequence(complete_to)
    floor = _floor(session, source, complete_to, era, highest, watch)
    rows = session.execute(
        text(
            # The alert of the number behind a gap tells since when the gap is one.
            "SELECT g.first, g.last, a.received_at, sum(g.last - g.first + 1) OVER () AS total"
            f" FROM ({_GAPS}) g LEFT JOIN alert a ON a.street_code = g.street_code AND a.alert_id = g.alert_id"
            " WHERE a.received_at IS NULL OR a.received_at <= :noticed ORDER BY g.first LIMIT :most"
        ),
        {
            **_key(source, era, floor),
            "noticed": now - timedelta(minutes=watch["gap_grace_minutes"]),
            "most": MOST_GAPS,
        },
    ).all()
    gaps = tuple(Gap(row.first, row.last, row.received_at) for row in rows)
    return Sequence(floor, highest, int(rows[0].total) if rows else 0, gaps)


def advance(
    session: Session, source: str, complete_to: int | None, era: UUID | None, watch: Mapping[str, int]
) -> tuple[int | None, UUID | None]:
    """How far a source's numbers are complete by now, and from which alert on they count."""
    restarted = _restarted(session, source, complete_to, era or _BEGINNING, watch)
    if restarted is not None:
        complete_to, era = None, restarted
    since = era or _BEGINNING
    highest = _end(session, source, since, "DESC")
    if highest is None:
        return complete_to, era
    floor = _floor(session, source, complete_to, since, highest, watch)
    gap: int | None = session.execute(
        text(f"SELECT min(g.first) FROM ({_GAPS}) g"), _key(source, since, floor)
    ).scalar_one()
    return highest if gap is None else gap - 1, era


_GAPS: Final = (
    "SELECT before + 1 AS first, sequence - 1 AS last, street_code, alert_id FROM (SELECT sequence, street_code,"
    "  alert_id, lag(sequence, 1, CAST(:floor AS bigint)) OVER (ORDER BY sequence, alert_id) AS before FROM receipt"
    "  WHERE source = :source AND sequence > :floor AND alert_id >= :era) numbered"
    " WHERE sequence > before + 1"
)


def _key(source: str, era: UUID, floor: int) -> dict[str, Any]:
    return {"source": source, "era": era, "floor": floor}


def _end(session: Session, source: str, era: UUID, order: str) -> int | None:
    found: int | None = session.execute(
        text(
            "SELECT sequence FROM receipt WHERE source = :source AND sequence IS NOT NULL AND alert_id >= :era"
            f" ORDER BY sequence {order} LIMIT 1"
        ),
        {"source": source, "era": era},
    ).scalar_one_or_none()
    return found


def _floor(
    session: Session, source: str, complete_to: int | None, era: UUID, highest: int, watch: Mapping[str, int]
) -> int:
    """Up to which number nobody looks: what is complete, what came before the first, what is far behind the newest."""
    if complete_to is None:
        complete_to = (_end(session, source, era, "ASC") or 0) - 1
    return max(complete_to, highest - watch["sequence_window"])


def _restarted(
    session: Session, source: str, complete_to: int | None, era: UUID, watch: Mapping[str, int]
) -> UUID | None:
    """The alert with which a source began its numbers again: a low one, newer than the highest. None: it did not."""
    low = watch["restart_below"]
    if complete_to is None or complete_to <= low:
        return None
    found: UUID | None = session.execute(
        text(
            "SELECT alert_id FROM receipt WHERE source = :source AND sequence <= :low AND alert_id >"
            " (SELECT alert_id FROM receipt WHERE source = :source AND sequence > :low AND alert_id >= :era"
            "  ORDER BY sequence DESC LIMIT 1) ORDER BY alert_id LIMIT 1"
        ),
        {"source": source, "low": low, "era": era},
    ).scalar_one_or_none()
    # Ids of one millisecond are in no order.
    return None if found is None else UUID(int=found.int >> _RANDOM_BITS << _RANDOM_BITS)
