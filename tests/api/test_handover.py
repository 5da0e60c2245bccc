"""An advisor leaves: their open tasks go on as one batch that is previewed, answered row by row, and can be undone."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
NEXT_DOOR = "310117001002"


@pytest.fixture
def manager(door: Door) -> dict[str, str]:
    return door.person("street_manager")


@pytest.fixture
def leaving(door: Door) -> dict[str, str]:
    """An advisor with three open tasks, the second the most urgent."""
    advisor = door.person("committee_advisor")
    for facts in ((DIBAO,), (DIBAO, CHANGE), (DIBAO,)):
        door.resident(*facts)
    return advisor


def hand_over(door: Door, by: dict[str, str], user: dict[str, str], **body: Any) -> Any:
    answer = door.client.post(f"/v1/users/{door.id_of(user)}/handover", headers=by, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def revert(door: Door, by: dict[str, str], user: dict[str, str], batch: str) -> Any:
    answer = door.client.post(f"/v1/users/{door.id_of(user)}/handover/{batch}/revert", headers=by)
    assert answer.status_code == 200, answer.text
    return answer.json()


def held(door: Door, user: dict[str, str]) -> list[str]:
    return sorted(one["task_id"] for one in door.get("/v1/tasks", user, mine=True, state="open")["items"])


def state(door: Door) -> list[Any]:
    tasks = "SELECT task_id, assignee_id, assigned_because, planned_on, updated_at FROM task ORDER BY task_id"
    return [*door.world.rows(tasks), *door.world.rows("SELECT event_id FROM task_event ORDER BY event_id")]


def results(answer: Any) -> list[str]:
    return [row["result"] for row in answer["rows"]]


def test_a_preview_is_exactly_what_is_done_and_writes_nothing(door: Door, manager: Any, leaving: Any) -> None:
    for _ in range(2):
        door.person("committee_advisor")
    before = state(door)
    preview = hand_over(door, manager, leaving)
    assert state(door) == before
    assert (preview["batch_id"], preview["dry_run"], preview["unplaced"]) == (None, True, 0)
    assert results(preview) == ["moves"] * 3
    done = hand_over(door, manager, leaving, dry_run=False)
    assert done["batch_id"]
    assert done["rows"] == [{**row, "result": "moved"} for row in preview["rows"]]
    assert held(door, leaving) == []
    for row in done["rows"]:
        task = door.get(f"/v1/tasks/{row['task_id']}", manager)
        assert (task["assignee"], task["assigned_because"], task["planned_on"]) == (
            row["to"],
            row["because"],
            row["planned_on"],
        )
        last = task["history"][-1]
        assert (last["what"], last["details"]["batch_id"]) == ("handed_over", done["batch_id"])


def test_the_work_is_spread_over_those_who_stay_and_the_most_urgent_comes_first(
    door: Door, manager: Any, leaving: Any
) -> None:
    staying = [door.person("committee_advisor") for _ in range(3)]
    done = hand_over(door, manager, leaving, dry_run=False)
    assert sorted(len(held(door, one)) for one in staying) == [1, 1, 1]
    dues = [door.get(f"/v1/tasks/{row['task_id']}", manager)["due_on"] for row in done["rows"]]
    assert dues == sorted(dues)


def test_with_nobody_there_everything_goes_to_the_pool_and_is_counted(door: Door, manager: Any, leaving: Any) -> None:
    done = hand_over(door, manager, leaving, dry_run=False)
    assert (done["unplaced"], results(done)) == (3, ["moved"] * 3)
    assert [row["to"] for row in done["rows"]] == [None] * 3
    assert [one["assignee"] for one in door.get("/v1/tasks", manager)["items"]] == [None] * 3


def test_everything_goes_to_one_person_except_where_they_are_recused(door: Door, manager: Any, leaving: Any) -> None:
    heir = door.person("committee_advisor", capacity=1)
    barred = door.get("/v1/tasks", manager)["items"][0]
    recusal = {"resident_id": barred["resident"]["resident_id"], "reason": "亲属"}
    door.client.post(f"/v1/users/{door.id_of(heir)}/recusals", headers=manager, json=recusal)
    done = hand_over(door, manager, leaving, to=door.id_of(heir), dry_run=False)
    rows = {row["task_id"]: row for row in done["rows"]}
    kept = rows.pop(barred["task_id"])
    assert (kept["result"], kept["reason"], kept["to"]) == ("stays", "recused", None)
    assert {row["to"]["user_id"] for row in rows.values()} == {door.id_of(heir)}
    assert (done["unplaced"], held(door, leaving)) == (1, [barred["task_id"]])


def test_who_cannot_see_a_task_does_not_get_it(door: Door, manager: Any, leaving: Any) -> None:
    next_door = door.person("committee_advisor", committees=[NEXT_DOOR])
    answer = hand_over(door, manager, leaving, to=door.id_of(next_door))
    assert {(row["result"], row["reason"]) for row in answer["rows"]} == {("stays", "outside_committee")}
    elsewhere = door.person("committee_advisor", street="310117002", committees=["310117002003"])
    officer = door.person("district_officer")
    answer = hand_over(door, officer, leaving, to=door.id_of(elsewhere), dry_run=False)
    assert {(row["result"], row["reason"]) for row in answer["rows"]} == {("stays", "outside_street")}
    assert len(held(door, leaving)) == 3


def test_decisions_go_to_a_street_advisor_only(door: Door, manager: Any) -> None:
    leaving = door.person("street_advisor")
    door.resident(DIBAO, CHANGE)
    door.world.jump_to(date(2026, 6, 16))
    committee, street = door.person("committee_advisor"), door.person("street_advisor")
    [row] = hand_over(door, manager, leaving, to=door.id_of(committee))["rows"]
    assert (row["result"], row["reason"]) == ("stays", "role")
    [row] = hand_over(door, manager, leaving)["rows"]
    assert (row["to"]["user_id"], row["because"]) == (door.id_of(street), ["street_advisor"])


def test_a_handover_is_undone_as_if_it_had_not_been(door: Door, manager: Any, leaving: Any) -> None:
    door.person("committee_advisor")
    shown = ("task_id", "assignee", "assigned_because", "planned_on")
    before = [{key: one[key] for key in shown} for one in door.get("/v1/tasks", manager)["items"]]
    done = hand_over(door, manager, leaving, dry_run=False)
    back = revert(door, manager, leaving, done["batch_id"])
    assert (back["batch_id"], back["unplaced"], results(back)) == (done["batch_id"], 0, ["moved"] * 3)
    assert [{key: one[key] for key in shown} for one in door.get("/v1/tasks", manager)["items"]] == before
    again = revert(door, manager, leaving, done["batch_id"])
    assert {(row["result"], row["reason"]) for row in again["rows"]} == {("stays", "moved_on")}


def test_what_went_on_or_is_done_is_not_given_back(door: Door, manager: Any, leaving: Any) -> None:
    heir, third = door.person("committee_advisor"), door.person("street_advisor")
    done = hand_over(door, manager, leaving, to=door.id_of(heir), dry_run=False)
    urgent, passed, still = done["rows"]
    assert door.visit(heir, urgent["resident_id"]).status_code == 201
    given = {"user_id": door.id_of(third), "reason": "熟悉"}
    door.client.post(f"/v1/tasks/{passed['task_id']}/assign", headers=manager, json=given)
    back = {row["task_id"]: row for row in revert(door, manager, leaving, done["batch_id"])["rows"]}
    assert (back[urgent["task_id"]]["result"], back[urgent["task_id"]]["reason"]) == ("stays", "closed")
    assert (back[passed["task_id"]]["result"], back[passed["task_id"]]["reason"]) == ("stays", "moved_on")
    assert back[still["task_id"]]["to"]["user_id"] == door.id_of(leaving)
    assert still["task_id"] in held(door, leaving)


def test_a_handover_is_the_street_managers_or_the_districts(door: Door, leaving: Any) -> None:
    path = f"/v1/users/{door.id_of(leaving)}/handover"
    for role in ("street_advisor", "committee_advisor", "visitor", "auditor", "admin"):
        assert is_problem(door.client.post(path, headers=door.person(role), json={}), 403)
    elsewhere = door.person("street_manager", street="310117002")
    assert is_problem(door.client.post(path, headers=elsewhere, json={}), 404)
    assert door.client.post(path, headers=door.person("district_officer"), json={}).status_code == 200


def test_a_handover_to_nobody_who_could_take_it_is_refused(door: Door, manager: Any, leaving: Any) -> None:
    path = f"/v1/users/{door.id_of(leaving)}/handover"
    for to, status in (
        (door.id_of(leaving), 422),
        (door.id_of(manager), 422),
        (str(uuid4()), 404),
        (door.id_of(door.person("committee_advisor", street="310117002", committees=["310117002003"])), 404),
        ("somebody", 422),
    ):
        assert is_problem(door.client.post(path, headers=manager, json={"to": to}), status), to
    assert is_problem(door.client.post(path, headers=manager, json={"dry_run": "yes"}), 422)
    assert is_problem(door.client.post(f"{path}/{uuid4()}/revert", headers=manager), 404)


def test_a_closed_account_gets_nothing_back(door: Door, manager: Any, leaving: Any) -> None:
    door.person("committee_advisor")
    user = f"/v1/users/{door.id_of(leaving)}"
    batch = hand_over(door, manager, leaving, dry_run=False)["batch_id"]
    assert door.client.patch(user, headers=manager, json={"active": False}).status_code == 200
    assert is_problem(door.client.post(f"{user}/handover/{batch}/revert", headers=manager), 409)


def test_an_absence_answers_what_moved(door: Door, manager: Any, leaving: Any) -> None:
    other = door.person("committee_advisor")
    absence = {"from": "2026-03-20", "to": "2026-03-31", "reason": "年假"}
    answer = door.client.post(f"/v1/users/{door.id_of(leaving)}/absences", headers=leaving, json=absence)
    assert answer.status_code == 201, answer.text
    by_result: dict[str, list[Any]] = {"moved": [], "planned": []}
    for row in answer.json()["moved"]:
        by_result[row["result"]].append(row)
    assert [row["to"]["user_id"] for row in by_result["moved"]] == [door.id_of(other)]
    assert all(row["to"]["user_id"] == door.id_of(leaving) for row in by_result["planned"])
    assert all(row["planned_on"] > "2026-03-31" for row in by_result["planned"])
