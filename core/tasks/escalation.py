"""When nobody went, somebody above hears of it (A36): each level of a task's chain exactly once, in working hours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core import clock
from core.notifications import outbox
from core.policy import rulebooks, working_hours
from core.store import bulk
from core.store.ids import uuid7
from core.store.models import Task
from core.tasks import assignment
from rules.calendar import WorkingCalendar

Step = Mapping[str, Any]


def due_at(due_on: date, step: Step, calendar: WorkingCalendar) -> datetime:
    """The instant at which a step is due: the opening of its working day."""
    return clock.at(calendar.shift(due_on, int(step["after_working_days"])), calendar.opens)


def next_step_at(
    due_on: date, steps: Sequence[Step], level: int, calendar: WorkingCalendar, *, now: datetime
) -> datetime | None:
    """When the step after `level` fires: a step already past fires in the next working hour."""
    if level >= len(steps):
        return None
    return max(due_at(due_on, steps[level], calendar), working_hours.next_open(now, calendar))


def escalate_due(session: Session, street: str, *, now: datetime, limit: int = 200) -> int:
    """Fire the steps of a street that are due, the longest waiting first; returns how many tasks moved."""
    calendar = rulebooks.calendar(session)
    if not working_hours.are_now(now, calendar):
        return 0
    # READ COMMITTED is enough: the row lock is what stops two heartbeats from firing the same step.
    due = session.exec(
        select(Task)
        .where(Task.street_code == street, col(Task.next_step_at) <= now, Task.state == "open")
        .order_by(col(Task.next_step_at), col(Task.task_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return 0
    people = _Recipients(session, street)
    rows: list[dict[str, Any]] = []
    told: list[outbox.Message] = []
    for task in due:
        rows.extend(_climb(session, task, people, calendar, told, now=now))
    outbox.post_all(session, street, told, now=now)
    bulk.insert(session, "escalation", rows, on_conflict="ON CONFLICT (street_code, task_id, level) DO NOTHING")
    return len(due)


def _climb(
    session: Session,
    task: Task,
    people: "_Recipients",
    calendar: WorkingCalendar,
    told: list[outbox.Message],
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """Every step of one task that is due by now, in order; who is to hear of it goes into `told`."""
    fired: list[dict[str, Any]] = []
    while task.escalation_level < len(task.chain):
        step = task.chain[task.escalation_level]
        at = due_at(task.due_on, step, calendar)
        if at > now:
            break
        level = task.escalation_level + 1
        to, recipients = people.reached(task, level)
        note = None if to == step["to"] else f"no recipient at {step['to']}"
        if step["action"] == "reassign":
            note = _reassign(session, task, to, recipients, calendar, now=now) or note
            recipients = [task.assignee_id] if task.assignee_id else recipients
        fired.append(
            {
                "street_code": task.street_code,
                "task_id": task.task_id,
                "level": level,
                "resident_id": task.resident_id,
                "action": step["action"],
                "to": to,
                "recipients": [str(user) for user in recipients],
                "note": note,
                "due_at": at,
                "fired_at": now,
            }
        )
        words = f"第{level}级{_ACTIONS[step['action']]}：任务应于{task.due_on}前完成。{task.why}"
        told.extend(outbox.Message(user, "escalation", words, task.task_id) for user in recipients)
        _note(session, task, step, level, to, now)
        task.escalation_level = level
    task.next_step_at = next_step_at(task.due_on, task.chain, task.escalation_level, calendar, now=now)
    task.updated_at = now
    session.add(task)
    return fired


_ACTIONS = {"remind": "提醒", "raise": "上报", "reassign": "改派"}


def _reassign(
    session: Session, task: Task, to: str, recipients: Sequence[UUID], calendar: WorkingCalendar, *, now: datetime
) -> str | None:
    """Hand the task to somebody else: the best other candidate of its committee, or the least of those reached."""
    roster = assignment.Roster(session, task.street_code, calendar, today=clock.today(now))
    barred = assignment.preferences(session, task.street_code, [task.resident_id])[1].get(task.resident_id, set())
    if task.assignee_id is not None:
        barred = {*barred, task.assignee_id}
    if to in ("assignee", "committee"):
        # The other kinds are decided by a street advisor.
        if task.kind in assignment.OF_COMMITTEE:
            choice = roster.choose(task.committee_code, task.due_on, recused=barred)
        else:
            choice = roster.choose_advisor(task.due_on, recused=barred)
        chosen, planned_on = choice.user_id, choice.planned_on
    else:
        chosen = next((user for user in recipients if user not in barred), None)
        planned_on = roster.plan(chosen, task.committee_code, task.due_on)
    if chosen is None:
        return "nobody else to hand it to"
    task.assignee_id, task.assigned_because, task.planned_on = chosen, ["reassigned", to], planned_on
    return None


def _note(session: Session, task: Task, step: Step, level: int, to: str, now: datetime) -> None:
    bulk.insert(
        session,
        "task_event",
        [
            {
                "street_code": task.street_code,
                "event_id": uuid7(),
                "task_id": task.task_id,
                "at": now,
                "what": "escalated",
                "details": {
                    "level": level,
                    "to": to,
                    "action": step["action"],
                    **({"user_id": task.assignee_id} if step["action"] == "reassign" else {}),
                },
            }
        ],
    )


class _Recipients:
    """Who is reached at each rung of the ladder in one street."""

    def __init__(self, session: Session, street: str) -> None:
        rows = session.execute(
            text(
                "SELECT u.user_id, u.role, array_agg(c.committee_code) FILTER (WHERE c.committee_code IS NOT NULL)"
                " AS committees FROM user_account u LEFT JOIN user_committee c USING (user_id)"
                " WHERE u.active AND (u.street_code = :street OR u.role = 'district_officer') GROUP BY u.user_id"
                " ORDER BY u.user_id"
            ),
            {"street": street},
        )
        self._users = [(row.user_id, row.role, frozenset(row.committees or ())) for row in rows]

    def reached(self, task: Task, level: int) -> tuple[str, list[UUID]]:
        """Who hears of a level: its recipients, or those of the first later step that has some."""
        for step in task.chain[level - 1 :]:
            found = self._at(task, step["to"])
            if found:
                return str(step["to"]), found
        return str(task.chain[level - 1]["to"]), []

    def _at(self, task: Task, to: str) -> list[UUID]:
        if to == "assignee":
            return [task.assignee_id] if task.assignee_id else []
        if to == "committee":
            return [
                user
                for user, role, committees in self._users
                if role == "committee_advisor" and task.committee_code in committees
            ]
        return [user for user, role, _ in self._users if role == to]


def tell_those_reached(session: Session, street: str, task_id: UUID, words: str, *, now: datetime) -> None:
    """A response joined a task whose chain has begun: everybody already reached hears of it at once (A36)."""
    rows = session.execute(
        text("SELECT recipients FROM escalation WHERE street_code = :street AND task_id = :task"),
        {"street": street, "task": task_id},
    )
    reached = sorted({UUID(user) for row in rows for user in row.recipients})
    outbox.post(session, street, reached, kind="joined", text=words, task_id=task_id, now=now)


MINUTES_LATE = timedelta(minutes=5)


def late_steps(session: Session, streets: Sequence[str], *, now: datetime) -> int:
    """How many steps could have fired for more than five minutes, in working hours, and did not."""
    calendar = rulebooks.calendar(session)
    if not (working_hours.are_now(now, calendar) and working_hours.are_now(now - MINUTES_LATE, calendar)):
        return 0
    return int(
        session.execute(
            text(
                "SELECT count(*) FROM task WHERE street_code = ANY(:streets) AND state = 'open'"
                " AND next_step_at < :limit"
            ),
            {"streets": list(streets), "limit": now - MINUTES_LATE},
        ).scalar_one()
    )
