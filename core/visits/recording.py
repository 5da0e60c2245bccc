"""Visits: written up once on the official form, and what each one counts for (A17 to A21, A35)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import Session, col, select

from core import clock
from core.duties import ledger, owing
from core.errors import Conflict, Invalid, NotFound, VisitDuplicate
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import rulebooks
from core.residents import queries as residents
from core.residents import standing
from core.residents.standing import Standing
from core.store import bulk
from core.store.models import Visit
from core.tasks import decision_tasks, follow_ups, reconcile, welfare
from core.tasks import queries as task_queries
from rules.duties import Contact, Refused, refusal
from rules.facts import Problem
from rules.policies import Crediting

# A visitor's account may belong to any of the three who are not advisors; all three count the same (A20).
_ROLE_OF_USER = {
    Role.STREET_ADVISOR: "street_advisor",
    Role.COMMITTEE_ADVISOR: "committee_advisor",
    Role.VISITOR: "volunteer",
}


@dataclass(frozen=True, slots=True)
class Form:
    """The record form (domain §6), already checked for shape; `fields` is everything as it was sent."""

    visit_id: UUID
    resident_ids: tuple[UUID, ...]
    mode: str
    service_date: date
    initiated_by: str
    met: Mapping[UUID, bool]
    dimensions: Mapping[str, Any] | None
    task_id: UUID | None
    visited_by_role: str | None
    merge: bool
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """Tells a repetition from a conflict."""
        return sha256(orjson.dumps(self.fields, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to a form, and whether it is the first time."""

    answer: dict[str, Any]
    is_new: bool


def record(session: Session, form: Form, *, by: User, now: datetime) -> Recorded:
    """Record a visit and say which duties it discharged, and which not and why (三（一）, A17 to A21)."""
    by.require(May.RECORD_VISITS)
    today = clock.today(now)
    if form.service_date > today:
        raise Invalid(
            "服务日期在将来，请在走访以后再记录。",
            problems=[Problem("service_date", "in_future", "不能晚于今天。")],
        )
    # A visitor may lose sight of a person with the very visit that settles their task: so the repetition comes first.
    if (known := _known(session, form, by.streets)) is not None and known.recorded_by == by.user_id:
        return _again(known, form)
    street = _street(session, form, by)
    people = standing.lock(session, street, form.resident_ids)
    # Only now: the same form sent twice at once waits for the lock, and then finds the other's visit.
    if (known := _known(session, form, (street,))) is not None:
        return _again(known, form)
    merged = _refuse_duplicates(session, street, form)
    before = ledger.of_residents(session, street, form.resident_ids, since=form.service_date)
    _write(session, street, form, by, merged, now)
    after = reconcile.after_visits(session, street, people, form.service_date, now=now)
    answer = _answer(session, street, form, before, after, now)
    raised = [task for one in people if (task := welfare.check(session, one, now=now))]
    raised += _follow_up(session, street, form, people, answer, by=by, now=now)
    if late := [row for row in answer["not_credited"] if row["because"] == Refused.NEEDS_APPROVAL]:
        waiting = {row["resident_id"] for row in late}
        entered_late = [one for one in people if one.resident_id in waiting]
        raised += decision_tasks.ask_for_late_entry(session, entered_late, form.visit_id, form.service_date, now=now)
    answer["raised"] = task_queries.some(session, raised, by=by, today=today)
    session.execute(
        text("UPDATE visit SET answer = CAST(:answer AS jsonb) WHERE street_code = :street AND visit_id = :visit"),
        {"answer": bulk.dumps(answer), "street": street, "visit": form.visit_id},
    )
    # What the caller reads now must equal what they would read from the table later.
    return Recorded(orjson.loads(bulk.dumps(answer)), is_new=True)


def _follow_up(
    session: Session,
    street: str,
    form: Form,
    people: Sequence[Standing],
    answer: dict[str, Any],
    *,
    by: User,
    now: datetime,
) -> list[UUID]:
    """Settle the follow-ups a street advisor's visit discharges, and raise those that its findings ask for (A28)."""
    met = [one for one in people if form.met.get(one.resident_id, True)]
    if (form.visited_by_role or _ROLE_OF_USER[by.role]) == "street_advisor":
        ids = [one.resident_id for one in met]
        for row in follow_ups.settle(session, street, ids, form.service_date, visit_id=form.visit_id, now=now):
            shown = {"kind": row["kind"], "period": row["period"], "due_on": row["due_on"]}
            answer["credits"].append({"resident_id": row["resident_id"], "duty": shown, "state": row["state"]})
    if follow_ups.found_risk(form.dimensions):
        return follow_ups.raise_for(session, met, form.visit_id, form.service_date, now=now)
    return []


def _known(session: Session, form: Form, streets: Sequence[str]) -> Visit | None:
    return session.exec(
        select(Visit).where(col(Visit.street_code).in_(streets), Visit.visit_id == form.visit_id)
    ).first()


