"""When nobody went, somebody above hears of it (A36): each level of a task's chain exactly once, in working hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.notifications import outbox
from core.notifications.outbox import Message
from core.organisation.roles import Role
from core.organisation.streets import district_of
from core.policy import street_pass, working_hours
from core.policy.chains import Step
from core.policy.street_pass import StreetPass
from core.store import bulk
from core.store.locks import FOR_CHANGE
from core.store.words import TaskEventKind
from core.tasks.assignment import Choice
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task
from rules.parameters import StepAction, StepTarget

MINUTES_LATE: Final = timedelta(minutes=5)

# READ COMMITTED is enough: the row lock is what stops two heartbeats from firing the same step.
_DUE: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND state = 'open' AND next_step_at <= :now"
    f" ORDER BY next_step_at, task_id LIMIT :limit {FOR_CHANGE} SKIP LOCKED"
)
_REACHABLE: Final = text(
    "SELECT u.user_id, u.role, array_agg(c.committee_code) FILTER (WHERE c.committee_code IS NOT NULL)"
    " AS committees, EXISTS (SELECT FROM absence a WHERE a.user_id = u.user_id"
    "  AND :today BETWEEN a.from_on AND a.to_on) AS is_away"
    " FROM user_account u LEFT JOIN user_committee c USING (user_id)"
    " WHERE u.active AND (u.valid_until IS NULL OR u.valid_until >= :today) AND u.district_code = :district"
    " AND (u.street_code = :street OR u.role = 'district_officer') GROUP BY u.user_id ORDER BY u.user_id"
)
_REACHED: Final = text(
    "SELECT task_id, recipients FROM escalation WHERE street_code = :street AND task_id = ANY(:tasks)"
)
_LATE: Final = text(
    "SELECT count(*) FROM task WHERE street_code = ANY(:streets) AND state = 'open' AND next_step_at < :limit"
)


def escalate_due(session: Session, street: str, *, now: datetime, limit: int = 200) -> int:
    """Fire the steps of a street that are due, the longest waiting first; returns how many tasks moved."""
    pass_ = street_pass.begin(session, street, now=now)
    if not working_hours.are_now(now, pass_.calendar):
        return 0
    tasks = TASKS.read(session.execute(_DUE, {"street": street, "now": now, "limit": limit}))
    if not tasks:
        return 0
    climb = _Climb(pass_, Desk(pass_, [task.resident_id for task in tasks]))
    for task in tasks:
        climb.up(task)
    climb.write()
    return len(tasks)


@dataclass(frozen=True, slots=True)
class _Reachable:
    """Somebody who can hear of a step, unless they are away all of today (A36)."""

    user_id: UUID
    role: Role
    committees: frozenset[str]
    is_away: bool


class _Climb:
    """Every step that is due in a street, with who is to hear of it."""

    def __init__(self, pass_: StreetPass, desk: Desk) -> None:
        self._pass, self._desk = pass_, desk
        values = {"street": pass_.street, "district": district_of(pass_.street), "today": pass_.today}
        self._users = [
            _Reachable(row.user_id, Role(row.role), frozenset(row.committees or ()), is_away=row.is_away)
            for row in pass_.session.execute(_REACHABLE, values)
        ]
        self._fired: list[dict[str, object]] = []
        self._told: list[Message] = []

    def up(self, task: Task) -> None:
        """Fire every step of one task that is due by now, in order."""
        while task.escalation_level < len(task.chain):
            step = task.chain[task.escalation_level]
            due_at = step.due_at(task.due_on, self._pass.calendar)
            if due_at > self._pass.now:
                break
            self._fire(task, step, due_at)
        self._desk.touch(task)
        self._desk.count_steps(task)

    def _fire(self, task: Task, step: Step, due_at: datetime) -> None:
        level = task.escalation_level + 1
        to, recipients = self._reached(task, level)
        note = None if to is step.to else f"{step.to.label}没有可以通知的人，转到下一步"
        if to is StepTarget.ASSIGNEE and recipients and task.assignee_id not in recipients:
            note = "负责人当天不在，转给同事"
        line = {"level": level, "to": to, "action": step.action}
        match step.action:
            case StepAction.REASSIGN:
                choice = self._somebody_else(task, to, recipients)
                if choice is None:
                    note = "没有别人可以改派"
                    self._desk.note(task, TaskEventKind.ESCALATED, {**line, "user_id": task.assignee_id})
                else:
                    self._desk.give(task, choice, TaskEventKind.ESCALATED, line)
                recipients = [task.assignee_id] if task.assignee_id else recipients
            case StepAction.REMIND | StepAction.RAISE:
                self._desk.note(task, TaskEventKind.ESCALATED, line)
            case _:
                assert_never(step.action)
        self._fired.append(
            {
                "street_code": task.street_code,
                "task_id": task.task_id,
                "level": level,
                "resident_id": task.resident_id,
                "action": step.action,
                "to": to,
                "recipients": [str(user) for user in recipients],
                "note": note,
                "due_at": due_at,
                "fired_at": self._pass.now,
            }
        )
        words = f"第{level}级{step.action.label}：任务应于{task.due_on}前完成。{task.why}"
        self._told.extend(Message(user, "escalation", words, task.task_id) for user in recipients)
        task.escalation_level = level

    def _somebody_else(self, task: Task, to: StepTarget, recipients: Sequence[UUID]) -> Choice | None:
        """Whom a task is handed to: as it would be given anew, or the first of those reached."""
        because = ("reassigned", to.value)
        if to in (StepTarget.ASSIGNEE, StepTarget.COMMITTEE):
            choice = self._desk.somebody_else(task)
            return choice and replace(choice, because=because)
        barred = self._desk.preference(task.resident_id).recused | {task.assignee_id}
        for user in recipients:
            if user not in barred:
                return Choice(user, because, self._desk.plan(task, user))
        return None

    def _reached(self, task: Task, level: int) -> tuple[StepTarget, list[UUID]]:
        """Who hears of a level: its recipients, or those of the first later step that has some."""
        for step in task.chain[level - 1 :]:
            found = self._at(task, step.to)
            if found:
                return step.to, found
        return task.chain[level - 1].to, []

    def _at(self, task: Task, to: StepTarget) -> list[UUID]:
        there = [user for user in self._users if not user.is_away]
        match to:
            case StepTarget.ASSIGNEE:
                return self._assignee(task, there)
            case StepTarget.COMMITTEE:
                return [
                    user.user_id
                    for user in there
                    if user.role is Role.COMMITTEE_ADVISOR and task.committee_code in user.committees
                ]
            case StepTarget.STREET_ADVISOR | StepTarget.STREET_MANAGER | StepTarget.DISTRICT_OFFICER:
                return [user.user_id for user in there if user.role.value == to.value]
            case _:
                assert_never(to)

    def _assignee(self, task: Task, there: Sequence[_Reachable]) -> list[UUID]:
        """Who has the task, or colleagues who could: of the same role, and of the committee where it has one."""
        if task.assignee_id is None or any(user.user_id == task.assignee_id for user in there):
            return [task.assignee_id] if task.assignee_id else []
        barred = self._desk.preference(task.resident_id).recused
        roles = {user.role for user in self._users if user.user_id == task.assignee_id}
        return [
            user.user_id
            for user in there
            if user.role in roles
            and user.user_id not in barred
            and (user.role is Role.STREET_ADVISOR or task.committee_code in user.committees)
        ]

    def write(self) -> None:
        """Write the steps, the tasks and the messages; the key of a step lets it fire once."""
        self._desk.write()
        outbox.post_all(self._pass.session, self._pass.street, self._told, now=self._pass.now)
        bulk.insert(
            self._pass.session,
            "escalation",
            self._fired,
            on_conflict="ON CONFLICT (street_code, task_id, level) DO NOTHING",
        )


def tell_those_reached(pass_: StreetPass, joined: Mapping[UUID, str]) -> None:
    """A response joined tasks whose chain has begun: everybody already reached hears of it at once (A36)."""
    if not joined:
        return
    reached = {
        (row.task_id, UUID(user))
        for row in pass_.session.execute(_REACHED, {"street": pass_.street, "tasks": list(joined)})
        for user in row.recipients
    }
    told = [Message(user, "joined", joined[task_id], task_id) for task_id, user in sorted(reached)]
    outbox.post_all(pass_.session, pass_.street, told, now=pass_.now)


def late_steps(session: Session, streets: Sequence[str], *, now: datetime) -> int:
    """How many steps could have fired for more than five minutes, in working hours, and did not."""
    at_work = set(working_hours.at_work(session, streets, now))
    at_work &= set(working_hours.at_work(session, streets, now - MINUTES_LATE))
    return int(session.execute(_LATE, {"streets": sorted(at_work), "limit": now - MINUTES_LATE}).scalar_one())
