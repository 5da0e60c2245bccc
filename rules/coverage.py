"""What a street adds to the district's policy: read strictly, laid over it, and never narrower (A25)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Final

from rules.calendar import Frequency
from rules.cases import CaseTable, RulesetTooLarge
from rules.conditions import Layer, Rule
from rules.documents import DocumentInvalid, Reader
from rules.facts import COVERED_TAGS, OUTREACH_TAGS, TIERS, Problem, ProblemsFound, Tier, listed
from rules.parameters import Mode
from rules.policies import Policy, Terms, parse_rules, parse_tags

RECENT_DAYS: Final = "recent_days"
RESPONSES: Final = {
    "response_major_change_working_days": "major_change",
    "response_warning_working_days": "warning",
}
_LONGEST_DAYS: Final = 3650
_LONGEST_WORKING_DAYS: Final = 365
_FREQUENCY_LABELS: Final = {Frequency.MONTH: "每月", Frequency.QUARTER: "每季度", Frequency.HALF_YEAR: "每半年"}
_RESPONSE_SHAPES: Final = {"major_change": "发生重大变故的人", "warning": "被推送因病致贫预警的人"}


class Narrows(ProblemsFound):
    """A street's document takes something away that the district gives: what, and from whom."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A street's document. Without anything in it, the district's policy alone."""

    tags: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    frequency: Mapping[Tier, Frequency] = field(default_factory=dict)
    modes: Mapping[Tier, tuple[Mode, ...]] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CoverageVersion:
    """A document as it was stored, and the day from which it holds."""

    version: int
    effective_on: date
    coverage: Coverage


def parse_coverage(document: str | Mapping[str, object]) -> Coverage:
    """Read a street's document, YAML or JSON; raises DocumentInvalid naming every problem and, in YAML, its line."""
    reader = Reader(document)
    root = reader.mapping(reader.root, (), ("tags", "rules", "frequency", "modes", "limits"))
    tags = parse_tags(reader, root.get("tags"), ("tags",))
    for tag in tags:
        if tag in COVERED_TAGS or tag in OUTREACH_TAGS:
            reader.problem(("tags", tag), "reserved", "这是全区统一的标签，街镇不能另行声明。")
    frequency: dict[Tier, Frequency] = {}
    for tier, often in reader.mapping(root.get("frequency"), ("frequency",), TIERS).items():
        chosen = reader.choice(often, ("frequency", tier), tuple(Frequency))
        if chosen is not None:
            frequency[Tier(tier)] = Frequency(chosen)
    modes: dict[Tier, tuple[Mode, ...]] = {}
    for tier, chosen_modes in reader.mapping(root.get("modes"), ("modes",), TIERS).items():
        modes[Tier(tier)] = reader.choices(chosen_modes, ("modes", tier), Mode)
    limits: dict[str, int] = {}
    for name, days in reader.mapping(root.get("limits"), ("limits",), (*RESPONSES, RECENT_DAYS)).items():
        longest = _LONGEST_DAYS if name == RECENT_DAYS else _LONGEST_WORKING_DAYS
        limit = reader.integer(days, ("limits", name), 1, longest)
        if limit is not None:
            limits[name] = limit
    rules = parse_rules(reader, root.get("rules"), ("rules",), tags, layer=Layer.STREET)
    reader.raise_problems()
    return Coverage(tags=tags, rules=rules, frequency=frequency, modes=modes, limits=limits)


def rules_with(policy: Policy, coverage: Coverage, on: date) -> tuple[Rule, ...]:
    """Every rule that judges on a day: those that give a tier, highest first and the district before the street
    within a tier, then suggestions and warnings."""
    active = (rule for rule in policy.rules if rule.switch is None or policy.parameter(rule.switch, on).value)
    widened = (replace(rule, clause=policy.widening_clause) for rule in coverage.rules)
    ordered = sorted((*active, *widened), key=lambda rule: -rule.tier.rank)
    return (*ordered, *policy.suggestions, *policy.warnings)


