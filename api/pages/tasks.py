"""My visits, one of them, and what somebody says of it when they could not do it."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import ContextDep, SessionDep
from api.http.paging import after
from api.pages import cards, forms, notices, paging
from api.pages.forms import FormDep
from api.pages.notices import Notice
from api.pages.page import PageDep
from api.schemas.tasks import ReleaseRequest, TaskCompletion, VisitAttempt
from core.policy.lamps import Lamp
from core.store.words import TaskKind, TaskState
from core.tasks import actions, attempts, undoing
from core.tasks import queries as task_queries
from core.tasks.queries import Filter, Sort

ADDRESS: Final = "/tasks"
LIMIT: Final = 50
MINE, POOL, ALL = "mine", "pool", "all"
router = APIRouter(include_in_schema=False)
Word = Annotated[str | None, Query()]

notices.plain("task_released", "已交还，等别人领取。")
notices.plain("task_undone", "已撤销。")
notices.plain("task_completed", "已办结。")


@notices.says("attempt_noted")
def _noted(ids: Mapping[str, UUID]) -> Notice:
    task = ids["task_id"]
    return Notice("已记下，没办成的这一次不算走访。", [("看这项走访", f"{ADDRESS}/{task}")], f"{ADDRESS}/{task}/undo")


@notices.says("task_claimed")
def _claimed(ids: Mapping[str, UUID]) -> Notice:
    return Notice("已领取，由您去。", undo=f"{ADDRESS}/{ids['task_id']}/undo")


@router.get(ADDRESS)
def show_tasks(
    page: PageDep,
    session: SessionDep,
    context: ContextDep,
    whose: Word = None,
    lamp: Word = None,
    kind: Word = None,
    cursor: Word = None,
) -> Response:
    """Whom to go to today, this week and later; the most urgent first."""
    assert page.user is not None
    whose = whose if whose in (POOL, ALL) else MINE
    wanted = Filter(
        mine=whose == MINE,
        state=TaskState.OPEN,
        assignee="none" if whose == POOL else None,
        lamp=next((each for each in Lamp if each == lamp), None),
        kind=next((each for each in TaskKind if each == kind), None),
        sort=Sort.URGENCY,
    )
    last = after(cursor, *Sort.URGENCY.kinds)
    found = task_queries.page(
        session, wanted, by=page.user, after=last, limit=LIMIT, keys=context.keys, today=page.today
    )
    sheet = paging.sheet(page, found, LIMIT, lambda row: row.key)
    tasks = [row.task for row in sheet.rows]
    return page.show(
        "tasks.html",
        sections=cards.sections(session, tasks, by=page.user, today=page.today),
        sheet=sheet,
        whose=whose,
        lamp=wanted.lamp,
        kind=wanted.kind,
    )


@router.get(f"{ADDRESS}/{{task_id}}")
def show_task(page: PageDep, task_id: UUID, session: SessionDep, context: ContextDep) -> Response:
    """One task: why, since when, in whose words, what was last time, and what happened about it."""
    assert page.user is not None
    task = task_queries.one(session, task_id, by=page.user, keys=context.keys, today=page.today)
    lit = cards.lit(session, task, by=page.user, today=page.today)
    known = cards.whole(task)
    if known is None:
        return page.show("pool_task.html", task=task, lit=lit)
    return page.show("task.html", task=known, lit=lit)


@router.get(f"{ADDRESS}/{{task_id}}/attempt")
def show_attempt(page: PageDep, task_id: UUID, session: SessionDep, context: ContextDep) -> Response:
    """What kept somebody from doing a task."""
    assert page.user is not None
    task = task_queries.one(session, task_id, by=page.user, keys=context.keys, today=page.today)
    return page.show("attempt.html", task=cards.whole(task))


@router.post(f"{ADDRESS}/{{task_id}}/attempt")
def record_attempt(page: PageDep, task_id: UUID, form: FormDep, session: SessionDep) -> Response:
    """Noted; two in a row raise a welfare check (A18)."""
    assert page.user is not None
    said = {"outcome": form.text("outcome"), "on": form.text("on"), "note": form.optional("note")}
    body = forms.checked(VisitAttempt, said)
    attempts.attempt(session, task_id, body.outcome, body.on, body.note, by=page.user, now=page.now)
    return page.leave(ADDRESS, "attempt_noted", task_id=task_id)


@router.get(f"{ADDRESS}/{{task_id}}/complete")
def show_completion(page: PageDep, task_id: UUID, session: SessionDep, context: ContextDep) -> Response:
    """What came of a lead, a welfare check or a follow-up."""
    assert page.user is not None
    task = task_queries.one(session, task_id, by=page.user, keys=context.keys, today=page.today)
    return page.show("completion.html", task=cards.whole(task))


@router.post(f"{ADDRESS}/{{task_id}}/complete")
def complete_task(page: PageDep, task_id: UUID, form: FormDep, session: SessionDep) -> Response:
    """Closed with its result."""
    assert page.user is not None
    body = forms.checked(TaskCompletion, {"result": form.text("result")})
    actions.complete(session, task_id, body.result, by=page.user, now=page.now)
    return page.leave(ADDRESS, "task_completed")


@router.get(f"{ADDRESS}/{{task_id}}/release")
def show_release(page: PageDep, task_id: UUID, session: SessionDep, context: ContextDep) -> Response:
    """Why a task is given back."""
    assert page.user is not None
    task = task_queries.one(session, task_id, by=page.user, keys=context.keys, today=page.today)
    return page.show("release.html", task=cards.whole(task))


@router.post(f"{ADDRESS}/{{task_id}}/release")
def release_task(page: PageDep, task_id: UUID, form: FormDep, session: SessionDep) -> Response:
    """Back to the pool of the committee."""
    assert page.user is not None
    body = forms.checked(ReleaseRequest, {"reason": form.text("reason")})
    actions.release(session, task_id, body.reason, by=page.user, now=page.now)
    return page.leave(ADDRESS, "task_released")


@router.post(f"{ADDRESS}/{{task_id}}/claim")
def claim_task(page: PageDep, task_id: UUID, session: SessionDep, _form: FormDep) -> Response:
    """Taken out of the pool."""
    assert page.user is not None
    actions.claim(session, task_id, by=page.user, now=page.now)
    return page.leave(f"{ADDRESS}/{task_id}", "task_claimed", task_id=task_id)


@router.post(f"{ADDRESS}/{{task_id}}/undo")
def undo_task(page: PageDep, task_id: UUID, session: SessionDep, _form: FormDep) -> Response:
    """The last act with a task is taken back, within ten minutes."""
    assert page.user is not None
    undoing.undo(session, task_id, by=page.user, now=page.now)
    return page.leave(ADDRESS, "task_undone")
