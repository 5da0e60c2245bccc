"""Duties as people see them: everything owed to somebody, in every state. Nothing here writes."""

from datetime import date
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.duties.rows import DUTIES
from core.policy import rulebooks
from core.store.models import Resident
from rules.duties import DutyKind, DutyState, Limit
from rules.facts import Tier
from rules.parameters import Mode

_OF_RESIDENT: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = :resident"
    " AND (CAST(:first AS date) IS NULL OR due_on >= :first)"
    " AND (CAST(:last AS date) IS NULL OR starts_on <= :last) ORDER BY due_on, starts_on, duty_id"
)


class DutyShown(TypedDict):
    """A visit owed, in whatever state; `provisional` when its due day was counted over an unknown year."""

    kind: DutyKind
    tier: Tier
    period: str | None
    starts_on: date
    due_on: date
    modes: tuple[Mode, ...]
    limit: Limit
    clause: str
    state: DutyState
    reason: str | None
    credited_visit_id: UUID | None
    late_entry: bool
    made_up_on: date | None
    provisional: bool


def of_resident(session: Session, resident: Resident, *, first: date | None, last: date | None) -> list[DutyShown]:
    """Everything owed to a resident, in every state, by due day."""
    calendar = rulebooks.calendar(session, resident.street_code)
    values = {"street": resident.street_code, "resident": resident.resident_id, "first": first, "last": last}
    return [
        DutyShown(
            kind=duty.kind,
            tier=duty.tier,
            period=duty.period,
            starts_on=duty.starts_on,
            due_on=duty.due_on,
            modes=duty.modes,
            limit=duty.limit,
            clause=duty.clause,
            state=duty.state,
            reason=duty.reason,
            credited_visit_id=duty.credited_visit_id,
            late_entry=duty.late_entry,
            made_up_on=duty.made_up_on,
            provisional=duty.limit is Limit.LOCAL and calendar.is_provisional(duty.due_on),
        )
        for duty in DUTIES.read(session.execute(_OF_RESIDENT, values))
    ]
