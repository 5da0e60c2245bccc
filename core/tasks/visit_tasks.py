"""Visit tasks: one open task a resident at most, holding every duty that somebody still has to go for (A34)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock
from core.duties.owing import Waiting
from core.duties.rows import Duty
from core.residents.dossiers import Dossier
from core.store.words import Closing, TaskKind, TaskState
from core.tasks import escalation
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.duties import DutyKind, DutyState


def hold(
    desk: Desk,
    known: Sequence[Dossier],
    tasks: Sequence[Task],
    duties: Mapping[UUID, Sequence[Duty]],
    waiting: Mapping[UUID, Waiting],
    reasons: Mapping[UUID, str],
) -> dict[UUID, UUID]:
    """Make the open visit task of some residents hold what they are owed; returns the task of each that has one.

    `tasks` are all their open ones. Which task holds a duty is noted in the duty.
    """
    visits = {task.resident_id: task for task in tasks if task.kind is TaskKind.VISIT}
    joined: dict[UUID, str] = {}
    held_by: dict[UUID, UUID] = {}
    for dossier in known:
        resident = dossier.resident
        # Nobody is sent to the dead (A23).
        wait = waiting.get(resident.resident_id) if resident.died_on is None else None
        own = duties.get(resident.resident_id, ())
        held = [duty for duty in own if duty.is_held]
        task = visits.get(resident.resident_id)
        if task is not None and (wait is None or _was_over(task, wait)):
            _close(desk, task, own)
            task = None
        if wait is None:
            continue
        why = reasons.get(resident.resident_id, "")
        if task is None:
            task = desk.open(resident, TaskKind.VISIT, due_on=wait.due_on, why=why)
            joining = held
        else:
            joining = [duty for duty in held if duty.task_id != task.task_id]
            # The due day never moves later while the task is open, a retraction and the calendar apart (A34, A41).
            due_on = wait.due_on if wait.recounted else min(wait.due_on, task.due_on)
            desk.follow(task, resident, why=why if joining else "", due_on=due_on)
            if any(duty.kind is DutyKind.RESPONSE for duty in joining):
                if task.escalation_level:
                    joined[task.task_id] = f"新增响应走访要求：{task.why}"
                else:
                    desk.tell(task)
        for duty in joining:
            duty.task_id = task.task_id
        held_by[resident.resident_id] = task.task_id
    escalation.tell_those_reached(desk.pass_, joined)
    return held_by


def follow(desk: Desk, known: Sequence[Dossier], tasks: Sequence[Task]) -> None:
    """What else is to be done about somebody goes with them to their tier and committee."""
    residents = {dossier.resident.resident_id: dossier.resident for dossier in known}
    for task in tasks:
        if task.kind is not TaskKind.VISIT:
            desk.follow(task, residents[task.resident_id])


def _was_over(task: Task, wait: Waiting) -> bool:
    """Whether it would have been closed since, had anybody looked."""
    return wait.anew_on is not None and clock.today(task.created_at) < wait.anew_on


def _close(desk: Desk, task: Task, duties: Sequence[Duty]) -> None:
    own = [duty for duty in duties if duty.task_id == task.task_id]
    if any(duty.state in (DutyState.MET, DutyState.LATE) or duty.made_up_on for duty in own):
        desk.close(task, TaskState.DONE, Closing.VISITED)
        return
    reasons = sorted({duty.reason for duty in own if duty.reason})
    desk.close(task, TaskState.CANCELLED, ",".join(reasons) or Closing.NOT_OWED)
