"""When somebody was last met, and what was written down then, in a few words."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.roles import Role
from core.organisation.users import User

MOST_CHARACTERS: Final = 40
_SENTENCE: Final = re.compile(r"[。！？；\n]")
# Who moved has the same visits in both streets.
_LATEST: Final = text(
    "SELECT DISTINCT ON (m.resident_id) m.resident_id, m.service_date, m.mode, v.form->>'narrative' AS narrative"
    " FROM visit_resident m JOIN visit v ON v.street_code = m.street_code AND v.visit_id = m.visit_id"
    " WHERE m.street_code = ANY(:streets) AND m.resident_id = ANY(:residents) AND m.met AND NOT m.voided"
    " AND m.merged_into IS NULL ORDER BY m.resident_id, m.service_date DESC, m.visit_id DESC"
)


class LastVisit(TypedDict):
    """The latest visit on which somebody was met; the gist is withheld from whoever reads no narratives (A32)."""

    on: date
    mode: str
    gist: str | None


def of(session: Session, streets: Iterable[str], resident_ids: Iterable[UUID], *, by: User) -> dict[UUID, LastVisit]:
    """The latest visit to each of some residents."""
    is_masked = by.role is Role.DISTRICT_OFFICER
    rows = session.execute(_LATEST, {"streets": sorted(set(streets)), "residents": list(resident_ids)})
    return {
        row.resident_id: LastVisit(
            on=row.service_date, mode=row.mode, gist=None if is_masked else gist(row.narrative or "") or None
        )
        for row in rows
    }


def gist(narrative: str) -> str:
    """The first sentence, or as much of it as a card holds."""
    first = _SENTENCE.split(narrative.strip(), maxsplit=1)[0].strip()
    return first if len(first) <= MOST_CHARACTERS else f"{first[: MOST_CHARACTERS - 1]}…"
