"""Visits: written up once on the official form, and what each one counts for (A17 to A21, A35)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import Session, col, select

from core import clock
from core.duties import ledger
from core.errors import Conflict, Invalid, NotFound, VisitDuplicate
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import queries as resident_queries
from core.residents import standing
from core.residents.standing import Standing
from core.store import bulk
from core.store.json import Json
from core.store.models import Visit
from core.tasks import decision_tasks, follow_ups, reassessment, welfare
from core.tasks import queries as task_queries
from core.visits import receipts
from core.visits.receipts import Receipt
from rules.duties import Refused
from rules.facts import Problem
from rules.parameters import VisitorRole

# A visitor's account may belong to any of the three who are not advisors; all three count the same (A20).
_ROLE_OF_USER: Final = {
    Role.STREET_ADVISOR: VisitorRole.STREET_ADVISOR,
    Role.COMMITTEE_ADVISOR: VisitorRole.COMMITTEE_ADVISOR,
    Role.VISITOR: VisitorRole.VOLUNTEER,
}

_SAME_DAY_AND_MODE: Final = text(
    "SELECT resident_id, visit_id FROM visit_resident WHERE street_code = :street"
    " AND resident_id = ANY(:residents) AND service_date = :day AND mode = :mode"
    " AND merged_into IS NULL AND NOT voided"
)
_MERGED: Final = text(
    "UPDATE visit_resident SET merged_into = :visit WHERE street_code = :street AND (resident_id, visit_id) IN"
    " (SELECT * FROM unnest(CAST(:residents AS uuid[]), CAST(:visits AS uuid[])))"
)
_ANSWERED: Final = text(
    "UPDATE visit SET answer = CAST(:answer AS jsonb) WHERE street_code = :street AND visit_id = :visit"
)


@dataclass(frozen=True, slots=True)
class Form:
    """The record form (domain §6), already checked for shape; `fields` is everything as it was sent."""

    visit_id: UUID
    resident_ids: tuple[UUID, ...]
    mode: str
    service_date: date
    initiated_by: str
    met: Mapping[UUID, bool]
    dimensions: Mapping[str, object] | None
    task_id: UUID | None
    visited_by_role: str | None
    merge: bool
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """Tells a repetition from a conflict."""
        return sha256(orjson.dumps(self.fields, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to a form, as JSON, and whether it is the first time."""

    answer: Json
    is_new: bool


def record(session: Session, form: Form, *, by: User, now: datetime) -> Recorded:
    """Record a visit and say which duties it discharged, and which not and why (三（一）, A17 to A21)."""
    by.require(May.RECORD_VISITS)
    if form.service_date > clock.today(now):
        raise Invalid(
            "服务日期在将来，请在走访以后再记录。",
            problems=[Problem("service_date", "in_future", "不能晚于今天。")],
        )
    # A visitor may lose sight of a person with the very visit that settles their task: so the repetition comes first.
    if (known := _known(session, form, by.streets)) is not None and known.recorded_by == by.user_id:
        return _again(known, form)
    street = _street(session, form, by)
    visited = standing.lock(session, street, form.resident_ids)
    # Only now: the same form sent twice at once waits for the lock, and then finds the other's visit.
    if (known := _known(session, form, (street,))) is not None:
        return _again(known, form)
    pass_ = street_pass.begin(session, street, now=now)
    merged = _refuse_duplicates(pass_, form)
    before = ledger.of_residents(session, street, form.resident_ids, since=form.service_date)
    _write(pass_, form, by, merged)
    outcomes = reassessment.after_visits(pass_, visited, form.service_date)
    after = {resident_id: outcome.duties for resident_id, outcome in outcomes.items()}
    receipt = receipts.write(pass_, form.visit_id, form.resident_ids, form.service_date, before, after)
    raised = welfare.check(pass_, visited)
    raised += _follow_up(pass_, form, visited, receipt, by=by)
    raised += _ask_for_approval(pass_, form, visited, receipt)
    # The answer is kept: nothing of a person that is sealed elsewhere goes into it.
    receipt["raised"] = task_queries.some(session, raised, by=by, keys=None, today=pass_.today)
    # What the caller reads now must equal what they would read from the table later.
    answer = bulk.dumps(receipt)
    session.execute(_ANSWERED, {"answer": answer, "street": street, "visit": form.visit_id})
    return Recorded(orjson.loads(answer), is_new=True)


