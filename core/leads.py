"""Leads from a hotline, neighbours or relatives: somebody of the committee looks into each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from core import assignment, bulk, clock, escalation, rulebooks
from core.ids import uuid7
from core.models import Resident
from core.tasks import event


def open_tasks(session: Session, street: str, leads: Sequence[tuple[UUID, Resident]], *, now: datetime) -> None:
    """A `lead` task for each reported lead, due like a confirmation (a local limit)."""
    if not leads:
        return
    today = clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    due_on = calendar.shift(today, rulebook.terms(today).confirm_working_days)
    chain = escalation.chain(session, street, rulebook, today=today)
    roster = assignment.Roster(session, street, calendar, today=today)
    rows = []
    for alert_id, resident in leads:
        choice = roster.choose(resident.committee_code, due_on, paired=resident.paired_user_id)
        rows.append(
            {
                "street_code": street,
                "task_id": uuid7(),
                "resident_id": resident.resident_id,
                "committee_code": resident.committee_code,
                "kind": "lead",
                "subject": f"lead:{alert_id}",
                "state": "open",
                "tier": resident.tier,
                "why": "四（四）收到线索，请核实",
                "due_on": due_on,
                "planned_on": choice.planned_on,
                "assignee_id": choice.user_id,
                "assigned_because": list(choice.because),
                "chain": chain,
                "escalation_level": 0,
                "next_step_at": escalation.next_step_at(due_on, chain, 0, calendar, now=now),
                "created_at": now,
                "updated_at": now,
            }
        )
    bulk.insert(session, "task", rows)
    bulk.insert(session, "task_event", [event(street, row["task_id"], "opened", None, now=now) for row in rows])
