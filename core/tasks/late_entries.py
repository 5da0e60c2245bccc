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
from core.store.words import Closing, TaskKind, TaskState
from core.tasks.decision_tasks import LATE_ENTRY, Question
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task
from rules.duties import Contact, DutyKind, DutyState, Refused, refusal

# Every such question about some residents that was answered, the latest about a visit last.
_ANSWERED: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'confirm' AND starts_with(subject, :about) AND state = 'done' ORDER BY task_id"
)


def ask(
    desk: Desk,
    residents: Sequence[Standing],
    tasks: Sequence[Task],
    duties: Mapping[UUID, Sequence[Duty]],
    contacts: Mapping[UUID, Sequence[Contact]],
    since: date,
    *,
    changed: Collection[UUID] = (),
) -> list[Task]:
    """Ask about each visit that would credit a period once approved, and about no other; returns the new tasks.

    It is asked after news, too: a visit may have been entered before anybody knew that its period was owed. `tasks` are
    all open ones, `duties` at least those due since a day, `changed` the visits that became others. What was answered
    is not asked again, unless the visit was corrected since.
    """
    waiting = {
        (resident.resident_id, contact.visit_id): contact
        for resident in residents
        for contact in contacts.get(resident.resident_id, ())
        if _waits(contact, resident, duties.get(resident.resident_id, ()), desk.pass_)
    }
    asked = {(task.resident_id, visit_of(task)): task for task in tasks if task.is_open and is_about(task)}
    settled = {
        (resident_id, contact.visit_id)
        for resident_id, found in contacts.items()
        for contact in found
        if contact.service_date >= since
    }
    settled |= {(resident.resident_id, visit_id) for resident in residents for visit_id in changed}
    for about in asked.keys() & settled - waiting.keys():
        desk.close(asked[about], TaskState.CANCELLED, Closing.DECIDED_OR_GONE)
    unasked = {about: contact for about, contact in waiting.items() if about not in asked}
    if not unasked:
        return []
    answered = _answered(desk.pass_, residents)
    due_on = desk.pass_.calendar.shift(desk.pass_.today, desk.pass_.terms.confirm_working_days)
    people = {resident.resident_id: resident for resident in residents}
    opened = []
    for (resident_id, visit_id), contact in unasked.items():
        if _is_answered(contact, answered.get((resident_id, visit_id))):
            continue
        why = f"{contact.service_date}的走访在周期结束后逾期补录，请审核"
        subject = f"{LATE_ENTRY}:{visit_id}"
        task = desk.open(people[resident_id], TaskKind.CONFIRM, due_on=due_on, why=why, subject=subject)
        if people[resident_id].died_on is not None:
            # It is about what was done in their lifetime, and climbs no more (A23).
            desk.rest(task)
        opened.append(task)
    return opened


def is_about(task: Task) -> bool:
    """Whether a task asks about a visit that was entered late."""
    return Question.of(task).about == LATE_ENTRY


def _answered(pass_: StreetPass, residents: Sequence[Standing]) -> dict[tuple[UUID, UUID], Task]:
    values = {
        "street": pass_.street,
        "residents": [resident.resident_id for resident in residents],
        "about": f"{LATE_ENTRY}:",
    }
    found = TASKS.read(pass_.session.execute(_ANSWERED, values))
    return {(task.resident_id, visit_of(task)): task for task in found}


def visit_of(task: Task) -> UUID:
    """The visit that a task asks about."""
    return UUID(task.subject.removeprefix(f"{LATE_ENTRY}:"))


def _waits(contact: Contact, resident: Standing, duties: Sequence[Duty], pass_: StreetPass) -> bool:
    """Whether a visit would credit a missed period, were it approved; after the death none does (A23)."""
    if resident.died_on is not None and contact.service_date > resident.died_on:
        return False
    return any(
        refusal(duty.owed, contact, ledger.crediting(pass_, duty)) is Refused.NEEDS_APPROVAL
        for duty in duties
        if duty.kind is DutyKind.PERIODIC and duty.state is DutyState.MISSED
    )


def _is_answered(contact: Contact, answered: Task | None) -> bool:
    """Whether somebody has answered about a visit as it stands."""
    if answered is None or answered.closed_at is None:
        return False
    return contact.corrected_at is None or contact.corrected_at <= answered.closed_at
