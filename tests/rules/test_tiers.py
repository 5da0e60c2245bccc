"""The district's tiers: the worked cases whole, and the settled questions one by one."""

import json
from datetime import date
from pathlib import Path

import pytest

from rules.facts import Person, Tier
from rules.policies import NotInForce, load_policies
from rules.rulebook import Rulebook
from tests.rules.people import (
    aid,
    change,
    disability,
    from_raw,
    illness,
    outreach,
    person,
    street_tag,
    warning,
)

CASES = Path(__file__).parent / "cases" / "tiers.jsonl"
DISTRICT = Rulebook(load_policies())


def tier(somebody: Person, on: str) -> Tier:
    return DISTRICT.verdict(somebody, date.fromisoformat(on)).tier


def test_every_worked_case_gets_its_tier() -> None:
    cases = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    wrong = [case for case in cases if tier(from_raw(case), case["on"]).value != case["tier"]]
    assert len(cases) == 60
    assert wrong == []


def test_a_stroke_makes_somebody_on_the_edge_of_aid_high_from_that_day() -> None:
    ill = person("1970-01-01", aid("dibao_edge"), change("serious_illness", "2026-03-20"))
    assert (tier(ill, "2026-03-19"), tier(ill, "2026-03-20")) == (Tier.GENERAL, Tier.HIGH)


def test_an_undecided_change_keeps_somebody_high_past_ninety_days() -> None:
    hurt = person("1970-01-01", aid("dibao_urban"), change("accident", "2026-03-20"))
    assert [tier(hurt, day) for day in ("2026-06-18", "2026-06-19", "2027-03-20")] == [Tier.HIGH] * 3


def test_a_closed_change_ends_with_its_last_day() -> None:
    closed = person(
        "1970-01-01",
        aid("dibao_edge"),
        change("serious_illness", "2026-03-20", until="2026-06-24"),
        illness("diagnosis", "2026-06-25"),
    )
    assert (tier(closed, "2026-06-24"), tier(closed, "2026-06-25")) == (Tier.HIGH, Tier.KEY)


def test_a_scattered_tekun_person_is_key_until_the_seventieth_birthday_and_high_from_it() -> None:
    scattered = person("1956-07-15", aid("tekun", support="scattered"))
    assert (tier(scattered, "2026-07-14"), tier(scattered, "2026-07-15")) == (Tier.KEY, Tier.HIGH)


def test_somebody_born_on_a_leap_day_is_seventy_on_28_february_of_a_common_year() -> None:
    scattered = person("1956-02-29", aid("tekun", support="scattered"))
    assert (tier(scattered, "2026-02-27"), tier(scattered, "2026-02-28")) == (Tier.KEY, Tier.HIGH)


def test_a_leap_day_birthday_is_kept_in_a_leap_year() -> None:
    scattered = person("1958-02-28", aid("tekun", support="scattered"))
    leap = person("1960-02-29", aid("tekun", support="scattered"))
    assert tier(scattered, "2028-02-28") is Tier.HIGH
    assert (tier(leap, "2030-02-27"), tier(leap, "2030-02-28")) == (Tier.KEY, Tier.HIGH)


@pytest.mark.parametrize("extra", [(), (illness("diagnosis", "2025-01-01"),), (disability(1, 1),)])
def test_a_tekun_person_in_an_institution_is_general_and_key_only_if_ill_or_disabled(extra: tuple[()]) -> None:
    assert tier(person("1940-01-01", aid("tekun", support="centralised"), *extra), "2026-03-01") is (
        Tier.KEY if extra else Tier.GENERAL
    )


def test_outreach_tags_alone_give_no_tier() -> None:
    assert tier(person("1970-01-01", outreach("potential"), outreach("other_concern")), "2026-03-01") is Tier.NONE


def test_a_covered_tag_beside_an_outreach_tag_is_general() -> None:
    both = person("1970-01-01", aid("dibao_urban"), outreach("covered_more_possible"))
    assert tier(both, "2026-03-01") is Tier.GENERAL


def test_an_accident_of_somebody_impoverished_by_expenses_changes_no_tier() -> None:
    hurt = person("1970-01-01", aid("expenditure_poor"), change("accident", "2026-03-20"))
    assert tier(hurt, "2026-03-20") is Tier.GENERAL


def test_somebody_impoverished_by_expenses_who_falls_gravely_ill_is_key_while_it_lasts() -> None:
    ill = person("1970-01-01", aid("expenditure_poor"), change("serious_illness", "2026-03-20", until="2026-04-20"))
    assert [tier(ill, day) for day in ("2026-03-19", "2026-03-20", "2026-04-20", "2026-04-21")] == [
        Tier.GENERAL,
        Tier.KEY,
        Tier.KEY,
        Tier.GENERAL,
    ]


