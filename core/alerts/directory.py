"""In which street a person is: found by blind index before anything else is known about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

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


def person_keys(keys: Keys, source: str, person: Numbered) -> tuple[bytes, ...]:
    """The blind indexes of a person, the strongest first; an external id is unique within its source only."""
    found = []
    if person.id_number is not None:
        found.append(keys.person_key("id_number", person.id_number))
    if person.external_id is not None:
        found.append(keys.person_key("external_id", f"{source}\x00{person.external_id}"))
    return tuple(found)


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
