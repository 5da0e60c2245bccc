"""The district: its streets, its escalations, and the clock of a sandbox."""

from datetime import datetime
from uuid import UUID

from api.schemas.common import Body, Instant, Shown


class CommitteeShown(Shown):
    """A 居委会 or 村委会."""

    code: str
    name: str


class StreetShown(Shown):
    """A 街镇 with its committees."""

    code: str
    name: str
    committees: list[CommitteeShown]


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
