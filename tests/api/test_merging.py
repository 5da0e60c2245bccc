"""A38: two residents who are one person are merged, previewed; what is known and owed of both is kept, once."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.door import Door, is_problem
from tests.api.people import EDGE, WANG, ZHANG, People, who
from tests.statements import Statements, growth
from tests.world import STREET

THERE = "310117002003"


@pytest.fixture
def people(door: Door) -> People:
    for _ in range(2):
        door.person("committee_advisor", capacity=100)
    return People(door)


def duties(people: People, resident: str, headers: dict[str, str] | None = None) -> dict[Any, Any]:
    found = people.door.get(f"/v1/residents/{resident}/duties", headers or people.officer)["items"]
    return {(duty["kind"], duty["period"] or duty["due_on"]): duty for duty in found}


def open_visits(people: People, headers: dict[str, str] | None = None) -> list[Any]:
    return list(people.door.get("/v1/tasks", headers or people.officer, state="open", kind="visit")["items"])


@pytest.fixture
def twice(people: People) -> tuple[str, str]:
    """One person registered by number, and again by a source's own: met as the one, in an accident as the other."""
    zhang = people.register("张三", ZHANG)
    other = people.register("张三", external_id="YB-7", phone="13812345678")
    advisor = people.door.person("street_advisor")
    assert people.door.visit(advisor, other).status_code == 201
    people.door.world.settle()
    people.door.world.business.at += timedelta(hours=1)
    people.tell("change.accident", {"external_id": "YB-7"}, happened_on="2026-03-20")
    return zhang, other


def test_a_merge_is_previewed_and_the_preview_changes_nothing(people: People, twice: tuple[str, str]) -> None:
    zhang, other = twice
    before = {resident: duties(people, resident) for resident in twice}
    answer = people.merge(zhang, other, dry_run=True)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["dry_run"], shown["resident_id"], shown["merged"]) == (True, zhang, other)
    assert (shown["visits"], shown["facts"]) == (1, 2)
    assert shown["tasks"] >= 1
    assert shown["credits"] >= 1
    assert shown["open_task_id"] is not None
    assert {resident: duties(people, resident) for resident in twice} == before
    assert len(open_visits(people)) == 2
    real = people.merge(zhang, other).json()
    assert {**real, "dry_run": True} == shown


def test_facts_visits_credits_duties_and_tasks_of_both_are_the_survivors(
    people: People, twice: tuple[str, str]
) -> None:
    zhang, other = twice
    theirs = duties(people, other)
    assert people.merge(zhang, other).status_code == 200
    [task] = open_visits(people)
    assert task["resident"]["resident_id"] == zhang
    assert task["due_on"] == "2026-03-27"
    assert task["tier"] == "high"
    ours = duties(people, zhang)
    assert ours["response", "2026-03-27"]["state"] == "open"
    assert theirs["periodic", "2026-H1"]["credited_visit_id"] is not None
    shown = people.door.get(f"/v1/residents/{zhang}", people.manager)
    assert {fact["kind"] for fact in shown["facts"]} == {"assistance", "major_change"}
    assert shown["phone"] == "138****5678"
    told = people.door.get(f"/v1/residents/{zhang}/timeline", people.manager)["items"]
    assert {"visit", "alert", "task", "fact"} <= {line["what"] for line in told}
    # The accident is answered once, by one visit to the one person.
    advisor = people.door.person("street_advisor")
    people.door.world.go_to(date(2026, 3, 23))
    answer = people.door.visit(advisor, zhang)
    assert answer.status_code == 201, answer.text
    assert open_visits(people) == []


def test_a_period_met_as_either_is_met_and_counted_once(people: People, twice: tuple[str, str]) -> None:
    zhang, other = twice
    assert duties(people, zhang)["periodic", "2026-H1"]["state"] == "open"
    met = duties(people, other)["periodic", "2026-H1"]
    people.door.world.go_to(date(2026, 7, 2))
    period = {"period": "2026-H1", "by": "street"}
    [row] = people.door.get("/v1/reports/coverage", people.officer, **period)["rows"]
    missed = duties(people, zhang)["periodic", "2026-H1"]
    assert missed["state"] == "missed"
    assert people.merge(zhang, other).status_code == 200
    after = duties(people, zhang)["periodic", "2026-H1"]
    if met["state"] == "met":
        assert after["state"] == "met"
    # What the report said the day before stays what it said.
    [told] = people.door.get("/v1/reports/coverage", people.officer, **period, as_known_on="2026-07-01")["rows"]
    assert (told["owed"], told["missed"]) == (row["owed"], row["missed"])
    [now] = people.door.get("/v1/reports/coverage", people.officer, **period)["rows"]
    assert now["missed"] == 0
    assert now["owed"] == row["owed"] - 1


