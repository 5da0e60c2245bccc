"""What visits found with residents and the street advisor has still to look at again (四（二）, 四（五）)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.roles import Role
from core.organisation.users import User
from rules.casework.codes import Dimension, Level

# A follow-up duty names the visit that raised it. In a CASE, because what other duties name is no id, and conditions
# are evaluated in any order.
_VISIT_OF_DUTY: Final = (
    "CASE WHEN starts_with(d.occasion, 'visit:') THEN CAST(substr(d.occasion, length('visit:') + 1) AS uuid) END"
)
_OPEN: Final = text(
    "SELECT d.resident_id, v.service_date, v.form->'dimensions' AS dimensions FROM duty d JOIN visit v"
    f" ON v.street_code = d.street_code AND v.visit_id = {_VISIT_OF_DUTY}"
    " WHERE d.street_code = ANY(:streets) AND v.street_code = ANY(:streets) AND d.resident_id = ANY(:residents)"
    " AND d.kind = 'follow_up' AND d.state = 'open' ORDER BY v.service_date, v.visit_id"
)


class OpenFinding(TypedDict):
    """One dimension in which something alarming was found; the note is withheld from who reads no narratives (A32)."""

    dimension: Dimension
    level: Level
    note: str | None
    found_on: date


def open_of(
    session: Session, streets: Iterable[str], resident_ids: Iterable[UUID], *, by: User
) -> dict[UUID, list[OpenFinding]]:
    """What is still open about each of some residents, one line a dimension: as it was found last."""
    is_masked = by.role is Role.DISTRICT_OFFICER
    found: dict[UUID, dict[Dimension, OpenFinding]] = defaultdict(dict)
    rows = session.execute(_OPEN, {"streets": sorted(set(streets)), "residents": list(resident_ids)})
    for row in rows:
        for dimension, level, note in alarming(row.dimensions):
            found[row.resident_id][dimension] = OpenFinding(
                dimension=dimension, level=level, note=None if is_masked else note, found_on=row.service_date
            )
    return {resident_id: [known[name] for name in Dimension if name in known] for resident_id, known in found.items()}


def alarming(dimensions: Mapping[str, Any] | None) -> list[tuple[Dimension, Level, str | None]]:
    """The dimensions of a check in which something has to be looked at again, in the order of the form."""
    told = dimensions or {}
    looks = ((Dimension(name), _look(told[name])) for name in Dimension if told.get(name))
    return [(dimension, level, note) for dimension, (level, note) in looks if level.is_alarming]


def _look(said: Mapping[str, Any] | str) -> tuple[Level, str | None]:
    return (Level(said), None) if isinstance(said, str) else (Level(said["level"]), said.get("note"))


def is_open_in(dimension: str) -> tuple[str, dict[str, object]]:
    """SQL: whether something alarming is open about a resident `r` in a dimension, and the values to ask with."""
    return (
        "EXISTS (SELECT FROM duty d JOIN visit v ON v.street_code = d.street_code"
        f" AND v.visit_id = {_VISIT_OF_DUTY} WHERE d.street_code = r.street_code AND d.resident_id = r.resident_id"
        " AND d.kind = 'follow_up' AND d.state = 'open'"
        " AND v.form->'dimensions'->:dimension->>'level' = ANY(:alarming))"
    ), {"dimension": dimension, "alarming": [level for level in Level if level.is_alarming]}
