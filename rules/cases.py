"""Rules split into cases over numbered truths: what the engine compiles, and what explains its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rules.conditions import Leaf, Rule, TooManyConjuncts, disjuncts, leaves

# The engine was measured exact up to 500 conjuncts firing at once, failing from about 1,000, with at most 255 keys.
MAX_CASES: Final = 400
MAX_LEAVES: Final = 200


class RulesetTooLarge(ValueError):
    """The rules together need more cases or more named truths than the engine holds safely."""


@dataclass(frozen=True, slots=True)
class Case:
    """One conjunct of a rule: bits that must be set in a record, and bits that must not."""

    rule: int
    needs: int
    forbids: int

    def failed(self, record: int) -> int:
        """The bits of the literals that a record fails; 0 when the case holds."""
        return (self.needs & ~record) | (self.forbids & record)


class CaseTable:
    """The cases of rules. A record is an integer whose bit n says whether `leaves[n]` is true."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Split the rules; raises RulesetTooLarge."""
        self.rules = tuple(rules)
        self.leaves = tuple(dict.fromkeys(leaf for rule in self.rules for leaf in leaves(rule.when)))
        if len(self.leaves) > MAX_LEAVES:
            raise RulesetTooLarge(f"{len(self.leaves)} different conditions; at most {MAX_LEAVES} are possible.")
        self.bits = {leaf: 1 << index for index, leaf in enumerate(self.leaves)}
        self.cases = tuple(self._split())

    def nearly(self, record: int) -> list[tuple[int, Leaf, bool]]:
        """The rules that one literal keeps from holding: rule index, what was asked, and whether it should be true."""
        found: dict[tuple[int, Leaf, bool], None] = {}
        for case in self.cases:
            failed = case.failed(record)
            if failed.bit_count() == 1:
                found[case.rule, self.leaves[failed.bit_length() - 1], bool(failed & case.needs)] = None
        return list(found)

    def support(self, record: int, rule: int) -> int:
        """The true bits that make a rule hold for a record."""
        bits = 0
        for case in self.cases:
            if case.rule == rule and not case.failed(record):
                bits |= case.needs
        return bits

    def _split(self) -> list[Case]:
        cases: list[Case] = []
        for index, rule in enumerate(self.rules):
            try:
                conjuncts = disjuncts(rule.when, MAX_CASES)
            except TooManyConjuncts as error:
                raise RulesetTooLarge(f"Rule {rule.id} has {error}.") from None
            for conjunct in conjuncts:
                needs = sum(self.bits[leaf] for leaf, wanted in conjunct if wanted)
                forbids = sum(self.bits[leaf] for leaf, wanted in conjunct if not wanted)
                cases.append(Case(index, needs, forbids))
        if len(cases) > MAX_CASES:
            raise RulesetTooLarge(f"The rules split into {len(cases)} cases; at most {MAX_CASES} are possible.")
        return cases
