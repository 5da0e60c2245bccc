"""The door as clients of the official CloudEvents SDK meet it, by its present interface and by its older one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings import http as sdk
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1 import conversion as older
from cloudevents.v1.http import CloudEvent as OlderEvent

from tests.api.door import Door, is_problem
from tests.world import COMMITTEE, SOURCE, STREET

SHANGHAI = timezone(timedelta(hours=8))
PUSHED = datetime(2026, 3, 20, 9, 0, tzinfo=SHANGHAI)
DATA = {
    "person": {"id_number": "319999196001010040", "name": "张三", "street": STREET, "committee": COMMITTEE},
    "pushed_on": "2026-03-20",
    "out_of_pocket": 52000.5,
    "hospital": "𠮷医院",
}

Request = tuple[dict[str, str], bytes]


def news(data: Any = None, **attributes: Any) -> CloudEvent:
    """An event of the SDK; an attribute None is left out."""
    said = {
        "source": SOURCE,
        "id": "yb-2026-000123",
        "type": "warning.illness_poverty",
        "time": PUSHED,
        "datacontenttype": "application/json",
        **attributes,
    }
    return CloudEvent(
        {name: value for name, value in said.items() if value is not None}, DATA if data is None else data
    )


def binary(event: CloudEvent) -> Request:
    message = sdk.to_binary_event(event)
    return message.headers, message.body


def structured(event: CloudEvent) -> Request:
    message = sdk.to_structured_event(event)
    return message.headers, message.body


def batch(event: CloudEvent) -> Request:
    """The SDK makes no batches; a batch is an array of what it makes (CloudEvents JSON format 4)."""
    return {"content-type": "application/cloudevents-batch+json"}, b"[" + structured(event)[1] + b"]"


def stream(event: CloudEvent) -> Request:
    return {"content-type": "application/x-ndjson"}, structured(event)[1] + b"\n"


MODES = pytest.mark.parametrize("mode", [binary, structured, batch, stream])
Mode = Callable[[CloudEvent], Request]


def send(door: Door, key: dict[str, str], request: Request) -> httpx.Response:
    headers, body = request
    return door.client.post("/v1/alerts", headers={**key, **headers}, content=body)


def taken(door: Door, request: Request, **expected: Any) -> dict[str, Any]:
    """The one alert that a request became."""
    key = door.key()
    answer = send(door, key, request)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "duplicates": 0, "rejected": []}), answer.text
    [item] = door.get("/v1/alerts", key)["items"]
    assert {name: item[name] for name in expected} == expected
    found: dict[str, Any] = item
    return found


@MODES
def test_every_mode_carries_the_same_event(door: Door, mode: Mode) -> None:
    item = taken(
        door, mode(news()), source=SOURCE, id="yb-2026-000123", type="warning.illness_poverty", status="accepted"
    )
    assert datetime.fromisoformat(item["time"]) == PUSHED
    door.world.settle()
    [done] = door.get("/v1/alerts", door.person("district_officer"))["items"]
    assert (done["status"], done["tier_after"]) == ("processed", "general")


def test_an_event_repeated_in_another_mode_is_a_repetition(door: Door) -> None:
    key = door.key()
    answers = [send(door, key, mode(news())).json() for mode in (binary, structured, batch, stream)]
    answers.append(send(door, key, structured(news(json.dumps(DATA).encode()))).json())
    assert [(one["accepted"], one["duplicates"]) for one in answers] == [(1, 0), *[(0, 1)] * 4]


@pytest.mark.parametrize("convert", [older.to_binary, older.to_structured])
def test_the_older_interface_of_the_sdk_is_understood(door: Door, convert: Any) -> None:
    attributes = {"source": SOURCE, "id": "a-1", "type": "warning.illness_poverty", "time": PUSHED.isoformat()}
    headers, body = convert(OlderEvent(attributes, DATA))
    taken(door, (dict(headers), body), id="a-1")
    whole = OlderEvent({**attributes, "datacontenttype": "application/json"}, DATA)
    assert send(door, door.key(), convert(whole)).json()["duplicates"] == 1


@MODES
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", '编号 "7" 100%'),
        ("id", "%41%zz"),
        ("id", "a,b;c=d\\e"),
        ("id", "𠮷" * 255),
        ("id", "é/ü?x=1#f"),
    ],
)
def test_an_id_is_kept_as_it_is_whatever_it_holds(door: Door, mode: Mode, name: str, value: str) -> None:
    taken(door, mode(news(**{name: value})), **{name: value})


@MODES
def test_a_source_beyond_ascii_is_the_keys_source(door: Door, mode: Mode) -> None:
    source = "/松江/医保 局?系统=1"
    answer = send(door, door.key(source=source), mode(news(source=source)))
    assert answer.json()["accepted"] == 1, answer.text


@MODES
@pytest.mark.parametrize(
    "time",
    [
        PUSHED.astimezone(UTC),
        PUSHED.replace(microsecond=123456),
        PUSHED.astimezone(timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 20, 10, 5, tzinfo=SHANGHAI),
    ],
)
def test_a_time_means_its_instant_whatever_its_offset(door: Door, mode: Mode, time: datetime) -> None:
    assert datetime.fromisoformat(taken(door, mode(news(time=time)))["time"]) == time


@MODES
def test_a_time_in_the_future_is_refused_in_every_mode(door: Door, mode: Mode) -> None:
    answer = send(door, door.key(), mode(news(time=datetime(2026, 3, 20, 10, 6, tzinfo=SHANGHAI))))
    assert is_problem(answer, 422, "not_accepted")
    assert [(one["loc"], one["code"]) for one in answer.json()["errors"]] == [("time", "time_in_future")]


@MODES
def test_extension_attributes_are_taken_along(door: Door, mode: Mode) -> None:
    extensions = {
        "subject": "参保人/7",
        "dataschema": "https://example.org/schemas/1#a",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "sequence": "0042",
        "partitionkey": "张三",
        "sampledrate": 30,
        "urgent": True,
        "empty": "",
    }
    taken(door, mode(news(**extensions)), status="accepted")


@MODES
@pytest.mark.parametrize(
    "datacontenttype",
    [
        None,
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "text/json",
        "application/vnd.yb+json",
    ],
)
def test_data_may_be_called_json_in_all_the_usual_ways(door: Door, mode: Mode, datacontenttype: str | None) -> None:
    taken(door, mode(news(datacontenttype=datacontenttype)))


@MODES
@pytest.mark.parametrize("datacontenttype", ["application/xml", "text/plain", "application/json; charset=gbk"])
def test_data_that_is_called_something_else_is_refused(door: Door, mode: Mode, datacontenttype: str) -> None:
    answer = send(door, door.key(), mode(news(datacontenttype=datacontenttype)))
    assert answer.status_code in (415, 422)
    assert is_problem(answer, answer.status_code)


@MODES
def test_data_held_as_bytes_is_the_same_data(door: Door, mode: Mode) -> None:
    request = mode(news(json.dumps(DATA).encode()))
    assert mode is binary or b"data_base64" in request[1]
    taken(door, request, status="accepted")
    assert send(door, door.key(), mode(news())).json()["duplicates"] == 1


@MODES
def test_bytes_that_are_no_json_are_refused(door: Door, mode: Mode) -> None:
    answer = send(door, door.key(), mode(news(b"\x89PNG\r\n")))
    assert answer.status_code == 422
    assert is_problem(answer, 422)


@MODES
def test_an_older_version_of_the_standard_is_refused(door: Door, mode: Mode) -> None:
    headers, body = mode(news())
    headers = {name: "0.3" if name == "ce-specversion" else value for name, value in headers.items()}
    answer = send(door, door.key(), (headers, body.replace(b'"specversion": "1.0"', b'"specversion": "0.3"')))
    assert is_problem(answer, 422, "not_accepted")
    assert [one["code"] for one in answer.json()["errors"]] == ["specversion"]


def test_a_structured_event_is_believed_and_not_the_headers_beside_it(door: Door) -> None:
    headers, body = structured(news())
    copied = {"ce-id": "other", "ce-source": "/other", "ce-type": "x", "ce-specversion": "1.0"}
    taken(door, ({**headers, **copied}, body), id="yb-2026-000123", source=SOURCE)


@pytest.mark.parametrize("name", ["ce-id", "CE-Type", "content-type", "webhook-id"])
def test_a_telling_header_sent_twice_is_refused(door: Door, name: str) -> None:
    headers, body = binary(news())
    lines = [*door.key().items(), *headers.items(), (name, "a"), (name, "a")]
    answer = door.client.post("/v1/alerts", headers=lines, content=body)
    assert is_problem(answer, 422, "repeated_header")
