"""Decisions: what the policy and a street's coverage make of a person on a day, and why."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from rules.conditions import Layer, Leaf, Rule
from rules.coverage import Coverage, CoverageVersion, rules_with, terms_with
from rules.engine import MEMO_RECORDS, Ruleset, compiled
from rules.facts import Fact, FactKind, Person, Tier, fact_dict
from rules.parameters import Value
from rules.policies import NotInForce, Policy, Terms
from rules.truths import FOREVER, Span, Truths, record_on

# The facts of a reason read like its story: what happened first, the aid that makes it count after, any other last.
_TELLING: Final = {
    kind: place
    for place, kind in enumerate(
        (
            FactKind.MAJOR_CHANGE,
            FactKind.SERIOUS_ILLNESS,
            FactKind.DISABILITY,
            FactKind.WARNING,
            FactKind.STREET_TAG,
            FactKind.ASSISTANCE,
            FactKind.OUTREACH,
        )
    )
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tier and the ids of the rules that are reasons, highest tier first, the district before the street."""

    tier: Tier
    rules: tuple[str, ...]
    policy_id: str
    policy_version: int
    coverage_version: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    rule: Rule
    facts: tuple[Fact, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "rule": self.rule.id,
            "tier": self.rule.tier.value,
            "clause": self.rule.clause,
            "label": self.rule.label,
            "layer": self.rule.layer.value,
            "facts": [fact_dict(fact) for fact in self.facts],
        }


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule of a higher tier that one condition keeps from holding, and the day on which time alone will turn it."""

    rule: Rule
    leaf: Leaf
    wanted: bool
    true_from: date | None

    def as_dict(self) -> dict[str, object]:
        asked = list(self.leaf.asked) if isinstance(self.leaf.asked, tuple) else self.leaf.asked
        condition: dict[str, object] = {self.leaf.word: asked}
        return {
            "rule": self.rule.id,
            "tier": self.rule.tier.value,
            "label": self.rule.label,
            "layer": self.rule.layer.value,
            "failed": self.leaf.word if self.wanted else f"not {self.leaf.word}",
            "condition": condition if self.wanted else {"not": condition},
            "true_from": None if self.true_from is None else self.true_from.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything the contract's decision says, except whom it is about."""

    on: date
    tier: Tier
    reasons: tuple[Reason, ...]
    near_misses: tuple[NearMiss, ...]
    # Rules whose label is the text to show: suggestions name the rule they would widen, warnings themselves.
    suggestions: tuple[Rule, ...]
    warnings: tuple[Rule, ...]
    policy_id: str
    policy_version: int
    coverage_version: int | None
    next_change_on: date | None

    def as_dict(self) -> dict[str, object]:
        """The decision as the contract spells it, ready for JSON."""
        return {
            "on": self.on.isoformat(),
            "tier": self.tier.value,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "near_misses": [miss.as_dict() for miss in self.near_misses],
            "suggestions": [{"rule": rule.id, "text": rule.label} for rule in self.suggestions],
            "warnings": [{"code": rule.id, "text": rule.label} for rule in self.warnings],
            "policy": {"id": self.policy_id, "version": self.policy_version},
            "coverage_version": self.coverage_version,
            "next_change_on": None if self.next_change_on is None else self.next_change_on.isoformat(),
        }


class _Outcome(NamedTuple):
    """What a record means within a stretch: all that a decision says apart from facts and dates."""

    verdict: Verdict
    reasons: tuple[int, ...]
    misses: tuple[tuple[int, Leaf, bool], ...]
    suggestions: tuple[Rule, ...]
    warnings: tuple[Rule, ...]


class _Stretch:
    """A run of days, as ordinals and both inclusive, on which nothing but facts and ages can change a decision."""

    def __init__(self, first: int, last: int, policy: Policy, version: int | None, coverage: Coverage) -> None:
        self.first = first
        self.last = last
        self.policy = policy
        self.version = version
        self.coverage = coverage
        self._outcomes: dict[int, _Outcome] = {}

    @cached_property
    def terms(self) -> Terms:
        return terms_with(self.policy.terms(date.fromordinal(self.first)), self.coverage, self.version)

    @cached_property
    def ruleset(self) -> Ruleset:
        return compiled(rules_with(self.policy, self.coverage, date.fromordinal(self.first)))

    @cached_property
    def rules(self) -> dict[str, Rule]:
        # Not from the compiled ruleset: to name a rule, a process need not run the engine.
        found = rules_with(self.policy, self.coverage, date.fromordinal(self.first))
        return {rule.id: rule for rule in found if rule.tier is not Tier.NONE}

    @cached_property
    def truths(self) -> Truths:
        return Truths(self.ruleset.table.bits, self.policy, date.fromordinal(self.first))

    @cached_property
    def nobody(self) -> Verdict:
        """The verdict on somebody who has died."""
        return Verdict(Tier.NONE, (), self.policy.id, self.policy.version, self.version)

    def outcome(self, record: int) -> _Outcome:
        known = self._outcomes.get(record)
        if known is None:
            if len(self._outcomes) >= MEMO_RECORDS:
                self._outcomes.clear()
            known = self._outcomes[record] = self._judge(record)
        return known

    def _judge(self, record: int) -> _Outcome:
        table = self.ruleset.table
        fired = self.ruleset.fired(record)
        reasons = tuple(index for index in fired if table.rules[index].tier is not Tier.NONE)
        tier = table.rules[reasons[0]].tier if reasons else Tier.NONE
        names = tuple(table.rules[index].id for index in reasons)
        remarks = [table.rules[index] for index in fired if table.rules[index].tier is Tier.NONE]
        ranks = {rule.id: rule.tier.rank for rule in self.policy.rules}
        return _Outcome(
            verdict=Verdict(tier, names, self.policy.id, self.policy.version, self.version),
            reasons=reasons,
            misses=tuple(miss for miss in table.nearly(record) if table.rules[miss[0]].tier.rank > tier.rank),
            suggestions=tuple(r for r in remarks if r.layer is Layer.SUGGESTION and ranks[r.id] > tier.rank),
            warnings=tuple(r for r in remarks if r.layer is Layer.WARNING),
        )


