"""Why somebody has a tier, why not a higher one, and what else a decision says."""

from datetime import date
from typing import Any

from rules.coverage import CoverageVersion, parse_coverage
from rules.facts import Fact, FactKind, Person
from rules.policies import load_policies
from rules.rulebook import Rulebook
from tests.rules.people import aid, change, disability, illness, outreach, person, street_tag, warning

DISTRICT = Rulebook(load_policies())
STREET = Rulebook(
    load_policies(),
    [
        CoverageVersion(
            3,
            date(2026, 1, 1),
            parse_coverage(
                """
                tags:
                  living_alone: 独居
                rules:
                  - id: old_and_alone
                    tier: key
                    label: 80岁以上独居老人
                    when: {all: [{age_at_least: 80}, {tag: living_alone}]}
                  - id: events_count_for_expenditure_poor
                    tier: high
                    label: 遭遇重大变故的支出型贫困对象
                    when: {all: [{assistance: [expenditure_poor]}, {major_change_open: true}]}
                """
            ),
        )
    ],
)


def decide(somebody: Person, on: str, rulebook: Rulebook = DISTRICT) -> dict[str, Any]:
    return rulebook.decide(somebody, date.fromisoformat(on)).as_dict()


def names(decision: dict[str, Any], part: str = "reasons") -> list[str]:
    return [each["rule"] for each in decision[part]]


def test_every_route_whose_own_conditions_hold_is_a_reason_highest_tier_first() -> None:
    old_and_ill = person("1940-01-01", aid("tekun", support="scattered"), illness("diagnosis", "2026-01-01"))
    assert names(decide(old_and_ill, "2026-03-01")) == [
        "high.scattered_tekun_70",
        "key.serious_illness",
        "key.scattered_tekun",
        "general.in_register",
    ]


def test_the_district_explains_before_the_street_within_a_tier() -> None:
    both = person("1940-01-01", aid("dibao_urban"), illness("diagnosis", "2026-01-01"), street_tag("living_alone"))
    decision = decide(both, "2026-03-01", STREET)
    assert [(each["rule"], each["layer"]) for each in decision["reasons"]] == [
        ("key.serious_illness", "district"),
        ("old_and_alone", "street"),
        ("general.in_register", "district"),
    ]
    assert decision["reasons"][1]["clause"] == "二（三）"
    assert decision["coverage_version"] == 3


