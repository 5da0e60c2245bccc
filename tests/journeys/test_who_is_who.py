"""Who is who (A38), over HTTP only: a wrong name, a second registration, and one person in the end."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.instance import SOURCE, Instance

STREET, COMMITTEE = "310117001", "310117001001"
ZHANG, LI = "319999196001010040", "319999195512310024"
EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01", "valid_to": None}


@pytest.fixture
def instance(make_instance: Callable[..., Instance]) -> Instance:
    made = make_instance(now="2026-03-20T09:00:00+08:00")
    made.add_user("district", "district_officer")
    made.add_user("manager", "street_manager", street=STREET)
    made.add_user("li", "committee_advisor", street=STREET, committees=[COMMITTEE], name="李顾问")
    return made


def person(name: str, **numbers: str) -> dict[str, str]:
    return {"name": name, "street": STREET, "committee": COMMITTEE, **numbers}


def push(instance: Instance, key: str, kind: str, who: dict[str, str], *, time: str, **data: Any) -> Any:
    """Push one event, let it have its effect, and read it."""
    event = instance.event(kind, {"person": who, **data}, time=time)
    instance.call("POST", "/v1/alerts", by=key, json=event, expect=202)
    instance.settle()
    [item] = instance.call("GET", f"/v1/alerts?id={event['id']}", by=key)["items"]
    return instance.call("GET", f"/v1/alerts/{item['alert_id']}", by="manager")


def test_news_under_a_strange_name_waits_until_somebody_says_who_it_is_and_two_become_one(instance: Instance) -> None:
    key = instance.add_key(source=SOURCE)
    early, later = "2026-03-20T09:00:00+08:00", "2026-03-20T09:01:00+08:00"
    zhang = push(instance, key, "resident.registered", person("张三", id_number=ZHANG), facts=[EDGE], time=early)
    resident = zhang["resident_id"]

    # Another name: nobody is sent, the manager hears of it, and it is due on Monday.
    news = {"happened_on": "2026-03-20", "description": "下楼时摔倒"}
    doubtful = push(instance, key, "change.accident", person("张叁", id_number=ZHANG), **news, time=later)
    assert (doubtful["status"], doubtful["problem_code"]) == ("quarantined", "name_differs")
    assert (doubtful["due_on"], doubtful["data"]["person"]["name"]) == ("2026-03-23", "张叁")
    assert [one["name"] for one in doubtful["candidates"]] == ["张三"]
    [task] = instance.call("GET", "/v1/tasks?state=open", by="li")["items"]
    assert task["due_on"] == "2026-06-30"
    told = instance.call("GET", "/v1/notifications", by="manager")["items"]
    assert [message["kind"] for message in told] == ["person_in_doubt"]
    path = f"/v1/alerts/{doubtful['alert_id']}/resolve"
    settled = {"as": "same_person", "reason": "电话核实，登记时写错了字"}
    instance.call("POST", path, by="li", json=settled, expect=403)

    # Four days on somebody settles it; the response still counts from its arrival.
    instance.go_to("2026-03-24T10:00:00+08:00")
    assert instance.call("GET", f"/v1/alerts/{doubtful['alert_id']}", by="manager")["overdue"] is True
    instance.call("POST", path, by="manager", json=settled)
    instance.settle()
    assert instance.call("GET", f"/v1/alerts/{doubtful['alert_id']}", by="manager")["status"] == "processed"
    [task] = instance.call("GET", "/v1/tasks?state=open", by="li")["items"]
    assert (task["due_on"], task["tier"]) == ("2026-03-27", "high")

    # The same person once more, under the source's own number: two residents, previewed, and then one.
    at = "2026-03-24T10:00:00+08:00"
    again = push(instance, key, "resident.registered", person("张叁", external_id="YB-7"), facts=[EDGE], time=at)
    other = again["resident_id"]
    assert other != resident
    merge = {"with": other, "reason": "同一人登记了两次"}
    preview = instance.call("POST", f"/v1/residents/{resident}/merge", by="manager", json={**merge, "dry_run": True})
    assert preview["dry_run"] is True
    assert len(instance.call("GET", "/v1/tasks?state=open&kind=visit", by="li")["items"]) == 2
    merged = instance.call("POST", f"/v1/residents/{resident}/merge", by="manager", json=merge)
    assert {**merged, "dry_run": True} == preview
    instance.settle()
    [task] = instance.call("GET", "/v1/tasks?state=open&kind=visit", by="li")["items"]
    assert (task["resident"]["resident_id"], task["due_on"]) == (resident, "2026-03-27")
    gone = instance.call("GET", f"/v1/residents/{other}", by="manager", expect=410)
    assert (gone["code"], gone["into"]) == ("merged", resident)
    reached = push(instance, key, "change.other", {"external_id": "YB-7"}, happened_on="2026-03-24", time=at)
    assert reached["resident_id"] == resident

    # The number was wrong all along: corrected, it finds them; the old one does so with their name alone.
    instance.call("PATCH", f"/v1/residents/{resident}", by="manager", json={"id_number": LI}, expect=202)
    instance.settle()
    found = instance.call("POST", "/v1/residents/lookup", by="manager", json={"id_number": LI})
    assert found["resident_id"] == resident
    instance.call("POST", "/v1/residents/lookup", by="manager", json={"id_number": ZHANG}, expect=404)
    still = push(instance, key, "change.other", person("张三", id_number=ZHANG), happened_on="2026-03-23", time=at)
    assert (still["status"], still["resident_id"]) == ("processed", resident)
