"""Many tasks handed on in one act, and slips taken back soon after they were made (A36, A39)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}


def tasks(door: Door, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = door.get("/v1/tasks", headers, **query)["items"]
    return found


def assignee(door: Door, headers: dict[str, str], task_id: str) -> str | None:
    who = door.get(f"/v1/tasks/{task_id}", headers)["assignee"]
    return who and str(who["user_id"])


def assign(door: Door, by: dict[str, str], to: str | None, *task_ids: str) -> Any:
    body = {"task_ids": list(task_ids), "user_id": to, "reason": "调整片区"}
    answer = door.client.post("/v1/tasks/assign", headers=by, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(batch: Any) -> list[tuple[str, str | None]]:
    return [(row["result"], row["because"]) for row in batch["rows"]]


def test_many_tasks_go_to_one_person_each_with_its_own_result_and_come_back_as_one(door: Door) -> None:
    manager, first = door.person("street_manager"), door.person("committee_advisor")
    for _ in range(3):
        door.resident(POOR)
    second, third = door.person("committee_advisor"), door.person("committee_advisor", committees=["310117001002"])
    elsewhere = door.resident(POOR, committee="310117001002")
    [far] = tasks(door, manager, resident_id=elsewhere)
    own = [task["task_id"] for task in tasks(door, manager, assignee=door.id_of(first))]
    unknown = str(uuid4())
    batch = assign(door, manager, door.id_of(second), *own, far["task_id"], unknown)
    moved = [("moved", None)] * 3
    assert results(batch) == [*moved, ("refused", "outside_committee"), ("refused", "not_found")]
    assert [row["task_id"] for row in batch["rows"]] == [*own, far["task_id"], unknown]
    assert {task["batch_id"] for task in tasks(door, second, mine=True)} == {batch["batch_id"]}
    assert results(assign(door, manager, door.id_of(second), own[0])) == [("unchanged", None)]
    # One message, however many tasks it was.
    assert len(door.get("/v1/notifications", second)["items"]) == 1
    given = {"user_id": door.id_of(first), "reason": "熟悉情况"}
    assert door.client.post(f"/v1/tasks/{own[2]}/assign", headers=manager, json=given).status_code == 200
    undo = f"/v1/batches/{batch['batch_id']}/undo"
    assert is_problem(door.client.post(undo, headers=first), 403)
    other_street = door.person("street_manager", street="310117002")
    assert is_problem(door.client.post(undo, headers=other_street), 404)
    back = door.client.post(undo, headers=manager)
    assert sorted(results(back.json())) == [("moved", None), ("moved", None), ("refused", "moved_on")]
    assert {assignee(door, manager, task_id) for task_id in own} == {door.id_of(first)}
    assert assignee(door, manager, far["task_id"]) == door.id_of(third)
    words = [line["what"] for line in door.get(f"/v1/tasks/{own[0]}", manager)["history"]]
    assert words == ["opened", "assigned", "undone"]


def test_many_tasks_go_back_into_the_pool(door: Door) -> None:
    manager, advisor = door.person("street_manager"), door.person("committee_advisor")
    door.resident(POOR)
    [task] = tasks(door, advisor, mine=True)
    assert results(assign(door, manager, None, task["task_id"])) == [("moved", None)]
    assert [one["task_id"] for one in tasks(door, manager, assignee="none")] == [task["task_id"]]
    for wrong in ([], [task["task_id"]] * 501):
        body = {"task_ids": wrong, "user_id": None, "reason": "调整"}
        assert is_problem(door.client.post("/v1/tasks/assign", headers=manager, json=body), 422)
    body = {"task_ids": [task["task_id"]], "user_id": None, "reason": "调整"}
    assert is_problem(door.client.post("/v1/tasks/assign", headers=advisor, json=body), 403)


def test_after_ten_minutes_nothing_is_taken_back(door: Door) -> None:
    manager, first, second = (
        door.person(role) for role in ("street_manager", "committee_advisor", "committee_advisor")
    )
    door.resident(POOR)
    [task] = tasks(door, manager)
    path = f"/v1/tasks/{task['task_id']}"
    other = next(user for user in map(door.id_of, (first, second)) if user != task["assignee"]["user_id"])
    batch = assign(door, manager, other, task["task_id"])
    door.world.business.at += timedelta(minutes=10, seconds=1)
    assert is_problem(door.client.post(f"/v1/batches/{batch['batch_id']}/undo", headers=manager), 409, "undo_too_late")
    assert is_problem(door.client.post(f"{path}/undo", headers=manager), 409, "undo_too_late")


def test_whoever_gave_released_or_claimed_a_task_takes_it_back_until_somebody_else_acted(door: Door) -> None:
    manager, first = door.person("street_manager"), door.person("committee_advisor")
    door.resident(POOR)
    second = door.person("committee_advisor")
    [task] = tasks(door, manager)
    path = f"/v1/tasks/{task['task_id']}"
    # Opened by the product itself.
    assert is_problem(door.client.post(f"{path}/undo", headers=first), 409, "nothing_to_undo")
    assert door.client.post(f"{path}/release", headers=first, json={"reason": "点错了"}).status_code == 200
    undone = door.client.post(f"{path}/undo", headers=first).json()
    assert (undone["assignee"]["user_id"], undone["planned_on"]) == (door.id_of(first), task["planned_on"])
    assert is_problem(door.client.post(f"{path}/undo", headers=first), 409, "nothing_to_undo")
    given = {"user_id": door.id_of(second), "reason": "熟悉情况"}
    assert door.client.post(f"{path}/assign", headers=manager, json=given).status_code == 200
    assert is_problem(door.client.post(f"{path}/undo", headers=first), 409, "nothing_to_undo")
    assert door.client.post(f"{path}/undo", headers=manager).json()["assignee"]["user_id"] == door.id_of(first)
    assert door.client.post(f"{path}/release", headers=first, json={"reason": "太远"}).status_code == 200
    assert door.client.post(f"{path}/claim", headers=second).status_code == 200
    assert is_problem(door.client.post(f"{path}/undo", headers=first), 409, "nothing_to_undo")
    assert door.client.post(f"{path}/undo", headers=second).json()["assignee"] is None


def test_an_attempt_that_is_taken_back_counts_for_nothing_and_takes_the_welfare_check_along(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.resident(DIBAO, CHANGE)
    [task] = tasks(door, advisor, kind="visit")
    path = f"/v1/tasks/{task['task_id']}"
    for day in (date(2026, 3, 23), date(2026, 3, 24)):
        door.world.go_to(day)
        body = {"outcome": "not_home", "on": day.isoformat(), "note": "敲门无人应"}
        assert door.client.post(f"{path}/attempts", headers=advisor, json=body).status_code == 201
    assert len(tasks(door, advisor, kind="welfare_check", state="open")) == 1
    assert door.client.post(f"{path}/undo", headers=advisor).status_code == 200
    assert tasks(door, advisor, kind="welfare_check", state="open") == []
    assert [row.on for row in door.world.rows('SELECT "on" FROM attempt')] == [date(2026, 3, 23)]
    assert [line["what"] for line in door.get(path, advisor)["history"]][-1] == "undone"
    # It counts anew when it is made after all.
    body = {"outcome": "not_home", "on": "2026-03-24", "note": "又去了一次"}
    assert door.client.post(f"{path}/attempts", headers=advisor, json=body).status_code == 201
    assert len(tasks(door, advisor, kind="welfare_check", state="open")) == 1


def test_nobody_is_given_what_falls_due_while_they_are_away_unless_it_is_wanted_anyway(door: Door) -> None:
    manager, first = door.person("street_manager"), door.person("committee_advisor")
    door.resident(DIBAO, CHANGE)
    second = door.person("committee_advisor")
    [task] = tasks(door, first, mine=True)
    absence = {"from": "2026-03-20", "to": "2026-03-31", "reason": "培训"}
    away = door.client.post(f"/v1/users/{door.id_of(second)}/absences", headers=manager, json=absence)
    assert away.status_code < 300, away.text
    path, given = f"/v1/tasks/{task['task_id']}/assign", {"user_id": door.id_of(second), "reason": "熟悉情况"}
    assert is_problem(door.client.post(path, headers=manager, json=given), 409, "absent")
    assert results(assign(door, manager, door.id_of(second), task["task_id"])) == [("refused", "absent")]
    assert door.client.post(path, headers=manager, json={**given, "anyway": True}).status_code == 200
    assert assignee(door, manager, task["task_id"]) == door.id_of(second)


def test_the_list_of_tasks_is_filtered_and_sorted_for_a_page(door: Door) -> None:
    street, advisor = door.person("street_advisor"), door.person("committee_advisor")
    high, general = door.resident(DIBAO, CHANGE), door.resident(POOR)
    elsewhere = door.resident(POOR, committee="310117001002")

    def whose(**query: Any) -> list[str]:
        return [task["resident"]["resident_id"] for task in tasks(door, street, state="open", **query)]

    assert whose(resident_id=general) == [general]
    assert set(whose(assignee=door.id_of(advisor))) == {high, general}
    assert whose(assignee="none") == [elsewhere]
    assert whose(sort="place")[2] == elsewhere
    door.world.go_to(date(2026, 3, 28))
    assert whose(lamp="overdue") == [high]
    assert set(whose(lamp="none")) == {general, elsewhere}
    door.world.go_to(date(2026, 5, 10))
    assert set(whose(lamp="due_soon")) == {general, elsewhere}
    urgent = tasks(door, street, state="open", sort="urgency")
    assert [task["lamp"] for task in urgent] == ["overdue", "due_soon", "due_soon"]
    for sort in ("due", "urgency", "place"):
        whole = [task["task_id"] for task in tasks(door, street, sort=sort)]
        pages: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            answer = door.get("/v1/tasks", street, limit=1, sort=sort, **cursor)
            pages += [task["task_id"] for task in answer["items"]]
            if answer["next_cursor"] is None:
                break
            cursor = {"cursor": answer["next_cursor"]}
        assert pages == whole
        assert len(set(whole)) == len(whole)


def test_a_visitor_takes_back_their_own_release_and_their_own_claim(door: Door) -> None:
    visitor = door.person("visitor")
    resident = door.resident(POOR)
    [task] = tasks(door, visitor, mine=True)
    path = f"/v1/tasks/{task['task_id']}"
    assert door.client.post(f"{path}/release", headers=visitor, json={"reason": "点错了"}).status_code == 200
    assert is_problem(door.client.get(f"/v1/residents/{resident}", headers=visitor), 404)
    undone = door.client.post(f"{path}/undo", headers=visitor)
    assert undone.json()["resident"]["resident_id"] == resident
    assert door.client.post(f"{path}/release", headers=visitor, json={"reason": "太远"}).status_code == 200
    assert door.client.post(f"{path}/claim", headers=visitor).status_code == 200
    assert "resident" not in door.client.post(f"{path}/undo", headers=visitor).json()
    assert tasks(door, visitor, mine=True) == []


def test_a_visitor_is_given_one_person_of_another_committee_and_an_advisor_is_not(door: Door) -> None:
    manager, visitor, advisor = (door.person(role) for role in ("street_manager", "visitor", "committee_advisor"))
    resident = door.resident(POOR, committee="310117001002")
    [task] = tasks(door, manager)
    assert results(assign(door, manager, door.id_of(advisor), task["task_id"])) == [("refused", "outside_committee")]
    path, given = f"/v1/tasks/{task['task_id']}/assign", {"user_id": door.id_of(advisor), "reason": "就近"}
    assert is_problem(door.client.post(path, headers=manager, json=given), 422)
    assert results(assign(door, manager, door.id_of(visitor), task["task_id"])) == [("moved", None)]
    [own] = tasks(door, visitor, mine=True)
    assert own["resident"]["resident_id"] == resident
