"""`POST /v1/alerts?dry_run=true`: the same answer, and nothing is stored."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from core.alerts import accepting
from core.alerts.ledger import Rehearsal, Told
from core.alerts.source_keys import Caller
from core.events import cloudevents
from core.organisation import streets
from core.store.database import Database
from tests.api.door import Door, is_problem
from tests.api.test_alerts import registration
from tests.world import DISTRICT, SOURCE, STREET

TABLES = ("alert", "receipt", "directory", "feed_hour", "feed", "resident", "seen_message")
NDJSON = "application/x-ndjson"
ELSEWHERE = "310117002003"


def send(
    door: Door, key: dict[str, str], body: object, content_type: str = "application/json", *, dry: bool = True
) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    asked = {"dry_run": "true"} if dry else {}
    return door.client.post("/v1/alerts", params=asked, content=content, headers={**key, "content-type": content_type})


def stored(door: Door) -> dict[str, int]:
    """How many rows everything that news touches has."""
    door.context.door.feeds.flush()
    return {table: door.world.rows(f"SELECT count(*) AS n FROM {table}")[0].n for table in TABLES}


def lines(*events: dict[str, Any]) -> bytes:
    return b"\n".join(map(orjson.dumps, events))


def binary(event: dict[str, Any]) -> dict[str, str]:
    return {f"ce-{name}": str(value) for name, value in event.items() if name != "data"}


@pytest.mark.parametrize(
    ("content_type", "shape"),
    [
        ("application/json", lambda events: orjson.dumps(events[0])),
        ("application/json", orjson.dumps),
        ("application/cloudevents-batch+json", orjson.dumps),
        (NDJSON, lambda events: lines(*events)),
    ],
)
def test_a_dry_run_gives_the_answer_that_the_push_then_gets(
    door: Door, content_type: str, shape: Callable[[list[dict[str, Any]]], bytes]
) -> None:
    key = door.key()
    known, news = registration(door), registration(door, id_number="319999195512310024")
    send(door, key, known, dry=False)
    conflict = {**known, "data": {**known["data"], "facts": []}}
    events = [news, known, conflict, news, {**news, "type": "resident.invented"}, {**news, "data": {}}]
    before = stored(door)
    rehearsed = send(door, key, shape(events), content_type)
    assert stored(door) == before
    assert send(door, key, shape(events), content_type).json() == rehearsed.json()
    pushed = send(door, key, shape(events), content_type, dry=False)
    assert (rehearsed.status_code, rehearsed.json()) == (pushed.status_code, pushed.json())
    assert stored(door) != before


def test_a_dry_run_in_binary_mode_stores_nothing(door: Door) -> None:
    event, before = registration(door), stored(door)
    answer = door.client.post("/v1/alerts?dry_run=true", headers={**door.key(), **binary(event)}, json=event["data"])
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert stored(door) == before


def test_a_conflict_alone_is_judged_as_it_would_be(door: Door) -> None:
    key, event = door.key(), registration(door)
    send(door, key, event, dry=False)
    before = stored(door)
    assert is_problem(send(door, key, {**event, "data": {**event["data"], "facts": []}}), 409, "conflict")
    assert stored(door) == before


def test_the_portions_of_a_rehearsed_stream_know_of_one_another(door: Door) -> None:
    # Each portion holds some 700 of them; the last lines repeat and contradict the first.
    events = [registration(door, id_number=None, external_id=f"x{n}") for n in range(2000)]
    twice, other = events[0], {**events[1], "data": {**events[1]["data"], "facts": []}}
    before = stored(door)
    rehearsed = send(door, door.key(), lines(*events, twice, other), NDJSON)
    assert stored(door) == before
    # Two portions of a real stream are stored at once: which of two that contradict each other is first, nobody says.
    pushed = send(door, door.key(), lines(*events, twice, other), NDJSON, dry=False)
    for answer in (rehearsed.json(), pushed.json()):
        assert (answer["accepted"], answer["duplicates"]) == (2000, 1)
        assert [one["errors"][0]["code"] for one in answer["rejected"]] == ["conflict"]


def test_a_key_of_one_street_hears_in_a_rehearsal_whom_it_would_reach(door: Door) -> None:
    key = door.key(streets=[STREET])
    opens = registration(door, id_number=None, external_id="new")
    follows = door.world.event("resident.died", {"person": {"external_id": "new"}, "on": "2026-03-18"})
    far = registration(door, id_number=None, external_id="far", street="310117002", committee=ELSEWHERE)
    rehearsed = send(door, key, lines(opens, follows, far), NDJSON)
    assert rehearsed.json()["accepted"] == 2
    assert rehearsed.json()["rejected"][0]["errors"][0]["code"] == "street_not_allowed"
    assert send(door, key, lines(opens, follows, far), NDJSON, dry=False).json() == rehearsed.json()


def test_what_a_failed_attempt_was_told_is_forgotten(door: Door, store: Database) -> None:
    """A transaction that had to be tried again must not take its own first attempt for an earlier push."""
    world, told = door.world, Told()
    event = cloudevents.parse_event(registration(door), index=0, now=world.now)
    committees = streets.known(store).committees
    caller = Caller(uuid4(), DISTRICT, SOURCE, frozenset({"alerts:write"}), frozenset(), frozenset())
    for _ in range(2):
        with world.database.transaction(world.scope) as session:
            rehearsal = Rehearsal(session, told)
            [found] = accepting.accept_all(
                rehearsal, [accepting.Submission([event], caller)], committees, world.keys, now=world.now
            )
        assert (found.accepted, found.duplicates) == (1, 0)
    rehearsal.keep()
    with world.database.transaction(world.scope) as session:
        [found] = accepting.accept_all(
            Rehearsal(session, told), [accepting.Submission([event], caller)], committees, world.keys, now=world.now
        )
    assert (found.accepted, found.duplicates) == (0, 1)


@pytest.mark.parametrize("value", ["1", "yes", "", "True"])
def test_a_dry_run_is_true_or_false_and_nothing_else(door: Door, value: str) -> None:
    answer = door.client.post("/v1/alerts", params={"dry_run": value}, headers=door.key(), json=registration(door))
    assert is_problem(answer, 422, "invalid")
    assert [error["loc"] for error in answer.json()["errors"]] == ["dry_run"]
    assert stored(door)["alert"] == 0
