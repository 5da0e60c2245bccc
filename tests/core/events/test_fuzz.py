"""Whatever is sent, the answer is an event, a refusal with reasons or an unreadable body: no error, no hang."""

import json
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.events import cloudevents, id_numbers
from core.events.cloudevents import BodyInvalid, Event, Rejection
from tests.core.events.samples import BASES, NOW, accepted, base, encoded

CONTENT_TYPES = st.sampled_from(
    [
        None,
        "",
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/x-ndjson",
        "text/plain",
        "application/json; charset=",
        ";;;",
    ]
)
HEADERS = st.dictionaries(
    st.sampled_from(["ce-id", "ce-type", "ce-time", "ce-source", "CE-specversion", "ce-x"]), st.text()
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def check_outcome(content_type: str | None, headers: dict[str, str], body: bytes) -> None:
    found: list[Event | Rejection] = []
    problems = []
    try:
        found = cloudevents.parse_request(content_type, headers, body, now=NOW)
    except BodyInvalid as error:
        problems = error.problems
    assert bool(found) != bool(problems)
    for one in found:
        assert isinstance(one, Event) or one.errors


@settings(deadline=2000)
@given(CONTENT_TYPES, HEADERS, st.binary())
def test_random_bytes_are_read_or_refused(content_type: str | None, headers: dict[str, str], body: bytes) -> None:
    check_outcome(content_type, headers, body)


@settings(deadline=2000)
@given(CONTENT_TYPES, HEADERS, JSON)
def test_random_json_is_read_or_refused(content_type: str | None, headers: dict[str, str], value: object) -> None:
    check_outcome(content_type, headers, json.dumps(value).encode())
    assert isinstance(cloudevents.parse_event(value, index=0, now=NOW), Event | Rejection)


@settings(deadline=2000, max_examples=300)
@given(st.data())
def test_an_event_with_one_place_replaced_by_anything_is_read_or_refused(data: st.DataObject) -> None:
    raw = base(data.draw(st.sampled_from(sorted(BASES))))
    node: Any = raw
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(JSON)
    check_outcome("application/json", {}, json.dumps(raw).encode())
    assert isinstance(cloudevents.parse_event(raw, index=0, now=NOW), Event | Rejection)


@settings(deadline=2000)
@given(st.data())
def test_a_good_event_with_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(encoded([base("registered"), base("warning")]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        body[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    check_outcome("application/json", {}, bytes(body))


@given(st.dates(date(1900, 1, 1), date(2026, 3, 20)), st.integers(0, 999))
def test_every_synthetic_person_can_be_registered(birth: date, serial: int) -> None:
    raw = base("registered")
    raw["data"]["person"]["id_number"] = id_numbers.make(birth, serial)
    assert accepted(raw).person.birth_date == birth
