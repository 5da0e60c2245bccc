"""Recipes about what the district keeps: sources and their keys, accounts, rules, the calendar, its own numbers.

A recipe has the name of its route. It makes `number` more rows, or that many to work on, and returns the request.
"""

from datetime import timedelta
from typing import Any, Final

from tests.api.town import CHANGE, DIBAO, Asked, Recipes, Town, rows
from tests.rules import drafts
from tests.world import STREET

RECIPES: Final = Recipes()
recipe = RECIPES.enter

# Sources


@recipe
def list_feeds(town: Town, number: int) -> Asked:
    town.sources(number)
    return Asked("GET", "/v1/feeds", town.officer, rows("items"))


@recipe
def put_feed(town: Town, number: int) -> Asked:
    """A source with so many gaps."""
    [source] = town.sources(1)
    town.push(source, *range(3, 2 * number + 4, 2))
    town.door.world.business.at += timedelta(minutes=6)
    town.be_quiet()
    return Asked("PUT", "/v1/feeds", town.officer, lambda feed: len(feed["sequence"]["gaps"]), body={"source": source})


# Those who work here


@recipe
def list_users(town: Town, number: int) -> Asked:
    for _ in range(number):
        town.advisor_of(town.far_committee())
    return Asked("GET", "/v1/users", town.officer, rows("items"))


@recipe
def list_sessions(town: Town, number: int) -> Asked:
    somebody = town.door.person("district_officer")
    for _ in range(number):
        town.door.signed_in_again(somebody)
    return Asked("GET", "/v1/me/sessions", somebody, rows("items"))


@recipe
def add_user(town: Town, number: int) -> Asked:
    committees = town.committees_of(STREET)[:number]
    body = {"username": f"u{number}", "password": "synthetic-people-only", "role": "visitor", "committees": committees}
    return Asked("POST", "/v1/users", town.manager, rows("committees"), body=body)


@recipe
def change_user(town: Town, number: int) -> Asked:
    """Other committees; the tasks in the one so far go to others."""
    town.door.person("street_advisor")
    committee = town.new_committee()
    user = town.advisor_of(committee)
    town.near_residents(number, committee=committee)
    town.advisor_of(committee)
    path, committees = f"/v1/users/{town.door.id_of(user)}", town.committees_of(STREET)[-number:]
    return Asked("PATCH", path, town.manager, rows("committees"), body={"committees": committees})


@recipe
def add_recusal(town: Town, number: int) -> Asked:
    """Of somebody about whom there are so many tasks."""
    committee = town.new_committee()
    user = town.advisor_of(committee)
    [resident] = town.near_residents(1, committee=committee)
    town.leads(resident, number)
    town.advisor_of(committee)
    path, body = f"/v1/users/{town.door.id_of(user)}/recusals", {"resident_id": str(resident.id), "reason": "亲属"}
    return Asked("POST", path, town.manager, rows("moved"), body=body)


def leaving(town: Town, number: int) -> str:
    """The address of somebody with so many tasks and a colleague."""
    committee = town.new_committee()
    user = town.advisor_of(committee)
    town.near_residents(number, DIBAO, CHANGE, committee=committee)
    town.advisor_of(committee)
    return f"/v1/users/{town.door.id_of(user)}"


@recipe
def add_absence(town: Town, number: int) -> Asked:
    path, body = f"{leaving(town, number)}/absences", {"from": "2026-03-20", "to": "2026-05-20", "reason": "病假"}
    return Asked("POST", path, town.manager, rows("moved"), body=body)


@recipe
def change_absence(town: Town, number: int) -> Asked:
    """One that comes much later, and now begins today."""
    path, later = f"{leaving(town, number)}/absences", {"from": "2026-12-01", "to": "2026-12-20", "reason": "病假"}
    absence = town.door.client.post(path, headers=town.manager, json=later).json()
    body = {"from": "2026-03-20"}
    return Asked("PATCH", f"{path}/{absence['absence_id']}", town.manager, rows("moved"), body=body)


