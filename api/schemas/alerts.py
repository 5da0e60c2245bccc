"""News in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Error, ProblemDocument, Shown

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
    rejected_total: int | None = Field(None, description="When there are more than the 1,000 listed.")


class AlertsRefused(ProblemDocument):
    """Why no event of a request was taken; the counts are there when its events could be told apart."""

    accepted: Literal[0] = 0
    duplicates: Literal[0] = 0
    rejected: Annotated[list[Rejected], Field(default_factory=list)]


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
