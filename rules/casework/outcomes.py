"""What may come of a contact, typed: needs, suggestions, plans, follow-ups, facts and notices, each with its causes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, NamedTuple

from rules.casework.codes import Category, Dimension, Handled, Urgency
from rules.casework.findings import Finding
from rules.casework.limits import Limit
from rules.casework.rules import Kind, NoticeTo, StatedFact
from rules.casework.standing import OpenNeed, WrittenNeed
from rules.conditions import Leaf, Rule


class Ground(NamedTuple):
    """What a cause rests on, by the names under which it is stored: the rule, the dimension, and the day of service."""

    rule: str
    dimension: Dimension
    on: date


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is raised: the rule that holds, and the finding in which it does."""

    rule: Rule
    dimension: Dimension
    # The day of service on which it was seen, and by which contacts.
    on: date
    contact_ids: tuple[str, ...]

    @property
    def ground(self) -> Ground:
        return Ground(self.rule.id, self.dimension, self.on)

    def as_dict(self) -> dict[str, object]:
        return {
            "rule": self.rule.id,
            "clause": self.rule.clause,
            "label": self.rule.label,
            "layer": self.rule.layer.value,
            "dimension": self.dimension.value,
            "on": self.on.isoformat(),
        }


Causes = tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class NeedRaised:
    """A need with its due day: a new one, a written one in the rule's place, or an open one made more urgent."""

    kind: ClassVar[Kind] = Kind.NEED
    causes: Causes
    category: Category
    urgency: Urgency
    limit: Limit
    due_on: date
    written: WrittenNeed | None = None
    more_urgent: OpenNeed | None = None

    @property
    def asks_for_a_task(self) -> bool:
        """What was solved on the spot is only looked at again in the follow-up (B10)."""
        return self.written is None or self.written.handled is Handled.OPEN


@dataclass(frozen=True, slots=True)
class SuggestionRaised:
    kind: ClassVar[Kind] = Kind.SUGGESTION
    causes: Causes
    category: Category
    text: str


@dataclass(frozen=True, slots=True)
class PlanRaised:
    kind: ClassVar[Kind] = Kind.PLAN
    causes: Causes
    limit: Limit
    due_on: date


@dataclass(frozen=True, slots=True)
class FollowUpRaised:
    kind: ClassVar[Kind] = Kind.FOLLOW_UP
    causes: Causes
    dimension: Dimension
    limit: Limit
    due_on: date


@dataclass(frozen=True, slots=True)
class FactRaised:
    kind: ClassVar[Kind] = Kind.FACT
    causes: Causes
    fact: StatedFact
    valid_from: date


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Told at once, in working hours; every contact that gives cause is told of, also where nothing else is new."""

    kind: ClassVar[Kind] = Kind.NOTICE
    causes: Causes
    to: tuple[NoticeTo, ...]
    words: str


Raised = NeedRaised | SuggestionRaised | PlanRaised | FollowUpRaised | FactRaised | NoticeRaised


class Spared(StrEnum):
    """Why a rule that holds raises nothing new."""

    NEED_OPEN = "need_open"
    NEED_WRITTEN = "need_written"
    # A suggestion beside the need itself.
    NEED_RAISED = "need_raised"
    PLAN_OPEN = "plan_open"
    FOLLOWED_UP_SOONER = "followed_up_sooner"
    FACT_KNOWN = "fact_known"


@dataclass(frozen=True, slots=True)
class NotRaised:
    kind: Kind
    causes: Causes
    because: Spared
    # The open need that stands in the way, or the written one.
    need_id: str | None = None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that one condition keeps from holding in what was seen."""

    rule: Rule
    dimension: Dimension
    on: date
    leaf: Leaf
    wanted: bool

    def as_dict(self) -> dict[str, object]:
        asked = list(self.leaf.asked) if isinstance(self.leaf.asked, tuple) else self.leaf.asked
        condition: dict[str, object] = {self.leaf.word: asked}
        return {
            "rule": self.rule.id,
            "label": self.rule.label,
            "layer": self.rule.layer.value,
            "dimension": self.dimension.value,
            "failed": self.leaf.word if self.wanted else f"not {self.leaf.word}",
            "condition": condition if self.wanted else {"not": condition},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that comes of a contact."""

    # The findings of the dimensions looked at, as they stand then: open ones, and those that this closed (B3).
    findings: tuple[Finding, ...]
    raised: tuple[Raised, ...]
    # The needs that somebody wrote and no rule asked for: without causes, with their limit.
    written: tuple[NeedRaised, ...]
    not_raised: tuple[NotRaised, ...]
    near_misses: tuple[NearMiss, ...]
    policy_id: str
    policy_version: int
    addition_version: int | None
