"""News in and out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from api.schemas.common import Body, Error, Shown

AlertStatus = Literal["accepted", "processed", "quarantined", "conflict"]


class Rejected(Shown):
    """One event that was refused: its place in the request, its id where that could be read, and why."""

    index: int
    id: str | None
    errors: list[Error]


class AlertsReceipt(Shown):
    """What became of the events of a request; sent only after the commit."""

    accepted: int
    duplicates: int
    rejected: list[Rejected]


class AlertShown(Shown):
    """One alert of the inbox, without what it says about the person."""

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
    problem: str | None


class Replay(Body):
    """Corrected data of the event; absent: as it was sent."""

    data: dict[str, Any] | None = None
