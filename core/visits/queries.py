"""Visits as people see them: what the form said and what it counted for. Nothing here writes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import NotFound
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User

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


_COLUMNS = "v.street_code, v.visit_id, v.service_date, v.mode, v.form, v.answer, v.recorded_by, v.recorded_at"


def page(
    session: Session, wanted: Filter, *, by: User, after: tuple[date, UUID] | None, limit: int
) -> list[dict[str, Any]]:
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
            f"SELECT {_COLUMNS} FROM visit v WHERE v.street_code = ANY(:streets){where} AND {_reached(wanted, by)}"
            " ORDER BY v.service_date DESC, v.visit_id DESC LIMIT :limit"
        ),
        {
            "streets": [one for one in by.streets if wanted.street in (None, one)],
            "mode": wanted.mode,
            "first": wanted.first,
            "last": wanted.last,
            "resident": wanted.resident_id,
            "committee": wanted.committee,
            "user": by.user_id,
            "after_on": after[0] if after else None,
            "after": after[1] if after else None,
            "limit": limit + 1,
        },
    ).all()
    return _bodies(session, rows, by=by)


def one(session: Session, visit_id: UUID, *, by: User) -> dict[str, Any]:
    """One visit with what it counted for."""
    by.require(May.READ_TASKS)
    rows = session.execute(
        text(
            f"SELECT {_COLUMNS} FROM visit v WHERE v.street_code = ANY(:streets) AND v.visit_id = :visit"
            f" AND {_reached(Filter(), by)} ORDER BY v.recorded_at DESC LIMIT 1"
        ),
        {"streets": list(by.streets), "visit": visit_id, "user": by.user_id},
    ).all()
    if not rows:
        raise NotFound(GONE)
    return _bodies(session, rows, by=by)[0]


def _reached(wanted: Filter, by: User) -> str:
    """A visit is seen through its residents, whom row-level security limits to the caller's committees."""
    where = ""
    if wanted.resident_id is not None:
        where += " AND r.resident_id = :resident"
    if wanted.committee is not None:
        where += " AND r.committee_code = :committee"
    if by.role is Role.VISITOR:
        # A visitor keeps what they wrote, and reads what others wrote about the people they visit now.
        where += (
            " AND (v.recorded_by = :user OR r.resident_id IN (SELECT resident_id FROM task"
            " WHERE street_code = ANY(:streets) AND assignee_id = :user AND state = 'open'))"
        )
    return (
        "EXISTS (SELECT FROM visit_resident m JOIN resident r ON r.street_code = m.street_code"
        " AND r.resident_id = m.resident_id WHERE m.street_code = v.street_code AND m.visit_id = v.visit_id"
        f" AND r.street_code = ANY(:streets) AND r.moved_to IS NULL{where})"
    )


def _bodies(session: Session, rows: Sequence[Any], *, by: User) -> list[dict[str, Any]]:
    if not rows:
        return []
    seen = _residents_seen(session, rows)
    names = users.names(session, [row.recorded_by for row in rows])
    return [_body(row, seen[row.visit_id], names.get(row.recorded_by, ""), by) for row in rows]


def _residents_seen(session: Session, rows: Sequence[Any]) -> dict[UUID, set[str]]:
    """Of each visit the residents whom the caller may see: a family may live in two committees."""
    found: dict[UUID, set[str]] = defaultdict(set)
    seen = session.execute(
        text(
            "SELECT m.visit_id, m.resident_id FROM visit_resident m JOIN resident r ON r.street_code = m.street_code"
            " AND r.resident_id = m.resident_id WHERE m.street_code = ANY(:streets) AND m.visit_id = ANY(:visits)"
            " AND r.street_code = ANY(:streets)"
        ),
        {"streets": sorted({row.street_code for row in rows}), "visits": [row.visit_id for row in rows]},
    )
    for row in seen:
        found[row.visit_id].add(str(row.resident_id))
    return found


def _body(row: Any, seen: set[str], recorded_by: str, by: User) -> dict[str, Any]:
    form: dict[str, Any] = dict(row.form)
    form["resident_ids"] = [one for one in form.get("resident_ids", ()) if one in seen]
    if by.role is Role.DISTRICT_OFFICER:
        # The district reads what was done, not what people told (A32).
        form["narrative"] = None
        found = (form.get("dimensions") or {}).items()
        form["dimensions"] = {name: {"level": said["level"]} for name, said in found if said} or None
    return {
        **form,
        "visit_id": row.visit_id,
        "street": row.street_code,
        "service_date": row.service_date,
        "mode": row.mode,
        "narrative_masked": by.role is Role.DISTRICT_OFFICER,
        "recorded_by": {"user_id": row.recorded_by, "name": recorded_by},
        "recorded_at": row.recorded_at,
        "credits": [one for one in row.answer.get("credits", ()) if one["resident_id"] in seen],
        "not_credited": [one for one in row.answer.get("not_credited", ()) if one["resident_id"] in seen],
    }
