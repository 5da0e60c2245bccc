"""The settled questions of the domain that show only from outside, each under its number."""

from datetime import date

import pytest

from tests.api.door import Door
from tests.world import COMMITTEE, STREET, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
ILL = {"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-01-10"}
NEIGHBOUR = "310117001002"


def test_a11_one_home_visit_gives_each_member_of_a_household_a_credit_of_their_own(door: Door) -> None:
    members = [door.resident(EDGE) for _ in range(3)]
    answer = door.visit(door.person("committee_advisor"), *members, several_households=True).json()
    assert sorted(one["resident_id"] for one in answer["credits"]) == sorted(members)


def test_a12_of_several_reasons_the_highest_tier_counts_and_all_are_kept(door: Door) -> None:
    person = door.world.register(EDGE, ILL)
    door.world.send("change.accident", person, happened_on="2026-03-20")
    decision = door.get(f"/v1/residents/{person.id}/decision", door.person("street_advisor"))
    assert decision["tier"] == "high"
    assert [one["rule"] for one in decision["reasons"]] == [
        "high.major_change",
        "key.serious_illness",
        "general.in_register",
    ]


@pytest.mark.parametrize(
    ("first", "second"), [("dibao_urban", "dibao_rural"), ("dibao_urban", "tekun"), ("dibao_rural", "dibao_edge")]
)
def test_a13_an_odd_combination_of_tags_is_a_warning_and_never_an_error(door: Door, first: str, second: str) -> None:
    facts = [{"kind": "assistance", "tag": tag, "valid_from": "2026-01-01"} for tag in (first, second)]
    facts = [{**fact, "support": "centralised"} if fact["tag"] == "tekun" else fact for fact in facts]
    resident = door.resident(*facts)
    decision = door.get(f"/v1/residents/{resident}/decision", door.person("street_advisor"))
    assert len(decision["warnings"]) == 1


def test_a13_covered_and_outreach_together_are_legal(door: Door) -> None:
    outreach = {"kind": "outreach", "tag": "covered_more_possible", "valid_from": "2026-01-01"}
    resident = door.resident({**EDGE, "tag": "dibao_urban"}, outreach)
    decision = door.get(f"/v1/residents/{resident}/decision", door.person("street_advisor"))
    assert (decision["tier"], decision["warnings"]) == ("general", [])


def test_a24_the_tier_ends_with_the_tag_and_the_extra_months_are_none_by_default(world: World) -> None:
    resident = world.register({**EDGE, "valid_to": "2026-03-31"})
    world.go_to(date(2026, 3, 31))
    assert resident.tier == "general"
    world.go_to(date(2026, 4, 1))
    assert resident.tier == "none"


def test_a25_a_street_may_raise_a_frequency_and_never_lower_one(door: Door) -> None:
    manager = door.person("street_manager")

    def put(often: str) -> int:
        body = {"document": {"frequency": {"key": often}}, "effective_on": "2026-03-20", "comment": "x"}
        return door.client.put(f"/v1/streets/{STREET}/coverage", headers=manager, json=body).status_code

    assert (put("month"), put("half_year")) == (201, 422)


def test_a30_a_visit_of_a_heat_campaign_is_an_ordinary_visit_and_credits_the_period(door: Door) -> None:
    resident = door.resident(EDGE)
    answer = door.visit(door.person("committee_advisor"), resident, narrative="高温慰问").json()
    assert [one["duty"]["period"] for one in answer["credits"]] == ["2026-H1"]


def test_a31_a_month_is_due_soon_in_its_last_seven_days_and_overdue_the_day_after(door: Door) -> None:
    world = door.world
    advisor = door.person("committee_advisor")
    person = world.register(EDGE)
    world.send("change.accident", person, happened_on="2026-03-20")
    world.go_to(date(2026, 3, 23))
    door.visit(advisor, str(person.id))

    def lamp() -> str:
        [task] = door.get("/v1/tasks", advisor, state="open")["items"]
        return str(task["lamp"])

    world.go_to(date(2026, 4, 23))
    assert lamp() == "none"
    world.go_to(date(2026, 4, 24))
    assert lamp() == "due_soon"
    world.go_to(date(2026, 5, 1))
    assert lamp() == "overdue"


def test_a31_a_quarter_is_due_soon_in_its_last_third(door: Door) -> None:
    world = door.world
    world.business.at = world.now.replace(day=2)
    advisor = door.person("committee_advisor")
    world.register(POOR, ILL)
    world.go_to(date(2026, 3, 3))
    [task] = door.get("/v1/tasks", advisor, state="open")["items"]
    assert task["lamp"] == "due_soon"


def test_a32_a_committee_sees_its_own_a_street_its_committees_and_the_district_no_narratives(door: Door) -> None:
    own, other = door.resident(EDGE), door.resident(EDGE, committee=NEIGHBOUR)
    advisor = door.person("committee_advisor", committees=[COMMITTEE])

    def seen(by: dict[str, str]) -> set[str]:
        return {one["resident_id"] for one in door.get("/v1/residents", by)["items"]}

    assert seen(advisor) == {own}
    assert seen(door.person("street_manager")) == {own, other}
    visit = door.visit(advisor, own, narrative="家中情况").json()["visit_id"]
    assert "家中情况" in str(door.get(f"/v1/visits/{visit}", advisor))
    assert "家中情况" not in str(door.get(f"/v1/visits/{visit}", door.person("district_officer")))
