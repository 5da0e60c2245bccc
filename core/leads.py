"""Leads from a hotline, neighbours or relatives: somebody of the committee looks into each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from core import assignment, chains, clock, rulebooks, tasks
from core.models import Resident


def open_tasks(session: Session, street: str, leads: Sequence[tuple[UUID, Resident]], *, now: datetime) -> None:
    """A `lead` task for each reported lead, due like a confirmation (a local limit)."""
    if not leads:
        return
    today = clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    due_on = calendar.shift(today, rulebook.terms(today).confirm_working_days)
    chain = chains.of_street(session, street, rulebook, today=today)
    roster = assignment.Roster(session, street, calendar, today=today)
    rows = [
        tasks.new_row(
            resident,
            "lead",
            subject=f"lead:{alert_id}",
            why="四（四）收到线索，请核实",
            due_on=due_on,
            choice=roster.choose(resident.committee_code, due_on, paired=resident.paired_user_id),
            chain=chain,
            calendar=calendar,
            now=now,
        )
        for alert_id, resident in leads
    ]
    tasks.open_all(session, rows, now=now)
