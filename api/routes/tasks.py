"""Tasks: what somebody has to do, and what people do about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import Session

from api.context import Context
from api.dependencies import ContextDep, NowDep, SessionDep, TodayDep, UserDep, announce
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, after, page
from api.http.refusals import refuses
from api.schemas.common import Day, Instant, TierName
from api.schemas.tasks import (
    AssignmentRequest,
    Batch,
    BatchAssignment,
    ExcuseRequest,
    Lamp,
    PoolTask,
    PulledTasks,
    PullRequest,
    ReleaseRequest,
    Task,
    TaskCompletion,
    TaskDecision,
    TaskDetails,
    TaskKind,
    TaskPage,
    TaskState,
    VisitAttempt,
)
from core import clock, errors
from core.organisation.users import User
from core.policy import lamps
from core.tasks import actions, attempts, batches, excuses, reach, undoing
from core.tasks import queries as task_queries
from core.tasks.batches import BatchDone
from core.tasks.whereabouts import Particulars

router = APIRouter(prefix="/v1/tasks", tags=["tasks"], route_class=StrictRoute)

Code = Annotated[str | None, Query(min_length=1, max_length=12)]


@router.get("", response_model=TaskPage)
def list_tasks(
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    today: TodayDep,
    limit: LimitDep,
    mine: bool = False,
    state: TaskState | None = None,
    overdue: bool | None = None,
    kind: TaskKind | None = None,
    street: Code = None,
    committee: Code = None,
    tier: TierName | None = None,
    due_before: Day | None = None,
    updated_since: Instant | None = None,
    resident_id: UUID | None = None,
    assignee: Annotated[UUID | Literal["none"] | None, Query(description="`none`: what waits in the pool.")] = None,
    lamp: Lamp | None = None,
    sort: Literal["due", "urgency", "place"] | None = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Tasks the caller may see, by due day; with `updated_since` by time of change.

    `urgency`: by lamp, tier and due day. `place`: by committee and household. A visitor's list holds their own; with
    `assignee=none` the pool of their committees, of which they learn where it is and not about whom.
    """
    wanted = task_queries.Filter(
        mine=mine,
        state=state,
        overdue=overdue,
        kind=kind,
        street=street,
        committee=committee,
        tier=tier,
        due_before=due_before,
        updated_since=updated_since,
        resident_id=resident_id,
        assignee=None if assignee is None else str(assignee),
        lamp=None if lamp is None else lamps.Lamp(lamp),
        sort=None if sort is None else task_queries.Sort(sort),
    )
    sealed_by = context.keys if wanted.sorted_by.is_personal else None
    last = after(cursor, *wanted.sorted_by.kinds, sealed_by=sealed_by)
    rows = task_queries.page(session, wanted, by=user, after=last, limit=limit, keys=context.keys, today=today)
    shown = page(rows, limit, lambda row: row.key, sealed_by=sealed_by)
    return {**shown, "items": [row.task for row in shown["items"]]}


@router.post("/pull", response_model=PulledTasks)
@refuses(errors.WorkInProgress)
def pull_tasks(
    body: PullRequest, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> dict[str, object]:
    """Take the most urgent unassigned tasks of the caller's committees, within capacity."""
    taken = actions.pull(session, body.max, by=user, now=now)
    return {"items": task_queries.some(session, taken, by=user, keys=context.keys, today=clock.today(now))}


@router.post("/assign", response_model=Batch)
def assign_tasks(body: BatchAssignment, session: SessionDep, user: UserDep, now: NowDep) -> BatchDone:
    """Hand many tasks to one person of a street, or into the pools; each with its own result, to be undone as one."""
    return batches.assign(session, body.task_ids, body.user_id, body.reason, by=user, now=now)


@router.get("/{task_id}", response_model=TaskDetails | PoolTask)
def get_task(
    task_id: UUID, session: SessionDep, user: UserDep, context: ContextDep, today: TodayDep
) -> Mapping[str, object]:
    """One task with its history."""
    return task_queries.one(session, task_id, by=user, keys=context.keys, today=today)


@router.post("/{task_id}/claim", response_model=Task | PoolTask)
@refuses(errors.Taken, errors.Closed, errors.Recused)
def claim_task(
    task_id: UUID, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """Take an unassigned task; 409 says who has it."""
    actions.claim(session, task_id, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/release", response_model=Task | PoolTask)
@refuses(errors.Closed)
def release_task(
    task_id: UUID, body: ReleaseRequest, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """Give a task back to the committee's pool."""
    actions.release(session, task_id, body.reason, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/assign", response_model=Task | PoolTask)
@refuses(errors.Closed, errors.Recused, errors.Absent)
def assign_task(
    task_id: UUID, body: AssignmentRequest, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """Hand a task to somebody of the street."""
    actions.assign(session, task_id, body.user_id, body.reason, anyway=body.anyway, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/undo", response_model=Task | PoolTask)
@refuses(errors.Closed, errors.NothingToUndo, errors.UndoTooLate)
def undo_task(task_id: UUID, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep) -> Mapping[str, Any]:
    """Take back the caller's last assignment, release, claim or attempt, within ten minutes of business time."""
    undoing.undo(session, task_id, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/attempts", status_code=201, response_model=Task | PoolTask)
@refuses(errors.Closed)
def record_attempt(
    task_id: UUID, body: VisitAttempt, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """Somebody went and could not, on a day since the task was opened; the same again counts once (A18).

    Two `not_home` in a row raise a welfare check, the second `refused` is told to the street advisor, `hospital` and
    `moved` raise a `confirm` task for them.
    """
    attempts.attempt(session, task_id, body.outcome, body.on, body.note, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/excuse", response_model=Task | PoolTask)
@refuses(errors.Closed)
def excuse_duty(
    task_id: UUID, body: ExcuseRequest, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """One duty of the task is not owed; the street advisor answers for it.

    A periodic one takes a ground: refusals on record on two different days of its period (A18), or a warning that alone
    has the resident visited and was unfounded (A22); until 15 days after its close, also by a visit task that is over.
    """
    excuses.excuse(session, task_id, body.kind, body.period, body.reason, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/decide", response_model=Task | PoolTask)
@refuses(errors.Closed)
def decide_task(
    task_id: UUID, body: TaskDecision, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """Decide an old major change (A1), a finding (A8), a late entry (A21), or where somebody is (A18)."""
    said = Particulars(body.from_, body.until, body.on, body.to_street, body.to_committee)
    actions.decide(session, task_id, body.outcome, body.until, body.result, context.keys, said=said, by=user, now=now)
    # What was decided goes through the inbox like all news.
    announce(session, reach.visible(session, task_id, by=user).street_code)
    return _fresh(session, context, task_id, user, now)


@router.post("/{task_id}/complete", response_model=Task | PoolTask)
@refuses(errors.Closed)
def complete_task(
    task_id: UUID, body: TaskCompletion, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> Mapping[str, Any]:
    """Close a lead, a welfare check or a follow-up with its result."""
    actions.complete(session, task_id, body.result, by=user, now=now)
    return _fresh(session, context, task_id, user, now)


def _fresh(session: Session, context: Context, task_id: UUID, user: User, now: datetime) -> Mapping[str, Any]:
    [found] = task_queries.some(session, [task_id], by=user, keys=context.keys, today=clock.today(now))
    return found
