"""Many tasks handed on in one act, with a result for every one of them, that can be taken back for a while."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid, NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import street_pass
from core.store.ids import uuid7
from core.store.locks import FOR_CHANGE
from core.store.words import TaskEventKind
from core.tasks import undoing
from core.tasks.assignment import Barred, Choice
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task

_ASKED: Final = text(
    "SELECT street_code, task_id FROM task WHERE street_code = ANY(:streets) AND task_id = ANY(:tasks)"
)
_OF_BATCH: Final = text("SELECT street_code, task_id FROM task WHERE street_code = ANY(:streets) AND batch_id = :batch")
_LOCKED: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND task_id = ANY(:tasks)"
    f" ORDER BY task_id {FOR_CHANGE}"
)
_DONE: Final = text(
    "SELECT task_id, at, details FROM task_event WHERE street_code = :street AND task_id = ANY(:tasks)"
    " AND details->>'batch_id' = :batch AND what IN ('assigned', 'handed_over') ORDER BY at, event_id"
)
GONE: Final = "您的街镇中没有这次批量操作，或者它已经撤销。"


class Result(StrEnum):
    """What became of one task of many."""

    MOVED = "moved"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Because(StrEnum):
    """Why a task of many was left as it is, where nothing about the person bars it."""

    NOT_FOUND = "not_found"
    CLOSED = "closed"
    MOVED_ON = "moved_on"


class RowDone(TypedDict):
    """What became of one task; `because` says why it was refused."""

    task_id: UUID
    result: Result
    because: Barred | Because | None


class BatchDone(TypedDict):
    """What became of many tasks, in the order in which they were named."""

    batch_id: UUID
    rows: list[RowDone]


@dataclass(frozen=True, slots=True)
class _Given:
    """To whom an act gave a task, when, and how it was before."""

    user_id: UUID | None
    at: datetime
    before: undoing.Before

    @classmethod
    def of(cls, row: Any) -> "_Given":
        """As the line of history has it."""
        to = row.details["user_id"]
        return cls(UUID(to) if to else None, row.at, undoing.Before.of(row.details["before"]))


def assign(
    session: Session, task_ids: Sequence[UUID], user_id: UUID | None, reason: str, *, by: User, now: datetime
) -> BatchDone:
    """Hand many tasks to one person, or back into their pools; what is out of the caller's reach is refused as unknown.

    Street by street, and each task for itself: one that cannot go does not keep the others.
    """
    by.require(May.ASSIGN_TASKS)
    wanted = list(dict.fromkeys(task_ids))
    batch_id = uuid7()
    done: dict[UUID, RowDone] = {}
    for street, ids in _by_street(session, _ASKED, {"streets": list(by.streets), "tasks": wanted}).items():
        desk, tasks = _locked(session, street, ids, now=now)
        for task in tasks:
            done[task.task_id] = _assign(desk, task, user_id, {"reason": reason, "batch_id": batch_id}, by=by)
        desk.write()
    rows = [done.get(task_id) or _row(task_id, Result.REFUSED, Because.NOT_FOUND) for task_id in wanted]
    if not rows:
        raise Invalid("请至少选择一项任务。")
    return BatchDone(batch_id=batch_id, rows=rows)


def _assign(desk: Desk, task: Task, user_id: UUID | None, details: Mapping[str, Any], *, by: User) -> RowDone:
    if not task.is_open:
        return _row(task.task_id, Result.REFUSED, Because.CLOSED)
    if task.assignee_id == user_id:
        return _row(task.task_id, Result.UNCHANGED)
    if user_id is not None and (barred := desk.barred(task, user_id, by_hand=True)):
        return _row(task.task_id, Result.REFUSED, barred)
    because = ("pool", "override") if user_id is None else ("override",)
    task.batch_id = details["batch_id"]
    choice = Choice(user_id, because, desk.plan(task, user_id))
    desk.give(task, choice, TaskEventKind.ASSIGNED, details, by=by.user_id)
    return _row(task.task_id, Result.MOVED)


def undo(session: Session, batch_id: UUID, *, by: User, now: datetime) -> BatchDone:
    """Give back what is still open and still with whom the act gave it; soon after, and within the caller's streets."""
    by.require(May.ASSIGN_TASKS)
    rows: list[RowDone] = []
    for street, ids in _by_street(session, _OF_BATCH, {"streets": list(by.streets), "batch": batch_id}).items():
        desk, tasks = _locked(session, street, ids, now=now)
        values = {"street": street, "tasks": ids, "batch": str(batch_id)}
        given = {row.task_id: _Given.of(row) for row in session.execute(_DONE, values)}
        for task in tasks:
            undoing.refuse_late(given[task.task_id].at, now)
            rows.append(_give_back(desk, task, given[task.task_id], batch_id, by=by))
        desk.write()
    if not rows:
        raise NotFound(GONE)
    return BatchDone(batch_id=batch_id, rows=rows)


def _give_back(desk: Desk, task: Task, given: _Given, batch_id: UUID, *, by: User) -> RowDone:
    if not task.is_open:
        return _row(task.task_id, Result.REFUSED, Because.CLOSED)
    if task.assignee_id != given.user_id:
        return _row(task.task_id, Result.REFUSED, Because.MOVED_ON)
    if barred := undoing.give_back(desk, task, given.before, {"batch_id": batch_id}, by=by):
        return _row(task.task_id, Result.REFUSED, barred)
    return _row(task.task_id, Result.MOVED)


def _by_street(session: Session, statement: Any, values: Mapping[str, object]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for row in session.execute(statement, values):
        found[row.street_code].append(row.task_id)
    return dict(sorted(found.items()))


def _locked(session: Session, street: str, ids: Sequence[UUID], *, now: datetime) -> tuple[Desk, list[Task]]:
    """A desk of one street with some tasks, the most urgent first."""
    tasks = TASKS.read(session.execute(_LOCKED, {"street": street, "tasks": list(ids)}))
    desk = Desk(street_pass.begin(session, street, now=now), [task.resident_id for task in tasks])
    return desk, sorted(tasks, key=lambda task: (task.due_on, task.task_id))


def _row(task_id: UUID, result: Result, because: Barred | Because | None = None) -> RowDone:
    return RowDone(task_id=task_id, result=result, because=because)
