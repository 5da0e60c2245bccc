"""What people do with tasks: take them, give them back, hand them on, try, decide, complete."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Final, assert_never
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import entering
from core.errors import Absent, Conflict, Invalid, Recused, Taken, WorkInProgress
from core.organisation import users
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import queries as resident_queries
from core.residents.standing import Standing
from core.store import database
from core.store.crypto import Keys
from core.store.locks import FOR_CHANGE
from core.store.words import Closing, DecisionOutcome, TaskEventKind, TaskKind, TaskState
from core.tasks import assignment, decision_tasks, follow_ups, reach, reassessment, whereabouts
from core.tasks.assignment import Barred, Choice
from core.tasks.decision_tasks import Question
from core.tasks.desk import Desk
from core.tasks.rows import TASKS, Task
from core.tasks.whereabouts import Particulars
from rules.facts import Fact, Problem, listed

# What is taken out of the pool: the work of a committee.
_PULLED: Final = [kind for kind in TaskKind if assignment.is_of_committee(kind)]

_POOL: Final = text(
    f"SELECT {TASKS.columns()} FROM task WHERE street_code = :street AND state = 'open'"
    " AND assignee_id IS NULL AND kind = ANY(:kinds)"
    " AND resident_id NOT IN (SELECT resident_id FROM recusal WHERE user_id = :user)"
    f" ORDER BY due_on, task_id LIMIT :limit {FOR_CHANGE} SKIP LOCKED"
)
_LONG_OVERDUE: Final = text(
    "SELECT count(*) FROM task WHERE street_code = :street AND assignee_id = :user AND state = 'open'"
    " AND due_on < :long_ago"
)
_THIS_MONTH: Final = text(
    "SELECT count(*) FROM task WHERE street_code = :street AND assignee_id = :user AND kind = 'visit'"
    " AND (state = 'open' AND planned_on < :next OR state = 'done' AND closed_at >= :month)"
)


def pull(session: Session, most: int, *, by: User, now: datetime) -> list[UUID]:
    """Take the most urgent unassigned tasks of the caller's committees, within capacity; returns them.

    Refused while too many of the caller's tasks are long overdue.
    """
    by.require(May.TAKE_TASKS)
    pass_ = street_pass.begin(session, str(by.street), now=now)
    if _is_absent(session, by.user_id, pass_.today):
        raise Conflict("您今天登记为请假，请先结束请假再领取任务。")
    _refuse_neglected(pass_, by)
    values = {
        "street": pass_.street,
        "kinds": _PULLED,
        "user": by.user_id,
        "limit": max(0, min(most, _free(pass_, by))),
    }
    tasks = TASKS.read(session.execute(_POOL, values))
    desk = Desk(pass_, ())
    for task in tasks:
        _give(desk, task, by.user_id, ("pulled",), TaskEventKind.PULLED, by=by)
    desk.write()
    return [task.task_id for task in tasks]


def _refuse_neglected(pass_: StreetPass, by: User) -> None:
    """Who leaves tasks lying for long takes no new ones: their age counts, not only how many there are."""
    most = int(pass_.rulebook.parameter("wip_most_overdue", pass_.today).value)
    days = int(pass_.rulebook.parameter("wip_overdue_working_days", pass_.today).value)
    long_ago = pass_.calendar.shift(pass_.today, -days)
    values = {"street": pass_.street, "user": by.user_id, "long_ago": long_ago}
    overdue: int = pass_.session.execute(_LONG_OVERDUE, values).scalar_one()
    if overdue > most:
        raise WorkInProgress(
            f"您有 {overdue} 项任务逾期超过 {days} 个工作日，请先办理；不超过 {most} 项时才能领取新的。"
        )


def _free(pass_: StreetPass, by: User) -> int:
    """How many more visits this month's capacity allows."""
    month = pass_.today.replace(day=1)
    values = {
        "street": pass_.street,
        "user": by.user_id,
        "month": clock.at(month),
        "next": month + relativedelta(months=1),
    }
    planned: int = pass_.session.execute(_THIS_MONTH, values).scalar_one()
    return by.capacity - planned


