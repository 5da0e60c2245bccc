"""Tasks as people look for them: listed, filtered, sorted, one with its history. Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, TypedDict, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import NotFound
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import lamps
from core.policy.lamps import Lamp
from core.store.crypto import Keys
from core.store.words import TaskEventKind, TaskKind
from core.tasks import assignment, listed, shown
from core.tasks.listed import Listed
from core.tasks.reach import GONE
from core.tasks.shown import PoolTask, Somebody, TaskShown
from rules.facts import TIERS

# Where the next page begins: what the list is sorted by, and the task.
Key = tuple[date | datetime | int | str | UUID, ...]
# Of a visitor's list, what they may claim without knowing yet whose it is.
_CLAIMABLE: Final = [kind for kind in TaskKind if assignment.is_of_committee(kind)]
# What somebody wrote, for whoever has to act; the others read that it was written.
_WRITTEN: Final = ("note", "result")


class LineShown(TypedDict):
    """One line of a task's history."""

    at: datetime
    what: TaskEventKind
    by: Somebody | None
    details: Mapping[str, object]


class TaskInFull(TaskShown):
    """A task with its history."""

    history: list[LineShown]


class Sort(StrEnum):
    """In which order tasks are listed; `CHANGE` is for whoever asks what is new."""

    DUE = "due"
    URGENCY = "urgency"
    PLACE = "place"
    CHANGE = "change"

    @property
    def kinds(self) -> tuple[type, ...]:
        """What a place in the list is made of."""
        return _KINDS[self]

    @property
    def is_personal(self) -> bool:
        """Whether a place in the list tells something about a person."""
        return self is Sort.PLACE


