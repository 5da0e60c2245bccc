"""What is odd about casework rules and a street's document, found without looking at any finding."""

from datetime import date
from typing import Final

from rules.cases import MAX_CASES
from rules.casework.additions import Addition, limits_with, rules_with
from rules.casework.codes import Dimension, Level, Sign
from rules.casework.limits import LimitName
from rules.casework.policies import CaseworkPolicy
from rules.casework.rules import CaseworkRule, Raises
from rules.checks import Implications, Oddity, labels
from rules.conditions import Layer, Leaf, disjuncts
from rules.policies import Policy

# What is urgent must not wait longer than what is not.
_SOONER: Final = (
    (LimitName.URGENT_NEED, LimitName.NEED),
    (LimitName.FOLLOW_UP_URGENT, LimitName.FOLLOW_UP_RISK),
    (LimitName.FIRST_ANSWER_URGENT, LimitName.FIRST_ANSWER),
    (LimitName.LEAD_URGENT, LimitName.LEAD),
)


def check_casework(
    policy: CaseworkPolicy, addition: Addition | None = None, *, tiers: Policy, on: date | None = None
) -> list[Oddity]:
    """Everything odd about a policy with a street's document on a day, the policy's first one unless given.

    `tiers`: the tier policy of that day, under which conditions about the person mean something.
    """
    day = on or policy.effective_on
    added = addition or Addition()
    rules = rules_with(policy, added)
    return [
        *_order(policy, added, day),
        *_reach(rules, _Implications(policy, tiers, day)),
        *labels(tuple(each.rule for each in rules)),
    ]


def _order(policy: CaseworkPolicy, addition: Addition, on: date) -> list[Oddity]:
    limits = limits_with(policy, addition, on)
    return [
        Oddity(f"limits.{urgent}", "not_nested", f"紧急的期限长于 `{normal}`。")
        for urgent, normal in _SOONER
        if limits[urgent].amount > limits[normal].amount
    ]


def _reach(rules: tuple[CaseworkRule, ...], known: "_Implications") -> list[Oddity]:
    found: list[Oddity] = []
    cases = [[case for case in disjuncts(each.rule.when, MAX_CASES) if not known.contradicts(case)] for each in rules]
    for index, each in enumerate(rules):
        if not cases[index]:
            found.append(Oddity(each.rule.id, "unreachable", "条件自相矛盾，任何发现都不会符合。"))
            continue
        for other, covering in enumerate(rules):
            # A street may well go beyond the district: that makes the district's rule no odder.
            beyond = covering.rule.layer is Layer.STREET and each.rule.layer is Layer.DISTRICT
            if other == index or beyond or not known.covers(cases[other], cases[index]):
                continue
            oddity = _beside(each, covering, alike=known.covers(cases[index], cases[other]), is_later=other < index)
            if oddity:
                found.append(oddity)
                break
    return found


def _beside(each: CaseworkRule, covering: CaseworkRule, *, alike: bool, is_later: bool) -> Oddity | None:
    """What is odd about a rule beside one that holds wherever it does; of two alike the later one is named."""
    nothing = each.raises.adds_nothing_to(covering.raises)
    if nothing and (is_later or not alike or not covering.raises.adds_nothing_to(each.raises)):
        msg = f"符合这条规则的发现都已符合 `{covering.rule.id}`，它不会多引出什么。"
        return Oddity(each.rule.id, "never_raises", msg)
    if alike and is_later and _contradict(each.raises, covering.raises):
        return Oddity(
            each.rule.id, "contradicts", f"与 `{covering.rule.id}` 的条件相同，引出的紧急程度或回访期限却不同。"
        )
    return None


def _contradict(first: Raises, other: Raises) -> bool:
    """Whether two rules that hold together say different things of the same need or follow-up."""
    if (
        first.need
        and other.need
        and first.need.category == other.need.category
        and first.need.urgency != other.need.urgency
    ):
        return True
    return bool(first.follow_up and other.follow_up and first.follow_up is not other.follow_up)


class _Implications(Implications):
    """What follows from what, where a sight is one dimension at one level with signs of that dimension alone."""

    def __init__(self, policy: CaseworkPolicy, tiers: Policy, on: date) -> None:
        super().__init__(tiers, on)
        self._homes = {sign: policy.dimension_of(sign) for sign in Sign}

    def follows(self, left: Leaf, right: Leaf) -> bool:
        match left.word, right.word:
            case "level_at_least", "level_at_least":
                return _level(left).rank >= _level(right).rank
            case "level_at_least", "open_dimensions_at_least":
                return _level(left).is_alarming and right.asked == 1
            case "sign", "dimension":
                return self._places(left) <= self._places(right)
            case ("times_in_a_row", "times_in_a_row") | ("open_dimensions_at_least", "open_dimensions_at_least"):
                return int(str(left.asked)) >= int(str(right.asked))
            case _:
                return super().follows(left, right)

    def excludes(self, left: Leaf, right: Leaf) -> bool:
        if {left.word, right.word} <= {"dimension", "sign"}:
            return self._places(left).isdisjoint(self._places(right))
        return super().excludes(left, right)

    def _places(self, leaf: Leaf) -> set[Dimension]:
        """The dimensions in which a leaf about a dimension or a sign may hold."""
        asked = leaf.asked if isinstance(leaf.asked, tuple) else ()
        if leaf.word == "dimension":
            return set(map(Dimension, asked))
        return {self._homes[Sign(sign)] for sign in asked}


def _level(leaf: Leaf) -> Level:
    return Level(str(leaf.asked))
