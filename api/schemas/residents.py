"""Residents, what is decided about them and what they are owed; personal fields masked."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas.common import Body, Day, Flag, Id, Line, Name, Person, Shown, Text, TierName, example
from api.schemas.tasks import Lamp, LastVisit, OpenFinding


class ResidentSummary(Shown):
    """A resident as lists show them: by full name and with the address to the building for whoever must visit them."""

    resident_id: UUID
    name: str
    street: str
    committee: str
    committee_name: str
    tier: TierName
    # The day itself is a field to be revealed.
    birth_year: int | None
    age: int | None
    sex: str | None
    # The address to the building, else the committee.
    place: str
    household: str | None
    tags: list[str]
    last_visit: LastVisit | None
    next_due_on: date | None
    lamp: Lamp
    assignee: Person | None
    paired: Person | None
    open_findings: list[OpenFinding]
    open_needs: list[UUID]


class ResidentDetails(ResidentSummary):
    """A resident as their own page shows them; what is masked or left out is shown on request (`reveal`)."""

    id_number: str | None
    phone: str | None
    has_address: bool
    relation: str | None
    facts: list[dict[str, Any]]
    rules: list[str]
    paired_user_id: UUID | None
    died_on: date | None
    decided_on: date | None
    opened_on: date


class ResidentSearch(Body, json_schema_extra=example(name="明", building="测试路1弄2号", phone_tail="5678")):
    """What is remembered of a person, at least one of it; in a body, so that it stands in no log of addresses."""

    name: Name | None = None
    building: Line | None = None
    phone_tail: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{4}$")] | None = None


class ResidentLookup(Body, json_schema_extra=example(id_number="319999196001010040")):
    """An ID number; in a body, so that it stands in no log of addresses."""

    id_number: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]


class ResidentCorrection(Body, json_schema_extra=example(birth_date="1960-01-01", phone="13800000000")):
    """Confirmed corrections; absent fields stay as they are."""

    id_number: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)] | None = None
    birth_date: Day | None = None
    sex: Literal["male", "female"] | None = None
    name: Name | None = None
    phone: Annotated[str, StringConstraints(strict=True, max_length=40)] | None = None
    address: Annotated[str, StringConstraints(strict=True, max_length=300)] | None = None
    household: Name | None = None
    relation: Name | None = None
    reason: Text | None = None


class MergeRequest(
    Body,
    json_schema_extra=example(with_="0195b0c1-7d3e-7000-8000-000000000001", reason="电话核实，是同一人", dry_run=True),
):
    """Who is the same person; with `dry_run` nothing is changed."""

    with_: Id = Field(alias="with")
    reason: Text
    dry_run: Flag = False


class MergeReceipt(Shown):
    """What a merge did, or would do: how much of the resident merged away is the other's now."""

    resident_id: UUID
    merged: UUID
    street: str
    from_street: str
    dry_run: bool
    facts: int
    visits: int
    credits: int
    duties: int
    tasks: int
    attempts: int
    open_task_id: UUID | None = Field(description="The one visit task that is left open.")
    closed_task_ids: list[UUID]


class PairingChange(Body, json_schema_extra=example(user_id="0195b0c1-7d3e-7000-8000-000000000001")):
    """Who is to go first; null takes the pairing back."""

    user_id: Id | None


class RestoreRequest(Body, json_schema_extra=example(reason="派出所核实，系同名他人去世")):
    """Why it is known that the person neither died nor left."""

    reason: Line


class RevealRequest(Body, json_schema_extra=example(field="phone", reason="上门前电话预约")):
    """A personal field to be shown whole, and what it is needed for."""

    field: Literal["name", "id_number", "birth_date", "phone", "address"]
    reason: Line


class RevealedField(Shown):
    """A personal field in the clear."""

    field: str
    value: str | None


class EntryReceipt(Shown):
    """News that goes through the inbox; its effect shows as soon as it is processed."""

    alert_id: UUID


class Duty(Shown):
    """A visit owed, in whatever state."""

    kind: Literal["periodic", "response", "follow_up"]
    tier: TierName
    period: str | None
    starts_on: date
    due_on: date
    limit: Literal["policy", "local"]
    state: Literal["open", "met", "late", "missed", "excused", "cancelled"]
    credited_visit_id: UUID | None
    reason: str | None
    modes: list[str]
    clause: str
    late_entry: bool
    made_up_on: date | None
    # Whether `due_on` was counted over a year whose working days have not been entered yet.
    provisional: bool


TimelineWord = Literal[
    "alert", "fact", "decision", "duty", "task", "attempt", "assignment", "escalation", "excuse", "visit"
]


class TimelineEntry(Shown):
    """Something in a resident's history, with its own fields."""

    model_config = ConfigDict(extra="allow")

    at: datetime
    what: TimelineWord


class DecisionReason(Shown):
    """A route to a tier that holds."""

    rule: str
    tier: TierName
    clause: str
    label: str
    layer: str
    facts: list[dict[str, Any]]


class NearMiss(Shown):
    """A rule of a higher tier that exactly one condition keeps from holding."""

    rule: str
    tier: TierName
    label: str
    layer: str
    failed: str
    condition: dict[str, Any]
    true_from: date | None


class PolicyReference(Shown):
    """Which policy judged."""

    id: str
    version: int


class Decision(Shown):
    """A decision and everything that explains it."""

    on: date
    tier: TierName
    reasons: list[DecisionReason]
    near_misses: list[NearMiss]
    suggestions: list[dict[str, str]]
    warnings: list[dict[str, str]]
    policy: PolicyReference
    coverage_version: int | None
    next_change_on: date | None


class ResidentDecision(Decision):
    """The decision about a resident."""

    resident_id: UUID


class ClassifyRequest(
    Body,
    json_schema_extra=example(
        on="2026-03-20",
        street="310117001",
        persons=[
            {
                "birth_date": "1960-01-01",
                "facts": [
                    {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01", "valid_to": None},
                    {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"},
                ],
            }
        ],
    ),
):
    """Persons to be judged by the rules alone; nothing is stored."""

    on: Day
    street: Annotated[str, StringConstraints(strict=True, max_length=9)] | None = None
    persons: Annotated[list[Any], Field(max_length=10_000, description='{"birth_date", "facts"} each')]


class Decisions(Shown):
    """A decision a person, in order."""

    decisions: list[Decision]
