"""The district's policies: dated, versioned rules, and dated parameters that each name their source."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from rules.calendar import Frequency
from rules.conditions import LABEL_CHARACTERS, MAX_RULES, Layer, Rule, parse_condition
from rules.documents import DocumentInvalid, Path, Reader
from rules.facts import IDENTIFIER, TIERS, Tier, parse_date
from rules.parameters import Mode, Parameter, Value, VisitorRole, parse_parameter, require_all

TEXT_CHARACTERS: Final = 500
RULE_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}", re.ASCII)
_TOP: Final = (
    "id",
    "version",
    "effective_on",
    "title",
    "source",
    "widening_clause",
    "tags",
    "rules",
    "suggestions",
    "warnings",
    "parameters",
)


class NotInForce(LookupError):
    """Nothing says what held on that day: it lies before the first policy or before a parameter's first value."""


@dataclass(frozen=True, slots=True)
class Crediting:
    """Whose contact discharges a duty (A20), begun by the resident for which tiers (A19), entered how late (A21)."""

    roles: frozenset[VisitorRole]
    resident_initiated_tiers: frozenset[Tier]
    # Days after a period's end; what is entered later needs an approval.
    approval_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The numbers that duties are made from on a day, the street's overlay included."""

    policy_id: str
    policy_version: int
    coverage_version: int | None
    frequency: Mapping[Tier, Frequency]
    # With Tier.NONE: the modes of a response visit to somebody without a tier (A33).
    modes: Mapping[Tier, tuple[Mode, ...]]
    # The days of a period that must be left for the period to be owed (A15).
    entry_days: Mapping[Frequency, int]
    response_working_days: Mapping[str, int]
    recent_days: int
    extension_days: int
    confirm_working_days: int
    crediting: Crediting
    warning_years: int
    # Until how many days after a period's end a pause still excuses it (A27).
    pause_days: int
    references: Mapping[str, str]

    def reference(self, name: str) -> str:
        """Where a number comes from: the parameter's name, or `frequency.high` and the like."""
        return self.references[name.partition(".")[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the district's rules, in force from `effective_on` until a later one."""

    id: str
    version: int
    effective_on: date
    title: str
    source: str
    # The clause under which streets widen coverage.
    widening_clause: str
    tags: Mapping[str, str]
    rules: tuple[Rule, ...]
    suggestions: tuple[Rule, ...]
    warnings: tuple[Rule, ...]
    parameters: Mapping[str, Parameter]

    def parameter(self, name: str, on: date) -> Value:
        """The value of a parameter on a day; raises NotInForce before its first one."""
        value = self.parameters[name].on(on)
        if value is None:
            raise NotInForce(f"参数 `{name}` 在 {on} 还没有取值。")
        return value

    def boundaries(self) -> list[date]:
        """The days on which this policy begins or one of its parameters changes."""
        return self.changes_from(self.effective_on)

    def changes_from(self, day: date) -> list[date]:
        """A day, or the policy's first if it is later, and the days after it on which one of the parameters changes."""
        first = max(day, self.effective_on)
        dates = {start for parameter in self.parameters.values() for start, _ in parameter.values}
        return sorted({first, *(start for start in dates if start > first)})

    def terms(self, on: date) -> Terms:
        """The district's own terms on a day, no overlay applied."""

        def value(name: str) -> Any:
            return self.parameter(name, on).value

        return Terms(
            policy_id=self.id,
            policy_version=self.version,
            coverage_version=None,
            frequency={Tier(tier): Frequency(often) for tier, often in value("frequency").items()},
            modes={Tier(tier): tuple(map(Mode, modes)) for tier, modes in value("modes").items()},
            entry_days={Frequency(often): days for often, days in value("entry_days").items()},
            response_working_days={
                "major_change": value("response_major_change_working_days"),
                "warning": value("response_warning_working_days"),
            },
            recent_days=value("recent_days"),
            extension_days=value("extension_days"),
            confirm_working_days=value("confirm_working_days"),
            crediting=Crediting(
                roles=frozenset(map(VisitorRole, value("crediting_roles"))),
                resident_initiated_tiers=frozenset(map(Tier, value("resident_initiated_tiers"))),
                approval_days=value("late_entry_approval_days"),
            ),
            warning_years=value("warning_years"),
            pause_days=value("pause_days_after_close"),
            references={name: self.parameter(name, on).reference for name in self.parameters},
        )


def policy_texts() -> list[str]:
    """The documents of the policies that come with the product; those of casework are another kind."""
    folder = resources.files("rules") / "policies"
    files = (file for file in folder.iterdir() if file.name.endswith(".yaml"))
    return sorted(file.read_text("utf-8") for file in files if not file.name.startswith("casework-"))


@cache
def load_policies() -> tuple[Policy, ...]:
    """The policies that come with the product, in order of their first day."""
    policies = map(parse_policy, policy_texts())
    return tuple(sorted(policies, key=lambda policy: (policy.effective_on, policy.version)))


def in_force(policies: tuple[Policy, ...], on: date) -> Policy:
    """The policy in force on a day, of policies sorted by their first day; raises NotInForce before the first."""
    index = bisect_right(policies, (on, float("inf")), key=lambda policy: (policy.effective_on, policy.version))
    if not index:
        raise NotInForce(f"{on} 还没有生效的政策。")
    return policies[index - 1]


def parse_policy(document: str | Mapping[str, object]) -> Policy:
    """Read a policy; raises DocumentInvalid.

    Its own parameters are laid over the bundled ones, value by value and date by date, so that a draft states
    only what it changes.
    """
    reader = Reader(document)
    root = reader.mapping(reader.root, (), _TOP)
    effective_on = _day(reader, root.get("effective_on"), ("effective_on",))
    tags = parse_tags(reader, root.get("tags"), ("tags",))
    parameters = dict(_bundled_parameters())
    for name, raw in reader.mapping(root.get("parameters"), ("parameters",)).items():
        own = parse_parameter(reader, name, raw, ("parameters", name), parameters.get(name))
        if own is not None:
            parameters[name] = parameters[name].overlaid(own) if name in parameters else own
    rules = parse_rules(reader, root.get("rules"), ("rules",), tags, layer=Layer.DISTRICT)
    if not rules:
        reader.problem(("rules",), "missing", "一项政策至少要有一条规则。")
    if effective_on is not None:
        require_all(reader, parameters, effective_on)
    _check_references(reader, rules, root, parameters)
    policy = Policy(
        id=reader.text(root.get("id"), ("id",), LABEL_CHARACTERS),
        version=reader.integer(root.get("version"), ("version",), 1, 2**31 - 1) or 0,
        effective_on=effective_on or date.min,
        title=reader.text(root.get("title"), ("title",), LABEL_CHARACTERS),
        source=reader.text(root.get("source"), ("source",), LABEL_CHARACTERS),
        widening_clause=reader.text(root.get("widening_clause"), ("widening_clause",), LABEL_CHARACTERS),
        tags=tags,
        rules=rules,
        suggestions=_remarks(reader, root.get("suggestions"), "suggestions", "rule", tags, Layer.SUGGESTION),
        warnings=_remarks(reader, root.get("warnings"), "warnings", "id", tags, Layer.WARNING),
        parameters=parameters,
    )
    reader.raise_problems()
    return policy


def parse_tags(reader: Reader, raw: object, path: Path) -> dict[str, str]:
    """Declared tags and their labels."""
    tags: dict[str, str] = {}
    for name, label in reader.mapping(raw, path).items():
        if not IDENTIFIER.fullmatch(name):
            reader.problem(path, "identifier", "标签名由小写字母开头，只含小写字母、数字和下划线，不超过 40 个字符。")
            continue
        tags[name] = reader.text(label, (*path, name), LABEL_CHARACTERS)
    return tags


class ListedRule(NamedTuple):
    """A rule as a document lists it, with what rules of every kind have; its id is empty when it is wrong."""

    path: Path
    entry: Mapping[str, object]
    id: str
    label: str
    clause: str


def listed_rules(
    reader: Reader, raw: object, path: Path, own: Collection[str], *, layer: Layer
) -> Iterator[ListedRule]:
    """The rules of a list, with fields of their kind. The district's name a clause each; a street's have `clause`."""
    district = layer is Layer.DISTRICT
    allowed = ("id", "label", "when", *own, *(("clause", "settled") if district else ()))
    items = reader.sequence(raw, path)
    if len(items) > MAX_RULES:
        reader.problem(path, "too_many", f"规则不得超过 {MAX_RULES} 条。")
        return
    seen: set[str] = set()
    for index, item in enumerate(items):
        here = (*path, index)
        if not isinstance(item, Mapping):
            reader.problem(here, "type", "规则应当是“键: 值”的映射。")
            continue
        entry = reader.mapping(item, here, allowed)
        name = rule_id(reader, entry.get("id"), (*here, "id"))
        if name in seen:
            reader.problem((*here, "id"), "duplicate", "规则编号不得重复。")
        seen |= {name} - {""}
        # A street may leave the label out; the id then has to explain the rule.
        label = reader.text(entry.get("label", None if district else name), (*here, "label"), LABEL_CHARACTERS)
        named = reader.text(entry.get("clause"), (*here, "clause"), LABEL_CHARACTERS) if district else ""
        yield ListedRule(here, entry, name, label, named)


def parse_rules(reader: Reader, raw: object, path: Path, tags: Mapping[str, str], *, layer: Layer) -> tuple[Rule, ...]:
    """Rules that give a tier."""
    own = ("tier", *(("switch",) if layer is Layer.DISTRICT else ()))
    found: list[Rule] = []
    for listed in listed_rules(reader, raw, path, own, layer=layer):
        tier = reader.choice(listed.entry.get("tier"), (*listed.path, "tier"), TIERS)
        when = parse_condition(reader, listed.entry.get("when"), (*listed.path, "when"), tags)
        if listed.id and tier and when is not None:
            switch = listed.entry.get("switch")
            found.append(
                Rule(
                    id=listed.id,
                    tier=Tier(tier),
                    label=listed.label,
                    when=when,
                    clause=listed.clause,
                    layer=layer,
                    switch=switch if isinstance(switch, str) else None,
                )
            )
    return tuple(found)


def rule_id(reader: Reader, value: object, path: Path) -> str:
    if not isinstance(value, str) or not RULE_ID.fullmatch(value):
        code = "missing" if value is None else "identifier"
        reader.problem(path, code, "规则编号由字母开头，只含字母、数字、下划线、点和连字符，不超过 80 个字符。")
        return ""
    return value


def _remarks(
    reader: Reader, raw: object, key: str, named: str, tags: Mapping[str, str], layer: Layer
) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for index, item in enumerate(reader.sequence(raw, (key,))):
        here: Path = (key, index)
        entry = reader.mapping(item, here, (named, "text", "when"))
        name = rule_id(reader, entry.get(named), (*here, named))
        text = reader.text(entry.get("text"), (*here, "text"), TEXT_CHARACTERS)
        when = parse_condition(reader, entry.get("when"), (*here, "when"), tags)
        if when is not None:
            found.append(Rule(id=name, tier=Tier.NONE, label=text, when=when, clause="", layer=layer))
    return tuple(found)


def _check_references(
    reader: Reader, rules: tuple[Rule, ...], root: Mapping[str, object], parameters: Mapping[str, Parameter]
) -> None:
    for index, rule in enumerate(rules):
        if rule.switch is not None and rule.switch not in parameters:
            reader.problem(("rules", index, "switch"), "unknown_parameter", "没有这个参数。")
    known = {rule.id for rule in rules}
    for index, item in enumerate(reader.sequence(root.get("suggestions"), ("suggestions",))):
        if isinstance(item, Mapping) and item.get("rule") not in known:
            reader.problem(("suggestions", index, "rule"), "unknown_rule", "没有这条规则。")


def _day(reader: Reader, value: object, path: Path) -> date | None:
    # YAML reads an unquoted day as a date; JSON has only text.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    day = parse_date(value)
    if day is None:
        reader.problem(path, "missing" if value is None else "date", "应当是 `YYYY-MM-DD` 格式的日期。")
    return day


@cache
def _bundled_parameters() -> Mapping[str, Parameter]:
    folder = resources.files("rules") / "policies" / "parameters"
    found: dict[str, Parameter] = {}
    for file in folder.iterdir():
        name, _, kind = file.name.partition(".")
        if kind == "yaml":
            reader = Reader(file.read_text("utf-8"))
            parameter = parse_parameter(reader, name, reader.root, ())
            reader.raise_problems()
            if parameter is not None:
                found[name] = parameter
    return found


__all__ = [
    "DocumentInvalid",
    "NotInForce",
    "Parameter",
    "Policy",
    "Terms",
    "Value",
    "in_force",
    "load_policies",
    "parse_policy",
    "parse_rules",
    "parse_tags",
    "policy_texts",
]
