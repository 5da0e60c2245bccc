"""What people do with tasks: take them, give them back, hand them on, try, excuse, decide, complete."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import entering
from core.errors import Closed, Conflict, Invalid, NotAllowed, NotFound, Recused, Taken, WorkInProgress
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import rulebooks
from core.residents import queries as residents
from core.residents import standing
from core.store import bulk
from core.store.crypto import Keys
from core.store.ids import uuid7
from core.store.models import UserAccount
from core.tasks import assignment, decision_tasks, follow_ups, reconcile, visit_tasks, welfare
from rules.facts import Fact, FactKind, listed

GONE = "您的街镇、居村中没有这项任务。"
OUTCOMES = ("not_home", "refused", "moved", "hospital", "other")
PULLED = ("visit", "welfare_check", "lead")
COMPLETED = ("lead", "welfare_check", "follow_up")

Row = Mapping[str, Any]


def visible(session: Session, task_id: UUID, *, by: User, lock: bool = False) -> Row:
    """One task of the caller's streets and committees; a visitor's own, or one of the pool. Raises `NotFound`."""
    by.require(May.READ_TASKS)
    row = (
        session.execute(
            text(
                f"SELECT {visit_tasks.COLUMNS} FROM task WHERE street_code = ANY(:streets) AND task_id = :task"
                + (" FOR UPDATE" if lock else "")
            ),
            {"streets": list(by.streets), "task": task_id},
        )
        .mappings()
        .one_or_none()
    )
    if row is None or (by.role is Role.VISITOR and row["assignee_id"] not in (None, by.user_id)):
        raise NotFound(GONE)
    return dict(row)


def pull(session: Session, most: int, *, by: User, now: datetime) -> list[UUID]:
    """Take the most urgent unassigned tasks of the caller's committees, within capacity; returns them.

    Refused while too many of the caller's tasks are long overdue.
    """
    by.require(May.TAKE_TASKS)
    today = clock.today(now)
    if _is_absent(session, by.user_id, today):
        raise Conflict("您今天登记为请假，请先结束请假再领取任务。")
    _refuse_neglected(session, by, today)
    rows = (
        session.execute(
            text(
                f"SELECT {visit_tasks.COLUMNS} FROM task WHERE street_code = ANY(:streets) AND state = 'open'"
                " AND assignee_id IS NULL AND kind = ANY(:kinds)"
                " AND resident_id NOT IN (SELECT resident_id FROM recusal WHERE user_id = :user)"
                " ORDER BY due_on, task_id LIMIT :limit FOR UPDATE SKIP LOCKED"
            ),
            {
                "streets": list(by.streets),
                "kinds": list(PULLED),
                "user": by.user_id,
                "limit": max(0, min(most, _free(session, by, today))),
            },
        )
        .mappings()
        .all()
    )
    for row in rows:
        _give(session, dict(row), by.user_id, ("pulled",), "pulled", None, by=by, now=now)
    return [row["task_id"] for row in rows]


def _refuse_neglected(session: Session, by: User, today: date) -> None:
    """Who leaves tasks lying for long takes no new ones: their age counts, not only how many there are."""
    rulebook = rulebooks.of_street(session, by.street) if by.street else rulebooks.district(session)
    most = int(rulebook.parameter("wip_most_overdue", today).value)
    days = int(rulebook.parameter("wip_overdue_working_days", today).value)
    overdue: int = session.execute(
        text(
            "SELECT count(*) FROM task WHERE street_code = ANY(:streets) AND assignee_id = :user AND state = 'open'"
            " AND due_on < :long_ago"
        ),
        {
            "streets": list(by.streets),
            "user": by.user_id,
            "long_ago": rulebooks.calendar(session).shift(today, -days),
        },
    ).scalar_one()
    if overdue > most:
        raise WorkInProgress(
            f"您有 {overdue} 项任务逾期超过 {days} 个工作日，请先办理；不超过 {most} 项时才能领取新的。"
        )


def _free(session: Session, by: User, today: date) -> int:
    """How many more visits this month's capacity allows."""
    planned: int = session.execute(
        text(
            "SELECT count(*) FROM task WHERE street_code = ANY(:streets) AND assignee_id = :user AND kind = 'visit'"
            " AND (state = 'open' AND planned_on < :next OR state = 'done' AND closed_at >= :month)"
        ),
        {
            "streets": list(by.streets),
            "user": by.user_id,
            "month": clock.at(today.replace(day=1)),
            "next": (today.replace(day=1) + timedelta(days=32)).replace(day=1),
        },
    ).scalar_one()
    return by.capacity - planned


def claim(session: Session, task_id: UUID, *, by: User, now: datetime) -> None:
    """Take one unassigned task; who already has it keeps it, anybody else is told who has it."""
    by.require(May.TAKE_TASKS)
    row = _open(session, task_id, by=by)
    if row["assignee_id"] == by.user_id:
        return
    if row["assignee_id"] is not None:
        holder = users.names(session, [row["assignee_id"]]).get(row["assignee_id"], "")
        raise Taken(f"这项任务现在由{holder}办理。")
    _refuse_recused(session, by.user_id, row["resident_id"])
    _give(session, row, by.user_id, ("claimed",), "claimed", None, by=by, now=now)