def test_a_warning_counts_through_its_anniversary_whatever_its_end() -> None:
    warned = person("1970-01-01", warning("2026-02-01", until="2026-02-10"))
    assert [tier(warned, day) for day in ("2026-01-31", "2026-02-01", "2027-02-01", "2027-02-02")] == [
        Tier.NONE,
        Tier.GENERAL,
        Tier.GENERAL,
        Tier.NONE,
    ]


def test_a_warning_of_a_leap_day_counts_through_28_february() -> None:
    warned = person("1970-01-01", warning("2028-02-29"))
    assert (tier(warned, "2029-02-28"), tier(warned, "2029-03-01")) == (Tier.GENERAL, Tier.NONE)


def test_the_latest_push_counts() -> None:
    warned = person("1970-01-01", warning("2025-02-01"), warning("2025-12-01"))
    assert (tier(warned, "2026-12-01"), tier(warned, "2026-12-02")) == (Tier.GENERAL, Tier.NONE)


def test_somebody_only_warned_stays_general_though_ill_and_disabled() -> None:
    warned = person("1970-01-01", warning("2026-02-01"), illness("diagnosis", "2026-02-01"), disability(1, 1))
    assert tier(warned, "2026-03-01") is Tier.GENERAL


def test_an_illness_found_on_a_visit_counts_once_confirmed() -> None:
    found = person("1970-01-01", aid("dibao_edge"), illness("found_on_visit", "2026-03-01"))
    confirmed = person("1970-01-01", aid("dibao_edge"), illness("found_on_visit", "2026-03-01", None, "2026-03-06"))
    assert tier(found, "2026-12-31") is Tier.GENERAL
    assert (tier(confirmed, "2026-03-05"), tier(confirmed, "2026-03-06")) == (Tier.GENERAL, Tier.KEY)


@pytest.mark.parametrize(
    ("category", "grade", "severe"),
    [(1, 1, True), (4, 2, True), (7, 2, True), (5, 3, True), (6, 3, True), (1, 3, False), (7, 3, False), (5, 4, False)],
)
def test_grades_1_and_2_are_severe_and_grade_3_where_intellectual_or_mental(
    category: int, grade: int, severe: bool
) -> None:
    certified = person("1970-01-01", aid("dibao_edge"), disability(category, grade))
    assert tier(certified, "2026-03-01") is (Tier.KEY if severe else Tier.GENERAL)


def test_an_expired_disability_certificate_keeps_counting() -> None:
    expired = person("1970-01-01", aid("dibao_edge"), disability(1, 1, since="2025-02-01", until="2025-12-31"))
    assert (tier(expired, "2025-01-31"), tier(expired, "2026-03-01")) == (Tier.GENERAL, Tier.KEY)


def test_the_severe_disability_aid_tag_counts_as_severe_disability_while_in_force() -> None:
    aided = person("1970-01-01", aid("severe_disability_aid", until="2026-03-31"), aid("dibao_edge"))
    assert (tier(aided, "2026-03-31"), tier(aided, "2026-04-01")) == (Tier.KEY, Tier.GENERAL)


def test_the_tier_ends_with_the_tag() -> None:
    left = person("1970-01-01", aid("dibao_urban", until="2026-03-31"))
    assert (tier(left, "2026-03-31"), tier(left, "2026-04-01")) == (Tier.GENERAL, Tier.NONE)


def test_nothing_counts_before_its_first_day() -> None:
    later = person("1970-01-01", aid("dibao_urban", since="2026-03-02"), disability(1, 1, since="2026-03-02"))
    assert (tier(later, "2026-03-01"), tier(later, "2026-03-02")) == (Tier.NONE, Tier.KEY)


def test_a_tier_ends_after_the_day_of_death() -> None:
    departed = person("1940-01-01", aid("tekun", support="scattered"), died_on="2026-05-09")
    assert (tier(departed, "2026-05-09"), tier(departed, "2026-05-10")) == (Tier.HIGH, Tier.NONE)


def test_somebody_whose_birth_date_is_unknown_is_not_taken_for_seventy() -> None:
    assert tier(person(None, aid("tekun", support="scattered")), "2026-03-01") is Tier.KEY


def test_a_street_tag_means_nothing_to_the_district() -> None:
    assert tier(person("1930-01-01", street_tag("living_alone")), "2026-03-01") is Tier.NONE


def test_a_day_before_the_first_policy_is_an_error_not_a_guess() -> None:
    with pytest.raises(NotInForce):
        tier(person("1970-01-01", aid("dibao_urban", since="2020-01-01")), "2024-07-22")
    assert tier(person("1970-01-01", aid("dibao_urban", since="2020-01-01")), "2024-07-23") is Tier.GENERAL
