"""The inbox as people and upstream systems see it, and how much of it waits. Nothing here writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import NotFound

GONE = "No such alert in your streets."
_ITEM = (
    "street_code AS street, alert_id, source, event_id AS id, type, event_at AS time, status, received_at,"
    " processed_at, resident_id, tier_before, tier_after, task_ids, problem"
)


def page(
    session: Session,
    streets: Sequence[str],
    *,
    source: str | None,
    event_id: str | None,
    status: str | None,
    after: UUID | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Alerts of some streets, the newest first; one more than `limit` when there are more."""
    values = {"source": source, "event_id": event_id, "status": status}
    where = "".join(f" AND {column} = :{column}" for column, value in values.items() if value is not None)
    if after is not None:
        where += " AND alert_id < :after"
    rows = session.execute(
        text(f"SELECT {_ITEM} FROM alert WHERE street_code = ANY(:streets){where} ORDER BY alert_id DESC LIMIT :limit"),
        {**values, "streets": list(streets), "after": after, "limit": limit + 1},
    ).mappings()
    return [dict(row) for row in rows]


def one(session: Session, alert_id: UUID, streets: Sequence[str]) -> dict[str, Any]:
    """One alert of some streets."""
    row = (
        session.execute(
            text(f"SELECT {_ITEM} FROM alert WHERE street_code = ANY(:streets) AND alert_id = :alert"),
            {"streets": list(streets), "alert": alert_id},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound(GONE)
    return dict(row)


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


def waiting_since(session: Session, streets: Sequence[str]) -> datetime | None:
    """When the accepted alert that has waited longest came in; None when none waits."""
    found: datetime | None = session.execute(
        text("SELECT min(received_at) FROM alert WHERE street_code = ANY(:streets) AND status = 'accepted'"),
        {"streets": list(streets)},
    ).scalar_one()
    return found
