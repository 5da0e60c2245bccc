"""`next_change_on` announces exactly the changes that walking day by day finds."""

from datetime import date, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.coverage import CoverageVersion, parse_coverage
from rules.facts import Person, Tier
from rules.policies import Policy, load_policies
from rules.rulebook import Rulebook, Verdict
from tests.rules.drafts import draft
from tests.rules.overlays import random_document
from tests.rules.people import aid, change, from_raw, illness, person, random_day, random_person, warning

DAYS = 800
DISTRICT = Rulebook(load_policies())


def known(verdict: Verdict) -> tuple[Tier, frozenset[str]]:
    return verdict.tier, frozenset(verdict.rules)


def walked(rulebook: Rulebook, somebody: Person, start: date) -> list[date]:
    """The days within the walk on which the tier or the set of reasons differs from the day before."""
    days = [start + timedelta(days=number) for number in range(DAYS + 1)]
    seen = [known(rulebook.verdict(somebody, day)) for day in days]
    return [day for day, before, after in zip(days[1:], seen, seen[1:], strict=False) if before != after]


def announced(rulebook: Rulebook, somebody: Person, start: date) -> list[date]:
    found: list[date] = []
    day = rulebook.next_change_on(somebody, start)
    while day is not None and day <= start + timedelta(days=DAYS):
        found.append(day)
        day = rulebook.next_change_on(somebody, day)
    return found


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """Up to three scheduled coverage versions, and sometimes a second policy with parameters that change later."""
    random = draw(st.randoms(use_true_random=False))
    first = load_policies()[0]
    policies: list[Policy] = [first]
    if random.random() < 0.5:
        later = random_day(random) + timedelta(days=600)
        policies.append(draft(version=2, effective_on=str(later), warning_years={"2028-01-01": 2}))
    coverages = [
        CoverageVersion(
            number + 1,
            max(random_day(random), first.effective_on),
            parse_coverage({key: each for key, each in random_document(random).items() if key in ("tags", "rules")}),
        )
        for number in range(random.randint(0, 3))
    ]
    return Rulebook(policies, coverages)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks(), st.randoms(use_true_random=False))
def test_eight_hundred_days_walked_one_by_one_change_exactly_when_announced(rulebook: Rulebook, random: Random) -> None:
    start = max(random_day(random), load_policies()[0].effective_on)
    for _ in range(2):
        somebody = from_raw(random_person(random))
        changes = walked(rulebook, somebody, start)
        assert announced(rulebook, somebody, start) == changes
        path = rulebook.path(somebody, start, start + timedelta(days=DAYS))
        assert [day for day, _ in path] == [start, *changes]
        assert rulebook.decide(somebody, start).next_change_on == rulebook.next_change_on(somebody, start)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks(), st.randoms(use_true_random=False))
def test_a_near_miss_that_names_a_day_is_a_reason_from_that_day(rulebook: Rulebook, random: Random) -> None:
    start = max(random_day(random), load_policies()[0].effective_on)
    somebody = from_raw(random_person(random))
    for miss in rulebook.decide(somebody, start).near_misses:
        assert miss.rule.id not in rulebook.verdict(somebody, start).rules
        if miss.true_from is not None:
            assert miss.true_from > start
            assert miss.rule.id in rulebook.verdict(somebody, miss.true_from).rules


def test_the_seventieth_birthday_is_announced() -> None:
    scattered = person("1956-07-15", aid("tekun", support="scattered"))
    assert DISTRICT.next_change_on(scattered, date(2026, 3, 1)) == date(2026, 7, 15)
    assert DISTRICT.next_change_on(scattered, date(2026, 7, 15)) is None


def test_a_warning_is_announced_to_end_the_day_after_its_anniversary() -> None:
    assert DISTRICT.next_change_on(person("1980-01-01", warning("2026-02-01")), date(2026, 3, 1)) == date(2027, 2, 2)


def test_a_second_reason_for_the_same_tier_is_a_change() -> None:
    ill = person("1980-01-01", aid("dibao_edge"), change("serious_illness", "2026-03-20", until="2026-06-24"))
    assert DISTRICT.next_change_on(ill, date(2026, 3, 1)) == date(2026, 3, 20)
    assert DISTRICT.next_change_on(ill, date(2026, 3, 20)) == date(2026, 6, 25)


def test_an_illness_that_runs_on_from_one_fact_to_the_next_is_no_change() -> None:
    ill = person(
        "1980-01-01",
        aid("dibao_edge"),
        illness("diagnosis", "2026-01-01", until="2026-03-31"),
        illness("diagnosis", "2026-04-01"),
    )
    assert DISTRICT.next_change_on(ill, date(2026, 2, 1)) is None


def test_a_death_is_announced_for_the_day_after() -> None:
    departed = person("1950-01-01", aid("dibao_urban"), died_on="2026-05-09")
    assert DISTRICT.next_change_on(departed, date(2026, 5, 1)) == date(2026, 5, 10)
    assert DISTRICT.next_change_on(departed, date(2026, 5, 10)) is None


def test_coverage_already_scheduled_is_announced() -> None:
    rule = {"id": "all_of_them", "tier": "key", "label": "全体", "when": {"age_below": 150}}
    everybody = parse_coverage({"rules": [rule]})
    rulebook = Rulebook(load_policies(), [CoverageVersion(1, date(2026, 4, 1), everybody)])
    assert rulebook.next_change_on(person("1980-01-01"), date(2026, 3, 1)) == date(2026, 4, 1)


def test_a_change_on_the_last_day_before_a_new_policy_is_announced_from_every_day_before() -> None:
    rulebook = Rulebook([*load_policies(), draft(version=2, effective_on="2026-09-01")])
    for last_day in ("2026-08-29", "2026-08-30", "2026-08-31", "2026-09-01"):
        leaving = person("1980-01-01", aid("dibao_urban", until=last_day))
        ended = date.fromisoformat(last_day) + timedelta(days=1)
        for day in (date(2026, 8, 1), date(2026, 8, 28), ended - timedelta(days=1)):
            assert rulebook.next_change_on(leaving, day) == ended


def test_a_new_policy_version_with_the_same_outcome_is_no_change() -> None:
    rulebook = Rulebook([*load_policies(), draft(version=2, effective_on="2026-09-01")])
    assert rulebook.next_change_on(person("1980-01-01", aid("dibao_urban")), date(2026, 3, 1)) is None
    assert rulebook.verdict(person("1980-01-01"), date(2026, 8, 31)).policy_version == 1
    assert rulebook.verdict(person("1980-01-01"), date(2026, 9, 1)).policy_version == 2
