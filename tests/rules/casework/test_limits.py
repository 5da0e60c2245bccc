"""How long casework may take, and the days and moments that follow (B4 to B20)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.casework.codes import Urgency
from rules.casework.limits import (
    FIRST_ANSWER_LIMITS,
    LEAD_LIMITS,
    NEED_LIMITS,
    SHORTENED_BY_STREETS,
    LimitName,
    Unit,
    answer_by,
    bundled,
    due_on,
    follow_up_due_on,
)
from tests.rules.casework.cases import CALENDAR, POLICY, in_force

FIRST = date(2024, 7, 23)
LIMITS = in_force().limits
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def amounts(*names: LimitName) -> list[int]:
    return [LIMITS[name].amount for name in names]


def test_the_numbers_are_those_that_were_settled() -> None:
    assert amounts(LimitName.URGENT_NEED, LimitName.NEED, LimitName.PLAN) == [1, 10, 15]
    assert amounts(LimitName.FOLLOW_UP_URGENT, LimitName.FOLLOW_UP_RISK, LimitName.FOLLOW_UP_LEAST) == [7, 30, 3]
    assert amounts(LimitName.REFERRAL_ANSWER, LimitName.REFERRAL_REOPEN, LimitName.FOLLOW_UP_AFTER_END) == [3, 30, 30]
    assert amounts(LimitName.PLAN_REVIEW, LimitName.PLAN_GOALS, LimitName.HAND_OVER) == [90, 5, 5]
    assert amounts(LimitName.FIRST_ANSWER_URGENT, LimitName.FIRST_ANSWER) == [30, 240]
    assert amounts(LimitName.SMALL_NUMBER, LimitName.WATCH_CLOSES, LimitName.PARTNER_ACCESS) == [5, 2, 30]


def test_every_number_has_a_first_day_a_source_and_a_unit_and_is_called_local() -> None:
    assert set(bundled()) == set(LimitName)
    for name, parameter in bundled().items():
        stated = POLICY.limit(name, FIRST)
        assert stated.reference
        assert "本地约定" in stated.reference
        assert stated.as_dict()["limit"] == "local"
        assert parameter.description
        assert parameter.limits is not None
        assert parameter.limits[0] <= stated.amount <= parameter.limits[1]


def test_each_urgency_has_its_limit() -> None:
    for table in (NEED_LIMITS, LEAD_LIMITS, FIRST_ANSWER_LIMITS):
        assert set(table) == set(Urgency)
        assert LIMITS[table[Urgency.URGENT]].amount < LIMITS[table[Urgency.NORMAL]].amount


@pytest.mark.parametrize(
    ("recorded", "due"),
    [
        ("2026-09-02", "2026-09-03"),
        ("2026-09-04", "2026-09-07"),
        ("2026-09-05", "2026-09-07"),
        ("2026-09-30", "2026-10-08"),
    ],
)
def test_an_urgent_need_is_due_the_next_working_day(recorded: str, due: str) -> None:
    limit = LIMITS[LimitName.URGENT_NEED]
    assert due_on(limit, date.fromisoformat(recorded), CALENDAR) == date.fromisoformat(due)


def test_a_make_up_day_is_a_working_day() -> None:
    # 2026-10-10 is a worked Saturday.
    assert due_on(LIMITS[LimitName.REFERRAL_ANSWER], date(2026, 10, 7), CALENDAR) == date(2026, 10, 10)


def test_a_follow_up_counts_from_the_day_of_service() -> None:
    limit, least = LIMITS[LimitName.FOLLOW_UP_URGENT], LIMITS[LimitName.FOLLOW_UP_LEAST]
    assert follow_up_due_on(limit, least, date(2026, 9, 1), date(2026, 9, 2), CALENDAR) == date(2026, 9, 8)


def test_a_follow_up_of_a_visit_entered_late_has_three_working_days_from_its_entry() -> None:
    limit, least = LIMITS[LimitName.FOLLOW_UP_URGENT], LIMITS[LimitName.FOLLOW_UP_LEAST]
    # Served on the 20th of August, entered on Friday the 4th of September.
    assert follow_up_due_on(limit, least, date(2026, 8, 20), date(2026, 9, 4), CALENDAR) == date(2026, 9, 9)


@pytest.mark.parametrize(
    ("at", "urgency", "by"),
    [
        ("2026-09-02T10:00", "urgent", "2026-09-02T10:30"),
        ("2026-09-02T10:00", "normal", "2026-09-02T14:00"),
        ("2026-09-02T16:30", "urgent", "2026-09-02T17:00"),
        ("2026-09-02T16:45", "urgent", "2026-09-03T09:15"),
        ("2026-09-02T17:00", "urgent", "2026-09-03T09:30"),
        ("2026-09-02T06:00", "urgent", "2026-09-02T09:30"),
        ("2026-09-04T20:00", "urgent", "2026-09-07T09:30"),
        ("2026-09-04T15:00", "normal", "2026-09-07T11:00"),
        ("2026-09-30T16:59", "normal", "2026-10-08T12:59"),
    ],
)
def test_a_call_is_answered_within_minutes_of_the_hotlines_hours(at: str, urgency: str, by: str) -> None:
    limit = LIMITS[FIRST_ANSWER_LIMITS[Urgency(urgency)]]
    answered = answer_by(limit, moment(at), CALENDAR, opens=time(9), closes=time(17))
    assert answered == moment(by)


def test_a_limit_longer_than_a_hotlines_day_goes_on_the_next_working_day() -> None:
    limit = LIMITS[LimitName.FIRST_ANSWER]
    answered = answer_by(limit, moment("2026-09-02T09:00"), CALENDAR, opens=time(9), closes=time(10, 30))
    assert answered == moment("2026-09-04T10:00")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, 50 * 24 * 60), st.sampled_from(list(Urgency)))
def test_exactly_the_limits_minutes_of_working_time_lie_between_a_call_and_its_answer(
    minute: int, urgency: Urgency
) -> None:
    at = moment("2026-09-01T00:00") + timedelta(minutes=minute)
    limit = LIMITS[FIRST_ANSWER_LIMITS[urgency]]
    by = answer_by(limit, at, CALENDAR, opens=time(9), closes=time(17))
    minutes, now = 0, at
    while now < by:
        minutes += CALENDAR.is_working(now.date()) and time(9) <= now.time() < time(17)
        now += timedelta(minutes=1)
    assert minutes == limit.amount


def test_what_counts_no_days_has_no_due_day() -> None:
    with pytest.raises(ValueError, match="does not end on a day"):
        due_on(LIMITS[LimitName.PLAN_GOALS], FIRST, CALENDAR)
    with pytest.raises(ValueError, match="does not count minutes"):
        answer_by(LIMITS[LimitName.NEED], moment("2026-09-02T09:00"), CALENDAR, opens=time(9), closes=time(17))
    with pytest.raises(ValueError, match="opens before it closes"):
        answer_by(LIMITS[LimitName.FIRST_ANSWER], moment("2026-09-02T09:00"), CALENDAR, opens=time(9), closes=time(9))


def test_only_days_and_minutes_are_shortened_by_streets() -> None:
    assert {LIMITS[name].unit for name in SHORTENED_BY_STREETS} == {Unit.DAYS, Unit.WORKING_DAYS, Unit.WORKING_MINUTES}
