"""A death ends what was to be done about somebody, of every kind; a restoration takes it up again (A23)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.duties.rows import Duty
from core.residents.dossiers import Dossier
from core.store.words import Closing, DutyReason, TaskKind, TaskState
from core.tasks import decision_tasks
from core.tasks.decision_tasks import Question
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task
from rules.duties import DutyKind, DutyState

# What was given up about some residents, the latest first.
_GIVEN_UP: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND state = 'cancelled' ORDER BY created_at DESC, task_id DESC"
)


def carry_through(
    desk: Desk,
    known: Sequence[Dossier],
    died_before: Mapping[UUID, date | None],
    tasks: list[Task],
    duties: Mapping[UUID, Sequence[Duty]],
) -> None:
    """End what was to be done about those who are dead by now, and take it up again for those who are alive after all.

    `tasks` are all their open ones; those taken up again are added. What a visit task held is not decided here.
    """
    dead, restored = set(), set()
    for dossier in known:
        resident = dossier.resident
        if resident.died_on is not None and died_before[resident.resident_id] is None:
            dead.add(resident.resident_id)
        if resident.died_on is None and died_before[resident.resident_id] is not None:
            restored.add(resident.resident_id)
    if dead:
        _end(desk, [task for task in tasks if task.resident_id in dead])
        _excuse(desk, [duty for resident_id in dead for duty in duties.get(resident_id, ())])
    if restored:
        own = [task for task in tasks if task.resident_id in restored]
        for task in own:
            desk.count_steps(task)
        tasks += _take_up(desk, restored, own, duties)


def _end(desk: Desk, tasks: Sequence[Task]) -> None:
    for task in tasks:
        if Question.of(task).about in decision_tasks.ABOUT_VISITS:
            # It is about what was done in their lifetime.
            desk.rest(task)
        elif task.kind is not TaskKind.VISIT:
            desk.close(task, TaskState.CANCELLED, Closing.DEATH)


def _excuse(desk: Desk, duties: Sequence[Duty]) -> None:
    for duty in duties:
        if duty.kind is DutyKind.FOLLOW_UP and duty.state is DutyState.OPEN:
            duty.state, duty.reason, duty.settled_at = DutyState.EXCUSED, DutyReason.DEATH, desk.pass_.now


def _take_up(
    desk: Desk, resident_ids: Collection[UUID], tasks: Sequence[Task], duties: Mapping[UUID, Sequence[Duty]]
) -> list[Task]:
    """Reopen what the death ended, one of a kind and subject; visits and facts are asked for anew by themselves."""
    values = {"street": desk.pass_.street, "residents": list(resident_ids)}
    known = {(task.resident_id, task.kind, task.subject): task for task in tasks}
    reopened = []
    for task in TASKS.read(desk.pass_.session.execute(_GIVEN_UP, values)):
        if task.closed_because != Closing.DEATH or task.kind is TaskKind.VISIT or decision_tasks.arises_anew(task):
            continue
        if known.setdefault((task.resident_id, task.kind, task.subject), task) is task:
            desk.reopen(task)
            reopened.append(task)
    follow_ups = {task.resident_id: task for task in known.values() if task.kind is TaskKind.FOLLOW_UP}
    for resident_id in resident_ids:
        for duty in duties.get(resident_id, ()):
            if duty.kind is DutyKind.FOLLOW_UP and duty.reason == DutyReason.DEATH:
                duty.state, duty.reason, duty.settled_at = DutyState.OPEN, None, None
                duty.task_id = follow_ups[resident_id].task_id
    return reopened
