"""The grammar of conditions that the district's policy and the streets' documents share."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.casework.codes import Dimension, Level, Sign
from rules.documents import Path, Reader
from rules.facts import COVERED_TAGS, OUTREACH_TAGS, SEXES, SUPPORTS, Tier

OLDEST: Final = 150
MAX_DEPTH: Final = 16
MAX_RULES: Final = 200
LABEL_CHARACTERS: Final = 200

TRUTHS: Final = (
    "in_register",
    "serious_illness",
    "severe_disability",
    "major_change_open",
    "warned_within_year",
    "left_aid_recently",
)
AGES: Final = ("age_at_least", "age_below")
_LISTS: Final = {"assistance": COVERED_TAGS, "outreach": OUTREACH_TAGS}
_SINGLES: Final = {"support": SUPPORTS, "sex": SEXES}
WORDS: Final = ("all", "any", "not", *AGES, *_LISTS, *_SINGLES, *TRUTHS, "tag")
# What a visit found in one dimension: casework rules may ask for it too. One word, or a list of them.
_SEEN: Final[Mapping[str, tuple[str, ...]]] = {"dimension": tuple(Dimension), "sign": tuple(Sign)}
_LEVELS: Final = tuple(level for level in Level if level is not Level.OK)
_COUNTS: Final = {"times_in_a_row": (2, 12), "open_dimensions_at_least": (1, len(Dimension))}
FOUND_WORDS: Final = (*_SEEN, "level_at_least", *_COUNTS)
CASEWORK_WORDS: Final = (*WORDS, *FOUND_WORDS)


class Layer(StrEnum):
    """Who wrote a rule; the last two give no tier and only say something."""

    DISTRICT = "district"
    STREET = "street"
    SUGGESTION = "suggestion"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One named truth about a person on a day: a word of the grammar and what it asks for."""

    word: str
    asked: bool | int | str | tuple[str, ...] = True

    @property
    def name(self) -> str:
        """A short identifier, unique for the condition, for the engine's flat record."""
        if self.asked is True:
            return self.word
        parts = self.asked if isinstance(self.asked, tuple) else (str(self.asked),)
        return "_".join((self.word, *parts))


@dataclass(frozen=True, slots=True)
class Not:
    of: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple["Condition", ...]


