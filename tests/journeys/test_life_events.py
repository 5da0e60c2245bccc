"""Reported dead, met afterwards, restored; ended, said again; moved: over HTTP only (A23, A40, A44)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.instance import Instance
from tests.journeys.test_main_job import PERSON, form

WHO = {"id_number": PERSON["id_number"]}
AID = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01", "valid_to": None}


@pytest.fixture
def instance(make_instance: Callable[..., Instance]) -> Instance:
    made = make_instance(now="2026-03-20T09:00:00+08:00")
    made.add_user("district", "district_officer")
    made.add_user("manager", "street_manager", street="310117001")
    made.add_user("advisor", "street_advisor", street="310117001")
    made.add_user("li", "committee_advisor", street="310117001", committees=["310117001001"], name="李顾问")
    made.add_user("there", "street_advisor", street="310117002")
    return made


class Story:
    """One resident, and what is told about them."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.key = instance.add_key()
        self.tell("resident.registered", person=PERSON, facts=[AID], time="2026-03-19T09:00:00+08:00")
        self.tell("change.serious_illness", happened_on="2026-03-20", time="2026-03-20T09:00:00+08:00")
        self.id = self.get("/v1/residents", by="district")["items"][0]["resident_id"]

    def tell(self, event_type: str, *, time: str, person: dict[str, str] = WHO, **data: Any) -> dict[str, Any]:
        """Send an event and let everything due happen; returns the alert as its sender sees it."""
        event = self.instance.event(event_type, {"person": person, **data}, time=time)
        self.instance.call("POST", "/v1/alerts", by=self.key, json=[event], expect=202)
        self.instance.settle()
        return self.alert(event["id"])

    def alert(self, event_id: str) -> dict[str, Any]:
        [found] = self.get(f"/v1/alerts?id={event_id}", by=self.key)["items"]
        alert: dict[str, Any] = found
        return alert

    def get(self, path: str, *, by: str = "advisor", **rest: Any) -> Any:
        return self.instance.call("GET", path, by=by, **rest)

    def open_tasks(self, by: str = "advisor") -> dict[str, dict[str, Any]]:
        items = self.get(f"/v1/tasks?resident_id={self.id}&state=open", by=by)["items"]
        return {task["kind"]: task for task in items}

    def months(self, by: str = "advisor") -> dict[str, str]:
        items = self.get(f"/v1/residents/{self.id}/duties", by=by)["items"]
        return {duty["period"]: duty["state"] for duty in items if duty["period"] and "H" not in duty["period"]}


@pytest.fixture
def story(instance: Instance) -> Story:
    return Story(instance)


def test_a23_reported_dead_met_afterwards_and_restored_as_if_never_said(story: Story) -> None:
    instance = story.instance
    home = form(story.id, "2026-03-20", "home_visit")
    instance.call("POST", "/v1/visits", by="li", json=home, expect=201)
    instance.go_to("2026-05-11T09:00:00+08:00")
    story.tell("resident.died", on="2026-04-09", time="2026-05-11T09:00:00+08:00")
    assert story.open_tasks() == {}
    assert story.months() == {"2026-03": "met", "2026-04": "excused", "2026-05": "cancelled"}
    steps = len(story.get("/v1/escalations", by="district")["items"])

    instance.go_to("2026-06-10T09:00:00+08:00")
    assert len(story.get("/v1/escalations", by="district")["items"]) == steps
    visit = form(story.id, "2026-06-10", "home_visit")
    receipt = instance.call("POST", "/v1/visits", by="li", json=visit, expect=201)
    assert receipt["credits"] == []
    [raised] = receipt["raised"]
    task = story.open_tasks()["confirm"]
    assert raised["task_id"] == task["task_id"]
    assert "2026-04-09" in task["why"]
    assert "2026-06-10" in task["why"]

    decision = {"outcome": "restore", "result": "同名他人去世，本人健在"}
    instance.call("POST", f"/v1/tasks/{task['task_id']}/decide", by="advisor", json=decision)
    instance.settle()
    assert story.get(f"/v1/residents/{story.id}")["died_on"] is None
    assert story.months() == {"2026-03": "met", "2026-04": "missed", "2026-05": "missed", "2026-06": "met"}
    again = story.tell("resident.died", on="2026-04-09", time="2026-06-10T09:00:00+08:00")
    assert again["status"] == "processed"


def test_a23_restore_is_for_the_street_and_the_district_and_needs_something_to_restore(story: Story) -> None:
    instance, path = story.instance, f"/v1/residents/{story.id}/restore"
    assert instance.call("POST", path, by="advisor", json={"reason": "误报"}, expect=409)["code"] == "conflict"
    instance.go_to("2026-03-24T09:00:00+08:00")
    story.tell("resident.left", on="2026-03-23", time="2026-03-24T09:00:00+08:00")
    assert "visit" in story.open_tasks()
    assert story.months() == {"2026-03": "cancelled"}
    instance.call("POST", path, by="li", json={"reason": "误报"}, expect=403)
    instance.call("POST", path, by="there", json={"reason": "误报"}, expect=404)
    for who in ("manager", "district"):
        instance.call("POST", path, by=who, json={"reason": "误报"}, expect=202)
    instance.settle()
    assert story.months() == {"2026-03": "open"}


def test_a40_and_a44_what_was_ended_stays_ended_and_what_fits_two_waits_for_a_word(story: Story) -> None:
    instance = story.instance
    instance.go_to("2026-03-24T09:00:00+08:00")
    story.tell("change.accident", happened_on="2026-03-20", time="2026-03-24T08:00:00+08:00")
    end = {"kind": "major_change", "on": "2026-03-23"}
    unclear = story.tell("fact.ended", time="2026-03-24T08:30:00+08:00", **end)
    assert (unclear["status"], unclear["problem_code"]) == ("quarantined", "ambiguous")
    assert unclear["problem"]
    corrected = {"data": {"person": WHO, **end, "cause": "accident"}}
    instance.call("POST", f"/v1/alerts/{unclear['alert_id']}/replay", by="manager", json=corrected)
    instance.settle()
    assert story.alert(unclear["id"])["status"] == "processed"
    again = story.tell("change.accident", happened_on="2026-03-20", time="2026-03-24T09:00:00+08:00")
    assert (again["status"], again["problem_code"]) == ("processed", "ended_since")
    assert again["problem"]
    facts = story.get(f"/v1/residents/{story.id}")["facts"]
    assert {fact["cause"]: fact["valid_to"] for fact in facts if fact["kind"] == "major_change"} == {
        "serious_illness": None,
        "accident": "2026-03-23",
    }


def test_a23_a_move_takes_everything_along_and_the_old_street_sees_nothing_any_more(story: Story) -> None:
    instance = story.instance
    instance.go_to("2026-04-10T09:00:00+08:00")
    story.tell("lead.reported", channel="neighbour", description="几天没见人", time="2026-04-10T08:00:00+08:00")
    before = story.get(f"/v1/residents/{story.id}/timeline")["items"]
    to = {"to_street": "310117002", "to_committee": "310117002003"}
    story.tell("resident.moved", on="2026-04-10", time="2026-04-10T09:00:00+08:00", **to)
    story.get(f"/v1/residents/{story.id}", by="advisor", expect=404)
    assert set(story.open_tasks(by="there")) == {"visit", "lead"}
    after = story.get(f"/v1/residents/{story.id}/timeline", by="there")["items"]
    kept = {(line["what"], line["at"]) for line in before}
    assert {what for what, _ in kept} >= {"alert", "fact", "decision", "duty", "task", "escalation"}
    assert kept <= {(line["what"], line["at"]) for line in after}
