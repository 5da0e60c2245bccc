"""Policy topics (四（一）): which of them may apply to a person, by the conditions of the tier rules, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.cases import CaseTable, RulesetTooLarge
from rules.conditions import Condition, Layer, Leaf, Rule, parse_condition
from rules.documents import DocumentInvalid, Reader
from rules.engine import compiled
from rules.facts import Fact, Person, Problem, Tier
from rules.rulebook import Rulebook, facts_behind
from rules.truths import record_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What the rules need to know of a topic; its papers and its place are texts of the screen."""

    topic_id: str
    title: str
    source: str
    when: Condition
    valid_from: date
    valid_to: date | None = None

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Applies:
    """A topic whose conditions hold: those that were met, and the facts behind them."""

    topic: Topic
    # What was asked, and whether it had to be true.
    because: tuple[tuple[Leaf, bool], ...]
    facts: tuple[Fact, ...]


def parse_topic(document: str | Mapping[str, object], tags: Collection[str] = ()) -> Condition:
    """The `when` of a topic, as YAML text or JSON; raises DocumentInvalid naming every problem."""
    reader = Reader(document)
    condition = parse_condition(reader, reader.root, ("when",), tags)
    if condition is None or reader.problems:
        raise DocumentInvalid(reader.problems)
    return condition


def check_topics(topics: Sequence[Topic]) -> None:
    """Refuse topics that are together more than the engine holds; raises DocumentInvalid."""
    try:
        CaseTable(_rules(topics))
    except RulesetTooLarge:
        raise DocumentInvalid([Problem("when", "too_large", "所有政策条件展开后的情形太多，请减少或拆分。")]) from None


def applying(topics: Sequence[Topic], person: Person, rulebook: Rulebook, *, on: date) -> tuple[Applies, ...]:
    """The topics valid on a day that may apply to a person, in the order given. Nothing applies to the dead."""
    valid = [topic for topic in topics if topic.is_valid(on)]
    if not valid or (person.died_on is not None and on > person.died_on):
        return ()
    ruleset = compiled(_rules(valid))
    table, day = ruleset.table, on.toordinal()
    spans = rulebook.spans(table.bits, person, on)
    record = record_on(spans, day)
    found: list[Applies] = []
    for index in ruleset.fired(record):
        case = next(case for case in table.cases if case.rule == index and not case.failed(record))
        asked = tuple(
            (leaf, bool(case.needs & bit)) for leaf, bit in table.bits.items() if (case.needs | case.forbids) & bit
        )
        found.append(Applies(valid[index], asked, facts_behind(spans, day, table.support(record, index))))
    return tuple(found)


def _rules(topics: Sequence[Topic]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            id=topic.topic_id,
            tier=Tier.NONE,
            label=topic.title,
            when=topic.when,
            clause=topic.source,
            layer=Layer.DISTRICT,
        )
        for topic in topics
    )
