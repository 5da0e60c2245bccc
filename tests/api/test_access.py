"""Who may ask what: 401 without a name, 403 out of role, 404 outside one's streets and committees."""

import pytest

from tests.api.door import Door, is_problem

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
NEIGHBOUR = "310117001002"
ELSEWHERE = "310117002003"
READING = ["/v1/residents", "/v1/tasks", "/v1/visits", "/v1/escalations", "/v1/alerts", "/v1/users", "/v1/me"]


@pytest.mark.parametrize(
    "path", [*READING, "/v1/streets", "/v1/notifications", "/v1/tasks/00000000-0000-4000-8000-000000000000"]
)
def test_without_a_token_nothing_is_shown(door: Door, path: str) -> None:
    assert is_problem(door.client.get(path), 401, "unauthorized")
    assert is_problem(door.client.get(path, headers={"Authorization": "Bearer tfs_wrong"}), 401)


def test_roles_read_what_their_work_needs(door: Door) -> None:
    allowed = {
        "admin": {"/v1/users", "/v1/me"},
        "auditor": {"/v1/escalations", "/v1/me"},
        "visitor": {"/v1/residents", "/v1/tasks", "/v1/visits", "/v1/me"},
        "committee_advisor": {"/v1/residents", "/v1/tasks", "/v1/visits", "/v1/escalations", "/v1/me"},
        "street_advisor": set(READING) - {"/v1/alerts"},
        "street_manager": set(READING),
        "district_officer": set(READING),
    }
    for role, paths in allowed.items():
        headers = door.person(role)
        answers = {path: door.client.get(path, headers=headers).status_code for path in READING}
        assert answers == {path: 200 if path in paths else 403 for path in READING}, role


def test_a_key_is_not_a_person(door: Door) -> None:
    assert is_problem(door.client.get("/v1/tasks", headers=door.key()), 403)


def test_what_lies_outside_ones_committee_or_street_does_not_exist(door: Door) -> None:
    own, neighbour, elsewhere = (
        door.resident(DIBAO, CHANGE),
        door.resident(DIBAO, CHANGE, committee=NEIGHBOUR),
        door.resident(DIBAO, CHANGE, committee=ELSEWHERE),
    )
    advisor, manager, officer = map(door.person, ("committee_advisor", "street_manager", "district_officer"))
    seen = {
        name: {item["resident_id"] for item in door.get("/v1/residents", headers)["items"]}
        for name, headers in (("advisor", advisor), ("manager", manager), ("officer", officer))
    }
    assert seen == {"advisor": {own}, "manager": {own, neighbour}, "officer": {own, neighbour, elsewhere}}
    tasks = {item["resident"]["resident_id"]: item["task_id"] for item in door.get("/v1/tasks", officer)["items"]}
    assert {item["resident"]["resident_id"] for item in door.get("/v1/tasks", advisor)["items"]} == {own}
    for headers, hidden in ((advisor, neighbour), (advisor, elsewhere), (manager, elsewhere)):
        for path in ("", "/decision", "/duties", "/timeline", "/why?period=2026-03"):
            assert is_problem(door.client.get(f"/v1/residents/{hidden}{path}", headers=headers), 404)
        task = tasks[hidden]
        assert is_problem(door.client.get(f"/v1/tasks/{task}", headers=headers), 404)
    release = door.client.post(f"/v1/tasks/{tasks[neighbour]}/release", headers=advisor, json={"reason": "x"})
    assert is_problem(release, 404)
    assert is_problem(door.client.post(f"/v1/tasks/{tasks[elsewhere]}/claim", headers=door.person("visitor")), 404)
    assert is_problem(door.visit(advisor, neighbour), 404)
    assert is_problem(door.visit(advisor, own, neighbour), 404)
    recorded = door.visit(door.person("street_advisor"), own, neighbour, several_households=True)
    assert recorded.status_code == 201
    visit = f"/v1/visits/{recorded.json()['visit_id']}"
    assert door.get(visit, advisor)["resident_ids"] == [own]
    assert {one["resident_id"] for one in door.get(visit, advisor)["credits"]} == {own}
    other = door.person("committee_advisor", committees=["310117001003"])
    assert is_problem(door.client.get(visit, headers=other), 404)
    assert door.get("/v1/visits", other)["items"] == []


def test_lists_of_another_street_are_empty(door: Door) -> None:
    door.resident(DIBAO, committee=ELSEWHERE)
    manager = door.person("street_manager")
    for path in ("/v1/residents", "/v1/tasks", "/v1/visits", "/v1/escalations", "/v1/users"):
        assert door.get(path, manager, street="310117002")["items"] == []


def test_a_visitor_sees_only_the_people_assigned_to_them(door: Door) -> None:
    first, second = door.resident(DIBAO, CHANGE), door.resident(DIBAO, CHANGE)
    officer, visitor = door.person("district_officer"), door.person("visitor")
    tasks = {item["resident"]["resident_id"]: item["task_id"] for item in door.get("/v1/tasks", officer)["items"]}
    assert door.get("/v1/tasks", visitor)["items"] == []
    given = {"user_id": door.id_of(visitor), "reason": "第三方服务"}
    answer = door.client.post(f"/v1/tasks/{tasks[first]}/assign", headers=officer, json=given)
    assert answer.status_code == 200, answer.text
    assert [one["resident_id"] for one in door.get("/v1/residents", visitor)["items"]] == [first]
    assert [one["task_id"] for one in door.get("/v1/tasks", visitor)["items"]] == [tasks[first]]
    assert is_problem(door.client.get(f"/v1/residents/{second}", headers=visitor), 404)
    form = door.form(first)
    recorded = door.client.post("/v1/visits", headers=visitor, json=form)
    assert recorded.status_code == 201
    # The task is settled and the person out of sight; the same form again is still the same form.
    again = door.client.post("/v1/visits", headers=visitor, json=form)
    assert (again.status_code, again.json()) == (200, recorded.json())
    assert [one["visit_id"] for one in door.get("/v1/visits", visitor)["items"]] == [form["visit_id"]]


def test_the_sandbox_clock_is_moved_by_district_and_admin_only(door: Door) -> None:
    move = {"now": "2026-03-21T09:00:00+08:00"}
    assert is_problem(door.client.put("/v1/sandbox/clock", json=move), 401)
    for role in ("street_manager", "committee_advisor", "auditor"):
        assert is_problem(door.client.put("/v1/sandbox/clock", headers=door.person(role), json=move), 403)
    assert is_problem(door.client.post("/v1/sandbox/settle", headers=door.person("street_advisor")), 403)
    assert door.client.post("/v1/sandbox/settle", headers=door.person("admin")).status_code == 200
