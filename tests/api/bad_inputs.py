"""What must not come in at the alerts door, as data: bodies and headers, each with the answer it gets.

Every value holds MARK, which must not come back. The reasons of each refusal, place by place, are tested beside the
parser (tests/core/corpus); here those inputs travel through the whole application, with others that only HTTP knows.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.core.events import samples as event_samples
from tests.core.events.samples import BASES, PERSON, base, encoded

MARK: Final = "qX7markerX7q"
JSON: Final = "application/json"
BATCH: Final = "application/cloudevents-batch+json"
NDJSON: Final = "application/x-ndjson"
NEWS: Final = "warning.illness_poverty"
_UNREADABLE: Final = {"content_type": 415, "charset": 415, "too_large": 413, "too_many": 413}

# One wrong value of each kind for any field; where one of them is right, it stands in _RIGHT.
_WRONG: Final[dict[str, Any]] = {
    "a text": MARK,
    "an object": {f"{MARK} {MARK}": MARK},
    "a list": [MARK],
    "a broken number": 7654321.25,
    "true": True,
    "an empty text": "",
    "a blank text": " \t ",
    "a text that is too long": MARK * 500,
    "a NUL": f"{MARK}\0",
    "half a surrogate pair": f"{MARK}\ud83d",
    "a bell": f"{MARK}\a",
    "a noncharacter": f"{MARK}\uffff",
}
_TEXTS: Final = ("name", "address", "household", "relation", "external_id", "reason", "description")
_RIGHT: Final = {
    **dict.fromkeys((*_TEXTS, "id", "subject", "dataschema"), ("a text",)),
    "traceparent": ("a text", "true", "an empty text", "a blank text"),
}
_WHOLE: Final = {
    **PERSON,
    "external_id": "h-7",
    "birth_date": "1960-01-01",
    "sex": "female",
    "phone": "13800000000",
    "address": "谷阳北路1号",
    "household": "H-9",
    "relation": "户主",
}
_FACTS: Final = (
    {
        "kind": "assistance",
        "tag": "tekun",
        "support": "scattered",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    },
    {"kind": "outreach", "tag": "potential", "valid_from": "2026-01-01"},
    {"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-01-01", "confirmed_on": "2026-01-02"},
    {"kind": "disability", "category": 1, "grade": 1, "valid_from": "2026-01-01"},
    {"kind": "major_change", "cause": "accident", "valid_from": "2026-01-01"},
    {"kind": "warning", "warning": "illness_poverty", "valid_from": "2026-01-01"},
    {"kind": "pause", "reason": "hospital", "valid_from": "2026-01-01"},
    {"kind": "street_tag", "tag": "living_alone", "valid_from": "2026-01-01"},
)


@dataclass(frozen=True)
class Bad:
    """One input, and how it is refused; `secret` is what the answer must not repeat."""

    name: str
    body: bytes
    status: int
    code: str
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)
    secret: str = MARK


def good_events() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every type of event and every kind of fact, with all its fields, before anything is spoilt."""
    for name in BASES:
        event = base(name) | {"subject": "s", "dataschema": "urn:s", "traceparent": "00", "datacontenttype": JSON}
        if name == "registered":
            event["data"]["person"] = dict(_WHOLE)
        yield name, event
    for fact in _FACTS:
        event = base("recorded")
        event["data"]["fact"] = fact
        yield f"a fact of kind {fact['kind']}", event


def spoilt_events() -> Iterator[tuple[str, bytes]]:
    """Those with each of their fields replaced by everything it must not be."""
    for name, event in good_events():
        yield from _spoilt(name, event, within=("data", "fact") if name.startswith("a fact") else ())