def terms_with(terms: Terms, coverage: Coverage, version: int | None) -> Terms:
    """The district's terms with a street's laid over them.

    Whatever the district changes after the document was accepted, nobody loses: of two frequencies the more
    frequent holds, of two limits the kinder one, and a tier is treated at least as well as the tier below it.
    """
    frequency = dict(terms.frequency)
    modes = dict(terms.modes)
    below: Tier | None = None
    for tier in reversed(TIERS):
        often = [frequency[tier], coverage.frequency.get(tier, frequency[tier])]
        stricter = [coverage.modes.get(tier, modes[tier])]
        if below is not None:
            often.append(frequency[below])
            stricter.append(modes[below])
        frequency[tier] = min(often, key=lambda each: each.months)
        for allowed in stricter:
            common = tuple(mode for mode in modes[tier] if mode in allowed)
            # Without a mode in common nobody could discharge the duty at all.
            modes[tier] = common or modes[tier]
        below = tier
    responses = {
        news: min(days, coverage.limits.get(name, days))
        for name, news in RESPONSES.items()
        for days in (terms.response_working_days[news],)
    }
    return replace(
        terms,
        coverage_version=version,
        frequency=frequency,
        modes=modes,
        response_working_days=responses,
        recent_days=max(terms.recent_days, coverage.limits.get(RECENT_DAYS, terms.recent_days)),
    )


def check_never_narrower(coverage: Coverage, policy: Policy, on: date) -> None:
    """Refuse a document that takes something away on a day.

    Raises Narrows naming each key and who would lose; DocumentInvalid when its rules cannot stand beside the
    district's, because an id is taken or because together they are more than the engine holds.
    """
    taken = {rule.id for rule in policy.rules}
    clashes = [
        Problem(f"rules.{index}.id", "duplicate", "这个编号已被全区的规则使用。")
        for index, rule in enumerate(coverage.rules)
        if rule.id in taken
    ]
    if clashes:
        raise DocumentInvalid(clashes)
    try:
        CaseTable(rules_with(policy, coverage, on))
    except RulesetTooLarge:
        raise DocumentInvalid(
            [Problem("rules", "too_large", "规则展开后的情形太多，请减少或拆分 `any` 条件。")]
        ) from None
    terms = policy.terms(on)
    problems = [
        *_frequency_problems(coverage, terms),
        *_mode_problems(coverage, terms),
        *_limit_problems(coverage, terms),
    ]
    if problems:
        raise Narrows(problems)


def _frequency_problems(coverage: Coverage, terms: Terms) -> list[Problem]:
    found: list[Problem] = []
    merged = {tier: coverage.frequency.get(tier, terms.frequency[tier]) for tier in TIERS}
    for tier, often in coverage.frequency.items():
        if often.months > terms.frequency[tier].months:
            was, now = _FREQUENCY_LABELS[terms.frequency[tier]], _FREQUENCY_LABELS[often]
            msg = f"所有{tier.label}对象会从{was}至少走访一次减为{now}一次。"
            found.append(Problem(f"frequency.{tier}", "narrows", msg))
    for upper, lower in pairwise(TIERS):
        if merged[upper].months > merged[lower].months:
            key = lower if lower in coverage.frequency else upper
            msg = (
                f"由{lower.label}升为{upper.label}的人会从{_FREQUENCY_LABELS[merged[lower]]}减为"
                f"{_FREQUENCY_LABELS[merged[upper]]}走访一次；请同时提高 `frequency.{upper}`。"
            )
            found.append(Problem(f"frequency.{key}", "narrows", msg))
    return found


def _mode_problems(coverage: Coverage, terms: Terms) -> list[Problem]:
    found: list[Problem] = []
    merged = {tier: coverage.modes.get(tier, terms.modes[tier]) for tier in TIERS}
    for tier, modes in coverage.modes.items():
        looser = [mode for mode in modes if mode not in terms.modes[tier]]
        if looser:
            msg = f"{tier.label}对象的走访会可以用{listed(looser)}代替，区里不认可这些方式。"
            found.append(Problem(f"modes.{tier}", "narrows", msg))
    for upper, lower in pairwise(TIERS):
        looser = [mode for mode in merged[upper] if mode not in merged[lower]]
        if looser:
            key = lower if lower in coverage.modes else upper
            msg = (
                f"由{lower.label}升为{upper.label}的人，走访会可以用{listed(looser)}代替，"
                f"而{lower.label}对象不可以；请同时收严 `modes.{upper}`。"
            )
            found.append(Problem(f"modes.{key}", "narrows", msg))
    return found


def _limit_problems(coverage: Coverage, terms: Terms) -> list[Problem]:
    found: list[Problem] = []
    for name, news in RESPONSES.items():
        district = terms.response_working_days[news]
        if coverage.limits.get(name, district) > district:
            msg = f"{_RESPONSE_SHAPES[news]}会等得更久：全区规定 {district} 个工作日内上门。"
            found.append(Problem(f"limits.{name}", "narrows", msg))
    if coverage.limits.get(RECENT_DAYS, terms.recent_days) < terms.recent_days:
        msg = f"发生重大变故的低保、低保边缘对象会提前离开高风险：全区规定 {terms.recent_days} 天。"
        found.append(Problem(f"limits.{RECENT_DAYS}", "narrows", msg))
    return found
