"""The engine against a second, naive reading of the policy."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib import resources
from random import Random
from typing import Any

import yaml

from rules.coverage import Coverage, CoverageVersion, parse_coverage, rules_with
from rules.engine import Ruleset
from rules.policies import load_policies
from rules.rulebook import Rulebook
from tests.rules import naive
from tests.rules.overlays import Document, random_document
from tests.rules.people import from_raw, random_day, random_person

THREADS = 8
PEOPLE = 12_000
SESSIONS = 10_000
STREETS = 20

POLICY = yaml.safe_load((resources.files("rules") / "policies/songjiang-2024-33.yaml").read_text("utf-8"))
DISTRICT: list[dict[str, Any]] = [rule for rule in POLICY["rules"] if "switch" not in rule]


def a_day(random: Random) -> date:
    return max(random_day(random), load_policies()[0].effective_on)


def test_twelve_thousand_people_in_eight_threads_get_the_tier_the_policy_text_gives() -> None:
    rulebook = Rulebook(load_policies())

    def judge(seed: int) -> list[tuple[Any, ...]]:
        random = Random(seed)
        wrong: list[tuple[Any, ...]] = []
        for _ in range(PEOPLE // THREADS):
            raw, on = random_person(random), a_day(random)
            verdict = rulebook.verdict(from_raw(raw), on)
            expected = (naive.tier(raw, on), naive.reasons(raw, on, DISTRICT))
            if (verdict.tier.value, set(verdict.rules)) != expected:
                wrong.append((raw, on, verdict, expected))
        return wrong

    with ThreadPoolExecutor(THREADS) as pool:
        assert [case for found in pool.map(judge, range(THREADS)) for case in found] == []


def test_streets_rules_in_eight_threads_give_what_their_documents_say() -> None:
    documents = [random_document(Random(number)) for number in range(STREETS)]
    streets = [(document, street(document)) for document in documents]

    def judge(seed: int) -> list[tuple[Any, ...]]:
        random = Random(seed)
        wrong: list[tuple[Any, ...]] = []
        for number in range(PEOPLE // THREADS):
            document, rulebook = streets[number % STREETS]
            raw, on = random_person(random), a_day(random)
            rules = [*DISTRICT, *document["rules"]]
            names = naive.reasons(raw, on, rules)
            verdict = rulebook.verdict(from_raw(raw), on)
            if (verdict.tier.value, set(verdict.rules)) != (naive.highest(names, rules), names):
                wrong.append((document, raw, on, verdict, names))
        return wrong

    with ThreadPoolExecutor(THREADS) as pool:
        assert [case for found in pool.map(judge, range(100, 100 + THREADS)) for case in found] == []


def test_ten_thousand_sessions_of_one_process_lose_no_work() -> None:
    # More than 1,023 sessions alive at once would; every record is a session of its own, none is remembered.
    policy = load_policies()[0]
    coverage = parse_coverage({"rules": [{"id": "young", "tier": "key", "label": "儿童", "when": {"age_below": 16}}]})
    ruleset = Ruleset(rules_with(policy, coverage, policy.effective_on))
    possible = 1 << len(ruleset.table.leaves)
    assert possible >= SESSIONS

    def judge(thread: int) -> list[int]:
        records = range(thread, SESSIONS, THREADS)
        return [record for record in records if ruleset.fired(record) != by_counting(ruleset, record)]

    with ThreadPoolExecutor(THREADS) as pool:
        assert [record for found in pool.map(judge, range(THREADS)) for record in found] == []


def by_counting(ruleset: Ruleset, record: int) -> tuple[int, ...]:
    return tuple(sorted({case.rule for case in ruleset.table.cases if not case.failed(record)}))


def street(document: Document) -> Rulebook:
    rules_only = Coverage(rules=parse_coverage({key: document[key] for key in ("tags", "rules")}).rules)
    return Rulebook(load_policies(), [CoverageVersion(1, date(2024, 7, 23), rules_only)])
