"""Handing on the work of somebody who leaves: one previewed batch, with a result for every task, that can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Conflict, Invalid, NotFound
from core.organisation import users
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import street_pass
from core.staff import accounts, placements
from core.staff.placements import Placement, Placing, Recipient
from core.store.ids import uuid7
from core.store.locks import FOR_CHANGE
from core.store.words import TaskEventKind
from core.tasks.assignment import ROLES
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task

# What a batch did, a line of history for each task.
_BATCH: Final = text(
    "SELECT task_id, details FROM task_event WHERE street_code = :street AND what = :what"
    " AND details->>'batch_id' = :batch AND details->>'from' = :user ORDER BY task_id"
)
_GIVEN: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND task_id = ANY(:tasks)"
    f" ORDER BY task_id {FOR_CHANGE}"
)


class HandedOver(TypedDict):
    """What becomes of one task."""

    task_id: UUID
    resident_id: UUID
    to: Recipient | None
    because: list[str]
    planned_on: date | None
    result: str
    reason: str | None


class Handover(TypedDict):
    """A batch: without an id it was only worked out."""

    batch_id: UUID | None
    dry_run: bool
    rows: list[HandedOver]
    unplaced: int


@dataclass(frozen=True, slots=True)
class _Given:
    """To whom a batch gave a task, and how it was before."""

    user_id: UUID | None
    because_before: tuple[str, ...]
    planned_before: date | None

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "_Given":
        """As the line of history has it."""
        to, before = details["user_id"], details["before"]
        planned = date.fromisoformat(before["planned_on"]) if before["planned_on"] else None
        return cls(UUID(to) if to else None, tuple(before["because"]), planned)


def hand_over(session: Session, user_id: UUID, to: UUID | None, *, dry_run: bool, by: User, now: datetime) -> Handover:
    """Give every open task of a user to one person, or each to whom it would go without them.

    A dry run works out the same and writes nothing.
    """
    street = _street(session, user_id, by)
    if to is not None:
        _check_recipient(session, user_id, to, by)
    tasks = placements.held(session, street, user_id, lock=not dry_run)
    desk = Desk(street_pass.begin(session, street, now=now), [task.resident_id for task in tasks])
    placing = Placing(desk)
    if to is None:
        placed = [placing.anew(task, without=user_id) for task in tasks]
    else:
        placed = [placing.to(task, to, ("handover",)) for task in tasks]
    batch_id = None if dry_run else uuid7()
    answer = _answer(session, batch_id, placed, dry_run=dry_run)
    if not dry_run:
        details = {"batch_id": batch_id, "from": user_id, "reason": "handover"}
        placements.write(desk, placed, TaskEventKind.HANDED_OVER, details, by=by.user_id)
    return answer


def revert(session: Session, user_id: UUID, batch_id: UUID, *, by: User, now: datetime) -> Handover:
    """Give back what is still open and still with whom the batch gave it."""
    street = _street(session, user_id, by)
    if not accounts.one(session, user_id, by=by)["active"]:
        raise Conflict("这个人员的账号已停用，请先启用再交还任务。")
    given = _batch(session, street, user_id, batch_id)
    if not given:
        raise NotFound("没有这个人员的这次交接。")
    found = TASKS.read(session.execute(_GIVEN, {"street": street, "tasks": list(given)}))
    desk = Desk(street_pass.begin(session, street, now=now), [task.resident_id for task in found])
    placing = Placing(desk)
    placed = [_back(task, user_id, given[task.task_id], placing, desk) for task in placements.by_urgency(found)]
    answer = _answer(session, batch_id, placed, dry_run=False)
    details = {"batch_id": batch_id, "from": user_id, "reason": "handover_reverted"}
    placements.write(desk, placed, TaskEventKind.HANDOVER_REVERTED, details, by=by.user_id)
    return answer


def _back(task: Task, user_id: UUID, given: _Given, placing: Placing, desk: Desk) -> Placement:
    """A task as it was before a batch, unless it went on since; with the day it had, while that is still to come."""
    if not task.is_open:
        return placing.keep(task, "closed")
    if task.assignee_id != given.user_id:
        return placing.keep(task, "moved_on")
    back = placing.to(task, user_id, ())
    if back.reason:
        return back
    day = given.planned_before
    if day is not None and (day < desk.pass_.today or not placing.is_there(back.user_id, day)):
        day = back.planned_on
    return replace(back, because=given.because_before, planned_on=day)


def _street(session: Session, user_id: UUID, by: User) -> str:
    by.require(May.HAND_OVER)
    street = accounts.one(session, user_id, by=by)["street"]
    if street is None:
        raise Invalid("只有街镇的人员才有任务可以交接。")
    return str(street)


def _check_recipient(session: Session, user_id: UUID, to: UUID, by: User) -> None:
    """Somebody who can have tasks at all; whether they can have each of them is said task by task."""
    if to == user_id:
        raise Invalid("任务须交给另一个人。")
    account = accounts.one(session, to, by=by)
    if not account["active"] or account["role"] not in ROLES:
        raise Invalid("任务须交给在岗的救助顾问或走访人员。")


def _batch(session: Session, street: str, user_id: UUID, batch_id: UUID) -> dict[UUID, _Given]:
    values = {"street": street, "what": TaskEventKind.HANDED_OVER, "batch": str(batch_id), "user": str(user_id)}
    return {row.task_id: _Given.of(row.details) for row in session.execute(_BATCH, values)}


def _answer(session: Session, batch_id: UUID | None, placed: Sequence[Placement], *, dry_run: bool) -> Handover:
    """What becomes of each task; asked before it is written, while each task is still as it was."""
    names = users.names(session, [placement.user_id for placement in placed if placement.user_id])
    goes = "moves" if dry_run else "moved"
    rows = [
        HandedOver(
            task_id=placement.task.task_id,
            resident_id=placement.task.resident_id,
            to=Recipient(user_id=placement.user_id, name=names[placement.user_id])
            if placement.user_id and not placement.stays
            else None,
            because=[] if placement.stays else list(placement.because),
            planned_on=placement.planned_on,
            result="stays" if placement.stays else goes,
            reason=placement.reason,
        )
        for placement in placed
    ]
    return Handover(batch_id=batch_id, dry_run=dry_run, rows=rows, unplaced=sum(row["to"] is None for row in rows))