def claim(session: Session, task_id: UUID, *, by: User, now: datetime) -> None:
    """Take one unassigned task; who already has it keeps it, anybody else is told who has it."""
    by.require(May.TAKE_TASKS)
    pass_, task = reach.open_task(session, task_id, by=by, now=now)
    if task.assignee_id == by.user_id:
        return
    if task.assignee_id is not None:
        holder = users.names(session, [task.assignee_id]).get(task.assignee_id, "")
        raise Taken(f"这项任务现在由{holder}办理。")
    _refuse_recused(session, by.user_id, task.resident_id)
    desk = Desk(pass_, ())
    _give(desk, task, by.user_id, ("claimed",), TaskEventKind.CLAIMED, by=by)
    desk.write()


def release(session: Session, task_id: UUID, reason: str, *, by: User, now: datetime) -> None:
    """Give a task back to its committee's pool."""
    pass_, task = reach.open_task(session, task_id, by=by, now=now)
    reach.require_own(task, by=by)
    if task.assignee_id is None:
        raise Conflict("这项任务已在待领取之列。")
    desk = Desk(pass_, ())
    _give(desk, task, None, ("pool", "released"), TaskEventKind.RELEASED, reason, by=by)
    desk.write()


def assign(
    session: Session, task_id: UUID, user_id: UUID, reason: str, *, anyway: bool = False, by: User, now: datetime
) -> None:
    """Hand a task to somebody, with the reason; who is away past its due day gets it only `anyway` (A39)."""
    by.require(May.ASSIGN_TASKS)
    pass_, task = reach.open_task(session, task_id, by=by, now=now)
    desk = Desk(pass_, [task.resident_id])
    match desk.barred(task, user_id, by_hand=True):
        case None:
            pass
        case Barred.OUTSIDE_STREET:
            raise Invalid("任务须分派给本街镇在岗的救助顾问或走访人员。")
        case Barred.RECUSED:
            raise Recused("这个人员对这位居民须回避。")
        case Barred.ROLE:
            raise Invalid("这类任务由街镇救助顾问办理，请分派给街镇救助顾问。")
        case Barred.OUTSIDE_COMMITTEE:
            raise Invalid("这个人员不负责这位居民所在的居村，请分派给负责的人员或街镇救助顾问。")
        case Barred.ABSENT:
            if not anyway:
                raise Absent(f"这个人员请假到任务到期（{task.due_on}）以后。")
        case barred:
            assert_never(barred)
    _give(desk, task, user_id, ("override",), TaskEventKind.ASSIGNED, reason, by=by)
    desk.write()


def _give(
    desk: Desk,
    task: Task,
    user_id: UUID | None,
    because: tuple[str, ...],
    what: TaskEventKind,
    reason: str | None = None,
    *,
    by: User,
) -> None:
    if user_id == by.user_id:
        # From here on whose task it is is theirs to know.
        database.admit(desk.pass_.session, [task.resident_id])
    desk.give(task, Choice(user_id, because, desk.plan(task, user_id)), what, {"reason": reason}, by=by.user_id)


def decide(
    session: Session,
    task_id: UUID,
    outcome: str,
    until: date | None,
    result: str | None,
    keys: Keys,
    *,
    said: Particulars | None = None,
    by: User,
    now: datetime,
) -> None:
    """Decide what a task asks; the result may be left out where somebody was in hospital or had moved.

    An old major change (A1: `close`, `extend`), an illness found on a visit (A8) or a late entry (A21: `confirm`,
    `reject`), or where somebody is (A18: `pause`, `moved`, `left` with what is `said`, `reject`).
    """
    by.require(May.DECIDE)
    pass_, task, found = reach.open_task_and_resident(session, task_id, by=by, now=now)
    question = Question.of(task)
    allowed = _decisions(task.kind, question.about)
    if outcome not in allowed:
        raise Invalid(f"这类任务可以作的决定：{listed(allowed) or '没有'}。")
    decided = DecisionOutcome(outcome)
    if question.about in whereabouts.ABOUT:
        _decide_whereabouts(pass_, task, decided, replace(said or Particulars(), until=until), result, keys, by=by)
        return
    if result is None:
        raise Invalid("作出决定须写明结果。", problems=[Problem("result", "missing", "这一项必须填写。")])
    if question.about in decision_tasks.ABOUT_VISITS:
        _finish(pass_, task, outcome, {"outcome": outcome, "result": result}, by=by)
        if decided is DecisionOutcome.CONFIRM:
            _approve_late_entry(pass_, found, UUID(question.which))
        if decided is DecisionOutcome.RESTORE:
            resident_queries.enter_restoration(
                session, task.street_code, task.resident_id, result, keys, by=by, now=now
            )
        return
    fact = _fact(session, question, by=by)
    event_type, entry = decision_tasks.event_of(pass_, fact, decided, until, result)
    told = {**entry, "reason": result}
    entering.enter(session, task.street_code, task.resident_id, event_type, entry, told, keys, by=by.user_id, now=now)
    _finish(pass_, task, outcome, {"outcome": outcome, "until": until, "result": result}, by=by)


