"""What a visit counted for: which duties it discharged and which not and why, told to the visitor and written down."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypedDict
from uuid import UUID

from core.duties import ledger
from core.duties.rows import Duty
from core.policy.street_pass import StreetPass
from core.store import bulk
from core.tasks.shown import PoolTask, TaskShown
from rules.duties import Contact, DutyKind, DutyState, refusal
from rules.policies import Crediting


class DutyNamed(TypedDict):
    """Which duty."""

    kind: DutyKind
    period: str | None
    due_on: date


class Credited(TypedDict):
    """A duty that a visit discharged."""

    resident_id: UUID
    duty: DutyNamed
    state: DutyState


class NotCredited(TypedDict):
    """A duty that a visit did not discharge, and why."""

    resident_id: UUID
    duty: DutyNamed
    because: str


class Receipt(TypedDict):
    """The answer to a record form."""

    visit_id: UUID
    credits: list[Credited]
    not_credited: list[NotCredited]
    raised: Sequence[TaskShown | PoolTask]


def write(
    pass_: StreetPass,
    visit_id: UUID,
    resident_ids: Sequence[UUID],
    service_date: date,
    before: Mapping[UUID, Sequence[Duty]],
    after: Mapping[UUID, Sequence[Duty]],
) -> Receipt:
    """Say what a visit counted for, of the duties as they were and as they are, with a credit row for each."""
    receipt = Receipt(visit_id=visit_id, credits=[], not_credited=[], raised=())
    rows: list[dict[str, object]] = []
    contacts = ledger.contacts(pass_.session, pass_.street, resident_ids, since=service_date)
    for resident_id in resident_ids:
        [contact] = [contact for contact in contacts[resident_id] if contact.visit_id == visit_id]
        # A duty that was settled before this visit is not its business.
        waiting = {duty.duty_id for duty in before.get(resident_id, ()) if duty.is_held}
        for duty in after.get(resident_id, ()):
            is_credited = duty.credited_visit_id == visit_id
            if not is_credited and duty.duty_id not in waiting:
                continue
            because = None
            if is_credited:
                receipt["credits"].append(credited(duty))
            else:
                # A closed period keeps the rules of its last day (A27).
                on = min(pass_.today, duty.due_on) if duty.period else pass_.today
                because = _because(duty, contact, pass_.rulebook.terms(on).crediting)
                refused = NotCredited(resident_id=resident_id, duty=_named(duty), because=because)
                receipt["not_credited"].append(refused)
            rows.append(
                {
                    "street_code": pass_.street,
                    "visit_id": visit_id,
                    "duty_id": duty.duty_id,
                    "resident_id": resident_id,
                    "credited": is_credited,
                    "because": because,
                    "created_at": pass_.now,
                }
            )
    bulk.insert(pass_.session, "credit", rows)
    return receipt


def credited(duty: Duty) -> Credited:
    """A duty that was discharged, as the visitor is told."""
    return Credited(resident_id=duty.resident_id, duty=_named(duty), state=duty.state)


def _named(duty: Duty) -> DutyNamed:
    return DutyNamed(kind=duty.kind, period=duty.period, due_on=duty.due_on)


def _because(duty: Duty, contact: Contact, crediting: Crediting) -> str:
    if duty.state is DutyState.MISSED and duty.made_up_on == contact.service_date:
        return "made_up"
    return refusal(duty.owed, contact, crediting) or "already_met"
