"""The district's casework policies: dated, versioned rules, dimensions with their signs, categories of need, numbers.

A version states what it changes; whatever it leaves out is as in the policy that comes with the product.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final, TypeVar

from rules.cases import CaseTable, RulesetTooLarge
from rules.casework import limits
from rules.casework.codes import Category, Dimension, Level, PartnerKind, Sign
from rules.casework.limits import Limit, LimitName, Unit
from rules.casework.rules import CaseworkRule, parse_casework_rules
from rules.conditions import LABEL_CHARACTERS, Layer
from rules.documents import Path, Reader
from rules.facts import parse_date
from rules.parameters import Parameter, Value
from rules.policies import NotInForce

Code = TypeVar("Code", bound=StrEnum)

# What only the district says, by the key of a document.
DISTRICT_ALONE: Final = (
    "id",
    "version",
    "effective_on",
    "title",
    "source",
    "widening_clause",
    "levels",
    "dimensions",
    "categories",
)
_TOP: Final = (*DISTRICT_ALONE, "rules", "limits")


@dataclass(frozen=True, slots=True)
class SignTerms:
    label: str
    # The category of need that the sign stands for: its own, or the dimension's.
    category: Category


@dataclass(frozen=True, slots=True)
class DimensionTerms:
    label: str
    category: Category
    signs: Mapping[Sign, SignTerms]


@dataclass(frozen=True, slots=True)
class CategoryTerms:
    label: str
    # The kinds of partner that usually take such a need.
    partners: tuple[PartnerKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseworkPolicy:
    """One version of the district's casework rules, in force from `effective_on` until a later one."""

    id: str
    version: int
    effective_on: date
    title: str
    source: str
    # The clause under which streets add rules.
    widening_clause: str
    levels: Mapping[Level, str]
    dimensions: Mapping[Dimension, DimensionTerms]
    categories: Mapping[Category, CategoryTerms]
    rules: tuple[CaseworkRule, ...]
    parameters: Mapping[LimitName, Parameter]

    def limit(self, name: LimitName, on: date) -> Limit:
        """A number on a day; raises NotInForce before its first value."""
        parameter = self.parameters[name]
        stated = parameter.on(on)
        if stated is None:
            raise NotInForce(f"Limit {name} has no value yet on {on}.")
        return Limit(name, stated.value, Unit(parameter.unit), stated.reference, Layer.DISTRICT)

    def boundaries(self) -> list[date]:
        """The days on which this policy begins or one of its numbers changes."""
        dates = {start for parameter in self.parameters.values() for start, _ in parameter.values}
        return sorted({self.effective_on, *(start for start in dates if start > self.effective_on)})

    def dimension_of(self, sign: Sign) -> Dimension:
        return next(dimension for dimension, terms in self.dimensions.items() if sign in terms.signs)


@cache
def load_casework_policies() -> tuple[CaseworkPolicy, ...]:
    """The casework policies that come with the product, in order of their first day."""
    found = (_parse(Reader(text), {}, None, None, ()) for text in casework_texts())
    return tuple(sorted(found, key=lambda policy: (policy.effective_on, policy.version)))


def casework_texts() -> list[str]:
    """The documents of the casework policies that come with the product."""
    folder = resources.files("rules") / "policies"
    return sorted(file.read_text("utf-8") for file in folder.iterdir() if file.name.startswith("casework-"))


def parse_casework_policy(
    document: str | Mapping[str, object],
    *,
    version: int | None = None,
    effective_on: date | None = None,
    tags: Collection[str] = (),
) -> CaseworkPolicy:
    """Read a version of the policy; raises DocumentInvalid naming every problem and, in YAML, its line.

    `version` and `effective_on` as said beside the document; in it they may be left out. `tags`: what the tier policy
    in force declares, for conditions that ask for one.
    """
    return _parse(Reader(document), _inherited(), version, effective_on, tags)


@cache
def _inherited() -> Mapping[str, object]:
    """What a version that leaves something out takes over.

    Always from the first policy that came with the product: another one must not change what stored versions say.
    """
    reader = Reader(casework_texts()[0])
    root = reader.mapping(reader.root, (), _TOP)
    return {key: value for key, value in root.items() if key not in ("version", "effective_on")}


def _parse(
    reader: Reader,
    inherited: Mapping[str, object],
    version: int | None,
    effective_on: date | None,
    tags: Collection[str],
) -> CaseworkPolicy:
    own = reader.mapping(reader.root, (), _TOP)
    root = {**inherited, **own}
    first = _first_day(reader, root.get("effective_on"), effective_on)
    number = root.get("version", version)
    if version is not None and number != version:
        reader.problem(("version",), "differs", "与文档之外写明的版本不同。")
    rules = parse_casework_rules(reader, root.get("rules"), ("rules",), tags, layer=Layer.DISTRICT)
    _check_rules(reader, rules, load_casework_policies()[0].rules if inherited else ())
    policy = CaseworkPolicy(
        id=reader.text(root.get("id"), ("id",), LABEL_CHARACTERS),
        version=reader.integer(number, ("version",), 1, 2**31 - 1) or 0,
        effective_on=first or date.min,
        title=reader.text(root.get("title"), ("title",), LABEL_CHARACTERS),
        source=reader.text(root.get("source"), ("source",), LABEL_CHARACTERS),
        widening_clause=reader.text(root.get("widening_clause"), ("widening_clause",), LABEL_CHARACTERS),
        levels=_labels(reader, root.get("levels"), ("levels",), Level),
        dimensions=_dimensions(reader, root.get("dimensions"), ("dimensions",)),
        categories=_categories(reader, root.get("categories"), ("categories",)),
        rules=rules,
        parameters=_parameters(reader, own, first),
    )
    reader.raise_problems()
    return policy


