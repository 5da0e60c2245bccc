"""Tasks as people see them: with duties, lamp and causes, and as much of their resident as A37 allows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.duties.rows import DUTIES, Duty
from core.organisation.roles import Role
from core.organisation.users import User
from core.policy import lamps, rulebooks
from core.policy.lamps import Lamp
from core.residents import disclosure, found, last_visits, masking, registration
from core.residents.found import OpenFinding
from core.residents.last_visits import LastVisit
from core.store.crypto import Keys
from core.store.words import TaskKind, TaskState
from core.tasks import causes
from core.tasks.causes import Cause
from core.tasks.listed import Listed
from rules.duties import DutyKind, DutyState
from rules.facts import Tier
from rules.parameters import Mode
from rules.rulebook import Rulebook

# Of an open task what somebody still has to go for, of a closed one all it ever held.
_HELD: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty"
    " WHERE street_code = ANY(:streets) AND resident_id = ANY(:residents) AND task_id = ANY(:tasks)"
    " AND (task_id = ANY(:closed) OR state = 'open' OR (state = 'missed' AND made_up_on IS NULL))"
    " ORDER BY due_on, duty_id"
)


class Whom(TypedDict):
    """Whom a task is about."""

    resident_id: UUID
    name: str
    committee: str
    committee_name: str


class Somebody(TypedDict):
    """Somebody who works here."""

    user_id: UUID
    name: str


class DutyHeld(TypedDict):
    """A visit owed that a task holds."""

    kind: DutyKind
    period: str | None
    due_on: date
    modes: Sequence[Mode]
    state: DutyState


class PoolTask(TypedDict):
    """What a visitor sees of a task before they claim it (A37): where, and not whose it is."""

    task_id: UUID
    kind: TaskKind
    state: TaskState
    tier: Tier
    due_on: date
    planned_on: date | None
    overdue: bool
    lamp: Lamp
    place: str


class TaskShown(PoolTask):
    """A task as it is listed."""

    resident: Whom | None
    committee: str
    committee_name: str
    about: str | None
    provisional: bool
    duties: list[DutyHeld]
    why: str
    causes: list[Cause]
    last_visit: LastVisit | None
    open_findings: list[OpenFinding]
    household: str | None
    assignee: Somebody | None
    assigned_because: list[str]
    escalation_level: int
    batch_id: UUID | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str | None


def is_pool_item(task: Listed, by: User) -> bool:
    """Whether somebody sees no more of a task than that it can be claimed."""
    return by.role is Role.VISITOR and task.assignee_id != by.user_id and task.paired_user_id != by.user_id


def is_in_full(task: Listed, by: User) -> bool:
    """Whether somebody sees the name and the place of the resident of a task (A37)."""
    is_assigned = task.assignee_id == by.user_id and (task.state == TaskState.OPEN or by.role is Role.VISITOR)
    return disclosure.is_full(by, task.committee_code, is_theirs=is_assigned or task.paired_user_id == by.user_id)


def show(
    session: Session, tasks: Sequence[Listed], *, by: User, keys: Keys | None, today: date
) -> list[TaskShown | PoolTask]:
    """Some tasks; without keys with no more of their residents than everybody may see."""
    if not tasks:
        return []
    streets = {task.street_code for task in tasks}
    residents = sorted({task.resident_id for task in tasks})
    held = _held(session, tasks)
    page = _Page(
        by=by,
        keys=keys,
        today=today,
        held=held,
        told=causes.read(session, tasks, held),
        last_visits=last_visits.of(session, streets, residents, by=by),
        findings=found.open_of(session, streets, residents, by=by),
        rules=rulebooks.of_streets(session, streets),
        soon=lamps.of_streets(session, streets, today),
    )
    return [
        page.show(task, is_provisional=rulebooks.calendar(session, task.street_code).is_provisional(task.due_on))
        for task in tasks
    ]


def _held(session: Session, tasks: Sequence[Listed]) -> dict[UUID | None, list[Duty]]:
    """What each task holds."""
    values = {
        "streets": sorted({task.street_code for task in tasks}),
        "residents": [task.resident_id for task in tasks],
        "tasks": [task.task_id for task in tasks],
        "closed": [task.task_id for task in tasks if task.state != TaskState.OPEN],
    }
    duties: dict[UUID | None, list[Duty]] = defaultdict(list)
    for duty in DUTIES.read(session.execute(_HELD, values)):
        duties[duty.task_id].append(duty)
    return duties


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that some tasks are shown with."""

    by: User
    keys: Keys | None
    today: date
    held: Mapping[UUID | None, Sequence[Duty]]
    told: causes.Told
    last_visits: Mapping[UUID, LastVisit]
    findings: Mapping[UUID, list[OpenFinding]]
    rules: Mapping[str, Rulebook]
    soon: Mapping[str, lamps.Soon]

    def show(self, task: Listed, *, is_provisional: bool) -> TaskShown | PoolTask:
        """One task."""
        duties = self.held.get(task.task_id, ())
        lamp = self._lamp(task, duties)
        brief = PoolTask(
            task_id=task.task_id,
            kind=TaskKind(task.kind),
            state=TaskState(task.state),
            tier=Tier(task.tier),
            due_on=task.due_on,
            planned_on=task.planned_on,
            overdue=lamp is Lamp.OVERDUE,
            lamp=lamp,
            place=task.committee_name,
        )
        return brief if is_pool_item(task, self.by) else self._whole(task, brief, duties, is_provisional=is_provisional)

    def _whole(self, task: Listed, brief: PoolTask, duties: Sequence[Duty], *, is_provisional: bool) -> TaskShown:
        keys = self.keys if is_in_full(task, self.by) else None
        reasons = causes.of(task, duties, self.told, self.rules[task.street_code], keys=keys, today=self.today)
        return TaskShown(
            task_id=brief["task_id"],
            kind=brief["kind"],
            state=brief["state"],
            tier=brief["tier"],
            due_on=brief["due_on"],
            planned_on=brief["planned_on"],
            overdue=brief["overdue"],
            lamp=brief["lamp"],
            place=_place(task, keys),
            resident=_whom(task, in_full=keys is not None),
            committee=task.committee_code,
            committee_name=task.committee_name,
            # Every task is about somebody on the register as yet.
            about=None,
            provisional=is_provisional,
            duties=[
                DutyHeld(kind=duty.kind, period=duty.period, due_on=duty.due_on, modes=duty.modes, state=duty.state)
                for duty in duties
            ],
            why=causes.sentence(reasons[0]) if reasons else task.why,
            causes=reasons,
            last_visit=self.last_visits.get(task.resident_id),
            open_findings=self.findings.get(task.resident_id, []),
            household=task.household,
            assignee=somebody(task.assignee_id, task.assignee_name),
            assigned_because=task.assigned_because,
            escalation_level=task.escalation_level,
            batch_id=task.batch_id,
            created_at=task.created_at,
            updated_at=task.updated_at,
            closed_at=task.closed_at,
            closed_because=task.closed_because,
        )

    def _lamp(self, task: Listed, duties: Sequence[Duty]) -> Lamp:
        """Due soon: the last third of the period, or the last 7 days of a month (A31)."""
        if task.state != TaskState.OPEN:
            return Lamp.NONE
        spans = [lamps.span(duty.period, duty.starts_on, duty.due_on) for duty in duties]
        own = (clock.today(task.created_at), task.due_on)
        return lamps.lamp(task.due_on, spans or [own], self.soon[task.street_code], self.today)


def _whom(task: Listed, *, in_full: bool) -> Whom | None:
    if task.name is None:
        return None
    return Whom(
        resident_id=task.resident_id,
        name=task.name if in_full else masking.mask_name(task.name),
        committee=task.committee_code,
        committee_name=task.committee_name,
    )


def _place(task: Listed, keys: Keys | None) -> str:
    """The address to the building for whoever is to go there, else the committee (A37)."""
    if keys is None or task.address is None:
        return task.committee_name
    return (
        disclosure.to_the_building(registration.opened(keys, "address", task.resident_id, task.address))
        or task.committee_name
    )


def somebody(user_id: UUID | None, name: str | None) -> Somebody | None:
    """Somebody by id and name, if anybody."""
    return Somebody(user_id=user_id, name=name or "") if user_id else None
