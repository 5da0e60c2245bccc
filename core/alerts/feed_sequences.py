"""The numbers that sources give their events (CloudEvents `sequence`), and which of them never came.

Nothing is counted on the way in: what is missing is read from the receipts, so a late event closes its gap by itself
and no two processes can disagree.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypedDict
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


class GapShown(TypedDict):
    """A gap as it is answered."""

    first: int
    last: int
    since: datetime | None


class SequenceShown(TypedDict):
    """What is known of a source's numbers, as it is answered."""

    complete_to: int | None
    highest: int | None
    missing_total: int
    gaps: list[GapShown]


def shown(sequence: Sequence) -> SequenceShown:
    """What is known of a source's numbers, as it is answered."""
    return {
        "complete_to": sequence.complete_to,
        "highest": sequence.highest,
        "missing_total": sequence.missing_total,
        "gaps": [{"first": gap.first, "last": gap.last, "since": gap.since} for gap in sequence.gaps],
    }


def number(attributes: Mapping[str, object]) -> int | None:
    """The number of an event, if its source counts in whole numbers; other kinds of sequence only sort."""
    value = attributes.get("sequence")
    if value is None or attributes.get("sequencetype", "Integer") != "Integer":
        return None
    if isinstance(value, str):
        return int(value) if len(value) <= _DIGITS and value.isascii() and value.isdigit() else None
    return value if type(value) is int and value >= 0 else None


class Counted(NamedTuple):
    """A source with how far its numbers are known to be complete, and from which alert on they count."""

    source: str
    complete_to: int | None
    era: UUID | None


class Ends(NamedTuple):
    """The highest number of a source that counts, and the lowest while nothing is known to be complete."""

    highest: int | None
    lowest: int | None


# One look into an index for each end, however many numbers there are.
_ENDS: Final = text(
    "SELECT w.source, (SELECT r.sequence FROM receipt r WHERE r.source = w.source AND r.sequence IS NOT NULL"
    "  AND r.alert_id >= w.era ORDER BY r.sequence DESC LIMIT 1) AS highest, CASE WHEN w.complete_to IS NULL THEN"
    " (SELECT r.sequence FROM receipt r WHERE r.source = w.source AND r.sequence IS NOT NULL"
    "  AND r.alert_id >= w.era ORDER BY r.sequence LIMIT 1) END AS lowest"
    " FROM unnest(CAST(:sources AS text[]), CAST(:complete AS bigint[]), CAST(:eras AS uuid[]))"
    " AS w(source, complete_to, era)"
)
# Source by source, as each has a range of the index of its own: joined, all numbers of all sources would be read.
_GAPS: Final = (
    "SELECT w.source, n.before + 1 AS first, n.sequence - 1 AS last, n.street_code, n.alert_id"
    " FROM unnest(CAST(:sources AS text[]), CAST(:floors AS bigint[]), CAST(:eras AS uuid[])) AS w(source, floor, era)"
    " CROSS JOIN LATERAL (SELECT sequence, street_code, alert_id, lag(sequence, 1, w.floor)"
    "  OVER (ORDER BY sequence, alert_id) AS before FROM receipt r WHERE r.source = w.source AND r.sequence > w.floor"
    "  AND r.alert_id >= w.era) AS n WHERE n.sequence > n.before + 1"
)
# The alert of the number behind a gap tells since when the gap is one.
_MISSING: Final = text(
    "SELECT source, first, last, received_at, total FROM (SELECT g.source, g.first, g.last, a.received_at,"
    "  sum(g.last - g.first + 1) OVER (PARTITION BY g.source) AS total,"
    "  row_number() OVER (PARTITION BY g.source ORDER BY g.first) AS place"
    f" FROM ({_GAPS}) AS g LEFT JOIN alert a ON a.street_code = g.street_code AND a.alert_id = g.alert_id"
    "  WHERE a.received_at IS NULL OR a.received_at <= :noticed) AS told WHERE place <= :most ORDER BY source, first"
)
_FIRST_GAPS: Final = text(f"SELECT source, min(first) AS first FROM ({_GAPS}) AS g GROUP BY source")
# The alert with which each began its numbers again: a low one, newer than the highest.
_RESTARTED: Final = text(
    "SELECT w.source, (SELECT r.alert_id FROM receipt r WHERE r.source = w.source AND r.sequence <= :low"
    " AND r.alert_id > (SELECT h.alert_id FROM receipt h WHERE h.source = w.source AND h.sequence > :low"
    "  AND h.alert_id >= w.era ORDER BY h.sequence DESC LIMIT 1) ORDER BY r.alert_id LIMIT 1) AS restarted"
    " FROM unnest(CAST(:sources AS text[]), CAST(:eras AS uuid[])) AS w(source, era)"
)


