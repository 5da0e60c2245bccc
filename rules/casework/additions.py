"""What a street adds to the district's casework rules: read strictly, laid over them, and never less than they give."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from rules.cases import CaseTable, RulesetTooLarge
from rules.casework.limits import SHORTENED_BY_STREETS, Limit, LimitName, Unit, read_limits
from rules.casework.policies import DISTRICT_ALONE, CaseworkPolicy
from rules.casework.rules import CaseworkRule, Kind, parse_casework_rules
from rules.conditions import Layer
from rules.coverage import Narrows
from rules.documents import DocumentInvalid, Reader
from rules.facts import Problem

_KINDS: Final[Mapping[Kind, str]] = {
    Kind.NEED: "需求",
    Kind.SUGGESTION: "建议",
    Kind.PLAN: "制定方案的任务",
    Kind.FOLLOW_UP: "回访",
    Kind.FACT: "待确认的情况",
    Kind.NOTICE: "通知",
}
_UNITS: Final[Mapping[Unit, str]] = {
    Unit.DAYS: "天",
    Unit.WORKING_DAYS: "个工作日",
    Unit.WORKING_MINUTES: "分钟（热线工作时间）",
}
_WHO: Final[Mapping[LimitName, str]] = {
    LimitName.URGENT_NEED: "有急需的居民会等得更久",
    LimitName.NEED: "有需求的居民会等得更久",
    LimitName.PLAN: "多个方面有隐患的居民会更晚有方案",
    LimitName.PLAN_REVIEW: "有方案的居民会更晚得到复核",
    LimitName.FOLLOW_UP_URGENT: "有急需的居民会更晚得到回访",
    LimitName.FOLLOW_UP_RISK: "有隐患的居民会更晚得到回访",
    LimitName.REFERRAL_ANSWER: "被转介的居民会更晚得到答复",
    LimitName.FIRST_ANSWER_URGENT: "有急事来电的居民会更晚得到答复",
    LimitName.FIRST_ANSWER: "来电的居民会更晚得到答复",
    LimitName.LEAD_URGENT: "紧急线索里的人会更晚有人核实",
    LimitName.LEAD: "线索里的人会更晚有人核实",
}
_SECTIONS: Final[Mapping[str, str]] = {
    "levels": "程度由全区统一：改动会使全区的规则认不出已有的发现。",
    "dimensions": "维度和迹象由全区统一：改动会使发现引不出原来类别的需求。",
    "categories": "需求类别由全区统一：改动会使需求找不到原来的承接方。",
}


@dataclass(frozen=True, slots=True)
class Addition:
    """A street's document. Without anything in it, the district's rules alone."""

    rules: tuple[CaseworkRule, ...] = ()
    limits: Mapping[LimitName, int] = field(default_factory=dict)
    # Keys that only the district may write; a document that has any is refused as narrower.
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdditionVersion:
    version: int
    effective_on: date
    addition: Addition


def parse_addition(document: str | Mapping[str, object], tags: Collection[str] = ()) -> Addition:
    """Read a street's document, YAML or JSON; raises DocumentInvalid naming every problem and, in YAML, its line.

    `tags`: those that the street's coverage declares, for conditions that ask for one.
    """
    reader = Reader(document)
    root = reader.mapping(reader.root, (), ("rules", "limits", *DISTRICT_ALONE))
    rules = parse_casework_rules(reader, root.get("rules"), ("rules",), tags, layer=Layer.STREET)
    stated = read_limits(reader, root.get("limits"), ("limits",), Layer.STREET)
    reader.raise_problems()
    return Addition(rules, stated, tuple(key for key in root if key in DISTRICT_ALONE))


def rules_with(policy: CaseworkPolicy, addition: Addition) -> tuple[CaseworkRule, ...]:
    """The district's rules, then those of the street under the clause by which it adds."""
    added = (replace(each, rule=replace(each.rule, clause=policy.widening_clause)) for each in addition.rules)
    return (*policy.rules, *added)


def limits_with(policy: CaseworkPolicy, addition: Addition, on: date) -> dict[LimitName, Limit]:
    """Every number of a day. Whatever the district changes later, of two limits the shorter one holds."""
    found: dict[LimitName, Limit] = {}
    for name in LimitName:
        limit = policy.limit(name, on)
        own = addition.limits.get(name, limit.amount)
        if name in SHORTENED_BY_STREETS and own < limit.amount:
            limit = replace(limit, amount=own, layer=Layer.STREET)
        found[name] = limit
    return found


def check_never_narrower(addition: Addition, policy: CaseworkPolicy, on: date) -> None:
    """Refuse a document that takes something away on a day.

    Raises Narrows naming each place and what would be lost; DocumentInvalid when the rules together are more than the
    engine holds.
    """
    try:
        CaseTable([each.rule for each in rules_with(policy, addition)])
    except RulesetTooLarge:
        raise DocumentInvalid(
            [Problem("rules", "too_large", "规则展开后的情形太多，请减少或拆分 `any` 条件。")]
        ) from None
    problems = [
        *_replaced(addition, policy),
        *_lengthened(addition, policy, on),
        *(
            Problem(
                key,
                "narrows",
                _SECTIONS.get(key, "这一项由全区统一，街镇只能增加规则（`rules`）、缩短期限（`limits`）。"),
            )
            for key in addition.sections
        ),
    ]
    if problems:
        raise Narrows(problems)


def _replaced(addition: Addition, policy: CaseworkPolicy) -> list[Problem]:
    district = {each.rule.id: each for each in policy.rules}
    found: list[Problem] = []
    for index, added in enumerate(addition.rules):
        replaced = district.get(added.rule.id)
        if replaced is not None:
            lost = "、".join(_KINDS[kind] for kind in replaced.raises.kinds)
            msg = f"会取代全区的规则“{replaced.rule.label}”（{replaced.rule.clause}），由它引出的{lost}就没有了。"
            found.append(Problem(f"rules.{index}.id", "narrows", msg))
    return found


def _lengthened(addition: Addition, policy: CaseworkPolicy, on: date) -> list[Problem]:
    found: list[Problem] = []
    for name, own in addition.limits.items():
        district = policy.limit(name, on)
        if name not in SHORTENED_BY_STREETS:
            found.append(Problem(f"limits.{name}", "narrows", "这个数由全区统一，街镇不能另定。"))
        elif own > district.amount:
            msg = f"{_WHO[name]}：全区规定 {district.amount} {_UNITS[district.unit]}。"
            found.append(Problem(f"limits.{name}", "narrows", msg))
    return found