def _spoilt(name: str, event: dict[str, Any], within: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    for path in _paths(event):
        # The free details of a warning may be anything that JSON can say.
        if path[: len(within)] != within or path[-1] == "out_of_pocket":
            continue
        for what, value in _WRONG.items():
            if what in _RIGHT.get(str(path[-1]), ()):
                continue
            yield f"{name}: {'.'.join(map(str, path))} is {what}", json.dumps(_with(event, path, value)).encode()


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _with(node: Any, path: tuple[str | int, ...], value: object) -> Any:
    first, *rest = path
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[first] = _with(node[first], tuple(rest), value) if rest else value
    return copy


def requests() -> Iterator[Bad]:
    """Whole requests that are wrong."""
    yield from _corpus()
    yield from _media_types()
    yield from _encodings()
    yield from _shapes()
    yield from _headers()
    yield from _sizes()


def _corpus() -> Iterator[Bad]:
    for [case] in (param.values for param in event_samples.corpus("bodies.jsonl")):
        body = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
        code = case["expect"][0][1]
        status = _UNREADABLE.get(code, 422) if case["outcome"] == "unreadable" else 422
        if case["outcome"] == "rejected":
            code = "not_accepted"
        if "CE-ID" in case.get("headers", {}):
            code = "repeated_header"
        yield Bad(case["name"], body, status, code, case["content_type"], case.get("headers", {}))


def _good() -> bytes:
    """A good event about somebody with a telling name; its id would be repeated, as it should."""
    event = base("warning")
    event["data"]["person"]["name"] = MARK
    return encoded(event)


def _media_types() -> Iterator[Bad]:
    good = _good()
    for media in ("text/json", "application/*", "*/*", "application/ld+json", "application/cloudevents", f"a/{MARK}"):
        yield Bad(f"sent as {media}", good, 415, "content_type", media)
    for charset in ("latin-1", "utf-16", "utf-7", MARK, ""):
        yield Bad(f"charset {charset!r}", good, 415, "charset", f"{JSON}; charset={charset}")
    yield Bad("a stream in GBK by its own account", good, 415, "charset", f"{NDJSON}; charset=gbk")


def _encodings() -> Iterator[Bad]:
    good = _good()
    for coding in ("gzip", "br", "deflate", "zstd", "identity, gzip", MARK):
        for media in (JSON, NDJSON):
            coded = gzip.compress(good)
            yield Bad(f"{coding} as {media}", coded, 415, "content_type", media, {"content-encoding": coding})
    yield Bad("gzip unannounced in a stream", gzip.compress(good), 422, "not_accepted", NDJSON)
    for codec in ("utf-16", "utf-16-le", "utf-32", "utf-32-be", "gb18030", "utf-8-sig", "big5", "shift_jis"):
        body = _good().decode().replace(MARK, f"松江{MARK}").encode(codec)
        code = {"utf-16-le": "nul", "utf-32-be": "nul", "utf-8-sig": "bom"}.get(codec, "encoding")
        yield Bad(f"encoded as {codec}", body, 422, code)
    for start in (b"\xff", b"\xc0\x80", b"\xed\xa0\xbd", b"\xf5\x80\x80\x80", b"\x80"):
        body = good.replace(MARK.encode(), MARK.encode() + start)
        yield Bad(f"the bytes {start.hex()} in a name", body, 422, "encoding")
        yield Bad(f"the bytes {start.hex()} in a line", body, 422, "not_accepted", NDJSON)


def _shapes() -> Iterator[Bad]:
    good = _good()
    for cut in range(1, len(good) - 1, 17):
        yield Bad(f"cut off after {cut} bytes", good[:cut], 422, _cut_code(good[:cut]))
    for value in (MARK, [[MARK]], [{}], [None], [[]], 1, True, [MARK, 1, None, True, 0.5, [], {}]):
        yield Bad(f"no event: {json.dumps(value)}", encoded(value), 422, "not_accepted")
        yield Bad(f"no event in a line: {json.dumps(value)}", encoded(value), 422, "not_accepted", NDJSON)
    twice = good.replace(b'"id":', f'"id": "{MARK}2", "id":'.encode())
    for name, media, wrapped in (
        ("event", JSON, twice),
        ("batch", BATCH, b"[" + twice + b"]"),
        ("line", NDJSON, twice),
    ):
        yield Bad(f"an id twice in one {name}", wrapped, 422, "not_accepted", media)
    for place in (b'"source": ', b'"person": ', b'"name": ', b'"pushed_on": '):
        body = good.replace(place, place + f'"{MARK}", '.encode() + place, 1)
        yield Bad(f"{place.decode()}twice", body, 422, "not_accepted")
    for number in ("NaN", "-Infinity", "1e999", "-1e400", "9" * 30, "9223372036854775808", "1." + "0" * 200):
        body = good.replace(b"52000", number.encode())
        yield Bad(f"the number {number[:12]}", body, 422, "not_accepted")
    for number in ("01", "+1", ".5", "1.", "0x10", "1_000", "１", "--1", "1e", "Infinit"):
        body = good.replace(b"52000", number.encode())
        yield Bad(f"the number {number}", body, 422, "json_invalid")
    deep = b'{"a":' * 40 + f'"{MARK}"'.encode() + b"}" * 40
    yield Bad("free details forty deep", good.replace(b"52000", deep), 422, "not_accepted")
    yield Bad("lists without end", b"[" * 100_000, 422, "too_deep")
    yield Bad("lines that break off", good[:40] + b"\n" + good[40:], 422, "not_accepted", NDJSON)
    yield Bad("lines ended by form feeds", good + b"\x0c" + good, 422, "not_accepted", NDJSON)
    yield Bad("an array spread over lines", b"[\n" + good + b",\n" + good + b",\n]", 422, "not_accepted", NDJSON)
    yield Bad("a record separator before an event", b"\x1e" + good, 422, "json_invalid")
    yield Bad("a script", f"<script>{MARK}</script>".encode(), 422, "json_invalid")
    yield Bad("an SQL statement", f"'; DROP TABLE alert; -- {MARK}".encode(), 422, "json_invalid")


def _cut_code(body: bytes) -> str:
    try:
        body.decode()
    except UnicodeDecodeError:
        return "encoding"
    return "json_invalid"


def _headers() -> Iterator[Bad]:
    attributes = {f"ce-{name}": str(value) for name, value in base("warning").items() if name != "data"}
    data = encoded(base("warning")["data"])
    for name, value in (
        ("ce-specversion", MARK),
        ("ce-source", f"/{MARK}"),
        ("ce-source", ""),
        ("ce-id", ""),
        ("ce-id", "%20"),
        ("ce-id", MARK * 30),
        ("ce-id", f"{MARK}%00"),
        ("ce-id", f"{MARK}%ED%A0%BD"),
        ("ce-id", f"{MARK}%EF%BF%BF"),
        ("ce-type", MARK),
        ("ce-type", ""),
        ("ce-time", MARK),
        ("ce-time", "2026-02-30T00:00:00Z"),
        ("ce-time", "2026-03-20T09:00:00"),
        ("ce-time", "2026-03-20T09:00:00%2B99:00"),
        ("ce-subject", f"{MARK}%0D%0Aset-cookie: a"),
        ("ce-dataschema", MARK * 400),
        ("ce-a_b", MARK),
        ("ce-", MARK),
        ("ce-data", MARK),
        ("ce-data_base64", "e30="),
        ("ce-datacontenttype", f"text/{MARK}"),
        ("ce-note", f"{MARK}é"),
    ):
        spoilt = {**attributes, name: value}
        yield Bad(f"binary: {name}: {value[:30]}", data, 422, "not_accepted", headers=spoilt)
    yield Bad("binary: no data", b"", 422, "not_accepted", headers=attributes)
    yield Bad("binary: data that is a text", encoded(MARK), 422, "not_accepted", headers=attributes)
    yield Bad("binary: a broken body", data[:-9], 422, "json_invalid", headers=attributes)
    yield Bad("binary: a batch", b"[" + data + b"]", 422, "not_accepted", headers=attributes)
    yield Bad("binary: data of another type", data, 422, "not_accepted", f"text/{MARK}", attributes)


def _sizes() -> Iterator[Bad]:
    large = base("warning")
    large["data"]["note"] = MARK * 22_000
    yield Bad("an event over 256 KB", encoded(large), 413, "too_large")
    yield Bad("an event over 256 KB in a line", encoded(large), 413, "too_large", NDJSON)
    yield Bad("two of them", encoded([large, large]), 422, "not_accepted", BATCH)
    yield Bad("a body over 8 MB", MARK.encode() * 720_000, 413, "too_large")
    yield Bad("a batch over 8 MB", encoded([large] * 32), 413, "too_large", BATCH)
    yield Bad("spaces over 8 MB", b" " * (8 * 1024 * 1024 + 1), 413, "too_large")
    yield Bad("more values than a batch may hold", b"[" + b"1," * 60_000 + b"1]", 413, "too_many", BATCH)
    yield Bad("a line without end", b"x" * (2 * 1024 * 1024), 413, "too_large", NDJSON)
    many = base("warning")
    many["data"] |= {f"field{number}": number for number in range(20_000)}
    yield Bad("twenty thousand fields", encoded(many), 413, "too_large")
    for name, count in (("registered", 201), ("registered", 2_000)):
        facts = base(name)
        facts["data"]["facts"] = facts["data"]["facts"] * count
        yield Bad(f"{count} facts", encoded(facts), 422, "not_accepted")


def params() -> list[Any]:
    """The requests, as pytest wants them."""
    return [pytest.param(bad, id=bad.name.encode("ascii", "replace").decode()[:80]) for bad in requests()]
