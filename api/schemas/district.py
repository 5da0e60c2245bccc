"""The district: its streets, its escalations, and the clock of a sandbox."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Instant, Shown, Whole, example


class Committee(Shown):
    """A 居委会 or 村委会."""

    code: str
    name: str


class Street(Shown):
    """A 街镇 with its committees."""

    code: str
    name: str
    committees: list[Committee]


class EscalationStep(Body):
    """Who is told, or takes over, how many working days after a task's due day."""

    after_working_days: Annotated[Whole, Field(ge=-3, le=60)]
    to: Literal["assignee", "committee", "street_advisor", "street_manager", "district_officer"]
    action: Literal["remind", "reassign", "raise"]


class EscalationChainChange(
    Body,
    json_schema_extra=example(
        steps=[
            {"after_working_days": -3, "to": "assignee", "action": "remind"},
            {"after_working_days": 1, "to": "street_advisor", "action": "raise"},
            {"after_working_days": 3, "to": "street_manager", "action": "raise"},
            {"after_working_days": 8, "to": "district_officer", "action": "raise"},
        ]
    ),
):
    """A street's own chain, in the order in which it fires."""

    steps: Annotated[list[EscalationStep], Field(min_length=1, max_length=20)]


class EscalationChain(Shown):
    """The chain that new tasks take along; `inherited` from the district while the street has none of its own."""

    steps: list[EscalationStep]
    inherited: bool
    version: int | None


class Escalation(Shown):
    """A step of a chain that fired; `note` says when it went further up than it was meant to."""

    task_id: UUID
    resident_id: UUID
    street: str
    level: int
    action: str
    to: str
    note: str | None
    due_at: datetime
    fired_at: datetime


class ClockMove(Body, json_schema_extra=example(now="2026-03-20T09:00:00+08:00")):
    """Where business time is to go; forward only."""

    now: Instant


class Clock(Shown):
    """Business time."""

    now: datetime


class ReadinessPart(Shown):
    """One part of the instance."""

    state: str
    text: str


class Readiness(Shown):
    """`ok`, `degraded` (works, but somebody should look) or `down`."""

    status: str
    parts: dict[str, ReadinessPart]