_KINDS: Final[Mapping[Sort, tuple[type, ...]]] = {
    Sort.DUE: (date, UUID),
    Sort.URGENCY: (int, int, date, UUID),
    Sort.PLACE: (str, str, UUID),
    Sort.CHANGE: (datetime, UUID),
}
_NOBODY: Final = "none"
_SOME: Final = text(f"SELECT {listed.COLUMNS}{listed.FROM} AND t.task_id = ANY(:tasks) ORDER BY t.due_on, t.task_id")
_HISTORY: Final = text(
    "SELECT at, what, by_user_id, details FROM task_event WHERE street_code = ANY(:streets)"
    " AND task_id = :task ORDER BY at, event_id"
)
_COUNTS: Final = text(
    "SELECT count(*) AS open, count(*) FILTER (WHERE due_on < :today) AS overdue FROM task"
    " WHERE street_code = ANY(:streets) AND state = 'open'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What somebody wants to see; None is everything. `assignee` may be "none": what waits in the pool."""

    mine: bool = False
    state: str | None = None
    overdue: bool | None = None
    kind: str | None = None
    street: str | None = None
    committee: str | None = None
    tier: str | None = None
    due_before: date | None = None
    updated_since: datetime | None = None
    resident_id: UUID | None = None
    assignee: str | None = None
    lamp: Lamp | None = None
    sort: Sort | None = None

    @property
    def sorted_by(self) -> Sort:
        """Who asks for what is new wants it in order of change; everybody else by due day."""
        return self.sort or (Sort.CHANGE if self.updated_since is not None else Sort.DUE)


class Found(NamedTuple):
    """A task of a list, and its place there."""

    task: TaskShown | PoolTask
    key: Key


def page(
    session: Session, wanted: Filter, *, by: User, after: Key | None, limit: int, keys: Keys | None, today: date
) -> list[Found]:
    """Tasks the caller may see, in the order asked for; one more than `limit` when there are more."""
    by.require(May.READ_TASKS)
    streets = [street for street in by.streets if wanted.street in (None, street)]
    where, values = _where(wanted, by, streets, today)
    is_urgent = wanted.lamp is not None or wanted.sorted_by is Sort.URGENCY
    lamp, more = lamps.place_sql(lamps.of_streets(session, streets, today), today) if is_urgent else ("", {})
    values |= more
    if wanted.lamp is not None:
        where.append(f"{lamp} = :lamp")
        values["lamp"] = wanted.lamp.place
    order = _order(wanted.sorted_by, lamp, by)
    if after is not None:
        where.append(f"({order}) > ({', '.join(f':after_{number}' for number in range(len(after)))})")
        values |= {f"after_{number}": part for number, part in enumerate(after)}
    conditions = "".join(f" AND {condition}" for condition in where)
    statement = f"SELECT {listed.COLUMNS}{listed.FROM}{conditions} ORDER BY {order} LIMIT :limit"
    rows = [Listed(*row) for row in session.execute(text(statement), {**values, "limit": limit + 1})]
    tasks = shown.show(session, rows, by=by, keys=keys, today=today)
    return [Found(task, _key(wanted.sorted_by, row, task, by)) for row, task in zip(rows, tasks, strict=True)]


def _order(sort: Sort, lamp: str, by: User) -> str:
    match sort:
        case Sort.DUE:
            return "t.due_on, t.task_id"
        case Sort.CHANGE:
            return "t.updated_at, t.task_id"
        case Sort.URGENCY:
            closest = " ".join(f"WHEN '{tier}' THEN {place}" for place, tier in enumerate(TIERS))
            return f"{lamp}, (CASE t.tier {closest} ELSE {len(TIERS)} END), t.due_on, t.task_id"
        case Sort.PLACE:
            home = "coalesce(nullif(r.household, ''), CAST(t.resident_id AS text))"
            if by.role is Role.VISITOR:
                # Who shares a home with whom shows nobody whose task it is.
                home = f"(CASE WHEN t.assignee_id IS NULL THEN '' ELSE {home} END)"
            return f"t.committee_code, {home}, t.task_id"
        case _:
            assert_never(sort)


def _key(sort: Sort, row: Listed, task: TaskShown | PoolTask, by: User) -> Key:
    match sort:
        case Sort.DUE:
            return (row.due_on, row.task_id)
        case Sort.CHANGE:
            return (row.updated_at, row.task_id)
        case Sort.URGENCY:
            tiers = [tier.value for tier in TIERS]
            closest = tiers.index(row.tier) if row.tier in tiers else len(tiers)
            return (task["lamp"].place, closest, row.due_on, row.task_id)
        case Sort.PLACE:
            is_hidden = by.role is Role.VISITOR and row.assignee_id is None
            home = "" if is_hidden else row.household or str(row.resident_id)
            return (row.committee_code, home, row.task_id)
        case _:
            assert_never(sort)


def _where(wanted: Filter, by: User, streets: Sequence[str], today: date) -> tuple[list[str], dict[str, object]]:
    where: list[str] = []
    values: dict[str, object] = {"streets": list(streets)}
    # Row-level security keeps other committees out as well; named here, the index serves it.
    is_pool = by.role is Role.VISITOR and wanted.assignee == _NOBODY
    if by.committees is not None and (by.role is not Role.VISITOR or is_pool):
        where.append("t.committee_code = ANY(:committees)")
        values["committees"] = list(by.committees)
    if by.role is Role.VISITOR:
        where.append(_POOL if is_pool else "t.assignee_id = :user")
        values |= {"user": by.user_id, "claimable": _CLAIMABLE}
    if wanted.mine:
        where.append("t.assignee_id = :user")
        values["user"] = by.user_id
    if wanted.assignee is not None:
        where.append("t.assignee_id IS NULL" if wanted.assignee == _NOBODY else "t.assignee_id = :assignee")
        values["assignee"] = wanted.assignee
    for column, value in (
        ("t.state", wanted.state),
        ("t.kind", wanted.kind),
        ("t.committee_code", wanted.committee),
        ("t.tier", wanted.tier),
        ("t.resident_id", wanted.resident_id),
    ):
        if value is not None:
            name = column.removeprefix("t.")
            where.append(f"{column} = :{name}")
            values[name] = value
    if wanted.resident_id is not None and by.role is Role.VISITOR:
        # Whose a task of the pool is, is found by asking for somebody's, too.
        where.append("t.assignee_id = :user")
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


_POOL: Final = "(t.assignee_id IS NULL AND t.state = 'open' AND t.kind = ANY(:claimable))"


def some(
    session: Session, task_ids: Sequence[UUID], *, by: User, keys: Keys | None, today: date
) -> list[TaskShown | PoolTask]:
    """Certain tasks of the caller's streets and committees, in order of due day."""
    found = session.execute(_SOME, {"streets": list(by.streets), "tasks": list(task_ids)})
    return shown.show(session, [Listed(*row) for row in found], by=by, keys=keys, today=today)


def one(session: Session, task_id: UUID, *, by: User, keys: Keys, today: date) -> TaskInFull | PoolTask:
    """One task with its history. A visitor sees their own and what they may claim, of that the place alone."""
    by.require(May.READ_TASKS)
    rows = [Listed(*row) for row in session.execute(_SOME, {"streets": list(by.streets), "tasks": [task_id]})]
    if not rows or (by.role is Role.VISITOR and rows[0].assignee_id not in (None, by.user_id)):
        raise NotFound(GONE)
    [task] = shown.show(session, rows, by=by, keys=keys, today=today)
    if shown.is_pool_item(rows[0], by):
        return task
    return {**task, "history": _history(session, rows[0], by=by)}  # type: ignore[typeddict-item]  # no pool item


def _history(session: Session, task: Listed, *, by: User) -> list[LineShown]:
    rows = session.execute(_HISTORY, {"streets": list(by.streets), "task": task.task_id}).all()
    names = users.names(session, [row.by_user_id for row in rows if row.by_user_id])
    withheld = () if shown.is_in_full(task, by) else _WRITTEN
    return [
        LineShown(
            at=row.at,
            what=TaskEventKind(row.what),
            by=shown.somebody(row.by_user_id, names.get(row.by_user_id)),
            details={name: said for name, said in (row.details or {}).items() if name not in withheld},
        )
        for row in rows
    ]


def counts(session: Session, streets: Sequence[str], *, now: datetime) -> dict[str, int]:
    """How many tasks are open in some streets, and how many of them overdue."""
    row = session.execute(_COUNTS, {"streets": list(streets), "today": clock.today(now)}).one()
    return {"open": row.open, "overdue": row.overdue}
