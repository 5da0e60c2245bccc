"""The record form (domain §6) in, and what a visit counted for out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from api.schemas.common import Body, Day, Flag, Id, Line, ModeName, Name, Narrative, Person, Shown, Text, example
from api.schemas.tasks import PoolTask, Task
from core.visits.forms import Form
from rules.facts import COVERED_TAGS, OUTREACH_TAGS

Service = Literal[
    "policy_explain",
    "apply_on_behalf",
    "need_screen",
    "lead_handle",
    "hardship_verify",
    "need_assess",
    "match_resource",
    "referral",
    "care",
    "counsel",
]
# The first five discharge a duty (A20); what the others tell is a lead.
VisitorRole = Literal[
    "street_advisor",
    "committee_advisor",
    "grid_worker",
    "volunteer",
    "social_worker",
    "relative",
    "neighbour",
    "family_doctor",
]
Level = Literal["ok", "watch", "risk", "urgent"]


class DimensionFinding(Body):
    """What was found in one dimension (四（二）)."""

    level: Level
    note: Text | None = None


def _finding(value: Any) -> Any:
    return {"level": value} if isinstance(value, str) else value


def _distinct(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("不能重复。")
    return values


def _one_decimal(hours: float) -> float:
    if abs(hours * 10 - round(hours * 10)) > 1e-6:
        raise ValueError("最多一位小数。")
    return round(hours, 1)


def _known_tags(tags: list[str]) -> list[str]:
    if any(tag not in COVERED_TAGS + OUTREACH_TAGS for tag in tags):
        raise ValueError("须是表格上的标签。")
    return _distinct(tags)


Residents = Annotated[list[Id], Field(min_length=1, max_length=20), AfterValidator(_distinct)]
Tags = Annotated[list[str], Field(max_length=10), AfterValidator(_known_tags)]
Participants = Annotated[list[Name], Field(min_length=1, max_length=20)]
Hours = Annotated[float, Field(strict=True, gt=0, le=12), AfterValidator(_one_decimal)]
Services = Annotated[list[Service], Field(min_length=1), AfterValidator(_distinct)]
Initiator = Literal["resident", "advisor"]
Found = Annotated[DimensionFinding, BeforeValidator(_finding, json_schema_input_type=Level | DimensionFinding)]


class Dimensions(Body):
    """The six-dimension check: what is left out was not looked at; it counts as done when all six are there."""

    economy: Found | None = None
    health: Found | None = None
    education: Found | None = None
    housing: Found | None = None
    employment: Found | None = None
    social: Found | None = None


class VisitForm(
    Body,
    json_schema_extra=example(
        visit_id="0195b0c1-7d3e-7000-8000-000000000001",
        resident_ids=["0195b0c1-7d3e-7000-8000-000000000002"],
        mode="home_visit",
        participants=["王芳"],
        service_date="2026-03-20",
        duration_hours=0.5,
        services=["care", "need_screen"],
        initiated_by="advisor",
        narrative="老人精神尚好，已讲解医疗救助政策。",
        dimensions={
            "economy": "ok",
            "health": {"level": "watch", "note": "血压偏高"},
            "education": "ok",
            "housing": "ok",
            "employment": "ok",
            "social": "ok",
        },
    ),
):
    """One record form. `visit_id` is the sender's own: the same form sent again is recorded once."""

    visit_id: Id
    resident_ids: Residents
    mode: ModeName
    mode_text: Annotated[Line | None, Field(validate_default=True)] = None
    tags: Tags | None = None
    participants: Participants
    service_date: Day
    duration_hours: Hours
    services: Services
    initiated_by: Initiator
    companions: Line | None = None
    narrative: Narrative
    met: dict[Id, Flag] | None = None
    dimensions: Dimensions | None = None
    task_id: Id | None = None
    visited_by_role: VisitorRole | None = None
    several_households: Flag | None = None
    merge: Flag = False

    @property
    def form(self) -> Form:
        """What core records."""
        # Without what was left out: a field added to the form later must not make an old form look changed.
        return Form.of(self.model_dump(mode="json", exclude={"merge"}, exclude_none=True), merge=self.merge)

    @field_validator("mode_text")
    @classmethod
    def _other_says_which(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None and info.data.get("mode") == "other":
            raise ValueError("服务方式为 `other` 时必须填写。")
        return text

    @field_validator("met")
    @classmethod
    def _of_this_visit(cls, met: dict[UUID, bool] | None, info: ValidationInfo) -> dict[UUID, bool] | None:
        if met is not None and not met.keys() <= set(info.data.get("resident_ids", met)):
            raise ValueError("只能写这次走访的居民。")
        return met


class VisitCorrection(Body, json_schema_extra=example(mode="phone", reason="当天是电话联系，误记为上门")):
    """The fields of the form to change, as they should have been, and why; null takes an optional one out."""

    reason: Text
    resident_ids: Residents | None = None
    mode: ModeName | None = None
    mode_text: Line | None = None
    tags: Tags | None = None
    participants: Participants | None = None
    service_date: Day | None = None
    duration_hours: Hours | None = None
    services: Services | None = None
    initiated_by: Initiator | None = None
    companions: Line | None = None
    narrative: Narrative | None = None
    met: dict[Id, Flag] | None = None
    dimensions: Dimensions | None = None
    task_id: Id | None = None
    visited_by_role: VisitorRole | None = None
    several_households: Flag | None = None

    @field_validator(
        "resident_ids",
        "mode",
        "participants",
        "service_date",
        "duration_hours",
        "services",
        "initiated_by",
        "narrative",
        mode="before",
    )
    @classmethod
    def _stays(cls, said: Any) -> Any:
        if said is None:
            raise ValueError("必填项不能去掉。")
        return said

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were said, as JSON."""
        return self.model_dump(mode="json", exclude={"reason"}, exclude_unset=True)


class VisitVoiding(Body, json_schema_extra=example(reason="记错了人，当天没有走访")):
    """Why a visit is taken back."""

    reason: Text


class CreditedDuty(Shown):
    """Which duty."""

    kind: str
    period: str | None
    due_on: date


class VisitCredit(Shown):
    """A duty this visit discharged."""

    resident_id: UUID
    duty: CreditedDuty
    state: str


class NotCredited(Shown):
    """A duty this visit did not discharge, and why."""

    resident_id: UUID
    duty: CreditedDuty
    because: str


class VisitReceipt(Shown):
    """What a visit counted for, and which tasks it raised."""

    visit_id: UUID
    credits: list[VisitCredit]
    not_credited: list[NotCredited]
    raised: list[Task | PoolTask]


class VisitRecord(Shown):
    """What a record form says. The district sees no narrative (A32)."""

    visit_id: UUID
    resident_ids: list[UUID]
    mode: ModeName
    mode_text: str | None = None
    tags: list[str] | None = None
    participants: list[str]
    service_date: date
    duration_hours: float
    services: list[str]
    initiated_by: str
    companions: str | None = None
    narrative: str | None = None
    met: dict[UUID, bool] | None = None
    dimensions: dict[str, Any] | None = None
    task_id: UUID | None = None
    visited_by_role: str | None = None
    several_households: bool | None = None


class Visit(VisitRecord):
    """A recorded visit as it stands, with what it counts for."""

    street: str
    narrative_masked: bool
    version: int
    voided_at: datetime | None
    void_reason: str | None
    recorded_by: Person
    recorded_at: datetime
    credits: list[VisitCredit]
    not_credited: list[NotCredited]


class VisitVersion(Shown):
    """How a visit stood from an instant on; `merged` is the form that was merged then, as it was sent."""

    version: int
    what: Literal["recorded", "merged", "corrected", "voided"]
    at: datetime
    by: Person
    reason: str | None
    record: VisitRecord
    merged: VisitRecord | None
