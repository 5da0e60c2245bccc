"""Residents as the register names them: opened by news, corrected by later news."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.events.persons import PersonRef
from core.residents import identities
from core.residents.standing import Standing
from core.store import bulk
from core.store.crypto import Keys
from core.store.models import Resident
from rules.facts import Tier

SEALED: Final = ("phone", "address")
PLAIN: Final = ("household", "relation", "sex")


def open_missing(
    session: Session,
    street: str,
    people: Mapping[UUID, tuple[PersonRef, bytes | None]],
    keys: Keys,
    *,
    now: datetime,
) -> int:
    """Open a resident for each person who has none yet, `{resident_id: (person, blind index)}`; returns how many."""
    today = clock.today(now)
    rows: list[dict[str, object]] = [
        {
            "street_code": street,
            "resident_id": resident_id,
            "committee_code": person.committee,
            "name": person.name or identities.UNNAMED,
            "birth_date": person.birth_date,
            "sex": person.sex,
            "household": person.household,
            "relation": person.relation,
            **{column: seal(keys, column, resident_id, getattr(person, column)) for column in ("id_number", *SEALED)},
            "person_key": person_key or b"",
            "tier": Tier.NONE,
            "rules": [],
            "opened_on": today,
            "created_at": now,
            "failures": 0,
        }
        for resident_id, (person, person_key) in people.items()
    ]
    return bulk.insert(session, "resident", rows, on_conflict="ON CONFLICT (street_code, resident_id) DO NOTHING")


def update(resident: Standing, person: PersonRef, event_at: datetime) -> dict[str, str]:
    """Take over the details of a registration, unless a later one was seen; returns those that it told, to be written.

    What it leaves out stays. Name and number are not among them: `core.residents.identities` holds who somebody is.
    """
    if resident.details_at is not None and event_at < resident.details_at:
        return {}
    resident.details_at = event_at
    if person.sex is not None:
        resident.sex = person.sex
    if person.birth_date is not None:
        resident.birth_date = person.birth_date
    if person.committee is not None and person.committee.startswith(resident.street_code):
        resident.committee_code = person.committee
    return {column: told for column in (*PLAIN, *SEALED) if (told := getattr(person, column)) is not None}


def write(
    session: Session, told: Mapping[UUID, Mapping[str, str]], residents: Mapping[UUID, Standing], keys: Keys
) -> None:
    """Write what registrations told about some residents."""
    rows = [
        {
            "street_code": residents[resident_id].street_code,
            "resident_id": resident_id,
            **{column: details.get(column) for column in PLAIN},
            **{column: seal(keys, column, resident_id, details.get(column)) for column in SEALED},
            "birth_date": residents[resident_id].birth_date,
            "details_at": residents[resident_id].details_at,
        }
        for resident_id, details in told.items()
    ]
    if not rows:
        return
    columns = [column for column in rows[0] if column not in ("street_code", "resident_id")]
    kept = ", ".join(f"{column} = coalesce(new.{column}, resident.{column})" for column in columns)
    session.execute(
        text(
            f"UPDATE resident SET {kept} FROM jsonb_populate_recordset(NULL::resident, CAST(:rows AS jsonb)) AS new"
            " WHERE resident.street_code = new.street_code AND resident.resident_id = new.resident_id"
        ),
        {"rows": bulk.dumps(rows)},
    )


def seal(keys: Keys, column: str, resident_id: UUID, value: str | None) -> bytes | None:
    """A protected field of a resident as it is kept."""
    return None if value is None else keys.seal(value, table="resident", column=column, row=str(resident_id))


def unseal(keys: Keys, resident: Resident, column: str) -> str | None:
    """One protected field of a resident in the clear; the caller has written down why."""
    sealed = getattr(resident, column)
    return None if sealed is None else opened(keys, column, resident.resident_id, sealed)


def opened(keys: Keys, column: str, resident_id: UUID, sealed: bytes) -> str:
    """A protected field in the clear."""
    return keys.open(sealed, table="resident", column=column, row=str(resident_id)).decode()
