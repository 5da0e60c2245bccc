"""Tasks over HTTP: found, filtered, taken, handed on, settled."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
FIELDS = {
    "task_id",
    "kind",
    "state",
    "resident",
    "tier",
    "due_on",
    "planned_on",
    "overdue",
    "lamp",
    "duties",
    "why",
    "assignee",
    "assigned_because",
    "escalation_level",
}


def tasks(door: Door, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = door.get("/v1/tasks", headers, **query)["items"]
    return found


def test_a_task_says_who_what_until_when_and_why(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.resident(DIBAO, CHANGE)
    [task] = tasks(door, advisor, mine=True)
    assert task.keys() >= FIELDS
    assert set(task["resident"]) == {"resident_id", "name", "committee", "committee_name"}
    assert task["resident"]["name"] == "测试"
    assert task["assignee"]["user_id"] == door.id_of(advisor)
    assert "二（一）" in task["why"]
    assert {(duty["kind"], duty["period"]) for duty in task["duties"]} == {("periodic", "2026-03"), ("response", None)}
    whole = door.get(f"/v1/tasks/{task['task_id']}", advisor)
    assert whole["history"][0]["what"] == "opened"
    assert {name: whole[name] for name in task} == task


def test_filters_and_pages_tell_the_same_story(door: Door) -> None:
    officer, advisor = door.person("district_officer"), door.person("committee_advisor")
    for facts in ((DIBAO, CHANGE), (POOR,), (POOR,), (POOR,), (POOR,)):
        door.resident(*facts)
    everything = tasks(door, officer)
    assert [task["due_on"] for task in everything] == sorted(task["due_on"] for task in everything)
    assert [task["tier"] for task in tasks(door, officer, tier="high")] == ["high"]
    assert len(tasks(door, officer, state="open", kind="visit", committee="310117001001")) == 5
    assert tasks(door, officer, kind="decision") == []
    assert tasks(door, officer, due_before="2026-03-25") == []
    assert len(tasks(door, officer, due_before="2026-06-30")) == 1
    assert tasks(door, officer, overdue=True) == []
    assert len(tasks(door, officer, overdue=False)) == 5
    assert len(tasks(door, officer, updated_since="2026-03-20T00:00:00+08:00")) == 5
    assert tasks(door, officer, updated_since="2026-03-21T00:00:00+08:00") == []
    assert len(tasks(door, advisor, mine=True)) == 5
    for query in ({}, {"updated_since": "2026-03-20T00:00:00+08:00"}):
        seen: list[str] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            page = door.get("/v1/tasks", officer, limit=2, **query, **({"cursor": cursor} if cursor else {}))
            seen += [task["task_id"] for task in page["items"]]
            cursor = page["next_cursor"]
        assert sorted(seen) == sorted(task["task_id"] for task in everything)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": "many"},
        {"cursor": "x"},
        {"cursor": "WyIyMDI2Il0"},
        {"state": ""},
        {"state": "finished"},
        {"kind": "walk"},
        {"tier": "highest"},
        {"overdue": "perhaps"},
        {"due_before": "2026-02-30"},
        {"due_before": "1774000000"},
        {"updated_since": "2026-03-20T00:00:00"},
        {"committee": "\x00"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(door: Door, query: dict[str, Any]) -> None:
    officer = door.person("district_officer")
    assert is_problem(door.client.get("/v1/tasks", headers=officer, params=query), 422)


def test_a_large_limit_is_cut(door: Door) -> None:
    assert door.get("/v1/tasks", door.person("district_officer"), limit=10**12)["items"] == []


def test_the_lamp_warns_in_the_last_third_or_the_last_week_of_a_month(door: Door) -> None:
    officer = door.person("district_officer")
    general = door.resident(POOR)
    [task] = tasks(door, officer)
    assert (task["due_on"], task["lamp"]) == ("2026-06-30", "none")
    lamps = {}
    for day in (date(2026, 5, 1), date(2026, 5, 2), date(2026, 6, 30), date(2026, 7, 1)):
        door.world.go_to(day)
        [task] = [one for one in tasks(door, officer, state="open") if one["resident"]["resident_id"] == general]
        lamps[day.isoformat()] = (task["lamp"], task["overdue"])
    assert lamps == {
        "2026-05-01": ("none", False),
        "2026-05-02": ("due_soon", False),
        "2026-06-30": ("due_soon", False),
        "2026-07-01": ("overdue", True),
    }


def test_a_month_turns_to_due_soon_seven_days_before_its_end(door: Door) -> None:
    officer, advisor = door.person("district_officer"), door.person("committee_advisor")
    high = door.resident({**DIBAO, "tag": "tekun", "support": "scattered"}, CHANGE)
    assert door.visit(advisor, high).status_code == 201
    assert tasks(door, officer, tier="key", state="open") == []
    old = door.world.register({**DIBAO, "tag": "tekun", "support": "scattered"}, born=date(1950, 1, 1))
    identity = str(old.row.resident_id)
    lamps = {}
    for day in (24, 25):
        door.world.go_to(date(2026, 3, day))
        [task] = [one for one in tasks(door, officer, state="open") if one["resident"]["resident_id"] == identity]
        lamps[day] = task["lamp"]
    assert lamps == {24: "none", 25: "due_soon"}


def test_two_who_want_the_same_task_are_told_who_has_it(door: Door) -> None:
    door.resident(DIBAO, CHANGE)
    first, second, manager = (
        door.person(role) for role in ("committee_advisor", "committee_advisor", "street_manager")
    )
    [task] = tasks(door, manager)
    assert task["assignee"] is None
    path = f"/v1/tasks/{task['task_id']}"
    claimed = door.client.post(f"{path}/claim", headers=first)
    assert claimed.json()["assignee"]["user_id"] == door.id_of(first)
    late = door.client.post(f"{path}/claim", headers=second)
    assert is_problem(late, 409, "taken")
    assert claimed.json()["assignee"]["name"] in late.json()["detail"]
    assert is_problem(door.client.post(f"{path}/release", headers=second, json={"reason": "病假"}), 403)
    released = door.client.post(f"{path}/release", headers=first, json={"reason": "病假"})
    assert released.json()["assignee"] is None
    # Asked again because the answer got lost: it is nobody's, rather than somebody else's.
    assert is_problem(door.client.post(f"{path}/release", headers=first, json={"reason": "病假"}), 409)
    pulled = door.client.post("/v1/tasks/pull", headers=second, json={"max": 5})
    assert [one["task_id"] for one in pulled.json()["items"]] == [task["task_id"]]
    given = door.client.post(f"{path}/assign", headers=manager, json={"user_id": door.id_of(first), "reason": "熟悉"})
    assert given.json()["assignee"]["user_id"] == door.id_of(first)
    words = [one["what"] for one in door.get(path, manager)["history"]]
    assert words == ["opened", "claimed", "released", "pulled", "assigned"]
    assert is_problem(
        door.client.post(f"{path}/assign", headers=first, json={"user_id": str(uuid4()), "reason": "x"}), 403
    )


def test_two_closed_doors_raise_a_welfare_check_that_is_completed_by_hand(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.resident(DIBAO, CHANGE)
    [task] = tasks(door, advisor)
    for day in (date(2026, 3, 20), date(2026, 3, 23)):
        door.world.go_to(day)
        attempt = {"outcome": "not_home", "on": day.isoformat()}
        answer = door.client.post(f"/v1/tasks/{task['task_id']}/attempts", headers=advisor, json=attempt)
        assert answer.status_code == 201, answer.text
    [check] = tasks(door, advisor, kind="welfare_check")
    done = door.client.post(f"/v1/tasks/{check['task_id']}/complete", headers=advisor, json={"result": "已联系上"})
    assert done.json()["state"] == "done"
    assert is_problem(
        door.client.post(f"/v1/tasks/{check['task_id']}/complete", headers=advisor, json={"result": "再次"}), 409
    )


def test_a18_hospital_becomes_a_pause_that_the_street_advisor_confirms(door: Door) -> None:
    advisor, street = door.person("committee_advisor"), door.person("street_advisor")
    resident = door.resident(DIBAO, CHANGE)
    [task] = tasks(door, advisor, mine=True)
    for _ in range(2):
        # Said again it is answered the same.
        path = f"/v1/tasks/{task['task_id']}/attempts"
        answer = door.client.post(path, headers=advisor, json={"outcome": "hospital", "on": "2026-03-20"})
        assert (answer.status_code, answer.json()["task_id"]) == (201, task["task_id"]), answer.text
    early = door.client.post(path, headers=advisor, json={"outcome": "hospital", "on": "2026-03-19"})
    assert is_problem(early, 422)
    [confirm] = tasks(door, street, kind="confirm")
    path = f"/v1/tasks/{confirm['task_id']}/decide"
    assert is_problem(door.client.post(path, headers=street, json={"outcome": "pause"}), 422)
    said = {"outcome": "pause", "from": "2026-03-01", "until": "2026-03-31"}
    decided = door.client.post(path, headers=street, json=said)
    assert (decided.status_code, decided.json()["state"]) == (200, "done"), decided.text
    door.world.settle()
    march = [
        duty for duty in door.get(f"/v1/residents/{resident}/duties", street)["items"] if duty["period"] == "2026-03"
    ]
    assert [(duty["state"], duty["reason"]) for duty in march] == [("excused", "pause")]


def test_a_street_advisor_excuses_a_duty_and_decides_an_old_change(door: Door) -> None:
    street, committee = door.person("street_advisor"), door.person("committee_advisor")
    resident = door.resident(DIBAO, CHANGE)
    [task] = tasks(door, committee)
    excuse = {"kind": "response", "reason": "两次拒访"}
    assert is_problem(door.client.post(f"/v1/tasks/{task['task_id']}/excuse", headers=committee, json=excuse), 403)
    answer = door.client.post(f"/v1/tasks/{task['task_id']}/excuse", headers=street, json=excuse)
    assert answer.status_code == 200, answer.text
    assert [duty["kind"] for duty in answer.json()["duties"]] == ["periodic"]
    door.world.go_to(date(2026, 6, 16))
    [decision] = tasks(door, street, kind="decision")
    path = f"/v1/tasks/{decision['task_id']}/decide"
    assert is_problem(door.client.post(path, headers=street, json={"outcome": "confirm", "result": "x"}), 422)
    decided = door.client.post(path, headers=street, json={"outcome": "close", "result": "已恢复"})
    assert decided.status_code == 200, decided.text
    assert decided.json()["state"] == "done"
    door.world.settle()
    assert door.get(f"/v1/residents/{resident}", street)["tier"] == "general"


def test_escalations_show_each_level_once_and_in_order(door: Door) -> None:
    officer, advisor = door.person("district_officer"), door.person("committee_advisor")
    door.person("street_advisor")
    door.person("street_manager")
    door.resident(DIBAO, CHANGE)
    [task] = tasks(door, officer)
    door.world.go_to(date(2026, 4, 20))
    steps = door.get("/v1/escalations", officer, task_id=task["task_id"])["items"]
    assert [step["level"] for step in steps] == [1, 2, 3, 4, 5]
    assert [step["to"] for step in steps] == [
        "assignee",
        "assignee",
        "street_advisor",
        "street_manager",
        "district_officer",
    ]
    assert len(door.get("/v1/escalations", officer, level=3)["items"]) == 1
    assert len(door.get("/v1/escalations", officer, limit=2)["items"]) == 2
    told = door.get("/v1/notifications", advisor)["items"]
    assert {one["task_id"] for one in told} == {task["task_id"]}
    assert door.get("/v1/tasks", officer, overdue=True)["items"][0]["escalation_level"] == 5