def _decide_whereabouts(
    pass_: StreetPass,
    task: Task,
    decided: DecisionOutcome,
    said: Particulars,
    result: str | None,
    keys: Keys,
    *,
    by: User,
) -> None:
    """What was decided goes through the inbox like all news; the details stand in the task's history."""
    event = whereabouts.event_of(pass_, decided, said, result)
    if event is not None:
        what, entry = event
        entering.enter(
            pass_.session, task.street_code, task.resident_id, what, entry, entry, keys, by=by.user_id, now=pass_.now
        )
    details = {name: value for name, value in asdict(said).items() if value is not None}
    _finish(pass_, task, decided, {"outcome": decided, **details, "result": result}, by=by)


def _decisions(kind: TaskKind, about: str) -> Collection[DecisionOutcome]:
    """How a task of some kind can be decided."""
    if about == decision_tasks.DEATH:
        return (DecisionOutcome.RESTORE, DecisionOutcome.REJECT)
    if about in whereabouts.ABOUT:
        return whereabouts.DECISIONS
    match kind:
        case TaskKind.DECISION:
            return (DecisionOutcome.CLOSE, DecisionOutcome.EXTEND)
        case TaskKind.CONFIRM:
            return (DecisionOutcome.CONFIRM, DecisionOutcome.REJECT)
        case TaskKind.VISIT | TaskKind.WELFARE_CHECK | TaskKind.LEAD | TaskKind.FOLLOW_UP:
            return ()
        case _:
            assert_never(kind)


def _approve_late_entry(pass_: StreetPass, residents: list[Standing], visit_id: UUID) -> None:
    """An approved late entry credits by its service date; a rejected one stays recorded, without credit (A21)."""
    [resident] = residents
    service_date: date = pass_.session.execute(
        text(
            "UPDATE visit_resident SET approved_on = :today WHERE street_code = :street AND visit_id = :visit"
            " AND resident_id = :resident RETURNING service_date"
        ),
        {
            "today": pass_.today,
            "street": pass_.street,
            "visit": visit_id,
            "resident": resident.resident_id,
        },
    ).scalar_one()
    reassessment.after_visits(pass_, residents, service_date)
    # What a paper says a street advisor did, one has confirmed by that (A20).
    follow_ups.look_again(pass_, residents)


def _fact(session: Session, question: Question, *, by: User) -> Fact:
    found = resident_queries.visible(session, [question.resident_id], by=by)
    if found:
        for fact in resident_queries.known(session, found[0])[0].facts:
            if fact.kind == question.about and decision_tasks.which(fact) == question.which:
                return fact
    raise Conflict("这项任务所问的内容已不存在，没有什么需要决定。")


def complete(session: Session, task_id: UUID, result: str, *, by: User, now: datetime) -> None:
    """Close a lead, a welfare check or a follow-up with its result."""
    pass_, task, _ = reach.open_task_and_resident(session, task_id, by=by, now=now)
    reach.require_own(task, by=by)
    match task.kind:
        case TaskKind.LEAD | TaskKind.WELFARE_CHECK:
            _finish(pass_, task, Closing.COMPLETED, {"result": result}, by=by)
        case TaskKind.FOLLOW_UP:
            # Only a street advisor looks again (A20, A28).
            by.require(May.DECIDE)
            follow_ups.complete(pass_, task.resident_id, pass_.today)
            _note(pass_, task, TaskEventKind.COMPLETED, {"result": result}, by=by)
        case TaskKind.VISIT | TaskKind.DECISION | TaskKind.CONFIRM:
            raise Invalid("这类任务不能直接办结，须由走访或决定来了结。")
        case _:
            assert_never(task.kind)


def _finish(pass_: StreetPass, task: Task, because: str, details: Mapping[str, object], *, by: User) -> None:
    desk = Desk(pass_, ())
    desk.close(task, TaskState.DONE, because, details, by=by.user_id)
    desk.write()


def _note(pass_: StreetPass, task: Task, what: TaskEventKind, details: Mapping[str, object], *, by: User) -> None:
    desk = Desk(pass_, ())
    desk.note(task, what, details, by=by.user_id)
    desk.write()


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
