"""Every CloudEvents mode, streams, sizes, and bodies that cannot be read."""

import json
import tracemalloc
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings import http as sdk
from cloudevents.core.v1.event import CloudEvent

from core.events import cloudevents
from core.events.cloudevents import BodyInvalid, Event, Rejection
from tests.core.events import samples
from tests.core.events.samples import NOW, accepted, base, encoded


@pytest.mark.parametrize("case", samples.corpus("bodies.jsonl"))
def test_a_bad_body_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    body = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    try:
        (refused,) = cloudevents.parse_request(case["content_type"], case.get("headers", {}), body, now=NOW)
        assert isinstance(refused, Rejection)
        outcome, problems = "rejected", refused.errors
    except BodyInvalid as error:
        outcome, problems = "unreadable", error.problems
    assert (outcome, [[loc, code] for loc, code, _ in problems]) == (case["outcome"], case["expect"])


def test_the_corpus_is_large() -> None:
    assert len(samples.corpus("events.jsonl")) + len(samples.corpus("bodies.jsonl")) >= 200


def test_a_batch_reports_each_refusal_with_its_index_and_id() -> None:
    bad = base("left") | {"id": "bad"}
    bad["data"]["on"] = "soon"
    found = cloudevents.parse_request(None, {}, encoded([base("left"), bad, 5, base("died")]), now=NOW)
    assert [type(one) for one in found] == [Event, Rejection, Rejection, Event]
    assert [(r.index, r.id) for r in found if isinstance(r, Rejection)] == [(1, "bad"), (2, None)]


@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents+json; charset=utf-8", None])
def test_one_event_is_taken_as_json(content_type: str | None) -> None:
    (event,) = cloudevents.parse_request(content_type, {}, b"\r\n " + encoded(base("left")) + b"\t\n", now=NOW)
    assert event == accepted(base("left"))


def test_a_stream_is_cut_into_events_wherever_its_chunks_end() -> None:
    lines = [base("left"), {"id": "x"}, base("died") | {"id": "寅"}, base("lead")]
    body = b"\n\r\n".join(encoded(line) for line in lines)
    whole = cloudevents.parse_request("application/x-ndjson", {}, body, now=NOW)
    assert [type(one) for one in whole] == [Event, Rejection, Event, Event]
    for size in (1, 7, 100):
        chunks = (body[start : start + size] for start in range(0, len(body), size))
        assert list(cloudevents.iter_ndjson(chunks, now=NOW)) == whole


