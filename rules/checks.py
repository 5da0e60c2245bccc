"""What is odd about a policy and a street's document, found without looking at anybody."""

from datetime import date
from itertools import pairwise
from typing import NamedTuple

from rules.cases import MAX_CASES
from rules.conditions import Conjunct, Leaf, Literal, Rule, disjuncts, leaves
from rules.coverage import Coverage, rules_with
from rules.facts import TIERS, Tier
from rules.policies import Policy


class Oddity(NamedTuple):
    """One oddity: `rule` is the id of the rule, or the key of the document, that it is about."""

    rule: str
    code: str
    msg: str


def check_policy(policy: Policy, coverage: Coverage | None = None, *, on: date | None = None) -> list[Oddity]:
    """Everything odd about a policy with a street's document from a day on, the policy's first one unless given.

    Looked for again on every later day on which a number of the policy changes.
    """
    days = policy.changes_from(on or policy.effective_on)
    return list(dict.fromkeys(oddity for day in days for oddity in _odd_on(policy, coverage or Coverage(), day)))


def _odd_on(policy: Policy, added: Coverage, day: date) -> list[Oddity]:
    rules = tuple(rule for rule in rules_with(policy, added, day) if rule.tier is not Tier.NONE)
    known = Implications(policy, day)
    return [
        *_tags(rules, policy, added),
        *_nesting(policy, day),
        *_reach(rules, known),
        *labels(rules),
    ]


def _tags(rules: tuple[Rule, ...], policy: Policy, coverage: Coverage) -> list[Oddity]:
    declared = {**policy.tags, **coverage.tags}
    asked = [(rule.id, str(leaf.asked)) for rule in rules for leaf in leaves(rule.when) if leaf.word == "tag"]
    used = {tag for _, tag in asked}
    return [
        *(
            Oddity(name, "unknown_tag", f"条件用到了没有声明的标签 `{tag}`。")
            for name, tag in asked
            if tag not in declared
        ),
        *(Oddity(f"tags.{tag}", "unused_tag", "没有规则用到这个标签。") for tag in declared if tag not in used),
    ]


def _nesting(policy: Policy, on: date) -> list[Oddity]:
    """A tier must be visited at least as often, and by no more modes, as the tier below it (A25)."""
    terms = policy.terms(on)
    found: list[Oddity] = []
    for upper, lower in pairwise(TIERS):
        if terms.frequency[upper].months > terms.frequency[lower].months:
            found.append(Oddity(f"frequency.{upper}", "not_nested", f"走访少于下一档 `{lower}`。"))
        if not set(terms.modes[upper]) <= set(terms.modes[lower]):
            found.append(Oddity(f"modes.{upper}", "not_nested", f"走访方式多于下一档 `{lower}`。"))
    return found


def _reach(rules: tuple[Rule, ...], known: "Implications") -> list[Oddity]:
    found: list[Oddity] = []
    cases = [[case for case in disjuncts(rule.when, MAX_CASES) if not known.contradicts(case)] for rule in rules]
    for index, rule in enumerate(rules):
        if not cases[index]:
            found.append(Oddity(rule.id, "unreachable", "条件自相矛盾，任何人都不会符合。"))
            continue
        for other, covering in enumerate(rules):
            if other == index or covering.tier.rank < rule.tier.rank:
                continue
            if not known.covers(cases[other], cases[index]):
                continue
            mutual = covering.tier is rule.tier and known.covers(cases[index], cases[other])
            if not mutual or other < index:
                msg = f"符合这条规则的人都已符合 `{covering.id}`，它不会提高任何人的等级。"
                found.append(Oddity(rule.id, "never_raises", msg))
                break
    return found


def labels(rules: tuple[Rule, ...]) -> list[Oddity]:
    """Rules that an explanation could not tell apart."""
    first: dict[str, str] = {}
    found: list[Oddity] = []
    for rule in rules:
        label = "".join(rule.label.split())
        if label in first:
            found.append(Oddity(rule.id, "same_label", f"与 `{first[label]}` 的名称相同，解释时分不清。"))
        first.setdefault(label, rule.id)
    return found


class Implications:
    """What follows from what between named truths, under a policy's parameters of one day."""

    def __init__(self, policy: Policy, on: date) -> None:
        self._register = frozenset(policy.parameter("register_tags", on).value)
        self._severe = frozenset(policy.parameter("severe_disability_tags", on).value)

    def contradicts(self, case: Conjunct) -> bool:
        """Whether no person can ever meet all of these literals."""
        return any(self._implies(literal, (leaf, not wanted)) for literal in case for leaf, wanted in case)

    def covers(self, wider: list[Conjunct], narrower: list[Conjunct]) -> bool:
        """Whether everybody who meets one of the narrower cases meets one of the wider ones too."""
        return bool(wider) and all(
            any(all(any(self._implies(given, literal) for given in case) for literal in each) for each in wider)
            for case in narrower
        )

    def _implies(self, given: Literal, other: Literal) -> bool:
        if given == other:
            return True
        (left, left_wanted), (right, right_wanted) = given, other
        if left_wanted and right_wanted:
            return self.follows(left, right)
        if not left_wanted and not right_wanted:
            return self.follows(right, left)
        return left_wanted and self.excludes(left, right)

    def excludes(self, left: Leaf, right: Leaf) -> bool:
        """Whether nobody is both."""
        words = {left.word: left.asked, right.word: right.asked}
        if words.keys() == {"age_at_least", "age_below"}:
            return int(str(words["age_at_least"])) >= int(str(words["age_below"]))
        return left.word == right.word == "sex" and left.asked != right.asked

    def follows(self, left: Leaf, right: Leaf) -> bool:
        """Whether the right truth holds of everybody of whom the left one does."""
        if left.word == "support":
            left = Leaf("assistance", ("tekun",))
        given = set(left.asked) if isinstance(left.asked, tuple) else set()
        if left.word == "assistance" and right.word == "in_register":
            return given <= self._register
        if left.word == "assistance" and right.word == "severe_disability":
            return given <= self._severe
        if left.word != right.word:
            return False
        if isinstance(right.asked, tuple):
            return given <= set(right.asked)
        if left.word == "age_at_least":
            return int(str(left.asked)) >= int(str(right.asked))
        if left.word == "age_below":
            return int(str(left.asked)) <= int(str(right.asked))
        return left.asked == right.asked
