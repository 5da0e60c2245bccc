"""Duties as the table holds them: one dataclass, read by these columns and written by `core.duties.history` alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from core.residents.standing import Standing
from core.store.ids import uuid7
from core.store.rows import Rows
from rules.duties import DutyKind, DutyState, Limit, Owed
from rules.facts import Tier
from rules.parameters import Mode
from rules.policies import Terms


@dataclass(frozen=True, slots=True)
class Excuse:
    """Who excused a duty, when and why (A18, A22)."""

    by: UUID
    at: datetime
    reason: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Excuse":
        """As it stands in its column."""
        return cls(UUID(said["by"]), datetime.fromisoformat(said["at"]), said["reason"])


@dataclass(slots=True)
class Duty:
    """A visit owed: periodic (`occasion` = the period), or in response to news or a finding (`occasion` = which).

    The committee is the one responsible, on the last day of a period. `carried` says that the period was dealt with in
    another street, from where the person came. `version` counts its changes, and `changed_at` is when the latest was
    known: the row is the latest of its history.
    """

    street_code: str
    duty_id: UUID
    resident_id: UUID
    committee_code: str
    kind: DutyKind
    tier: Tier
    occasion: str
    period: str | None
    starts_on: date
    due_on: date
    modes: tuple[Mode, ...]
    limit: Limit
    clause: str
    policy_id: str
    policy_version: int
    coverage_version: int | None
    created_at: datetime
    changed_at: datetime
    version: int = 0
    state: DutyState = DutyState.OPEN
    reason: str | None = None
    task_id: UUID | None = None
    credited_visit_id: UUID | None = None
    late_entry: bool = False
    face_to_face: bool = False
    made_up_on: date | None = None
    made_up_visit_id: UUID | None = None
    carried: bool = False
    settled_at: datetime | None = None
    excuse: Excuse | None = None
    news_at: datetime | None = None
    stored: tuple[object, ...] | None = field(default=None, compare=False, repr=False)

    @property
    def is_held(self) -> bool:
        """Whether somebody still has to go for it: it is open, or was missed and nobody has gone since (A35)."""
        return self.kind is not DutyKind.FOLLOW_UP and (
            self.state is DutyState.OPEN or (self.state is DutyState.MISSED and self.made_up_on is None)
        )

    @property
    def owed(self) -> Owed:
        """As the rules look at it."""
        return Owed(
            kind=self.kind,
            tier=self.tier,
            occasion=self.occasion,
            period=self.period,
            starts_on=self.starts_on,
            due_on=self.due_on,
            modes=self.modes,
            limit=self.limit,
            clause=self.clause,
            news_at=self.news_at,
        )


DUTIES: Final = Rows(Duty, "duty", fixed=("resident_id", "kind", "occasion", "period", "limit", "clause", "created_at"))


def new(resident: Standing, owed: Owed, terms: Terms, *, now: datetime) -> Duty:
    """A duty that begins to be owed."""
    return Duty(
        street_code=resident.street_code,
        duty_id=uuid7(),
        resident_id=resident.resident_id,
        committee_code=resident.committee_code,
        kind=owed.kind,
        tier=owed.tier,
        occasion=owed.occasion,
        period=owed.period,
        starts_on=owed.starts_on,
        due_on=owed.due_on,
        modes=owed.modes,
        limit=owed.limit,
        clause=owed.clause,
        policy_id=terms.policy_id,
        policy_version=terms.policy_version,
        coverage_version=terms.coverage_version,
        created_at=now,
        changed_at=now,
        news_at=owed.news_at,
    )
