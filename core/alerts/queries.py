"""The inbox as people and upstream systems see it, and how much of it waits. Nothing here writes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypedDict, assert_never
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from core.alerts.source_keys import Caller
from core.errors import NotAllowed, NotFound
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.store.words import AlertProblem, AlertStatus


class AlertShown(TypedDict):
    """An alert without what it says about the person."""

    alert_id: UUID
    street: str
    source: str
    id: str
    type: str
    time: datetime
    status: AlertStatus
    received_at: datetime
    processed_at: datetime | None
    resident_id: UUID | None
    tier_before: str | None
    tier_after: str | None
    task_ids: list[UUID]
    problem_code: AlertProblem | None
    problem: str | None
    due_on: date | None
    overdue: bool


GONE = "您的街镇中没有这条消息。"
_ITEM = (
    "street_code AS street, alert_id, source, event_id AS id, type, event_at AS time, status, received_at,"
    " processed_at, resident_id, tier_before, tier_after, task_ids, problem_code, failure, due_on"
)


def page(
    session: Session,
    known: Divisions,
    *,
    source: str | None,
    event_id: str | None,
    status: str | None,
    after: UUID | None,
    limit: int,
    by: User | Caller,
    today: date,
) -> list[AlertShown]:
    """Alerts of one's streets, or of a key's own source, the newest first; one more than `limit` for more."""
    by.require(May.READ_ALERTS)
    streets: Sequence[str] = by.streets_of(known) if isinstance(by, Caller) else by.streets
    if isinstance(by, Caller):
        if source not in (None, by.source):
            raise NotAllowed("密钥只能查看自己来源的消息。")
        source = by.source
    values = {"source": source, "event_id": event_id, "status": status}
    where = "".join(f" AND {column} = :{column}" for column, value in values.items() if value is not None)
    if after is not None:
        where += " AND alert_id < :after"
    rows = session.execute(
        text(f"SELECT {_ITEM} FROM alert WHERE street_code = ANY(:streets){where} ORDER BY alert_id DESC LIMIT :limit"),
        {**values, "streets": list(streets), "after": after, "limit": limit + 1},
    )
    return [_shown(row, today) for row in rows]


def one(session: Session, alert_id: UUID, streets: Sequence[str], *, today: date) -> AlertShown:
    """One alert of some streets."""
    row = session.execute(
        text(f"SELECT {_ITEM} FROM alert WHERE street_code = ANY(:streets) AND alert_id = :alert"),
        {"streets": list(streets), "alert": alert_id},
    ).one_or_none()
    if row is None:
        raise NotFound(GONE)
    return _shown(row, today)


def _shown(row: Row[Any], today: date) -> AlertShown:
    """An alert with its problem as a sentence; the day by which to settle it is that of one that still waits."""
    waits = row.status == AlertStatus.QUARANTINED and row.due_on is not None
    status = AlertStatus(row.status)
    code = AlertProblem(row.problem_code) if row.problem_code else None
    return AlertShown(
        alert_id=row.alert_id,
        street=row.street,
        source=row.source,
        id=row.id,
        type=row.type,
        time=row.time,
        status=status,
        received_at=row.received_at,
        processed_at=row.processed_at,
        resident_id=row.resident_id,
        tier_before=row.tier_before,
        tier_after=row.tier_after,
        task_ids=row.task_ids,
        problem_code=code,
        problem=problem(code, row.failure, status) if code else None,
        due_on=row.due_on if waits else None,
        overdue=waits and row.due_on < today,
    )


def problem(code: AlertProblem, failure: str | None, status: AlertStatus) -> str:
    """Why an alert waits, and what would help."""
    match code:
        case AlertProblem.UNKNOWN_PERSON:
            return "登记册中没有这个人：请先登记，或者写明街镇和居村以后重放。"
        case AlertProblem.NAME_DIFFERS:
            return "这个号码登记的是另一个姓名：请核对是同一个人（更正姓名），还是另一个人（更正号码）。"
        case AlertProblem.TWO_RESIDENTS:
            return "身份证号码和来源编号分属两位居民：请核对是同一个人（合并两人），还是另一个人（更正号码）。"
        case AlertProblem.AMBIGUOUS:
            return "有多项事实都符合，说不清是哪一项：请写明原因（`cause`）或起始日期（`valid_from`）以后重放。"
        case AlertProblem.ENDED_SINCE:
            return (
                "所说的事以前已经报过，此后已经结束，或由人作了决定，重复报送不再改变：确有新情况，请以新的日期报送。"
            )
        case AlertProblem.FAILED:
            what = f"处理没有成功（{failure}）" if failure else "处理没有成功"
            if status is AlertStatus.QUARANTINED:
                return f"{what}，已不再重试：请更正以后重放，或者请管理员查明原因。"
            return f"{what}，过一会儿会再试。"
        case _:
            assert_never(code)


def counts(session: Session, streets: Sequence[str]) -> dict[str, int]:
    """How many alerts wait to be processed, and how many for somebody to correct them."""
    rows = session.execute(
        text(
            "SELECT status, count(*) AS alerts FROM alert WHERE street_code = ANY(:streets)"
            " AND status IN ('accepted', 'quarantined') GROUP BY status"
        ),
        {"streets": list(streets)},
    )
    return {"accepted": 0, "quarantined": 0} | {row.status: row.alerts for row in rows}


def pending(session: Session, streets: Sequence[str], most: int) -> int:
    """How many accepted alerts wait to be processed, counted up to `most`."""
    found: int = session.execute(
        text(
            "SELECT count(*) FROM (SELECT FROM alert WHERE street_code = ANY(:streets) AND status = 'accepted'"
            " LIMIT :most) AS waiting"
        ),
        {"streets": list(streets), "most": most},
    ).scalar_one()
    return found


def waiting_before(session: Session, streets: Sequence[str], instant: datetime) -> int:
    """How many accepted alerts that came in before an instant still wait."""
    found: int = session.execute(
        text(
            "SELECT count(*) FROM alert WHERE street_code = ANY(:streets) AND status = 'accepted'"
            " AND received_at < :instant"
        ),
        {"streets": list(streets), "instant": instant},
    ).scalar_one()
    return found


def waiting_since(session: Session, streets: Sequence[str]) -> datetime | None:
    """When the accepted alert that has waited longest came in; None when none waits."""
    found: datetime | None = session.execute(
        text("SELECT min(received_at) FROM alert WHERE street_code = ANY(:streets) AND status = 'accepted'"),
        {"streets": list(streets)},
    ).scalar_one()
    return found
