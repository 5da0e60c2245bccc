"""Why was X not visited in March? One answer: owed, responsible, tried, told, absent, and what came of it."""

from datetime import date
from typing import Any

import pytest

from tests.api.door import Door, is_problem
from tests.world import Person

# High without news that asks for a visit by itself: at home, and past 70.
TEKUN = {"kind": "assistance", "tag": "tekun", "support": "scattered", "valid_from": "2026-01-01"}
OLD = date(1950, 1, 1)
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
ILL = {"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-01-10"}


@pytest.fixture
def march(door: Door) -> Door:
    door.world.business.at = door.world.now.replace(day=2)
    return door


def why(door: Door, resident: Person, headers: dict[str, str], **query: Any) -> Any:
    return door.get(f"/v1/residents/{resident.id}/why", headers, **{"period": "2026-03", **query})


def test_a_month_in_which_nobody_went_is_explained_in_one_answer(march: Door) -> None:
    world, client = march.world, march.client
    advisor, chief = march.person("committee_advisor", name="李顾问"), march.person("street_advisor", name="周督导")
    resident = world.register(TEKUN, born=OLD)
    task = resident.task.task_id
    world.go_to(date(2026, 3, 10))
    tried = {"outcome": "not_home", "on": "2026-03-10", "note": "无人应门"}
    assert client.post(f"/v1/tasks/{task}/attempts", headers=advisor, json=tried).status_code == 201
    assert march.visit(advisor, str(resident.id), mode="phone").status_code == 201
    away = {"from": "2026-03-20", "to": "2026-03-24", "reason": "培训"}
    manager = march.person("street_manager")
    assert client.post(f"/v1/users/{march.id_of(advisor)}/absences", headers=manager, json=away).status_code == 201
    world.go_to(date(2026, 4, 13))
    answer = why(march, resident, chief)
    [owed] = answer["owed"]
    assert {name: owed[name] for name in ("kind", "tier", "period", "clause", "due_on", "state", "because")} == {
        "kind": "periodic",
        "tier": "high",
        "period": "2026-03",
        "clause": "沪松民〔2024〕33号 三（一）",
        "due_on": "2026-03-31",
        "state": "missed",
        "because": "period_closed",
    }
    assert owed["label"].startswith("二（一）")
    li = {"user_id": march.id_of(advisor), "name": "李顾问"}
    assert answer["responsible"][0]["user"] == li
    assert answer["responsible"][0]["from"] == "2026-03-02"
    assert [(one["on"], one["outcome"], one["by"]) for one in answer["tried"]] == [
        ("2026-03-10", "not_home", li),
        ("2026-03-10", "mode", li),
    ]
    assert [(one["level"], one["to"], one["at"][:10]) for one in answer["told"]] == [
        (1, "assignee", "2026-03-26"),
        (2, "assignee", "2026-04-01"),
        (3, "street_advisor", "2026-04-03"),
        (4, "street_manager", "2026-04-08"),
    ]
    assert answer["told"][2]["recipients"] == [{"user_id": march.id_of(chief), "name": "周督导"}]
    assert [(one["user"], one["from"], one["to"]) for one in answer["absent"]] == [(li, "2026-03-20", "2026-03-24")]
    assert (answer["result"], answer["because"], answer["made_up_on"]) == ("missed", "period_closed", None)

    world.go_to(date(2026, 4, 14))
    assert march.visit(advisor, str(resident.id)).status_code == 201
    assert (why(march, resident, chief)["result"], why(march, resident, chief)["made_up_on"]) == (
        "missed",
        "2026-04-14",
    )
    # As it was known in between.
    assert why(march, resident, chief, as_known_on="2026-04-13") == {**answer, "as_known_on": "2026-04-13"}
    early = why(march, resident, chief, as_known_on="2026-03-09")
    assert (early["result"], early["tried"], early["told"]) == ("open", [], [])


