"""Whatever is sent, the door answers with a reason: never an error of ours, never a piece of what was sent."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api.evaluation.evaluators import Evaluators
from core.events import cloudevents
from core.events.cloudevents import Event
from core.organisation import streets
from core.store import crypto
from core.store.database import Database
from tests.api import bad_inputs
from tests.api.bad_inputs import BATCH, MARK, NDJSON, Bad
from tests.api.door import Door, is_problem, open_door
from tests.core.events import samples as event_samples
from tests.core.events.samples import base, encoded
from tests.core.events.test_cloudevents import changed
from tests.world import SOURCE, World

SPOILT = list(bad_inputs.spoilt_events())


@pytest.fixture(scope="module")
def door(make_database: Callable[[], str], key_folder: Path, evaluators: Evaluators) -> Iterator[Door]:
    """One door for all of them: nothing of what they send may stay behind anyway."""
    url = make_database()
    database = Database(url, pool_size=2)
    streets.known(database)
    with open_door(url, key_folder, World(database, crypto.load_keys(key_folder)), evaluators) as opened:
        yield opened
    database.dispose()


@pytest.fixture(scope="module")
def key(door: Door) -> dict[str, str]:
    """The key of the monitoring system."""
    return door.key("alerts:write")


def push(
    door: Door, key: dict[str, str], body: bytes, content_type: str | None, headers: dict[str, str] | None = None
) -> httpx.Response:
    lines = {**key, **({"content-type": content_type} if content_type is not None else {}), **(headers or {})}
    raw = [(name.encode(), value.encode("utf-8")) for name, value in lines.items()]
    return door.client.post("/v1/alerts", content=body, headers=raw)


def stored(door: Door) -> int:
    """How many alerts, receipts and residents there are."""
    [row] = door.world.rows(
        "SELECT (SELECT count(*) FROM alert) + (SELECT count(*) FROM receipt) + (SELECT count(*) FROM directory) AS n"
    )
    return int(row.n)


def test_there_are_enough_of_them_and_nothing_else_is_wrong_with_them() -> None:
    for name, event in bad_inputs.good_events():
        assert isinstance(cloudevents.parse_event(event, index=0, now=event_samples.NOW), Event), name
    assert len(bad_inputs.params()) >= 300
    assert len(SPOILT) > 1000
    assert len({name for name, _ in SPOILT}) == len(SPOILT)


@pytest.mark.parametrize("bad", bad_inputs.params())
def test_a_bad_request_is_refused_with_its_reason(door: Door, key: dict[str, str], bad: Bad) -> None:
    before = stored(door)
    answer = push(door, key, bad.body, bad.content_type, bad.headers)
    assert is_problem(answer, bad.status, bad.code)
    assert bad.secret not in answer.text
    assert answer.json()["errors"] or bad.status == 413
    assert stored(door) == before


@pytest.mark.parametrize("case", event_samples.corpus("events.jsonl"))
def test_a_bad_event_is_refused_and_its_neighbours_are_taken(
    door: Door, key: dict[str, str], case: dict[str, Any]
) -> None:
    before = stored(door)
    raw = encoded(changed(case["base"], case.get("set", {}), case.get("drop", [])))
    alone = push(door, key, raw, "application/cloudevents+json")
    assert is_problem(alone, 422, "not_accepted")
    [rejected] = alone.json()["rejected"]
    assert rejected["errors"] == alone.json()["errors"]
    assert stored(door) == before
    check_among_good_ones(door, key, raw)


@pytest.mark.parametrize("start", range(0, len(SPOILT), 50))
def test_a_field_that_is_anything_but_what_it_should_be_is_refused(door: Door, key: dict[str, str], start: int) -> None:
    before = stored(door)
    for name, raw in SPOILT[start : start + 50]:
        answer = push(door, key, raw, "application/json")
        assert answer.status_code == 422, (name, answer.text)
        assert is_problem(answer, 422, "not_accepted")
        assert MARK not in answer.text, name
    assert stored(door) == before
    check_among_good_ones(door, key, *(raw for _, raw in SPOILT[start : start + 50]))


def check_among_good_ones(door: Door, key: dict[str, str], *bad: bytes) -> None:
    """A batch and a stream take the good events around the bad ones, and name each bad one by its place."""
    for media in (BATCH, NDJSON):
        good = [encoded(base("accident") | {"id": f"good-{number}", "source": SOURCE}) for number in range(2)]
        lines = [good[0], *bad, good[1]]
        body = b"\n".join(lines) if media == NDJSON else b"[" + b",".join(lines) + b"]"
        answer = push(door, key, body, media)
        assert answer.status_code == 202, answer.text
        said = answer.json()
        assert said["accepted"] + said["duplicates"] == 2
        assert [one["index"] for one in said["rejected"]] == list(range(1, len(bad) + 1))
        assert all(one["errors"] for one in said["rejected"])
        assert MARK not in answer.text


def test_an_id_is_repeated_only_when_it_is_one(door: Door, key: dict[str, str]) -> None:
    several = [base("died") | {"id": value, "time": MARK} for value in ("a-1", f"{MARK}\0", 7, [MARK], MARK * 30, "")]
    answer = push(door, key, orjson.dumps(several), BATCH)
    assert is_problem(answer, 422, "not_accepted")
    assert [one["id"] for one in answer.json()["rejected"]] == ["a-1", None, None, None, None, None]
    assert MARK not in answer.text
