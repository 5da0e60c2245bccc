"""With the application's own filters off, row-level security alone gives the same answers and not one foreign row."""

from dataclasses import dataclass, fields
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from core.organisation import streets, users
from core.organisation.users import User
from core.store import scopes
from core.store.scopes import Scope
from tests import districts
from tests.api.door import Door, is_problem
from tests.behind import behind
from tests.world import DISTRICT

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
CHANGE = {"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18"}
NEIGHBOUR = "310117001002"
ELSEWHERE = "310117002003"
ROLES = (
    *("admin", "district_officer", "street_manager", "street_advisor", "committee_advisor", "visitor", "auditor"),
    "city_officer",
)
# What they take beside ids; a report is of a period.
QUERIES = {"/v1/reports/coverage": {"period": "2026-H1", "by": "committee"}}
NOWHERE = Scope()
UNSTEADY = {"/metrics", "/health/ready", "/health/live", "/", "/docs", "/openapi.json"}


@dataclass(frozen=True, slots=True)
class Unfiltered(User):
    """Somebody whom every query of the application takes for the whole installation; their scope stays their own."""

    narrow: Scope = NOWHERE

    @property
    def scope(self) -> Scope:
        return self.narrow


@pytest.fixture
def everything(door: Door) -> dict[str, list[str]]:
    """Ids by the name of their parameter: of people in two committees and two streets, their tasks, visits, alerts."""
    people = [door.resident(DIBAO, CHANGE, committee=one) for one in ("310117001001", NEIGHBOUR, ELSEWHERE)]
    for committee in ("310117001001", NEIGHBOUR, ELSEWHERE):
        advisor = door.person("street_advisor", street=committee[:9])
        [resident] = [one for one in people if _committee(door, one) == committee]
        assert door.visit(advisor, resident).status_code == 201
    rows = door.world.rows
    return {
        "resident_id": people,
        "task_id": [str(row.task_id) for row in rows("SELECT task_id FROM task")],
        "visit_id": [str(row.visit_id) for row in rows("SELECT visit_id FROM visit")],
        "code": ["310117001", "310117002", DISTRICT],
        "year": ["2026"],
        "user_id": [str(row.user_id) for row in rows("SELECT user_id FROM user_account")],
    }


def _committee(door: Door, resident_id: str) -> str:
    [row] = door.world.rows("SELECT committee_code FROM resident WHERE resident_id = :id", id=resident_id)
    return str(row.committee_code)


def reading(door: Door, everything: dict[str, list[str]]) -> list[str]:
    """Every address that is read, with every id there is in the place of its parameter."""
    found = []
    for route in door.client.app.routes:  # type: ignore[attr-defined]
        if not isinstance(route, APIRoute) or "GET" not in route.methods or route.path in UNSTEADY:
            continue
        named = [one for one in everything if f"{{{one}}}" in route.path]
        assert len(named) <= 1, route.path
        if not named:
            assert "{" not in route.path, f"{route.path}: say in `everything` what its parameter can be"
            found.append(route.path)
        found += [route.path.replace(f"{{{named[0]}}}", one) for one in everything[named[0]]] if named else []
    return found


