"""The outbox: a row for everybody who is to hear of something, written with the thing itself."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from core import bulk
from core.ids import uuid7


def post(
    session: Session,
    street: str,
    users: Iterable[UUID],
    *,
    kind: str,
    text: str,
    task_id: UUID | None,
    now: datetime,
) -> None:
    """Put a message into the in-app inbox of some users."""
    bulk.insert(
        session,
        "notification",
        [
            {
                "street_code": street,
                "notification_id": uuid7(),
                "user_id": user,
                "kind": kind,
                "task_id": task_id,
                "text": text,
                "created_at": now,
            }
            for user in users
        ],
    )
