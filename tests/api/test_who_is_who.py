"""A38: the number says who somebody is, the name that it is so; what does not fit is for people to settle."""

from datetime import date

import pytest

from tests.api.door import Door, is_problem
from tests.api.people import LI, WANG, ZHANG, People, who
from tests.world import COMMITTEE, STREET

THERE = "310117002003"


@pytest.fixture
def people(door: Door) -> People:
    door.person("committee_advisor", capacity=100)
    return People(door)


@pytest.mark.parametrize(
    "written", ["张　三", " 张三 ", "张 三", "\u200b张三", "张\u202a三\u202e", "\ufeff张三", "张\u00a0三"]
)
def test_a_name_padded_or_with_invisible_characters_is_the_same_name(people: People, written: str) -> None:
    resident = people.register("张三", ZHANG)
    alert = people.tell("change.accident", who(written, f"\u200b{ZHANG[:6]} {ZHANG[6:]}\ufeff"))
    assert people.alert(alert)["status"] == "processed"
    assert people.alert(alert)["resident_id"] == resident
    assert people.name(resident) == "张三"


def test_padding_and_invisible_characters_go_from_what_is_kept(people: People) -> None:
    resident = people.register("\ufeff张　三\u200b", ZHANG, phone="\u202a138 0000 0000\u202c", external_id="\u200bA-1 ")
    assert people.name(resident) == "张三"
    assert people.correct(resident, name="欧阳\u200b　明 月", phone="\u202d13900000000").status_code == 202
    assert people.name(resident) == "欧阳明月"
    shown = people.door.get(f"/v1/residents/{resident}", people.manager)
    assert shown["phone"] == "139****0000"
    # The source's own number finds them without what nobody sees.
    alert = people.tell("change.accident", {"external_id": "A-1"})
    assert people.alert(alert)["resident_id"] == resident


def test_another_name_under_a_known_number_is_quarantined_and_has_no_effect(people: People) -> None:
    resident = people.register("张三", ZHANG)
    before = people.door.get(f"/v1/residents/{resident}/decision", people.manager)["tier"]
    alert = people.alert(people.tell("change.accident", who("李四", ZHANG), happened_on="2026-03-20"))
    assert (alert["status"], alert["problem_code"]) == ("quarantined", "name_differs")
    assert "姓名" in alert["problem"]
    assert people.door.get(f"/v1/residents/{resident}/decision", people.manager)["tier"] == before == "general"
    registered = people.alert(people.tell("resident.registered", who("李四", ZHANG, household="9"), facts=[]))
    assert (registered["status"], registered["problem_code"]) == ("quarantined", "name_differs")
    assert people.name(resident) == "张三"
    assert people.door.get(f"/v1/residents/{resident}", people.manager)["household"] is None


def test_the_street_manager_is_told_and_a_change_is_due_the_next_working_day(people: People) -> None:
    people.register("张三", ZHANG)
    alert = people.tell("change.accident", who("李四", ZHANG), happened_on="2026-03-20")
    [told] = people.door.get("/v1/notifications", people.manager)["items"]
    assert told["kind"] == "person_in_doubt"
    assert "2026-03-23" in told["text"]
    assert "李四" not in told["text"]
    assert "张三" not in told["text"]
    # Friday's news; nobody settles it on Monday.
    found = people.alert(alert)
    assert (found["due_on"], found["overdue"]) == ("2026-03-23", False)
    people.door.world.go_to(date(2026, 3, 23))
    assert people.alert(alert)["overdue"] is False
    people.door.world.go_to(date(2026, 3, 24))
    [item] = people.door.get("/v1/alerts", people.manager, status="quarantined")["items"]
    assert item["overdue"] is True
    # A registration asks for no visit, and so has no day.
    registered = people.alert(people.tell("resident.registered", who("李四", ZHANG), facts=[]))
    assert (registered["due_on"], registered["overdue"]) == (None, False)


