"""The log of facts: appended to, read back as entries, never changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from core import clock
from core.store import bulk
from core.store.crypto import Keys
from rules.history import Entry

_ENTRIES: Final = (
    "SELECT street_code, resident_id, event_at, source, event_id, type, entry, recorded_at FROM fact_entry"
)


def append(session: Session, street: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Add lines to the log; a line already there stays as it is."""
    bulk.insert(
        session,
        "fact_entry",
        [{"street_code": street, **row} for row in rows],
        on_conflict="ON CONFLICT (street_code, entry_id) DO NOTHING",
    )


def seal_words(keys: Keys, entry_id: UUID, words: str | None) -> bytes | None:
    """What was said in words along with a line of the log, encrypted: it may name anybody."""
    return None if words is None else keys.seal(words, table="fact_entry", column="words", row=str(entry_id))


def open_words(keys: Keys, entry_id: UUID, sealed: bytes | None) -> str | None:
    """The words of a line of the log, for whoever has to act on them."""
    if sealed is None:
        return None
    return keys.open(sealed, table="fact_entry", column="words", row=str(entry_id)).decode()


def entries(session: Session, street: str, resident_ids: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    """The whole log of some residents."""
    rows = session.execute(
        text(f"{_ENTRIES} WHERE street_code = :street AND resident_id = ANY(:residents)"),
        {"street": street, "residents": list(resident_ids)},
    )
    return _read(rows)


def entries_by_home(session: Session, homes: Mapping[UUID, str]) -> dict[UUID, list[Entry]]:
    """The whole log of residents of several streets, each as the street has it in which they live."""
    rows = session.execute(
        text(f"{_ENTRIES} WHERE street_code = ANY(:streets) AND resident_id = ANY(:residents)"),
        {"streets": sorted(set(homes.values())), "residents": list(homes)},
    )
    # Who moved has lines in the old street, too. Asked for in pairs, PostgreSQL may read the whole table.
    return _read(row for row in rows if homes[row.resident_id] == row.street_code)


def _read(rows: Iterable[Row[Any]]) -> dict[UUID, list[Entry]]:
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for row in rows:
        found[row.resident_id].append(
            Entry(
                event_at=row.event_at,
                source=row.source,
                event_id=row.event_id,
                type=row.type,
                entry=row.entry,
                recorded_at=row.recorded_at,
                recorded_on=clock.today(row.recorded_at),
            )
        )
    return found
