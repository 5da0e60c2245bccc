"""What is known about a person: dated facts, parsed strictly and written back as JSON."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal, NamedTuple, get_args

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

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class FactKind(StrEnum):
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
        return _RANKS[self]


_RANKS: Final = {Tier.NONE: 0, Tier.GENERAL: 1, Tier.KEY: 2, Tier.HIGH: 3}


class Problem(NamedTuple):
    """One thing wrong with an input. `msg` never repeats the rejected value."""

    loc: str
    code: str
    msg: str


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


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "support": SUPPORTS,
    "basis": BASES,
    "cause": CAUSES,
    "warning": WARNINGS,
}
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {"category": (1, 7), "grade": (1, 4)}
# The fields each kind carries beside its dates; "?" marks what may be absent.
_FIELDS: Final[Mapping[FactKind, tuple[str, ...]]] = {
    FactKind.ASSISTANCE: ("tag", "support?"),
    FactKind.OUTREACH: ("tag",),
    FactKind.SERIOUS_ILLNESS: ("basis", "confirmed_on?"),
    FactKind.DISABILITY: ("category", "grade"),
    FactKind.MAJOR_CHANGE: ("cause",),
    FactKind.WARNING: ("warning",),
    FactKind.PAUSE: ("reason",),
    FactKind.STREET_TAG: ("tag",),
}
_REQUIRED: Final = {kind: tuple(f for f in fields if not f.endswith("?")) for kind, fields in _FIELDS.items()}
_ALLOWED: Final = {
    kind: frozenset(f.rstrip("?") for f in fields) | {"kind", "valid_from", "valid_to"}
    for kind, fields in _FIELDS.items()
}
_KNOWN: Final = frozenset[str]().union(*_ALLOWED.values())
_KINDS: Final = {kind.value: kind for kind in FactKind}
_OUTPUT: Final = tuple(name for name in Fact.__slots__ if name not in ("kind", "valid_from", "valid_to"))


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


def parse_fact(raw: Mapping[str, object], loc: str = "fact") -> Fact:
    """Read a fact as the contract spells it; raises FactInvalid naming every problem.

    A known field set to null counts as absent; a field that belongs to another kind is refused.
    """
    if not isinstance(raw, Mapping):
        raise FactInvalid([Problem(loc, "type", "a fact is an object")])
    named = raw.get("kind")
    kind = _KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        code = "missing" if named is None else "enum"
        raise FactInvalid([Problem(f"{loc}.kind", code, f"must be one of {', '.join(_KINDS)}")])
    problems: list[Problem] = []
    allowed = _ALLOWED[kind]
    values: dict[str, object] = {}
    for name, value in raw.items():
        if name not in allowed:
            if value is not None or name not in _KNOWN:
                problems.append(_unknown(loc, name, kind))
        elif value is not None and name != "kind":
            problem = _field(f"{loc}.{name}", name, value, kind, values)
            if problem is not None:
                problems.append(problem)
    if raw.get("valid_from") is None:
        problems.append(Problem(f"{loc}.valid_from", "missing", "a fact has a first day"))
    problems.extend(
        Problem(f"{loc}.{name}", "missing", f"a fact of kind {kind} needs it")
        for name in _REQUIRED[kind]
        if raw.get(name) is None
    )
    problems.extend(_contradictions(loc, kind, values))
    if problems:
        raise FactInvalid(problems)
    return Fact(kind=kind, **values)  # type: ignore[arg-type]  # _field checked each value against its field


def fact_dict(fact: Fact) -> dict[str, object]:
    """The fact ready for JSON: empty fields left out, except `valid_to`, whose null means open-ended."""
    made: dict[str, object] = {"kind": fact.kind.value}
    for name in _OUTPUT:
        value = getattr(fact, name)
        if value is not None:
            made[name] = value.isoformat() if isinstance(value, date) else value
    made["valid_from"] = fact.valid_from.isoformat()
    made["valid_to"] = None if fact.valid_to is None else fact.valid_to.isoformat()
    return made


def _unknown(loc: str, name: object, kind: FactKind) -> Problem:
    # A key is the caller's text too: only one that looks like a field name is repeated.
    shown = f"{loc}.{name}" if isinstance(name, str) and IDENTIFIER.fullmatch(name) else loc
    return Problem(shown, "unknown_field", f"no such field in a fact of kind {kind}")


def _field(loc: str, name: str, value: object, kind: FactKind, values: dict[str, object]) -> Problem | None:
    if name in ("valid_from", "valid_to", "confirmed_on"):
        day = parse_date(value)
        if day is None:
            return Problem(loc, "date", "must be a day written YYYY-MM-DD")
        if day < EARLIEST:
            return Problem(loc, "range", f"must not be before {EARLIEST}")
        values[name] = day
        return None
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        if type(value) is not int or not low <= value <= high:
            return Problem(loc, "range", f"must be a whole number from {low} to {high}")
    elif name == "reason":
        if not isinstance(value, str) or not value.strip() or len(value) > REASON_CHARACTERS or "\x00" in value:
            return Problem(loc, "text", f"must be a text of 1 to {REASON_CHARACTERS} characters")
    elif name == "tag" and kind is FactKind.STREET_TAG:
        if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
            return Problem(loc, "identifier", "must be a declared tag: lower-case letters, digits, underscores")
    else:
        choices = _choices(name, kind)
        if not isinstance(value, str) or value not in choices:
            return Problem(loc, "enum", f"must be one of {', '.join(choices)}")
    values[name] = value
    return None


def _choices(name: str, kind: FactKind) -> tuple[str, ...]:
    if name == "tag":
        return COVERED_TAGS if kind is FactKind.ASSISTANCE else OUTREACH_TAGS
    return _CHOICES[name]


def _contradictions(loc: str, kind: FactKind, values: Mapping[str, object]) -> list[Problem]:
    found: list[Problem] = []
    first, last = values.get("valid_from"), values.get("valid_to")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        found.append(Problem(f"{loc}.valid_to", "order", "the last day must not lie before the first"))
    if kind is FactKind.ASSISTANCE and values.get("tag") == "tekun":
        if "support" not in values:
            found.append(Problem(f"{loc}.support", "missing", f"tekun needs one of {', '.join(SUPPORTS)}"))
    elif "support" in values:
        found.append(Problem(f"{loc}.support", "unexpected", "only tekun is supported scattered or centralised"))
    return found