def missing(
    session: Session, counted: Collection[Counted], watch: Mapping[str, int], *, now: datetime
) -> dict[str, Sequence]:
    """What is missing of each source; a gap younger than the grace may still be a matter of order, and is not told."""
    ends = _ends(session, counted)
    floors = {each: _floor(each, ends[each.source], watch) for each in counted}
    found: dict[str, Sequence] = {
        each.source: Sequence(floors.get(each), ends[each.source].highest) for each in counted
    }
    values = {
        **_values(counted),
        "floors": [floors[each] for each in counted],
        "noticed": now - timedelta(minutes=watch["gap_grace_minutes"]),
        "most": MOST_GAPS,
    }
    for row in session.execute(_MISSING, values):
        known = found[row.source]
        gaps = (*known.gaps, Gap(row.first, row.last, row.received_at))
        found[row.source] = known._replace(missing_total=int(row.total), gaps=gaps)
    return found


def advance(session: Session, counted: Collection[Counted], watch: Mapping[str, int]) -> dict[str, Counted]:
    """How far the numbers of each source are complete by now, and from which alert on they count."""
    restarted = _restarted(session, counted, watch)
    begun = [
        each if each.source not in restarted else Counted(each.source, None, restarted[each.source]) for each in counted
    ]
    ends = _ends(session, begun)
    values = {**_values(begun), "floors": [_floor(each, ends[each.source], watch) for each in begun]}
    gaps = {row.source: int(row.first) for row in session.execute(_FIRST_GAPS, values)}
    return {each.source: _advanced(each, ends[each.source].highest, gaps.get(each.source)) for each in begun}


def _advanced(counted: Counted, highest: int | None, first_gap: int | None) -> Counted:
    if highest is None:
        return counted
    return counted._replace(complete_to=highest if first_gap is None else first_gap - 1)


def _values(counted: Collection[Counted]) -> dict[str, object]:
    return {"sources": [each.source for each in counted], "eras": [each.era or _BEGINNING for each in counted]}


def _ends(session: Session, counted: Collection[Counted]) -> dict[str, Ends]:
    values = {**_values(counted), "complete": [each.complete_to for each in counted]}
    rows = session.execute(_ENDS, values)
    return {row.source: Ends(row.highest, row.lowest) for row in rows}


def _floor(counted: Counted, ends: Ends, watch: Mapping[str, int]) -> int | None:
    """Up to which number nobody looks: what is complete, what came before the first, what is far behind the newest."""
    if ends.highest is None:
        return counted.complete_to
    complete_to = (ends.lowest or 0) - 1 if counted.complete_to is None else counted.complete_to
    return max(complete_to, ends.highest - watch["sequence_window"])


def _restarted(session: Session, counted: Collection[Counted], watch: Mapping[str, int]) -> dict[str, UUID]:
    """The alert with which a source began its numbers again; a source that did not is left out."""
    low = watch["restart_below"]
    settled = [each for each in counted if each.complete_to is not None and each.complete_to > low]
    if not settled:
        return {}
    rows = session.execute(_RESTARTED, {**_values(settled), "low": low})
    # Ids of one millisecond are in no order.
    return {
        row.source: UUID(int=row.restarted.int >> _RANDOM_BITS << _RANDOM_BITS)
        for row in rows
        if row.restarted is not None
    }
