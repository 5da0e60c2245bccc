"""Why somebody was not visited, as one answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Shown, TierName

From = Annotated[date, Field(serialization_alias="from", validation_alias="from")]


class Colleague(Shown):
    """Somebody who works here."""

    user_id: UUID
    name: str


class VisitOwed(Shown):
    """A visit that was owed, why, and what became of it; `label` is what put the resident into their tier."""

    kind: Literal["periodic", "response", "follow_up"]
    tier: TierName
    period: str | None
    clause: str
    limit: Literal["policy", "local"]
    label: str | None
    starts_on: date
    due_on: date
    committee: str
    state: Literal["open", "met", "late", "missed", "excused"]
    because: str
    words: str | None
    credited_visit_id: UUID | None
    made_up_on: date | None


class ResponsibleOne(Shown):
    """Who was to go, from when to when; nobody while it lay in the pool of the committee."""

    user: Colleague | None
    from_: From
    to: date | None
    because: list[str]


class Tried(Shown):
    """Somebody went, or called, and what came of it."""

    on: date
    outcome: str
    by: Colleague | None


class ToldOne(Shown):
    """A step of the chain that fired: to which office, and whom it reached."""

    level: int
    action: str
    to: str
    recipients: list[Colleague]
    at: datetime


class AbsentOne(Shown):
    """Somebody who was to go was away."""

    user: Colleague
    from_: From
    to: date


class WhyNotVisited(Shown):
    """What was owed in a period, who was to go, who tried, who was told, who was away, and what came of it."""

    resident_id: UUID
    period: str
    as_known_on: date | None
    owed: list[VisitOwed]
    responsible: list[ResponsibleOne]
    tried: list[Tried]
    told: list[ToldOne]
    absent: list[AbsentOne]
    result: Literal["open", "met", "late", "missed", "excused", "not_owed"]
    because: str | None
    made_up_on: date | None
