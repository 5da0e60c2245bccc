"""What is known about a person: dated facts, parsed strictly and written back as JSON."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple, assert_never, get_args

Sex = Literal["male", "female"]

COVERED_TAGS: Final = (
    "dibao_urban",
    "dibao_rural",
    "dibao_edge",
    "expenditure_poor",
    "severe_disability_aid",
    "tekun",
)
OUTREACH_TAGS: Final = ("potential", "ineligible_in_need", "covered_more_possible", "other_concern")
SUPPORTS: Final = ("scattered", "centralised")
BASES: Final = ("outpatient_registration", "diagnosis", "civil_affairs", "warning_list", "found_on_visit")
CAUSES: Final = ("emergency", "accident", "serious_illness", "other")
WARNINGS: Final = ("illness_poverty",)
SEXES: Final[tuple[str, ...]] = get_args(Sex)
EARLIEST: Final = date(1900, 1, 1)
REASON_CHARACTERS: Final = 200

# Control characters and noncharacters in a text that may have lines.
CONTROL_BUT_LINES: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def sex_of(word: str | None) -> Sex | None:
    """A stored word as the rules take it."""
    return "male" if word == "male" else "female" if word == "female" else None


class FactKind(StrEnum):
    """What a fact is about; each kind has fields of its own beside its dates."""

    ASSISTANCE = "assistance"
    OUTREACH = "outreach"
    SERIOUS_ILLNESS = "serious_illness"
    DISABILITY = "disability"
    MAJOR_CHANGE = "major_change"
    WARNING = "warning"
    PAUSE = "pause"
    STREET_TAG = "street_tag"


class Tier(StrEnum):
    """How closely a person is visited. Compare by `rank`: as strings the tiers sort alphabetically."""

    HIGH = "high"
    KEY = "key"
    GENERAL = "general"
    NONE = "none"

    @property
    def rank(self) -> int:
        return _PLACES[self].rank

    @property
    def label(self) -> str:
        """What people call it."""
        return _PLACES[self].label


class _Place(NamedTuple):
    """Where a tier stands among the others, and what people call it."""

    rank: int
    label: str


def _place(tier: Tier) -> _Place:
    match tier:
        case Tier.NONE:
            return _Place(0, "不列级")
        case Tier.GENERAL:
            return _Place(1, "一般")
        case Tier.KEY:
            return _Place(2, "重点")
        case Tier.HIGH:
            return _Place(3, "高风险")
        case _:
            assert_never(tier)


_PLACES: Final = {tier: _place(tier) for tier in Tier}
# In which somebody is visited, the closest first.
TIERS: Final = tuple(tier for tier in Tier if tier is not Tier.NONE)


class Problem(NamedTuple):
    """One thing wrong with an input. `msg` never repeats the rejected value."""

    loc: str
    code: str
    msg: str


def listed(options: Iterable[str]) -> str:
    """Codes as a message names them."""
    return "、".join(f"`{option}`" for option in options)


class ProblemsFound(ValueError):
    """Something cannot be accepted; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{problem.loc}: {problem.msg}" for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple[list[Problem]]]:
        # An exception is rebuilt from its message by default, and these cross from worker processes.
        return type(self), (self.problems,)


