"""What the door tells about the sources that send news, and what it hears of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from fastapi.testclient import TestClient

from api.main import create
from cli import doctor
from core.settings import Settings
from tests.api.door import Door, is_problem
from tests.behind import behind
from tests.world import DISTRICT, SOURCE

OTHER = "/songjiang/emergency-bureau"
FEEDS = "/v1/feeds"


def news(door: Door, **extra: Any) -> dict[str, Any]:
    """Something about a person nobody knows: accepted, and quarantined."""
    data = {"person": {"external_id": "x"}, "channel": "hotline"}
    return door.world.event("lead.reported", data, **extra)


def push(door: Door, headers: dict[str, str], *events: Any, status: int = 202) -> None:
    answer = door.client.post("/v1/alerts", headers=headers, json=list(events))
    assert answer.status_code == status, answer.text


def feed(door: Door, headers: dict[str, str], source: str = SOURCE) -> dict[str, Any]:
    [found] = [one for one in door.get(FEEDS, headers)["items"] if one["source"] == source]
    assert isinstance(found, dict)
    return found


def put(door: Door, headers: dict[str, str], **body: Any) -> Any:
    return door.client.put(FEEDS, headers=headers, json={"source": SOURCE, **body})


def test_a_feed_shows_what_was_heard_of_it(door: Door) -> None:
    officer, key = door.person("district_officer"), door.key()
    assert feed(door, officer)["state"] == "never_heard"
    known, earlier = news(door), door.world.now - timedelta(days=3)
    push(door, key, known, news(door, at=earlier))
    push(door, key, known, {**news(door), "type": "unheard.of"})
    shown = feed(door, officer)
    now = door.world.now.isoformat()
    assert shown == {
        "source": SOURCE,
        "last_heard_at": now,
        "last_event_time": now,
        "expected_every_minutes": None,
        "days": None,
        "rhythm": "unknown",
        "state": "unknown",
        "since": None,
        "last_24_hours": {"requests": 2, "accepted": 2, "duplicates": 1, "rejected": 1, "quarantined": 2},
        "sequence": {"complete_to": None, "highest": None, "missing_total": 0, "gaps": []},
        "volume": {"expected": None, "seen": 0, "anomaly": None},
    }


def test_a_source_whose_events_are_all_refused_is_still_heard(door: Door) -> None:
    officer, key = door.person("district_officer"), door.key()
    push(door, key, {"specversion": "1.0"}, status=422)
    shown = feed(door, officer)
    assert shown["last_heard_at"] is not None
    assert shown["last_24_hours"]["rejected"] == 1
    # What cannot be read at all is no news from it.
    door.world.business.at += timedelta(hours=1)
    assert door.client.post("/v1/alerts", headers=key, content=b"\xff").status_code == 422
    assert feed(door, officer) == shown


def test_a_stream_counts_as_one_request(door: Door) -> None:
    officer, key = door.person("district_officer"), door.key()
    lines = b"\n".join(orjson.dumps(news(door)) for _ in range(1200))
    headers = {**key, "content-type": "application/x-ndjson"}
    assert door.client.post("/v1/alerts", headers=headers, content=lines).status_code == 202
    counts = feed(door, officer)["last_24_hours"]
    assert (counts["requests"], counts["accepted"]) == (1, 1200)


def test_missing_numbers_of_a_sequence_show_and_can_be_settled(door: Door) -> None:
    officer, key = door.person("district_officer"), door.key()
    push(door, key, *(news(door, sequence=number) for number in ("1", "2", "5")))
    since = door.world.now.isoformat()
    door.world.business.at += timedelta(minutes=6)
    sequence = {"complete_to": 0, "highest": 5, "missing_total": 2, "gaps": [{"from": 3, "to": 4, "since": since}]}
    assert feed(door, officer)["sequence"] == sequence
    assert (
        f'tanfang_feed_sequence_missing{{district="{DISTRICT}",source="{SOURCE}"}} 2.0'
        in door.client.get("/metrics").text
    )
    assert put(door, officer, count_anew=True).json()["sequence"]["missing_total"] == 0


def test_a_silent_feed_shows_everywhere_an_operator_looks(door: Door) -> None:
    officer, admin, key = door.person("district_officer"), door.person("admin"), door.key()
    push(door, key, news(door))
    answer = put(door, officer, expected_every_minutes=60)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["rhythm"], answer.json()["state"]) == ("configured", "ok")
    due = (door.world.now + timedelta(hours=2)).isoformat()
    door.world.business.at += timedelta(hours=3)
    door.world.settle()
    assert (feed(door, officer)["state"], feed(door, officer)["since"]) == ("silent", due)
    for user in (officer, admin):
        [message] = door.get("/v1/notifications", user)["items"]
        assert message["kind"] == "feed_silent"
        read = {"ids": [message["notification_id"]]}
        assert door.client.post("/v1/notifications/read", headers=user, json=read).json() == {"marked": 1}
    ready = door.client.get("/health/ready")
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["parts"]["feeds"]["state"]) == ("degraded", "degraded")
    told = door.client.get("/metrics").text
    assert f'tanfang_feed_silent{{district="{DISTRICT}",source="{SOURCE}"}} 1.0' in told
    assert f'tanfang_feed_events_total{{outcome="accepted",source="{SOURCE}"}} 1.0' in told
    assert f'tanfang_feed_last_heard_timestamp_seconds{{district="{DISTRICT}",source="{SOURCE}"}} ' in told
    with door.world.database.transaction(door.world.scope) as session:
        [finding] = doctor._feeds(session)
    assert (finding.state, SOURCE in finding.text) == (doctor.State.DEGRADED, True)


def test_what_is_heard_is_written_down_when_a_process_ends(door: Door, database_url: str, key_folder: Path) -> None:
    settings = Settings(database_url=database_url, keys=key_folder, sandbox=True, pool_size=4)
    officer, key = door.person("district_officer"), door.key()
    for _ in range(2):
        with TestClient(create(settings)) as client:
            pushed = client.post("/v1/alerts", headers=key, json=news(door))
            assert pushed.status_code == 202
    assert feed(door, officer)["last_24_hours"]["requests"] == 2


def test_the_watch_survives_a_time_without_a_database(door: Door) -> None:
    context = door.context
    officer, key = door.person("district_officer"), door.key()
    push(door, key, news(door))
    with behind(door.world.database.url) as connection:
        connection.exec_driver_sql("ALTER TABLE feed_hour RENAME TO away")
    context.door.feeds.flush()
    push(door, key, news(door))
    with behind(door.world.database.url) as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO feed_hour")
    assert feed(door, officer)["last_24_hours"]["accepted"] == 2


def test_the_list_goes_on_where_a_page_ended(door: Door) -> None:
    officer = door.person("district_officer")
    for source in (SOURCE, OTHER):
        door.key(source=source)
    first = door.get(FEEDS, officer, limit=1)
    second = door.get(FEEDS, officer, limit=1, cursor=first["next_cursor"])
    assert [one["source"] for one in first["items"] + second["items"]] == sorted((SOURCE, OTHER))
    assert second["next_cursor"] is None
    for cursor in ("x", "WyJcdTAwMDAiXQ", "WyJcdWQ4MDAiXQ", "WzFd"):
        assert is_problem(door.client.get(FEEDS, headers=officer, params={"cursor": cursor}), 422, "invalid")


def test_feeds_are_for_the_district_and_a_key_sees_its_own(door: Door) -> None:
    key = door.key()
    door.key(source=OTHER)
    for role in ("district_officer", "admin", "auditor"):
        assert len(door.get(FEEDS, door.person(role))["items"]) == 2
    assert [one["source"] for one in door.get(FEEDS, key)["items"]] == [SOURCE]
    assert is_problem(door.client.get(FEEDS, headers=door.key("alerts:write")), 403)
    assert is_problem(door.client.get(FEEDS), 401)
    for role in ("street_manager", "street_advisor", "committee_advisor", "visitor"):
        assert is_problem(door.client.get(FEEDS, headers=door.person(role)), 403)
    for headers in (door.person("auditor"), door.person("street_manager"), key):
        assert is_problem(put(door, headers), 403)
    assert put(door, door.person("admin"), paused=True).json()["state"] == "paused"


def test_only_a_known_feed_can_be_set_and_only_sensibly(door: Door) -> None:
    officer = door.person("district_officer")
    assert is_problem(put(door, officer, source="/top-secret"), 404, "not_found")
    door.key()
    for body in (
        {"source": None},
        {"source": ""},
        {"source": "a\u0001"},
        {"expected_every_minutes": 0},
        {"expected_every_minutes": 129_601},
        {"expected_every_minutes": 1.5},
        {"expected_every_minutes": "60"},
        {"days": "weekends"},
        {"paused": "yes"},
        {"unknown": 1},
    ):
        assert is_problem(put(door, officer, **body), 422, "invalid")
    assert "top-secret" not in put(door, officer, source="/top-secret").text
