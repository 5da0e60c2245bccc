"""For every address that lists rows or takes many: so many more of them, and what to ask.

A recipe has the name of its route. It makes `number` more rows, or that many to work on, and returns the request.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from tests.api.town import CHANGE, DIBAO, Asked, Town, rows
from tests.rules import drafts
from tests.world import STREET

Recipe = Callable[[Town, int], Asked]

RECIPES: Final[dict[str, Recipe]] = {}


def recipe(made: Recipe) -> Recipe:
    """Enter a recipe under its name."""
    RECIPES[made.__name__] = made
    return made


# Alerts


@recipe
def push_alerts(town: Town, number: int) -> Asked:
    """New people, news of known ones, repetitions, conflicts."""
    key, world = town.door.key(), town.door.world
    known = town.near_residents(number)

    def lead(who: dict[str, str], channel: str = "hotline", **fixed: str) -> dict[str, Any]:
        return world.event("lead.reported", {"person": who, "channel": channel}) | fixed

    said = [lead({"id_number": person.id_number}) for person in known]
    world.accept(*said)
    events = [
        *(lead({"id_number": person.id_number}) for person in known),
        *(lead({"external_id": f"x{next(town.numbers)}"}) for _ in range(number)),
        *(
            world.event(
                "warning.illness_poverty",
                {
                    "person": {
                        "external_id": f"new{next(town.numbers)}",
                        "name": "测试",
                        "street": code[:9],
                        "committee": code,
                    },
                    "pushed_on": "2026-03-20",
                },
            )
            for code in [town.far_committee() for _ in range(number)]
        ),
        *said,
        *({**event, "data": {**event["data"], "channel": "grid"}} for event in said),
    ]
    town.be_quiet()
    return Asked("POST", "/v1/alerts", key, lambda answer: int(answer["accepted"]), body=events)


@recipe
def list_alerts(town: Town, number: int) -> Asked:
    town.far_residents(number)
    return Asked("GET", "/v1/alerts", town.officer, rows("items"))


# Residents and decisions


@recipe
def list_residents(town: Town, number: int) -> Asked:
    town.far_residents(number)
    return Asked("GET", "/v1/residents", town.officer, rows("items"))


@recipe
def look_up_resident(town: Town, number: int) -> Asked:
    body = {"id_number": town.accidents(number).id_number}
    return Asked("POST", "/v1/residents/lookup", town.officer, rows("facts"), body=body)


@recipe
def get_resident(town: Town, number: int) -> Asked:
    return Asked("GET", f"/v1/residents/{town.accidents(number).id}", town.officer, rows("facts"))


@recipe
def pair_resident(town: Town, number: int) -> Asked:
    path = f"/v1/residents/{town.accidents(number).id}/pairing"
    return Asked("PUT", path, town.street_advisor, rows("facts"), body={"user_id": None})


@recipe
def get_resident_timeline(town: Town, number: int) -> Asked:
    return Asked("GET", f"/v1/residents/{town.accidents(number).id}/timeline", town.officer, rows("items"))


@recipe
def list_resident_duties(town: Town, number: int) -> Asked:
    return Asked("GET", f"/v1/residents/{town.accidents(number).id}/duties", town.officer, rows("items"))


@recipe
def get_resident_decision(town: Town, number: int) -> Asked:
    path = f"/v1/residents/{town.accidents(number).id}/decision"
    return Asked("GET", path, town.officer, lambda answer: sum(len(reason["facts"]) for reason in answer["reasons"]))


@recipe
def classify_persons(town: Town, number: int) -> Asked:
    body = {"on": "2026-03-20", "street": STREET, "persons": [{"birth_date": "1960-01-01", "facts": [DIBAO]}] * number}
    return Asked("POST", "/v1/classify", town.officer, rows("decisions"), body=body)


# Tasks


@recipe
def list_tasks(town: Town, number: int) -> Asked:
    town.far_residents(number)
    return Asked("GET", "/v1/tasks", town.officer, rows("items"))


@recipe
def pull_tasks(town: Town, number: int) -> Asked:
    committee = town.new_committee()
    town.near_residents(number, committee=committee)
    advisor = town.advisor_of(committee)
    return Asked("POST", "/v1/tasks/pull", advisor, rows("items"), body={"max": number})


@recipe
def get_task(town: Town, number: int) -> Asked:
    task = town.accidents(number).task.task_id
    return Asked("GET", f"/v1/tasks/{task}", town.officer, lambda task: len(task["duties"]) + len(task["history"]))


def of_task(town: Town, number: int, what: str, by: dict[str, str], **body: Any) -> Asked:
    """What somebody does with a task that holds so many more duties."""
    task = town.accidents(number).task.task_id
    return Asked("POST", f"/v1/tasks/{task}/{what}", by, rows("duties"), body=body or None)


@recipe
def release_task(town: Town, number: int) -> Asked:
    asked = of_task(town, number, "release", town.street_advisor, reason="太远")
    if town.somebody.task.assignee_id is None:
        of_task(town, 1, "claim", town.street_advisor).send(town.door)
    return asked


@recipe
def claim_task(town: Town, number: int) -> Asked:
    release_task(town, number).send(town.door)
    return of_task(town, 1, "claim", town.street_advisor)


@recipe
def assign_task(town: Town, number: int) -> Asked:
    to = town.door.id_of(town.door.person("street_advisor"))
    return of_task(town, number, "assign", town.street_advisor, user_id=to, reason="熟悉情况")


@recipe
def record_attempt(town: Town, number: int) -> Asked:
    return of_task(town, number, "attempts", town.street_advisor, outcome="hospital", on="2026-03-20", note="住院")


@recipe
def excuse_duty(town: Town, number: int) -> Asked:
    return of_task(town, number, "excuse", town.street_advisor, kind="response", reason="已由医院照护")


# Visits


@recipe
def record_visit(town: Town, number: int) -> Asked:
    """A visit that finds a risk with every one of a family."""
    town.door.person("street_advisor")
    family = town.near_residents(number, DIBAO, CHANGE)
    ok = {name: {"level": "ok"} for name in ("economy", "education", "housing", "employment", "social")}
    risk = {"dimensions": {**ok, "health": {"level": "risk"}}, "met": {str(person.id): True for person in family}}
    form = town.door.form(*(str(person.id) for person in family), **risk)

    def shown(answer: Any) -> int:
        return sum(len(answer[part]) for part in ("credits", "not_credited", "raised"))

    return Asked("POST", "/v1/visits", town.door.person("committee_advisor"), shown, body=form)


@recipe
def list_visits(town: Town, number: int) -> Asked:
    for resident in town.far_residents(number):
        advisor = town.advisor_of(resident.row.committee_code)
        assert town.door.visit(advisor, str(resident.id)).status_code == 201
    return Asked("GET", "/v1/visits", town.officer, rows("items"))


@recipe
def get_visit(town: Town, number: int) -> Asked:
    form = record_visit(town, number)
    form.send(town.door)
    return Asked("GET", f"/v1/visits/{form.body['visit_id']}", town.officer, rows("resident_ids"))


# What climbs, and what people are told


@recipe
def list_escalations(town: Town, number: int) -> Asked:
    town.far_residents(number, DIBAO, CHANGE)
    town.a_week_later()
    return Asked("GET", "/v1/escalations", town.officer, rows("items"))


def told(town: Town, number: int) -> dict[str, str]:
    """Somebody who hears of so many more tasks."""
    committee = town.new_committee()
    advisor = town.advisor_of(committee)
    town.near_residents(number, DIBAO, CHANGE, committee=committee)
    town.a_week_later()
    return advisor


@recipe
def list_notifications(town: Town, number: int) -> Asked:
    return Asked("GET", "/v1/notifications", told(town, number), rows("items"))


@recipe
def mark_notifications_read(town: Town, number: int) -> Asked:
    advisor = told(town, number)
    ids = [one["notification_id"] for one in town.door.get("/v1/notifications", advisor)["items"]]
    read = Asked("POST", "/v1/notifications/read", advisor, lambda answer: int(answer["marked"]), body={"ids": ids})
    return read


@recipe
def put_notification_settings(town: Town, number: int) -> Asked:
    """Half of the channels stay with another address, the others are new."""
    path, kept = "/v1/me/notifications", town.door.get("/v1/me/notifications", town.manager)["channels"][: number // 2]
    hooks = [{"kind": "webhook", "address": f"https://example.org/{next(town.numbers)}"} for _ in range(number)]
    for hook, channel in zip(hooks, kept, strict=False):
        hook["channel_id"] = channel["channel_id"]
    return Asked("PUT", path, town.manager, rows("channels"), body={"channels": hooks})


@recipe
def get_notification_settings(town: Town, number: int) -> Asked:
    put_notification_settings(town, number).send(town.door)
    return Asked("GET", "/v1/me/notifications", town.manager, rows("channels"))


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
    return Asked("PUT", path, town.officer, days_off, body={"days": days, "source": "国务院办公厅通知"})


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
