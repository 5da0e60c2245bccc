"""News in and out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas.common import Body, FieldError, Problem, Shown, Text, example

AlertProblem = Literal["unknown_person", "name_differs", "two_residents", "ambiguous", "ended_since", "failed"]
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
    due_on: date | None = Field(description="By when somebody must settle whom it is about.")
    overdue: bool


class AlertCandidate(Shown):
    """A resident whom an alert in doubt may be about."""

    resident_id: UUID
    street: str
    committee: str
    name: str


class AlertSettled(Shown):
    """How somebody settled whom an alert is about."""

    model_config = ConfigDict(populate_by_name=True)

    as_: Literal["same_person", "another_person"] = Field(alias="as")
    by: UUID
    at: datetime
    reason: str


class AlertDetails(Alert):
    """An alert with what it said; of the person, people see what is not masked."""

    data: dict[str, Any] | None = Field(description="Null where it can no longer be read.")
    resolution: AlertSettled | None
    candidates: list[AlertCandidate] = Field(description="Only for whoever settles a doubt: who it may be.")


class AlertResolution(
    Body, json_schema_extra=example(as_="another_person", id_number="319999195512310024", reason="电话核实，号码填错")
):
    """Whom an alert in doubt is about; another person is told by the corrected number."""

    as_: Literal["same_person", "another_person"] = Field(alias="as")
    id_number: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)] | None = None
    reason: Text


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
