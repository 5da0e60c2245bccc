"""Which casework rules hold where: every day on which a dimension was looked at, as a record for the engine."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from rules.casework.casebook import InForce
from rules.casework.codes import Category, Dimension, Level, Sign
from rules.casework.findings import Finding, Look, Sight, extended, sights
from rules.casework.limits import LimitName
from rules.casework.outcomes import Cause, NearMiss
from rules.casework.rules import CaseworkRule
from rules.casework.standing import Found, Standing
from rules.conditions import Leaf
from rules.facts import Person
from rules.truths import record_on

_PLACES: Final = {dimension: place for place, dimension in enumerate(Dimension)}
# A day and the place of a dimension in the form: what was seen, in order.
Place = tuple[date, int]


class Asked(NamedTuple):
    """One sight as the rules see it."""

    sight: Sight
    record: int


class Held(NamedTuple):
    """A rule that holds, where, and what is new about it."""

    rule: CaseworkRule
    sight: Sight
    # Whether it did not hold before, and for which categories of need it does now and did not before.
    is_new: bool
    categories: frozenset[Category]

    @property
    def cause(self) -> Cause:
        return Cause(self.rule.rule, self.sight.dimension, self.sight.on, self.sight.contact_ids)


def known(standing: Standing) -> dict[Dimension, tuple[Finding, ...]]:
    """The findings that stand, by dimension."""
    found: dict[Dimension, tuple[Finding, ...]] = {}
    for finding in standing.findings:
        found[finding.dimension] = (*found.get(finding.dimension, ()), finding)
    return found


def told(
    rules: InForce, before: Mapping[Dimension, tuple[Finding, ...]], looks: Sequence[Look]
) -> dict[Dimension, tuple[Finding, ...]]:
    """The findings of the dimensions looked at, as they stand after these looks."""
    closes = rules.limits[LimitName.WATCH_CLOSES].amount
    found: dict[Dimension, tuple[Finding, ...]] = {}
    for dimension in sorted({look.dimension for look in looks}, key=_PLACES.__getitem__):
        findings = before.get(dimension, ())
        told_of = {look for finding in findings for look in finding.looks}
        news = [look for look in looks if look.dimension is dimension and look not in told_of]
        found[dimension] = extended(findings, news, watch_closes_after=closes)
    return found


def about(rules: InForce, person: Person, today: date) -> int:
    """The bits of what the rules ask about the person."""
    if not rules.asks_about_the_person:
        return 0
    return record_on(rules.rulebook.spans(rules.ruleset.table.bits, person, today), today.toordinal())


def ask(
    rules: InForce, told: Mapping[Dimension, tuple[Finding, ...]], looks: Sequence[Look], base: int
) -> dict[Place, Asked]:
    """The record of every day on which a dimension was looked at, in order of day and dimension."""
    found: dict[Place, Asked] = {}
    alarming = {dimension: _alarming(findings) for dimension, findings in told.items()}
    for dimension in {*told, *(look.dimension for look in looks)}:
        known = [look for finding in told.get(dimension, ()) for look in finding.looks]
        # A look that opened nothing stands in no finding; the rules are asked of it all the same.
        loose = [look for look in looks if look.dimension is dimension and look not in known]
        runs = _runs(told.get(dimension, ()))
        for sight in sights([*known, *loose]):
            standing_open = sum(_on(days, sight.on) for days in alarming.values())
            record = base
            for leaf, bit in rules.ruleset.table.bits.items():
                if _is_true(leaf, sight, runs.get(sight.on, 1), standing_open):
                    record |= bit
            found[sight.on, _PLACES[dimension]] = Asked(sight, record)
    return dict(sorted(found.items()))


def held(rules: InForce, before: Mapping[Place, Asked], after: Mapping[Place, Asked]) -> list[Held]:
    """The rules that hold after a contact, where they did not hold before, or not for all categories of need."""
    found: list[Held] = []
    for place, asked in after.items():
        known = before.get(place)
        held_before = rules.ruleset.fired(known.record) if known else ()
        categories = rules.categories(asked.sight)
        more = categories - rules.categories(known.sight) if known else categories
        for index in rules.ruleset.fired(asked.record):
            is_new = index not in held_before
            if is_new or more:
                found.append(Held(rules.rules[index], asked.sight, is_new, categories if is_new else more))
    return found


def near_misses(rules: InForce, asked: Mapping[Place, Asked], found: Found) -> Iterator[NearMiss]:
    """The rules that one condition keeps from holding in what was looked at, unless one that holds raises as much."""
    table = rules.ruleset.table
    for key in sorted({(look.on, _PLACES[look.dimension]) for look in found.looks}):
        sight, record = asked[key]
        fired = rules.ruleset.fired(record)
        holding = [rules.rules[index].raises for index in fired]
        for index, leaf, wanted in table.nearly(record):
            missed = rules.rules[index]
            if index in fired or not _could_be_seen(rules, leaf, sight.dimension):
                continue
            if not any(missed.raises.adds_nothing_to(raises) for raises in holding):
                yield NearMiss(missed.rule, sight.dimension, sight.on, leaf, wanted)


def _is_true(leaf: Leaf, sight: Sight, run: int, standing_open: int) -> bool:
    match leaf.word:
        case "dimension":
            return isinstance(leaf.asked, tuple) and sight.dimension in leaf.asked
        case "sign":
            return isinstance(leaf.asked, tuple) and not sight.signs.isdisjoint(map(Sign, leaf.asked))
        case "level_at_least":
            return sight.level.rank >= Level(str(leaf.asked)).rank
        case "times_in_a_row":
            return run >= int(str(leaf.asked))
        case "open_dimensions_at_least":
            return standing_open >= int(str(leaf.asked))
        case _:
            # About the person: those bits are in the record already.
            return False


def _runs(findings: Sequence[Finding]) -> dict[date, int]:
    """By day, how many times running the level of that day was found, within its finding."""
    runs: dict[date, int] = {}
    for finding in findings:
        before: Sight | None = None
        for sight in finding.sights:
            runs[sight.on] = runs[before.on] + 1 if before and before.level is sight.level else 1
            before = sight
    return runs


def _alarming(findings: Sequence[Finding]) -> dict[date, bool]:
    """By day of a change, whether a dimension stands open at risk or above from then on."""
    days: dict[date, bool] = {}
    for finding in findings:
        days |= {change.on: change.after.is_alarming for change in finding.changes}
        if finding.closed_on is not None:
            days[finding.closed_on] = False
    return days


def _on(days: Mapping[date, bool], day: date) -> bool:
    reached = [each for each in days if each <= day]
    return days[max(reached)] if reached else False


def _could_be_seen(rules: InForce, leaf: Leaf, dimension: Dimension) -> bool:
    """Whether another look at the dimension could turn a truth: it is never another dimension, nor has its signs."""
    if leaf.word == "dimension":
        return False
    signs = rules.policy.dimensions[dimension].signs
    return leaf.word != "sign" or (isinstance(leaf.asked, tuple) and any(Sign(sign) in signs for sign in leaf.asked))