def test_the_same_person_is_called_otherwise_now_and_the_response_counts_from_arrival(people: People) -> None:
    resident = people.register("张三", ZHANG)
    alert = people.tell("change.accident", who("张叁", ZHANG), happened_on="2026-03-20")
    people.door.world.go_to(date(2026, 3, 26))
    answer = people.resolve(alert, **{"as": "same_person"})
    assert answer.status_code == 200, answer.text
    found = people.alert(alert)
    assert (found["status"], found["problem_code"], found["due_on"]) == ("processed", None, None)
    assert found["resolution"]["as"] == "same_person"
    assert found["resolution"]["reason"] == "电话核实"
    assert people.name(resident) == "张叁"
    # Five working days from Friday 20 March, whenever somebody settled whose it is.
    duties = people.door.get(f"/v1/residents/{resident}/duties", people.manager)["items"]
    assert {duty["due_on"] for duty in duties if duty["kind"] == "response"} == {"2026-03-27"}
    # The former name is on record: whoever still sends it is understood, and changes nothing.
    again = people.alert(people.tell("resident.registered", who("张三", ZHANG), facts=[]))
    assert again["status"] == "processed"
    assert people.name(resident) == "张叁"


def test_once_the_name_is_known_everything_that_waited_for_it_goes_on(people: People) -> None:
    people.register("张三", ZHANG)
    alerts = [people.tell("change.accident", who("张叁", ZHANG), happened_on=f"2026-03-1{day}") for day in range(3)]
    other = people.tell("change.accident", who("李四", ZHANG), happened_on="2026-03-19")
    assert people.resolve(alerts[0], **{"as": "same_person"}).status_code == 200
    assert {people.alert(alert)["status"] for alert in alerts} == {"processed"}
    assert people.alert(other)["problem_code"] == "name_differs"


def test_another_person_is_found_or_opened_by_the_corrected_number(people: People) -> None:
    zhang, li = people.register("张三", ZHANG), people.register("李四", LI)
    alert = people.tell("change.accident", who("李四", ZHANG), happened_on="2026-03-20")
    assert is_problem(people.resolve(alert, **{"as": "another_person"}), 422, "invalid")
    assert is_problem(people.resolve(alert, **{"as": "another_person", "id_number": ZHANG}), 422, "invalid")
    assert is_problem(people.resolve(alert, **{"as": "another_person", "id_number": LI[:-1] + "5"}), 422, "id_number")
    people.door.world.go_to(date(2026, 3, 24))
    assert people.resolve(alert, **{"as": "another_person", "id_number": LI}).status_code == 200
    found = people.alert(alert)
    assert (found["status"], found["resident_id"]) == ("processed", li)
    duties = people.door.get(f"/v1/residents/{li}/duties", people.manager)["items"]
    assert {duty["due_on"] for duty in duties if duty["kind"] == "response"} == {"2026-03-27"}
    duties = people.door.get(f"/v1/residents/{zhang}/duties", people.manager)["items"]
    assert {duty["kind"] for duty in duties} <= {"periodic"}
    # Somebody nobody has registered yet is opened, as by any registration.
    wang = people.tell("resident.registered", who("王五", ZHANG), facts=[])
    assert people.resolve(wang, **{"as": "another_person", "id_number": WANG}).status_code == 200
    opened = people.alert(wang)["resident_id"]
    assert opened not in (zhang, li)
    assert people.name(opened) == "王五"
    assert people.born(opened) == "1956-02-29"


@pytest.mark.parametrize("damaged", ["张?", "?三", "张□", "张\ufffd", "张*", "??", "张&#63;"])
def test_a_name_damaged_by_an_encoding_never_replaces_a_good_one(people: People, damaged: str) -> None:
    resident = people.register("张三", ZHANG)
    alert = people.tell("resident.registered", who(damaged, ZHANG, household="12"), facts=[])
    assert people.alert(alert)["status"] == "processed"
    assert people.name(resident) == "张三"
    assert people.door.get(f"/v1/residents/{resident}", people.manager)["household"] == "12"


def test_a_good_name_replaces_a_damaged_one_and_a_damaged_other_name_is_in_doubt(people: People) -> None:
    resident = people.register("张?", ZHANG)
    people.tell("resident.registered", who("张三", ZHANG), facts=[])
    assert people.name(resident) == "张三"
    alert = people.tell("resident.registered", who("李?", ZHANG), facts=[])
    assert people.alert(alert)["problem_code"] == "name_differs"
    # Even when it is the same person, what was damaged is only known, not taken over.
    assert people.resolve(alert, **{"as": "same_person"}).status_code == 200
    assert people.name(resident) == "张三"
    again = people.tell("resident.registered", who("李?", ZHANG), facts=[])
    assert people.alert(again)["status"] == "processed"


