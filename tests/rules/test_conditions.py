"""The grammar: what it accepts, where it points when it does not, and how it splits into cases."""

from itertools import product
from random import Random
from typing import Any

import pytest

from rules.conditions import (
    CASEWORK_WORDS,
    All,
    AnyOf,
    Condition,
    Leaf,
    Not,
    TooManyConjuncts,
    disjuncts,
    leaves,
    parse_condition,
)
from rules.documents import MAX_CHARACTERS, DocumentInvalid, Reader
from tests.rules.overlays import random_condition
from tests.rules.people import STREET_TAGS


def parse(raw: Any) -> Condition:
    reader = Reader({})
    condition = parse_condition(reader, raw, ("when",), STREET_TAGS)
    reader.raise_problems()
    assert condition is not None
    return condition


def read(text: str) -> None:
    reader = Reader(text)
    root = reader.mapping(reader.root, ())
    parse_condition(reader, root.get("when"), ("when",), STREET_TAGS)
    reader.raise_problems()


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DocumentInvalid) as invalid:
        read(text)
    return [(problem.loc, problem.code) for problem in invalid.value.problems]


def true_under(condition: Condition, truths: dict[Leaf, bool]) -> bool:
    match condition:
        case Leaf():
            return truths[condition]
        case Not(of):
            return not true_under(of, truths)
        case All(parts):
            return all(true_under(part, truths) for part in parts)
        case AnyOf(parts):
            return any(true_under(part, truths) for part in parts)


def test_every_word_of_the_grammar_is_read() -> None:
    words: list[dict[str, Any]] = [
        {"age_at_least": 80},
        {"age_below": 16},
        {"assistance": ["dibao_urban", "tekun"]},
        {"support": "scattered"},
        {"outreach": ["potential"]},
        {"in_register": True},
        {"serious_illness": True},
        {"severe_disability": True},
        {"major_change_open": True},
        {"warned_within_year": True},
        {"tag": "living_alone"},
        {"sex": "female"},
    ]
    condition = parse({"all": [{"any": words}, {"not": words[0]}]})
    assert len(list(leaves(condition))) == len(words) + 1


def test_a_truth_may_be_asked_to_be_false() -> None:
    assert parse({"in_register": False}) == Not(Leaf("in_register"))


def test_casework_rules_have_five_words_more_and_tier_rules_have_none_of_them() -> None:
    words: list[dict[str, Any]] = [
        {"dimension": "health"},
        {"dimension": ["health", "economy"]},
        {"level_at_least": "risk"},
        {"sign": "abuse"},
        {"sign": ["abuse", "alone"]},
        {"times_in_a_row": 2},
        {"open_dimensions_at_least": 2},
    ]
    reader = Reader({})
    condition = parse_condition(reader, {"any": [*words, {"age_at_least": 80}]}, ("when",), (), CASEWORK_WORDS)
    assert condition is not None
    assert (len(list(leaves(condition))), reader.problems) == (len(words) + 1, [])
    for word in words:
        with pytest.raises(DocumentInvalid) as invalid:
            parse(word)
        assert [problem.code for problem in invalid.value.problems] == ["unknown_field"]


def test_one_word_and_a_list_of_it_alone_mean_the_same() -> None:
    reader = Reader({})
    alone, listed = (
        parse_condition(reader, {"sign": each}, ("when",), (), CASEWORK_WORDS) for each in ("abuse", ["abuse"])
    )
    assert alone == listed == Leaf("sign", ("abuse",))


@pytest.mark.parametrize(
    ("text", "loc", "code"),
    [
        ("when:\n  all:\n    - age_at_least: 80\n    - age: 90\n", "when.all.1.age (line 4)", "unknown_field"),
        ("when:\n  age_at_least: eighty\n", "when.age_at_least (line 2)", "range"),
        ("when:\n  age_at_least: 80\n  in_register: true\n", "when (line 1)", "ambiguous"),
        ("when:\n  in_register: 1\n", "when.in_register (line 2)", "type"),
        ("when:\n  assistance: dibao_urban\n", "when.assistance (line 2)", "type"),
        ("when:\n  assistance:\n    - tekun\n    - pension\n", "when.assistance.1 (line 4)", "enum"),
        ("when:\n  tag: unheard_of\n", "when.tag (line 2)", "unknown_tag"),
        ("when:\n  all: []\n", "when.all (line 2)", "type"),
        ("when:\n  not:\n    - in_register: true\n", "when.not (line 2)", "type"),
        ("when:\n", "when (line 1)", "missing"),
        ("when: [1, 2\n", "document (line 2)", "syntax"),
        ("when: {in_register: true}\nwhen: {in_register: false}\n", "when (line 2)", "duplicate"),
        ("a: &x 1\nwhen: *x\n", "document (line 1)", "alias"),
        ("when: !!python/object/apply:os.getcwd []\n", "when (line 1)", "type"),
        ("when: {in_register: true}\n--- {}\n", "document (line 2)", "syntax"),
        ("when: {in_register: true} # \x04\n", "document", "syntax"),
        ('{"when": {"in_register": true}, "when": {"in_register": true}}', "document", "duplicate"),
        ("1" * (MAX_CHARACTERS + 1), "document", "too_large"),
        ("[" * 30_000, "document (line 1)", "too_deep"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_reason(text: str, loc: str, code: str) -> None:
    assert refused(text) == [(loc, code)]


def test_conditions_nested_too_deep_are_refused() -> None:
    raw: dict[str, Any] = {"in_register": True}
    for _ in range(40):
        raw = {"not": raw}
    with pytest.raises(DocumentInvalid) as invalid:
        parse(raw)
    assert [problem.code for problem in invalid.value.problems] == ["too_deep"]


def test_cases_mean_what_the_condition_means() -> None:
    random = Random(7)
    for _ in range(300):
        condition = parse(random_condition(random))
        asked = list(dict.fromkeys(leaves(condition)))
        if len(asked) > 8:
            continue
        cases = disjuncts(condition, 400)
        for values in product((False, True), repeat=len(asked)):
            truths = dict(zip(asked, values, strict=True))
            by_cases = any(all(truths[leaf] is wanted for leaf, wanted in case) for case in cases)
            assert by_cases == true_under(condition, truths)


def test_a_condition_nothing_can_meet_has_no_cases() -> None:
    assert disjuncts(parse({"all": [{"in_register": True}, {"in_register": False}]}), 400) == ()


def test_a_case_that_another_contains_is_dropped() -> None:
    condition = parse({"any": [{"in_register": True}, {"all": [{"in_register": True}, {"age_below": 16}]}]})
    assert disjuncts(condition, 400) == (frozenset({(Leaf("in_register"), True)}),)


def test_a_condition_with_too_many_cases_is_refused_before_it_fills_the_memory() -> None:
    wide = {"all": [{"any": [{"age_at_least": age}, {"age_below": age - 1}]} for age in range(2, 60)]}
    with pytest.raises(TooManyConjuncts):
        disjuncts(parse(wide), 400)
