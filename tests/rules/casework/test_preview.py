"""What a change of casework rules would raise, counted on the past."""

import pickle
from dataclasses import replace
from datetime import date, datetime, time
from random import Random
from typing import Any

from rules.casework.codes import Category, Dimension, FollowUpOutcome, Urgency
from rules.casework.findings import Look, Word
from rules.casework.preview import Past, Preview, Recorded, compare
from rules.casework.rules import Kind
from rules.casework.standing import Found, OpenNeed, Standing
from tests.rules.casework.cases import CALENDAR, SOMEBODY, in_force, look, random_looks, street

DISTRICT = in_force()
JULY, AUGUST, SEPTEMBER = date(2026, 7, 6), date(2026, 8, 6), date(2026, 9, 7)


def past(*looks: Look, **more: Any) -> Past:
    """One resident, a contact a look, recorded on its day."""
    return Past(person=SOMEBODY, contacts=tuple(Recorded(each.on, Found((each,))) for each in looks), **more)


def counted(*pasts: Past, after: Any = DISTRICT) -> Preview:
    return compare(pasts, DISTRICT, after, CALENDAR)


def test_what_each_side_would_raise_is_counted_by_month_kind_and_rule() -> None:
    watch = [look("health", "watch", day) for day in (JULY, AUGUST, SEPTEMBER)]
    eager = street({"id": "watched", "when": {"level_at_least": "watch"}, "raises": {"need": {"urgency": "normal"}}})
    preview = counted(past(*watch), after=eager)
    assert preview.before.by_kind == {("2026-08", Kind.SUGGESTION): 1, ("2026-09", Kind.SUGGESTION): 1}
    assert preview.before.by_rule == {("2026-08", "watched_twice"): 1, ("2026-09", "watched_twice"): 1}
    assert preview.after.by_kind == {(month, Kind.NEED): 1 for month in ("2026-07", "2026-08", "2026-09")}
    assert preview.after.a_month(Kind.NEED, months=3) == 1.0
    assert preview.before.a_month(Kind.SUGGESTION, months=3) == 2 / 3


def test_the_same_rules_raise_the_same() -> None:
    random = Random(5)
    people = [past(*sorted(random_looks(random), key=lambda each: each.recorded_at)) for _ in range(60)]
    preview = counted(*people)
    assert preview.before == preview.after
    assert set(Kind) <= {kind for _, kind in preview.before.by_kind}


def test_a_need_is_raised_again_only_after_the_one_before_fell_due() -> None:
    soon = counted(past(look("housing", "risk", JULY), look("housing", "risk", date(2026, 7, 13))))
    assert soon.before.by_kind["2026-07", Kind.NEED] == 1
    late = counted(past(look("housing", "risk", JULY), look("housing", "risk", AUGUST)))
    assert late.before.by_kind["2026-07", Kind.NEED] == late.before.by_kind["2026-08", Kind.NEED] == 1


def test_what_stood_open_before_the_time_counts_as_open() -> None:
    need = OpenNeed("n", Category.HOUSING, Urgency.NORMAL, date(2026, 12, 31))
    preview = counted(past(look("housing", "risk", JULY), standing=Standing(needs=(need,))))
    assert preview.before.by_kind == {("2026-07", Kind.FOLLOW_UP): 1}


def test_a_plan_is_raised_once_until_it_fell_due() -> None:
    visits = [
        Recorded(day, Found((look("housing", "risk", day), look("health", "risk", day))))
        for day in (JULY, date(2026, 7, 13), SEPTEMBER)
    ]
    preview = counted(Past(person=SOMEBODY, contacts=tuple(visits)))
    assert {month: count for (month, kind), count in preview.before.by_kind.items() if kind is Kind.PLAN} == {
        "2026-07": 1,
        "2026-09": 1,
    }


def test_a_plan_that_stood_open_before_the_time_spares_another() -> None:
    visit = Recorded(JULY, Found((look("housing", "risk", JULY), look("health", "risk", JULY))))
    preview = counted(Past(person=SOMEBODY, contacts=(visit,), standing=Standing(plan_open=True)))
    assert ("2026-07", Kind.PLAN) not in preview.before.by_kind


def test_an_illness_is_asked_about_once() -> None:
    ill = [look("health", "watch", day, "serious_illness") for day in (JULY, AUGUST)]
    assert counted(past(*ill)).before.by_rule["2026-07", "illness_seen"] == 1
    assert counted(past(*ill)).before.by_rule["2026-08", "illness_seen"] == 0


def test_a_finding_that_the_street_advisor_cleared_meanwhile_is_not_twice_running() -> None:
    watch = [look("health", "watch", day) for day in (JULY, AUGUST)]
    cleared = Word(date(2026, 7, 20), datetime.combine(date(2026, 7, 20), time(15)), FollowUpOutcome.CLEARED)
    told = past(*watch, words=((Dimension.HEALTH, cleared),))
    elsewhere = past(*watch, words=((Dimension.ECONOMY, cleared),))
    assert counted(told).before.by_kind == {}
    assert counted(elsewhere).before.by_kind == {("2026-08", Kind.SUGGESTION): 1}


def test_parts_of_a_register_add_up_and_cross_from_other_processes() -> None:
    random = Random(6)
    people = [past(*sorted(random_looks(random), key=lambda each: each.recorded_at)) for _ in range(20)]
    rules = street({"id": "leaks", "when": {"sign": "leak"}, "raises": {"plan": True}})
    halves = [pickle.loads(pickle.dumps(counted(*half, after=rules))) for half in (people[:7], people[7:])]
    assert halves[0] + halves[1] == counted(*people, after=rules)
    assert pickle.loads(pickle.dumps(people)) == people


def test_a_streets_rules_never_count_less_needs_than_the_districts() -> None:
    random = Random(7)
    people = [past(*sorted(random_looks(random), key=lambda each: each.recorded_at)) for _ in range(60)]
    more = street({"id": "noted", "when": {"level_at_least": "watch"}, "raises": {"need": {"urgency": "normal"}}})
    preview = counted(*people, after=more)
    for month in {month for month, _ in preview.before.by_kind}:
        assert preview.after.by_kind[month, Kind.NEED] >= preview.before.by_kind[month, Kind.NEED]


def test_the_person_is_the_one_of_the_past() -> None:
    old = street(
        {
            "id": "old",
            "when": {"all": [{"age_at_least": 90}, {"level_at_least": "watch"}]},
            "raises": {"plan": True},
        }
    )
    somebody = past(look("health", "watch", JULY))
    aged = replace(somebody, person=replace(SOMEBODY, birth_date=date(1930, 1, 1)))
    assert counted(somebody, after=old).after.by_kind == {}
    assert counted(aged, after=old).after.by_kind == {("2026-07", Kind.PLAN): 1}