def test_a_number_and_a_sources_own_number_of_two_residents_are_for_people_to_settle(people: People) -> None:
    zhang, other = people.register("张三", ZHANG), people.register("张三", external_id="YB-7")
    assert zhang != other
    alert = people.tell("resident.registered", who("张三", ZHANG, external_id="YB-7"), facts=[])
    found = people.alert(alert, people.manager)
    assert (found["status"], found["problem_code"]) == ("quarantined", "two_residents")
    assert {one["resident_id"] for one in found["candidates"]} == {zhang, other}
    assert people.resolve(alert, **{"as": "same_person"}).status_code == 200
    assert people.alert(alert)["status"] == "processed"
    gone = people.door.client.get(f"/v1/residents/{other}", headers=people.manager)
    assert is_problem(gone, 410, "merged")
    assert gone.json()["into"] == zhang
    later = people.tell("change.accident", {"external_id": "YB-7"}, happened_on="2026-03-20")
    assert people.alert(later)["resident_id"] == zhang


def test_of_two_residents_another_person_is_meant_by_the_corrected_number(people: People) -> None:
    people.register("张三", ZHANG)
    li = people.register("李四", external_id="YB-7")
    alert = people.tell("resident.registered", who("李四", ZHANG, external_id="YB-7"), facts=[])
    assert people.alert(alert)["problem_code"] == "two_residents"
    # The number was wrong: it is whom the source has always called by its own.
    assert people.resolve(alert, **{"as": "another_person"}).status_code == 200
    assert (people.alert(alert)["status"], people.alert(alert)["resident_id"]) == ("processed", li)


def test_only_who_settles_a_doubt_reads_the_names_in_full(people: People) -> None:
    people.register("张三丰", ZHANG)
    alert = people.tell(
        "change.accident",
        who("李四光", ZHANG, phone="13812345678", address="龙潭路1号", birth_date="1960-01-01"),
        happened_on="2026-03-20",
        description="下楼时摔倒",
    )
    for headers in (people.manager, people.officer):
        found = people.alert(alert, headers)
        assert found["data"]["person"]["name"] == "李四光"
        assert [one["name"] for one in found["candidates"]] == ["张三丰"]
        assert found["data"]["description"] == "下楼时摔倒"
        for hidden in (ZHANG, "13812345678", "龙潭路", "1960-01-01"):
            assert hidden not in str(found)
    # The source reads what it sent itself; nobody else reads it at all.
    assert people.alert(alert, people.key)["data"]["person"]["id_number"] == ZHANG
    for role in ("street_advisor", "committee_advisor", "visitor", "auditor"):
        answer = people.door.client.get(f"/v1/alerts/{alert}", headers=people.door.person(role))
        assert is_problem(answer, 403)
    elsewhere = people.door.person("street_manager", street="310117002")
    assert is_problem(people.door.client.get(f"/v1/alerts/{alert}", headers=elsewhere), 404)
    assert is_problem(people.door.client.get(f"/v1/alerts/{alert}", headers=people.door.key(source="/other")), 404)
    # Without a doubt, the name is masked for everybody.
    calm = people.tell("change.accident", who("张三丰", ZHANG), happened_on="2026-03-19")
    found = people.alert(calm, people.manager)
    assert (found["data"]["person"]["name"], found["candidates"]) == ("张*", [])


def test_the_manager_of_the_street_settles_and_nobody_else_there(people: People) -> None:
    people.register("张三", ZHANG)
    alert = people.tell("change.accident", who("李四", ZHANG), happened_on="2026-03-20")
    for role in ("street_advisor", "committee_advisor", "visitor", "auditor", "admin"):
        answer = people.resolve(alert, people.door.person(role), **{"as": "same_person"})
        assert is_problem(answer, 403), role
    elsewhere = people.door.person("street_manager", street="310117002")
    assert is_problem(people.resolve(alert, elsewhere, **{"as": "same_person"}), 404)
    assert people.resolve(alert, people.officer, **{"as": "same_person"}).status_code == 200
    assert is_problem(people.resolve(alert, people.officer, **{"as": "same_person"}), 409, "not_in_doubt")
    unknown = people.tell("change.accident", {"id_number": WANG})
    assert is_problem(people.resolve(unknown, people.officer, **{"as": "same_person"}), 409, "not_in_doubt")


