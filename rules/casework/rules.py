"""What a casework rule raises, and rules as a document writes them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.casework.codes import Category, Level, Urgency
from rules.casework.limits import LimitName
from rules.conditions import CASEWORK_WORDS, Layer, Rule, parse_condition
from rules.documents import Path, Reader
from rules.facts import FactKind, Tier
from rules.policies import TEXT_CHARACTERS, listed_rules

FOLLOW_UP_LIMITS: Final[Mapping[Level, LimitName]] = {
    Level.URGENT: LimitName.FOLLOW_UP_URGENT,
    Level.RISK: LimitName.FOLLOW_UP_RISK,
}
# A fact that a visit states counts only once the street advisor confirms it (A8); no other kind is stated by a sign.
_FACTS: Final[Mapping[FactKind, tuple[str, ...]]] = {FactKind.SERIOUS_ILLNESS: ("found_on_visit",)}


class NoticeTo(StrEnum):
    COMMITTEE = "committee"
    STREET_ADVISOR = "street_advisor"
    STREET_MANAGER = "street_manager"
    DISTRICT_OFFICER = "district_officer"


class Kind(StrEnum):
    """What may be raised, by its word in a document."""

    NEED = "need"
    SUGGESTION = "suggestion"
    PLAN = "plan"
    FOLLOW_UP = "follow_up"
    FACT = "fact"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Need:
    """A need and its task; without a category it is the one that the dimension, or the sign, names."""

    urgency: Urgency
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A hint to open a need, without a task (B6)."""

    text: str
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Who hears of it at once, and in which words."""

    to: tuple[NoticeTo, ...]
    words: str


@dataclass(frozen=True, slots=True)
class StatedFact:
    kind: FactKind
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raises:
    """All that one rule raises when it holds; the fields are named as `Kind` says."""

    need: Need | None = None
    suggestion: Suggestion | None = None
    plan: bool = False
    # The level whose limit the follow-up has.
    follow_up: Level | None = None
    fact: StatedFact | None = None
    notice: Notice | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in Kind if getattr(self, kind))

    def adds_nothing_to(self, other: "Raises") -> bool:
        """Whether everything raised here is raised there too, as urgently, and told to as many."""
        return (
            _need_is_within(self.need, other.need)
            and (self.suggestion is None or _is_suggested(self.suggestion, other))
            and (other.plan or not self.plan)
            and _rank(self.follow_up) <= _rank(other.follow_up)
            and self.fact in (None, other.fact)
            and set(self.notice.to if self.notice else ()) <= set(other.notice.to if other.notice else ())
        )


def _need_is_within(need: Need | None, other: Need | None) -> bool:
    if need is None or other is None:
        return need is None
    return need.category == other.category and other.urgency in (need.urgency, Urgency.URGENT)


def _is_suggested(suggestion: Suggestion, other: Raises) -> bool:
    return any(each is not None and each.category == suggestion.category for each in (other.suggestion, other.need))


def _rank(level: Level | None) -> int:
    return 0 if level is None else level.rank


@dataclass(frozen=True, slots=True)
class CaseworkRule:
    """A rule of the one grammar and engine, and what it raises."""

    rule: Rule
    raises: Raises
    # Settled for everybody: a district's own version carries it unchanged (B8, B9).
    fixed: bool = False


def parse_casework_rules(
    reader: Reader, raw: object, path: Path, tags: Collection[str], *, layer: Layer
) -> tuple[CaseworkRule, ...]:
    """Rules that raise something."""
    own = ("raises", *(("fixed",) if layer is Layer.DISTRICT else ()))
    found: list[CaseworkRule] = []
    for listed in listed_rules(reader, raw, path, own, layer=layer):
        when = parse_condition(reader, listed.entry.get("when"), (*listed.path, "when"), tags, CASEWORK_WORDS)
        raises = _raises(reader, listed.entry.get("raises"), (*listed.path, "raises"), layer)
        fixed = listed.entry.get("fixed", False)
        if not isinstance(fixed, bool):
            reader.problem((*listed.path, "fixed"), "type", "须是 `true` 或 `false`。")
        if listed.id and when is not None and raises is not None:
            # It gives nobody a tier: of a tier rule it has everything else.
            rule = Rule(id=listed.id, tier=Tier.NONE, label=listed.label, when=when, clause=listed.clause, layer=layer)
            found.append(CaseworkRule(rule, raises, fixed is True))
    return tuple(found)


def _raises(reader: Reader, raw: object, path: Path, layer: Layer) -> Raises | None:
    # A fact moves tiers, and which of them a visit may state is settled for everybody (B8).
    allowed = tuple(kind for kind in Kind if layer is Layer.DISTRICT or kind is not Kind.FACT)
    if not isinstance(raw, Mapping) or not raw:
        code = "missing" if raw is None else "type"
        reader.problem(path, code, f"请写明这条规则引出什么；可用：{'、'.join(allowed)}。")
        return None
    before = len(reader.problems)
    entry = reader.mapping(raw, path, allowed)
    plan = entry.get("plan", False)
    if not isinstance(plan, bool):
        reader.problem((*path, "plan"), "type", "须是 `true` 或 `false`。")
    follow_up = None
    if "follow_up" in entry:
        follow_up = reader.choice(entry["follow_up"], (*path, "follow_up"), FOLLOW_UP_LIMITS)
    raises = Raises(
        need=_need(reader, entry["need"], (*path, "need")) if "need" in entry else None,
        suggestion=_suggestion(reader, entry["suggestion"], (*path, "suggestion")) if "suggestion" in entry else None,
        plan=plan is True,
        follow_up=None if follow_up is None else Level(follow_up),
        fact=_fact(reader, entry["fact"], (*path, "fact")) if "fact" in entry else None,
        notice=_notice(reader, entry["notice"], (*path, "notice")) if "notice" in entry else None,
    )
    if len(reader.problems) > before:
        return None
    if not raises.kinds:
        reader.problem(path, "type", "这条规则什么也不引出。")
        return None
    return raises


def _need(reader: Reader, raw: object, path: Path) -> Need | None:
    entry = reader.mapping(raw, path, ("urgency", "category"))
    urgency = reader.choice(entry.get("urgency"), (*path, "urgency"), tuple(Urgency))
    return None if urgency is None else Need(Urgency(urgency), _category(reader, entry, path))


def _suggestion(reader: Reader, raw: object, path: Path) -> Suggestion:
    entry = reader.mapping(raw, path, ("text", "category"))
    text = reader.text(entry.get("text"), (*path, "text"), TEXT_CHARACTERS)
    return Suggestion(text, _category(reader, entry, path))


def _category(reader: Reader, entry: Mapping[str, object], path: Path) -> Category | None:
    if "category" not in entry:
        return None
    chosen = reader.choice(entry["category"], (*path, "category"), tuple(Category))
    return None if chosen is None else Category(chosen)


def _fact(reader: Reader, raw: object, path: Path) -> StatedFact | None:
    entry = reader.mapping(raw, path, ("kind", "basis"))
    kind = reader.choice(entry.get("kind"), (*path, "kind"), tuple(_FACTS))
    if kind is None:
        return None
    basis = reader.choice(entry.get("basis"), (*path, "basis"), _FACTS[FactKind(kind)])
    return None if basis is None else StatedFact(FactKind(kind), basis)


def _notice(reader: Reader, raw: object, path: Path) -> Notice:
    entry = reader.mapping(raw, path, ("to", "words"))
    to = reader.choices(entry.get("to"), (*path, "to"), tuple(NoticeTo))
    words = reader.text(entry.get("words"), (*path, "words"), TEXT_CHARACTERS)
    return Notice(tuple(map(NoticeTo, to)), words)
