"""Taking back what somebody just did with a task: a slip is mended by whoever made it, and soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import NothingToUndo, UndoTooLate
from core.organisation.users import User
from core.policy.street_pass import StreetPass
from core.store import database, scopes
from core.store.words import Closing, TaskEventKind, TaskKind, TaskState
from core.tasks import reach
from core.tasks import rows as task_rows
from core.tasks.assignment import Barred, Choice
from core.tasks.desk import Desk
from core.tasks.rows import Task

# By business time, like everything about tasks: history says when something was done, and steps fire by it.
MINUTES: Final = 10

_MOVES: Final = (TaskEventKind.ASSIGNED, TaskEventKind.PULLED, TaskEventKind.CLAIMED, TaskEventKind.RELEASED)
# What goes on by itself and takes nothing from anybody.
_BY_ITSELF: Final = (TaskEventKind.CHANGED, TaskEventKind.PLANNED, TaskEventKind.ESCALATED)
_LAST: Final = text(
    "SELECT what, at, by_user_id, details FROM task_event WHERE street_code = :street AND task_id = :task"
    " AND NOT (what = ANY(:by_itself) AND by_user_id IS NULL) ORDER BY at DESC, event_id DESC LIMIT 1"
)
_TAKE_BACK: Final = text("DELETE FROM attempt WHERE street_code = :street AND attempt_id = :attempt")


@dataclass(frozen=True, slots=True)
class Before:
    """Whose a task was before it was given to somebody, why, and for which day it was planned."""

    user_id: UUID | None
    because: tuple[str, ...]
    planned_on: date | None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Before":
        """As a line of history has it."""
        planned = said["planned_on"]
        return cls(
            user_id=UUID(said["user_id"]) if said["user_id"] else None,
            because=tuple(said["because"]),
            planned_on=date.fromisoformat(planned) if planned else None,
        )


def undo(session: Session, task_id: UUID, *, by: User, now: datetime) -> None:
    """Take back the caller's last assignment, claim, release or attempt, unless something happened since."""
    pass_, task, _ = reach.open_task_and_resident(session, task_id, by=by, now=now)
    values = {"street": task.street_code, "task": task_id, "by_itself": list(_BY_ITSELF)}
    # Whoever gave a task back may no longer read its history, and yet it was they who did it.
    with database.widened(session, scopes.under(task.street_code)):
        last = session.execute(_LAST, values).one()
    what = TaskEventKind(last.what)
    if last.by_user_id != by.user_id or what not in (*_MOVES, TaskEventKind.ATTEMPT):
        raise NothingToUndo("您对这项任务没有可以撤销的操作，或者之后已有别的变动。")
    refuse_late(last.at, now)
    desk = Desk(pass_, [task.resident_id])
    if what is TaskEventKind.ATTEMPT:
        _take_back(pass_, desk, task, UUID(last.details["attempt_id"]), last.at, by=by)
    else:
        _undo_move(desk, task, last.details, by=by)
    desk.write()


def _undo_move(desk: Desk, task: Task, details: Mapping[str, Any], *, by: User) -> None:
    given = UUID(details["user_id"]) if details["user_id"] else None
    if task.assignee_id != given:
        raise NothingToUndo("这项任务之后又由别人接手，不能撤销。")
    if give_back(desk, task, Before.of(details["before"]), {}, by=by):
        raise NothingToUndo("原来的办理人现在不能办理这项任务，请重新分派。")


def _take_back(pass_: StreetPass, desk: Desk, task: Task, attempt_id: UUID, at: datetime, *, by: User) -> None:
    """An attempt that was never made, and the tasks that it raised in the same moment."""
    pass_.session.execute(_TAKE_BACK, {"street": task.street_code, "attempt": attempt_id})
    desk.note(task, TaskEventKind.UNDONE, {"attempt_id": attempt_id}, by=by.user_id)
    for raised in task_rows.open_of(pass_.session, task.street_code, [task.resident_id]):
        if raised.kind in (TaskKind.WELFARE_CHECK, TaskKind.CONFIRM) and raised.created_at == at:
            desk.close(raised, TaskState.CANCELLED, Closing.UNDONE, by=by.user_id)


def refuse_late(at: datetime, now: datetime) -> None:
    """Refuse to take back what was done too long ago."""
    if now > at + timedelta(minutes=MINUTES):
        raise UndoTooLate(f"已经超过 {MINUTES} 分钟，不能再撤销。")


def give_back(desk: Desk, task: Task, before: Before, details: Mapping[str, object], *, by: User) -> Barred | None:
    """A task as it was before somebody was given it; says why it cannot go back, if anything bars it."""
    barred = None if before.user_id is None else desk.barred(task, before.user_id, by_hand=True)
    if barred is not None:
        return barred
    day = before.planned_on
    if day is None or day < desk.pass_.today:
        day = desk.plan(task, before.user_id)
    task.batch_id = None
    if before.user_id == by.user_id:
        # From here on whose task it is is theirs to know again.
        database.admit(desk.pass_.session, [task.resident_id])
    choice = Choice(before.user_id, before.because, day)
    desk.give(task, choice, TaskEventKind.UNDONE, details, by=by.user_id)
    return None
