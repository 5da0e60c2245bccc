"""What streets add, and the district's policies."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Body, Day, Line, Shown, Whole, example

# YAML as a text, or the same as JSON; the rules' own reader says what is wrong in it, and where.
Document = Annotated[str, Field(max_length=200_000)] | dict[str, Any]


class CoverageChange(
    Body,
    json_schema_extra=example(
        document={
            "tags": {"living_alone": "独居"},
            "rules": [
                {
                    "id": "old_and_alone",
                    "tier": "key",
                    "label": "80岁以上独居老人",
                    "when": {"all": [{"age_at_least": 80}, {"tag": "living_alone"}]},
                }
            ],
        },
        effective_on="2026-04-01",
        comment="独居老人列为重点",
    ),
):
    """A street's document and the day from which it holds."""

    document: Document
    effective_on: Day
    comment: Line


class CoverageDraft(Body, json_schema_extra=example(document={"frequency": {"general": "quarter"}}, on="2026-04-01")):
    """A document to be looked at."""

    document: Document
    on: Day | None = None


class CoverageRollback(Body, json_schema_extra=example(version=0)):
    """The version to go back to; 0 is the district's rules alone."""

    version: Annotated[Whole, Field(ge=0)]


class StoredVersion(Shown):
    """The number of the version that was made."""

    version: int


class CoverageVersion(Shown):
    """One version of a street's document."""

    version: int
    effective_on: Day
    document: dict[str, Any]
    comment: str
    by: UUID | None
    created_at: datetime


class StreetCoverage(Shown):
    """What holds today, every version, and how many residents have still to be decided anew."""

    street: str
    in_force: CoverageVersion | None
    versions: list[CoverageVersion]
    waiting: int


class PolicyChange(
    Body,
    json_schema_extra=example(
        document="id: songjiang-2024-33\nversion: 2\neffective_on: 2026-07-01\n…", comment="二季度修订"
    ),
):
    """A policy as YAML; its first day stands in it."""

    document: Annotated[str, Field(max_length=500_000)]
    comment: Line


class PolicyDraft(
    Body,
    json_schema_extra=example(
        document="id: songjiang-2024-33\nversion: 2\neffective_on: 2026-07-01\n…", on="2026-07-01"
    ),
):
    """A draft to be looked at, from its first day or a later one."""

    document: Annotated[str, Field(max_length=500_000)]
    on: Day | None = None


class Policy(Shown):
    """One version of the district's policy."""

    id: str
    version: int
    effective_on: Day
    state: Literal["past", "in_force", "scheduled"]
    comment: str
    document: str
    created_at: datetime


class StoredPolicy(Shown):
    """Which version was stored."""

    id: str
    version: int
    effective_on: Day