def test_a_number_given_up_finds_its_former_holder_for_the_same_name_only(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    assert people.correct(zhang, id_number=LI, reason="看过证件").status_code == 202
    assert people.born(zhang) == "1955-12-31"
    by_number = people.door.client.post("/v1/residents/lookup", headers=people.manager, json={"id_number": LI})
    assert by_number.json()["resident_id"] == zhang
    given_up = people.door.client.post("/v1/residents/lookup", headers=people.manager, json={"id_number": ZHANG})
    assert is_problem(given_up, 404)
    # A system that lags behind still says the old number: with the name it is them, and nothing goes back.
    late = people.tell("resident.registered", who("张三", ZHANG, household="3"), facts=[])
    assert (people.alert(late)["status"], people.alert(late)["resident_id"]) == ("processed", zhang)
    shown = people.door.get(f"/v1/residents/{zhang}", people.manager)
    assert (shown["household"], people.born(zhang)) == ("3", "1955-12-31")
    # Without a name nobody knows who is meant; under another name it is another person's number.
    nameless = people.tell("change.accident", {"id_number": ZHANG}, happened_on="2026-03-20")
    assert people.alert(nameless)["problem_code"] == "unknown_person"
    other = people.register("王五", ZHANG)
    assert other != zhang
    assert people.name(other) == "王五"
    still = people.tell("change.accident", who("张三", ZHANG), happened_on="2026-03-20")
    assert people.alert(still)["resident_id"] == zhang


def test_a_correction_to_the_number_of_somebody_else_is_refused(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    people.register("李四", LI)
    answer = people.correct(zhang, id_number=LI)
    assert is_problem(answer, 409, "number_taken")
    assert LI not in answer.text
    assert is_problem(people.correct(zhang, id_number=LI[:-1] + "5"), 422, "invalid")


def test_a_corrected_name_keeps_the_former_one_known(people: People) -> None:
    zhang = people.register("张三", ZHANG)
    assert people.correct(zhang, name="张珊").status_code == 202
    assert people.name(zhang) == "张珊"
    for name in ("张三", "张珊"):
        alert = people.tell("resident.registered", who(name, ZHANG), facts=[])
        assert people.alert(alert)["status"] == "processed"
    assert people.name(zhang) == "张珊"


def test_a_number_learnt_later_finds_the_person_from_then_on(people: People) -> None:
    zhang = people.register("张三", external_id="YB-7")
    people.tell("resident.registered", who("张三", ZHANG, external_id="YB-7"), facts=[])
    by_number = people.door.client.post("/v1/residents/lookup", headers=people.manager, json={"id_number": ZHANG})
    assert by_number.json()["resident_id"] == zhang
    assert people.born(zhang) == "1960-01-01"


def test_a_number_that_came_with_another_name_is_free_for_the_person_whose_it_is(people: People) -> None:
    zhang = people.register("张三", external_id="YB-7")
    alert = people.tell("resident.registered", who("李四", LI, external_id="YB-7"), facts=[])
    assert people.alert(alert)["problem_code"] == "name_differs"
    assert people.resolve(alert, **{"as": "another_person", "id_number": LI}).status_code == 200
    opened = people.alert(alert)
    assert opened["status"] == "processed"
    assert opened["resident_id"] != zhang
    assert people.name(opened["resident_id"]) == "李四"
    assert people.name(zhang) == "张三"


def test_a_lead_is_never_quarantined_for_a_name(people: People) -> None:
    people.register("张三", ZHANG)
    alert = people.tell("lead.reported", who("老张", ZHANG), channel="neighbour", description="几天没看见他了")
    assert people.alert(alert)["status"] == "processed"


def test_the_first_name_that_is_told_is_taken(people: People) -> None:
    opened = people.tell(
        "change.accident", {"id_number": ZHANG, "street": STREET, "committee": COMMITTEE}, happened_on="2026-03-20"
    )
    resident = people.alert(opened)["resident_id"]
    people.tell("resident.registered", who("张三", ZHANG), facts=[])
    assert people.name(resident) == "张三"
