"""Tasks, and what people do with them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Day, Id, Line, Shown, Text, TierName, Who, Whole

TaskKind = Literal["visit", "decision", "confirm", "welfare_check", "lead", "follow_up"]
TaskState = Literal["open", "done", "cancelled"]


class TaskResident(Shown):
    """Whom a task is about."""

    resident_id: UUID
    name: str
    committee: str
    committee_name: str


class TaskDuty(Shown):
    """A visit owed that a task holds."""

    kind: Literal["periodic", "response", "follow_up"]
    period: str | None
    due_on: date
    modes: list[str]
    state: str


class TaskShown(Shown):
    """A task: who is to do what until when, and why."""

    task_id: UUID
    kind: TaskKind
    state: TaskState
    resident: TaskResident
    tier: TierName
    due_on: date
    planned_on: date | None
    overdue: bool
    lamp: Literal["none", "due_soon", "overdue"]
    # The due day lies in a year whose working days are not announced yet.
    provisional: bool
    duties: list[TaskDuty]
    why: str
    assignee: Who | None
    assigned_because: list[str]
    escalation_level: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str | None


class TaskMoment(Shown):
    """One line of a task's history."""

    at: datetime
    what: str
    by: Who | None
    details: dict[str, Any]


class TaskInFull(TaskShown):
    """A task with its history."""

    history: list[TaskMoment]


class Pull(Body):
    """How many tasks to take at most."""

    max: Annotated[Whole, Field(ge=1, le=100)]


class Pulled(Shown):
    """The tasks taken."""

    items: list[TaskShown]
    next_cursor: None = None


class Release(Body):
    """Why the task is given back."""

    reason: Line


class Assign(Body):
    """Who is to have the task, and why."""

    user_id: Id
    reason: Line


class Attempt(Body):
    """Somebody went and could not."""

    outcome: Literal["not_home", "refused", "moved", "hospital", "other"]
    on: Day
    note: Text | None = None


class Excuse(Body):
    """One duty of the task that is not owed, and why."""

    kind: Literal["periodic", "response", "follow_up"]
    period: Line | None = None
    reason: Line


class Decide(Body):
    """What was decided: `close` or `extend` a major change, `confirm` or `reject` a finding."""

    outcome: Literal["close", "extend", "confirm", "reject"]
    until: Day | None = None
    result: Text


class Complete(Body):
    """What came of it."""

    result: Text
