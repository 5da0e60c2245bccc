"""News as it arrives: CloudEvents 1.0 in every mode, read strictly into events, or refused one by one with reasons."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import orjson

from core.events import envelope, persons, strict_json, types
from core.events.fields import Fields
from core.events.persons import PersonRef
from core.events.strict_json import MAX_BYTES, MAX_PROBLEMS, BodyInvalid, parse_json
from core.events.types import DataInvalid, parse_data
from rules import facts
from rules.facts import Problem

__all__ = (
    "BodyInvalid",
    "DataInvalid",
    "Event",
    "LineReader",
    "PersonRef",
    "Rejection",
    "iter_ndjson",
    "parse_data",
    "parse_event",
    "parse_json",
    "parse_request",
)

_MOST_EVENTS: Final = (
    50_000  # more than valid events fit into the largest request; so many refusals still fit in memory
)
_SLICE_BYTES: Final = 64 * 1024

_BINARY_MARKS: Final = frozenset(("ce-specversion", "ce-source", "ce-id", "ce-type"))
_NO_HEADER: Final = frozenset(("data", "data_base64", "datacontenttype"))  # the body, and its Content-Type
_EXACT_FLOAT: Final = 2**53

# RFC 3339; fractions of any length, since some clocks count nanoseconds.
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,12})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news, accepted.

    `time` is UTC. `digest` (SHA-256 over type, time and data) does not depend on the order of keys, the offset of
    `time` or the spelling of numbers, so it tells a repetition from a conflict. `attributes` is what else the envelope
    said.
    """

    source: str
    id: str
    type: str
    time: datetime
    person: PersonRef
    entry: dict[str, object]
    data: dict[str, object]
    digest: bytes
    opens: bool
    attributes: dict[str, object]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One piece of news, refused: its place in the request, its id where that could be read, and every reason."""

    index: int
    id: str | None
    errors: list[Problem]


class _Clock:
    """What `now` allows, worked out once for all events of a request."""

    __slots__ = ("latest", "now", "today")

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.latest = now + types.CLOCK_SKEW
        self.today = types.latest_day(now)


def parse_event(raw: object, *, index: int, now: datetime, internal: bool = False) -> Event | Rejection:
    """Read one event from the value `parse_json` gave; `internal` also takes the types people's screens send."""
    return _event(raw, index, _Clock(now), internal=internal)