@recipe
def list_absences(town: Town, number: int) -> Asked:
    path = f"{leaving(town, 1)}/absences"
    for day in range(1, number + 1):
        body = {"from": f"2026-12-{day:02}", "to": f"2026-12-{day:02}", "reason": "病假"}
        town.door.client.post(path, headers=town.manager, json=body)
    return Asked("GET", path, town.manager, rows("items"))


@recipe
def list_recusals(town: Town, number: int) -> Asked:
    committee = town.new_committee()
    path = f"/v1/users/{town.door.id_of(town.advisor_of(committee))}/recusals"
    for resident in town.near_residents(number, committee=committee):
        body = {"resident_id": str(resident.id), "reason": "亲属"}
        town.door.client.post(path, headers=town.manager, json=body)
    return Asked("GET", path, town.manager, rows("items"))


@recipe
def hand_over_tasks(town: Town, number: int) -> Asked:
    return Asked("POST", f"{leaving(town, number)}/handover", town.manager, rows("rows"), body={"dry_run": False})


@recipe
def revert_handover(town: Town, number: int) -> Asked:
    path = f"{leaving(town, number)}/handover"
    done = town.door.client.post(path, headers=town.manager, json={"dry_run": False}).json()
    return Asked("POST", f"{path}/{done['batch_id']}/revert", town.manager, rows("rows"))


# Keys


@recipe
def list_keys(town: Town, number: int) -> Asked:
    for _ in range(number):
        town.door.key(source=f"/songjiang/source-{next(town.numbers)}")
    return Asked("GET", "/v1/keys", town.admin, rows("items"))


@recipe
def add_key(town: Town, number: int) -> Asked:
    streets = [town.far_committee()[:9] for _ in range(number)]
    types = ["lead.reported", "change.accident", "change.other", "fact.recorded", "fact.ended", "resident.died"]
    body = {"source": "/songjiang/x", "scopes": ["alerts:write"], "streets": streets, "types": types[:number]}
    return Asked("POST", "/v1/keys", town.admin, rows("streets"), body=body)


@recipe
def list_signing_secrets(town: Town, number: int) -> Asked:
    for _ in range(number):
        made = {"source": f"/songjiang/source-{next(town.numbers)}", "obligatory": True}
        assert town.door.client.post("/v1/signatures", headers=town.admin, json=made).status_code == 201
    return Asked("GET", "/v1/signatures", town.admin, rows("items"))


# The district: streets, rules, calendar


@recipe
def list_streets(town: Town, number: int) -> Asked:
    return Asked("GET", "/v1/streets", town.officer, rows("items"), query={"limit": number})


@recipe
def list_places(town: Town, number: int) -> Asked:
    return Asked("GET", "/v1/places", town.officer, rows("items"), query={"limit": number})


@recipe
def put_coverage(town: Town, number: int) -> Asked:
    """So many versions before, and so many residents who are looked at again."""
    town.near_residents(number)
    path = f"/v1/streets/{STREET}/coverage"
    body = {"document": {"frequency": {"general": "quarter"}}, "effective_on": "2026-03-20", "comment": "街道办公会议"}
    put = Asked("PUT", path, town.manager, lambda answer: int(answer["version"]), body=body)
    for _ in range(number):
        put.send(town.door)
    return put


@recipe
def roll_back_coverage(town: Town, number: int) -> Asked:
    put = put_coverage(town, number)
    put.send(town.door)
    return Asked("POST", f"{put.path}/rollback", town.manager, put.shown, body={"version": 1})


@recipe
def get_coverage(town: Town, number: int) -> Asked:
    put = put_coverage(town, number)
    put.send(town.door)
    return Asked("GET", put.path, town.manager, rows("versions"))


def judged(answer: Any) -> int:
    """The people of a preview."""
    return sum(answer["people"]["after"].values())


@recipe
def preview_coverage(town: Town, number: int) -> Asked:
    town.near_residents(number)
    path, body = f"/v1/streets/{STREET}/coverage/preview", {"document": {"frequency": {"general": "quarter"}}}
    return Asked("POST", path, town.manager, judged, body=body)