def _again(known: Visit, form: Form) -> Recorded:
    if bytes(known.digest) != form.digest:
        raise Conflict("这个 `visit_id` 已用于另一份内容，请更正那次走访，或换一个新的编号。")
    return Recorded(known.answer, is_new=False)


def _street(session: Session, form: Form, by: User) -> str:
    found = residents.visible(session, form.resident_ids, by=by)
    if len(found) < len(form.resident_ids):
        raise NotFound("这次走访中有居民不在您的街镇、居村以内。")
    if len({one.street_code for one in found}) > 1:
        raise Invalid("一次走访的居民须在同一个街镇，请按街镇分别记录。")
    return found[0].street_code


def _refuse_duplicates(session: Session, street: str, form: Form) -> dict[UUID, UUID]:
    """Same resident, day and mode: refused unless the caller asked to merge (A21); returns what is merged into what."""
    rows = session.execute(
        text(
            "SELECT resident_id, visit_id FROM visit_resident WHERE street_code = :street"
            " AND resident_id = ANY(:residents) AND service_date = :day AND mode = :mode"
            " AND merged_into IS NULL AND NOT voided"
        ),
        {"street": street, "residents": list(form.resident_ids), "day": form.service_date, "mode": form.mode},
    )
    prior = {row.resident_id: row.visit_id for row in rows}
    if prior and not form.merge:
        raise VisitDuplicate("这位居民当天同一方式的走访已有记录；确属同一次的，请带上 `merge: true` 合并。")
    return prior


def _write(session: Session, street: str, form: Form, by: User, merged: Mapping[UUID, UUID], now: datetime) -> None:
    bulk.insert(
        session,
        "visit",
        [
            {
                "street_code": street,
                "visit_id": form.visit_id,
                "service_date": form.service_date,
                "mode": form.mode,
                "form": form.fields,
                "digest": form.digest,
                "answer": {},
                "recorded_by": by.user_id,
                "recorded_at": now,
            }
        ],
    )
    # Joined visits become one: the later one stands, the earlier points to it, so a correction is not lost.
    session.execute(
        text(
            "UPDATE visit_resident SET merged_into = :visit WHERE street_code = :street"
            " AND (resident_id, visit_id) IN"
            " (SELECT * FROM unnest(CAST(:residents AS uuid[]), CAST(:visits AS uuid[])))"
        ),
        {
            "visit": form.visit_id,
            "street": street,
            "residents": list(merged.keys()),
            "visits": list(merged.values()),
        },
    )
    bulk.insert(
        session,
        "visit_resident",
        [
            {
                "street_code": street,
                "visit_id": form.visit_id,
                "resident_id": resident_id,
                "service_date": form.service_date,
                "mode": form.mode,
                "met": form.met.get(resident_id, True),
                "initiated_by": form.initiated_by,
                "role": form.visited_by_role or _ROLE_OF_USER[by.role],
                "dimensions_done": bool(form.dimensions),
                "visitor_id": by.user_id,
                "entered_at": now,
                "voided": False,
                "carried": False,
            }
            for resident_id in form.resident_ids
        ],
    )


def _answer(
    session: Session,
    street: str,
    form: Form,
    before: Mapping[UUID, Sequence[owing.Row]],
    after: Mapping[UUID, Sequence[owing.Row]],
    now: datetime,
) -> dict[str, Any]:
    """Which duties the visit discharged, and why not the others; each is written down as a credit row too."""
    terms = rulebooks.of_street(session, street).terms(clock.today(now))
    credits: list[dict[str, Any]] = []
    not_credited: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for resident_id in form.resident_ids:
        [contact] = [
            one
            for one in ledger.contacts(session, street, [resident_id], since=form.service_date)[resident_id]
            if one.visit_id == form.visit_id
        ]
        # A duty that was settled before this visit is not its business.
        waiting = {row["duty_id"] for row in before.get(resident_id, ()) if owing.is_held(row)}
        for duty in after.get(resident_id, ()):
            credited = duty["credited_visit_id"] == form.visit_id
            if not credited and duty["duty_id"] not in waiting:
                continue
            because = None if credited else _because(duty, contact, terms.crediting)
            shown = {"kind": duty["kind"], "period": duty["period"], "due_on": duty["due_on"]}
            if credited:
                credits.append({"resident_id": resident_id, "duty": shown, "state": duty["state"]})
            else:
                not_credited.append({"resident_id": resident_id, "duty": shown, "because": because})
            rows.append(
                {
                    "street_code": street,
                    "visit_id": form.visit_id,
                    "duty_id": duty["duty_id"],
                    "resident_id": resident_id,
                    "credited": credited,
                    "because": because,
                    "created_at": now,
                }
            )
    bulk.insert(session, "credit", rows)
    return {"visit_id": form.visit_id, "credits": credits, "not_credited": not_credited, "raised": []}


def _because(duty: owing.Row, contact: Contact, crediting: Crediting) -> str:
    if duty["state"] == "missed" and duty["made_up_on"] == contact.service_date:
        return "made_up"
    refused = refusal(owing.owed_of(duty), contact, crediting)
    return refused.value if refused else "already_met"