def _first_day(reader: Reader, stated: object, beside: date | None) -> date | None:
    # YAML reads an unquoted day as a date; JSON has only text.
    day = stated if isinstance(stated, date) and not isinstance(stated, datetime) else parse_date(stated)
    if stated is None and beside is not None:
        return beside
    if day is None:
        reader.problem(("effective_on",), "missing" if stated is None else "date", "须写成 `2026-03-20` 这样的日期。")
    elif beside not in (None, day):
        reader.problem(("effective_on",), "differs", "与文档之外写明的生效日期不同。")
    return day


def _parameters(reader: Reader, own: Mapping[str, object], first: date | None) -> Mapping[LimitName, Parameter]:
    """The bundled numbers with a document's own laid over them, which hold from its first day."""
    parameters = dict(limits.bundled())
    stated = limits.read_limits(reader, own.get("limits"), ("limits",), Layer.DISTRICT)
    if first is None:
        return parameters
    source = own.get("source")
    for name, parameter in parameters.items():
        before = parameter.on(first)
        if before is None:
            reader.problem(("limits", name), "missing", "这项政策生效之日，这个期限还没有值。")
        elif name in stated:
            said = Value(stated[name], source if isinstance(source, str) and source else before.reference)
            parameters[name] = parameter.overlaid(replace(parameter, values=((first, said),)))
    return parameters


def _check_rules(reader: Reader, rules: tuple[CaseworkRule, ...], inherited: tuple[CaseworkRule, ...]) -> None:
    path: Path = ("rules",)
    if not rules:
        reader.problem(path, "missing", "一项政策至少要有一条规则。")
        return
    for each in inherited:
        if each.fixed and each not in rules:
            reader.problem(path, "fixed", f"“{each.rule.id}”（{each.rule.label}）不可改动，须原样保留。")
    try:
        CaseTable([each.rule for each in rules])
    except RulesetTooLarge:
        reader.problem(path, "too_large", "规则展开后的情形太多，请减少或拆分 `any` 条件。")


def _dimensions(reader: Reader, raw: object, path: Path) -> dict[Dimension, DimensionTerms]:
    found: dict[Dimension, DimensionTerms] = {}
    placed: dict[Sign, Dimension] = {}
    for dimension, value, here in _complete(reader, raw, path, Dimension):
        entry = reader.mapping(value, here, ("label", "category", "signs"))
        category = reader.choice(entry.get("category"), (*here, "category"), tuple(Category))
        signs: dict[Sign, SignTerms] = {}
        for name, said in reader.mapping(entry.get("signs"), (*here, "signs"), tuple(Sign)).items():
            sign, there = Sign(name), (*here, "signs", name)
            if sign in placed:
                reader.problem(there, "duplicate", "同一个迹象写在了两个维度里。")
            placed[sign] = dimension
            # Most signs are only a name; one that stands for another category says so beside it.
            stated = reader.mapping(
                said if isinstance(said, Mapping) else {"label": said}, there, ("label", "category")
            )
            label = reader.text(stated.get("label"), there, LABEL_CHARACTERS)
            own = reader.choice(stated.get("category", category), (*there, "category"), tuple(Category))
            if own is not None:
                signs[sign] = SignTerms(label, Category(own))
        label = reader.text(entry.get("label"), (*here, "label"), LABEL_CHARACTERS)
        if category is not None:
            found[dimension] = DimensionTerms(label, Category(category), signs)
    for sign in Sign:
        if sign not in placed:
            reader.problem(path, "missing", f"迹象 `{sign}` 不属于任何维度。")
    return found


def _categories(reader: Reader, raw: object, path: Path) -> dict[Category, CategoryTerms]:
    found: dict[Category, CategoryTerms] = {}
    for category, value, here in _complete(reader, raw, path, Category):
        entry = reader.mapping(value, here, ("label", "partners"))
        partners = reader.choices(entry.get("partners"), (*here, "partners"), tuple(PartnerKind))
        label = reader.text(entry.get("label"), (*here, "label"), LABEL_CHARACTERS)
        found[category] = CategoryTerms(label, tuple(map(PartnerKind, partners)))
    return found


def _labels(reader: Reader, raw: object, path: Path, codes: type[Code]) -> dict[Code, str]:
    return {
        code: reader.text(value, here, LABEL_CHARACTERS) for code, value, here in _complete(reader, raw, path, codes)
    }


def _complete(reader: Reader, raw: object, path: Path, codes: type[Code]) -> list[tuple[Code, object, Path]]:
    """The entries of a mapping that says something for every code."""
    entries = reader.mapping(raw, path, tuple(codes))
    for code in codes:
        if code not in entries:
            reader.problem((*path, code), "missing", "这一项必须填写。")
    return [(code, entries[code], (*path, code.value)) for code in codes if code in entries]
