"""Recipes about residents: news of them, their tasks and visits, and who hears of what.

A recipe has the name of its route. It makes `number` more rows, or that many to work on, and returns the request.
"""

from typing import Any, Final
from uuid import uuid4

from tests.api import recipes_of_district
from tests.api.town import CHANGE, DIBAO, Asked, Recipes, Town, rows
from tests.world import STREET

# All of them, by the name of the route.
RECIPES: Final = Recipes(recipes_of_district.RECIPES)
recipe = RECIPES.enter

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
def search_residents(town: Town, number: int) -> Asked:
    town.near_residents(number)
    return Asked("POST", "/v1/residents/search", town.street_advisor, rows("items"), body={"name": "测试"})


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
def explain_resident_visits(town: Town, number: int) -> Asked:
    path = f"/v1/residents/{town.accidents(number).id}/why"
    return Asked("GET", path, town.officer, rows("owed"), query={"period": "2026-03"})


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


def of_many(town: Town, number: int) -> Asked:
    """So many tasks that go to somebody else."""
    committee = town.new_committee()
    town.near_residents(number, committee=committee)
    advisor = town.advisor_of(committee)
    waiting = town.door.get("/v1/tasks", town.street_advisor, committee=committee, assignee="none")["items"]
    body = {
        "task_ids": [task["task_id"] for task in waiting],
        "user_id": town.door.id_of(advisor),
        "reason": "调整片区",
    }
    return Asked("POST", "/v1/tasks/assign", town.street_advisor, rows("rows"), body=body)


@recipe
def assign_tasks(town: Town, number: int) -> Asked:
    return of_many(town, number)


@recipe
def undo_batch(town: Town, number: int) -> Asked:
    asked = of_many(town, number)
    answer = town.door.client.post(asked.path, headers=asked.headers, json=asked.body).json()
    return Asked("POST", f"/v1/batches/{answer['batch_id']}/undo", town.street_advisor, rows("rows"))


@recipe
def undo_task(town: Town, number: int) -> Asked:
    release_task(town, number).send(town.door)
    return of_task(town, 1, "undo", town.street_advisor)


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
    form = town.door.form(*(str(person.id) for person in family), **risk, several_households=True)

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


@recipe
def correct_visit(town: Town, number: int) -> Asked:
    """A risk found with every one of a family, at a visit that was a call."""
    form = record_visit(town, number)
    form.send(town.door)
    by = {**form.headers, "If-Match": '"1"'}
    said = {"mode": "phone", "reason": "当天是电话联系"}
    return Asked("PATCH", f"/v1/visits/{form.body['visit_id']}", by, rows("not_credited"), body=said)


@recipe
def void_visit(town: Town, number: int) -> Asked:
    """A risk found with every one of a family, at a visit that never was."""
    form = record_visit(town, number)
    form.send(town.door)
    said = {"reason": "记错了人"}
    return Asked("POST", f"/v1/visits/{form.body['visit_id']}/void", form.headers, rows("resident_ids"), body=said)


@recipe
def list_visit_versions(town: Town, number: int) -> Asked:
    form = record_visit(town, 1)
    form.send(town.door)
    visit = f"/v1/visits/{form.body['visit_id']}"
    for time in range(number):
        said = {"narrative": f"第{time}次补充", "reason": "补充"}
        answer = town.door.client.patch(visit, headers={**form.headers, "If-Match": "*"}, json=said)
        assert answer.status_code == 200, answer.text
    return Asked("GET", f"{visit}/versions", town.officer, rows("items"))


@recipe
def list_drafts(town: Town, number: int) -> Asked:
    for _ in range(number):
        path, body = f"/v1/drafts/task:{uuid4()}", {"form": {"narrative": "写到一半"}, "seen": 0}
        assert town.door.client.put(path, headers=town.street_advisor, json=body).status_code == 200
    return Asked("GET", "/v1/drafts", town.street_advisor, rows("items"))


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
    hooks = [{"kind": "webhook", "url": f"http://127.0.0.1:1/{next(town.numbers)}"} for _ in range(number)]
    for hook, channel in zip(hooks, kept, strict=False):
        hook["channel_id"] = channel["channel_id"]
    return Asked("PUT", path, town.manager, rows("channels"), body={"channels": hooks})


@recipe
def get_notification_settings(town: Town, number: int) -> Asked:
    put_notification_settings(town, number).send(town.door)
    return Asked("GET", "/v1/me/notifications", town.manager, rows("channels"))
