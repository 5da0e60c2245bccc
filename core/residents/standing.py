"""Where residents stand: what a pass reads about them under a lock, and writes back in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.store.locks import FOR_CHANGE
from core.store.rows import Rows
from rules.facts import Tier


@dataclass(slots=True)
class Standing:
    """A resident without their personal details; `tier` and `rules` repeat the latest decision."""

    street_code: str
    resident_id: UUID
    committee_code: str
    birth_date: date | None
    sex: str | None
    tier: Tier
    rules: tuple[str, ...]
    decided_on: date | None
    wake_on: date | None
    died_on: date | None
    details_at: datetime | None
    failures: int
    retry_at: datetime | None
    stored: tuple[object, ...] | None = field(default=None, compare=False, repr=False)


# What a pass does not decide comes from the register (`core.residents.registration`).
_STANDINGS: Final = Rows(Standing, "resident", fixed=("birth_date", "sex", "details_at"), partial=True)


def lock(session: Session, street: str, resident_ids: Iterable[UUID]) -> list[Standing]:
    """Residents of a street, locked in one order so that two passes cannot deadlock; those who moved away left out."""
    found = session.execute(
        text(
            f"SELECT {_STANDINGS.columns()} FROM resident WHERE street_code = :street"
            f" AND resident_id = ANY(:residents) AND moved_to IS NULL ORDER BY resident_id {FOR_CHANGE}"
        ),
        {"street": street, "residents": list(resident_ids)},
    )
    return _STANDINGS.read(found)


def write(session: Session, standings: Sequence[Standing]) -> None:
    """Write those that changed; a pass that came through ends what went wrong before."""
    for resident in standings:
        resident.failures, resident.retry_at = 0, None
    _STANDINGS.write(session, standings)