def test_the_memory_of_a_stream_does_not_grow_with_its_length() -> None:
    line = encoded(base("warning")) + b"\n"

    def peak(lines: int) -> int:
        tracemalloc.start()
        assert (
            sum(isinstance(one, Event) for one in cloudevents.iter_ndjson([line * 10] * (lines // 10), now=NOW))
            == lines
        )
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(4000) < 2 * peak(400)


def test_a_line_without_end_is_refused_without_being_kept() -> None:
    reader = cloudevents.LineReader()
    tracemalloc.start()
    for _ in range(200):
        assert reader.feed(b"x" * 65536, now=NOW) == []
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1024 * 1024
    refused, taken = reader.feed(b"\n" + encoded(base("left")) + b"\n", now=NOW)
    assert isinstance(refused, Rejection)
    assert refused.errors[0].code == "too_large"
    assert isinstance(taken, Event)


@pytest.mark.parametrize("letter", ["x", "大", "𠮷"])
def test_an_event_larger_than_256_kb_is_refused_alone(letter: str) -> None:
    large, fitting = base("warning"), base("warning")
    room = 256 * 1024 - len(encoded(fitting | {"data": fitting["data"] | {"note": ""}}))
    fitting["data"]["note"] = letter * (room // len(letter.encode()))
    large["data"]["note"] = fitting["data"]["note"] + letter
    batch = cloudevents.parse_request("application/json", {}, encoded([fitting, large]), now=NOW)
    stream = cloudevents.parse_request("application/x-ndjson", {}, encoded(fitting) + b"\n" + encoded(large), now=NOW)
    (alone,) = cloudevents.parse_request("application/json", {}, encoded(large), now=NOW)
    for taken, refused in (batch, stream, (batch[0], alone)):
        assert isinstance(taken, Event)
        assert isinstance(refused, Rejection)
        assert [(loc, code) for loc, code, _ in refused.errors] == [("event", "too_large")]


def test_thirty_two_levels_are_taken() -> None:
    raw = base("warning")
    raw["data"]["deep"] = json.loads("[" * 30 + "]" * 30)
    assert isinstance(cloudevents.parse_request("application/json", {}, encoded(raw), now=NOW)[0], Event)


def test_a_surrogate_pair_in_escapes_is_a_character_like_any_other() -> None:
    raw = base("warning") | {"source": "/𠮷"}
    (event,) = cloudevents.parse_request("application/json", {}, json.dumps(raw).encode(), now=NOW)
    assert isinstance(event, Event)
    assert event.source == "/𠮷"
    assert event.digest == accepted(raw).digest


def sdk_event() -> CloudEvent:
    raw = base("warning")
    attributes = {name: value for name, value in raw.items() if name != "data"}
    attributes |= {"time": datetime.fromisoformat(raw["time"]), "id": '编号 "7" 100%', "traceparent": "00-aa-bb-01"}
    return CloudEvent(attributes=attributes | {"datacontenttype": "application/json"}, data=raw["data"])


@pytest.mark.parametrize("mode", ["structured", "binary"])
def test_the_official_sdk_is_understood(mode: str) -> None:
    message = sdk.to_binary_event(sdk_event()) if mode == "binary" else sdk.to_structured_event(sdk_event())
    content_type = message.headers["content-type"]
    (event,) = cloudevents.parse_request(content_type, message.headers, message.body, now=NOW)
    assert isinstance(event, Event)
    assert (event.id, event.digest) == ('编号 "7" 100%', accepted(base("warning")).digest)
    assert event.attributes == {"traceparent": "00-aa-bb-01"}


def test_batches_and_streams_of_the_official_sdk_are_understood() -> None:
    one = sdk.to_structured_event(sdk_event()).body
    for content_type, body in (
        ("application/cloudevents-batch+json", b"[" + one + b"," + one + b"]"),
        ("application/x-ndjson", one + b"\n" + one),
    ):
        found = cloudevents.parse_request(content_type, {}, body, now=NOW)
        assert [type(event) for event in found] == [Event, Event]


def test_binary_mode_understands_quoted_headers_and_any_case() -> None:
    headers = {
        "CE-SpecVersion": "1.0",
        "Ce-Source": '"/a \\"b\\""',
        "ce-id": "%E5%BC%A0%25",
        "ce-type": "resident.died",
        "ce-time": "2026-03-20T09:00:00%2B08:00",
    }
    (event,) = cloudevents.parse_request(None, headers, encoded(base("died")["data"]), now=NOW)
    assert isinstance(event, Event)
    assert (event.source, event.id) == ('/a "b"', "张%")


def test_binary_mode_refuses_data_larger_than_256_kb() -> None:
    headers = {f"ce-{name}": value for name, value in base("warning").items() if name != "data"}
    (refused,) = cloudevents.parse_request("application/json", headers, b" " * (256 * 1024 + 1), now=NOW)
    assert isinstance(refused, Rejection)
    assert [(loc, code) for loc, code, _ in refused.errors] == [("data", "too_large")]
    assert refused.id == "yb-2026-000123"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/json", b"[" + b"5," * 50_000 + b"5]", id="batch"),
        pytest.param("application/x-ndjson", b"5\n" * 50_001, id="stream"),
    ],
)
def test_more_events_than_a_request_can_hold_are_refused_together(content_type: str, body: bytes) -> None:
    with pytest.raises(BodyInvalid) as refused:
        cloudevents.parse_request(content_type, {}, body, now=NOW)
    assert refused.value.problems[0].code == "too_many"