class _Step(NamedTuple):
    """A later day on which a person's record may differ, as an ordinal, and the record of that day."""

    day: int
    stretch: _Stretch
    record: int


class Rulebook:
    """All that is in force for one street, over time. Thread-safe.

    Of policies, and of coverage versions, the one with the latest first day holds; of two with the same first day
    the later version. Every method raises NotInForce for a day before the first policy.
    """

    def __init__(self, policies: Sequence[Policy], coverages: Sequence[CoverageVersion] = ()) -> None:
        self._stretches = _stretches(policies, coverages)
        self._starts = [stretch.first for stretch in self._stretches]

    def verdict(self, person: Person, on: date) -> Verdict:
        """The tier and the reason rules alone: the fast path."""
        day = on.toordinal()
        stretch = self._stretches[self._index(on)]
        if _dead(person, on):
            return stretch.nobody
        return stretch.outcome(record_on(stretch.truths.spans(person), day)).verdict

    def decide(self, person: Person, on: date) -> Decision:
        """The decision with everything that explains it."""
        day, index = on.toordinal(), self._index(on)
        stretch = self._stretches[index]
        if _dead(person, on):
            outcome = _Outcome(stretch.nobody, (), (), (), ())
            return _decision(outcome, on, (), (), None)
        spans = stretch.truths.spans(person)
        record = record_on(spans, day)
        outcome = stretch.outcome(record)
        table = stretch.ruleset.table
        reasons = tuple(
            Reason(table.rules[each], facts_behind(spans, day, table.support(record, each))) for each in outcome.reasons
        )
        ahead = list(self._ahead(person, day, index, spans))
        misses = tuple(
            NearMiss(table.rules[rule], leaf, wanted, _true_from(ahead, table.rules[rule], leaf, wanted))
            for rule, leaf, wanted in outcome.misses
        )
        return _decision(outcome, on, reasons, misses, self._next_change(person, outcome.verdict, ahead))

    def next_change_on(self, person: Person, on: date) -> date | None:
        """The first later day on which the tier or the set of reason rules differs, with no new facts."""
        index = self._index(on)
        if _dead(person, on):
            return None
        spans = self._stretches[index].truths.spans(person)
        now = self._stretches[index].outcome(record_on(spans, on.toordinal())).verdict
        return self._next_change(person, now, self._ahead(person, on.toordinal(), index, spans))

    def path(self, person: Person, first: date, last: date) -> list[tuple[date, Verdict]]:
        """The verdicts from one day through another: each with the day from which it holds, the first on `first`."""
        found = [(first, self.verdict(person, first))]
        while (changed := self.next_change_on(person, found[-1][0])) is not None and changed <= last:
            found.append((changed, self.verdict(person, changed)))
        return found

    def terms(self, on: date) -> Terms:
        """What duties are made from on a day, the street's overlay included."""
        return self._stretches[self._index(on)].terms

    def terms_change_on(self, on: date) -> date | None:
        """The next day on which another policy, parameter or coverage version takes effect."""
        index = self._index(on) + 1
        return date.fromordinal(self._starts[index]) if index < len(self._starts) else None

    def rule(self, name: str, on: date) -> Rule:
        """A rule in force on a day, by its id; raises KeyError for one that is not."""
        return self._stretches[self._index(on)].rules[name]

    def rules(self, on: date) -> Mapping[str, Rule]:
        """Every rule in force on a day, by its id, in the order of the documents."""
        return self._stretches[self._index(on)].rules

    def parameter(self, name: str, on: date) -> Value:
        """A value of the policy in force on a day, with its source."""
        return self._stretches[self._index(on)].policy.parameter(name, on)

    def values(self, name: str) -> list[tuple[date, Value]]:
        """A value of the policy over time: each with the first day on which it holds, oldest first."""
        found: list[tuple[date, Value]] = []
        for stretch in self._stretches:
            first = date.fromordinal(stretch.first)
            value = stretch.policy.parameter(name, first)
            if not found or found[-1][1] != value:
                found.append((first, value))
        return found

    def spans(self, bits: Mapping[Leaf, int], person: Person, on: date) -> list[Span]:
        """When the truths that other rules ask for hold of a person, under the policy of a day."""
        return Truths(bits, self._stretches[self._index(on)].policy, on).spans(person)

    def _index(self, on: date) -> int:
        index = bisect_right(self._starts, on.toordinal())
        if not index:
            raise NotInForce(f"{on} 还没有生效的政策。")
        return index - 1

    def _ahead(self, person: Person, day: int, index: int, spans: list[Span]) -> Iterator[_Step]:
        """Every later day on which a record may change, while the person lives."""
        death = FOREVER if person.died_on is None else person.died_on.toordinal()
        for stretch in self._stretches[index:]:
            first, last = max(day + 1, stretch.first), min(stretch.last, death)
            if first > last:
                # The stretch ends on the day itself, or the person's life before it.
                continue
            days: set[int] = set()
            if stretch is not self._stretches[index]:
                spans = stretch.truths.spans(person)
                days.add(first)
            for span in spans:
                if first <= span.first <= last:
                    days.add(span.first)
                if first <= span.last + 1 <= last:
                    days.add(span.last + 1)
            for each in sorted(days):
                yield _Step(each, stretch, record_on(spans, each))

    def _next_change(self, person: Person, now: Verdict, ahead: Iterable[_Step]) -> date | None:
        for day, stretch, record in ahead:
            then = stretch.outcome(record).verdict
            if then.tier is not now.tier or (then.rules != now.rules and set(then.rules) != set(now.rules)):
                return date.fromordinal(day)
        if person.died_on is None or not now.rules or person.died_on == date.max:
            return None
        return date.fromordinal(person.died_on.toordinal() + 1)


