"""The main job, over HTTP only: from the push to the credit; and then nobody goes."""

from collections.abc import Callable

import pytest

from core.store.ids import uuid7
from tests.journeys.instance import Instance

PERSON = {
    "id_number": "319999196001010040",
    "name": "张三",
    "street": "310117001",
    "committee": "310117001001",
}


@pytest.fixture
def instance(make_instance: Callable[..., Instance]) -> Instance:
    made = make_instance(now="2026-03-20T09:00:00+08:00")
    made.add_user("district", "district_officer")
    made.add_user("manager", "street_manager", street="310117001")
    made.add_user("advisor", "street_advisor", street="310117001")
    made.add_user("li", "committee_advisor", street="310117001", committees=["310117001001"], name="李顾问")
    return made


def form(resident_id: str, on: str, mode: str) -> dict[str, object]:
    return {
        "visit_id": str(uuid7()),
        "resident_ids": [resident_id],
        "mode": mode,
        "participants": ["李顾问"],
        "service_date": on,
        "duration_hours": 0.5,
        "services": ["care"],
        "initiated_by": "advisor",
        "narrative": "了解近况。",
    }


def test_example_1_from_the_push_to_the_credit_and_then_nobody_visits_in_april(instance: Instance) -> None:
    key = instance.add_key()
    register = instance.event(
        "resident.registered",
        {
            "person": PERSON,
            "facts": [{"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01", "valid_to": None}],
        },
        time="2026-03-19T09:00:00+08:00",
    )
    stroke = instance.event(
        "change.serious_illness",
        {"person": {"id_number": PERSON["id_number"]}, "happened_on": "2026-03-20"},
        time="2026-03-20T09:00:00+08:00",
    )
    answer = instance.call("POST", "/v1/alerts", by=key, json=[register, stroke], expect=202)
    assert answer == {"accepted": 2, "duplicates": 0, "rejected": []}
    instance.settle()

    # The right advisor has a visit to make, and knows why.
    [task] = instance.call("GET", "/v1/tasks?mine=true&state=open", by="li")["items"]
    assert task["tier"] == "high"
    assert task["due_on"] == "2026-03-27"
    assert task["assignee"]["name"] == "李顾问"
    assert "二（一）" in task["why"]
    assert task["resident"]["name"] == "张三"
    assert {duty["kind"]: duty["due_on"] for duty in task["duties"]} == {
        "periodic": "2026-03-31",
        "response": "2026-03-27",
    }
    resident_id = task["resident"]["resident_id"]
    [alert] = instance.call("GET", f"/v1/alerts?id={stroke['id']}", by=key)["items"]
    assert (alert["status"], alert["tier_after"], alert["task_ids"]) == ("processed", "high", [task["task_id"]])

    # A call does not discharge a high-risk month; the home visit of the 30th does.
    instance.go_to("2026-03-28T10:00:00+08:00")
    call = instance.call("POST", "/v1/visits", by="li", json=form(resident_id, "2026-03-28", "phone"), expect=201)
    assert {one["because"] for one in call["not_credited"]} == {"mode"}
    instance.go_to("2026-03-30T10:00:00+08:00")
    home = form(resident_id, "2026-03-30", "home_visit")
    credited = instance.call("POST", "/v1/visits", by="li", json=home, expect=201)
    assert {one["duty"]["period"]: one["state"] for one in credited["credits"]} == {"2026-03": "met", None: "late"}
    assert instance.call("POST", "/v1/visits", by="li", json=home, expect=200) == credited
    assert instance.call("GET", "/v1/tasks?mine=true&state=open", by="li")["items"] == []

    # April is owed, nobody goes, and the chain is climbed to the district, each level once.
    instance.go_to("2026-05-20T12:00:00+08:00")
    [task] = instance.call("GET", "/v1/tasks?mine=true&state=open", by="li")["items"]
    assert task["overdue"] is True
    steps = instance.call("GET", f"/v1/escalations?task_id={task['task_id']}", by="district")["items"]
    steps.sort(key=lambda step: step["level"])
    assert [(step["level"], step["to"], step["fired_at"][:10]) for step in steps] == [
        (1, "assignee", "2026-04-27"),
        (2, "assignee", "2026-05-06"),
        (3, "street_advisor", "2026-05-08"),
        (4, "street_manager", "2026-05-11"),
        (5, "district_officer", "2026-05-18"),
    ]
    duties = instance.call("GET", f"/v1/residents/{resident_id}/duties", by="li")["items"]
    assert {duty["period"]: duty["state"] for duty in duties if duty["period"]} == {
        "2026-03": "met",
        "2026-04": "missed",
        "2026-05": "open",
    }
    decision = instance.call("GET", f"/v1/residents/{resident_id}/decision?on=2026-03-31", by="li")
    assert decision["tier"] == "high"
    assert decision["reasons"][0]["rule"] == "high.major_change"
