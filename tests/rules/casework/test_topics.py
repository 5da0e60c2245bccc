"""Policy topics that may apply to a person, and why (四（一）)."""

from datetime import date
from random import Random
from typing import Any

import pytest

from rules.casework.topics import Topic, applying, check_topics, parse_topic
from rules.conditions import Leaf
from rules.documents import DocumentInvalid
from tests.rules import naive
from tests.rules.casework.cases import RULEBOOK
from tests.rules.overlays import random_condition
from tests.rules.people import STREET_TAGS, aid, from_raw, illness, person, random_person

ON = date(2026, 9, 2)
STREET = STREET_TAGS


def topic(name: str, when: Any, **dates: Any) -> Topic:
    condition = parse_topic(when, STREET)
    made: dict[str, Any] = {"valid_from": date(2026, 1, 1)} | dates
    return Topic(topic_id=name, title=f"政策 {name}", source="沪民规", when=condition, **made)


MEDICAL = topic("medical", {"all": [{"assistance": ["dibao_urban", "tekun"]}, {"serious_illness": True}]})
OLD = topic("old", {"all": [{"age_at_least": 80}, {"not": {"support": "centralised"}}]})


def names(*topics: Topic, of: Any, on: date = ON) -> list[str]:
    return [each.topic.topic_id for each in applying(topics, of, RULEBOOK, on=on)]


def test_a_topic_may_apply_when_its_conditions_hold_and_says_which_and_by_which_facts() -> None:
    dibao, ill = aid("dibao_urban"), illness("diagnosis", "2026-03-01")
    (applies,) = applying([MEDICAL, OLD], person("1970-01-01", dibao, ill, aid("expenditure_poor")), RULEBOOK, on=ON)
    assert applies.topic is MEDICAL
    assert applies.because == (
        (Leaf("assistance", ("dibao_urban", "tekun")), True),
        (Leaf("serious_illness"), True),
    )
    assert applies.facts == (ill, dibao)


def test_what_had_to_be_absent_is_a_reason_too() -> None:
    (applies,) = applying([OLD], person("1940-01-01"), RULEBOOK, on=ON)
    assert applies.because == ((Leaf("age_at_least", 80), True), (Leaf("support", "centralised"), False))
    assert names(OLD, of=person("1940-01-01", aid("tekun", support="centralised"))) == []


def test_a_topic_applies_from_its_first_day_through_its_last() -> None:
    short = topic("short", {"age_at_least": 1}, valid_from=ON, valid_to=date(2026, 9, 30))
    somebody = person("1970-01-01")
    days = [date(2026, 9, 1), ON, date(2026, 9, 30), date(2026, 10, 1)]
    assert [names(short, of=somebody, on=day) for day in days] == [[], ["short"], ["short"], []]


def test_nothing_applies_to_the_dead_and_no_topics_to_anybody() -> None:
    assert names(OLD, of=person("1940-01-01", died_on="2026-09-01")) == []
    assert names(OLD, of=person("1940-01-01", died_on="2026-09-02")) == ["old"]
    assert names(of=person("1940-01-01")) == []


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"sign": "abuse"}, "unknown_field"),
        ({"level_at_least": "risk"}, "unknown_field"),
        ({"age_at_least": "eighty"}, "range"),
        ({"tag": "unheard_of"}, "unknown_tag"),
        ({}, "type"),
        ("", "missing"),
        ("age_at_least: [", "syntax"),
    ],
)
def test_a_topic_asks_about_the_person_alone_in_the_grammar_of_the_tier_rules(when: Any, code: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        parse_topic(when, STREET)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_topics_that_are_together_too_many_are_refused() -> None:
    either = {"any": [{"age_at_least": age} for age in range(60, 100)]}
    check_topics([topic(str(number), either) for number in range(10)])
    with pytest.raises(DocumentInvalid) as refused:
        check_topics([topic(str(number), either) for number in range(11)])
    assert refused.value.problems[0].code == "too_large"


def test_three_thousand_people_are_told_of_the_topics_whose_words_hold() -> None:
    random = Random(11)
    written = {f"topic_{number}": random_condition(random) for number in range(12)}
    topics = [topic(name, when) for name, when in written.items()]
    for _ in range(3_000):
        raw = random_person(random)
        found = applying(topics, from_raw(raw), RULEBOOK, on=ON)
        dead = raw["died_on"] is not None and ON.isoformat() > raw["died_on"]
        expected = [] if dead else [name for name, when in written.items() if naive.holds(when, raw, ON)]
        assert [each.topic.topic_id for each in found] == expected
        for each in found:
            assert all(naive.holds(plain(leaf), raw, ON) is wanted for leaf, wanted in each.because)


def plain(leaf: Leaf) -> dict[str, Any]:
    return {leaf.word: list(leaf.asked) if isinstance(leaf.asked, tuple) else leaf.asked}
