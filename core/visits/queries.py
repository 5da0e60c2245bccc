"""Visits as people see them: what the form said and what it counted for. Nothing here writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import NotFound
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.store.database import listed

GONE = "您的街镇、居村中没有这次走访。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What somebody wants to see; None is everything. Both days are inclusive."""

    resident_id: UUID | None = None
    street: str | None = None
    committee: str | None = None
    mode: str | None = None
    first: date | None = None
    last: date | None = None
    mine: bool = False


class _Listed(NamedTuple):
    """What is read of a visit; what the form said and what its sender was told are JSON."""

    street_code: str
    visit_id: UUID
    service_date: date
    mode: str
    form: Mapping[str, Any]
    answer: Mapping[str, Any]
    recorded_by: UUID
    recorded_at: datetime


_LISTED: Final = ", ".join(f"v.{name}" for name in _Listed._fields)
# Of each visit the residents whom the caller may see: a family may live in two committees.
_SEEN: Final = text(
    "SELECT m.visit_id, m.resident_id FROM visit_resident m JOIN resident r ON r.street_code = m.street_code"
    " AND r.resident_id = m.resident_id WHERE m.street_code = ANY(:streets) AND m.visit_id = ANY(:visits)"
    " AND r.street_code = ANY(:streets)"
)


def page(
    session: Session, wanted: Filter, *, by: User, after: tuple[date, UUID] | None, limit: int
) -> list[dict[str, object]]:
    """Visits the caller may see, the latest service day first; one more than `limit` when there are more."""
    by.require(May.READ_TASKS)
    conditions = {
        "v.mode = :mode": wanted.mode,
        "v.service_date >= :first": wanted.first,
        "v.service_date <= :last": wanted.last,
        "v.recorded_by = :user": wanted.mine or None,
        "(v.service_date, v.visit_id) < (:after_on, :after)": after,
    }
    where = "".join(f" AND {condition}" for condition, value in conditions.items() if value is not None)
    rows = session.execute(
        text(
            f"SELECT {_LISTED} FROM visit v WHERE v.street_code = ANY(:streets){where} AND {_reached(wanted, by)}"
            " ORDER BY v.service_date DESC, v.visit_id DESC LIMIT :limit"
        ),
        {
            "streets": [street for street in by.streets if wanted.street in (None, street)],
            "mode": wanted.mode,
            "first": wanted.first,
            "last": wanted.last,
            "resident": wanted.resident_id,
            "committee": wanted.committee,
            "user": by.user_id,
            "people": list(listed(session) or ()),
            "after_on": after[0] if after else None,
            "after": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    return _shown(session, [_Listed(*row) for row in rows], by=by)


def one(session: Session, visit_id: UUID, *, by: User) -> dict[str, object]:
    """One visit with what it counted for."""
    by.require(May.READ_TASKS)
    rows = session.execute(
        text(
            f"SELECT {_LISTED} FROM visit v WHERE v.street_code = ANY(:streets) AND v.visit_id = :visit"
            f" AND {_reached(Filter(), by)} ORDER BY v.recorded_at DESC LIMIT 1"
        ),
        {
            "streets": list(by.streets),
            "visit": visit_id,
            "user": by.user_id,
            "people": list(listed(session) or ()),
        },
    )
    shown = _shown(session, [_Listed(*row) for row in rows], by=by)
    if not shown:
        raise NotFound(GONE)
    return shown[0]


def _reached(wanted: Filter, by: User) -> str:
    """A visit is seen through its residents, whom row-level security limits to the caller's."""
    where = ""
    if wanted.resident_id is not None:
        where += " AND r.resident_id = :resident"
    if wanted.committee is not None:
        where += " AND r.committee_code = :committee"
    if by.role is Role.VISITOR:
        # A visitor keeps what they wrote, and reads what others wrote about the people they visit now.
        where += " AND (v.recorded_by = :user OR r.resident_id = ANY(:people))"
    return (
        "EXISTS (SELECT FROM visit_resident m JOIN resident r ON r.street_code = m.street_code"
        " AND r.resident_id = m.resident_id WHERE m.street_code = v.street_code AND m.visit_id = v.visit_id"
        f" AND r.street_code = ANY(:streets) AND r.moved_to IS NULL{where})"
    )


def _shown(session: Session, visits: Sequence[_Listed], *, by: User) -> list[dict[str, object]]:
    if not visits:
        return []
    seen = _residents_seen(session, visits)
    names = users.names(session, [visit.recorded_by for visit in visits])
    return [_visit(visit, seen[visit.visit_id], names.get(visit.recorded_by, ""), by) for visit in visits]


def _residents_seen(session: Session, visits: Sequence[_Listed]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    values = {
        "streets": sorted({visit.street_code for visit in visits}),
        "visits": [visit.visit_id for visit in visits],
    }
    for row in session.execute(_SEEN, values):
        found[row.visit_id].add(str(row.resident_id))
    return found


def _visit(visit: _Listed, seen: set[str], recorded_by: str, by: User) -> dict[str, object]:
    form = dict(visit.form)
    form["resident_ids"] = [resident_id for resident_id in form.get("resident_ids", ()) if resident_id in seen]
    if by.role is Role.DISTRICT_OFFICER:
        # The district reads what was done, not what people told (A32).
        form["narrative"] = None
        found = (form.get("dimensions") or {}).items()
        form["dimensions"] = {name: {"level": said["level"]} for name, said in found if said} or None
    return {
        **form,
        "visit_id": visit.visit_id,
        "street": visit.street_code,
        "service_date": visit.service_date,
        "mode": visit.mode,
        "narrative_masked": by.role is Role.DISTRICT_OFFICER,
        "recorded_by": {"user_id": visit.recorded_by, "name": recorded_by},
        "recorded_at": visit.recorded_at,
        **{part: _about(seen, visit.answer.get(part, ())) for part in ("credits", "not_credited")},
    }


def _about(seen: set[str], told: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What was told about residents whom the caller may see."""
    return [line for line in told if line["resident_id"] in seen]
