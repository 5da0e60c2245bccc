"""Tasks as people see them: listed, filtered, each with its duties, its lamp and its reasons. Nothing here writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import NotFound
from core.organisation import users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import rulebooks
from core.residents import masking
from core.tasks.actions import GONE
from rules.calendar import period_named

Row = Mapping[str, Any]
# Where the next page begins: the sort column's value and the task.
After = tuple[date | datetime, UUID]

_COLUMNS = (
    "t.street_code, t.task_id, t.kind, t.state, t.tier, t.due_on, t.planned_on, t.why, t.assigned_because,"
    " t.escalation_level, t.assignee_id, u.name AS assignee_name, t.resident_id, r.name, r.committee_code,"
    " c.name AS committee_name, t.created_at, t.updated_at, t.closed_at, t.closed_because"
)
_FROM = (
    " FROM task t JOIN resident r ON r.street_code = t.street_code AND r.resident_id = t.resident_id"
    " JOIN committee c ON c.code = r.committee_code LEFT JOIN user_account u ON u.user_id = t.assignee_id"
    " WHERE t.street_code = ANY(:streets) AND r.street_code = ANY(:streets) AND r.moved_to IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What somebody wants to see; None is everything."""

    mine: bool = False
    state: str | None = None
    overdue: bool | None = None
    kind: str | None = None
    street: str | None = None
    committee: str | None = None
    tier: str | None = None
    due_before: date | None = None
    updated_since: datetime | None = None

    @property
    def sorted_by(self) -> str:
        """Who asks for what is new wants it in order of change; everybody else by due day."""
        return "updated_at" if self.updated_since is not None else "due_on"


def page(
    session: Session, wanted: Filter, *, by: User, after: After | None, limit: int, today: date
) -> list[dict[str, Any]]:
    """Tasks the caller may see, most urgent first; one more than `limit` when there are more."""
    by.require(May.READ_TASKS)
    sort = f"t.{wanted.sorted_by}"
    where, values = _where(wanted, by, today)
    if after is not None:
        where.append(f"({sort}, t.task_id) > (:after, :after_id)")
        values.update(after=after[0], after_id=after[1])
    rows = session.execute(
        text(
            f"SELECT {_COLUMNS}{_FROM}{''.join(f' AND {one}' for one in where)} ORDER BY {sort}, t.task_id LIMIT :limit"
        ),
        {**values, "limit": limit + 1},
    ).mappings()
    return _bodies(session, [dict(row) for row in rows], today=today)


def _where(wanted: Filter, by: User, today: date) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {"streets": _streets(by, wanted.street)}
    # Row-level security keeps other committees out as well; named here, the index serves it.
    if by.committees is not None:
        where.append("t.committee_code = ANY(:committees)")
        values["committees"] = list(by.committees)
    if wanted.mine or by.role is Role.VISITOR:
        where.append("t.assignee_id = :user")
        values["user"] = by.user_id
    for column, value in (
        ("t.state", wanted.state),
        ("t.kind", wanted.kind),
        ("t.committee_code", wanted.committee),
        ("t.tier", wanted.tier),
    ):
        if value is not None:
            name = column.removeprefix("t.")
            where.append(f"{column} = :{name}")
            values[name] = value
    if wanted.overdue is not None:
        overdue = "(t.state = 'open' AND t.due_on < :today)"
        where.append(overdue if wanted.overdue else f"NOT {overdue}")
        values["today"] = today
    if wanted.due_before is not None:
        where.append("t.due_on < :due_before")
        values["due_before"] = wanted.due_before
    if wanted.updated_since is not None:
        where.append("t.updated_at >= :updated_since")
        values["updated_since"] = wanted.updated_since
    return where, values


def _streets(by: User, street: str | None) -> list[str]:
    return [one for one in by.streets if street in (None, one)]


def some(session: Session, task_ids: Sequence[UUID], *, by: User, today: date) -> list[dict[str, Any]]:
    """Certain tasks of the caller's streets and committees, in order of due day."""
    rows = session.execute(
        text(f"SELECT {_COLUMNS}{_FROM} AND t.task_id = ANY(:tasks) ORDER BY t.due_on, t.task_id"),
        {"streets": list(by.streets), "tasks": list(task_ids)},
    ).mappings()
    return _bodies(session, [dict(row) for row in rows], today=today)


def one(session: Session, task_id: UUID, *, by: User, today: date) -> dict[str, Any]:
    """One task with its history. A visitor sees their own and those of the pool, which they may claim."""
    by.require(May.READ_TASKS)
    found = some(session, [task_id], by=by, today=today)
    if not found:
        raise NotFound(GONE)
    assignee = found[0]["assignee"]
    if by.role is Role.VISITOR and assignee is not None and assignee["user_id"] != by.user_id:
        raise NotFound(GONE)
    return {**found[0], "history": _history(session, task_id, by=by)}


