"""Visit tasks: one open task a resident at most, holding every duty that somebody still has to go for (A34)."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from core import clock
from core.duties.owing import Waiting
from core.duties.rows import Duty
from core.residents.dossiers import Dossier
from core.residents.standing import Standing
from core.store.words import Closing, TaskKind, TaskState
from core.tasks import escalation, rows
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.duties import DutyKind, DutyState

# What is said to whoever had the task.
_OVER: Final[Mapping[Closing, str]] = {Closing.DEATH: "居民已去世", Closing.LEFT: "居民已不在走访范围"}


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
    again = _to_take_up_again(desk, known, visits, duties, waiting)
    joined: dict[UUID, str] = {}
    held_by: dict[UUID, UUID] = {}
    for dossier in known:
        resident = dossier.resident
        # Nobody is sent to the dead (A23).
        wait = waiting.get(resident.resident_id) if resident.died_on is None else None
        own = duties.get(resident.resident_id, ())
        held = [duty for duty in own if duty.is_held]
        task = visits.get(resident.resident_id)
        if task is not None and wait is None:
            _end(desk, task, own, resident)
            task = None
        elif task is not None and wait is not None and _was_over(task, wait):
            _close(desk, task, own)
            task = None
        if wait is None:
            continue
        why = reasons.get(resident.resident_id, "")
        if task is None and (taken_up := again.get(resident.resident_id)) is not None:
            task = taken_up
            task.why = why or task.why
            desk.take_up_again(task, resident, due_on=wait.due_on)
            joining = held
        elif task is None:
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


def _to_take_up_again(
    desk: Desk,
    known: Sequence[Dossier],
    visits: Mapping[UUID, Task],
    duties: Mapping[UUID, Sequence[Duty]],
    waiting: Mapping[UUID, Waiting],
) -> dict[UUID, Task]:
    """The closed task of a duty that somebody has to go for after all: the visit that closed it stands no longer."""
    ids = [dossier.resident.resident_id for dossier in known]
    left = {
        duty.task_id
        for resident_id in ids
        if resident_id not in visits and resident_id in waiting
        for duty in duties.get(resident_id, ())
        if duty.is_held and duty.task_id
    }
    done = rows.done(desk.pass_.session, desk.pass_.street, left, Closing.VISITED)
    again: dict[UUID, Task] = {}
    for task in done:
        if not _was_over(task, waiting[task.resident_id]):
            again.setdefault(task.resident_id, task)
    return again


def follow(desk: Desk, known: Sequence[Dossier], tasks: Sequence[Task]) -> None:
    """What else is to be done about somebody goes with them to their tier and committee."""
    residents = {dossier.resident.resident_id: dossier.resident for dossier in known}
    for task in tasks:
        if task.kind is not TaskKind.VISIT and task.is_open:
            desk.follow(task, residents[task.resident_id])


def _was_over(task: Task, wait: Waiting) -> bool:
    """Whether it would have been closed since, had anybody looked."""
    return wait.anew_on is not None and clock.today(task.created_at) < wait.anew_on


def _end(desk: Desk, task: Task, duties: Sequence[Duty], resident: Standing) -> None:
    """Nobody has to go any more: by a visit, or else whoever has the task hears once why (A35)."""
    if resident.died_on is not None:
        because = Closing.DEATH
    elif any(duty.is_held and duty.task_id == task.task_id for duty in duties):
        because = Closing.LEFT
    else:
        _close(desk, task, duties)
        return
    desk.close(task, TaskState.CANCELLED, because)
    desk.say(task, "ended", f"任务结束，不必再去：{_OVER[because]}。{task.why}")


def _close(desk: Desk, task: Task, duties: Sequence[Duty]) -> None:
    own = [duty for duty in duties if duty.task_id == task.task_id]
    if any(duty.state in (DutyState.MET, DutyState.LATE) or duty.made_up_on for duty in own):
        desk.close(task, TaskState.DONE, Closing.VISITED)
        return
    reasons = sorted({duty.reason for duty in own if duty.reason})
    desk.close(task, TaskState.CANCELLED, ",".join(reasons) or Closing.NOT_OWED)
