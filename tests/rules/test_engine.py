"""The engine held safe: exact at its limits, refusing beyond them, and never growing."""

import gc
import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rules.cases import MAX_CASES, RulesetTooLarge
from rules.conditions import Layer, Rule
from rules.coverage import parse_coverage
from rules.engine import MEMO_RECORDS, EngineFailed, Ruleset
from rules.policies import load_policies
from rules.rulebook import Rulebook
from tests.rules.overlays import random_document
from tests.rules.people import from_raw, random_day, random_person

MEGABYTE = 1 << 20


def street_rules(*conditions: dict[str, Any]) -> tuple[Rule, ...]:
    rules = [
        {"id": f"rule_{number}", "tier": "key", "label": "规则", "when": when} for number, when in enumerate(conditions)
    ]
    return parse_coverage({"rules": rules}).rules


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_no_thread_is_started() -> None:
    before = threading.active_count()
    Ruleset(street_rules({"in_register": True}))
    assert threading.active_count() == before


def test_a_rule_fires_once_however_many_of_its_cases_hold() -> None:
    ages = [{"age_at_least": age} for age in range(50)]
    ruleset = Ruleset(street_rules({"any": ages}, {"all": ages}, {"not": {"any": ages}}))
    everything = (1 << len(ruleset.table.leaves)) - 1
    assert ruleset.fired(everything) == (0, 1)
    assert ruleset.fired(0) == (2,)
    assert ruleset.fired(1) == (0,)


def test_as_many_cases_as_are_allowed_fire_exactly() -> None:
    either = [{"any": [{"age_at_least": age}, {"age_below": 149 - age}]} for age in range(1, 9)]
    rules = street_rules({"all": either}, *({"age_at_least": age} for age in range(1, 9)), {"any": either})
    ruleset = Ruleset(rules)
    everything = (1 << len(ruleset.table.leaves)) - 1
    assert 250 < len(ruleset.table.cases) <= MAX_CASES
    assert ruleset.fired(everything) == tuple(range(len(rules)))


def test_more_cases_than_the_engine_holds_are_refused() -> None:
    either = [{"any": [{"age_at_least": age}, {"age_below": 149 - age}]} for age in range(1, 9)]
    with pytest.raises(RulesetTooLarge):
        Ruleset(
            street_rules({"all": either}, {"all": [*either[:-1], {"any": [{"in_register": True}, {"sex": "male"}]}]})
        )


def test_more_truths_than_the_engine_holds_are_refused() -> None:
    ages = [{word: age} for word in ("age_at_least", "age_below") for age in range(150)]
    with pytest.raises(RulesetTooLarge):
        Ruleset(street_rules(*({"all": ages[n : n + 30]} for n in range(0, 300, 30))))


def test_a_judgement_that_does_not_run_to_its_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = Ruleset(street_rules({"in_register": True}))
    monkeypatch.setattr(ruleset._host, "assert_fact", lambda name, fact: {"sid": fact["sid"]})
    with pytest.raises(EngineFailed):
        ruleset.fired(1)


def test_an_action_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = Ruleset(street_rules({"in_register": True}))
    honest = ruleset._host.assert_fact
    monkeypatch.setattr(ruleset._host, "assert_fact", lambda name, fact: honest(name, fact) | {"exception": "lost"})
    with pytest.raises(EngineFailed):
        ruleset.fired(1)


def test_the_memo_forgets_rather_than_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.engine.MEMO_RECORDS", 8)
    ruleset = Ruleset(street_rules({"all": [{"age_at_least": age} for age in range(6)]}))
    assert [ruleset.fired(record) for record in range(64)] == [()] * 63 + [(0,)]
    assert len(ruleset._memo) <= 8 < MEMO_RECORDS


def test_memory_stays_flat_over_two_hundred_thousand_decisions() -> None:
    rulebook = Rulebook(load_policies())
    random = Random(3)
    people = [from_raw(random_person(random)) for _ in range(400)]
    days = [max(random_day(random), load_policies()[0].effective_on) for _ in range(500)]
    for day in days[:100]:
        for somebody in people:
            rulebook.verdict(somebody, day)
    before = resident_bytes()
    for day in days:
        for somebody in people:
            rulebook.verdict(somebody, day)
    assert resident_bytes() - before < 4 * MEGABYTE


def test_memory_stays_flat_over_twenty_thousand_sessions() -> None:
    ruleset = Ruleset(street_rules({"all": [{"age_at_least": age} for age in range(20)]}))
    for record in range(2_000):
        ruleset._judge(record)
    before = resident_bytes()
    for record in range(2_000, 20_000):
        ruleset._judge(record)
    assert resident_bytes() - before < 4 * MEGABYTE


def test_memory_stays_flat_over_five_hundred_rulesets() -> None:
    def compile_many(first: int, last: int) -> None:
        for seed in range(first, last):
            Ruleset(
                parse_coverage({k: v for k, v in random_document(Random(seed)).items() if k in ("tags", "rules")}).rules
            )

    compile_many(0, 100)
    before = resident_bytes()
    compile_many(100, 600)
    assert resident_bytes() - before < 8 * MEGABYTE


def test_layers_are_the_contracts() -> None:
    assert (Layer.DISTRICT.value, Layer.STREET.value) == ("district", "street")