def _history(session: Session, task_id: UUID, *, by: User) -> list[dict[str, Any]]:
    rows = session.execute(
        text(
            "SELECT at, what, by_user_id, details FROM task_event WHERE street_code = ANY(:streets)"
            " AND task_id = :task ORDER BY at, event_id"
        ),
        {"streets": list(by.streets), "task": task_id},
    ).all()
    names = users.names(session, [row.by_user_id for row in rows if row.by_user_id])
    return [
        {
            "at": row.at,
            "what": row.what,
            "by": {"user_id": row.by_user_id, "name": names.get(row.by_user_id, "")} if row.by_user_id else None,
            "details": row.details or {},
        }
        for row in rows
    ]


def _bodies(session: Session, rows: Sequence[Row], *, today: date) -> list[dict[str, Any]]:
    if not rows:
        return []
    duties = _duties(session, rows)
    soon = {
        street: rulebooks.of_street(session, street).parameter("due_soon", today).value
        for street in {row["street_code"] for row in rows}
    }
    calendar = rulebooks.calendar(session)
    return [
        {
            **_body(row, duties[row["task_id"]], soon[row["street_code"]], today),
            "provisional": calendar.is_provisional(row["due_on"]),
        }
        for row in rows
    ]


def _duties(session: Session, rows: Sequence[Row]) -> dict[UUID, list[Row]]:
    """What each task holds: of an open one what somebody still has to go for, of a closed one all it ever held."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    held = session.execute(
        text(
            "SELECT task_id, kind, period, starts_on, due_on, modes, state, made_up_on FROM duty"
            " WHERE street_code = ANY(:streets) AND resident_id = ANY(:residents) AND task_id = ANY(:tasks)"
            " AND (task_id = ANY(:closed) OR state = 'open' OR (state = 'missed' AND made_up_on IS NULL))"
            " ORDER BY due_on, duty_id"
        ),
        {
            "streets": sorted({row["street_code"] for row in rows}),
            "residents": [row["resident_id"] for row in rows],
            "tasks": [row["task_id"] for row in rows],
            "closed": [row["task_id"] for row in rows if row["state"] != "open"],
        },
    ).mappings()
    for row in held:
        found[row["task_id"]].append(dict(row))
    return found


def _body(row: Row, duties: Sequence[Row], soon: Mapping[str, int], today: date) -> dict[str, Any]:
    overdue = row["state"] == "open" and row["due_on"] < today
    return {
        "task_id": row["task_id"],
        "kind": row["kind"],
        "state": row["state"],
        "resident": {
            "resident_id": row["resident_id"],
            "name": masking.mask_name(row["name"]),
            "committee": row["committee_code"],
            "committee_name": row["committee_name"],
        },
        "tier": row["tier"],
        "due_on": row["due_on"],
        "planned_on": row["planned_on"],
        "overdue": overdue,
        "lamp": "overdue" if overdue else _lamp(row, duties, soon, today),
        "duties": [{key: duty[key] for key in ("kind", "period", "due_on", "modes", "state")} for duty in duties],
        "why": row["why"],
        "assignee": {"user_id": row["assignee_id"], "name": row["assignee_name"]} if row["assignee_id"] else None,
        "assigned_because": row["assigned_because"],
        "escalation_level": row["escalation_level"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "closed_at": row["closed_at"],
        "closed_because": row["closed_because"],
    }


def _lamp(row: Row, duties: Sequence[Row], soon: Mapping[str, int], today: date) -> str:
    """Due soon: the last third of the period, or the last 7 days of a month (A31)."""
    if row["state"] != "open":
        return "none"
    windows = [_window(duty) for duty in duties] or [(clock.today(row["created_at"]), row["due_on"])]
    return "due_soon" if any(_begins(window, soon) <= today for window in windows) else "none"


def _window(duty: Row) -> tuple[date, date]:
    """The whole period of a periodic duty, however late in it the duty arose; else from arrival to the due day."""
    if duty["period"] is None:
        return duty["starts_on"], duty["due_on"]
    period = period_named(duty["period"])
    return period.first, period.last


def _begins(window: tuple[date, date], soon: Mapping[str, int]) -> date:
    first, last = window
    is_month = first.day == 1 and (first.year, first.month) == (last.year, last.month)
    days = soon["month_days"] if is_month else ((last - first).days + 1) // soon["share_of_period"]
    return last - timedelta(days=days - 1)


def counts(session: Session, streets: Sequence[str], *, now: datetime) -> dict[str, int]:
    """How many tasks are open in some streets, and how many of them overdue."""
    row = session.execute(
        text(
            "SELECT count(*) AS open, count(*) FILTER (WHERE due_on < :today) AS overdue FROM task"
            " WHERE street_code = ANY(:streets) AND state = 'open'"
        ),
        {"streets": list(streets), "today": clock.today(now)},
    ).one()
    return {"open": row.open, "overdue": row.overdue}