def test_a_merge_makes_no_closed_period_missed(people: People) -> None:
    """Together they would have been of high risk since March; what closed until then keeps what was owed in it."""
    zhang = people.register("张三", ZHANG)
    placed = {"external_id": "YB-7", "name": "张三", "street": STREET, "committee": f"{STREET}001"}
    other = people.alert(people.tell("change.accident", placed, happened_on="2026-03-20"))["resident_id"]
    people.door.world.go_to(date(2026, 5, 6))
    before = {key: duty["state"] for key, duty in duties(people, zhang).items()}
    assert people.merge(zhang, other).status_code == 200
    decision = people.door.get(f"/v1/residents/{zhang}/decision", people.manager)
    assert decision["tier"] == "high"
    after = duties(people, zhang)
    assert ("periodic", "2026-03") not in after
    assert ("periodic", "2026-04") not in after
    assert after["periodic", "2026-05"]["state"] == "open"
    assert before == {("periodic", "2026-H1"): "open"}


def test_attempts_and_recusals_of_both_are_kept(people: People, twice: tuple[str, str]) -> None:
    zhang, other = twice
    world = people.door.world
    mine = next(task for task in open_visits(people) if task["resident"]["resident_id"] == other)
    advisor = people.door.person("street_advisor")
    tried = {"outcome": "not_home", "on": "2026-03-20", "note": "敲门无人"}
    assert people.door.client.post(f"/v1/tasks/{mine['task_id']}/attempts", headers=advisor, json=tried).is_success
    helper = people.door.person("committee_advisor")
    recused = {"resident_id": other, "reason": "亲属"}
    answer = people.door.client.post(
        f"/v1/users/{people.door.id_of(helper)}/recusals", headers=people.manager, json=recused
    )
    assert answer.is_success, answer.text
    assert people.merge(zhang, other).json()["attempts"] == 1
    rows = world.rows("SELECT resident_id FROM attempt")
    assert {str(row.resident_id) for row in rows} == {zhang}
    rows = world.rows("SELECT resident_id FROM recusal WHERE user_id = :user", user=people.door.id_of(helper))
    assert zhang in {str(row.resident_id) for row in rows}


def test_a_merged_resident_answers_410_on_every_path_to_whoever_sees_the_survivor(
    people: People, twice: tuple[str, str]
) -> None:
    zhang, other = twice
    assert people.merge(zhang, other).status_code == 200
    client, body = people.door.client, {"reason": "核对"}
    asked = (
        ("GET", "", None),
        ("GET", "/duties", None),
        ("GET", "/timeline", None),
        ("GET", "/decision", None),
        ("PATCH", "", {"phone": "13900000000"}),
        ("PUT", "/pairing", {"user_id": None}),
        ("POST", "/facts", EDGE),
        ("POST", "/reveal", {"field": "name", **body}),
        ("POST", "/merge", {"with": zhang, **body}),
    )
    for method, path, sent in asked:
        answer = client.request(method, f"/v1/residents/{other}{path}", headers=people.manager, json=sent)
        assert is_problem(answer, 410, "merged"), (method, path, answer.text)
        assert answer.json()["into"] == zhang
    assert is_problem(people.merge(zhang, other), 410, "merged")
    elsewhere = people.door.person("street_manager", street="310117002")
    assert is_problem(client.get(f"/v1/residents/{other}", headers=elsewhere), 404)
    visit = people.door.visit(people.door.person("street_advisor"), other)
    assert is_problem(visit, 410, "merged")


