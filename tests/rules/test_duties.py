"""Which period owes a visit to whom, as A14 to A17 put it: a tier path and a day in, duties out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Frequency, period_named, period_of
from rules.duties import TierPath
from rules.facts import Tier
from rules.periodic import Course, closings
from rules.policies import Terms
from tests.rules.clerk import Clerk
from tests.rules.owing import DISTRICT, GENERAL, HIGH, KEY, NONE, Dated, day, path

# A street that visits more often than the district: the threshold of A15 goes with the frequency.
OFTEN: Terms = replace(DISTRICT, frequency={HIGH: Frequency.MONTH, KEY: Frequency.MONTH, GENERAL: Frequency.QUARTER})
EVERY = settings(max_examples=150, deadline=None, derandomize=True)
ONE_DAY = timedelta(days=1)


def owed(tiers: TierPath, on: str, terms: Terms | Dated = DISTRICT) -> dict[tuple[Tier, str | None], date]:
    """What is owed at the end of a day, with the first day on which a visit counts."""
    dated = terms if isinstance(terms, Dated) else Dated(terms)
    found = Course(tiers, dated).owed(day(on), dated.terms(day(on)))
    return {(duty.tier, duty.period): duty.starts_on for duty in found}


# A14 and A15: which period an entry owes


@pytest.mark.parametrize(
    ("tier", "last_day_owed", "period"),
    [(HIGH, "2026-03-25", "2026-03"), (KEY, "2026-03-02", "2026-Q1"), (GENERAL, "2026-05-02", "2026-H1")],
)
def test_a15_an_entry_owes_the_period_with_seven_thirty_or_sixty_days_left_and_not_with_one_less(
    tier: Tier, last_day_owed: str, period: str
) -> None:
    entry, last = day(last_day_owed), period_named(period).last
    assert (last - entry).days + 1 == {HIGH: 7, KEY: 30, GENERAL: 60}[tier]
    assert list(owed(TierPath([(entry, tier)]), last_day_owed)) == [(tier, period)]
    late = TierPath([(entry + ONE_DAY, tier)])
    assert owed(late, (entry + ONE_DAY).isoformat()) == {}
    assert owed(late, last.isoformat()) == {}
    assert list(owed(late, (last + ONE_DAY).isoformat())) == [
        (tier, period_of(last + ONE_DAY, DISTRICT.frequency[tier]).name)
    ]


def test_a15_an_entry_on_the_first_day_of_a_period_owes_all_of_it() -> None:
    short = replace(DISTRICT, entry_days=dict.fromkeys(Frequency, 400))
    assert owed(path(m0401=KEY), "2026-04-01", short) == {(KEY, "2026-Q2"): day("2026-04-01")}
    assert owed(path(m0402=KEY), "2026-04-02", short) == {}


@pytest.mark.parametrize(
    ("tier", "entry", "period"),
    [
        (KEY, "2026-03-25", "2026-03"),  # a monthly key duty asks for 7 days, not 30
        (GENERAL, "2026-03-02", "2026-Q1"),  # a quarterly general duty for 30, not 60
    ],
)
def test_a15_the_threshold_goes_with_the_frequency_that_a_street_chose(tier: Tier, entry: str, period: str) -> None:
    assert list(owed(TierPath([(day(entry), tier)]), entry, OFTEN)) == [(tier, period)]
    later = day(entry) + ONE_DAY
    assert owed(TierPath([(later, tier)]), later.isoformat(), OFTEN) == {}


def test_example_1_twelve_days_left_in_march_owe_march_from_the_day_of_the_stroke() -> None:
    assert owed(path(m0101=GENERAL, m0320=HIGH), "2026-03-20") == {(HIGH, "2026-03"): day("2026-03-20")}


def test_example_3_a_70th_birthday_on_15_july_owes_july() -> None:
    assert owed(path(m0101=KEY, m0715=HIGH), "2026-07-15") == {(HIGH, "2026-07"): day("2026-07-15")}


def test_example_5_fifty_days_left_of_the_quarter_owe_it() -> None:
    assert list(owed(path(m0201=GENERAL, m0210=KEY), "2026-02-10")) == [(KEY, "2026-Q1")]


# A16: tiers that change within a period


def test_a16_an_upgrade_absorbs_the_longer_duty_when_the_shorter_one_is_owed_in_the_same_period() -> None:
    tiers = path(m0101=GENERAL, m0320=HIGH)
    assert list(owed(tiers, "2026-03-19")) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-03-20")) == [(HIGH, "2026-03")]


def test_a16_an_upgrade_too_late_in_the_month_leaves_the_longer_duty_owed_until_the_next_month() -> None:
    tiers = path(m0101=GENERAL, m0326=HIGH)
    assert list(owed(tiers, "2026-03-26")) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-03-31")) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-04-01")) == [(HIGH, "2026-04")]


def test_a16_an_upgrade_in_the_last_days_of_the_half_year_never_absorbs_it() -> None:
    tiers = path(m0101=GENERAL, m0626=HIGH)
    assert list(owed(tiers, "2026-06-30")) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-07-01")) == [(HIGH, "2026-07")]


def test_a16_only_a_duty_that_was_owed_stays_owed_through_an_upgrade() -> None:
    # Never general, so no half-year is owed while the quarter is too short.
    assert owed(path(m0315=KEY), "2026-03-15") == {}
    # Key for a day too short to owe the quarter, then high too late for the month: nothing is owed yet.
    assert owed(path(m0320=KEY, m0326=HIGH), "2026-03-31") == {}


def test_a16_the_middle_duty_stays_owed_and_keeps_the_longest_absorbed() -> None:
    tiers = path(m0101=GENERAL, m0201=KEY, m0326=HIGH)
    assert list(owed(tiers, "2026-02-01")) == [(KEY, "2026-Q1")]
    assert list(owed(tiers, "2026-03-26")) == [(KEY, "2026-Q1")]


def test_a16_days_in_a_higher_tier_count_for_the_lower_one() -> None:
    # Example 2: high from 20 March, key from 25 June: Q2 is owed with six days left of it.
    assert list(owed(path(m0320=HIGH, m0625=KEY), "2026-06-25")) == [(KEY, "2026-Q2")]
    # High from 2 March, too late in it for a month to be owed, counts as key from then on.
    strict = replace(DISTRICT, entry_days={**DISTRICT.entry_days, Frequency.MONTH: 31})
    assert list(owed(path(m0302=HIGH, m0330=KEY), "2026-03-30", strict)) == [(KEY, "2026-Q1")]
    assert owed(path(m0303=HIGH, m0330=KEY), "2026-03-30", strict) == {}


def test_a16_an_absorbed_duty_is_owed_again_when_the_person_comes_down_in_its_period() -> None:
    tiers = path(m0101=GENERAL, m0320=HIGH, m0415=GENERAL)
    assert list(owed(tiers, "2026-04-14")) == [(HIGH, "2026-04")]
    assert list(owed(tiers, "2026-04-15")) == [(GENERAL, "2026-H1")]


def test_a16_on_the_way_down_nothing_of_the_higher_tier_stays_owed() -> None:
    tiers = path(m0101=HIGH, m0315=KEY, m0320=NONE)
    assert list(owed(tiers, "2026-03-14")) == [(HIGH, "2026-03")]
    assert list(owed(tiers, "2026-03-15")) == [(KEY, "2026-Q1")]
    assert owed(tiers, "2026-03-20") == {}


# A15: gaps and returns


def test_a15_a_return_in_the_same_period_reopens_what_the_gap_cancelled_however_long_it_was() -> None:
    tiers = path(m0101=KEY, m0115=NONE, m0330=KEY)
    assert list(owed(tiers, "2026-01-14")) == [(KEY, "2026-Q1")]
    assert owed(tiers, "2026-03-29") == {}
    assert list(owed(tiers, "2026-03-30")) == [(KEY, "2026-Q1")]


def test_a15_who_was_owed_nothing_before_the_gap_enters_anew() -> None:
    tiers = path(m0303=KEY, m0310=NONE, m0320=KEY)
    assert owed(tiers, "2026-03-03") == {}
    assert owed(tiers, "2026-03-20") == {}


def test_a15_a_period_owed_before_is_no_reason_to_owe_the_next_one_without_the_days() -> None:
    assert owed(path(m0101=KEY, m0315=NONE, m0620=KEY), "2026-06-20") == {}


def test_a15_who_was_owed_a_higher_tier_earlier_in_the_period_takes_no_threshold() -> None:
    # March was owed with 22 days left of it, the quarter would not have been.
    assert list(owed(path(m0310=HIGH, m0320=KEY), "2026-03-20")) == [(KEY, "2026-Q1")]
    assert list(owed(path(m0310=HIGH, m0315=NONE, m0320=KEY), "2026-03-20")) == [(KEY, "2026-Q1")]
    # Too late for March: nothing was owed yet.
    assert owed(path(m0326=HIGH, m0328=KEY), "2026-03-28") == {}


def test_a15_a_lower_tier_owed_earlier_spares_nobody_the_threshold_of_a_higher_one() -> None:
    tiers = path(m0101=GENERAL, m0310=NONE, m0315=KEY)
    assert list(owed(tiers, "2026-03-15")) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-04-01")) == [(KEY, "2026-Q2")]


def test_a15_a_return_into_a_higher_tier_reopens_the_longer_duty_until_one_of_the_higher_is_owed() -> None:
    tiers = path(m0101=GENERAL, m0201=NONE, m0226=HIGH)
    assert list(owed(tiers, "2026-02-26")) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-03-01")) == [(HIGH, "2026-03")]
    assert list(owed(path(m0101=GENERAL, m0201=NONE, m0203=HIGH), "2026-02-03")) == [(HIGH, "2026-02")]


def test_a15_a_month_that_is_reopened_counts_visits_from_its_first_entry_on() -> None:
    tiers = path(m0101=KEY, m0305=HIGH, m0315=KEY, m0329=HIGH)
    assert owed(tiers, "2026-03-05") == {(HIGH, "2026-03"): day("2026-03-05")}
    assert list(owed(tiers, "2026-03-15")) == [(KEY, "2026-Q1")]
    assert owed(tiers, "2026-03-29") == {(HIGH, "2026-03"): day("2026-03-05")}


# A15: a frequency raised in mid-period


QUARTERLY = replace(DISTRICT, frequency={**DISTRICT.frequency, GENERAL: Frequency.QUARTER})


def test_a15_the_day_a_frequency_is_raised_is_everybodys_entry_day_into_it() -> None:
    tiers = path(m0101=GENERAL)
    early, late = Dated(DISTRICT, m0601=QUARTERLY), Dated(DISTRICT, m0602=QUARTERLY)
    assert list(owed(tiers, "2026-05-31", early)) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-06-01", early)) == [(GENERAL, "2026-Q2")]
    # Twenty-nine days are too few for a quarter: the half-year stays owed to its end.
    assert list(owed(tiers, "2026-06-02", late)) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-06-30", late)) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-07-01", late)) == [(GENERAL, "2026-Q3")]


def test_a15_the_duty_of_the_old_frequency_ends_when_one_of_the_new_is_owed_in_its_period() -> None:
    tiers, raised = path(m0101=GENERAL), Dated(DISTRICT, m0310=QUARTERLY)
    assert list(owed(tiers, "2026-03-31", raised)) == [(GENERAL, "2026-H1")]
    assert list(owed(tiers, "2026-04-01", raised)) == [(GENERAL, "2026-Q2")]


def test_a15_who_enters_after_a_frequency_was_raised_owes_nothing_by_the_old_one() -> None:
    assert owed(path(m0325=GENERAL), "2026-03-25", Dated(DISTRICT, m0320=QUARTERLY)) == {}


def test_a15_who_comes_down_from_a_higher_tier_is_no_newcomer_to_the_raised_frequency() -> None:
    raised = Dated(DISTRICT, m0610=QUARTERLY)
    assert list(owed(path(m0101=KEY, m0615=GENERAL), "2026-06-15", raised)) == [(GENERAL, "2026-Q2")]


def test_a27_a_frequency_that_goes_back_owes_the_longer_period_again() -> None:
    lowered = Dated(QUARTERLY, m0520=DISTRICT)
    assert list(owed(path(m0101=GENERAL), "2026-05-19", lowered)) == [(GENERAL, "2026-Q2")]
    assert list(owed(path(m0101=GENERAL), "2026-05-20", lowered)) == [(GENERAL, "2026-H1")]


def test_a16_a_street_that_visits_key_monthly_keeps_the_key_month_until_a_high_month_is_owed() -> None:
    tiers = path(m0101=GENERAL, m0301=KEY, m0328=HIGH)
    assert list(owed(tiers, "2026-03-01", OFTEN)) == [(KEY, "2026-03")]
    assert list(owed(tiers, "2026-03-28", OFTEN)) == [(KEY, "2026-03")]
    assert list(owed(tiers, "2026-04-01", OFTEN)) == [(HIGH, "2026-04")]


def test_a17_only_a_high_duty_asks_for_a_visit_after_the_upgrade() -> None:
    assert owed(path(m0210=KEY), "2026-02-10") == {(KEY, "2026-Q1"): day("2026-01-01")}
    assert owed(path(m0210=HIGH), "2026-02-10") == {(HIGH, "2026-02"): day("2026-02-10")}
    assert owed(path(m0210=HIGH), "2026-03-10") == {(HIGH, "2026-03"): day("2026-03-01")}


def test_a16_periods_are_judged_as_of_their_last_day() -> None:
    assert closings(day("2026-03-31"), day("2026-05-01")) == [day("2026-03-31"), day("2026-04-30")]
    assert closings(day("2026-04-01"), day("2026-04-30")) == []
    assert closings(day("2026-04-30"), day("2026-04-30")) == []


# The same rules told again, a day at a time and with a diary


FREQUENCIES = ({}, {GENERAL: Frequency.QUARTER}, {KEY: Frequency.MONTH, GENERAL: Frequency.QUARTER})


@st.composite
def walks(draw: st.DrawFn) -> tuple[Dated, TierPath, date]:
    """A path, with changes crowded around the ends of periods and the thresholds before them, and terms that change."""
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 200)))
    at, changes = first, []
    for tier in draw(st.lists(st.sampled_from(Tier), min_size=1, max_size=8)):
        changes.append((at, tier))
        if draw(st.booleans()):
            at += timedelta(days=draw(st.sampled_from((1, 2, 6, 7, 8, 23, 24, 25, 29, 30, 31, 59, 60, 61))))
        else:
            end = period_of(at, draw(st.sampled_from(Frequency))).last
            at = max(
                at + ONE_DAY, end - timedelta(days=draw(st.sampled_from((-1, 0, 5, 6, 7, 28, 29, 30, 58, 59, 60))))
            )
    terms = [replace(DISTRICT, frequency={**DISTRICT.frequency, **draw(st.sampled_from(FREQUENCIES))}) for _ in "123"]
    return Dated(terms[0], m0520=terms[1], m0920=terms[2]), TierPath(changes), first


@EVERY
@given(walks())
def test_a15_a16_agree_with_a_clerk_who_notes_every_day(walk: tuple[Dated, TierPath, date]) -> None:
    terms, tiers, on = walk
    clerk, course = Clerk(), Course(tiers, terms)
    last = tiers.changes[-1][0] + timedelta(days=200)
    while on <= last:
        found = {(duty.tier, duty.period) for duty in course.owed(on, terms.terms(on))}
        assert found == {
            (each.tier, period.name) for each, period in clerk.evening(on, tiers.on(on), terms.terms(on))
        }, on
        on += ONE_DAY


@EVERY
@given(walks())
def test_whoever_is_in_a_tier_all_period_owes_that_period_and_nobody_else_owes_anything(
    walk: tuple[Dated, TierPath, date],
) -> None:
    terms, tiers, on = walk
    course = Course(tiers, terms)
    while on <= tiers.changes[-1][0] + timedelta(days=200):
        tier, now = tiers.on(on), terms.terms(on)
        found = course.owed(on, now)
        assert len(found) <= 1
        assert all(duty.tier.rank <= tier.rank for duty in found)
        period = period_of(on, now.frequency.get(tier, Frequency.MONTH))
        since = tiers.since(tier, on) if tier is not NONE else None
        if since is not None and since <= period.first and terms.terms(period.first) == now:
            assert [(duty.tier, duty.period) for duty in found] == [(tier, period.name)]
        on += timedelta(days=3)


@EVERY
@given(walks())
def test_a15_a_gap_cancels_nothing_for_good(walk: tuple[Dated, TierPath, date]) -> None:
    """Whatever was owed in a period is owed again, or something higher is, to whoever comes back to it."""
    terms, tiers, on = walk
    course = Course(tiers, terms)
    owed: dict[str, tuple[int, date]] = {}
    while on <= tiers.changes[-1][0] + timedelta(days=60):
        for duty in course.owed(on, terms.terms(on)):
            owed.setdefault(str(duty.period), (duty.tier.rank, duty.due_on))
        for rank, due_on in owed.values():
            if on <= due_on and tiers.on(on).rank >= rank:
                assert [duty.tier.rank >= rank for duty in course.owed(on, terms.terms(on))] == [True], on
        on += ONE_DAY
