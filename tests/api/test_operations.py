"""The interface described, the instance looked at, the clock of the sandbox moved."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fastapi.testclient import TestClient

from api.main import create
from core.heartbeat import sandbox, sweep
from core.settings import Settings
from core.store.business import Business
from tests.api.door import Door, is_problem
from tests.behind import behind
from tests.world import World

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
PROMISED = {
    ("post", "/v1/alerts"),
    ("get", "/v1/alerts"),
    ("post", "/v1/alerts/{alert_id}/replay"),
    ("post", "/v1/session"),
    ("delete", "/v1/session"),
    ("get", "/v1/me"),
    ("post", "/v1/me/password"),
    ("get", "/v1/me/sessions"),
    ("delete", "/v1/me/sessions"),
    ("delete", "/v1/me/sessions/{session_id}"),
    ("get", "/v1/residents"),
    ("get", "/v1/residents/{resident_id}"),
    ("patch", "/v1/residents/{resident_id}"),
    ("post", "/v1/residents/lookup"),
    ("put", "/v1/residents/{resident_id}/pairing"),
    ("post", "/v1/residents/{resident_id}/facts"),
    ("post", "/v1/residents/{resident_id}/reveal"),
    ("get", "/v1/residents/{resident_id}/timeline"),
    ("get", "/v1/residents/{resident_id}/decision"),
    ("get", "/v1/residents/{resident_id}/duties"),
    ("get", "/v1/residents/{resident_id}/why"),
    ("post", "/v1/classify"),
    ("get", "/v1/tasks"),
    ("get", "/v1/tasks/{task_id}"),
    ("post", "/v1/tasks/pull"),
    *(
        ("post", f"/v1/tasks/{{task_id}}/{word}")
        for word in ("claim", "release", "assign", "attempts", "excuse", "decide", "complete")
    ),
    ("post", "/v1/visits"),
    ("get", "/v1/visits"),
    ("get", "/v1/visits/{visit_id}"),
    ("get", "/v1/escalations"),
    ("get", "/v1/notifications"),
    ("get", "/v1/feeds"),
    ("put", "/v1/feeds"),
    ("get", "/v1/users"),
    ("post", "/v1/users"),
    ("patch", "/v1/users/{user_id}"),
    ("post", "/v1/users/{user_id}/reset"),
    ("post", "/v1/users/{user_id}/recusals"),
    ("post", "/v1/users/{user_id}/absences"),
    ("post", "/v1/users/{user_id}/handover"),
    ("get", "/v1/streets/{code}/escalation"),
    ("put", "/v1/streets/{code}/escalation"),
    ("get", "/v1/calendar/{year}"),
    ("put", "/v1/calendar/{year}"),
    ("get", "/v1/streets"),
    ("put", "/v1/sandbox/clock"),
    ("post", "/v1/sandbox/settle"),
}


def test_the_interface_describes_every_address_of_the_contract(door: Door) -> None:
    paths = door.client.get("/openapi.json").json()["paths"]
    described = {(method, path) for path, methods in paths.items() for method in methods}
    assert described >= PROMISED
    for path, methods in paths.items():
        for operation in methods.values():
            refused = [content for status, content in operation["responses"].items() if status.startswith("4")]
            assert refused, path
            assert all(list(one["content"]) == ["application/problem+json"] for one in refused), path


def test_an_instance_says_whether_it_is_ready_and_what_waits(door: Door) -> None:
    assert door.client.get("/health/live").json() == {"status": "ok"}
    ready = door.client.get("/health/ready")
    assert ready.status_code == 200
    assert {name: part["state"] for name, part in ready.json()["parts"].items()} == {
        "database": "ok",
        "migrations": "ok",
        "workers": "ok",
        "escalation": "ok",
        "feeds": "ok",
        "calendar": "ok",
        "broker": "degraded",
    }
    door.resident(DIBAO)
    door.world.accept(door.world.event("change.accident", {"person": {"external_id": "x"}, "happened_on": None}))
    told = door.client.get("/metrics").text
    assert "tanfang_alerts_quarantined 1.0" in told
    assert "tanfang_tasks_open 1.0" in told
    assert 'route="/health/ready"' in told


def test_a_database_without_its_migrations_is_not_ready(door: Door) -> None:
    with behind(door.world.database.url) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    assert door.client.get("/health/ready").status_code == 503


def test_production_has_no_sandbox_and_no_docs(database_url: str, key_folder: Path) -> None:
    settings = Settings(database_url=database_url, keys=key_folder, sandbox=False, pool_size=4)
    with TestClient(create(settings)) as client:
        assert is_problem(client.put("/v1/sandbox/clock", json={"now": "2026-03-20T09:00:00+08:00"}), 404)
        assert is_problem(client.post("/v1/sandbox/settle"), 404)
        assert is_problem(client.get("/docs"), 404)
        assert is_problem(client.get("/styles"), 404)
        assert "探访关爱" in client.get("/").text


def test_pages_load_nothing_from_elsewhere(door: Door) -> None:
    page = door.client.get("/")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    sources = re.findall(r"<script\b([^>]*)>", page.text)
    assert all(re.search(r'\bsrc="/(?!/)', source) for source in sources)


def test_an_unknown_address_or_method_is_a_problem_document(door: Door) -> None:
    assert is_problem(door.client.get("/v1/nothing"), 404, "not_found")
    assert is_problem(door.client.put("/v1/alerts"), 405, "method_not_allowed")
    assert is_problem(door.client.get("/v1/tasks/7", headers=door.person("auditor")), 404)


@contextmanager
def walking(world: World, business: Business) -> Iterator[None]:
    """A worker's heartbeat."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(0.02):
            sandbox.walk(world.database, world.keys, business)
            sweep.once(world.database, world.keys, business)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_clock_moves_forward_through_everything_due(door: Door, database_url: str, key_folder: Path) -> None:
    business = Business(door.world.database, sandbox=True)
    with door.world.database.transaction(door.world.scope) as session:
        sandbox.start_at(session, door.world.now)
    officer = door.person("district_officer")
    resident = door.resident(DIBAO)
    settings = Settings(database_url=database_url, keys=key_folder, sandbox=True, pool_size=4)
    with TestClient(create(settings)) as client, walking(door.world, business):
        body = {"now": "2026-07-02T10:00:00+08:00"}
        moved = client.put("/v1/sandbox/clock", headers=officer, json=body)
        assert moved.status_code == 200, moved.text
        reached = datetime.fromisoformat(moved.json()["now"])
        assert 0 <= (reached - datetime.fromisoformat(body["now"])).total_seconds() < 30
        assert client.post("/v1/sandbox/settle", headers=officer).status_code == 200
        back = client.put("/v1/sandbox/clock", headers=officer, json={"now": "2026-03-20T10:00:00+08:00"})
        assert is_problem(back, 422)
        assert is_problem(client.put("/v1/sandbox/clock", headers=officer, json={"now": "2026-08-01T10:00:00"}), 422)
        duties = client.get(f"/v1/residents/{resident}/duties", headers=officer).json()["items"]
    assert {(duty["period"], duty["state"]) for duty in duties} == {("2026-H1", "missed"), ("2026-H2", "open")}
