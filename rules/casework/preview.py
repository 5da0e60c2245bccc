"""What a change of casework rules would raise, counted on findings of the past before it is made.

Both sides are replayed alike, so that they can be compared: what is raised counts as settled by its due day, and the
street advisor's words on findings fall when they fell.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from rules.calendar import WorkingCalendar
from rules.casework import asking
from rules.casework.casebook import InForce
from rules.casework.codes import Dimension
from rules.casework.findings import Finding, Word, told
from rules.casework.limits import LimitName
from rules.casework.outcomes import FactRaised, Judgement, PlanRaised
from rules.casework.raising import judge, standing_after
from rules.casework.rules import Kind
from rules.casework.standing import Found, Standing
from rules.facts import Fact, Person


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a contact brought, and the day on which it was recorded."""

    on: date
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One resident's contacts in some time, in the order of their recording, and what stood open before it."""

    person: Person
    contacts: tuple[Recorded, ...]
    standing: Standing = field(default_factory=Standing)
    # By dimension, what the street advisor said meanwhile.
    words: tuple[tuple[Dimension, Word], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How often what would be raised, by month of recording: of each kind, and by each rule."""

    by_kind: Counter[tuple[str, Kind]] = field(default_factory=Counter)
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.by_kind + other.by_kind, self.by_rule + other.by_rule)

    def a_month(self, kind: Kind, months: int) -> float:
        """The average over so many months."""
        return sum(count for (_, each), count in self.by_kind.items() if each is kind) / months


@dataclass(frozen=True, slots=True)
class Preview:
    before: Counts
    after: Counts

    def __add__(self, other: "Preview") -> "Preview":
        return Preview(self.before + other.before, self.after + other.after)


def compare(pasts: Iterable[Past], before: InForce, after: InForce, calendar: WorkingCalendar) -> Preview:
    """What two sets of rules make of the same past, each as if it had been in force all the time."""
    preview = Preview(Counts(), Counts())
    for past in pasts:
        preview += Preview(_replayed(past, before, calendar), _replayed(past, after, calendar))
    return preview


def _replayed(past: Past, rules: InForce, calendar: WorkingCalendar) -> Counts:
    counts = Counts()
    standing, person = past.standing, past.person
    plan_due_on: date | None = None
    for contact in past.contacts:
        standing = _settled(standing, rules, past, contact.on)
        if plan_due_on is not None and plan_due_on < contact.on:
            standing, plan_due_on = replace(standing, plan_open=False), None
        judgement = judge(rules, standing, contact.found, person, calendar=calendar, today=contact.on)
        _count(counts, judgement, f"{contact.on:%Y-%m}")
        standing = standing_after(standing, judgement)
        person = replace(person, facts=(*person.facts, *_facts(judgement)))
        plan_due_on = next(
            (raised.due_on for raised in judgement.raised if isinstance(raised, PlanRaised)), plan_due_on
        )
    return counts


def _settled(standing: Standing, rules: InForce, past: Past, day: date) -> Standing:
    """What still stands on a day: nothing past its due day, and the findings as the words said by then leave them."""
    closes = rules.limits[LimitName.WATCH_CLOSES].amount
    findings: list[Finding] = []
    for dimension, known in asking.known(standing).items():
        said = {word for about, word in past.words if about is dimension and word.said_at.date() <= day}
        looks = [look for finding in known for look in finding.looks]
        words = said.union(*(finding.words for finding in known))
        retold = told(looks, words, watch_closes_after=closes)
        findings += [finding for finding in retold if not finding.was_closed_by_somebody]
    return replace(
        standing,
        needs=tuple(need for need in standing.needs if need.due_on >= day),
        follow_ups={dimension: due for dimension, due in standing.follow_ups.items() if due >= day},
        findings=tuple(findings),
    )


def _count(counts: Counts, judgement: Judgement, month: str) -> None:
    for raised in judgement.raised:
        counts.by_kind[month, raised.kind] += 1
        for rule in {cause.rule.id for cause in raised.causes}:
            counts.by_rule[month, rule] += 1


def _facts(judgement: Judgement) -> list[Fact]:
    return [
        Fact(kind=raised.fact.kind, valid_from=raised.valid_from, basis=raised.fact.basis)
        for raised in judgement.raised
        if isinstance(raised, FactRaised)
    ]
