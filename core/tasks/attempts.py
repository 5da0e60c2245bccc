"""Somebody went and could not: what an attempt is, and what follows from it (A18)."""

from datetime import date, datetime
from typing import Final, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Invalid
from core.notifications import outbox
from core.notifications.outbox import Message
from core.organisation.roles import May
from core.organisation.users import User
from core.policy.street_pass import StreetPass
from core.store import bulk
from core.store.ids import uuid7
from core.store.words import AttemptOutcome, TaskEventKind
from core.tasks import reach, welfare, whereabouts
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.facts import Problem, listed

_DAYS: Final = text(
    'SELECT DISTINCT "on" FROM attempt WHERE street_code = :street AND task_id = :task AND outcome = :outcome'
)
_ADVISORS: Final = text(
    "SELECT user_id FROM user_account WHERE active AND street_code = :street AND role = 'street_advisor'"
    " ORDER BY user_id"
)


def attempt(
    session: Session, task_id: UUID, outcome: str, on: date, note: str | None, *, by: User, now: datetime
) -> UUID | None:
    """Note that somebody went and could not; returns the task that follows from it, if one is opened.

    The same outcome on the same day of a task counts once. Two `not_home` in a row raise a welfare check, the second
    `refused` is told to the street advisor, `hospital` and `moved` are put to them.
    """
    by.require(May.RECORD_VISITS)
    pass_, task, found = reach.open_task_and_resident(session, task_id, by=by, now=now)
    if outcome not in tuple(AttemptOutcome):
        raise Invalid(f"结果须是下列之一：{listed(AttemptOutcome)}。")
    _refuse_day(pass_, task, on)
    came_to = AttemptOutcome(outcome)
    values = {"street": pass_.street, "task": task_id, "outcome": came_to}
    days = set(session.execute(_DAYS, values).scalars())
    if on in days:
        return None
    attempt_id = uuid7()
    made = {
        "street_code": task.street_code,
        "attempt_id": attempt_id,
        "task_id": task_id,
        "resident_id": task.resident_id,
        "outcome": came_to,
        "on": on,
        "note": note,
        "by_user_id": by.user_id,
        "created_at": now,
    }
    bulk.insert(session, "attempt", [made])
    desk = Desk(pass_, ())
    said = {"outcome": outcome, "on": on, "note": note, "attempt_id": attempt_id}
    desk.note(task, TaskEventKind.ATTEMPT, said, by=by.user_id)
    desk.write()
    match came_to:
        case AttemptOutcome.REFUSED:
            _tell_of_refusals(pass_, task, len(days) + 1)
        case AttemptOutcome.HOSPITAL | AttemptOutcome.MOVED:
            return next((whereabouts.ask(pass_, resident, came_to, on) for resident in found), None)
        case AttemptOutcome.NOT_HOME:
            return next(iter(welfare.check(pass_, found)), None)
        case AttemptOutcome.OTHER:
            pass
        case _:
            assert_never(came_to)
    return None


def _refuse_day(pass_: StreetPass, task: Task, on: date) -> None:
    opened_on = clock.today(task.created_at)
    if on > pass_.today:
        raise Invalid("上门的日期在将来。", problems=[Problem("on", "in_future", "不能晚于今天。")])
    if on < opened_on:
        raise Invalid(
            "上门的日期早于这项任务。", problems=[Problem("on", "before_task", f"不能早于任务开始的 {opened_on}。")]
        )


def _tell_of_refusals(pass_: StreetPass, task: Task, days: int) -> None:
    """Tell the street advisors on the day from which on they may excuse the period."""
    if days != int(pass_.rulebook.parameter("refusals_before_excuse", pass_.today).value):
        return
    words = f"这项任务已有{days}天上门被拒，请考虑另行安排，或免除本期走访。{task.why}"
    advisors = pass_.session.execute(_ADVISORS, {"street": pass_.street}).scalars()
    told = [Message(advisor, outbox.REFUSED, words, task.task_id) for advisor in advisors]
    outbox.post_all(pass_.session, pass_.street, told, now=pass_.now)
