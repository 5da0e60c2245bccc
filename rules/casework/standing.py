"""What stands open for a resident, and what a contact brought: all that a judgement needs to know beside the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.casework.codes import Category, Dimension, Handled, Urgency
from rules.casework.findings import Finding, Look


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """A need that has not ended. One that was solved on the spot does not count: if it is back, it is another (B10)."""

    need_id: str
    category: Category
    urgency: Urgency
    due_on: date


@dataclass(frozen=True, slots=True)
class WrittenNeed:
    """A need that somebody wrote down with the contact."""

    need_id: str
    category: Category
    urgency: Urgency
    handled: Handled = Handled.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands open for a resident."""

    # The open ones, and those that closed by themselves not before the day of the new looks: another look of that day
    # may tell them otherwise.
    findings: tuple[Finding, ...] = ()
    needs: tuple[OpenNeed, ...] = ()
    # The due days of the follow-ups that are still owed.
    follow_ups: Mapping[Dimension, date] = field(default_factory=dict)
    # An open plan of the resident or the household, or a task to make one (B14).
    plan_open: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What contacts brought: the dimensions looked at, and the needs that were written down."""

    looks: tuple[Look, ...]
    needs: tuple[WrittenNeed, ...] = ()
