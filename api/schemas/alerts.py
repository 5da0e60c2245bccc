"""News in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, FieldError, Problem, Shown, example

AlertProblem = Literal["unknown_person", "ambiguous", "ended_since", "failed"]
AlertStatus = Literal["accepted", "processed", "quarantined", "conflict"]


class RejectedEvent(Shown):
    """One event that was refused: its place in the request, its id where that could be read, and why."""

    index: int
    id: str | None
    errors: list[FieldError]


class PushReceipt(Shown):
    """What became of the events of a request; sent only after the commit."""

    accepted: int
    duplicates: int
    rejected: list[RejectedEvent]
    rejected_total: int | None = Field(None, description="When there are more than the 1,000 listed.")


class PushRefusal(Problem):
    """Why no event of a request was taken; the counts are there when its events could be told apart."""

    accepted: Literal[0] = 0
    duplicates: Literal[0] = 0
    rejected: Annotated[list[RejectedEvent], Field(default_factory=list)]


class Alert(Shown):
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
    problem_code: AlertProblem | None
    problem: str | None


class AlertCorrection(
    Body,
    json_schema_extra=example(
        data={
            "person": {
                "id_number": "319999196001010040",
                "name": "张三",
                "street": "310117001",
                "committee": "310117001001",
            },
            "pushed_on": "2026-03-20",
        }
    ),
):
    """Corrected data of the event; absent: as it was sent."""

    data: dict[str, Any] | None = None
