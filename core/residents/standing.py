"""Where residents stand: what a pass reads about them under a lock, and writes back in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.store import bulk


@dataclass(slots=True)
class Standing:
    """A resident without their personal details; `tier` and `rules` repeat the latest decision."""

    street_code: str
    resident_id: UUID
    committee_code: str
    birth_date: date | None
    sex: str | None
    paired_user_id: UUID | None
    tier: str
    rules: list[str]
    decided_on: date | None
    wake_on: date | None
    died_on: date | None
    details_at: datetime | None
    failures: int
    retry_at: datetime | None
    # As it was read.
    before: tuple[object, ...] = ()


_COLUMNS = tuple(field.name for field in fields(Standing))[:-1]
# What a pass decides; details come from the register (`core.residents.registration`), pairing from people.
_DECIDED = (
    *("street_code", "resident_id", "committee_code", "tier", "rules", "decided_on", "wake_on", "died_on"),
    *("failures", "retry_at"),
)
_decided = attrgetter(*_DECIDED)


def lock(session: Session, street: str, resident_ids: Iterable[UUID]) -> list[Standing]:
    """Residents of a street, locked in one order so that two passes cannot deadlock; those who moved away left out."""
    found = of(session, street, resident_ids, "FOR UPDATE")
    for one in found:
        one.before = _written(one)
    return found


def of(session: Session, street: str, resident_ids: Iterable[UUID], locking: str = "") -> list[Standing]:
    """The same, to be looked at only."""
    rows = session.execute(
        text(
            f"SELECT {', '.join(_COLUMNS)} FROM resident WHERE street_code = :street"
            f" AND resident_id = ANY(:residents) AND moved_to IS NULL ORDER BY resident_id {locking}"
        ),
        {"street": street, "residents": list(resident_ids)},
    ).all()
    return [Standing(*row) for row in rows]


def write(session: Session, standings: Sequence[Standing]) -> None:
    """Write those that changed; a pass that came through ends what went wrong before."""
    changed = []
    for one in standings:
        one.failures, one.retry_at = 0, None
        written = _written(one)
        if written != one.before:
            changed.append(dict(zip(_DECIDED, written, strict=True)))
            one.before = written
    bulk.update(session, "resident", changed, key=("street_code", "resident_id"))


def _written(one: Standing) -> tuple[object, ...]:
    return tuple(tuple(value) if type(value) is list else value for value in _decided(one))
