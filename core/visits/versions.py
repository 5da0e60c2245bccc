"""Every version of a visit: who made it what it is, when and why. Nothing here is ever changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.store import bulk
from core.store.json import Json
from core.store.words import VisitChange
from core.visits.forms import Form


@dataclass(frozen=True, slots=True)
class Version:
    """The record as it stood from an instant on; of a merge also which visit was merged, as it was sent."""

    version: int
    what: VisitChange
    at: datetime
    by_user_id: UUID
    reason: str | None
    form: Json
    merged_visit_id: UUID | None
    merged_form: Json | None


_OF_VISIT: Final = text(
    "SELECT version, what, at, by_user_id, reason, form, merged_visit_id, merged_form FROM visit_version"
    " WHERE street_code = :street AND visit_id = :visit ORDER BY version"
)


def keep(
    session: Session,
    street: str,
    form: Form,
    version: int,
    what: VisitChange,
    *,
    by: UUID,
    at: datetime,
    reason: str | None = None,
    merged: Form | None = None,
) -> None:
    """Keep how a visit stands from now on."""
    keep_all(session, [row(street, form, version, what, by=by, at=at, reason=reason, merged=merged)])


def row(
    street: str,
    form: Form,
    version: int,
    what: VisitChange,
    *,
    by: UUID,
    at: datetime,
    reason: str | None = None,
    merged: Form | None = None,
) -> dict[str, object]:
    """How a visit stands from now on, to be kept."""
    return {
        "street_code": street,
        "visit_id": form.visit_id,
        "version": version,
        "resident_ids": form.resident_ids,
        "what": what,
        "at": at,
        "by_user_id": by,
        "reason": reason,
        "form": form.fields,
        "merged_visit_id": merged.visit_id if merged else None,
        "merged_form": merged.fields if merged else None,
    }


def keep_all(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Keep how some visits stand from now on."""
    bulk.insert(session, "visit_version", rows)


def of_visit(session: Session, street: str, visit_id: UUID) -> list[Version]:
    """The versions of a visit, the first one first."""
    found = session.execute(_OF_VISIT, {"street": street, "visit": visit_id})
    return [Version(row.version, VisitChange(row.what), *row[2:]) for row in found]