class FactInvalid(ProblemsFound):
    """A fact cannot be accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One dated statement about a person, in force from `valid_from` through `valid_to`, both inclusive."""

    kind: FactKind
    valid_from: date
    valid_to: date | None = None
    tag: str | None = None
    support: str | None = None
    basis: str | None = None
    confirmed_on: date | None = None
    category: int | None = None
    grade: int | None = None
    cause: str | None = None
    warning: str | None = None
    reason: str | None = None
    # The limit of a major change after a decision moved it (A1). The undecided stay high, so no tier depends on it.
    extended_until: date | None = None
    # Carried for explanations, never judged.
    recorded_on: date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Everything the rules may know about somebody. From the day after `died_on` the tier is none (A23)."""

    birth_date: date | None
    sex: Sex | None = None
    facts: tuple[Fact, ...] = ()
    died_on: date | None = None


def parse_date(value: object) -> date | None:
    """A calendar day written YYYY-MM-DD, or None for anything else: no other ISO form, no instant."""
    # fromisoformat alone would also take 20260320 and 2026-W12-5.
    if not isinstance(value, str) or len(value) != 10 or value[4] != "-" or value[7] != "-":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def anniversary(day: date, years: int) -> date:
    """The same date years later, or the month's last day: 29 February → 28 February. Never past the calendar's end."""
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


class _Check(NamedTuple):
    """How one field is read: to its value, or to None where it is refused, and what is then said."""

    read: Callable[[object], object]
    code: str
    msg: str


def _day(value: object) -> date | None:
    day = parse_date(value)
    return day if day is not None and day >= EARLIEST else None


def _one_of(choices: tuple[str, ...]) -> _Check:
    known = {choice: choice for choice in choices}
    msg = f"须是下列之一：{listed(choices)}。"
    return _Check(lambda value: known.get(value) if isinstance(value, str) else None, "enum", msg)


def _from_to(low: int, high: int) -> _Check:
    def read(value: object) -> int | None:
        return value if type(value) is int and low <= value <= high else None

    return _Check(read, "range", f"须是 {low} 至 {high} 的整数。")


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip() or len(value) > REASON_CHARACTERS:
        return None
    return None if CONTROL_BUT_LINES.search(value) else value


def _identifier(value: object) -> str | None:
    return value if isinstance(value, str) and IDENTIFIER.fullmatch(value) else None


_DAY: Final = _Check(_day, "date", f"须是 `YYYY-MM-DD` 格式的日期，不早于 {EARLIEST}。")
_TAG: Final = _Check(_identifier, "identifier", "须是声明过的标签，由小写字母、数字和下划线组成。")
_REASON: Final = _Check(_text, "text", f"须是 1 至 {REASON_CHARACTERS} 个字的文字。")
# What each kind must say beside its dates, and what it may.
_MUST: Final[Mapping[FactKind, Mapping[str, _Check]]] = {
    FactKind.ASSISTANCE: {"tag": _one_of(COVERED_TAGS)},
    FactKind.OUTREACH: {"tag": _one_of(OUTREACH_TAGS)},
    FactKind.SERIOUS_ILLNESS: {"basis": _one_of(BASES)},
    FactKind.DISABILITY: {"category": _from_to(1, 7), "grade": _from_to(1, 4)},
    FactKind.MAJOR_CHANGE: {"cause": _one_of(CAUSES)},
    FactKind.WARNING: {"warning": _one_of(WARNINGS)},
    FactKind.PAUSE: {"reason": _REASON},
    FactKind.STREET_TAG: {"tag": _TAG},
}
_MAY: Final[Mapping[FactKind, Mapping[str, _Check]]] = {
    FactKind.ASSISTANCE: {"support": _one_of(SUPPORTS)},
    FactKind.SERIOUS_ILLNESS: {"confirmed_on": _DAY},
}
_CHECKS: Final = {
    kind: {**must, **_MAY.get(kind, {}), "valid_from": _DAY, "valid_to": _DAY} for kind, must in _MUST.items()
}
_REQUIRED: Final = {kind: ("valid_from", *must) for kind, must in _MUST.items()}
_KNOWN: Final = frozenset(name for checks in _CHECKS.values() for name in checks)
_KINDS: Final = {kind.value: kind for kind in FactKind}
_EXPLAINING: Final = ("extended_until", "recorded_on", "source")
_OUTPUT: Final = {
    kind: (*must, *_MAY.get(kind, {}), "valid_from", "valid_to", *_EXPLAINING) for kind, must in _MUST.items()
}


def parse_fact(raw: Mapping[str, object], loc: str = "fact") -> Fact:
    """Read a fact as the contract spells it; raises FactInvalid naming every problem.

    A known field set to null counts as absent; a field that belongs to another kind is refused.
    """
    if not isinstance(raw, Mapping):
        raise FactInvalid([Problem(loc, "type", "事实须是一个对象。")])
    named = raw.get("kind")
    kind = _KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        code = "missing" if named is None else "enum"
        raise FactInvalid([Problem(f"{loc}.kind", code, f"须是下列之一：{listed(_KINDS)}。")])
    problems: list[Problem] = []
    checks = _CHECKS[kind]
    values: dict[str, object] = {}
    for name, value in raw.items():
        if name == "kind" or (value is None and name in _KNOWN):
            continue
        check = checks.get(name)
        if check is None:
            problems.append(_unknown(loc, name, kind))
        elif (read := check.read(value)) is None:
            problems.append(Problem(f"{loc}.{name}", check.code, check.msg))
        else:
            values[name] = read
    for name in _REQUIRED[kind]:
        if name not in values and raw.get(name) is None:
            problems.append(Problem(f"{loc}.{name}", "missing", f"`{kind}` 类的事实须填写这一项。"))
    if kind is FactKind.ASSISTANCE and raw.get("support") is None and values.get("tag") == "tekun":
        problems.append(Problem(f"{loc}.support", "missing", f"`tekun` 须注明供养方式：{listed(SUPPORTS)}。"))
    problems.extend(_contradictions(loc, values))
    if problems:
        raise FactInvalid(problems)
    return Fact(kind=kind, **values)  # type: ignore[arg-type]  # each check returns its field's type


def stored_fact(raw: Mapping[str, Any], *, recorded_on: date, source: str, before: Fact | None = None) -> Fact:
    """A fact read back that `parse_fact` accepted and `fact_dict` wrote: nothing is checked again.

    What was decided about the same fact `before`, a confirmation or a longer limit, stays.
    """
    last, confirmed = raw.get("valid_to"), raw.get("confirmed_on")
    return Fact(
        kind=_KINDS[raw["kind"]],
        valid_from=date.fromisoformat(raw["valid_from"]),
        valid_to=date.fromisoformat(last) if last else None,
        tag=raw.get("tag"),
        support=raw.get("support"),
        basis=raw.get("basis"),
        confirmed_on=date.fromisoformat(confirmed) if confirmed else before.confirmed_on if before else None,
        category=raw.get("category"),
        grade=raw.get("grade"),
        cause=raw.get("cause"),
        warning=raw.get("warning"),
        reason=raw.get("reason"),
        extended_until=before.extended_until if before else None,
        recorded_on=recorded_on,
        source=source,
    )


def fact_dict(fact: Fact) -> dict[str, object]:
    """The fact ready for JSON: empty fields left out, except `valid_to`, whose null means open-ended."""
    made: dict[str, object] = {"kind": fact.kind.value}
    for name in _OUTPUT[fact.kind]:
        value = getattr(fact, name)
        if isinstance(value, date):
            made[name] = value.isoformat()
        elif value is not None or name == "valid_to":
            made[name] = value
    return made


def _unknown(loc: str, name: object, kind: FactKind) -> Problem:
    # A key is the caller's text too: only one that looks like a field name is repeated.
    shown = f"{loc}.{name}" if isinstance(name, str) and IDENTIFIER.fullmatch(name) else loc
    return Problem(shown, "unknown_field", f"`{kind}` 类的事实没有这个字段。")


def _contradictions(loc: str, values: Mapping[str, object]) -> Iterable[Problem]:
    first, last = values.get("valid_from"), values.get("valid_to")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        yield Problem(f"{loc}.valid_to", "order", "结束的日期不能早于开始的日期。")
    if "support" in values and values.get("tag") != "tekun":
        yield Problem(f"{loc}.support", "unexpected", "只有 `tekun` 才注明供养方式。")