def test_across_streets_the_district_merges_and_the_old_street_keeps_its_own(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    there = {"street": THERE[:9], "committee": THERE}
    far = people.register("张三", external_id="YB-7", **there)
    people.door.person("committee_advisor", street=THERE[:9], committees=[THERE], capacity=100)
    people.tell("change.accident", {"external_id": "YB-7"}, happened_on="2026-03-20")
    their_manager = people.door.person("street_manager", street=THERE[:9])
    for manager in (people.manager, their_manager):
        assert is_problem(people.merge(zhang, far, manager), 404)
    assert people.merge(zhang, far, people.officer).status_code == 200
    [task] = open_visits(people)
    assert (task["resident"]["resident_id"], task["due_on"]) == (zhang, "2026-03-27")
    assert duties(people, zhang)["response", "2026-03-27"]["state"] == "open"
    answer = people.door.client.get(f"/v1/residents/{far}", headers=people.manager)
    assert (answer.status_code, answer.json()["into"]) == (410, zhang)
    assert is_problem(people.door.client.get(f"/v1/residents/{far}", headers=their_manager), 404)
    later = people.tell("change.accident", {"external_id": "YB-7"}, happened_on="2026-03-19")
    assert people.alert(later)["resident_id"] == zhang
    # Wherever the survivor goes, the merged id says who it is.
    people.tell("resident.moved", {"id_number": ZHANG}, on="2026-03-20", to_street=THERE[:9], to_committee=THERE)
    answer = people.door.client.get(f"/v1/residents/{far}", headers=their_manager)
    assert (answer.status_code, answer.json()["into"]) == (410, zhang)
    assert is_problem(people.door.client.get(f"/v1/residents/{far}", headers=people.manager), 404)


def test_two_residents_across_streets_are_settled_by_the_district(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    far = people.register("张三", external_id="YB-7", street=THERE[:9], committee=THERE)
    alert = people.tell("resident.registered", who("张三", ZHANG, external_id="YB-7"), facts=[])
    assert people.alert(alert)["problem_code"] == "two_residents"
    assert people.resolve(alert, **{"as": "same_person"}).status_code in (403, 404)
    assert people.resolve(alert, people.officer, **{"as": "same_person"}).status_code == 200
    assert people.alert(alert)["resident_id"] == zhang
    assert people.door.client.get(f"/v1/residents/{far}", headers=people.officer).status_code == 410


def test_news_of_the_one_merged_away_that_still_waits_reaches_the_survivor(
    people: People, twice: tuple[str, str]
) -> None:
    zhang, other = twice
    event = people.door.world.event(
        "change.emergency", {"person": {"external_id": "YB-7"}, "happened_on": "2026-03-19"}
    )
    assert people.door.client.post("/v1/alerts", headers=people.key, json=event).status_code == 202
    assert people.merge(zhang, other).status_code == 200
    [item] = people.door.get("/v1/alerts", people.key, id=event["id"])["items"]
    assert (item["status"], item["resident_id"]) == ("processed", zhang)


def test_merging_again_follows_to_the_last_survivor(people: People, twice: tuple[str, str]) -> None:
    zhang, other = twice
    wang = people.register("张三", WANG)
    assert people.merge(zhang, other).status_code == 200
    assert people.merge(wang, zhang).status_code == 200
    for gone in (zhang, other):
        answer = people.door.client.get(f"/v1/residents/{gone}", headers=people.manager)
        assert (answer.status_code, answer.json()["into"]) == (410, wang)
    # Both numbers find whoever is left, under every name on record.
    alert = people.tell("change.accident", who("张三", ZHANG), happened_on="2026-03-18")
    assert people.alert(alert)["resident_id"] == wang


def test_nobody_merges_with_themselves_and_only_managers_merge(people: People, twice: tuple[str, str]) -> None:
    zhang, other = twice
    assert is_problem(people.merge(zhang, zhang), 422, "invalid")
    for role in ("street_advisor", "committee_advisor", "visitor"):
        assert is_problem(people.merge(zhang, other, people.door.person(role)), 403), role
    assert is_problem(people.merge(zhang, "0195b0c1-7d3e-7000-8000-000000000001"), 404)


def seen(people: People, visit: str) -> Any:
    return people.door.get(f"/v1/visits/{visit}", people.manager)


def changed(people: People, visit: str, **changes: Any) -> Any:
    """The visit after the street corrected it."""
    answer = people.door.client.patch(
        f"/v1/visits/{visit}", headers={**people.manager, "If-Match": "*"}, json={"reason": "写错了", **changes}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def voided(people: People, visit: str) -> None:
    answer = people.door.client.post(f"/v1/visits/{visit}/void", headers=people.manager, json={"reason": "没有去过"})
    assert answer.status_code == 200, answer.text


def test_a38_a_visit_to_the_one_merged_away_is_one_to_the_survivor_and_can_be_corrected_and_voided(
    people: People,
) -> None:
    zhang = people.register("张三", ZHANG)
    other = people.register("张三", external_id="YB-7")
    advisor = people.door.person("street_advisor")
    visit = people.door.visit(advisor, other).json()["visit_id"]
    assert people.merge(zhang, other).status_code == 200
    assert seen(people, visit)["resident_ids"] == [zhang]
    assert [one["resident_id"] for one in seen(people, visit)["credits"]] == [zhang]
    versions = people.door.get(f"/v1/visits/{visit}/versions", people.manager)["items"]
    assert [(one["what"], one["reason"]) for one in versions] == [("recorded", None), ("corrected", "同一人")]
    assert duties(people, zhang)["periodic", "2026-H1"]["state"] == "met"
    # Nobody was met after all; then they were; then nobody went.
    assert changed(people, visit, met={zhang: False})["credits"] == []
    assert duties(people, zhang)["periodic", "2026-H1"]["state"] == "open"
    [credit] = changed(people, visit, met={zhang: True})["credits"]
    assert credit["resident_id"] == zhang
    voided(people, visit)
    assert duties(people, zhang)["periodic", "2026-H1"]["state"] == "open"


def test_a21_two_records_of_one_visit_to_both_become_one_record_that_can_be_voided(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    other = people.register("张三", external_id="YB-7")
    advisor = people.door.person("street_advisor")
    first = people.door.visit(advisor, zhang, met={zhang: False}).json()["visit_id"]
    people.door.world.business.at += timedelta(minutes=5)
    second = people.door.visit(advisor, other, narrative="已讲解政策").json()["visit_id"]
    answer = people.merge(zhang, other)
    assert answer.status_code == 200, answer.text
    record = seen(people, second)
    assert (record["visit_id"], record["resident_ids"]) == (first, [zhang])
    assert "已讲解政策" in record["narrative"]
    duty = duties(people, zhang)["periodic", "2026-H1"]
    assert (duty["state"], duty["credited_visit_id"]) == ("met", first)
    voided(people, second)
    assert duties(people, zhang)["periodic", "2026-H1"]["state"] == "open"


def test_a38_a_family_visit_names_the_survivor_once_and_keeps_what_the_others_were_credited(people: People) -> None:
    zhang = people.register("张三", ZHANG, household="H1")
    other = people.register("张三", external_id="YB-7", household="H1")
    wang = people.register("王五", WANG, household="H1")
    advisor = people.door.person("street_advisor")
    family = {"resident_ids": [zhang, other, wang], "met": {zhang: False, other: True, wang: True}}
    visit = people.door.visit(advisor, zhang, **family).json()["visit_id"]
    assert people.merge(zhang, other).status_code == 200
    record = seen(people, visit)
    assert (record["resident_ids"], record["met"]) == ([zhang, wang], {zhang: True, wang: True})
    assert {one["resident_id"] for one in record["credits"]} == {zhang, wang}
    voided(people, visit)
    for resident in (zhang, wang):
        assert duties(people, resident)["periodic", "2026-H1"]["state"] == "open"


def test_a20_a_visit_of_somebody_recused_credits_nothing_after_the_merge_either(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    other = people.register("张三", external_id="YB-7")
    advisor = people.door.person("street_advisor")
    recused = {"resident_id": other, "reason": "亲属"}
    path = f"/v1/users/{people.door.id_of(advisor)}/recusals"
    assert people.door.client.post(path, headers=people.manager, json=recused).is_success
    visit = people.door.visit(advisor, other).json()["visit_id"]
    assert people.merge(zhang, other).status_code == 200
    assert seen(people, visit)["credits"] == []
    assert {one["because"] for one in seen(people, visit)["not_credited"]} == {"recused"}
    changed(people, visit, narrative="家中平安")
    assert duties(people, zhang)["periodic", "2026-H1"]["state"] == "open"


def test_a21_a_late_entry_that_waits_for_approval_credits_the_survivor(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    other = people.register("张三", external_id="YB-7")
    people.tell("change.accident", {"external_id": "YB-7"}, happened_on="2026-03-20")
    advisor = people.door.person("street_advisor")
    people.door.world.go_to(date(2026, 4, 20))
    assert people.door.visit(advisor, other, service_date="2026-03-30").status_code == 201
    assert people.merge(zhang, other).status_code == 200
    [task] = [
        task
        for task in people.door.get("/v1/tasks", people.officer, state="open", kind="confirm")["items"]
        if task["resident"]["resident_id"] == zhang
    ]
    decided = {"outcome": "confirm", "result": "属实"}
    answer = people.door.client.post(f"/v1/tasks/{task['task_id']}/decide", headers=advisor, json=decided)
    assert answer.is_success, answer.text
    assert duties(people, zhang)["periodic", "2026-03"]["state"] == "met"


def test_a_merge_of_more_visits_takes_no_more_statements(people: People, statements: Statements) -> None:
    advisor = people.door.person("street_advisor")
    sent = []
    # First once, for what a process reads once; then some, then three times as many.
    for number in (1, 2, 6):
        zhang, other = (people.register("张三", external_id=f"{who}-{number}") for who in ("A", "B"))
        for day in range(1, number + 1):
            answer = people.door.visit(advisor, other, service_date=f"2026-03-{day:02d}", mode="phone")
            assert answer.status_code == 201, answer.text
        with statements.counted() as found:
            shown = people.merge(zhang, other, dry_run=True).json()
        assert shown["visits"] == number
        sent.append(found)
    assert growth(sent[1], sent[2]) == {}
