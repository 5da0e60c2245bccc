"""The record form for a whole household, and a record: what it counted for, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from api.context import Context
from api.dependencies import ContextDep, SessionDep
from api.pages import cards, forms, notices
from api.pages.formats import Lit, Look
from api.pages.forms import Form, FormDep
from api.pages.page import Page, PageDep
from api.schemas.visits import VisitForm
from core.errors import Invalid, NotFound
from core.residents import listing
from core.residents.listing import ResidentShown
from core.store.ids import uuid7
from core.store.words import TaskState
from core.tasks import queries as task_queries
from core.visits import drafts, recording
from core.visits import queries as visit_queries
from rules.casework.codes import Dimension
from rules.facts import Problem

ADDRESS: Final = "/visits"
NEW: Final = f"{ADDRESS}/new"
router = APIRouter(include_in_schema=False)
# People write names one after the other as they like.
_BETWEEN_NAMES: Final = re.compile(r"[、，,；;\n]")
_PLACE_IN_LIST: Final = re.compile(r"\[\d+\]$")
_MUST: Final[Sequence[tuple[str, str]]] = (
    ("mode", "请选服务方式。"),
    ("participants", "请填参与人员，至少一位。"),
    ("service_date", "请填服务时间，例如 2026-03-20。"),
    ("duration_hours", "请填服务时长，例如 0.5。"),
    ("services", "救助服务内容至少选一项。"),
    ("narrative", "请写下看到的情况，哪怕一句。"),
)

notices.plain("visit_recorded", "记录已交。")


@router.get(NEW)
def show_form(
    page: PageDep,
    session: SessionDep,
    context: ContextDep,
    task: Annotated[UUID | None, Query()] = None,
    residents: Annotated[str | None, Query(max_length=800)] = None,
) -> Response:
    """The form of the annex for everybody of a household, with what was typed before."""
    assert page.user is not None
    members = _members(page, session, context, task, residents)
    key = drafts.of_task(task) if task else drafts.of_residents(member["resident_id"] for member in members)
    draft = drafts.find(session, key, by=page.user, keys=context.keys, now=page.now)
    if draft is not None and page.typed is None:
        page.typed = Form(list(_flat(draft["form"])))
    return page.show(
        "visit_form.html",
        members=members,
        task_id=task,
        visit_id=page.value("visit_id") or str(uuid7()),
        key=key,
        draft=draft,
    )


@router.post(NEW)
def record_visit(
    page: PageDep,
    form: FormDep,
    session: SessionDep,
    task: Annotated[UUID | None, Query()] = None,
    residents: Annotated[str | None, Query(max_length=800)] = None,
) -> Response:
    """The record is made, and the draft is done with."""
    assert page.user is not None
    body = _read(form, task)
    recorded = recording.record(session, body.form, by=page.user, now=page.now)
    key = drafts.of_task(task) if task else drafts.key(f"residents:{residents}")
    drafts.clear(session, key, by=page.user, now=page.now)
    return page.leave(f"{ADDRESS}/{recorded.answer['visit_id']}", "visit_recorded")


@router.get(f"{ADDRESS}/{{visit_id}}")
def show_visit(page: PageDep, visit_id: UUID, session: SessionDep, context: ContextDep) -> Response:
    """What was recorded, what it counts for and what not and why, what follows, and where to go next."""
    assert page.user is not None
    visit: Mapping[str, Any] = visit_queries.one(session, visit_id, by=page.user)
    people = listing.some(
        session, [UUID(one_id) for one_id in visit["resident_ids"]], by=page.user, keys=context.keys, today=page.today
    )
    raised = task_queries.some(
        session,
        visit_queries.raised(session, visit_id, by=page.user),
        by=page.user,
        keys=context.keys,
        today=page.today,
    )
    mine = task_queries.Filter(mine=True, state=TaskState.OPEN, sort=task_queries.Sort.URGENCY)
    following = task_queries.page(session, mine, by=page.user, after=None, limit=1, keys=context.keys, today=page.today)
    return page.show(
        "visit.html",
        visit=visit,
        done=Lit(Look.DONE, "已完成"),
        people=people,
        names={person["resident_id"]: person["name"] for person in people},
        raised=raised,
        following=next((known for row in following[:1] if (known := cards.whole(row.task))), None),
    )


def _members(
    page: Page, session: Session, context: Context, task_id: UUID | None, residents: str | None
) -> list[ResidentShown]:
    """Whom a form is about: those who are named, or everybody who lives with whom a task is about."""
    assert page.user is not None
    if task_id is None:
        try:
            ids = [UUID(written) for written in (residents or "").split(",")]
        except ValueError:
            raise NotFound("这份表格没有写明是哪一位居民。") from None
        recording.of_one_street(session, ids, by=page.user)
        return listing.some(session, ids, by=page.user, keys=context.keys, today=page.today)
    task = cards.whole(task_queries.one(session, task_id, by=page.user, keys=context.keys, today=page.today))
    resident = task["resident"] if task else None
    if task is None or resident is None:
        raise NotFound("这项走访要先领取。")
    whom = resident["resident_id"]
    if not task["household"]:
        return listing.some(session, [whom], by=page.user, keys=context.keys, today=page.today)
    home = listing.Filter(committee=resident["committee"], household=task["household"])
    rows = listing.page(
        session, home, by=page.user, after=None, limit=drafts.MOST_RESIDENTS, keys=context.keys, today=page.today
    )
    members = [row.resident for row in rows[: drafts.MOST_RESIDENTS]]
    return sorted(members, key=lambda member: member["resident_id"] != whom)


def _flat(form: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """A draft as the fields of a form, also one that another program saved in the shape of the interface."""
    for name, value in form.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif isinstance(value, list):
            yield from ((f"{above}{name}", str(each)) for each in value)
        elif value is not None:
            yield f"{above}{name}", str(value).lower() if isinstance(value, bool) else str(value)


def _read(form: Form, task_id: UUID | None) -> VisitForm:
    """The body that a program would send; raises `Invalid` with everything that is to be changed."""
    values = fields_of(form)
    problems = [Problem(name, "missing", words) for name, words in _MUST if not values.get(name)]
    if not values["resident_ids"]:
        problems.insert(0, Problem("met", "missing", "请选这次见到了谁。"))
    if problems:
        raise Invalid("有几处需要改。", problems=problems)
    said = {"visit_id": form.text("visit_id"), "task_id": None if task_id is None else str(task_id)}
    return checked(VisitForm, {**said, **values, "merge": form.flag("merge")})


def fields_of(form: Form) -> dict[str, Any]:
    """What the fields of the page say, by the names of the interface."""
    met = {name.partition(".")[2]: value for name, value in form.pairs if name.startswith("met.") and value}
    hours: Decimal | None = form.decimal("duration_hours")
    found = {
        name.value: {"level": level, "note": form.optional(f"dimensions.{name}.note")}
        for name in Dimension
        if (level := form.text(f"dimensions.{name}.level"))
    }
    return {
        "resident_ids": list(met),
        "met": {resident_id: value == "true" for resident_id, value in met.items()},
        "mode": form.text("mode"),
        "mode_text": form.optional("mode_text"),
        "participants": [name.strip() for name in _BETWEEN_NAMES.split(form.text("participants")) if name.strip()],
        "service_date": form.text("service_date"),
        "duration_hours": None if hours is None else float(hours),
        "services": form.all("services"),
        "initiated_by": form.text("initiated_by"),
        "companions": form.optional("companions"),
        "narrative": form.text("narrative"),
        "dimensions": found or None,
        "visited_by_role": form.optional("visited_by_role"),
        "several_households": True if form.flag("several_households") else None,
    }


def checked(model: type[forms.Checked], values: Mapping[str, Any]) -> forms.Checked:
    """The same, checked by the schema; what is wrong with one of several stands at the field that holds them."""
    try:
        return forms.checked(model, values)
    except Invalid as refusal:
        problems = [problem._replace(loc=_PLACE_IN_LIST.sub("", problem.loc)) for problem in refusal.problems]
        raise Invalid(refusal.detail, problems=problems) from None
