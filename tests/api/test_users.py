"""Accounts: made and changed by those who manage them, and never above oneself."""

from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, PASSWORD, STREET

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
NEW = {"username": "new-advisor", "password": PASSWORD, "role": "committee_advisor", "committees": [COMMITTEE]}


def test_a_street_manager_makes_and_changes_the_accounts_of_their_street(door: Door) -> None:
    manager = door.person("street_manager")
    made = door.client.post("/v1/users", headers=manager, json={**NEW, "capacity": 12})
    assert made.status_code == 201, made.text
    assert (made.json()["street"], made.json()["committees"], made.json()["capacity"]) == (STREET, [COMMITTEE], 12)
    assert PASSWORD not in made.text
    assert is_problem(door.client.post("/v1/users", headers=manager, json=NEW), 409)
    signed = door.client.post("/v1/session", json={"username": "new-advisor", "password": PASSWORD}).json()
    first = {"Authorization": f"Bearer {signed['token']}"}
    own = {"current": PASSWORD, "new": "a word of my own"}
    chosen = door.client.post("/v1/me/password", headers=first, json=own).json()
    token = {"Authorization": f"Bearer {chosen['token']}"}
    path = f"/v1/users/{made.json()['user_id']}"
    changed = door.client.patch(path, headers=manager, json={"capacity": 3, "committees": [COMMITTEE, "310117001002"]})
    assert (changed.json()["capacity"], len(changed.json()["committees"])) == (3, 2)
    assert door.get("/v1/me", token)["capacity"] == 3
    assert door.client.patch(path, headers=manager, json={"active": False}).json()["active"] is False
    assert is_problem(door.client.get("/v1/me", headers=token), 401)
    assert [
        one["username"] for one in door.get("/v1/users", manager, role="committee_advisor", active=False)["items"]
    ] == ["new-advisor"]


def test_nobody_makes_accounts_above_or_beside_themselves(door: Door) -> None:
    manager = door.person("street_manager")
    for role in ("admin", "district_officer", "auditor"):
        answer = door.client.post(
            "/v1/users", headers=manager, json={"username": "up", "password": PASSWORD, "role": role}
        )
        assert is_problem(answer, 403)
    elsewhere = {**NEW, "street": "310117002", "committees": ["310117002003"]}
    assert is_problem(door.client.post("/v1/users", headers=manager, json=elsewhere), 404)
    assert is_problem(door.client.post("/v1/users", headers=manager, json={**NEW, "committees": ["310117002003"]}), 422)
    assert is_problem(door.client.post("/v1/users", headers=door.person("street_advisor"), json=NEW), 403)
    officer = door.id_of(door.person("district_officer"))
    assert is_problem(door.client.patch(f"/v1/users/{officer}", headers=manager, json={"active": False}), 404)
    assert is_problem(door.client.post("/v1/users", headers=manager, json={**NEW, "password": "short"}), 422)
    admin = door.person("admin")
    made = door.client.post("/v1/users", headers=admin, json={"username": "a", "password": PASSWORD, "role": "auditor"})
    assert made.status_code == 201


def test_recusals_and_absences_keep_people_from_tasks(door: Door) -> None:
    manager, advisor = door.person("street_manager"), door.person("committee_advisor")
    resident = door.resident(DIBAO)
    [task] = door.get("/v1/tasks", manager)["items"]
    door.client.post(f"/v1/tasks/{task['task_id']}/release", headers=manager, json={"reason": "回避"})
    user = f"/v1/users/{door.id_of(advisor)}"
    recusal = {"resident_id": resident, "reason": "亲属"}
    assert door.client.post(f"{user}/recusals", headers=manager, json=recusal).status_code == 201
    assert door.client.post(f"{user}/recusals", headers=manager, json=recusal).status_code == 201
    assert is_problem(door.client.post(f"/v1/tasks/{task['task_id']}/claim", headers=advisor), 409, "recused")
    absence = {"from": "2026-03-20", "to": "2026-03-27", "reason": "年假"}
    noted = door.client.post(f"{user}/absences", headers=advisor, json=absence)
    assert noted.status_code == 201, noted.text
    assert noted.json()["from"] == "2026-03-20"
    assert is_problem(door.client.post("/v1/tasks/pull", headers=advisor, json={"max": 1}), 409)
    backwards = {**absence, "to": "2026-03-19"}
    assert is_problem(door.client.post(f"{user}/absences", headers=advisor, json=backwards), 422)
    other = door.person("committee_advisor")
    assert is_problem(door.client.post(f"{user}/absences", headers=other, json=absence), 403)


def test_a39_absences_and_recusals_can_be_listed_changed_and_ended(door: Door) -> None:
    manager, advisor = door.person("street_manager"), door.person("committee_advisor")
    resident = door.resident(DIBAO)
    user = f"/v1/users/{door.id_of(advisor)}"
    absence = {"from": "2026-04-01", "to": "2026-04-03", "reason": "年假"}
    noted = door.client.post(f"{user}/absences", headers=advisor, json=absence).json()
    kept = {"absence_id": noted["absence_id"], "user_id": door.id_of(advisor), **absence}
    assert door.get(f"{user}/absences", manager) == {"items": [kept], "next_cursor": None}
    path = f"{user}/absences/{noted['absence_id']}"
    changed = door.client.patch(path, headers=manager, json={"to": "2026-04-10"})
    assert (changed.status_code, changed.json()["to"]) == (200, "2026-04-10")
    assert is_problem(door.client.patch(path, headers=manager, json={"to": "2026-03-01"}), 422)
    other = door.person("committee_advisor")
    assert is_problem(door.client.delete(path, headers=other), 403)
    elsewhere = door.person("street_manager", street="310117002")
    assert is_problem(door.client.delete(path, headers=elsewhere), 404)
    assert door.client.delete(path, headers=advisor).status_code == 204
    assert door.get(f"{user}/absences", manager)["items"] == []
    assert is_problem(door.client.delete(path, headers=advisor), 404)
    recusal = {"resident_id": resident, "reason": "亲属"}
    made = door.client.post(f"{user}/recusals", headers=manager, json=recusal).json()
    assert made["moved"][0]["result"] == "moved"
    [listed] = door.get(f"{user}/recusals", manager)["items"]
    assert listed == {"recusal_id": made["recusal_id"], "user_id": door.id_of(advisor), **recusal}
    path = f"{user}/recusals/{made['recusal_id']}"
    assert is_problem(door.client.delete(path, headers=elsewhere), 404)
    assert door.client.delete(path, headers=manager).status_code == 204
    assert door.get(f"{user}/recusals", manager)["items"] == []


def test_one_user_is_read_by_who_manages_them(door: Door) -> None:
    manager, advisor = door.person("street_manager"), door.person("committee_advisor")
    [shown] = [each for each in door.get("/v1/users", manager)["items"] if each["user_id"] == door.id_of(advisor)]
    assert door.get(f"/v1/users/{door.id_of(advisor)}", manager) == shown
    elsewhere = door.person("street_manager", street="310117002")
    assert is_problem(door.client.get(f"/v1/users/{door.id_of(advisor)}", headers=elsewhere), 404)
