"""The escalation chain over HTTP: a street may tell people earlier than the district, never later (A36)."""

from datetime import date
from typing import Any

import pytest

from tests.api.door import Door, is_problem
from tests.world import STREET

PATH = f"/v1/streets/{STREET}/escalation"
DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}


def steps(*rungs: tuple[int, str, str]) -> list[dict[str, Any]]:
    return [{"after_working_days": days, "to": to, "action": action} for days, to, action in rungs]


DISTRICT = steps(
    (-3, "assignee", "remind"),
    (1, "assignee", "remind"),
    (3, "street_advisor", "raise"),
    (5, "street_manager", "raise"),
    (10, "district_officer", "raise"),
)
EARLIER = steps(
    (-3, "assignee", "remind"),
    (1, "assignee", "reassign"),
    (2, "street_advisor", "raise"),
    (3, "street_manager", "raise"),
    (10, "district_officer", "raise"),
)


def put(door: Door, headers: dict[str, str], chain: Any) -> Any:
    return door.client.put(PATH, headers=headers, json={"steps": chain})


def test_a_street_without_a_chain_of_its_own_has_the_districts(door: Door) -> None:
    for role in ("street_manager", "street_advisor", "district_officer", "auditor"):
        assert door.get(PATH, door.person(role)) == {"steps": DISTRICT, "inherited": True, "version": None}


def test_a_street_may_tell_people_earlier(door: Door) -> None:
    manager = door.person("street_manager")
    answer = put(door, manager, EARLIER)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"steps": EARLIER, "inherited": False, "version": 1}
    assert put(door, door.person("district_officer"), DISTRICT).json()["version"] == 2
    assert door.get(PATH, manager) == {"steps": DISTRICT, "inherited": False, "version": 2}
    other = "/v1/streets/310117002/escalation"
    assert door.get(other, door.person("district_officer"))["inherited"] is True


@pytest.mark.parametrize("missing", range(len(DISTRICT)))
def test_a_chain_without_one_of_the_districts_steps_or_with_it_later_names_the_step(door: Door, missing: int) -> None:
    manager, gone = door.person("street_manager"), DISTRICT[missing]
    later = [{**one, "after_working_days": 11} if one is gone else one for one in DISTRICT]
    for chain in (
        [one for one in DISTRICT if one is not gone],
        sorted(later, key=lambda one: int(one["after_working_days"])),
    ):
        answer = put(door, manager, chain)
        assert is_problem(answer, 422, "narrows")
        [error] = answer.json()["errors"]
        assert (error["loc"], error["code"]) == (f"steps.{gone['to']}", "narrows")
    assert door.get(PATH, manager)["inherited"] is True


@pytest.mark.parametrize(
    "chain",
    [
        [],
        [*DISTRICT, *DISTRICT, *DISTRICT, *DISTRICT, DISTRICT[-1]],
        [{**DISTRICT[0], "after_working_days": -4}, *DISTRICT[1:]],
        [*DISTRICT[:4], {**DISTRICT[4], "after_working_days": 61}],
        [{**DISTRICT[0], "after_working_days": "-3"}, *DISTRICT[1:]],
        [{**DISTRICT[0], "to": "mayor"}, *DISTRICT[1:]],
        [{**DISTRICT[0], "action": "shout"}, *DISTRICT[1:]],
        [{**DISTRICT[0], "note": "x"}, *DISTRICT[1:]],
        list(reversed(DISTRICT)),
        "none",
    ],
)
def test_a_chain_that_is_none_is_refused(door: Door, chain: Any) -> None:
    assert is_problem(put(door, door.person("street_manager"), chain), 422)


def test_only_the_manager_of_the_street_and_the_district_set_its_chain(door: Door) -> None:
    elsewhere = door.person("street_manager", street="310117002")
    assert is_problem(put(door, elsewhere, EARLIER), 404)
    assert is_problem(door.client.get(PATH, headers=elsewhere), 404)
    for role in ("street_advisor", "committee_advisor", "auditor", "admin"):
        assert is_problem(put(door, door.person(role), EARLIER), 403)
    nowhere = door.client.get("/v1/streets/310117999/escalation", headers=door.person("district_officer"))
    assert is_problem(nowhere, 404)


def test_an_open_task_keeps_its_chain_and_a_new_one_takes_the_new(door: Door) -> None:
    manager = door.person("street_manager")
    first = door.world.register(DIBAO)
    assert put(door, manager, EARLIER).status_code == 200
    second = door.world.register(DIBAO)
    assert (first.task.chain, second.task.chain) == (DISTRICT, EARLIER)


def test_a_step_may_hand_the_task_to_another_candidate_of_the_committee(door: Door) -> None:
    manager, first = door.person("street_manager"), door.person("committee_advisor")
    put(door, manager, EARLIER)
    resident = door.world.register(DIBAO, CHANGE)
    assert str(resident.task.assignee_id) == door.id_of(first)
    second = door.person("committee_advisor")
    door.person("committee_advisor", committees=["310117001002"])
    door.world.go_to(date(2026, 3, 30))
    task = resident.task
    assert (str(task.assignee_id), task.assigned_because) == (door.id_of(second), ["reassigned", "assignee"])
    assert task.planned_on == date(2026, 3, 30)
    last = door.get(f"/v1/tasks/{task.task_id}", manager)["history"][-1]
    assert (last["what"], last["details"]["action"], last["details"]["user_id"]) == (
        "escalated",
        "reassign",
        door.id_of(second),
    )
    told = [one["task_id"] for one in door.get("/v1/notifications", second)["items"]]
    assert told == [str(task.task_id)]


def test_with_nobody_else_the_task_stays_and_the_step_says_so(door: Door) -> None:
    manager, only = door.person("street_manager"), door.person("committee_advisor")
    put(door, manager, EARLIER)
    resident = door.world.register(DIBAO, CHANGE)
    door.world.go_to(date(2026, 3, 30))
    assert str(resident.task.assignee_id) == door.id_of(only)
    [_, step] = door.get("/v1/escalations", manager)["items"]
    assert (step["action"], step["note"]) == ("reassign", "没有别人可以改派")
