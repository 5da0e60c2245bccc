"""Drafts: what somebody has typed is theirs, is not lost, and is not kept for ever."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.heartbeat import sweep
from tests.api.door import Door, is_problem
from tests.behind import behind

NOBODY = "0195b0c1-7d3e-7000-8000-000000000001"
FORM = {"mode": "home_visit", "narrative": "两位都在家，陆伯这两天胸口痛"}


def save(door: Door, who: dict[str, str], key: str, form: dict[str, Any], seen: int = 0) -> httpx.Response:
    return door.client.put(f"/v1/drafts/{key}", headers=who, json={"form": form, "seen": seen})


def a_task() -> str:
    return f"task:{uuid4()}"


def test_what_was_typed_comes_back_as_it_was(door: Door) -> None:
    advisor, key = door.person("committee_advisor"), a_task()
    saved = save(door, advisor, key, FORM)
    assert saved.status_code == 200, saved.text
    assert saved.json() == {"key": key, "seen": 1, "saved_at": saved.json()["saved_at"], "form": FORM}
    assert door.get(f"/v1/drafts/{key}", advisor) == saved.json()
    assert save(door, advisor, key, {**FORM, "mode": "phone"}, seen=1).json()["seen"] == 2
    assert door.get("/v1/drafts", advisor)["items"] == [door.get(f"/v1/drafts/{key}", advisor)]


def test_two_tabs_of_one_form_hear_of_each_other_and_neither_is_lost(door: Door) -> None:
    advisor, key = door.person("committee_advisor"), a_task()
    save(door, advisor, key, FORM)
    first = save(door, advisor, key, {**FORM, "narrative": "第一页"}, seen=1)
    second = save(door, advisor, key, {**FORM, "narrative": "第二页"}, seen=1)
    assert is_problem(second, 409, "draft_old")
    assert second.json()["stored"] == first.json() == door.get(f"/v1/drafts/{key}", advisor)
    anyway = save(door, advisor, key, {**FORM, "narrative": "第二页"}, seen=second.json()["stored"]["seen"])
    assert (anyway.status_code, anyway.json()["seen"]) == (200, 3)


def test_the_same_form_once_more_is_taken_whatever_was_seen(door: Door) -> None:
    advisor, key = door.person("committee_advisor"), a_task()
    saved = save(door, advisor, key, FORM)
    assert save(door, advisor, key, FORM).json() == saved.json()


def test_a_draft_that_was_sent_is_gone_and_one_that_is_begun_anew_is_newer_than_what_any_page_has_seen(
    door: Door,
) -> None:
    advisor, key = door.person("committee_advisor"), a_task()
    for seen in range(3):
        save(door, advisor, key, {**FORM, "narrative": str(seen)}, seen)
    assert door.client.delete(f"/v1/drafts/{key}", headers=advisor).status_code == 204
    assert is_problem(door.client.get(f"/v1/drafts/{key}", headers=advisor), 404)
    assert is_problem(door.client.delete(f"/v1/drafts/{key}", headers=advisor), 404)
    assert door.get("/v1/drafts", advisor)["items"] == []
    anew = save(door, advisor, key, FORM)
    assert (anew.status_code, anew.json()["seen"]) == (200, 4)
    assert is_problem(save(door, advisor, key, {"narrative": "旧页"}, seen=3), 409, "draft_old")


def test_drafts_are_ones_own_and_lie_sealed(door: Door) -> None:
    advisor, colleague, key = door.person("committee_advisor"), door.person("street_advisor"), a_task()
    save(door, advisor, key, FORM)
    assert is_problem(door.client.get(f"/v1/drafts/{key}", headers=colleague), 404)
    assert is_problem(door.client.delete(f"/v1/drafts/{key}", headers=colleague), 404)
    assert door.get("/v1/drafts", colleague)["items"] == []
    assert save(door, colleague, key, {"narrative": "另一人的"}).json()["seen"] == 1
    assert door.get(f"/v1/drafts/{key}", advisor)["form"] == FORM
    with behind(door.world.database.url) as connection:
        [sealed] = connection.exec_driver_sql(
            "SELECT form FROM draft WHERE user_id = %s", (door.id_of(advisor),)
        ).scalars()
    assert "胸口痛".encode() not in bytes(sealed)


def test_a_draft_is_kept_for_fourteen_days(door: Door) -> None:
    advisor, key = door.person("committee_advisor"), a_task()
    save(door, advisor, key, FORM)
    door.world.business.at += timedelta(days=14) - timedelta(seconds=1)
    assert door.get(f"/v1/drafts/{key}", advisor)["form"] == FORM
    door.world.business.at += timedelta(seconds=1)
    assert is_problem(door.client.get(f"/v1/drafts/{key}", headers=advisor), 404)
    assert door.get("/v1/drafts", advisor)["items"] == []
    sweep.once(door.world.database, door.context.keys, door.world.business)
    with behind(door.world.database.url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM draft").scalar_one() == 0


def test_a_form_about_some_residents_has_one_draft_in_whichever_order_they_are_named(door: Door) -> None:
    advisor, one, other = door.person("visitor"), str(uuid4()), str(uuid4())
    saved = save(door, advisor, f"residents:{one},{other}", FORM).json()
    assert saved["key"] == "residents:" + ",".join(sorted((one, other)))
    assert door.get(f"/v1/drafts/residents:{other},{one.upper()}", advisor) == saved


@pytest.mark.parametrize("key", ["task:7", "task:", "residents:", f"visit:{NOBODY}", NOBODY, "task"])
def test_a_key_that_names_neither_a_task_nor_residents_is_no_address(door: Door, key: str) -> None:
    advisor = door.person("committee_advisor")
    for answer in (save(door, advisor, key, FORM), door.client.get(f"/v1/drafts/{key}", headers=advisor)):
        assert is_problem(answer, 404)


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"form": "文字", "seen": 0}, "form"),
        ({"form": {}, "seen": -1}, "seen"),
        ({"form": {}, "seen": "1"}, "seen"),
        ({"form": {}}, "seen"),
        ({"form": {}, "seen": 0, "key": "x"}, "key"),
    ],
)
def test_a_draft_sent_wrongly_is_refused_by_field(door: Door, body: dict[str, Any], loc: str) -> None:
    answer = door.client.put(f"/v1/drafts/{a_task()}", headers=door.person("visitor"), json=body)
    assert is_problem(answer, 422)
    assert loc in [error["loc"] for error in answer.json()["errors"]], answer.text


def test_who_writes_no_visits_has_no_drafts(door: Door) -> None:
    for role in ("auditor", "admin", "district_officer", "street_manager"):
        assert is_problem(door.client.get("/v1/drafts", headers=door.person(role)), 403)
        assert is_problem(save(door, door.person(role), a_task(), FORM), 403)
    assert is_problem(door.client.get("/v1/drafts"), 401)


def test_drafts_are_listed_page_by_page_the_latest_saved_first(door: Door) -> None:
    advisor, keys = door.person("committee_advisor"), [a_task() for _ in range(5)]
    for key in keys:
        save(door, advisor, key, FORM)
        door.world.business.at += timedelta(minutes=1)
    first = door.get("/v1/drafts", advisor, limit=3)
    rest = door.get("/v1/drafts", advisor, limit=3, cursor=first["next_cursor"])
    assert [one["key"] for one in (*first["items"], *rest["items"])] == keys[::-1]
