"""Tasks and their history as the tables hold them: one dataclass each, read and written here alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.policy.chains import Step
from core.store.ids import uuid7
from core.store.locks import FOR_CHANGE
from core.store.rows import Rows
from core.store.words import TaskEventKind, TaskKind, TaskState
from rules.facts import Tier


@dataclass(slots=True)
class Task:
    """A piece of work for one assignee, or for the committee's pool.

    `subject` tells two open tasks of a kind about one resident apart; `chain` is the street's as it was when the task
    was opened, and `escalation_level` how many of its steps have fired.
    """

    street_code: str
    task_id: UUID
    resident_id: UUID
    committee_code: str
    kind: TaskKind
    subject: str
    state: TaskState
    tier: Tier
    why: str
    due_on: date
    planned_on: date | None
    assignee_id: UUID | None
    assigned_because: tuple[str, ...]
    chain: tuple[Step, ...]
    escalation_level: int
    next_step_at: datetime | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    closed_because: str | None = None
    batch_id: UUID | None = None
    stored: tuple[object, ...] | None = field(default=None, compare=False, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state is TaskState.OPEN


@dataclass(slots=True)
class TaskEvent:
    """One line of a task's history; the details are JSON."""

    street_code: str
    event_id: UUID
    task_id: UUID
    resident_id: UUID
    at: datetime
    what: TaskEventKind
    by_user_id: UUID | None
    details: Mapping[str, object] | None
    stored: tuple[object, ...] | None = field(default=None, compare=False, repr=False)


TASKS: Final = Rows(Task, "task", fixed=("resident_id", "kind", "subject", "chain", "created_at"))
TASK_EVENTS: Final = Rows(TaskEvent, "task_event")

# In the one order in which everybody locks tasks.
_OPEN_OF_RESIDENTS: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
    f" AND state = 'open' ORDER BY task_id {FOR_CHANGE}"
)

_DONE: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND task_id = ANY(:tasks)"
    f" AND state = 'done' ORDER BY created_at DESC, task_id {FOR_CHANGE}"
)


def open_of(session: Session, street: str, resident_ids: Iterable[UUID]) -> list[Task]:
    """The open tasks of some residents, locked until the end of the transaction."""
    return TASKS.read(session.execute(_OPEN_OF_RESIDENTS, {"street": street, "residents": list(resident_ids)}))


def done(session: Session, street: str, task_ids: Iterable[UUID], because: str) -> list[Task]:
    """Those of some tasks that were done for a reason, the latest first."""
    wanted = list(task_ids)
    if not wanted:
        return []
    found = TASKS.read(session.execute(_DONE, {"street": street, "tasks": wanted}))
    return [task for task in found if task.closed_because == because]


def event(
    task: Task, what: TaskEventKind, details: Mapping[str, object] | None, *, by: UUID | None = None, now: datetime
) -> TaskEvent:
    """A line of a task's history, to be written with it."""
    return TaskEvent(task.street_code, uuid7(), task.task_id, task.resident_id, now, what, by, details)


def write(session: Session, tasks: Iterable[Task], events: Sequence[TaskEvent]) -> None:
    """Write what is new or changed about some tasks, and the lines of their history.

    Every change of a task passes through here.
    """
    TASKS.write(session, tasks)
    TASK_EVENTS.write(session, events)