def answers(door: Door, headers: dict[str, str], paths: list[str]) -> dict[str, tuple[int, Any]]:
    given = {}
    for path in paths:
        answer = door.client.get(path, headers=headers, params=QUERIES.get(path, {}))
        given[path] = (answer.status_code, answer.json())
    return given


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_the_same_without_the_filters_of_the_application(
    door: Door, everything: dict[str, list[str]], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = door.person(role)
    if role == "visitor":
        # Somebody is theirs, so that there is something to compare.
        [task] = door.world.rows("SELECT task_id FROM task WHERE street_code = '310117001' ORDER BY task_id LIMIT 1")
        with behind(door.world.database.url) as connection:
            given = text("UPDATE task SET assignee_id = :user WHERE task_id = :task")
            connection.execute(given, {"user": door.id_of(headers), "task": task.task_id})
    paths = reading(door, everything)
    filtered = answers(door, headers, paths)
    _switch_off(door, monkeypatch)
    unfiltered = answers(door, headers, paths)
    differing = [path for path in paths if filtered[path] != unfiltered[path] and not _refused_by_name(path, filtered)]
    assert differing == []


def _refused_by_name(path: str, filtered: dict[str, tuple[int, Any]]) -> bool:
    """A street named in the address is compared with the caller's own in Python, before any row is asked for."""
    return path.startswith("/v1/streets/") and filtered[path][0] == 404


def _switch_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    divisions = streets.known(door.world.database)
    as_it_is = users.from_row

    def unfiltered(row: Any, **more: Any) -> User:
        user = as_it_is(row, **more)
        said = {each.name: getattr(user, each.name) for each in fields(User)}
        said |= {"streets": divisions.codes_and_districts, "committees": None}
        return Unfiltered(**said, narrow=user.scope)

    everybody = [row.resident_id for row in door.world.rows("SELECT resident_id FROM resident")]
    monkeypatch.setattr(users, "from_row", unfiltered)
    monkeypatch.setattr("core.residents.queries.listed", lambda _session: everybody)
    monkeypatch.setattr("core.visits.queries.listed", lambda _session: everybody)


def test_with_its_filters_off_a_street_names_nobody_of_another(
    door: Door, everything: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = door.person("street_manager")
    _switch_off(door, monkeypatch)
    elsewhere = [one for one in everything["resident_id"] if _committee(door, one) == ELSEWHERE]
    assert elsewhere
    told = str(answers(door, headers, ["/v1/residents", "/v1/tasks", "/v1/visits", "/v1/escalations", "/v1/alerts"]))
    assert not [one for one in elsewhere if one in told]
    for one in elsewhere:
        assert is_problem(door.client.get(f"/v1/residents/{one}", headers=headers), 404)
        assert is_problem(door.visit(headers, one), 403)
        assert is_problem(door.visit(door.person("street_advisor"), one), 404)


# Districts at the door


@pytest.fixture
def both(door: Door) -> Door:
    """The same door, with a second district behind it."""
    districts.add(door.world.database.url)
    door.world.database.divisions = None
    door.client.app.state.context.database.divisions = None  # type: ignore[attr-defined]
    return door


def test_officers_of_each_district_and_of_the_city_see_what_is_theirs(both: Door) -> None:
    door = both
    resident = door.resident(DIBAO, CHANGE)
    ours = door.person("district_officer", district=DISTRICT)
    theirs = door.person("district_officer", district=districts.DISTRICT)
    city = door.person("city_officer")
    assert [one["resident_id"] for one in door.get("/v1/residents", ours)["items"]] == [resident]
    assert door.get("/v1/residents", theirs)["items"] == []
    assert is_problem(door.client.get(f"/v1/residents/{resident}", headers=theirs), 404)
    assert is_problem(door.client.get("/v1/residents", headers=city), 403)
    assert is_problem(door.client.get("/v1/alerts", headers=city), 403)
    report = {"period": "2026-03", "by": "street"}
    assert [row["key"] for row in door.get("/v1/reports/coverage", city, **report)["rows"]] == ["310117001"]
    assert [row["key"] for row in door.get("/v1/reports/coverage", ours, **report)["rows"]] == ["310117001"]
    assert door.get("/v1/reports/coverage", theirs, **report)["rows"] == []
    assert len(door.get("/v1/streets", ours)["items"]) == 17
    assert [one["code"] for one in door.get("/v1/streets", theirs)["items"]] == ["310199001", "310199002"]
    assert len(door.get("/v1/streets", city)["items"]) == 19


def test_an_administrator_makes_accounts_and_keys_of_their_own_district_and_none_of_the_city(both: Door) -> None:
    door = both
    admin = door.person("admin", district=districts.DISTRICT)
    fields = {"username": "new", "password": "synthetic-people-only", "name": "测试"}
    made = door.client.post("/v1/users", headers=admin, json={**fields, "role": "district_officer"})
    assert made.status_code == 201, made.text
    [row] = door.world.rows("SELECT district_code FROM user_account WHERE username = 'new'")
    assert row.district_code == districts.DISTRICT
    for wrong in ({"role": "street_manager", "street": "310117001"}, {"role": "street_manager"}):
        assert is_problem(door.client.post("/v1/users", headers=admin, json={**fields, "username": "x", **wrong}), 422)
    city = {**fields, "username": "x", "role": "city_officer"}
    assert is_problem(door.client.post("/v1/users", headers=admin, json=city), 403)
    key = {"source": "/test/source", "scopes": ["alerts:write"]}
    assert door.client.post("/v1/keys", headers=admin, json=key).status_code == 201
    assert len(door.get("/v1/keys", admin)["items"]) == 1
    assert door.get("/v1/keys", door.person("admin", district=DISTRICT))["items"] == []
    listed = {one["username"] for one in door.get("/v1/users", admin)["items"]}
    assert "new" in listed
    assert not {one for one in listed if one.startswith("admin")} - {"admin-1"}


def test_the_scopes_of_the_product_itself_are_never_a_persons(door: Door) -> None:
    user = door.world.user("street_manager")
    assert user.scope != scopes.under("310117001")
    assert not user.scope.every_user
