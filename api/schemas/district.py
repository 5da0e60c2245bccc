"""The district: its streets, its escalations, and the clock of a sandbox."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Instant, Shown, Whole


class CommitteeShown(Shown):
    """A 居委会 or 村委会."""

    code: str
    name: str


class StreetShown(Shown):
    """A 街镇 with its committees."""

    code: str
    name: str
    committees: list[CommitteeShown]


class Step(Body):
    """Who is told, or takes over, how many working days after a task's due day."""

    after_working_days: Annotated[Whole, Field(ge=-3, le=60)]
    to: Literal["assignee", "committee", "street_advisor", "street_manager", "district_officer"]
    action: Literal["remind", "reassign", "raise"]


class ChainPut(Body):
    """A street's own chain, in the order in which it fires."""

    steps: Annotated[list[Step], Field(min_length=1, max_length=20)]


class ChainShown(Shown):
    """The chain that new tasks take along; `inherited` from the district while the street has none of its own."""

    steps: list[Step]
    inherited: bool
    version: int | None


class EscalationShown(Shown):
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


class ClockMove(Body):
    """Where business time is to go; forward only."""

    now: Instant


class ClockShown(Shown):
    """Business time."""

    now: datetime


class Part(Shown):
    """One part of the instance."""

    state: str
    text: str


class Readiness(Shown):
    """`ok`, `degraded` (works, but somebody should look) or `down`."""

    status: str
    parts: dict[str, Part]