def parse_request(
    content_type: str | None, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> list[Event | Rejection]:
    """Every event of a request, in order, in whichever CloudEvents mode; raises BodyInvalid if it cannot be read."""
    media, _, _ = (content_type or "").partition(";")
    media = media.strip().lower()
    if not envelope.is_utf8(content_type):
        raise strict_json.body_problem("charset", "JSON 须以 UTF-8 发送。")
    clock = _Clock(now)
    if media == "application/x-ndjson":
        found = list(islice(iter_ndjson((body,), now=now), _MOST_EVENTS + 1))
        if not found:
            raise strict_json.body_problem("empty", "请求体中没有消息。")
        if len(found) > _MOST_EVENTS:
            raise _too_many()
        return found
    if media == "application/cloudevents-batch+json":
        return _batch(strict_json.decode(body), clock)
    if not media.startswith("application/cloudevents") and not _BINARY_MARKS.isdisjoint(map(str.lower, headers)):
        return [_binary(content_type, headers, body, clock)]
    if media not in ("", "application/json", "application/cloudevents+json"):
        raise strict_json.body_problem(
            "content_type",
            "请以 `application/json`、`application/cloudevents+json`、`application/cloudevents-batch+json`、"
            "`application/x-ndjson` 发送，或带上 `ce-*` 头。",
        )
    text = strict_json.decode(body)
    start = strict_json.skip_blank(text, 0)
    if text.startswith("[", start):
        return _batch(text, clock)
    if start == len(text):
        raise strict_json.body_problem("empty", "请求体中没有消息。")
    if len(body) > MAX_BYTES:
        return [Rejection(0, None, [strict_json.problem("", "too_large")])]
    return [_single(text, start, 0, clock)]


class LineReader:
    """Reads NDJSON from chunks cut anywhere; holds one line at most, whatever the length of the stream."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._too_long = False
        self._index = 0

    def feed(self, chunk: bytes, *, now: datetime) -> list[Event | Rejection]:
        """The events whose lines end in this chunk; `index` counts the lines that are not blank."""
        clock = _Clock(now)
        found: list[Event | Rejection] = []
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            self._hold(piece)
            self._end_line(found, clock)
        self._hold(rest)
        return found

    def close(self, *, now: datetime) -> list[Event | Rejection]:
        """The event of a last line without a line end, if there is one."""
        found: list[Event | Rejection] = []
        self._end_line(found, _Clock(now))
        return found

    def _hold(self, piece: bytes) -> None:
        if len(self._line) + len(piece) > MAX_BYTES:
            self._too_long = True
            self._line.clear()
        if not self._too_long:
            self._line += piece

    def _end_line(self, found: list[Event | Rejection], clock: _Clock) -> None:
        line = bytes(self._line)
        self._line.clear()
        if self._too_long:
            self._too_long = False
            found.append(Rejection(self._index, None, [strict_json.problem("", "too_large")]))
        elif not line.isspace() and line:
            found.append(_line(line, self._index, clock))
        else:
            return
        self._index += 1


def iter_ndjson(chunks: Iterable[bytes], *, now: datetime) -> Iterator[Event | Rejection]:
    """The events of an NDJSON stream as they arrive, in memory that does not grow with its length."""
    reader = LineReader()
    for chunk in chunks:
        for start in range(0, len(chunk), _SLICE_BYTES):
            yield from reader.feed(chunk[start : start + _SLICE_BYTES], now=now)
    yield from reader.close(now=now)


def _batch(text: str, clock: _Clock) -> list[Event | Rejection]:
    start = strict_json.skip_blank(text, 0)
    if not text.startswith("[", start):
        raise strict_json.body_problem("not_an_array", "批量消息须是数组。")
    found: list[Event | Rejection] = []
    for index, (value, problems) in enumerate(strict_json.scan_array(text, start)):
        if index >= _MOST_EVENTS:
            raise _too_many()
        found.append(_refused(value, index, problems) if problems else _event(value, index, clock))
    if not found:
        raise strict_json.body_problem("empty", "请求体中没有消息。")
    return found


def _too_many() -> BodyInvalid:
    return strict_json.body_problem("too_many", f"一次请求最多 {_MOST_EVENTS} 条消息。")


def _single(text: str, start: int, index: int, clock: _Clock) -> Event | Rejection:
    value, end, problems = strict_json.scan(text, start)
    strict_json.expect_end(text, end)
    return _refused(value, index, problems) if problems else _event(value, index, clock)


def _line(line: bytes, index: int, clock: _Clock) -> Event | Rejection:
    try:
        text = strict_json.decode(line)
        return _single(text, strict_json.skip_blank(text, 0), index, clock)
    except BodyInvalid as error:
        return Rejection(index, None, [Problem("event", problem.code, problem.msg) for problem in error.problems])


def _binary(content_type: str | None, headers: Mapping[str, str], body: bytes, clock: _Clock) -> Event | Rejection:
    """One event whose attributes are headers and whose data is the body (CloudEvents HTTP binding 3.1)."""
    raw: dict[str, object] = {}
    problems: list[Problem] = []
    for header, value in headers.items():
        name = header.lower()
        if not name.startswith("ce-"):
            continue
        name = name.removeprefix("ce-")
        loc = strict_json.child("", name)
        if name in raw or name in _NO_HEADER:
            problems.append(Problem(loc, "attribute_name", "没有这个属性，或者重复发送。"))
        try:
            raw[name] = envelope.header_text(value)
        except ValueError:
            problems.append(Problem(loc, "encoding", "请求头的值须是 ASCII，其他字符用百分号编码的 UTF-8。"))
    if content_type is not None:
        raw["datacontenttype"] = content_type
    if len(body) > MAX_BYTES:
        problems.append(strict_json.problem("data", "too_large"))
    elif not body:
        raw.pop("data", None)
    else:
        text = strict_json.decode(body)
        raw["data"], end, flaws = strict_json.scan(text, strict_json.skip_blank(text, 0), "data")
        strict_json.expect_end(text, end)
        problems.extend(flaws)
    return _refused(raw, 0, problems) if problems else _event(raw, 0, clock)


def _refused(raw: object, index: int, problems: list[Problem]) -> Rejection:
    event_id = Fields(raw, "", []).text("id", persons.LONGEST_ID) if isinstance(raw, dict) else None
    return Rejection(index, event_id, problems[:MAX_PROBLEMS])


def _event(raw: object, index: int, clock: _Clock, *, internal: bool = False) -> Event | Rejection:
    if not isinstance(raw, dict):
        return Rejection(index, None, [Problem("event", "type", "消息须是一个对象。")])
    problems: list[Problem] = []
    fields = Fields(raw, "", problems)
    source = fields.text("source", persons.LONGEST_ID, required=True)
    event_id = fields.text("id", persons.LONGEST_ID, required=True)
    if raw.get("specversion") != "1.0":
        code = "missing" if raw.get("specversion") is None else "specversion"
        fields.note("specversion", code, "须是 `1.0`。")
    time = _time(fields, clock)
    attributes = {} if raw.keys() <= envelope.CORE else envelope.attributes(fields)
    kind = raw.get("type")
    data = raw.get("data")
    if raw.get("data_base64") is not None:
        data, flaws = envelope.decoded(raw)
        if flaws:
            return Rejection(index, event_id, (problems + flaws)[:MAX_PROBLEMS])
    if not isinstance(kind, str) or not types.is_known(kind, internal=internal):
        fields.note("type", "missing" if kind is None else "unknown_type", "没有这种消息类型。")
        return Rejection(index, event_id, problems[:MAX_PROBLEMS])
    try:
        person, entry = types.read_data(
            kind, data, time=time or clock.now, today=clock.today, internal=internal, problems=problems
        )
        digest = _digest(kind, time or clock.now, data)
    except DataInvalid as error:
        return Rejection(index, event_id, error.problems[:MAX_PROBLEMS])
    # read_data raises when anything above noted a problem.
    assert source is not None
    assert event_id is not None
    assert time is not None
    assert isinstance(data, dict)
    opens = types.may_open(kind, person)
    return Event(source, event_id, kind, time, person, entry, data, digest, opens, attributes)


def _time(fields: Fields, clock: _Clock) -> datetime | None:
    value = fields.raw.get("time")
    if value is None:
        fields.note("time", "missing", "必须填写。")
        return None
    try:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValueError
        time = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        fields.note("time", "time", "须是带时区的时刻（RFC 3339）。")
        return None
    if time.year < facts.EARLIEST.year:
        fields.note("time", "range", f"不能早于 {facts.EARLIEST}。")
        return None
    if time > clock.latest:
        fields.note("time", "time_in_future", "比现在晚了 5 分钟以上。")
        return None
    return time


def _digest(kind: str, time: datetime, data: object) -> bytes:
    content = {
        "type": kind,
        "time": time.isoformat(timespec="microseconds"),
        # Only free details can hold a float: everywhere else it has been refused.
        "data": _plain_numbers(data) if kind.startswith("warning.") else data,
    }
    try:
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
    except TypeError:
        raise DataInvalid([Problem("data", "json_invalid", "含有 JSON 不能表示的内容。")]) from None


def _plain_numbers(value: object) -> object:
    """52000.0 and 5.2e4 are the number 52000, as senders on the way may rewrite it."""
    if isinstance(value, dict):
        return {name: item if type(item) is str else _plain_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return int(value)
    return value
