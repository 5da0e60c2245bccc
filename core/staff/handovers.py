"""Handing on the work of somebody who leaves: one previewed batch, with a result for every task, that can be undone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Conflict, Invalid, NotFound
from core.organisation import users
from core.organisation.roles import May
from core.organisation.users import User
from core.staff import accounts, placements
from core.staff.placements import Placement, Placing
from core.store.ids import uuid7
from core.tasks.assignment import ROLES

HANDED_OVER, TAKEN_BACK = "handed_over", "handover_reverted"


def hand_over(
    session: Session, user_id: UUID, to: UUID | None, *, dry_run: bool, by: User, now: datetime
) -> dict[str, Any]:
    """Give every open task of a user to one person, or each to whom it would go without them.

    A dry run works out the same and writes nothing.
    """
    street = _street(session, user_id, by)
    if to is not None:
        _check_recipient(session, user_id, to, by)
    rows = placements.held(session, street, user_id, lock=not dry_run)
    placing = Placing(session, street, rows, now=now)
    if to is None:
        found = [placing.anew(row, without=user_id) for row in rows]
    else:
        found = [placing.to(row, to, ("handover",)) for row in rows]
    batch_id = None
    if not dry_run:
        batch_id = uuid7()
        details = {"batch_id": batch_id, "from": user_id, "reason": "handover"}
        placements.write(session, found, HANDED_OVER, details, by=by.user_id, now=now)
    return _answer(session, batch_id, found, dry_run=dry_run)


def revert(session: Session, user_id: UUID, batch_id: UUID, *, by: User, now: datetime) -> dict[str, Any]:
    """Give back what is still open and still with whom the batch gave it."""
    street = _street(session, user_id, by)
    if not accounts.one(session, user_id, by=by)["active"]:
        raise Conflict("这个人员的账号已停用，请先启用再交还任务。")
    told = _batch(session, street, user_id, batch_id)
    if not told:
        raise NotFound("没有这个人员的这次交接。")
    given = {row["task_id"]: row for row in told}
    rows = _given(session, street, list(given))
    placing = Placing(session, street, rows, now=now)
    found = []
    for row in rows:
        if row["state"] != "open":
            found.append(placing.keep(row, "closed"))
        elif not _is_where_it_was_put(row, given):
            found.append(placing.keep(row, "moved_on"))
        else:
            back = placing.to(row, user_id, ())
            found.append(back if back.reason else _as_before(back, given[row["task_id"]], clock.today(now), placing))
    details = {"batch_id": batch_id, "from": user_id, "reason": "handover_reverted"}
    placements.write(session, found, TAKEN_BACK, details, by=by.user_id, now=now)
    return _answer(session, batch_id, found, dry_run=False)


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


def _is_where_it_was_put(row: Mapping[str, Any], given: Mapping[UUID, Mapping[str, Any]]) -> bool:
    to = given[row["task_id"]]["details"]["user_id"]
    return bool(row["state"] == "open" and row["assignee_id"] == (UUID(to) if to else None))


def _as_before(back: Placement, event: Mapping[str, Any], today: date, placing: Placing) -> Placement:
    """With the reasons and, while it is still to come, the day it had."""
    before = event["details"]["before"]
    planned_on = date.fromisoformat(before["planned_on"]) if before["planned_on"] else None
    candidate = placing.roster.candidate(back.user_id) if back.user_id else None
    if planned_on is not None and (planned_on < today or (candidate and candidate.is_absent(planned_on))):
        planned_on = back.planned_on
    return Placement(back.task, back.user_id, tuple(before["because"]), planned_on)


def _batch(session: Session, street: str, user_id: UUID, batch_id: UUID) -> list[Mapping[str, Any]]:
    """What a batch did, a line of history for each task."""
    rows = session.execute(
        text(
            "SELECT task_id, details FROM task_event WHERE street_code = :street AND what = :what"
            " AND details->>'batch_id' = :batch AND details->>'from' = :user ORDER BY task_id"
        ),
        {"street": street, "what": HANDED_OVER, "batch": str(batch_id), "user": str(user_id)},
    ).mappings()
    return [dict(row) for row in rows]


def _given(session: Session, street: str, task_ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
    rows = session.execute(
        text(
            f"SELECT {placements.COLUMNS}, t.state FROM task t JOIN resident r USING (street_code, resident_id)"
            " WHERE t.street_code = :street AND t.task_id = ANY(:tasks) ORDER BY t.task_id FOR UPDATE OF t"
        ),
        {"street": street, "tasks": list(task_ids)},
    ).mappings()
    return sorted((dict(row) for row in rows), key=lambda row: (row["due_on"], row["task_id"]))


def _answer(session: Session, batch_id: UUID | None, found: Sequence[Placement], *, dry_run: bool) -> dict[str, Any]:
    names = users.names(session, [one.user_id for one in found if one.user_id])
    goes = "moves" if dry_run else "moved"
    rows = [
        {
            "task_id": one.task["task_id"],
            "resident_id": one.task["resident_id"],
            "to": {"user_id": one.user_id, "name": names[one.user_id]} if one.user_id and not one.stays else None,
            "because": [] if one.stays else list(one.because),
            "planned_on": one.planned_on,
            "result": "stays" if one.stays else goes,
            "reason": one.reason,
        }
        for one in found
    ]
    return {
        "batch_id": batch_id,
        "dry_run": dry_run,
        "rows": rows,
        "unplaced": sum(row["to"] is None for row in rows),
    }
