"""Visits told so long after a period closed that they credit it only once the street advisor approves (A21, A27)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.duties import ledger
from core.duties.rows import Duty
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.locks import FOR_CHANGE
from core.store.words import Closing, TaskKind, TaskState
from core.tasks.decision_tasks import LATE_ENTRY
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task
from rules.duties import Contact, DutyKind, DutyState, Refused, refusal

# Every such question about some residents, answered or not.
_ASKED: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
    f" AND kind = 'confirm' AND starts_with(subject, :about) ORDER BY task_id {FOR_CHANGE}"
)


def ask(
    pass_: StreetPass,
    residents: Sequence[Standing],
    duties: Mapping[UUID, Sequence[Duty]],
    since: date,
    *,
    changed: Collection[UUID],
) -> list[UUID]:
    """Ask about each visit since a day that would credit a period once approved, and about no other; returns the tasks.

    `duties` are those due since that day, `changed` the visits that were recorded or became others. What was answered
    is not asked again, unless the visit was corrected since.
    """
    ids = [resident.resident_id for resident in residents]
    contacts = ledger.contacts(pass_.session, pass_.street, ids, since=since)
    asked: dict[tuple[UUID, UUID], Task] = {}
    values = {"street": pass_.street, "residents": ids, "about": LATE_ENTRY}
    for task in TASKS.read(pass_.session.execute(_ASKED, values)):
        # The latest about each visit: they come in the order in which they were opened.
        asked[task.resident_id, visit_of(task)] = task
    desk = Desk(pass_, ids)
    opened: list[UUID] = []
    due_on = pass_.calendar.shift(pass_.today, pass_.terms.confirm_working_days)
    for resident in residents:
        waiting = {
            contact.visit_id: contact
            for contact in contacts.get(resident.resident_id, ())
            if _waits(contact, duties.get(resident.resident_id, ()), pass_)
        }
        for contact in waiting.values():
            if _is_answered(contact, asked.get((resident.resident_id, contact.visit_id))):
                continue
            why = f"{contact.service_date}的走访在周期结束后逾期补录，请审核"
            subject = f"{LATE_ENTRY}:{contact.visit_id}"
            opened.append(desk.open(resident, TaskKind.CONFIRM, due_on=due_on, why=why, subject=subject).task_id)
        looked_at = {*changed, *(contact.visit_id for contact in contacts.get(resident.resident_id, ()))}
        for visit_id in looked_at - waiting.keys():
            question = asked.get((resident.resident_id, visit_id))
            if question is not None and question.is_open:
                desk.close(question, TaskState.CANCELLED, Closing.DECIDED_OR_GONE)
    desk.write()
    return opened


def visit_of(task: Task) -> UUID:
    """The visit that a task asks about."""
    return UUID(task.subject.removeprefix(f"{LATE_ENTRY}:"))


def _waits(contact: Contact, duties: Sequence[Duty], pass_: StreetPass) -> bool:
    """Whether a visit would credit a missed period, were it approved."""
    return any(
        refusal(duty.owed, contact, ledger.crediting(pass_, duty)) is Refused.NEEDS_APPROVAL
        for duty in duties
        if duty.kind is DutyKind.PERIODIC and duty.state is DutyState.MISSED and not duty.carried
    )


def _is_answered(contact: Contact, asked: Task | None) -> bool:
    """Whether somebody is asked about a visit already, or has answered about it as it stands."""
    if asked is None or asked.state is TaskState.CANCELLED:
        return False
    if asked.is_open or asked.closed_at is None:
        return True
    return contact.corrected_at is None or contact.corrected_at <= asked.closed_at