def _follow_up(pass_: StreetPass, form: Form, visited: Sequence[Standing], receipt: Receipt, *, by: User) -> list[UUID]:
    """Settle the follow-ups a street advisor's visit discharges, and raise those that its findings ask for (A28)."""
    met = [resident for resident in visited if form.met.get(resident.resident_id, True)]
    if _role(form, by) == VisitorRole.STREET_ADVISOR:
        ids = [resident.resident_id for resident in met]
        settled = follow_ups.settle(pass_, ids, form.service_date, visit_id=form.visit_id)
        receipt["credits"].extend(map(receipts.credited, settled))
    if follow_ups.found_risk(form.dimensions):
        return follow_ups.raise_for(pass_, met, form.visit_id, form.service_date)
    return []


def _ask_for_approval(pass_: StreetPass, form: Form, visited: Sequence[Standing], receipt: Receipt) -> list[UUID]:
    """What was entered too late to credit by itself is approved first (A21)."""
    late = {
        refused["resident_id"] for refused in receipt["not_credited"] if refused["because"] == Refused.NEEDS_APPROVAL
    }
    entered_late = [resident for resident in visited if resident.resident_id in late]
    return decision_tasks.ask_for_late_entry(pass_, entered_late, form.visit_id, form.service_date)


def _role(form: Form, by: User) -> str:
    """As what the visitor went."""
    return form.visited_by_role or _ROLE_OF_USER[by.role]


def _known(session: Session, form: Form, streets: Sequence[str]) -> Visit | None:
    return session.exec(
        select(Visit).where(col(Visit.street_code).in_(streets), Visit.visit_id == form.visit_id)
    ).first()


def _again(known: Visit, form: Form) -> Recorded:
    if bytes(known.digest) != form.digest:
        raise Conflict("这个 `visit_id` 已用于另一份内容，请更正那次走访，或换一个新的编号。")
    return Recorded(known.answer, is_new=False)


def _street(session: Session, form: Form, by: User) -> str:
    found = resident_queries.visible(session, form.resident_ids, by=by)
    if len(found) < len(form.resident_ids):
        raise NotFound("这次走访中有居民不在您的街镇、居村以内。")
    if len({resident.street_code for resident in found}) > 1:
        raise Invalid("一次走访的居民须在同一个街镇，请按街镇分别记录。")
    return found[0].street_code


def _refuse_duplicates(pass_: StreetPass, form: Form) -> dict[UUID, UUID]:
    """Same resident, day and mode: refused unless the caller asked to merge (A21); returns what is merged into what."""
    values = {
        "street": pass_.street,
        "residents": list(form.resident_ids),
        "day": form.service_date,
        "mode": form.mode,
    }
    prior = {row.resident_id: row.visit_id for row in pass_.session.execute(_SAME_DAY_AND_MODE, values)}
    if prior and not form.merge:
        raise VisitDuplicate("这位居民当天同一方式的走访已有记录；确属同一次的，请带上 `merge: true` 合并。")
    return prior


def _write(pass_: StreetPass, form: Form, by: User, merged: Mapping[UUID, UUID]) -> None:
    visit: dict[str, object] = {
        "street_code": pass_.street,
        "visit_id": form.visit_id,
        "resident_ids": list(form.resident_ids),
        "service_date": form.service_date,
        "mode": form.mode,
        "form": form.fields,
        "digest": form.digest,
        "answer": {},
        "recorded_by": by.user_id,
        "recorded_at": pass_.now,
    }
    bulk.insert(pass_.session, "visit", [visit])
    # Joined visits become one: the later one stands, the earlier points to it, so a correction is not lost.
    earlier = {
        "visit": form.visit_id,
        "street": pass_.street,
        "residents": list(merged.keys()),
        "visits": list(merged.values()),
    }
    pass_.session.execute(_MERGED, earlier)
    bulk.insert(
        pass_.session,
        "visit_resident",
        [
            {
                "street_code": pass_.street,
                "visit_id": form.visit_id,
                "resident_id": resident_id,
                "service_date": form.service_date,
                "mode": form.mode,
                "met": form.met.get(resident_id, True),
                "initiated_by": form.initiated_by,
                "role": _role(form, by),
                "dimensions_done": follow_ups.is_complete(form.dimensions),
                "visitor_id": by.user_id,
                "entered_at": pass_.now,
                "voided": False,
                "carried": False,
            }
            for resident_id in form.resident_ids
        ],
    )
