"""In which street a person is: found by blind index before anything else is known about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.events import names
from core.store import bulk
from core.store.crypto import Keys


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person's rows are."""

    street: str
    resident_id: UUID


class Numbered(Protocol):
    """Somebody who is known by a number, their own or one of a source's."""

    @property
    def id_number(self) -> str | None: ...

    @property
    def external_id(self) -> str | None: ...

    @property
    def name(self) -> str | None: ...


def person_keys(keys: Keys, source: str, person: Numbered) -> tuple[bytes, ...]:
    """The blind indexes of a person, the strongest first; an external id is unique within its source only."""
    found = []
    if person.id_number is not None:
        found.append(keys.person_key("id_number", person.id_number))
    if person.external_id is not None:
        found.append(keys.person_key("external_id", f"{source}\x00{person.external_id}"))
    return tuple(found)


def number_key(keys: Keys, id_number: str) -> bytes:
    """The blind index of an ID number (normalised)."""
    return keys.person_key("id_number", id_number)


def former_key(keys: Keys, number: bytes, name: str) -> bytes:
    """The blind index under which a number that was given up still finds its former holder: with their name (A38)."""
    return keys.person_key("former_number", f"{number.hex()}\x00{names.compared(name)}")


def told_former_key(keys: Keys, person: Numbered) -> bytes | None:
    """The `former_key` of whom an event is about, if it says number and name."""
    if person.id_number is None or person.name is None:
        return None
    return former_key(keys, number_key(keys, person.id_number), person.name)


def merged_key(resident_id: UUID) -> bytes:
    """Under which a resident who was merged into another finds the survivor, wherever they live by now."""
    return b"merged" + resident_id.bytes


def holds_people(session: Session) -> bool:
    """Whether anybody's data are in this database."""
    return bool(session.execute(text("SELECT EXISTS (SELECT FROM directory)")).scalar_one())


def places(session: Session, person_keys: Iterable[bytes]) -> dict[bytes, Place]:
    """The known places of some blind indexes."""
    rows = session.connection().exec_driver_sql(
        "SELECT person_key, street_code, resident_id FROM directory WHERE person_key = ANY(%b::bytea[])",
        (list(person_keys),),
    )
    return {bytes(row[0]): Place(row[1], row[2]) for row in rows}


def home(session: Session, resident_id: UUID) -> Place | None:
    """Where a resident lives by now, or whoever they were merged into."""
    key = merged_key(resident_id)
    if merged := places(session, [key]).get(key):
        return merged
    rows = session.execute(
        text("SELECT DISTINCT street_code FROM directory WHERE resident_id = :resident"), {"resident": resident_id}
    )
    return next((Place(row.street_code, resident_id) for row in rows), None)


def enter(session: Session, rows: Sequence[tuple[bytes, Place]]) -> dict[bytes, Place]:
    """Enter people not there yet; returns where each of them is now, whoever entered them."""
    # Sorted, so that two requests that open the same people wait for each other instead of deadlocking.
    ordered = sorted(dict(rows).items())
    bulk.insert(
        session,
        "directory",
        [{"person_key": key, "street_code": place.street, "resident_id": place.resident_id} for key, place in ordered],
        on_conflict="ON CONFLICT (person_key) DO NOTHING",
    )
    return places(session, [key for key, _ in ordered])


def move(session: Session, resident_ids: Iterable[UUID], street: str) -> None:
    """Some people belong to another street now."""
    session.execute(
        text("UPDATE directory SET street_code = :street WHERE resident_id = ANY(:residents)"),
        {"street": street, "residents": list(resident_ids)},
    )


def give_up(session: Session, keys: Keys, number: bytes, called: Iterable[str], place: Place) -> None:
    """A number is nobody's any more; whoever had it is still found by it under the names they are known by."""
    session.execute(
        text("DELETE FROM directory WHERE person_key = :number AND resident_id = :resident"),
        {"number": number, "resident": place.resident_id},
    )
    enter(session, [(former_key(keys, number, name), place) for name in called])


def reassign(session: Session, person_key: bytes, place: Place) -> None:
    """A blind index is somebody else's from now on, or somebody's for the first time."""
    bulk.insert(
        session,
        "directory",
        [{"person_key": person_key, "street_code": place.street, "resident_id": place.resident_id}],
        on_conflict="ON CONFLICT (person_key) DO UPDATE SET street_code = EXCLUDED.street_code,"
        " resident_id = EXCLUDED.resident_id",
    )


def merge(session: Session, resident_id: UUID, into: Place) -> None:
    """Whatever finds one resident finds another from now on, their former id among it."""
    session.execute(
        text("UPDATE directory SET street_code = :street, resident_id = :into WHERE resident_id = :resident"),
        {"street": into.street, "into": into.resident_id, "resident": resident_id},
    )
    reassign(session, merged_key(resident_id), into)
