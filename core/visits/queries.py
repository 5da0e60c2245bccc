"""Visits as people see them: what the form said and what it counted for. Nothing here writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from core.errors import NotFound
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.store.database import listed
from core.store.json import Json
from core.visits import receipts
from core.visits import versions as visit_versions
from core.visits.receipts import Credited, DutyNamed, NotCredited
from core.visits.records import RECORDS, Record
from rules.duties import DutyKind, DutyState

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


_LISTED: Final = ", ".join(f"v.{name}" for name in RECORDS.names)
# Whoever turned out to be no part of a visit is shown with none, but for one that was voided as a whole.
_IS_PART: Final = "(NOT m.voided OR v.voided_at IS NOT NULL)"
# Of each visit the residents whom the caller may see: a family may live in two committees.
_SEEN: Final = text(
    "SELECT m.visit_id, m.resident_id FROM visit_resident m JOIN resident r ON r.street_code = m.street_code"
    " AND r.resident_id = m.resident_id JOIN visit v ON v.street_code = m.street_code AND v.visit_id = m.visit_id"
    " WHERE m.street_code = ANY(:streets) AND m.visit_id = ANY(:visits) AND r.street_code = ANY(:streets)"
    f" AND {_IS_PART}"
)
# What visits discharged, as it stands now.
_CREDITED: Final = text(
    "SELECT m.visit_id, d.resident_id, d.kind, d.period, d.due_on, d.state FROM visit_resident m"
    " JOIN duty d ON d.street_code = m.street_code AND d.resident_id = m.resident_id"
    "  AND d.credited_visit_id = m.visit_id AND d.state IN ('met', 'late')"
    " WHERE m.street_code = ANY(:streets) AND m.visit_id = ANY(:visits) ORDER BY d.due_on, d.duty_id"
)
# What they did not, of what was to be discharged when they were told.
_REFUSED: Final = text(
    "SELECT c.visit_id, c.resident_id, d.kind, d.period, d.due_on, c.because FROM credit c"
    " JOIN visit v ON v.street_code = c.street_code AND v.visit_id = c.visit_id AND v.version = c.version"
    " JOIN duty d ON d.street_code = c.street_code AND d.duty_id = c.duty_id"
    " WHERE c.street_code = ANY(:streets) AND c.visit_id = ANY(:visits)"
    " AND d.credited_visit_id IS DISTINCT FROM c.visit_id"
    " AND NOT (d.state = 'cancelled' AND d.reason = 'retracted') ORDER BY d.due_on, d.duty_id"
)


def page(
    session: Session, wanted: Filter, *, by: User, after: tuple[date, UUID] | None, limit: int
) -> list[dict[str, object]]:
    """Visits that stand and the caller may see, the latest service day first; one more than `limit` when there are."""
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
            " AND v.merged_into IS NULL AND v.voided_at IS NULL"
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
    return _shown(session, RECORDS.read(rows), by=by)


def one(session: Session, visit_id: UUID, *, by: User) -> dict[str, object]:
    """One visit with what it counted for; by the id of one that was merged, that into which it was."""
    return _shown(session, [visible(session, visit_id, by=by)], by=by)[0]


def visible(session: Session, visit_id: UUID, *, by: User) -> Record:
    """The record of a visit that the caller may see, or `NotFound`; of one that was merged, that into which it was."""
    by.require(May.READ_TASKS)
    rows = session.execute(
        text(
            f"SELECT {_LISTED} FROM visit v LEFT JOIN visit later ON later.street_code = v.street_code"
            " AND later.visit_id = :visit WHERE v.street_code = ANY(:streets)"
            f" AND v.visit_id = coalesce(later.merged_into, :visit) AND {_reached(Filter(), by)}"
            " ORDER BY v.recorded_at DESC LIMIT 1"
        ),
        {
            "streets": list(by.streets),
            "visit": visit_id,
            "user": by.user_id,
            "people": list(listed(session) or ()),
        },
    )
    found = RECORDS.read(rows)
    if not found:
        raise NotFound(GONE)
    return found[0]


def raised(session: Session, visit_id: UUID, *, by: User) -> list[UUID]:
    """The tasks that a visit raised when it was recorded."""
    told = visible(session, visit_id, by=by).answer.get("raised") or ()
    return [UUID(task["task_id"]) for task in told]


def form(session: Session, visit_id: UUID, *, by: User) -> tuple[Record, Json]:
    """The record of a visit, and what its form says to whoever asks."""
    record = visible(session, visit_id, by=by)
    return record, _form(record.form, _residents_seen(session, [record])[record.visit_id], by)


def versions(session: Session, visit_id: UUID, *, by: User) -> list[dict[str, object]]:
    """Every version of a visit, the first one first: who made it so, when and why."""
    record = visible(session, visit_id, by=by)
    kept = visit_versions.of_visit(session, record.street_code, record.visit_id)
    seen = _residents_seen(session, [record])[record.visit_id]
    names = users.names(session, [version.by_user_id for version in kept])
    return [
        {
            "version": version.version,
            "what": version.what,
            "at": version.at,
            "by": {"user_id": version.by_user_id, "name": names.get(version.by_user_id, "")},
            "reason": version.reason,
            "record": _form(version.form, seen, by),
            "merged": version.merged_form and _form(version.merged_form, seen, by),
        }
        for version in kept
    ]


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
        f" AND r.street_code = ANY(:streets) AND r.moved_to IS NULL AND {_IS_PART}{where})"
    )


def _shown(session: Session, visits: Sequence[Record], *, by: User) -> list[dict[str, object]]:
    if not visits:
        return []
    seen = _residents_seen(session, visits)
    names = users.names(session, [visit.recorded_by for visit in visits])
    counted = _counted(session, visits, seen)
    return [
        {
            **_form(visit.form, seen[visit.visit_id], by),
            "visit_id": visit.visit_id,
            "street": visit.street_code,
            "narrative_masked": by.role is Role.DISTRICT_OFFICER,
            "recorded_by": {"user_id": visit.recorded_by, "name": names.get(visit.recorded_by, "")},
            "recorded_at": visit.recorded_at,
            "version": visit.version,
            "voided_at": visit.voided_at,
            "void_reason": visit.void_reason,
            **counted[visit.visit_id],
        }
        for visit in visits
    ]


def _residents_seen(session: Session, visits: Sequence[Record]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in session.execute(_SEEN, _named(visits)):
        found[row.visit_id].add(str(row.resident_id))
    return found


def _named(visits: Sequence[Record]) -> dict[str, object]:
    return {
        "streets": sorted({visit.street_code for visit in visits}),
        "visits": [visit.visit_id for visit in visits],
    }


def _counted(
    session: Session, visits: Sequence[Record], seen: Mapping[UUID, set[str]]
) -> dict[UUID, dict[str, list[Credited] | list[NotCredited]]]:
    """What visits count for as things stand, of the residents whom the caller may see."""
    credits_of: dict[UUID, list[Credited]] = defaultdict(list)
    refusals_of: dict[UUID, list[NotCredited]] = defaultdict(list)
    for row in session.execute(_CREDITED, _named(visits)):
        if str(row.resident_id) in seen[row.visit_id]:
            credits_of[row.visit_id].append(
                Credited(resident_id=row.resident_id, duty=_duty(row), state=DutyState(row.state))
            )
    for row in session.execute(_REFUSED, _named(visits)):
        if str(row.resident_id) in seen[row.visit_id]:
            because = row.because or receipts.ALREADY_MET
            refusals_of[row.visit_id].append(NotCredited(resident_id=row.resident_id, duty=_duty(row), because=because))
    return {
        visit.visit_id: {"credits": credits_of[visit.visit_id], "not_credited": refusals_of[visit.visit_id]}
        for visit in visits
    }


def _duty(row: Row[Any]) -> DutyNamed:
    return DutyNamed(kind=DutyKind(row.kind), period=row.period, due_on=row.due_on)


def _form(said: Mapping[str, Any], seen: set[str], by: User) -> dict[str, Any]:
    """What a form says, of the residents whom the caller may see; the district reads what was done, not what people
    told (A32).
    """
    form = dict(said)
    form["resident_ids"] = [resident_id for resident_id in form["resident_ids"] if resident_id in seen]
    if form.get("met"):
        form["met"] = {resident_id: met for resident_id, met in form["met"].items() if resident_id in seen} or None
    if by.role is Role.DISTRICT_OFFICER:
        form["narrative"] = None
        found = (form.get("dimensions") or {}).items()
        form["dimensions"] = {name: {"level": said["level"]} for name, said in found if said} or None
    return form
