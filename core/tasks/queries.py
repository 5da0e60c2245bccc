"""Tasks as people see them: listed, filtered, each with its duties, its lamp and its reasons. Nothing here writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.duties.rows import DUTIES, Duty
from core.errors import NotFound
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import rulebooks
from core.residents import masking
from core.store.words import TaskEventKind, TaskKind, TaskState
from core.tasks.reach import GONE
from rules.calendar import period_named
from rules.duties import DutyKind, DutyState
from rules.facts import Tier
from rules.parameters import Mode

# Where the next page begins: the sort column's value and the task.
After = tuple[date | datetime, UUID]


class Lamp(StrEnum):
    """How urgent a task looks (A31)."""

    NONE = "none"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


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


class TaskShown(TypedDict):
    """A task as it is listed."""

    task_id: UUID
    kind: TaskKind
    state: TaskState
    resident: Whom
    tier: Tier
    due_on: date
    planned_on: date | None
    overdue: bool
    lamp: Lamp
    provisional: bool
    duties: list[DutyHeld]
    why: str
    assignee: Somebody | None
    assigned_because: list[str]
    escalation_level: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str | None


class LineShown(TypedDict):
    """One line of a task's history."""

    at: datetime
    what: TaskEventKind
    by: Somebody | None
    details: Mapping[str, object]


class TaskInFull(TaskShown):
    """A task with its history."""

    history: list[LineShown]


class _Listed(NamedTuple):
    """What a list reads of a task, its resident, committee and assignee."""

    street_code: str
    task_id: UUID
    kind: str
    state: str
    tier: str
    due_on: date
    planned_on: date | None
    why: str
    assigned_because: list[str]
    escalation_level: int
    assignee_id: UUID | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str | None
    resident_id: UUID
    name: str
    committee_code: str
    committee_name: str
    assignee_name: str | None


