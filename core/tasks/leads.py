"""Leads from a hotline, neighbours or relatives: somebody of the committee looks into each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from core import clock
from core.policy import chains, rulebooks
from core.residents.standing import Standing
from core.tasks import assignment, visit_tasks


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead about a resident, and the day from which its limit counts."""

    alert_id: UUID
    resident: Standing
    accepted_on: date


def open_tasks(session: Session, street: str, leads: Sequence[Lead], *, now: datetime) -> None:
    """A `lead` task for each reported lead, due as soon after its acceptance as a confirmation (a local limit)."""
    if not leads:
        return
    today = clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    chain = chains.of_street(session, street, rulebook, today=today)
    roster = assignment.Roster.shared(session, street, calendar, today=today)
    rows = []
    for lead in leads:
        due_on = calendar.shift(lead.accepted_on, rulebook.terms(lead.accepted_on).confirm_working_days)
        rows.append(
            visit_tasks.new_row(
                lead.resident,
                "lead",
                subject=f"lead:{lead.alert_id}",
                why="四（四）收到线索，请核实",
                due_on=due_on,
                choice=roster.choose(lead.resident.committee_code, due_on, paired=lead.resident.paired_user_id),
                chain=chain,
                calendar=calendar,
                now=now,
            )
        )
    visit_tasks.open_all(session, rows, now=now)
