"""The engine's casework against a second, naive reading of the same documents."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random
from typing import Any

import yaml

from rules.casework.additions import parse_addition
from rules.casework.casebook import InForce
from rules.casework.codes import Level
from rules.casework.findings import Look
from rules.casework.outcomes import (
    FactRaised,
    FollowUpRaised,
    Judgement,
    NeedRaised,
    NoticeRaised,
    PlanRaised,
    Raised,
    SuggestionRaised,
)
from rules.casework.policies import casework_texts
from rules.casework.standing import Standing
from tests.rules.casework import naive
from tests.rules.casework.cases import CALENDAR, TODAY, in_force, judged, random_looks
from tests.rules.casework.documents import random_rules
from tests.rules.people import STREET_TAGS, from_raw, random_person

THREADS = 8
VISITS = 12_000
STREETS = 20

POLICY: dict[str, Any] = yaml.safe_load(casework_texts()[0])
# The limits once more, as the bureau would read them out.
LIMITS = {
    "urgent_need_working_days": 1,
    "need_working_days": 10,
    "plan_working_days": 15,
    "follow_up_days": {"urgent": 7, "risk": 30},
    "least": 3,
}


def works(day: date) -> bool:
    if date(2026, 10, 1) <= day <= date(2026, 10, 7):
        return False
    return day.isoweekday() <= 5 or day == date(2026, 10, 10)


def test_twelve_thousand_visits_in_eight_threads_raise_what_the_documents_say() -> None:
    documents = [random_rules(Random(number)) for number in range(STREETS)]
    streets = [in_force(parse_addition({"rules": rules}, STREET_TAGS)) for rules in documents]
    # Compiled by whoever asks first, in whichever thread.
    sides: list[tuple[InForce, list[dict[str, Any]]]] = [
        (rules, [*POLICY["rules"], *document]) for rules, document in zip(streets, documents, strict=True)
    ]

    def judge(seed: int) -> tuple[int, list[Any]]:
        random = Random(seed)
        wrong: list[Any] = []
        counted = 0
        for number in range(VISITS // THREADS):
            rules, written = sides[number % STREETS]
            person = random_person(random)
            history, looks = random_looks(random), random_looks(random, days=10)
            before = judged(*history, rules=rules, person=from_raw(person)).findings
            judgement = judged(*looks, rules=rules, standing=Standing(findings=before), person=from_raw(person))
            # Where nothing was opened nothing stands, so looks that said ok are not known to the next visit.
            known = [each for finding in before for each in finding.looks]
            expected = naive.raised(written, POLICY["dimensions"], LIMITS, raw(known), raw(looks), person, TODAY, works)
            counted += len(expected)
            if short(judgement) != expected:
                wrong.append((history, looks, person, short(judgement) ^ expected))
        return counted, wrong

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(judge, range(THREADS)))
    assert [case for _, found in results for case in found] == []
    assert sum(counted for counted, _ in results) > VISITS


def raw(looks: list[Look]) -> list[dict[str, Any]]:
    return [
        {
            "dimension": each.dimension.value,
            "level": each.level.value,
            "on": each.on.isoformat(),
            "signs": sorted(sign.value for sign in each.signs),
        }
        for each in looks
    ]


def short(judgement: Judgement) -> set[tuple[Any, ...]]:
    return {_short(raised) for raised in judgement.raised}


def _short(raised: Raised) -> tuple[Any, ...]:
    places = frozenset((cause.rule.id, cause.dimension.value, cause.on.isoformat()) for cause in raised.causes)
    match raised:
        case NeedRaised():
            return "need", raised.category.value, raised.urgency.value, raised.due_on, places
        case SuggestionRaised():
            return "suggestion", raised.category.value, raised.text, places
        case PlanRaised():
            return "plan", raised.due_on, places
        case FollowUpRaised():
            return "follow_up", raised.dimension.value, raised.due_on, places
        case FactRaised():
            return "fact", raised.valid_from.isoformat(), places
        case NoticeRaised():
            return "notice", (*(to.value for to in raised.to), raised.words), places


def test_the_second_reading_knows_the_calendar() -> None:
    assert all(
        works(day) is CALENDAR.is_working(day) for day in (date.fromordinal(TODAY.toordinal() + n) for n in range(90))
    )
    assert list(naive.LEVELS) == [level.value for level in Level]