def release(session: Session, task_id: UUID, reason: str, *, by: User, now: datetime) -> None:
    """Give a task back to its committee's pool."""
    row = _own(session, task_id, by=by)
    if row["assignee_id"] is None:
        raise Conflict("这项任务已在待领取之列。")
    _give(session, row, None, ("pool", "released"), "released", reason, by=by, now=now)


def assign(session: Session, task_id: UUID, user_id: UUID, reason: str, *, by: User, now: datetime) -> None:
    """Hand a task to somebody; the reason is kept with it."""
    by.require(May.ASSIGN_TASKS)
    row = _open(session, task_id, by=by)
    user = session.get(UserAccount, user_id)
    if user is None or not user.active or user.street_code != row["street_code"]:
        raise Invalid("任务须分派给本街镇在岗的人员。")
    if Role(user.role) not in (Role.STREET_ADVISOR, Role.COMMITTEE_ADVISOR, Role.VISITOR):
        raise Invalid("任务须分派给救助顾问或走访人员。")
    _refuse_recused(session, user_id, row["resident_id"])
    _give(session, row, user_id, ("override",), "assigned", reason, by=by, now=now)


def attempt(
    session: Session, task_id: UUID, outcome: str, on: date, note: str | None, *, by: User, now: datetime
) -> UUID | None:
    """Note that somebody went and could not; two `not_home` in a row raise a welfare check, which is returned (A18)."""
    by.require(May.RECORD_VISITS)
    row = _open(session, task_id, by=by)
    if outcome not in OUTCOMES:
        raise Invalid(f"结果须是下列之一：{listed(OUTCOMES)}。")
    if on > clock.today(now):
        raise Invalid("上门的日期在将来。")
    bulk.insert(
        session,
        "attempt",
        [
            {
                "street_code": row["street_code"],
                "attempt_id": uuid7(),
                "task_id": task_id,
                "resident_id": row["resident_id"],
                "outcome": outcome,
                "on": on,
                "note": note,
                "by_user_id": by.user_id,
                "created_at": now,
            }
        ],
    )
    _note(session, row, "attempt", {"outcome": outcome, "on": on}, by=by, now=now)
    found = standing.of(session, row["street_code"], [row["resident_id"]])
    return welfare.check(session, found[0], now=now) if found else None


def excuse(
    session: Session, task_id: UUID, kind: str, period: str | None, reason: str, *, by: User, now: datetime
) -> None:
    """Excuse one open duty of a task, with a reason (A18, A22); the street advisor answers for it."""
    by.require(May.DECIDE)
    seen = visible(session, task_id, by=by)
    # Residents are locked before tasks everywhere, so that two transactions cannot wait for each other.
    people_locked = standing.lock(session, seen["street_code"], [seen["resident_id"]])
    row = _open(session, task_id, by=by)
    found = session.execute(
        text(
            "UPDATE duty SET state = 'excused', reason = :reason, settled_at = :now, excuse = CAST(:excuse AS jsonb)"
            " WHERE street_code = :street AND duty_id = (SELECT duty_id FROM duty WHERE street_code = :street"
            "  AND task_id = :task AND kind = :kind AND state = 'open'"
            "  AND (CAST(:period AS text) IS NULL OR period = :period) ORDER BY due_on, duty_id LIMIT 1)"
            " RETURNING duty_id"
        ),
        {
            "reason": reason,
            "now": now,
            "excuse": bulk.dumps({"by": by.user_id, "at": now, "reason": reason}),
            "street": row["street_code"],
            "task": task_id,
            "kind": kind,
            "period": period,
        },
    ).one_or_none()
    if found is None:
        raise NotFound("这项任务没有这样一次待办的走访。")
    _note(session, row, "excused", {"kind": kind, "period": period, "reason": reason}, by=by, now=now)
    reconcile.after_visits(session, row["street_code"], people_locked, clock.today(now), now=now)


def decide(
    session: Session,
    task_id: UUID,
    outcome: str,
    until: date | None,
    result: str,
    keys: Keys,
    *,
    by: User,
    now: datetime,
) -> None:
    """Decide an old major change (A1: `close`, `extend`) or an illness found on a visit (A8: `confirm`, `reject`)."""
    by.require(May.DECIDE)
    row = _open(session, task_id, by=by)
    allowed = {"decision": ("close", "extend"), "confirm": ("confirm", "reject")}.get(row["kind"], ())
    if outcome not in allowed:
        raise Invalid(f"这类任务可以作的决定：{listed(allowed) or '没有'}。")
    subject, _, day = row["subject"].partition(":")
    if subject == "late_entry":
        _judge_late_entry(session, row, UUID(day), is_approved=outcome == "confirm", now=now)
        _close(session, row, {"outcome": outcome, "result": result}, by=by, now=now)
        return
    fact = _fact(session, row, FactKind(subject), date.fromisoformat(day), by=by)
    event_type, entry = decision_tasks.event_of(session, row, fact, outcome, until, result, now=now)
    entering.enter(
        session, row["street_code"], row["resident_id"], event_type, entry, entry, keys, by=by.user_id, now=now
    )
    _close(session, row, {"outcome": outcome, "until": until, "result": result}, by=by, now=now)


