"""The list of residents feeds a page: filters, order, what is known at a glance; and finding somebody (A37)."""

import base64
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.organisation import failures
from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, STREET, Person

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
POOR = {"kind": "assistance", "tag": "expenditure_poor", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
NEXT_DOOR = "310117001002"


def listed(door: Door, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = door.get("/v1/residents", headers, **query)["items"]
    return found


def ids(door: Door, headers: dict[str, str], **query: Any) -> list[str]:
    return [resident["resident_id"] for resident in listed(door, headers, **query)]


def person(door: Door, number: str, name: str, **told: Any) -> str:
    """A registered resident with a name, and what else is told."""
    said = {"id_number": number, "name": name, "street": STREET, "committee": COMMITTEE, **told}
    door.world.accept(door.world.event("resident.registered", {"person": said, "facts": [DIBAO]}))
    door.world.settle()
    return str(Person(door.world, number).id)


def test_a_list_tells_at_a_glance_who_is_due_when_who_goes_and_what_was_found_last(door: Door) -> None:
    street, advisor = door.person("street_advisor"), door.person("committee_advisor", name="李明")
    resident = door.resident(DIBAO, CHANGE)
    found = {"housing": {"level": "urgent", "note": "天花板漏水"}}
    answer = door.visit(advisor, resident, dimensions=found, narrative="老人精神尚好。屋顶漏水，已报修。")
    assert answer.status_code == 201
    pair = {"user_id": door.id_of(advisor)}
    assert door.client.put(f"/v1/residents/{resident}/pairing", headers=street, json=pair).status_code == 200
    door.world.go_to(date(2026, 4, 25))
    [shown] = listed(door, advisor)
    assert shown["tags"] == ["dibao_urban"]
    assert shown["last_visit"] == {"on": "2026-03-20", "mode": "home_visit", "gist": "老人精神尚好"}
    assert (shown["next_due_on"], shown["lamp"], shown["tier"]) == ("2026-04-30", "due_soon", "high")
    assert shown["assignee"]["name"] == shown["paired"]["name"] == "李明"
    [finding] = shown["open_findings"]
    assert (finding["dimension"], finding["level"], finding["note"]) == ("housing", "urgent", "天花板漏水")
    assert shown["open_needs"] == []
    [masked] = listed(door, door.person("district_officer"))
    assert masked["last_visit"]["gist"] is None
    assert masked["open_findings"][0]["note"] is None


def test_filters_of_the_list_find_those_they_name(door: Door) -> None:
    street, advisor = door.person("street_advisor"), door.person("committee_advisor")
    high, key = door.resident(DIBAO, CHANGE), door.resident(POOR)
    other = door.resident(POOR, committee=NEXT_DOOR)
    assert set(ids(door, street)) == {high, key, other}
    mine = door.id_of(advisor)
    assert set(ids(door, street, assignee=mine)) == {high, key}
    assert ids(door, street, assignee="none") == [other]
    pair = {"user_id": mine}
    assert door.client.put(f"/v1/residents/{other}/pairing", headers=street, json=pair).status_code == 200
    assert ids(door, street, paired=mine) == [other]
    assert set(ids(door, street, paired="none")) == {high, key}
    assert ids(door, street, tier="high") == [high]
    assert set(ids(door, street, duty_state="open", period="2026-H1")) == {key, other}
    assert ids(door, street, duty_state="open", period="2026-03") == [high]
    assert ids(door, street, duty_state="met") == []
    assert door.visit(advisor, key, dimensions={"health": "risk"}).status_code == 201
    assert ids(door, street, finding="health") == [key]
    assert ids(door, street, finding="economy") == ids(door, street, need="open") == []
    # Also those whom nobody ever met.
    assert set(ids(door, street, visited_before="2026-03-20")) == {high, other}
    assert set(ids(door, street, visited_before="2026-03-21")) == {high, key, other}
    door.world.go_to(date(2026, 3, 28))
    assert ids(door, street, lamp="overdue") == [high]
    door.world.go_to(date(2026, 5, 10))
    assert ids(door, street, lamp="due_soon") == [other]
    assert ids(door, street, lamp="none") == [key]
    assert is_problem(door.client.get("/v1/residents", headers=street, params={"lamp": "red"}), 422)


@pytest.mark.parametrize("sort", [None, "name", "due", "last_visit"])
def test_pages_tell_everything_once_in_the_order_of_the_list(door: Door, sort: str | None) -> None:
    street, advisor = door.person("street_advisor"), door.person("committee_advisor", capacity=100)
    facts = ((DIBAO, CHANGE), (POOR,), (DIBAO,), (DIBAO, CHANGE), (POOR,))
    for day, told in enumerate(facts, start=15):
        resident = door.resident(*told)
        if day % 2:
            assert door.visit(advisor, resident, service_date=f"2026-03-{day}").status_code == 201
    query = {} if sort is None else {"sort": sort}
    whole = ids(door, street, **query)
    assert len(set(whole)) == 5
    pages: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = door.get("/v1/residents", street, limit=2, **query, **cursor)
        pages += [resident["resident_id"] for resident in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert pages == whole
    if sort == "last_visit":
        days = [resident["last_visit"] and resident["last_visit"]["on"] for resident in listed(door, street, **query)]
        assert days == [None, None, "2026-03-15", "2026-03-17", "2026-03-19"]


def test_a_cursor_says_nothing_about_the_person_after_whom_a_page_begins(door: Door) -> None:
    street = door.person("street_advisor")
    person(door, "319999196001010040", "ZHANG SAN", household="ZHANG HOME")
    person(door, "319999195512310024", "ZHAO LIU")
    for path, sort in (("/v1/residents", "name"), ("/v1/tasks", "place")):
        cursor = door.get(path, street, limit=1, sort=sort)["next_cursor"]
        padded = cursor + "=" * (-len(cursor) % 4)
        assert b"ZHANG" not in base64.urlsafe_b64decode(padded)
        assert is_problem(door.client.get(path, headers=street, params={"sort": sort, "cursor": cursor[:-4]}), 422)


def test_somebody_is_found_by_a_part_of_the_name_the_building_or_the_end_of_the_phone(door: Door) -> None:
    street = door.person("street_advisor")
    first = person(door, "319999196001010040", "欧阳明月", phone="139-1234-5678", address="测试路1弄2号301室")
    second = person(door, "319999195512310024", "张三", phone="13900000000", address="测试路1弄20号")

    def found(headers: dict[str, str] = street, **remembered: str) -> list[str]:
        answer = door.client.post("/v1/residents/search", headers=headers, json=remembered)
        assert answer.status_code == 200, answer.text
        return [resident["resident_id"] for resident in answer.json()["items"]]

    assert found(name="明 月") == [first]
    assert found(name="欧　阳") == [first]
    assert found(building="1弄2号") == [first]
    assert set(found(building="测试路1弄")) == {first, second}
    assert found(building="301") == []
    assert found(phone_tail="5678") == [first]
    assert found(name="张", phone_tail="5678") == []
    # Nobody is found by what is masked, nor outside one's committees and people.
    assert found(door.person("district_officer"), name="张") == []
    assert found(door.person("committee_advisor", committees=[NEXT_DOOR]), name="张") == []
    assert found(door.person("visitor"), name="张") == []
    for wrong in ({}, {"phone_tail": "567"}, {"name": " "}, {"id_number": "319999196001010040"}):
        assert is_problem(door.client.post("/v1/residents/search", headers=street, json=wrong), 422)


def test_sixty_searches_an_hour_may_find_nobody_and_then_none_is_answered(
    door: Door,
) -> None:
    street, other = door.person("street_advisor"), door.person("street_advisor")
    person(door, "319999196001010040", "张三")
    search, look_up = "/v1/residents/search", "/v1/residents/lookup"
    for _ in range(failures.LOOK_UPS // 2):
        assert door.client.post(search, headers=street, json={"name": "李"}).json()["items"] == []
        assert is_problem(door.client.post(look_up, headers=street, json={"id_number": "319999195512310024"}), 404)
    for path, body in ((search, {"name": "张"}), (look_up, {"id_number": "319999196001010040"})):
        refused = door.client.post(path, headers=street, json=body)
        assert is_problem(refused, 429, "too_many_look_ups")
        assert int(refused.headers["retry-after"]) > 0
        assert door.client.post(path, headers=other, json=body).status_code == 200
    later = clock.real_now() + timedelta(hours=1)
    with door.world.database.transaction(door.world.scope) as session:
        failures.begin_look_up(session, UUID(door.id_of(street)), now=later)


def test_a_visitor_keeps_their_people_between_two_tasks_and_never_reads_an_id_number(door: Door) -> None:
    visitor = door.person("visitor")
    resident = person(door, "319999196001010040", "张三", phone="13912345678", address="测试路1弄2号301室")
    [task] = door.get("/v1/tasks", visitor, mine=True)["items"]
    assert door.visit(visitor, resident).status_code == 201
    assert door.get("/v1/tasks", visitor, state="open")["items"] == []
    assert door.get(f"/v1/tasks/{task['task_id']}", visitor)["resident"]["name"] == "张三"
    shown = door.get(f"/v1/residents/{resident}", visitor)
    assert (shown["name"], shown["place"], shown["id_number"]) == ("张三", "测试路1弄2号", None)
    assert ids(door, visitor) == [resident]
    path, reason = f"/v1/residents/{resident}/reveal", "上门前电话联系"
    for field, value in (("phone", "13912345678"), ("address", "测试路1弄2号301室"), ("birth_date", "1960-01-01")):
        answer = door.client.post(path, headers=visitor, json={"field": field, "reason": reason})
        assert answer.json()["value"] == value
    assert is_problem(door.client.post(path, headers=visitor, json={"field": "id_number", "reason": reason}), 403)


def test_the_story_of_somebody_holds_what_was_said_at_each_point(door: Door) -> None:
    street, advisor = door.person("street_advisor", name="王芳"), door.person("committee_advisor", name="李明")
    door.key(name="区医保局")
    resident = door.world.register(DIBAO)
    resident.world.send("change.accident", resident, happened_on="2026-03-18", description="骑车摔伤")
    [task] = door.get("/v1/tasks", advisor)["items"]
    path = f"/v1/tasks/{task['task_id']}"
    attempt = {"outcome": "refused", "on": "2026-03-20", "note": "说不需要帮助"}
    assert door.client.post(f"{path}/attempts", headers=advisor, json=attempt).status_code == 201
    excuse = {"kind": "response", "reason": "已由医院照护"}
    assert door.client.post(f"{path}/excuse", headers=street, json=excuse).status_code == 200
    assert door.visit(advisor, str(resident.id), narrative="能下地走动").status_code == 201
    story = door.get(f"/v1/residents/{resident.id}/timeline", advisor)["items"]
    told = {line["what"]: line for line in story}
    fact = next(line for line in story if line["what"] == "fact" and line["type"] == "change.accident")
    assert (fact["words"], fact["told_by"]) == ("骑车摔伤", "区医保局")
    assert (told["attempt"]["note"], told["attempt"]["by"]["name"]) == ("说不需要帮助", "李明")
    assert (told["excuse"]["reason"], told["excuse"]["by"]["name"]) == ("已由医院照护", "王芳")
    assert told["visit"]["narrative"] == "能下地走动"
    masked = door.client.get(f"/v1/residents/{resident.id}/timeline", headers=door.person("district_officer")).text
    for words in ("骑车摔伤", "说不需要帮助", "能下地走动"):
        assert words not in masked
