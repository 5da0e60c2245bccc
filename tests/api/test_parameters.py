"""Query parameters: an address takes its own and refuses all others, naming them and never repeating a value."""

import pytest

from api import description
from api.http.bodies import BareRoute
from api.http.parameters import KnownRoute
from tests.api.door import Door, is_problem
from tests.world import STREET

ID = "00000000-0000-4000-8000-000000000000"
PLACES = {"code": STREET, "year": "2026"}


def operations(door: Door) -> list[tuple[str, str]]:
    """Every method and path of the document."""
    paths = door.client.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def filled(path: str) -> str:
    """A path with something in place of each parameter."""
    return "/".join(PLACES.get(part[1:-1], ID) if part.startswith("{") else part for part in path.split("/"))


def test_an_unknown_query_parameter_is_refused_by_every_address(door: Door) -> None:
    officer, key = door.person("district_officer"), door.key("alerts:write", "alerts:read")
    for method, path in operations(door):
        asked = {"limti": "319999196001010040", "x y": "1"}
        headers = key if (method, path) == ("POST", "/v1/alerts") else officer
        answer = door.client.request(method, filled(path), params=asked, headers=headers)
        assert is_problem(answer, 422, "unknown_parameter"), (method, path)
        assert [error["loc"] for error in answer.json()["errors"]] == ["limti", "*"], (method, path)
        assert "319999196001010040" not in answer.text, (method, path)


def test_who_is_not_known_hears_nothing_of_parameters(door: Door) -> None:
    open_to_all = {"/v1/session", "/health/live", "/health/ready", "/metrics"}
    for method, path in operations(door):
        answer = door.client.request(method, filled(path), params={"limti": "1"})
        expected = 422 if path in open_to_all and method != "DELETE" else 401
        assert answer.status_code == expected, (method, path)


def test_nothing_of_a_body_is_read_before_somebody_says_who_they_are(door: Door) -> None:
    nobody = {"Content-Type": "application/json"}
    for method, path in operations(door):
        if method == "GET" or (method, path) == ("POST", "/v1/session"):
            continue
        for body in (b'{"a": ', b"[" * 100_000, b" " * (3 << 20)):
            answer = door.client.request(method, filled(path), content=body, headers=nobody)
            assert is_problem(answer, 401, "unauthorized"), (method, path)


@pytest.mark.parametrize("path", ["/v1/visits", "/v1/tasks", "/v1/residents"])
def test_an_address_names_the_parameters_it_takes(door: Door, path: str) -> None:
    answer = door.client.get(path, params={"form": "2026-01-01"}, headers=door.person("district_officer"))
    assert "`committee`" in answer.json()["detail"]


def test_every_route_of_the_document_refuses_what_it_does_not_know(door: Door) -> None:
    routes = list(description.routes(door.app))
    assert len(routes) == len(operations(door))
    assert [route.path for route in routes if not isinstance(route, KnownRoute)] == ["/v1/alerts"]
    [door_of_its_own] = [route for route in routes if not isinstance(route, KnownRoute)]
    assert isinstance(door_of_its_own, BareRoute)


def test_places_are_known_to_every_key_and_everybody_signed_in(door: Door) -> None:
    for headers in (door.key("classify"), door.key(streets=[STREET]), door.person("visitor"), door.person("auditor")):
        places = door.get("/v1/places", headers)["items"]
        assert len(places) == 17
        assert {STREET, "310117002"} <= {place["code"] for place in places}
        assert sum(len(place["committees"]) for place in places) == 383
    assert is_problem(door.client.get("/v1/places"), 401)
