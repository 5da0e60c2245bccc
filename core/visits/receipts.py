"""What a visit counted for: which duties it discharged and which not and why, told to the visitor and written down."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text

from core.duties import ledger
from core.duties.rows import Duty
from core.policy.street_pass import StreetPass
from core.store import bulk
from core.tasks.queries import TaskShown
from core.visits.forms import Form
from core.visits.shares import Share
from rules.duties import Contact, DutyKind, DutyState, refusal
from rules.policies import Crediting

_FORGET: Final = text("DELETE FROM credit WHERE street_code = :street AND visit_id = ANY(:visits)")
ALREADY_MET: Final = "already_met"


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
    raised: Sequence[TaskShown]


def waiting(duties: Mapping[UUID, Iterable[Duty]], visit_id: UUID, service_date: date) -> set[UUID]:
    """The duties that a visit is about: somebody had to go for them, or its period was missed, or it discharged them.

    What was settled otherwise before is not its business.
    """
    return {
        duty.duty_id
        for held in duties.values()
        for duty in held
        if duty.credited_visit_id == visit_id
        or duty.is_held
        or (duty.state is DutyState.MISSED and not duty.carried and duty.due_on >= service_date)
    }


def write(
    pass_: StreetPass,
    form: Form,
    shares: Sequence[Share],
    concerned: set[UUID],
    duties: Mapping[UUID, Sequence[Duty]],
) -> Receipt:
    """Say what a visit counted for, of the duties it concerns as they are now, with a credit row for each."""
    visit_id, service_date = form.visit_id, form.service_date
    receipt = Receipt(visit_id=visit_id, credits=[], not_credited=[], raised=())
    rows: list[dict[str, object]] = []
    crediting = pass_.terms.crediting
    standing = [share.resident_id for share in shares if not share.voided]
    contacts = ledger.contacts(pass_.session, pass_.street, standing, since=service_date)
    for resident_id in standing:
        contact = next((found for found in contacts[resident_id] if found.visit_id == visit_id), None)
        if contact is None:
            continue
        for duty in duties.get(resident_id, ()):
            is_credited = duty.credited_visit_id == visit_id
            if not is_credited and (duty.kind is DutyKind.FOLLOW_UP or not _concerns(duty, contact, concerned)):
                continue
            because = None
            if is_credited:
                receipt["credits"].append(credited(duty))
            else:
                because = _because(duty, contact, crediting)
                refused = NotCredited(resident_id=resident_id, duty=named(duty), because=because)
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


def forget(pass_: StreetPass, visit_ids: Sequence[UUID]) -> None:
    """Visits became others: what they counted for is written anew, or not at all."""
    pass_.session.execute(_FORGET, {"street": pass_.street, "visits": list(visit_ids)})


def credited(duty: Duty) -> Credited:
    """A duty that was discharged, as the visitor is told."""
    return Credited(resident_id=duty.resident_id, duty=named(duty), state=duty.state)


def named(duty: Duty) -> DutyNamed:
    """Which duty, as people are told."""
    return DutyNamed(kind=duty.kind, period=duty.period, due_on=duty.due_on)


def _concerns(duty: Duty, contact: Contact, concerned: set[UUID]) -> bool:
    """Whether a duty was there to be discharged when the visit was entered."""
    return duty.duty_id in concerned and duty.starts_on <= contact.entered_on


def _because(duty: Duty, contact: Contact, crediting: Crediting) -> str:
    if duty.state is DutyState.MISSED and duty.made_up_visit_id == contact.visit_id:
        return "made_up"
    return refusal(duty.owed, contact, crediting) or ALREADY_MET
