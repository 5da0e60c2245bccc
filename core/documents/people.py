"""The residents on a document: as the register has them, with as much of their names as the reader may see (A37)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.users import User
from core.residents import fact_log, listing, masking
from rules.facts import sex_of
from rules.history import fold

_PEOPLE: Final = text(
    "SELECT r.resident_id, r.name, r.birth_date, r.sex, r.committee_code, c.name AS committee_name, r.paired_user_id,"
    " t.assignee_id FROM resident r JOIN committee c ON c.code = r.committee_code"
    " LEFT JOIN task t ON t.street_code = r.street_code AND t.resident_id = r.resident_id"
    "  AND t.state = 'open' AND t.kind = 'visit'"
    " WHERE r.street_code = :street AND r.resident_id = ANY(:residents)"
)


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What a form says of a resident beside the visit."""

    name: str
    committee: str
    tags: Collection[str]


def on_paper(
    session: Session, street: str, resident_ids: Collection[UUID], on: date, *, by: User
) -> dict[UUID, OnPaper]:
    """Some residents of a street whom the caller may see, with the tags in force on a day."""
    logs = fact_log.entries(session, street, resident_ids)
    found = {}
    for row in session.execute(_PEOPLE, {"street": street, "residents": list(resident_ids)}):
        is_full = listing.is_in_full(by, row.committee_code, row.paired_user_id, row.assignee_id)
        person = fold(logs.get(row.resident_id, [])).person(row.birth_date, sex_of(row.sex))
        found[row.resident_id] = OnPaper(
            name=row.name if is_full else masking.mask_name(row.name),
            committee=row.committee_name,
            tags=listing.tags(person.facts, on),
        )
    return found
