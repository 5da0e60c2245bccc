"""Tasks, and what people do with them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Day, Flag, Id, Line, ModeName, Person, Shown, Text, TierName, Whole, example

TaskKind = Literal["visit", "decision", "confirm", "welfare_check", "lead", "follow_up"]
TaskState = Literal["open", "done", "cancelled"]
Lamp = Literal["none", "due_soon", "overdue"]


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


class CauseDuty(Shown):
    """Which duty."""

    kind: Literal["periodic", "response", "follow_up"]
    period: str | None
    due_on: date


class TaskCause(Shown):
    """One reason for a task, with who told of it and, for whoever has to act, in which words."""

    what: str
    happened_on: date
    told_by: str
    words: str | None
    clause: str
    limit: Literal["policy", "local"]
    duty: CauseDuty | None


class LastVisit(Shown):
    """The latest visit on which somebody was met; the gist only for who reads narratives."""

    on: date
    mode: ModeName
    gist: str | None


class OpenFinding(Shown):
    """A dimension in which something was found that the street advisor has still to look at again."""

    dimension: Literal["economy", "health", "education", "housing", "employment", "social"]
    level: Literal["risk", "urgent"]
    note: str | None
    found_on: date


class PoolTask(Shown):
    """What a visitor sees of a task before they claim it: `place` is the committee."""

    task_id: UUID
    kind: TaskKind
    state: TaskState
    tier: TierName
    due_on: date
    planned_on: date | None
    overdue: bool
    lamp: Lamp
    place: str


class Task(PoolTask):
    """A task: who is to do what until when, and why, the most urgent cause first.

    `place` is the address to the building for whoever is to go there, else the committee.
    """

    # Nobody, when it is about somebody who is not on the register: then `about` says whom.
    resident: TaskResident | None
    committee: str
    committee_name: str
    about: str | None
    # The due day lies in a year whose working days are not announced yet.
    provisional: bool
    duties: list[TaskDuty]
    why: str
    causes: list[TaskCause]
    last_visit: LastVisit | None
    open_findings: list[OpenFinding]
    household: str | None
    assignee: Person | None
    assigned_because: list[str]
    escalation_level: int
    # The last act on many tasks that gave it to somebody.
    batch_id: UUID | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str | None


class TaskPage(Shown):
    """One page of tasks; of those that a visitor may claim, what they may know of them."""

    items: list[Task | PoolTask]
    next_cursor: str | None


class TaskEvent(Shown):
    """One line of a task's history."""

    at: datetime
    what: str
    by: Person | None
    details: dict[str, Any]


class TaskDetails(Task):
    """A task with its history."""

    history: list[TaskEvent]


class PullRequest(Body, json_schema_extra=example(max=5)):
    """How many tasks to take at most."""

    max: Annotated[Whole, Field(ge=1, le=100)]


class PulledTasks(Shown):
    """The tasks taken."""

    items: list[Task | PoolTask]
    next_cursor: None = None


class ReleaseRequest(Body, json_schema_extra=example(reason="本周外出培训")):
    """Why the task is given back."""

    reason: Line


class AssignmentRequest(
    Body, json_schema_extra=example(user_id="0195b0c1-7d3e-7000-8000-000000000001", reason="熟悉这户情况")
):
    """Who is to have the task, and why; `anyway` also though they are away past its due day."""

    user_id: Id
    reason: Line
    anyway: Flag = False


class BatchAssignment(
    Body,
    json_schema_extra=example(
        task_ids=["0195b0c1-7d3e-7000-8000-000000000001"],
        user_id="0195b0c1-7d3e-7000-8000-000000000002",
        reason="调整片区",
    ),
):
    """Tasks that one person is to have, or, with null, the pools of their committees."""

    task_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    user_id: Id | None
    reason: Line


class BatchRow(Shown):
    """What became of one task; `because` says why it was refused."""

    task_id: UUID
    result: Literal["moved", "unchanged", "refused"]
    because: (
        Literal["not_found", "closed", "moved_on", "outside_street", "outside_committee", "role", "recused", "absent"]
        | None
    )


class Batch(Shown):
    """One act on many tasks, by whose id it can be taken back for ten minutes."""

    batch_id: UUID
    rows: list[BatchRow]


class VisitAttempt(Body, json_schema_extra=example(outcome="not_home", on="2026-03-20", note="邻居说去了女儿家")):
    """Somebody went and could not."""

    outcome: Literal["not_home", "refused", "moved", "hospital", "other"]
    on: Day
    note: Text | None = None


class ExcuseRequest(
    Body, json_schema_extra=example(kind="periodic", period="2026-03", reason="本月两次上门，均拒绝走访")
):
    """One duty of the task that is not owed, and why."""

    kind: Literal["periodic", "response", "follow_up"]
    period: Line | None = None
    reason: Line


class TaskDecision(
    Body, json_schema_extra=example(outcome="extend", until="2026-09-16", result="仍在康复，继续按高风险走访")
):
    """What was decided: `close` or `extend` a major change, `confirm` or `reject` a finding, `restore` somebody
    who is said to have died.

    Of somebody found in hospital or gone: `pause` with `from` and `until`, `moved` with `on`, `to_street` and
    `to_committee`, `left` with `on` (the last day), or `reject`; then the result may be left out.
    """

    outcome: Literal["close", "extend", "confirm", "pause", "moved", "left", "restore", "reject"]
    until: Day | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    on: Day | None = None
    to_street: Line | None = None
    to_committee: Line | None = None
    result: Text | None = None


class TaskCompletion(Body, json_schema_extra=example(result="已上门核实，情况属实，已转街道救助所")):
    """What came of it."""

    result: Text
