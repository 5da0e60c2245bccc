"""What somebody said in words is read by whoever has to act, in the task itself (A33, A37)."""

from datetime import date
from typing import Any

from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, SOURCE, STREET

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}


def only_task(door: Door, headers: dict[str, str], **query: Any) -> dict[str, Any]:
    [task] = door.get("/v1/tasks", headers, state="open", **query)["items"]
    found: dict[str, Any] = task
    return found


def test_each_duty_of_a_task_has_its_own_cause_day_teller_clause_and_words(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.key(name="区医保局")
    resident = door.world.register(DIBAO)
    resident.world.send("change.accident", resident, happened_on="2026-03-18", description="骑车摔伤，左腿骨折")
    task = only_task(door, advisor)
    response, periodic = task["causes"]
    assert response == {
        "what": "近期遭遇重大变故（意外事故）",
        "happened_on": "2026-03-18",
        "told_by": "区医保局",
        "words": "骑车摔伤，左腿骨折",
        "clause": "二（一）",
        "limit": "local",
        "duty": {"kind": "response", "period": None, "due_on": "2026-03-27"},
    }
    assert (periodic["told_by"], periodic["limit"], periodic["words"]) == ("定期走访", "policy", None)
    assert periodic["duty"] == {"kind": "periodic", "period": "2026-03", "due_on": "2026-03-31"}
    assert "三（一）" in periodic["clause"]
    assert task["why"] == "二（一）近期遭遇重大变故（意外事故）（2026-03-18 区医保局）"


def test_a_source_without_a_name_is_an_external_system_and_a_colleague_has_theirs(door: Door) -> None:
    advisor, street = door.person("committee_advisor"), door.person("street_advisor", name="王芳")
    resident = door.world.register(DIBAO)
    resident.world.send("change.other", resident, happened_on="2026-03-18")
    fact = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-19"}
    assert door.client.post(f"/v1/residents/{resident.id}/facts", headers=street, json=fact).status_code == 202
    door.world.settle()
    told = {cause["happened_on"]: cause["told_by"] for cause in only_task(door, advisor)["causes"]}
    assert (told["2026-03-18"], told["2026-03-19"]) == ("外部系统", "王芳")


def test_the_free_details_of_a_warning_are_read_and_those_of_one_that_joined_it(door: Door) -> None:
    advisor = door.person("committee_advisor")
    resident = door.world.register(POOR)
    resident.world.send("warning.illness_poverty", resident, pushed_on="2026-03-19", out_of_pocket=52000, ward="心内科")
    door.world.go_to(date(2026, 3, 23))
    resident.world.send("warning.illness_poverty", resident, pushed_on="2026-03-23", out_of_pocket=61000)
    [response] = [cause for cause in only_task(door, advisor)["causes"] if cause["duty"]["kind"] == "response"]
    assert (response["what"], response["clause"]) == ("因病致贫预警", "二（三）")
    assert response["words"] == "out_of_pocket：52000；ward：心内科\n2026-03-23 外部系统：out_of_pocket：61000"


def test_a_lead_names_its_channel_its_clause_and_what_was_said(door: Door) -> None:
    advisor = door.person("committee_advisor")
    resident = door.world.register(POOR)
    for channel, words in (("neighbour", "门口报纸三天没人收"), ("hotline", "来电称断药")):
        resident.world.send("lead.reported", resident, channel=channel, description=words)
    leads = door.get("/v1/tasks", advisor, kind="lead")["items"]
    causes = {task["causes"][0]["words"]: task["causes"][0] for task in leads}
    assert causes["门口报纸三天没人收"]["clause"] == "三（三）"
    assert causes["来电称断药"]["clause"] == "三（四）"
    assert all(cause["duty"] is None and cause["limit"] == "local" for cause in causes.values())
    assert leads[0]["why"].startswith(("三（三）", "三（四）"))


def test_the_district_reads_that_something_was_said_and_not_the_words(door: Door) -> None:
    officer, advisor = door.person("district_officer"), door.person("committee_advisor")
    resident = door.world.register(DIBAO)
    resident.world.send("change.accident", resident, happened_on="2026-03-18", description="骑车摔伤")
    answer = door.client.get("/v1/tasks", headers=officer)
    assert "骑车摔伤" not in answer.text
    assert "骑车摔伤" in door.client.get("/v1/tasks", headers=advisor).text
    # Sealed where they stand.
    [row] = door.world.rows("SELECT words FROM fact_entry WHERE type = 'change.accident'")
    assert "骑车摔伤".encode() not in bytes(row.words)


def test_the_notes_of_two_closed_doors_stand_in_the_welfare_check_they_raised(door: Door) -> None:
    advisor = door.person("committee_advisor")
    door.world.register(DIBAO)
    task = only_task(door, advisor)
    for day, note in ((date(2026, 3, 23), "敲门无人应"), (date(2026, 3, 24), "邻居说去了女儿家")):
        door.world.go_to(day)
        body = {"outcome": "not_home", "on": day.isoformat(), "note": note}
        assert door.client.post(f"/v1/tasks/{task['task_id']}/attempts", headers=advisor, json=body).status_code == 201
    [cause] = only_task(door, advisor, kind="welfare_check")["causes"]
    assert cause["words"] == "2026-03-23：敲门无人应\n2026-03-24：邻居说去了女儿家"
    assert cause["happened_on"] == "2026-03-24"
    history = door.get(f"/v1/tasks/{task['task_id']}", advisor)["history"]
    notes = [line["details"]["note"] for line in history if line["what"] == "attempt"]
    assert notes == ["敲门无人应", "邻居说去了女儿家"]


def test_what_a_neighbour_said_of_somebody_in_hospital_reaches_whoever_confirms_it(door: Door) -> None:
    street, advisor = door.person("street_advisor"), door.person("committee_advisor", name="李明")
    door.world.register(DIBAO)
    task = only_task(door, advisor)
    body = {"outcome": "hospital", "on": "2026-03-20", "note": "邻居说住在区中心医院"}
    assert door.client.post(f"/v1/tasks/{task['task_id']}/attempts", headers=advisor, json=body).status_code == 201
    [cause] = only_task(door, street, kind="confirm")["causes"]
    assert (cause["words"], cause["told_by"], cause["happened_on"]) == ("邻居说住在区中心医院", "李明", "2026-03-20")
    assert all("中心医院" not in one["text"] for one in door.get("/v1/notifications", street)["items"])


def test_a_finding_in_one_dimension_counts_and_its_note_reaches_the_follow_up(door: Door) -> None:
    street, advisor = door.person("street_advisor"), door.person("committee_advisor", name="李明")
    resident = door.resident(POOR)
    found = {"health": {"level": "risk", "note": "胰岛素已停两周"}}
    assert door.visit(advisor, resident, dimensions=found).status_code == 201
    follow_up = only_task(door, street, kind="follow_up")
    [cause] = follow_up["causes"]
    assert (cause["clause"], cause["words"], cause["told_by"]) == ("四（五）", "胰岛素已停两周", "李明")
    assert "健康" in cause["what"]
    assert follow_up["open_findings"] == [
        {"dimension": "health", "level": "risk", "note": "胰岛素已停两周", "found_on": "2026-03-20"}
    ]
    assert follow_up["last_visit"] == {"on": "2026-03-20", "mode": "home_visit", "gist": "情况稳定"}


def test_one_dimension_alone_is_no_check_for_a_contact_that_the_resident_began(door: Door) -> None:
    advisor, resident = door.person("committee_advisor"), door.resident(POOR)
    answer = door.visit(advisor, resident, initiated_by="resident", mode="phone", dimensions={"health": "ok"}).json()
    assert [line["because"] for line in answer["not_credited"]] == ["no_dimension_check"]


def registered(door: Door) -> str:
    """Somebody with a name, a phone and an address."""
    person = {
        "id_number": "319999196001010040",
        "name": "欧阳明月",
        "street": STREET,
        "committee": COMMITTEE,
        "phone": "13912345678",
        "address": "测试路1弄2号301室",
        "household": "测试路一户",
    }
    door.world.accept(door.world.event("resident.registered", {"person": person, "facts": [DIBAO]}))
    door.world.settle()
    [row] = door.world.rows("SELECT resident_id FROM resident")
    return str(row.resident_id)


def test_whoever_must_visit_sees_the_name_and_the_address_to_the_building_and_the_others_do_not(door: Door) -> None:
    registered(door)
    for role in ("committee_advisor", "street_advisor", "street_manager"):
        task = only_task(door, door.person(role))
        assert (task["resident"]["name"], task["place"]) == ("欧阳明月", "测试路1弄2号"), role
        assert task["household"] == "测试路一户"
    task = only_task(door, door.person("district_officer"))
    assert task["resident"]["name"] == "欧阳*"
    assert task["place"] == task["resident"]["committee_name"]


def test_a_visitor_sees_of_the_pool_where_it_is_and_after_the_claim_whose_it_is(door: Door) -> None:
    resident = registered(door)
    visitor = door.person("visitor")
    listed = door.client.get("/v1/tasks", headers=visitor, params={"assignee": "none"})
    [item] = listed.json()["items"]
    assert item.keys() == {
        "task_id",
        "kind",
        "state",
        "tier",
        "due_on",
        "planned_on",
        "overdue",
        "lamp",
        "place",
    }
    assert item["place"].endswith("居委会")
    path = f"/v1/tasks/{item['task_id']}"
    assert door.get(path, visitor) == item
    for answer in (listed, door.client.get(path, headers=visitor)):
        assert resident not in answer.text
        assert "明月" not in answer.text
    # Nor does asking for somebody's tasks say that this is theirs.
    assert door.get("/v1/tasks", visitor, resident_id=resident)["items"] == []
    claimed = door.client.post(f"{path}/claim", headers=visitor).json()
    assert (claimed["resident"]["name"], claimed["place"]) == ("欧阳明月", "测试路1弄2号")
    released = door.client.post(f"{path}/release", headers=visitor, json={"reason": "太远"}).json()
    assert released.keys() == item.keys()


def test_whoever_is_given_work_hears_of_it_at_once(door: Door) -> None:
    manager, advisor = door.person("street_manager"), door.person("committee_advisor")
    door.resident(DIBAO)
    [told] = door.get("/v1/notifications", advisor)["items"]
    task = only_task(door, advisor)
    assert (told["kind"], told["task_id"]) == ("assigned", task["task_id"])
    # What somebody takes by themselves they know of.
    path = f"/v1/tasks/{task['task_id']}"
    assert door.client.post(f"{path}/release", headers=advisor, json={"reason": "太远"}).status_code == 200
    assert door.client.post(f"{path}/claim", headers=advisor).status_code == 200
    assert len(door.get("/v1/notifications", advisor)["items"]) == 1
    other = door.person("committee_advisor")
    body = {"user_id": door.id_of(other), "reason": "熟悉情况"}
    assert door.client.post(f"{path}/assign", headers=manager, json=body).status_code == 200
    assert [one["task_id"] for one in door.get("/v1/notifications", other)["items"]] == [task["task_id"]]


def test_a_name_of_a_source_is_words_of_one_line(door: Door) -> None:
    admin = door.person("admin")
    body = {"source": SOURCE, "scopes": ["alerts:write"], "name": "区医保局"}
    assert door.client.post("/v1/keys", headers=admin, json=body).json()["name"] == "区医保局"
    assert door.get("/v1/keys", admin)["items"][0]["name"] == "区医保局"
    assert is_problem(door.client.post("/v1/keys", headers=admin, json={**body, "name": "a\nb"}), 422)
