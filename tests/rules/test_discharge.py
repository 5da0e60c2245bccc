"""What discharges a duty and what excuses it: A17 to A21, A23 and A35, on a visit and a duty alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.calendar import Frequency, period_of
from rules.duties import Contact, DutyKind, Owed, Refused, Settled, is_paused, refusal, settle
from rules.facts import TIERS, Fact, FactKind, Tier
from tests.rules.owing import DISTRICT, GENERAL, HIGH, KEY, NONE, contact, day


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


def refused(owed: Owed, made: Contact) -> Refused | None:
    return refusal(owed, made, DISTRICT.crediting)


def test_a17_a_visit_before_the_upgrade_does_not_discharge_the_month() -> None:
    assert refused(duty(), contact("2026-03-19")) is Refused.BEFORE_START
    assert refused(duty(), contact("2026-03-20")) is None
    assert refused(duty(), contact("2026-03-31")) is None
    assert refused(duty(), contact("2026-04-01")) is Refused.AFTER_END


def test_a17_what_was_entered_before_the_news_answers_neither_the_month_it_began_nor_the_response() -> None:
    made = contact("2026-03-20")
    before, after = made.entered_at - timedelta(minutes=1), made.entered_at + timedelta(minutes=1)
    for owed in (duty(), RESPONSE):
        assert refused(replace(owed, news_at=after), made) is Refused.BEFORE_NEWS
        assert refused(replace(owed, news_at=made.entered_at), made) is None
        assert refused(replace(owed, news_at=before), made) is None


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


def test_a19_and_a20_follow_the_policys_parameters() -> None:
    """The roles and tiers are dated policy data: another value changes the outcome, and nothing in the program does."""
    only_advisors = replace(DISTRICT.crediting, roles=frozenset({"street_advisor"}))
    assert refusal(duty(), contact(role="volunteer"), DISTRICT.crediting) is None
    assert refusal(duty(), contact(role="volunteer"), only_advisors) is Refused.ROLE
    begun = contact(initiated_by="resident", dimensions_done=True)
    everybody = replace(DISTRICT.crediting, resident_initiated_tiers=frozenset({HIGH, KEY, GENERAL}))
    assert refusal(duty(), begun, DISTRICT.crediting) is Refused.RESIDENT_INITIATED
    assert refusal(duty(), begun, everybody) is None


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


def test_a20_a_visit_by_somebody_who_must_not_go_discharges_nothing_and_makes_up_for_nothing() -> None:
    assert {refused(duty(tier), contact(recused=True)) for tier in TIERS} == {Refused.RECUSED}
    assert state(duty(), [contact("2026-04-03", recused=True)], "2026-04-08").made_up_on is None


@pytest.mark.parametrize(
    ("made", "counts"),
    [
        ({"role": "street_advisor", "by_street_advisor": True}, True),
        ({"role": "street_advisor", "approved": True}, True),
        ({"role": "street_advisor"}, False),
        ({"role": "volunteer", "by_street_advisor": True}, False),
        ({"role": "street_advisor", "by_street_advisor": True, "recused": True}, False),
        ({"role": "street_advisor", "by_street_advisor": True, "met": False}, False),
    ],
)
def test_a20_only_a_street_advisors_own_or_confirmed_visit_is_a_look_again(made: dict[str, Any], counts: bool) -> None:
    assert contact(**made).looks_again is counts


def test_a21_an_entry_more_than_fifteen_days_after_the_close_waits_for_approval() -> None:
    assert refused(duty(), contact(entered_on="2026-04-15")) is None
    assert refused(duty(), contact(entered_on="2026-04-16")) is Refused.NEEDS_APPROVAL
    assert refused(duty(), contact(entered_on="2026-04-16", approved=True)) is None
    assert refused(RESPONSE, contact(entered_on="2026-09-01")) is None


def state(owed: Owed, contacts: Sequence[Contact], today: str) -> Settled:
    return settle(owed, contacts, DISTRICT.crediting, today=day(today))


def test_a35_a_month_is_open_through_its_last_day_and_missed_for_good_from_the_next() -> None:
    assert state(duty(), [], "2026-03-31").state == "open"
    assert state(duty(), [], "2026-04-01").state == "missed"
    after = contact("2026-04-08")
    assert state(duty(), [after], "2026-04-08") == Settled("missed", made_up=after)


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
    assert state(duty(), [made], "2026-04-02") == Settled("met", made, late_entry=True, face_to_face=True)
    in_time = contact("2026-03-25", entered_on="2026-03-31")
    assert state(duty(), [in_time], "2026-04-02") == Settled("met", in_time, face_to_face=True)


def test_a42_a_month_counts_as_face_to_face_when_any_qualifying_home_visit_lies_in_it_whichever_credited_it() -> None:
    quarter = duty(KEY)
    called, unmet, visited = (
        contact("2026-03-21", mode="phone"),
        contact("2026-03-22", met=False),
        contact("2026-03-28"),
    )
    assert state(quarter, [called, unmet], "2026-03-31") == Settled("met", called)
    assert state(quarter, [called, visited], "2026-03-31") == Settled("met", called, face_to_face=True)
    assert not state(quarter, [called, contact("2026-04-01")], "2026-04-01").face_to_face


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
