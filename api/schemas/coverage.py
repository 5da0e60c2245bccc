"""What streets add, and the district's policies."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Day, Line, Shown, Whole

# YAML as a text, or the same as JSON; the rules' own reader says what is wrong in it, and where.
Document = Annotated[str, Field(max_length=200_000)] | dict[str, Any]


class CoveragePut(Body):
    """A street's document and the day from which it holds."""

    document: Document
    effective_on: Day
    comment: Line


class CoveragePreview(Body):
    """A document to be looked at."""

    document: Document
    on: Day | None = None


class Rollback(Body):
    """The version to go back to; 0 is the district's rules alone."""

    version: Annotated[Whole, Field(ge=0)]


class Stored(Shown):
    """The number of the version that was made."""

    version: int


class CoverageVersionShown(Shown):
    """One version of a street's document."""

    version: int
    effective_on: Day
    document: dict[str, Any]
    comment: str
    by: UUID | None
    created_at: datetime


class CoverageShown(Shown):
    """What holds today, every version, and how many residents have still to be decided anew."""

    street: str
    in_force: CoverageVersionShown | None
    versions: list[CoverageVersionShown]
    waiting: int


class PolicyPut(Body):
    """A policy as YAML; its first day stands in it."""

    document: Annotated[str, Field(max_length=500_000)]
    comment: Line


class PolicyPreview(Body):
    """A draft to be looked at, from its first day or a later one."""

    document: Annotated[str, Field(max_length=500_000)]
    on: Day | None = None


class PolicyShown(Shown):
    """One version of the district's policy."""

    id: str
    version: int
    effective_on: Day
    state: Literal["past", "in_force", "scheduled"]
    comment: str
    document: str
    created_at: datetime


class PolicyStored(Shown):
    """Which version was stored."""

    id: str
    version: int
    effective_on: Day
