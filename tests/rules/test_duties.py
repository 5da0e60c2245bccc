"""Which period owes a visit to whom, as A14 to A17 put it: a tier path and a day in, duties out."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Frequency, Period, period_named, period_of
from rules.duties import (
    TierPath,
    closings,
    periodic,
)
from rules.facts import TIERS, Tier
from rules.policies import Terms
from tests.rules.owing import DISTRICT, GENERAL, HIGH, KEY, NONE, day, path

# A street that visits more often than the district: the threshold of A15 goes with the frequency.
OFTEN: Terms = replace(DISTRICT, frequency={HIGH: Frequency.MONTH, KEY: Frequency.MONTH, GENERAL: Frequency.QUARTER})
EVERY = settings(max_examples=150, deadline=None, derandomize=True)
ONE_DAY = timedelta(days=1)


def owed(tiers: TierPath, on: str, terms: Terms = DISTRICT) -> dict[tuple[Tier, str | None], date]:
    """What is owed at the end of a day, with the first day on which a visit counts."""
    return {(one.tier, one.period): one.starts_on for one in periodic(tiers, day(on), terms)}


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
    # High from 2 March counts as key from then on: thirty days of the quarter.
    assert list(owed(path(m0302=HIGH, m0330=KEY), "2026-03-30")) == [(KEY, "2026-Q1")]
    assert owed(path(m0303=HIGH, m0330=KEY), "2026-03-30") == {}


def test_a16_an_absorbed_duty_is_owed_again_when_the_person_comes_down_in_its_period() -> None:
    tiers = path(m0101=GENERAL, m0320=HIGH, m0415=GENERAL)
    assert list(owed(tiers, "2026-04-14")) == [(HIGH, "2026-04")]
    assert list(owed(tiers, "2026-04-15")) == [(GENERAL, "2026-H1")]


def test_a16_on_the_way_down_nothing_of_the_higher_tier_stays_owed() -> None:
    tiers = path(m0101=HIGH, m0315=KEY, m0320=NONE)
    assert list(owed(tiers, "2026-03-14")) == [(HIGH, "2026-03")]
    assert list(owed(tiers, "2026-03-15")) == [(KEY, "2026-Q1")]
    assert owed(tiers, "2026-03-20") == {}


def test_a16_a_day_out_of_the_tier_begins_a_new_entry() -> None:
    tiers = path(m0101=KEY, m0315=NONE, m0316=KEY)
    assert list(owed(tiers, "2026-03-14")) == [(KEY, "2026-Q1")]
    assert owed(tiers, "2026-03-16") == {}
    # Sixteen days are not enough; in the month of an interrupted high run, starting on the 16th, they are.
    again = path(m0101=HIGH, m0315=KEY, m0316=HIGH)
    assert owed(again, "2026-03-16") == {(HIGH, "2026-03"): day("2026-03-16")}


def test_a16_a_duty_of_a_tier_left_before_the_interruption_is_not_owed_again() -> None:
    tiers = path(m0101=GENERAL, m0201=NONE, m0203=HIGH)
    assert list(owed(tiers, "2026-02-03")) == [(HIGH, "2026-02")]
    late = path(m0101=GENERAL, m0201=NONE, m0226=HIGH)
    assert owed(late, "2026-02-26") == {}


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


# The same rules told again, a day at a time and with a memory


@dataclass
class Clerk:
    """A clerk with a diary: every evening they note the tier, open, keep, absorb or strike duties (A15, A16)."""

    terms: Terms

    def __post_init__(self) -> None:
        self.entered: dict[Tier, date] = {}  # since when in this tier or a higher one, without a break
        self.own: set[tuple[Tier, str]] = set()  # periods in which the person was in exactly this tier, in this run

    def evening(self, on: date, tier: Tier) -> set[tuple[Tier, str]]:
        """The duties that are owed tonight."""
        for each in TIERS:
            if tier.rank < each.rank:
                self.entered.pop(each, None)
                self.own = {(one, name) for one, name in self.own if one is not each}
            else:
                self.entered.setdefault(each, on)
        if tier is not NONE:
            self.own.add((tier, self.period(tier, on).name))
        owed: set[tuple[Tier, str]] = set()
        for each in TIERS:
            period = self.period(each, on)
            if (each, period.name) in self.own and self.is_long_enough(each, period) and not owed:
                owed.add((each, period.name))
        return owed

    def period(self, tier: Tier, on: date) -> Period:
        return period_of(on, self.terms.frequency[tier])

    def is_long_enough(self, tier: Tier, period: Period) -> bool:
        entered, left = self.entered[tier], 0
        if entered <= period.first:
            return True
        while entered <= period.last:
            entered, left = entered + ONE_DAY, left + 1
        return left >= self.terms.entry_days[self.terms.frequency[tier]]


FREQUENCIES = ({}, {GENERAL: Frequency.QUARTER}, {KEY: Frequency.MONTH, GENERAL: Frequency.QUARTER})


@st.composite
def walks(draw: st.DrawFn) -> tuple[Terms, TierPath, date]:
    """Some terms and a path with changes crowded around the ends of periods and the thresholds before them."""
    terms = replace(DISTRICT, frequency={**DISTRICT.frequency, **draw(st.sampled_from(FREQUENCIES))})
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
    return terms, TierPath(changes), first


@EVERY
@given(walks())
def test_a15_a16_agree_with_a_clerk_who_notes_every_day(walk: tuple[Terms, TierPath, date]) -> None:
    terms, tiers, on = walk
    clerk = Clerk(terms)
    last = tiers.changes[-1][0] + timedelta(days=200)
    while on <= last:
        assert {(one.tier, one.period) for one in periodic(tiers, on, terms)} == clerk.evening(on, tiers.on(on)), on
        on += ONE_DAY


@EVERY
@given(walks())
def test_whoever_is_in_a_tier_all_period_owes_that_period_and_nobody_else_owes_anything(
    walk: tuple[Terms, TierPath, date],
) -> None:
    terms, tiers, on = walk
    while on <= tiers.changes[-1][0] + timedelta(days=200):
        found = periodic(tiers, on, terms)
        assert len(found) <= 1
        assert all(one.tier.rank <= tiers.on(on).rank for one in found)
        tier, period = tiers.on(on), period_of(on, terms.frequency.get(tiers.on(on), Frequency.MONTH))
        since = tiers.since(tier, on) if tier is not NONE else None
        if since is not None and since <= period.first:
            assert [(one.tier, one.period) for one in found] == [(tier, period.name)]
        on += timedelta(days=3)
