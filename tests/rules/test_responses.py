"""News that asks for a visit by itself, whatever the tier says (A33), and warnings that repeat one another (A22)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import chinese_calendar
import pytest

from rules.calendar import WorkingCalendar
from rules.duties import Contact, Owed, TierPath, asking, responses
from rules.facts import Fact
from rules.history import News
from tests.rules.owing import DISTRICT, HIGH, NONE, contact, day, path
from tests.rules.people import change, warning

CALENDAR = WorkingCalendar(
    {
        one: chinese_calendar.is_workday(one)
        for one in (date(2025, 1, 1) + timedelta(days=offset) for offset in range(730))
    }
)


def at(on: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{on}T{hour:02}:00:00+08:00")


def news(fact: Fact, arrived: str, *, told: str | None = "", hour: int = 9) -> News:
    """Heard of on a day; told as news that day too, on another one, or (None) only in a registration."""
    told = arrived if told == "" else told
    return News(fact, day(arrived), at(arrived, hour), at(told, hour) if told else None, day(told) if told else None)


def answers(
    *said: News, made: Sequence[Contact] = (), today: str = "2026-04-30", tiers: TierPath | None = None, **more: Any
) -> list[Owed]:
    return responses(
        asking(said, DISTRICT),
        made,
        tiers or TierPath([]),
        DISTRICT,
        CALENDAR,
        today=day(today),
        excused=more.get("excused", {}),
    )


def test_a33_a_major_change_accepted_on_friday_is_due_the_next_friday_and_a_warning_the_one_after() -> None:
    [accident] = answers(news(change("accident", "2026-03-18"), "2026-03-20"))
    [warned] = answers(news(warning("2026-03-19"), "2026-03-20"))
    assert (accident.starts_on, accident.due_on) == (day("2026-03-20"), day("2026-03-27"))
    assert warned.due_on == day("2026-04-03")
    assert {accident.limit, warned.limit} == {"local"}


def test_a33_the_new_years_holiday_and_its_make_up_days_count_in_the_limit() -> None:
    [accident] = answers(news(change("accident", "2026-02-13"), "2026-02-13"))
    assert accident.due_on == day("2026-02-27")


def test_a33_every_major_change_raises_its_own_response_whatever_the_tier() -> None:
    said = news(change("accident", "2026-03-18"), "2026-03-20"), news(change("other", "2026-03-18"), "2026-03-20")
    assert len(answers(*said)) == 2
    assert {one.tier for one in answers(*said)} == {NONE}


def test_a33_modes_are_those_of_the_persons_tier() -> None:
    said = news(change("accident", "2026-03-18"), "2026-03-20")
    for tiers, modes in ((path(m0320=HIGH), ("home_visit",)), (path(m0320=NONE), ("home_visit", "phone"))):
        assert [one.modes for one in answers(said, tiers=tiers)] == [modes]


def test_a33_a_repeated_warning_joins_the_open_response_and_a_later_one_raises_its_own() -> None:
    first, second = news(warning("2026-03-19"), "2026-03-20"), news(warning("2026-03-23"), "2026-03-24")
    assert [one.starts_on for one in answers(first, second)] == [day("2026-03-20")]
    visit = contact("2026-03-23", mode="phone")
    assert [one.starts_on for one in answers(first, second, made=[visit])] == [day("2026-03-20"), day("2026-03-24")]
    # Entered only afterwards, so the response was open as far as anybody knew.
    late = contact("2026-03-23", mode="phone", entered_on="2026-03-25")
    assert [one.starts_on for one in answers(first, second, made=[late])] == [day("2026-03-20")]


def test_a22_a_warning_after_an_excused_response_raises_a_response_of_its_own() -> None:
    first, second = news(warning("2026-03-19"), "2026-03-20"), news(warning("2026-03-23"), "2026-03-24")
    [joined] = answers(first)
    assert len(answers(first, second, excused={joined.occasion: at("2026-03-23")})) == 2
    assert len(answers(first, second, excused={joined.occasion: at("2026-03-25")})) == 1


@pytest.mark.parametrize(
    ("fact", "raises"),
    [
        (change("accident", "2025-12-20"), True),  # 90 days before 2026-03-20
        (change("accident", "2025-12-19"), False),
        (warning("2025-03-20"), True),
        (warning("2025-03-19"), False),
    ],
)
def test_a33_what_comes_with_a_registration_asks_only_when_it_is_recent(fact: Fact, raises: bool) -> None:
    assert bool(answers(news(fact, "2026-03-20", told=None))) is raises
    assert answers(news(fact, "2026-03-20"))


def test_a33_old_history_asks_once_somebody_tells_it_as_news() -> None:
    old, recent = change("accident", "2025-10-01"), change("accident", "2026-03-01")
    assert [one.starts_on for one in answers(news(old, "2026-03-20", told="2026-04-02"))] == [day("2026-04-02")]
    assert [one.starts_on for one in answers(news(recent, "2026-03-20", told="2026-04-02"))] == [day("2026-03-20")]
