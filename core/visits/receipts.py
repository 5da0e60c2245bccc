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
from core.tasks.shown import PoolTask, TaskShown
from core.visits.forms import Form
from core.visits.shares import Share
from rules.duties import Contact, DutyKind, DutyState, refusal
from rules.policies import Crediting

_VERSIONS: Final = text("SELECT visit_id, version FROM visit WHERE street_code = :street AND visit_id = ANY(:visits)")
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
    raised: Sequence[TaskShown | PoolTask]


def write(
    pass_: StreetPass,
    form: Form,
    shares: Sequence[Share],
    duties: Mapping[UUID, Sequence[Duty]],
    *,
    with_others: bool,
) -> Receipt:
    """Say what a visit counts for, of the duties as they are now, with a credit row of its version for each.

    `with_others` writes down, too, what other visits do not discharge since this one became what it is.
    """
    visit_id = form.visit_id
    receipt = Receipt(visit_id=visit_id, credits=[], not_credited=[], raised=())
    rows: list[dict[str, object]] = []
    people = [share.resident_id for share in shares]
    since = ledger.window_start(form.service_date, duties) if with_others else form.service_date
    contacts = ledger.contacts(pass_.session, pass_.street, people, since=since)
    told = {contact.visit_id for found in contacts.values() for contact in found} if with_others else {visit_id}
    versions = _versions(pass_, told)
    for resident_id in people:
        entered = {contact.visit_id: contact for contact in contacts[resident_id]}
        for contact in contacts[resident_id]:
            if contact.visit_id not in told:
                continue
            for duty in duties.get(resident_id, ()):
                is_credited = duty.credited_visit_id == contact.visit_id
                if not is_credited and not _concerns(duty, contact, entered):
                    continue
                because = None if is_credited else _because(duty, contact, ledger.crediting(pass_, duty))
                rows.append(
                    {
                        "street_code": pass_.street,
                        "visit_id": contact.visit_id,
                        "version": versions[contact.visit_id],
                        "duty_id": duty.duty_id,
                        "resident_id": resident_id,
                        "credited": is_credited,
                        "because": because,
                        "created_at": pass_.now,
                    }
                )
                if contact.visit_id != visit_id:
                    continue
                if because is None:
                    receipt["credits"].append(credited(duty))
                else:
                    receipt["not_credited"].append(
                        NotCredited(resident_id=resident_id, duty=named(duty), because=because)
                    )
    # What was told of other visits before stays on record.
    bulk.insert(pass_.session, "credit", rows, on_conflict="ON CONFLICT DO NOTHING")
    return receipt


def _versions(pass_: StreetPass, visit_ids: Iterable[UUID]) -> dict[UUID, int]:
    found = pass_.session.execute(_VERSIONS, {"street": pass_.street, "visits": list(visit_ids)})
    return {row.visit_id: row.version for row in found}


def credited(duty: Duty) -> Credited:
    """A duty that was discharged, as the visitor is told."""
    return Credited(resident_id=duty.resident_id, duty=named(duty), state=duty.state)


def named(duty: Duty) -> DutyNamed:
    """Which duty, as people are told."""
    return DutyNamed(kind=duty.kind, period=duty.period, due_on=duty.due_on)


def _concerns(duty: Duty, contact: Contact, entered: Mapping[UUID, Contact]) -> bool:
    """Whether a duty was still to be discharged, as things stand now, when a visit was entered."""
    if duty.kind is DutyKind.FOLLOW_UP or duty.carried or duty.starts_on > contact.entered_on:
        return False
    match duty.state:
        case DutyState.OPEN:
            return True
        case DutyState.MET | DutyState.LATE:
            return _is_later(duty.credited_visit_id, contact, entered)
        case DutyState.MISSED:
            went = duty.made_up_visit_id
            return (
                duty.due_on >= contact.service_date
                or went in (None, contact.visit_id)
                or _is_later(went, contact, entered)
            )
        case DutyState.EXCUSED | DutyState.CANCELLED:
            return False


def _is_later(visit_id: UUID | None, contact: Contact, entered: Mapping[UUID, Contact]) -> bool:
    """Whether another visit was entered after this one."""
    other = entered.get(visit_id) if visit_id else None
    return other is not None and other.entered_at > contact.entered_at


def _because(duty: Duty, contact: Contact, crediting: Crediting) -> str:
    if duty.state is DutyState.MISSED and duty.made_up_visit_id == contact.visit_id:
        return "made_up"
    return refusal(duty.owed, contact, crediting) or ALREADY_MET
