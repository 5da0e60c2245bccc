"""All that is in force for one street's casework, over time: the district's versions and what the street adds."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from rules.casework.additions import Addition, AdditionVersion, limits_with, rules_with
from rules.casework.codes import Category, Level, Urgency
from rules.casework.findings import Look, Sight
from rules.casework.limits import NEED_LIMITS, Limit, LimitName
from rules.casework.policies import CaseworkPolicy
from rules.casework.rules import CaseworkRule
from rules.conditions import FOUND_WORDS
from rules.engine import Ruleset, compiled
from rules.facts import Problem
from rules.policies import NotInForce
from rules.rulebook import Rulebook


class InForce:
    """The casework rules and numbers of one street from one day on, until something changes. Thread-safe."""

    def __init__(
        self, policy: CaseworkPolicy, addition: Addition, addition_version: int | None, rulebook: Rulebook, on: date
    ) -> None:
        """`rulebook`: what is in force for tiers, for conditions that ask about the person."""
        self.policy = policy
        self.addition_version = addition_version
        self.rulebook = rulebook
        self.limits: Mapping[LimitName, Limit] = limits_with(policy, addition, on)
        self.rules: tuple[CaseworkRule, ...] = rules_with(policy, addition)

    @cached_property
    def ruleset(self) -> Ruleset:
        """The rules compiled; the n-th rule that fires is the n-th of `rules`."""
        return compiled(tuple(each.rule for each in self.rules))

    @cached_property
    def asks_about_the_person(self) -> bool:
        return any(leaf.word not in FOUND_WORDS for leaf in self.ruleset.table.leaves)

    def need_limit(self, urgency: Urgency) -> Limit:
        """How long a need may wait, whoever wrote or raised it; it counts from the day recorded (B5)."""
        return self.limits[NEED_LIMITS[urgency]]

    def categories(self, sight: Sight) -> frozenset[Category]:
        """The categories of need that a sight stands for: those of its signs, else the dimension's."""
        terms = self.policy.dimensions[sight.dimension]
        named = {terms.signs[sign].category for sign in sight.signs if sign in terms.signs}
        return frozenset(named | {terms.category} if sight.plain or not named else named)

    def problems(self, looks: Sequence[Look]) -> list[Problem]:
        """What does not fit together: a sign of another dimension, or signs where nothing is said to be wrong."""
        found: list[Problem] = []
        for look in looks:
            terms = self.policy.dimensions[look.dimension]
            for sign in sorted(look.signs):
                where = f"dimensions.{look.dimension}.signs"
                if sign not in terms.signs:
                    found.append(Problem(where, "foreign_sign", f"“{terms.label}”没有这个迹象。"))
                elif look.level is Level.OK:
                    said, level = terms.signs[sign].label, self.policy.levels[look.level]
                    found.append(Problem(where, "sign_without_level", f"勾选了“{said}”，程度就不能是“{level}”。"))
        return found


class Casebook:
    """Every version of one street's casework rules. Of versions with the same first day the later one holds."""

    def __init__(
        self,
        policies: Sequence[CaseworkPolicy],
        additions: Sequence[AdditionVersion] = (),
        *,
        rulebook: Rulebook,
    ) -> None:
        self._policies = sorted(policies, key=lambda policy: (policy.effective_on, policy.version))
        self._additions = sorted(additions, key=lambda each: (each.effective_on, each.version))
        self._rulebook = rulebook
        begins = {day for policy in self._policies for day in policy.boundaries()}
        if self._policies:
            first = self._policies[0].effective_on
            begins.update(each.effective_on for each in self._additions if each.effective_on > first)
        self._starts = sorted(begins)
        self._stretches = [self._stretch(day) for day in self._starts]

    def on(self, day: date) -> InForce:
        """What holds on a day; raises NotInForce before the first policy."""
        index = bisect_right(self._starts, day)
        if not index:
            raise NotInForce(f"No casework policy is in force yet on {day}.")
        return self._stretches[index - 1]

    def changes_on(self, day: date) -> date | None:
        """The next day on which another version or number takes effect."""
        index = bisect_right(self._starts, day)
        return self._starts[index] if index < len(self._starts) else None

    def _stretch(self, day: date) -> InForce:
        policy = [each for each in self._policies if each.effective_on <= day][-1]
        current = [each for each in self._additions if each.effective_on <= day]
        addition, version = (current[-1].addition, current[-1].version) if current else (Addition(), None)
        return InForce(policy, addition, version, self._rulebook, day)