@recipe
def put_escalation_chain(town: Town, number: int) -> Asked:
    path = f"/v1/streets/{STREET}/escalation"
    steps = town.door.get(path, town.officer)["steps"][-5:]
    more = [{"after_working_days": -3, "to": "assignee", "action": "remind"}] * number
    return Asked("PUT", path, town.manager, rows("steps"), body={"steps": [*more, *steps]})


@recipe
def get_escalation_chain(town: Town, number: int) -> Asked:
    put = put_escalation_chain(town, number)
    put.send(town.door)
    return Asked("GET", put.path, town.manager, rows("steps"))


@recipe
def put_calendar_year(town: Town, number: int) -> Asked:
    """So many days of a notice, over which as many deadlines are counted."""
    town.near_residents(number, DIBAO, CHANGE)
    days = [{"day": f"2026-04-{day:02}", "working": False, "label": "放假"} for day in range(1, number + 1)]
    path = "/v1/calendar/2026"
    return Asked(
        "PUT", path, town.officer, days_off, body={"days": days, "source": "国务院办公厅通知", "replace": True}
    )


@recipe
def change_calendar_days(town: Town, number: int) -> Asked:
    town.near_residents(number, DIBAO, CHANGE)
    days = [{"day": f"2026-04-{day:02}", "working": False, "label": "放假"} for day in range(1, number + 1)]
    return Asked("PATCH", "/v1/calendar/2026", town.officer, days_off, body={"days": days})


def days_off(answer: Any) -> int:
    return sum(day["label"] == "放假" for day in answer["days"])


@recipe
def get_calendar_year(town: Town, number: int) -> Asked:
    put = put_calendar_year(town, number)
    put.send(town.door)
    return Asked("GET", put.path, town.officer, days_off)


def draft(town: Town) -> str:
    number = next(town.numbers)
    return drafts.text(version=number + 2, effective_on=f"2026-04-{number + 1:02}")


@recipe
def add_policy(town: Town, number: int) -> Asked:
    """After so many others, for as many streets with rules of their own and their residents."""
    for resident in town.far_residents(number):
        path = f"/v1/streets/{resident.row.street_code}/coverage"
        own = {"document": {"frequency": {"general": "quarter"}}, "effective_on": "2026-03-20", "comment": "街镇"}
        assert town.door.client.put(path, headers=town.officer, json=own).status_code == 201
    put = None
    for _ in range(number + 1):
        if put is not None:
            put.send(town.door)
        body = {"document": draft(town), "comment": "试行"}
        put = Asked("POST", "/v1/policies", town.officer, lambda answer: int(answer["version"]), body=body)
    assert put is not None
    return put


@recipe
def list_policies(town: Town, number: int) -> Asked:
    add_policy(town, number).send(town.door)
    return Asked("GET", "/v1/policies", town.officer, rows("items"))


@recipe
def preview_policy(town: Town, number: int) -> Asked:
    """Of as many streets with rules of their own, after so many other versions."""
    add_policy(town, number).send(town.door)
    return Asked("POST", "/v1/policies/preview", town.officer, judged, body={"document": draft(town)})


@recipe
def get_coverage_report(town: Town, number: int) -> Asked:
    town.far_residents(number, DIBAO, CHANGE)
    query = {"period": "2026-03", "by": "committee"}
    return Asked("GET", "/v1/reports/coverage", town.officer, rows("rows"), query=query)


# Operations


@recipe
def get_readiness(town: Town, number: int) -> Asked:
    """With so many sources that fell silent."""
    for source in town.sources(number):
        body = {"source": source, "expected_every_minutes": 60}
        assert town.door.client.put("/v1/feeds", headers=town.officer, json=body).status_code == 200
    town.door.world.business.at += timedelta(hours=3)
    town.door.world.settle()

    def silent(answer: Any) -> int:
        return int(answer["parts"]["feeds"]["text"].split()[0])

    return Asked("GET", "/health/ready", {}, silent)


@recipe
def get_metrics(town: Town, number: int) -> Asked:
    town.sources(number)
    town.be_quiet()
    return Asked("GET", "/metrics", {}, lambda text: text.count("tanfang_feed_silent{"))
