"""What is owed and what discharges it, as the domain's A15 to A21, A33 and A35 put it; no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rulebooks import bundled
from rules.calendar import Frequency, Period, WorkingCalendar, period_named, period_of
from rules.duties import (
    TIERS,
    Contact,
    DutyKind,
    Owed,
    Refused,
    Settled,
    TierPath,
    asking,
    closings,
    is_paused,
    periodic,
    refusal,
    responses,
    settle,
)
from rules.facts import Fact, FactKind, Tier
from rules.history import News
from rules.policies import Terms
from tests.rules.people import change, warning

HIGH, KEY, GENERAL, NONE = Tier.HIGH, Tier.KEY, Tier.GENERAL, Tier.NONE
DISTRICT: Terms = bundled()[0][0].terms(date(2026, 1, 1))
# A street that visits more often than the district: the threshold of A15 goes with the frequency.
OFTEN: Terms = replace(DISTRICT, frequency={HIGH: Frequency.MONTH, KEY: Frequency.MONTH, GENERAL: Frequency.QUARTER})
CALENDAR = WorkingCalendar(
    {
        one: chinese_calendar.is_workday(one)
        for one in (date(2025, 1, 1) + timedelta(days=offset) for offset in range(730))
    }
)
EVERY = settings(max_examples=150, deadline=None, derandomize=True)
ONE_DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def path(**changes: Tier) -> TierPath:
    """`path(m0320=HIGH)`: high from 2026-03-20."""
    return TierPath((day(f"2026-{at[1:3]}-{at[3:]}"), tier) for at, tier in changes.items())


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


# A17 to A21: what discharges


def duty(
    tier: Tier = HIGH, kind: DutyKind = DutyKind.PERIODIC, starts: str = "2026-03-20", due: str = "2026-03-31"
) -> Owed:
    return Owed(
        kind=kind,
        tier=tier,
        occasion="2026-03",
        period="2026-03",
        starts_on=day(starts),
        due_on=day(due),
        modes=DISTRICT.modes[tier],
        limit="policy",
        clause="三（一）",
    )


RESPONSE = duty(kind=DutyKind.RESPONSE, due="2026-03-27")


def contact(on: str = "2026-03-25", **more: Any) -> Contact:
    entered_on = more.pop("entered_on", on)
    usual: dict[str, Any] = {"mode": "home_visit", "met": True, "initiated_by": "advisor", "role": "committee_advisor"}
    return Contact(
        visit_id=on,
        service_date=day(on),
        dimensions_done=more.pop("dimensions_done", False),
        entered_on=day(entered_on),
        entered_at=datetime.combine(day(entered_on), datetime.min.time(), UTC),
        **{**usual, **more},
    )


def refused(owed: Owed, made: Contact) -> Refused | None:
    return refusal(owed, made, approval_days=DISTRICT.late_entry_approval_days)


def test_a17_a_visit_before_the_upgrade_does_not_discharge_the_month() -> None:
    assert refused(duty(), contact("2026-03-19")) is Refused.BEFORE_START
    assert refused(duty(), contact("2026-03-20")) is None
    assert refused(duty(), contact("2026-03-31")) is None
    assert refused(duty(), contact("2026-04-01")) is Refused.AFTER_END


@pytest.mark.parametrize("mode", ["home_visit", "phone", "building_video", "wechat", "reception", "other"])
def test_a18_only_a_home_visit_discharges_high_and_reception_and_other_discharge_nothing(mode: str) -> None:
    assert (refused(duty(HIGH), contact(mode=mode)) is None) == (mode == "home_visit")
    for tier in (KEY, GENERAL):
        assert (refused(duty(tier), contact(mode=mode)) is None) == (mode not in ("reception", "other"))


def test_a33_without_a_tier_a_home_visit_or_a_call_answers_the_news() -> None:
    news = replace(RESPONSE, tier=NONE, modes=DISTRICT.modes[NONE])
    assert [mode for mode in DISTRICT.modes[KEY] if refused(news, contact(mode=mode)) is None] == [
        "home_visit",
        "phone",
    ]


def test_a18_nobody_met_is_no_credit_in_any_tier() -> None:
    assert {refused(duty(tier), contact(met=False)) for tier in TIERS} == {Refused.NOT_MET}


def test_a19_a_contact_the_resident_began_needs_the_six_dimension_check_and_never_counts_for_high() -> None:
    for check in (False, True):
        began = contact(initiated_by="resident", dimensions_done=check)
        assert refused(duty(HIGH), began) is Refused.RESIDENT_INITIATED
        for tier in (KEY, GENERAL):
            assert refused(duty(tier), began) is (None if check else Refused.NO_DIMENSION_CHECK)
    reception = contact(initiated_by="resident", dimensions_done=True, mode="reception")
    assert refused(duty(KEY), reception) is Refused.MODE


@pytest.mark.parametrize(
    ("role", "counts"),
    [
        ("street_advisor", True),
        ("committee_advisor", True),
        ("grid_worker", True),
        ("volunteer", True),
        ("social_worker", True),
        ("relative", False),
        ("neighbour", False),
        ("family_doctor", False),
    ],
)
def test_a20_the_five_roles_discharge_and_nobody_else(role: str, counts: bool) -> None:
    assert (refused(duty(), contact(role=role)) is None) is counts


def test_a21_an_entry_more_than_fifteen_days_after_the_close_waits_for_approval() -> None:
    assert refused(duty(), contact(entered_on="2026-04-15")) is None
    assert refused(duty(), contact(entered_on="2026-04-16")) is Refused.NEEDS_APPROVAL
    assert refused(duty(), contact(entered_on="2026-04-16", approved=True)) is None
    assert refused(RESPONSE, contact(entered_on="2026-09-01")) is None


def state(owed: Owed, contacts: Sequence[Contact], today: str) -> Settled:
    return settle(owed, contacts, today=day(today), approval_days=DISTRICT.late_entry_approval_days)


def test_a35_a_month_is_open_through_its_last_day_and_missed_for_good_from_the_next() -> None:
    assert state(duty(), [], "2026-03-31").state == "open"
    assert state(duty(), [], "2026-04-01").state == "missed"
    after = contact("2026-04-08")
    assert state(duty(), [after], "2026-04-08") == Settled("missed", made_up_on=day("2026-04-08"))


def test_a35_only_a_visit_that_would_have_counted_makes_up_for_a_missed_month() -> None:
    calls = [
        contact("2026-04-02", mode="phone"),
        contact("2026-04-03", met=False),
        contact("2026-04-04", role="relative"),
    ]
    assert state(duty(), calls, "2026-04-08").made_up_on is None
    assert state(duty(), [*calls, contact("2026-04-05")], "2026-04-08").made_up_on == day("2026-04-05")


def test_a21_a_visit_in_the_month_entered_after_it_meets_the_month_as_a_late_entry() -> None:
    made = contact("2026-03-25", entered_on="2026-04-02")
    assert state(duty(), [made], "2026-04-02") == Settled("met", made, late_entry=True)
    in_time = contact("2026-03-25", entered_on="2026-03-31")
    assert state(duty(), [in_time], "2026-04-02") == Settled("met", in_time)


def test_a35_late_is_for_a_response_visited_after_its_limit_and_it_never_lapses() -> None:
    assert state(RESPONSE, [], "2026-12-31").state == "open"
    assert state(RESPONSE, [contact("2026-03-27")], "2026-03-28").state == "met"
    assert state(RESPONSE, [contact("2026-03-28")], "2026-03-28").state == "late"
    assert state(RESPONSE, [contact("2026-03-27", entered_on="2026-03-30")], "2026-03-30").late_entry


def test_the_first_visit_that_counts_is_the_one_credited() -> None:
    visits = [contact("2026-03-10"), contact("2026-03-21", mode="phone"), contact("2026-03-22"), contact("2026-03-23")]
    assert state(duty(), visits, "2026-03-24").contact == visits[2]


# A23: pauses


def pause(first: str, last: str | None) -> Fact:
    return Fact(kind=FactKind.PAUSE, reason="住院", valid_from=day(first), valid_to=day(last) if last else None)


@pytest.mark.parametrize(
    ("pauses", "excused"),
    [
        ([("2026-04-01", "2026-04-30")], True),
        ([("2026-03-10", None)], True),
        ([("2026-04-01", "2026-04-29")], False),
        ([("2026-04-02", "2026-05-30")], False),
        ([("2026-04-16", "2026-05-01"), ("2026-03-20", "2026-04-15")], True),
        ([("2026-03-20", "2026-04-15"), ("2026-04-17", "2026-05-01")], False),
        ([("2026-03-01", "2026-04-20"), ("2026-03-05", "2026-04-10"), ("2026-04-21", None)], True),
        ([], False),
    ],
)
def test_a23_a_period_is_excused_only_if_pauses_cover_all_of_it(
    pauses: Sequence[tuple[str, str]], excused: bool
) -> None:
    april = period_of(day("2026-04-10"), Frequency.MONTH)
    assert is_paused([pause(first, last) for first, last in pauses], april) is excused


# A33: news that asks for a visit


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
