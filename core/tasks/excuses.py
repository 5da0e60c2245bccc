"""Excusing a duty: the street advisor answers for it; a periodic one takes a ground that is on record (A18, A22)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.duties import history
from core.duties.rows import DUTIES, Duty, Excuse
from core.errors import Closed, Invalid, NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import AttemptOutcome, TaskEventKind, TaskKind
from core.tasks import follow_ups, reach, reassessment
from core.tasks.desk import Desk
from rules.calendar import period_named
from rules.conditions import leaves
from rules.duties import DutyKind, DutyState
from rules.facts import Problem

# What is still open comes first; what closed without a visit is meant where it is named, or nothing is open. A period
# that closed is found by its name from any visit task of the resident: the one that held it may be over since.
_TO_EXCUSE: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = :resident AND kind = :kind"
    " AND state IN ('open', 'missed') AND (CAST(:period AS text) IS NULL OR period = :period)"
    " AND (task_id = :task OR (:visit AND state = 'missed' AND period = :period))"
    " ORDER BY state = 'missed', due_on, duty_id LIMIT 1"
)
_REFUSED_DAYS: Final = text(
    'SELECT count(DISTINCT "on") FROM attempt WHERE street_code = :street AND resident_id = :resident'
    ' AND outcome = :refused AND "on" BETWEEN :first AND :last'
)


def excuse(
    session: Session, task_id: UUID, kind: str, period: str | None, reason: str, *, by: User, now: datetime
) -> None:
    """Excuse one duty of a task, with a reason: open, or missed for a short while after its period closed.

    A missed period is reached also when a later visit has closed the task.
    """
    by.require(May.DECIDE)
    pass_, task, found = reach.task_and_resident(session, task_id, by=by, now=now)
    values = {
        "street": task.street_code,
        "resident": task.resident_id,
        "task": task_id,
        "kind": DutyKind(kind),
        "period": period,
        "visit": task.kind is TaskKind.VISIT,
    }
    # Whatever became of somebody who moved away is settled where they live now.
    held = DUTIES.read(session.execute(_TO_EXCUSE, values)) if task.is_open or found else []
    if not held:
        raise NotFound("这项任务没有这样一次待办的走访。") if task.is_open else Closed(reach.OVER)
    [duty] = held
    if duty.kind is DutyKind.PERIODIC:
        _require_ground(pass_, duty, found)
    duty.state, duty.reason, duty.settled_at = DutyState.EXCUSED, reason, now
    duty.excuse = Excuse(by=by.user_id, at=now, reason=reason)
    history.write(session, held, now=now)
    desk = Desk(pass_, ())
    desk.note(task, TaskEventKind.EXCUSED, {"kind": kind, "period": period, "reason": reason}, by=by.user_id)
    desk.write()
    if duty.kind is DutyKind.FOLLOW_UP:
        follow_ups.let_go(pass_, duty)
    for resident in found:
        # The street in which a period closed is told by the next look at the resident.
        if duty.carried:
            resident.wake_on = pass_.today
    reassessment.after_visits(pass_, found, pass_.today)


def _require_ground(pass_: StreetPass, duty: Duty, residents: list[Standing]) -> None:
    """Refuse to excuse a period without a ground; a pause and a death excuse it by themselves (A23)."""
    # A closed period keeps the rules of its last day (A27).
    day = min(pass_.today, duty.due_on)
    days = int(pass_.rulebook.parameter("excuse_days_after_close", day).value)
    if pass_.today > duty.due_on + timedelta(days=days):
        raise Invalid(
            f"这一期已经结束超过{days}天，不能再免除。",
            problems=[Problem("period", "too_late", f"只能在结束后{days}天以内免除。")],
        )
    if residents and _is_warned_alone(pass_, residents[0]):
        return
    needed = int(pass_.rulebook.parameter("refusals_before_excuse", day).value)
    refused = _refused_days(pass_, duty)
    if refused < needed:
        raise Invalid(
            f"没有免除这一期走访的依据：本期记录的拒访有{refused}天，须在不同的{needed}天被拒。住院、外出请登记暂停，"
            "去世、迁出请如实上报，由此免除。",
            problems=[Problem("kind", "no_ground", f"本期须有{needed}天记录了拒访。")],
        )


def _refused_days(pass_: StreetPass, duty: Duty) -> int:
    period = period_named(str(duty.period))
    values = {
        "street": pass_.street,
        "resident": duty.resident_id,
        "refused": AttemptOutcome.REFUSED,
        "first": period.first,
        "last": period.last,
    }
    return int(pass_.session.execute(_REFUSED_DAYS, values).scalar_one())


def _is_warned_alone(pass_: StreetPass, resident: Standing) -> bool:
    """Whether nothing but a warning has the resident visited: it may have been unfounded (A22)."""
    rules = [pass_.rulebook.rule(name, resident.decided_on or pass_.today) for name in resident.rules]
    return bool(rules) and all(any(leaf.word == "warned_within_year" for leaf in leaves(rule.when)) for rule in rules)