Condition = Leaf | Not | All | AnyOf
Literal = tuple[Leaf, bool]
Conjunct = frozenset[Literal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A condition that gives a tier; with tier none, one that only says something (a suggestion, a warning)."""

    id: str
    tier: Tier
    label: str
    when: Condition
    clause: str
    layer: Layer
    # The parameter that switches the rule off while it is zero.
    switch: str | None = None


class TooManyConjuncts(ValueError):
    """A condition splits into more cases than the engine may hold."""


def parse_condition(
    reader: Reader,
    raw: object,
    path: Path,
    tags: Collection[str],
    words: tuple[str, ...] = WORDS,
    depth: int = 0,
) -> Condition | None:
    """Read one condition in some of the grammar's words; None when it is wrong, with the problems in the reader."""
    if depth > MAX_DEPTH:
        reader.problem(path, "too_deep", f"条件嵌套不得超过 {MAX_DEPTH} 层。")
        return None
    if not isinstance(raw, dict) or not raw:
        reader.problem(path, "missing" if raw is None else "type", "条件应当是“词: 值”，例如 `{in_register: true}`。")
        return None
    entries = reader.mapping(raw, path, words)
    if len(entries) != len(raw):
        return None
    if len(entries) > 1:
        reader.problem(path, "ambiguous", "一个条件只写一个词；几个条件同时成立请用 `all`，任一成立请用 `any`。")
        return None
    word, value = next(iter(entries.items()))
    here = (*path, word)
    if word == "not":
        inner = parse_condition(reader, value, here, tags, words, depth + 1)
        return None if inner is None else Not(inner)
    if word in ("all", "any"):
        if not isinstance(value, list | tuple) or not value:
            reader.problem(here, "type", "应当是非空的条件列表。")
            return None
        parsed = [parse_condition(reader, item, (*here, n), tags, words, depth + 1) for n, item in enumerate(value)]
        inner_conditions = tuple(condition for condition in parsed if condition is not None)
        if len(inner_conditions) < len(parsed):
            return None
        return All(inner_conditions) if word == "all" else AnyOf(inner_conditions)
    return _parse_leaf(reader, word, value, here, tags)


def _parse_leaf(reader: Reader, word: str, value: object, path: Path, tags: Collection[str]) -> Condition | None:
    if word in TRUTHS:
        if not isinstance(value, bool):
            reader.problem(path, "type", "应当是 `true` 或 `false`。")
            return None
        return Leaf(word) if value else Not(Leaf(word))
    if word in AGES:
        age = reader.integer(value, path, 0, OLDEST)
        return None if age is None else Leaf(word, age)
    if word in _LISTS:
        listed = reader.choices(value, path, _LISTS[word])
        return Leaf(word, tuple(sorted(listed))) if listed else None
    if word in _SINGLES:
        chosen = reader.choice(value, path, _SINGLES[word])
        return None if chosen is None else Leaf(word, chosen)
    if word in FOUND_WORDS:
        return _parse_found(reader, word, value, path)
    if not isinstance(value, str) or value not in tags:
        reader.problem(path, "unknown_tag", "这个标签没有在 `tags` 中声明。")
        return None
    return Leaf(word, value)


def _parse_found(reader: Reader, word: str, value: object, path: Path) -> Condition | None:
    if word in _SEEN:
        seen = reader.choices([value] if isinstance(value, str) else value, path, _SEEN[word])
        return Leaf(word, tuple(sorted(seen))) if seen else None
    if word in _COUNTS:
        count = reader.integer(value, path, *_COUNTS[word])
        return None if count is None else Leaf(word, count)
    level = reader.choice(value, path, _LEVELS)
    return None if level is None else Leaf(word, level)


def leaves(condition: Condition) -> Iterable[Leaf]:
    """Every named truth a condition asks for, in reading order."""
    if isinstance(condition, Leaf):
        yield condition
    elif isinstance(condition, Not):
        yield from leaves(condition.of)
    else:
        for part in condition.of:
            yield from leaves(part)


def disjuncts(condition: Condition, limit: int) -> tuple[Conjunct, ...]:
    """The condition in disjunctive normal form, without repeats, contradictions and absorbed cases.

    Empty when nothing can satisfy it. Raises TooManyConjuncts beyond `limit`.
    """
    return _absorb(_split(condition, True, limit))


def _split(condition: Condition, wanted: bool, limit: int) -> tuple[Conjunct, ...]:
    if isinstance(condition, Leaf):
        return (frozenset(((condition, wanted),)),)
    if isinstance(condition, Not):
        return _split(condition.of, not wanted, limit)
    parts = (_split(part, wanted, limit) for part in condition.of)
    if isinstance(condition, All) is wanted:
        found: tuple[Conjunct, ...] = (frozenset(),)
        for part in parts:
            joined = (left | right for left in found for right in part)
            found = _bounded((case for case in joined if not _contradicts(case)), limit)
        return found
    return _bounded((case for part in parts for case in part), limit)


def _contradicts(case: Conjunct) -> bool:
    return any(wanted and (leaf, False) in case for leaf, wanted in case)


def _bounded(cases: Iterable[Conjunct], limit: int) -> tuple[Conjunct, ...]:
    kept: dict[Conjunct, None] = {}
    for case in cases:
        kept[case] = None
        # Some cases may still absorb one another, but a condition this wide is refused rather than searched.
        if len(kept) > 2 * limit:
            raise TooManyConjuncts(f"more than {limit} cases")
    if len(kept) <= limit:
        return tuple(kept)
    shorter = _absorb(tuple(kept))
    if len(shorter) > limit:
        raise TooManyConjuncts(f"more than {limit} cases")
    return shorter


def _absorb(cases: tuple[Conjunct, ...]) -> tuple[Conjunct, ...]:
    return tuple(case for case in cases if not any(other < case for other in cases))