def _judge_late_entry(session: Session, row: Row, visit_id: UUID, *, is_approved: bool, now: datetime) -> None:
    """An approved late entry credits by its service date; a rejected one stays recorded, without credit (A21)."""
    if not is_approved:
        return
    service_date: date = session.execute(
        text(
            "UPDATE visit_resident SET approved_on = :today WHERE street_code = :street AND visit_id = :visit"
            " AND resident_id = :resident RETURNING service_date"
        ),
        {
            "today": clock.today(now),
            "street": row["street_code"],
            "visit": visit_id,
            "resident": row["resident_id"],
        },
    ).scalar_one()
    locked = standing.lock(session, row["street_code"], [row["resident_id"]])
    reconcile.after_visits(session, row["street_code"], locked, service_date, now=now)


def _fact(session: Session, row: Row, kind: FactKind, began: date, *, by: User) -> Fact:
    found = residents.visible(session, [row["resident_id"]], by=by)
    if found:
        for fact in residents.known(session, found[0])[0].facts:
            if fact.kind is kind and fact.valid_from == began:
                return fact
    raise Conflict("这项任务所问的内容已不存在，没有什么需要决定。")


def complete(session: Session, task_id: UUID, result: str, *, by: User, now: datetime) -> None:
    """Close a lead, a welfare check or a follow-up with its result."""
    row = _own(session, task_id, by=by)
    if row["kind"] not in COMPLETED:
        raise Invalid("这类任务不能直接办结，须由走访或决定来了结。")
    if row["kind"] == "follow_up":
        follow_ups.settle(session, row["street_code"], [row["resident_id"]], clock.today(now), visit_id=None, now=now)
        row = visible(session, task_id, by=by)
        _note(session, row, "completed", {"result": result}, by=by, now=now)
        return
    _close(session, row, {"result": result}, by=by, now=now)


def _open(session: Session, task_id: UUID, *, by: User) -> Row:
    row = visible(session, task_id, by=by, lock=True)
    if row["state"] != "open":
        raise Closed("这项任务已经结束。")
    return row


def _own(session: Session, task_id: UUID, *, by: User) -> Row:
    """An open task of the caller, or of anybody for those who assign tasks."""
    row = _open(session, task_id, by=by)
    if row["assignee_id"] is None and not by.may(May.ASSIGN_TASKS):
        raise Conflict("这项任务还没有人领取。")
    if row["assignee_id"] != by.user_id and not by.may(May.ASSIGN_TASKS):
        raise NotAllowed("这项任务由别人办理，请由街镇调整。")
    return row


def _refuse_recused(session: Session, user_id: UUID, resident_id: UUID) -> None:
    if session.execute(
        text("SELECT EXISTS (SELECT FROM recusal WHERE user_id = :user AND resident_id = :resident)"),
        {"user": user_id, "resident": resident_id},
    ).scalar_one():
        raise Recused("这个人员对这位居民须回避。")


def _is_absent(session: Session, user_id: UUID, today: date) -> bool:
    absent: bool = session.execute(
        text("SELECT EXISTS (SELECT FROM absence WHERE user_id = :user AND :today BETWEEN from_on AND to_on)"),
        {"user": user_id, "today": today},
    ).scalar_one()
    return absent


def _give(
    session: Session,
    row: Row,
    user_id: UUID | None,
    because: tuple[str, ...],
    what: str,
    reason: str | None,
    *,
    by: User,
    now: datetime,
) -> None:
    calendar, today = rulebooks.calendar(session), clock.today(now)
    roster = assignment.Roster(session, row["street_code"], calendar, today=today)
    fresh = {
        "street_code": row["street_code"],
        "task_id": row["task_id"],
        "assignee_id": user_id,
        "assigned_because": list(because),
        "planned_on": roster.plan(user_id, row["committee_code"], row["due_on"]),
        "updated_at": now,
    }
    bulk.update(session, "task", [fresh], key=("street_code", "task_id"))
    _note(session, row, what, {"user_id": user_id, "reason": reason, "because": because}, by=by, now=now)


def _close(session: Session, row: Row, details: Mapping[str, Any], *, by: User, now: datetime) -> None:
    fresh = {
        "street_code": row["street_code"],
        "task_id": row["task_id"],
        "state": "done",
        "closed_at": now,
        "closed_because": str(details.get("outcome", "completed")),
        "next_step_at": None,
        "updated_at": now,
    }
    bulk.update(session, "task", [fresh], key=("street_code", "task_id"))
    _note(session, row, "done", details, by=by, now=now)


def _note(session: Session, row: Row, what: str, details: Mapping[str, Any], *, by: User, now: datetime) -> None:
    line = visit_tasks.event(row["street_code"], row["task_id"], what, details, by=by.user_id, now=now)
    bulk.insert(session, "task_event", [line])
