"""Open tasks that somebody has to let go of: to whom each goes, and why; worked out first, then written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation import users
from core.policy import street_pass
from core.store import scopes
from core.store.database import widened
from core.store.locks import FOR_CHANGE
from core.store.words import TaskEventKind, TaskKind
from core.tasks.assignment import Choice
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task

# Locked in the one order in which everybody locks tasks.
_HELD: Final = (
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND assignee_id = :user AND state = 'open'"
    " ORDER BY task_id"
)


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of one task, which is still as it was; `reason` says why it stays with whom it is."""

    task: Task
    user_id: UUID | None
    because: tuple[str, ...]
    planned_on: date | None
    reason: str | None = None

    @property
    def stays(self) -> bool:
        """Whether it keeps its assignee."""
        return self.user_id == self.task.assignee_id

    @property
    def is_change(self) -> bool:
        """Whether anything about the task changes."""
        return not self.stays or self.planned_on != self.task.planned_on


class Recipient(TypedDict):
    """To whom a task goes."""

    user_id: UUID
    name: str


class Moved(TypedDict):
    """A task that moved, for whoever caused it."""

    task_id: UUID
    resident_id: UUID
    to: Recipient | None
    because: list[str]
    planned_on: date | None
    result: str


def held(session: Session, street: str, user_id: UUID, *, lock: bool = True) -> list[Task]:
    """The open tasks of a user, most urgent first; with `lock` nobody else changes them until the end."""
    statement = text(f"{_HELD} {FOR_CHANGE if lock else ''}")
    return by_urgency(TASKS.read(session.execute(statement, {"street": street, "user": user_id})))


def by_urgency(tasks: Sequence[Task]) -> list[Task]:
    """The order in which tasks are placed."""
    return sorted(tasks, key=lambda task: (task.due_on, task.task_id))


class Placing:
    """One pass over some tasks of a street: where each could go, worked out at its desk and not written."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def anew(self, task: Task, *, without: UUID) -> Placement:
        """As a new task would be given, but not to one of them."""
        choice = self._desk.reassign(task, without=(without,))
        return Placement(task, choice.user_id, choice.because, choice.planned_on)

    def to(self, task: Task, user_id: UUID, because: tuple[str, ...]) -> Placement:
        """To one certain person, unless something forbids it."""
        forbidden = self._desk.barred(task, user_id)
        if forbidden is not None:
            return self.keep(task, forbidden)
        planned_on = self._desk.plan(task, user_id) if task.kind is TaskKind.VISIT else task.planned_on
        return Placement(task, user_id, because, planned_on)

    def keep(self, task: Task, reason: str | None) -> Placement:
        """As it is."""
        return Placement(task, task.assignee_id, task.assigned_because, task.planned_on, reason)

    def moved_within(self, task: Task, user_id: UUID) -> Placement | None:
        """On a day of its window on which its visitor is there; None when there is none."""
        candidate = self._desk.roster.candidate(user_id)
        present = candidate.present(self._desk.roster.window(task.due_on)) if candidate else ()
        if candidate is None or not present:
            return None
        if task.planned_on is None or not candidate.is_absent(task.planned_on):
            return self.keep(task, None)
        day = self._desk.plan(task, user_id) if task.kind is TaskKind.VISIT else present[-1]
        return Placement(task, user_id, task.assigned_because, day)

    def is_there(self, user_id: UUID | None, day: date) -> bool:
        """Whether a day is none of somebody's absences."""
        candidate = self._desk.roster.candidate(user_id) if user_id else None
        return candidate is None or not candidate.is_absent(day)


def write(
    desk: Desk, placements: Sequence[Placement], what: TaskEventKind, details: Mapping[str, object], *, by: UUID | None
) -> None:
    """Give the tasks to whom they go, each with a line of history; what stays as it is is left alone."""
    for placement in placements:
        if not placement.is_change:
            continue
        desk.give(
            placement.task,
            Choice(placement.user_id, placement.because, placement.planned_on),
            TaskEventKind.PLANNED if placement.stays else what,
            details,
            by=by,
        )
    desk.write()


def absence_entered(
    session: Session, street: str, user_id: UUID, *, due_until: date | None = None, by: UUID | None, now: datetime
) -> list[Moved]:
    """Move the visits of somebody who will be away: to another day while one is left in time, else to somebody else.

    `due_until`: they are away already, and what is due by then, or overdue, goes to somebody else at once (A39).
    """
    with widened(session, scopes.under(street)):
        tasks = held(session, street, user_id)
        desk = _desk(session, street, tasks, now=now)
        placing = Placing(desk)
        placed = [
            (None if due_until and task.due_on <= due_until else placing.moved_within(task, user_id))
            or placing.anew(task, without=user_id)
            for task in tasks
        ]
        return _carry_out(desk, placed, "absence", by=by)


def taken_away(
    session: Session,
    street: str,
    user_id: UUID,
    reason: str,
    *,
    resident_id: UUID | None = None,
    outside: Sequence[str] | None = None,
    by: UUID | None,
    now: datetime,
) -> list[Moved]:
    """Give a user's open tasks to others: those of one resident, those `outside` some committees, or all."""
    with widened(session, scopes.under(street)):
        tasks = [
            task
            for task in held(session, street, user_id)
            if (resident_id is None or task.resident_id == resident_id)
            and (outside is None or task.committee_code not in outside)
        ]
        desk = _desk(session, street, tasks, now=now)
        placing = Placing(desk)
        return _carry_out(desk, [placing.anew(task, without=user_id) for task in tasks], reason, by=by)


def _desk(session: Session, street: str, tasks: Sequence[Task], *, now: datetime) -> Desk:
    return Desk(street_pass.begin(session, street, now=now), [task.resident_id for task in tasks])


def _carry_out(desk: Desk, placed: Sequence[Placement], reason: str, *, by: UUID | None) -> list[Moved]:
    """Write placements; returns what moved."""
    changed = [(placement, placement.stays) for placement in placed if placement.is_change]
    write(desk, placed, TaskEventKind.ASSIGNED, {"reason": reason}, by=by)
    names = users.names(desk.pass_.session, [placement.user_id for placement in placed if placement.user_id])
    return [
        Moved(
            task_id=placement.task.task_id,
            resident_id=placement.task.resident_id,
            to=Recipient(user_id=placement.user_id, name=names[placement.user_id]) if placement.user_id else None,
            because=list(placement.because),
            planned_on=placement.planned_on,
            result="planned" if stays else "moved",
        )
        for placement, stays in changed
    ]