def test_a_reason_names_its_clause_label_and_the_facts_behind_it_with_dates_and_source() -> None:
    accident = Fact(
        kind=FactKind.MAJOR_CHANGE,
        cause="accident",
        valid_from=date(2026, 3, 20),
        recorded_on=date(2026, 3, 21),
        source="/songjiang/hotline",
    )
    assert decide(person("1970-01-01", aid("dibao_edge"), accident), "2026-03-31")["reasons"][0] == {
        "rule": "high.major_change",
        "tier": "high",
        "clause": "二（一）",
        "label": "近期遭遇重大变故的低保、低保边缘对象",
        "layer": "district",
        "facts": [
            {
                "kind": "major_change",
                "cause": "accident",
                "valid_from": "2026-03-20",
                "valid_to": None,
                "recorded_on": "2026-03-21",
                "source": "/songjiang/hotline",
            },
            {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2025-01-01", "valid_to": None},
        ],
    }


def test_facts_that_are_not_in_force_explain_nothing() -> None:
    ill = person(
        "1970-01-01",
        aid("dibao_edge"),
        illness("diagnosis", "2025-01-01", until="2025-12-31"),
        illness("civil_affairs", "2026-01-01"),
    )
    assert [fact["valid_from"] for fact in decide(ill, "2026-03-01")["reasons"][0]["facts"]] == [
        "2026-01-01",
        "2025-01-01",
    ]


def test_a_near_miss_names_the_one_condition_that_failed() -> None:
    misses = decide(person("1970-01-01", aid("dibao_urban")), "2026-03-01")["near_misses"]
    assert [(each["rule"], each["failed"], each["true_from"]) for each in misses] == [
        ("high.major_change", "major_change_open", None),
        ("key.serious_illness", "serious_illness", None),
        ("key.severe_disability", "severe_disability", None),
    ]


def test_a_near_miss_names_the_birthday_that_will_turn_it() -> None:
    misses = decide(person("1956-07-15", aid("tekun", support="scattered")), "2026-03-01")["near_misses"]
    assert [(each["rule"], each["condition"], each["true_from"]) for each in misses] == [
        ("high.scattered_tekun_70", {"age_at_least": 70}, "2026-07-15")
    ]


def test_a_birthday_after_the_aid_has_ended_turns_nothing() -> None:
    leaving = person("1956-07-15", aid("tekun", until="2026-07-14", support="scattered"))
    assert decide(leaving, "2026-03-01")["near_misses"][0]["true_from"] is None


def test_nobody_nearly_misses_a_tier_they_have() -> None:
    assert (
        decide(person("1970-01-01", aid("dibao_urban"), change("other", "2026-03-01")), "2026-03-01")["near_misses"]
        == []
    )


def test_an_event_of_somebody_the_text_does_not_count_suggests_widening() -> None:
    hurt = person("1970-01-01", aid("expenditure_poor"), change("accident", "2026-03-20"))
    assert names(decide(hurt, "2026-03-20"), "suggestions") == ["high.major_change"]


def test_a_street_that_counts_the_event_needs_no_suggestion() -> None:
    hurt = person("1970-01-01", aid("expenditure_poor"), change("accident", "2026-03-20"))
    decision = decide(hurt, "2026-03-20", STREET)
    assert (decision["tier"], decision["suggestions"]) == ("high", [])
    assert names(decision)[0] == "events_count_for_expenditure_poor"


def test_an_event_of_somebody_outside_the_register_suggests_nothing() -> None:
    warned = person("1970-01-01", warning("2026-03-01"), change("accident", "2026-03-20"))
    assert decide(warned, "2026-03-20")["suggestions"] == []


def test_odd_tags_are_warned_about_and_change_nothing() -> None:
    odd = person(
        "1970-01-01",
        aid("dibao_urban"),
        aid("dibao_rural"),
        aid("dibao_edge"),
        aid("tekun", support="centralised"),
    )
    decision = decide(odd, "2026-03-01")
    assert decision["tier"] == "general"
    assert [each["code"] for each in decision["warnings"]] == [
        "dibao_urban_and_dibao_rural",
        "dibao_and_tekun",
        "dibao_and_dibao_edge",
    ]


def test_covered_and_outreach_tags_together_are_legal() -> None:
    both = person("1970-01-01", aid("dibao_urban"), outreach("covered_more_possible"))
    assert decide(both, "2026-03-01")["warnings"] == []


def test_a_decision_about_somebody_who_has_died_says_only_that() -> None:
    departed = person("1940-01-01", aid("dibao_urban"), disability(1, 1), died_on="2026-02-28")
    assert decide(departed, "2026-03-01") == {
        "on": "2026-03-01",
        "tier": "none",
        "reasons": [],
        "near_misses": [],
        "suggestions": [],
        "warnings": [],
        "policy": {"id": "songjiang-2024-33", "version": 1},
        "coverage_version": None,
        "next_change_on": None,
    }


def test_the_coverage_version_in_force_on_the_day_is_named() -> None:
    assert decide(person("1970-01-01"), "2025-12-31", STREET)["coverage_version"] is None
    assert decide(person("1970-01-01"), "2026-01-01", STREET)["coverage_version"] == 3


def test_of_two_versions_of_one_day_the_later_version_holds() -> None:
    key = parse_coverage({"rules": [{"id": "all_of_them", "tier": "key", "label": "全体", "when": {"age_below": 99}}]})
    rollback = CoverageVersion(2, date(2026, 1, 1), parse_coverage({}))
    rulebook = Rulebook(load_policies(), [rollback, CoverageVersion(1, date(2026, 1, 1), key)])
    assert rulebook.verdict(person("1970-01-01"), date(2026, 3, 1)).coverage_version == 2
    assert rulebook.verdict(person("1970-01-01"), date(2026, 3, 1)).rules == ()
