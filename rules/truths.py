"""From dated facts to named truths: for every truth, the spans of days on which it holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, assert_never

from dateutil.relativedelta import relativedelta

from rules.conditions import Leaf
from rules.facts import Fact, FactKind, Person, anniversary
from rules.policies import Policy

FOREVER: Final = date.max.toordinal()
_DAY_ONE: Final = date.min.toordinal()


class Span(NamedTuple):
    """Days, as ordinals and both inclusive, on which some truths hold, and the fact that makes them true."""

    first: int
    last: int
    bits: int
    fact: Fact | None


def record_on(spans: Sequence[Span], day: int) -> int:
    """Every truth that holds on a day, as bits."""
    record = 0
    for first, last, bits, _ in spans:
        if first <= day <= last:
            record |= bits
    return record


def months_later(day: date, months: int) -> date:
    """The same date months later, or the month's last day. Never past the calendar's end."""
    try:
        return day + relativedelta(months=months)
    except ValueError:
        return date.max


class Truths:
    """What makes each named truth true under one policy with its parameters of one day.

    Somebody whose birth date or sex is unknown is neither old nor young, neither male nor female.
    """

    def __init__(self, bits: Mapping[Leaf, int], policy: Policy, on: date) -> None:
        def value(name: str) -> Any:
            return policy.parameter(name, on).value

        def bit(word: str) -> int:
            return bits.get(Leaf(word), 0)

        self._assistance = _by_asked(bits, "assistance")
        self._support = _by_asked(bits, "support")
        self._outreach = _by_asked(bits, "outreach")
        self._street_tags = _by_asked(bits, "tag")
        self._sexes = _by_asked(bits, "sex")
        self._register_tags = frozenset(value("register_tags"))
        for tag in self._register_tags:
            self._assistance[tag] = self._assistance.get(tag, 0) | bit("in_register")
        for tag in value("severe_disability_tags"):
            self._assistance[tag] = self._assistance.get(tag, 0) | bit("severe_disability")
        self._ill = bit("serious_illness")
        self._bases = frozenset(value("illness_bases"))
        self._bases_to_confirm = frozenset(value("illness_bases_to_confirm"))
        self._changes: dict[str | None, int] = dict.fromkeys(value("illness_causes"), self._ill)
        self._changed = bit("major_change_open")
        self._disabled = bit("severe_disability")
        self._severe = frozenset(value("severe_disability_grades"))
        self._warned = bit("warned_within_year")
        self._warning_years = int(value("warning_years"))
        self._left = bit("left_aid_recently")
        self._months_after_leaving = int(value("months_after_leaving"))
        self._ages = [
            (leaf.asked, found, leaf.word == "age_at_least")
            for leaf, found in bits.items()
            if leaf.word in ("age_at_least", "age_below") and isinstance(leaf.asked, int)
        ]

    def spans(self, person: Person) -> list[Span]:
        """When each truth holds for a person; the record of a day is what its spans set together."""
        spans: list[Span] = []
        for fact in person.facts:
            self._judge(fact, spans)
        if person.birth_date is not None:
            for age, bits, at_least in self._ages:
                reached = anniversary(person.birth_date, age).toordinal()
                spans.append(
                    Span(reached, FOREVER, bits, None) if at_least else Span(_DAY_ONE, reached - 1, bits, None)
                )
        if person.sex in self._sexes:
            spans.append(Span(_DAY_ONE, FOREVER, self._sexes[person.sex], None))
        return spans

    def _judge(self, fact: Fact, spans: list[Span]) -> None:
        first = fact.valid_from.toordinal()
        last = FOREVER if fact.valid_to is None else fact.valid_to.toordinal()
        bits = 0
        match fact.kind:
            case FactKind.ASSISTANCE:
                bits = self._assistance.get(fact.tag, 0) | self._support.get(fact.support, 0)
                if self._left and self._months_after_leaving and fact.valid_to and fact.tag in self._register_tags:
                    until = months_later(fact.valid_to, self._months_after_leaving).toordinal()
                    spans.append(Span(last + 1, until, self._left, fact))
            case FactKind.OUTREACH:
                bits = self._outreach.get(fact.tag, 0)
            case FactKind.STREET_TAG:
                bits = self._street_tags.get(fact.tag, 0)
            case FactKind.SERIOUS_ILLNESS:
                bits, first = self._illness(fact, first)
            case FactKind.MAJOR_CHANGE:
                # Undecided it stays open past every limit: only an end date closes it (A1).
                bits = self._changed | self._changes.get(fact.cause, 0)
            case FactKind.DISABILITY:
                # An expired certificate keeps counting (A9).
                last = FOREVER
                if (fact.grade, fact.category) in self._severe:
                    bits = self._disabled
            case FactKind.WARNING:
                # A warning counts from its push through the anniversary, whatever its end (A22).
                last = anniversary(fact.valid_from, self._warning_years).toordinal()
                bits = self._warned
            case FactKind.PAUSE:
                # A pause excuses duties; it says nothing about the tier (A23).
                pass
            case _:
                assert_never(fact.kind)
        if bits and first <= last:
            spans.append(Span(first, last, bits, fact))

    def _illness(self, fact: Fact, first: int) -> tuple[int, int]:
        if fact.basis in self._bases:
            return self._ill, first
        if fact.basis in self._bases_to_confirm and fact.confirmed_on is not None:
            return self._ill, max(first, fact.confirmed_on.toordinal())
        return 0, first


def _by_asked(bits: Mapping[Leaf, int], word: str) -> dict[str | None, int]:
    """For each value a word asks for, the bits of the leaves that name it."""
    found: dict[str | None, int] = {}
    for leaf, bit in bits.items():
        if leaf.word == word:
            for asked in leaf.asked if isinstance(leaf.asked, tuple) else (str(leaf.asked),):
                found[asked] = found.get(asked, 0) | bit
    return found