def test_who_had_it_from_when_to_when_and_why(march: Door) -> None:
    world, client = march.world, march.client
    li, wang = march.person("committee_advisor", name="李顾问"), march.person("visitor", name="王网格")
    resident = world.register(TEKUN, born=OLD)
    task = resident.task
    first, second = (li, wang) if str(task.assignee_id) == march.id_of(li) else (wang, li)
    world.go_to(date(2026, 3, 12))
    assert client.post(f"/v1/tasks/{task.task_id}/release", headers=first, json={"reason": "太远"}).status_code == 200
    world.go_to(date(2026, 3, 14))
    assert client.post(f"/v1/tasks/{task.task_id}/claim", headers=second).status_code == 200
    world.go_to(date(2026, 3, 15))
    assert march.visit(second, str(resident.id)).status_code == 201
    answer = why(march, resident, march.person("district_officer"))
    told = [(one["user"] and one["user"]["user_id"], one["from"], one["to"]) for one in answer["responsible"]]
    assert told == [
        (march.id_of(first), "2026-03-02", "2026-03-12"),
        (None, "2026-03-12", "2026-03-14"),
        (march.id_of(second), "2026-03-14", "2026-03-15"),
    ]
    assert answer["responsible"][2]["because"] == ["claimed"]
    assert (answer["result"], [one["outcome"] for one in answer["tried"]]) == ("met", ["visited"])


def test_a_month_is_answered_by_the_quarter_that_was_owed_and_nothing_where_nothing_was(march: Door) -> None:
    ill, listed = march.world.register(POOR, ILL), march.world.register()
    officer = march.person("district_officer")
    answer = why(march, ill, officer)
    assert ([one["period"] for one in answer["owed"]], answer["result"]) == (["2026-Q1"], "open")
    assert why(march, ill, officer, period="2026-Q1")["owed"] == answer["owed"]
    nothing = why(march, listed, officer)
    assert (nothing["owed"], nothing["responsible"], nothing["result"]) == ([], [], "not_owed")


def test_who_left_is_not_owed_and_the_answer_says_why(march: Door) -> None:
    resident = march.world.register(TEKUN, born=OLD)
    march.world.send("resident.left", resident, on="2026-03-02")
    march.world.go_to(date(2026, 3, 4))
    answer = why(march, resident, march.person("district_officer"))
    assert (answer["owed"], answer["result"], answer["because"]) == ([], "not_owed", "tier_none")


def test_a_period_that_is_none_and_a_resident_out_of_reach_are_refused(march: Door) -> None:
    resident = march.world.register(TEKUN)
    path = f"/v1/residents/{resident.id}/why"
    officer = march.person("district_officer")
    assert is_problem(march.client.get(path, headers=officer, params={"period": "2026-13"}), 422)
    assert is_problem(march.client.get(path, headers=officer), 422)
    elsewhere = march.person("street_manager", street="310117002")
    assert is_problem(march.client.get(path, headers=elsewhere, params={"period": "2026-03"}), 404)
    assert is_problem(march.client.get(path, headers=march.person("admin"), params={"period": "2026-03"}), 403)


def test_the_timeline_tells_each_change_of_a_duty_and_shows_what_is_asked_for(march: Door) -> None:
    world = march.world
    advisor = march.person("committee_advisor")
    resident = world.register(TEKUN, born=OLD)
    world.go_to(date(2026, 4, 2))
    assert march.visit(advisor, str(resident.id)).status_code == 201
    path = f"/v1/residents/{resident.id}/timeline"
    lines = march.get(path, advisor, what="duty")["items"]
    assert {line["what"] for line in lines} == {"duty"}
    assert [(one["from"], one["to"], one["because"]) for one in lines if one["period"] == "2026-03"] == [
        (None, "open", "owed"),
        ("open", "missed", "period_closed"),
        ("missed", "missed", "made_up"),
    ]
    several = march.get(path, advisor, what=["duty", "visit"])["items"]
    assert {line["what"] for line in several} == {"duty", "visit"}
    assert several == [line for line in march.get(path, advisor)["items"] if line["what"] in ("duty", "visit")]
    assert is_problem(march.client.get(path, headers=advisor, params={"what": "weather"}), 422)