_ELSEWHERE: Final = {
    "name": "r.name",
    "committee_code": "r.committee_code",
    "committee_name": "c.name",
    "assignee_name": "u.name",
}
_LISTED: Final = ", ".join(f"{_ELSEWHERE.get(name, f't.{name}')} AS {name}" for name in _Listed._fields)
_FROM: Final = (
    " FROM task t JOIN resident r ON r.street_code = t.street_code AND r.resident_id = t.resident_id"
    " JOIN committee c ON c.code = r.committee_code LEFT JOIN user_account u ON u.user_id = t.assignee_id"
    " WHERE t.street_code = ANY(:streets) AND r.street_code = ANY(:streets) AND r.moved_to IS NULL"
)
_SOME: Final = text(f"SELECT {_LISTED}{_FROM} AND t.task_id = ANY(:tasks) ORDER BY t.due_on, t.task_id")
_HISTORY: Final = text(
    "SELECT at, what, by_user_id, details FROM task_event WHERE street_code = ANY(:streets)"
    " AND task_id = :task ORDER BY at, event_id"
)
# Of an open task what somebody still has to go for, of a closed one all it ever held.
_HELD: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty"
    " WHERE street_code = ANY(:streets) AND resident_id = ANY(:residents) AND task_id = ANY(:tasks)"
    " AND (task_id = ANY(:closed) OR state = 'open' OR (state = 'missed' AND made_up_on IS NULL))"
    " ORDER BY due_on, duty_id"
)
_COUNTS: Final = text(
    "SELECT count(*) AS open, count(*) FILTER (WHERE due_on < :today) AS overdue FROM task"
    " WHERE street_code = ANY(:streets) AND state = 'open'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What somebody wants to see; None is everything."""

    mine: bool = False
    state: str | None = None
    overdue: bool | None = None
    kind: str | None = None
    street: str | None = None
    committee: str | None = None
    tier: str | None = None
    due_before: date | None = None
    updated_since: datetime | None = None

    @property
    def sorted_by(self) -> str:
        """Who asks for what is new wants it in order of change; everybody else by due day."""
        return "updated_at" if self.updated_since is not None else "due_on"


def page(
    session: Session, wanted: Filter, *, by: User, after: After | None, limit: int, today: date
) -> list[TaskShown]:
    """Tasks the caller may see, most urgent first; one more than `limit` when there are more."""
    by.require(May.READ_TASKS)
    sort = f"t.{wanted.sorted_by}"
    where, values = _where(wanted, by, today)
    if after is not None:
        where.append(f"({sort}, t.task_id) > (:after, :after_id)")
        values.update(after=after[0], after_id=after[1])
    conditions = "".join(f" AND {condition}" for condition in where)
    listed = text(f"SELECT {_LISTED}{_FROM}{conditions} ORDER BY {sort}, t.task_id LIMIT :limit")
    found = session.execute(listed, {**values, "limit": limit + 1})
    return _shown(session, [_Listed(*row) for row in found], today=today)


def _where(wanted: Filter, by: User, today: date) -> tuple[list[str], dict[str, object]]:
    where: list[str] = []
    values: dict[str, object] = {"streets": [street for street in by.streets if wanted.street in (None, street)]}
    # Row-level security keeps other committees out as well; named here, the index serves it.
    if by.committees is not None:
        where.append("t.committee_code = ANY(:committees)")
        values["committees"] = list(by.committees)
    if wanted.mine or by.role is Role.VISITOR:
        where.append("t.assignee_id = :user")
        values["user"] = by.user_id
    for column, value in (
        ("t.state", wanted.state),
        ("t.kind", wanted.kind),
        ("t.committee_code", wanted.committee),
        ("t.tier", wanted.tier),
    ):
        if value is not None:
            name = column.removeprefix("t.")
            where.append(f"{column} = :{name}")
            values[name] = value
    if wanted.overdue is not None:
        overdue = "(t.state = 'open' AND t.due_on < :today)"
        where.append(overdue if wanted.overdue else f"NOT {overdue}")
        values["today"] = today
    if wanted.due_before is not None:
        where.append("t.due_on < :due_before")
        values["due_before"] = wanted.due_before
    if wanted.updated_since is not None:
        where.append("t.updated_at >= :updated_since")
        values["updated_since"] = wanted.updated_since
    return where, values


def some(session: Session, task_ids: Sequence[UUID], *, by: User, today: date) -> list[TaskShown]:
    """Certain tasks of the caller's streets and committees, in order of due day."""
    found = session.execute(_SOME, {"streets": list(by.streets), "tasks": list(task_ids)})
    return _shown(session, [_Listed(*row) for row in found], today=today)


def one(session: Session, task_id: UUID, *, by: User, today: date) -> TaskInFull:
    """One task with its history. A visitor sees their own and those of the pool, which they may claim."""
    by.require(May.READ_TASKS)
    found = some(session, [task_id], by=by, today=today)
    if not found:
        raise NotFound(GONE)
    assignee = found[0]["assignee"]
    if by.role is Role.VISITOR and assignee is not None and assignee["user_id"] != by.user_id:
        raise NotFound(GONE)
    return {**found[0], "history": _history(session, task_id, by=by)}


def _history(session: Session, task_id: UUID, *, by: User) -> list[LineShown]:
    rows = session.execute(_HISTORY, {"streets": list(by.streets), "task": task_id}).all()
    names = users.names(session, [row.by_user_id for row in rows if row.by_user_id])
    return [
        LineShown(
            at=row.at,
            what=TaskEventKind(row.what),
            by=_somebody(row.by_user_id, names.get(row.by_user_id)),
            details=row.details or {},
        )
        for row in rows
    ]


def _somebody(user_id: UUID | None, name: str | None) -> Somebody | None:
    return Somebody(user_id=user_id, name=name or "") if user_id else None


def _shown(session: Session, tasks: Sequence[_Listed], *, today: date) -> list[TaskShown]:
    if not tasks:
        return []
    held = _held(session, tasks)
    rules = rulebooks.of_streets(session, {task.street_code for task in tasks})
    soon = {street: rulebook.parameter("due_soon", today).value for street, rulebook in rules.items()}
    return [
        _task(
            task,
            held[task.task_id],
            _lamp(task, held[task.task_id], soon[task.street_code], today),
            is_provisional=rulebooks.calendar(session, task.street_code).is_provisional(task.due_on),
        )
        for task in tasks
    ]


def _held(session: Session, tasks: Sequence[_Listed]) -> dict[UUID | None, list[Duty]]:
    """What each task holds."""
    values = {
        "streets": sorted({task.street_code for task in tasks}),
        "residents": [task.resident_id for task in tasks],
        "tasks": [task.task_id for task in tasks],
        "closed": [task.task_id for task in tasks if task.state != TaskState.OPEN],
    }
    found: dict[UUID | None, list[Duty]] = defaultdict(list)
    for duty in DUTIES.read(session.execute(_HELD, values)):
        found[duty.task_id].append(duty)
    return found


def _task(task: _Listed, duties: Sequence[Duty], lamp: Lamp, *, is_provisional: bool) -> TaskShown:
    return TaskShown(
        task_id=task.task_id,
        kind=TaskKind(task.kind),
        state=TaskState(task.state),
        resident=Whom(
            resident_id=task.resident_id,
            name=masking.mask_name(task.name),
            committee=task.committee_code,
            committee_name=task.committee_name,
        ),
        tier=Tier(task.tier),
        due_on=task.due_on,
        planned_on=task.planned_on,
        overdue=lamp is Lamp.OVERDUE,
        lamp=lamp,
        provisional=is_provisional,
        duties=[
            DutyHeld(kind=duty.kind, period=duty.period, due_on=duty.due_on, modes=duty.modes, state=duty.state)
            for duty in duties
        ],
        why=task.why,
        assignee=_somebody(task.assignee_id, task.assignee_name),
        assigned_because=task.assigned_because,
        escalation_level=task.escalation_level,
        created_at=task.created_at,
        updated_at=task.updated_at,
        closed_at=task.closed_at,
        closed_because=task.closed_because,
    )


def _lamp(task: _Listed, duties: Sequence[Duty], soon: Mapping[str, int], today: date) -> Lamp:
    """Due soon: the last third of the period, or the last 7 days of a month (A31)."""
    if task.state != TaskState.OPEN:
        return Lamp.NONE
    if task.due_on < today:
        return Lamp.OVERDUE
    windows = [_window(duty) for duty in duties] or [(clock.today(task.created_at), task.due_on)]
    return Lamp.DUE_SOON if any(_begins(window, soon) <= today for window in windows) else Lamp.NONE


def _window(duty: Duty) -> tuple[date, date]:
    """The whole period of a periodic duty, however late in it the duty arose; else from arrival to the due day."""
    if duty.period is None:
        return duty.starts_on, duty.due_on
    period = period_named(duty.period)
    return period.first, period.last


def _begins(window: tuple[date, date], soon: Mapping[str, int]) -> date:
    first, last = window
    is_month = first.day == 1 and (first.year, first.month) == (last.year, last.month)
    days = soon["month_days"] if is_month else ((last - first).days + 1) // soon["share_of_period"]
    return last - timedelta(days=days - 1)


def counts(session: Session, streets: Sequence[str], *, now: datetime) -> dict[str, int]:
    """How many tasks are open in some streets, and how many of them overdue."""
    row = session.execute(_COUNTS, {"streets": list(streets), "today": clock.today(now)}).one()
    return {"open": row.open, "overdue": row.overdue}
