"""Periods and working days: what A14 calls a month, a quarter, a half-year, and what 调休 does to a limit."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Frequency, Period, WorkingCalendar, period_named, period_of

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
EVERY = settings(max_examples=200, deadline=None, derandomize=True)


def day(text: str) -> date:
    return date.fromisoformat(text)


# 2025 and 2026 as the State Council announced them; 2027 is not announced yet.
ANNOUNCED = WorkingCalendar(
    {
        one: chinese_calendar.is_workday(one)
        for one in (date(2025, 1, 1) + timedelta(days=offset) for offset in range(730))
    }
)


@pytest.fixture
def calendar() -> WorkingCalendar:
    return ANNOUNCED


@pytest.mark.parametrize(
    ("on", "frequency", "period"),
    [
        ("2026-02-14", "month", ("2026-02-01", "2026-02-28", "2026-02")),
        ("2028-02-29", "month", ("2028-02-01", "2028-02-29", "2028-02")),
        ("2026-03-31", "quarter", ("2026-01-01", "2026-03-31", "2026-Q1")),
        ("2026-04-01", "quarter", ("2026-04-01", "2026-06-30", "2026-Q2")),
        ("2026-12-31", "quarter", ("2026-10-01", "2026-12-31", "2026-Q4")),
        ("2026-06-30", "half_year", ("2026-01-01", "2026-06-30", "2026-H1")),
        ("2026-07-01", "half_year", ("2026-07-01", "2026-12-31", "2026-H2")),
        ("9999-12-31", "quarter", ("9999-10-01", "9999-12-31", "9999-Q4")),
    ],
)
def test_a14_a_period_is_a_calendar_month_quarter_or_half_year(
    on: str, frequency: str, period: tuple[str, str, str]
) -> None:
    assert period_of(day(on), Frequency(frequency)) == Period(day(period[0]), day(period[1]), period[2])


@EVERY
@given(DAYS, st.sampled_from(Frequency))
def test_periods_cover_every_day_once_and_their_name_leads_back_to_them(on: date, frequency: Frequency) -> None:
    period = period_of(on, frequency)
    assert period.first <= on <= period.last
    assert period_of(period.last + timedelta(days=1), frequency).first == period.last + timedelta(days=1)
    assert {period_of(one, frequency) for one in (period.first, period.last)} == {period}
    assert period_named(period.name) == period


@EVERY
@given(DAYS)
def test_the_periods_nest_so_every_half_year_ends_with_a_quarter_and_a_month(on: date) -> None:
    month, quarter, half = (period_of(on, one) for one in Frequency)
    assert half.first <= quarter.first <= month.first <= month.last <= quarter.last <= half.last


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-", "2026-13", "2026-0", "2026-3", "2026-Q5", "2026-Q0", "2026-H3", "26-03", "2026-03-01"]
)
def test_a_name_that_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="2026-Q1"):
        period_named(name)


def test_a33_the_day_of_arrival_does_not_count(calendar: WorkingCalendar) -> None:
    friday = day("2026-03-20")
    assert calendar.shift(friday, 5) == day("2026-03-27")
    assert calendar.shift(friday, 10) == day("2026-04-03")


def test_a_holiday_is_skipped_and_a_make_up_saturday_counts(calendar: WorkingCalendar) -> None:
    # 2026: holiday from Sunday 02-15 to Monday 02-23; Saturday 02-14 and Saturday 02-28 are worked instead (调休).
    assert calendar.is_working(day("2026-02-14"))
    assert not calendar.is_working(day("2026-02-23"))
    assert calendar.is_working(day("2026-02-28"))
    assert calendar.shift(day("2026-02-13"), 1) == day("2026-02-14")
    assert calendar.shift(day("2026-02-14"), 1) == day("2026-02-24")
    assert calendar.shift(day("2026-02-14"), 5) == day("2026-02-28")


def test_working_days_are_counted_backwards_too(calendar: WorkingCalendar) -> None:
    assert calendar.shift(day("2026-03-27"), -3) == day("2026-03-24")
    assert calendar.shift(day("2026-02-24"), -1) == day("2026-02-14")
    assert calendar.shift(day("2026-03-29"), -1) == day("2026-03-27")


def test_no_working_day_away_is_the_day_itself_or_the_next_worked_one(calendar: WorkingCalendar) -> None:
    assert calendar.shift(day("2026-03-20"), 0) == day("2026-03-20")
    assert calendar.shift(day("2026-03-21"), 0) == day("2026-03-23")


def test_a14_the_reminder_goes_out_by_the_last_working_day_while_the_due_day_stays(calendar: WorkingCalendar) -> None:
    may = period_of(day("2026-05-10"), Frequency.MONTH)
    assert (may.last, calendar.last_working_day(may.last)) == (day("2026-05-31"), day("2026-05-29"))
    march = period_of(day("2026-03-10"), Frequency.MONTH)
    assert calendar.last_working_day(march.last) == march.last


def test_a_year_without_notice_is_counted_monday_to_friday_and_labelled_provisional(calendar: WorkingCalendar) -> None:
    new_year = day("2027-01-01")
    assert calendar.is_provisional(new_year)
    assert calendar.is_working(new_year)
    assert not calendar.is_working(day("2027-01-02"))
    assert not calendar.is_provisional(day("2026-12-31"))


def test_the_years_notice_changes_a_limit_that_was_counted_provisionally(calendar: WorkingCalendar) -> None:
    assert calendar.shift(day("2026-12-31"), 1) == day("2027-01-01")
    year = (day("2027-01-01") + timedelta(days=offset) for offset in range(365))
    announced = WorkingCalendar({one: one.weekday() < 5 and one > day("2027-01-03") for one in year})
    assert announced.shift(day("2026-12-31"), 1) == day("2027-01-04")
    assert not announced.is_provisional(day("2027-01-02"))


@EVERY
@given(st.dates(date(2025, 2, 1), date(2026, 11, 30)), st.integers(1, 40))
def test_a_shift_passes_exactly_that_many_working_days(on: date, count: int) -> None:
    for steps in (count, -count):
        end = ANNOUNCED.shift(on, steps)
        low, high = (on + timedelta(days=1), end) if steps > 0 else (end, on - timedelta(days=1))
        passed = [low + timedelta(days=offset) for offset in range((high - low).days + 1)]
        assert ANNOUNCED.is_working(end)
        assert sum(map(ANNOUNCED.is_working, passed)) == count