def _stretches(policies: Sequence[Policy], coverages: Sequence[CoverageVersion]) -> list[_Stretch]:
    laws = sorted(policies, key=lambda policy: (policy.effective_on, policy.version))
    overlays = sorted(coverages, key=lambda each: (each.effective_on, each.version))
    if not laws:
        return []
    begins = {day for policy in laws for day in policy.boundaries()}
    begins.update(each.effective_on for each in overlays if each.effective_on > laws[0].effective_on)
    starts = sorted(begins)
    found: list[_Stretch] = []
    for number, start in enumerate(starts):
        last = starts[number + 1].toordinal() - 1 if number + 1 < len(starts) else FOREVER
        policy = [law for law in laws if law.effective_on <= start][-1]
        current = [each for each in overlays if each.effective_on <= start]
        version, coverage = (current[-1].version, current[-1].coverage) if current else (None, Coverage())
        found.append(_Stretch(start.toordinal(), last, policy, version, coverage))
    return found


def _dead(person: Person, on: date) -> bool:
    return person.died_on is not None and on > person.died_on


def facts_behind(spans: list[Span], day: int, bits: int) -> tuple[Fact, ...]:
    """The facts that make these truths true on a day, in the order in which a reason tells them, newest first."""
    facts = {
        id(span.fact): span.fact
        for span in spans
        if span.fact is not None and span.bits & bits and span.first <= day <= span.last
    }
    return tuple(
        sorted(facts.values(), key=lambda fact: (_TELLING.get(fact.kind, len(_TELLING)), -fact.valid_from.toordinal()))
    )


def _true_from(ahead: Sequence[_Step], rule: Rule, leaf: Leaf, wanted: bool) -> date | None:
    """The first later day on which the failed condition is met and the rule has become a reason."""
    for day, stretch, record in ahead:
        bit = stretch.ruleset.table.bits.get(leaf)
        if bit is not None and bool(record & bit) is wanted and rule.id in stretch.outcome(record).verdict.rules:
            return date.fromordinal(day)
    return None


def _decision(
    outcome: _Outcome, on: date, reasons: tuple[Reason, ...], misses: tuple[NearMiss, ...], next_change: date | None
) -> Decision:
    return Decision(
        on=on,
        tier=outcome.verdict.tier,
        reasons=reasons,
        near_misses=misses,
        suggestions=outcome.suggestions,
        warnings=outcome.warnings,
        policy_id=outcome.verdict.policy_id,
        policy_version=outcome.verdict.policy_version,
        coverage_version=outcome.verdict.coverage_version,
        next_change_on=next_change,
    )


__all__ = [
    "Coverage",
    "CoverageVersion",
    "Decision",
    "NearMiss",
    "Reason",
    "Rulebook",
    "Terms",
    "Verdict",
]
