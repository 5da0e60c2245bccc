"""Which task somebody may lay hands on, and how it is locked before they do."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Closed, Conflict, NotAllowed, NotFound
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import standing
from core.residents.standing import Standing
from core.store.locks import FOR_CHANGE
from core.tasks.rows import TASKS, Task

GONE: Final = "您的街镇、居村中没有这项任务。"
OVER: Final = "这项任务已经结束。"
_ONE: Final = f"SELECT {TASKS.columns()} FROM task WHERE street_code = ANY(:streets) AND task_id = :task"


def visible(session: Session, task_id: UUID, *, by: User, locking: str = "") -> Task:
    """One task of the caller's streets and committees; a visitor's own, or one of the pool. Raises `NotFound`."""
    by.require(May.READ_TASKS)
    found = TASKS.read(session.execute(text(f"{_ONE} {locking}"), {"streets": list(by.streets), "task": task_id}))
    if not found or (by.role is Role.VISITOR and found[0].assignee_id not in (None, by.user_id)):
        raise NotFound(GONE)
    return found[0]


def open_task(session: Session, task_id: UUID, *, by: User, now: datetime) -> tuple[StreetPass, Task]:
    """A task that is still to be done, locked, and the pass in which something is done about it."""
    task = visible(session, task_id, by=by, locking=FOR_CHANGE)
    if not task.is_open:
        raise Closed(OVER)
    return street_pass.begin(session, task.street_code, now=now), task


def open_task_and_resident(
    session: Session, task_id: UUID, *, by: User, now: datetime
) -> tuple[StreetPass, Task, list[Standing]]:
    """The same with the resident, who is locked first, as everywhere; nobody when they moved away."""
    pass_, task, residents = task_and_resident(session, task_id, by=by, now=now)
    if not task.is_open:
        raise Closed(OVER)
    return pass_, task, residents


def task_and_resident(
    session: Session, task_id: UUID, *, by: User, now: datetime
) -> tuple[StreetPass, Task, list[Standing]]:
    """A task, open or closed, with its resident; both are locked, the resident first."""
    seen = visible(session, task_id, by=by)
    residents = standing.lock(session, seen.street_code, [seen.resident_id])
    task = visible(session, task_id, by=by, locking=FOR_CHANGE)
    return street_pass.begin(session, task.street_code, now=now), task, residents


def require_own(task: Task, *, by: User) -> None:
    """Only who has a task, or who assigns tasks, goes on with it."""
    if task.assignee_id == by.user_id or by.may(May.ASSIGN_TASKS):
        return
    if task.assignee_id is None:
        raise Conflict("这项任务还没有人领取。")
    raise NotAllowed("这项任务由别人办理，请由街镇调整。")
