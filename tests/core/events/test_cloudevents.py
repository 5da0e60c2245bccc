"""What an event may say and may not, before anything is looked up."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.events import cloudevents
from core.events.cloudevents import BodyInvalid, DataInvalid, Event, Rejection
from tests.core.events import samples
from tests.core.events.samples import ASSISTANCE, NOW, PERSON, accepted, base, encoded


def changed(name: str, changes: dict[str, Any], dropped: list[str]) -> dict[str, Any]:
    """A good event with some places overwritten and some left out; only a place inside `data` is a path with dots."""
    event = base(name)
    for path, value in [*changes.items(), *((path, None) for path in dropped)]:
        nested = path.startswith("data.")
        *parents, last = path.split(".") if nested else [path]
        node = event
        for parent in parents:
            node = node[parent]
        if path in dropped:
            del node[last]
        else:
            node[last] = value
    return event


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


@pytest.mark.parametrize("case", samples.corpus("events.jsonl"))
def test_a_bad_event_is_refused_with_every_reason_and_none_of_its_values(case: dict[str, Any]) -> None:
    raw = changed(case["base"], case.get("set", {}), case.get("drop", []))
    (refused,) = cloudevents.parse_request("application/json", {}, encoded(raw), now=NOW)
    assert isinstance(refused, Rejection)
    assert sorted((loc, code) for loc, code, _ in refused.errors) == sorted(tuple(e) for e in case["expect"])
    said = " ".join(f"{loc} {msg}" for loc, _, msg in refused.errors)
    for value in texts_in(case.get("set", {})):
        # The words of the contract are nobody's secret, and a short value may stand in a message by chance.
        assert len(value) < 9 or re.fullmatch("[a-z_]+", value) or value not in said
    # In a batch it neither harms its neighbours nor passes them on to its fate.
    batch = cloudevents.parse_request("application/json", {}, encoded([base("left"), raw, base("died")]), now=NOW)
    assert [type(one) for one in batch] == [Event, Rejection, Event]
    assert batch[1] == Rejection(1, refused.id, refused.errors)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("registered", {"facts": [ASSISTANCE]}),
        ("left", {"left_on": "2026-03-31"}),
        ("died", {"died_on": "2026-03-19"}),
        ("moved", {"moved": {"on": "2026-04-01", "to_street": "310117002", "to_committee": "310117002003"}}),
        ("recorded", {"facts": [ASSISTANCE]}),
        (
            "ended",
            {"end": {"kind": "assistance", "tag": "dibao_urban", "on": "2026-03-31", "valid_from": "2026-01-01"}},
        ),
        ("retracted", {"retract": {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}}),
        (
            "warning",
            {
                "facts": [
                    {"kind": "warning", "warning": "illness_poverty", "valid_from": "2026-03-20", "valid_to": None}
                ]
            },
        ),
        (
            "accident",
            {"facts": [{"kind": "major_change", "cause": "accident", "valid_from": "2026-03-18", "valid_to": None}]},
        ),
        ("lead", {"lead": {"channel": "neighbour"}}),
    ],
)
def test_every_type_becomes_an_entry_without_a_name_or_number(name: str, entry: dict[str, Any]) -> None:
    raw = base(name)
    event = accepted(raw)
    assert event.entry == entry
    assert (event.source, event.id, event.type) == (raw["source"], raw["id"], raw["type"])
    assert event.time == datetime(2026, 3, 20, 1, tzinfo=UTC)
    assert event.data == raw["data"]
    assert event.person.id_number == PERSON["id_number"]
    assert event.person.birth_date == date(1960, 1, 1)
    assert event.person.sex == "female"
    said = json.dumps(event.entry, ensure_ascii=False)
    assert not any(value in said for value in (PERSON["id_number"], PERSON["name"], "迁出", "录入有误", "几天没见人"))


@pytest.mark.parametrize("happened_on", [None, "absent"])
def test_a_change_whose_day_is_unknown_counts_from_the_business_day_of_the_event(happened_on: str | None) -> None:
    raw = base("accident")
    raw["time"] = "2026-03-18T17:30:00Z"
    raw["data"]["happened_on"] = happened_on
    if happened_on == "absent":
        del raw["data"]["happened_on"]
    assert accepted(raw).entry["facts"][0]["valid_from"] == "2026-03-19"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "person", "opens"),
    [
        ("registered", PERSON, True),
        ("warning", PERSON, True),
        ("accident", PERSON, True),
        ("accident", {"external_id": "p-1", "committee": "310117001001"}, True),
        ("warning", {"id_number": PERSON["id_number"]}, False),
        ("warning", {"external_id": "p-1", "street": "310117001"}, False),
        ("left", PERSON, False),
        ("lead", PERSON, False),
        ("recorded", PERSON, False),
    ],
)
def test_a_registration_and_news_that_says_where_may_open_an_unknown_person(
    name: str, person: dict[str, str], opens: bool
) -> None:
    raw = base(name)
    raw["data"]["person"] = person
    assert accepted(raw).opens is opens


def test_a_person_in_full_is_read_with_the_number_deciding_birth_date_and_sex() -> None:
    raw = base("registered")
    raw["data"]["person"] |= {
        "id_number": "３１９９９９ 19600101 0040",
        "name": " 张三\u3000",
        "external_id": "h-7",
        "birth_date": "1961-01-01",
        "sex": "male",
        "phone": "１３８ 0000 0000",
        "address": "谷阳北路1号",
        "household": "H-9",
        "relation": "户主",
    }
    person = accepted(raw).person
    assert (person.id_number, person.birth_date, person.sex) == ("319999196001010040", date(1960, 1, 1), "female")
    assert (person.name, person.external_id, person.phone) == ("张三", "h-7", "138 0000 0000")
    assert (person.address, person.household, person.relation) == ("谷阳北路1号", "H-9", "户主")


def test_a_person_without_a_number_keeps_what_is_said_of_them() -> None:
    raw = base("registered")
    raw["data"]["person"] = PERSON | {"id_number": None, "external_id": "x", "birth_date": "1950-02-28", "sex": "male"}
    person = accepted(raw).person
    assert (person.id_number, person.external_id, person.birth_date, person.sex) == (
        None,
        "x",
        date(1950, 2, 28),
        "male",
    )


def test_the_free_details_of_a_warning_are_kept() -> None:
    raw = base("warning")
    raw["data"] |= {"hospital": {"name": "𠮷医院", "levels": [3, 2.5, None, True]}, "费用": "￥"}
    assert accepted(raw).data == raw["data"]


@pytest.mark.parametrize(
    "time", ["2026-03-20T10:05:00+08:00", "1999-12-31T23:59:59Z", "2026-03-20t01:00:00.123456789z"]
)
def test_a_time_up_to_five_minutes_ahead_or_long_past_is_taken(time: str) -> None:
    raw = base("lead")
    raw["time"] = time
    assert accepted(raw).time == datetime.fromisoformat(time.upper())


def test_news_pushed_by_a_clock_already_past_midnight_is_taken() -> None:
    raw = base("warning")
    raw["time"] = "2026-03-21T00:00:30+08:00"
    raw["data"]["pushed_on"] = "2026-03-21"
    late = datetime.fromisoformat("2026-03-20T23:58:00+08:00")
    assert isinstance(cloudevents.parse_event(raw, index=0, now=late), Event)


def test_the_same_content_has_the_same_digest_however_it_is_written() -> None:
    raw = base("warning")
    raw["data"] |= {"rate": 0.5, "parts": [{"a": 1, "b": 2}]}
    other = dict(reversed(raw.items()))
    other["time"] = "2026-03-20T01:00:00.000Z"
    other["data"] = dict(reversed(raw["data"].items())) | {
        "out_of_pocket": 5.2e4,
        "parts": [{"b": 2.0, "a": 1}],
        "person": dict(reversed(PERSON.items())),
    }
    one, two = accepted(raw), accepted(other)
    assert one.digest == two.digest
    # Receipts keep digests for years: an upgrade that changes them would turn repetitions into conflicts.
    assert one.digest.hex() == "ee373dd9455805e4bdf03887226a2091051ed5b56387ff0094c23e42efd30e9e"


@pytest.mark.parametrize(
    ("place", "value"),
    [("type", "change.other"), ("time", "2026-03-20T09:00:01+08:00"), ("data", {"person": PERSON})],
)
def test_other_content_has_another_digest(place: str, value: object) -> None:
    raw = base("accident")
    assert accepted(raw).digest != accepted(raw | {place: value}).digest


def test_legal_attributes_are_kept_and_decide_nothing() -> None:
    raw = base("left")
    extra = {"subject": "x", "dataschema": "urn:s", "sequence": "0042", "sampled": True, "partition": -7, "empty": ""}
    event = accepted(raw | extra | {"unset": None, "datacontenttype": "application/vnd.yb+json; charset=UTF-8"})
    assert event.attributes == extra
    assert event.digest == accepted(raw).digest


def test_a_hostile_event_is_answered_briefly() -> None:
    raw = base("left")
    raw["data"] |= {f"field{number}": number for number in range(5000)}
    (refused,) = cloudevents.parse_request("application/json", {}, encoded(raw), now=NOW)
    assert isinstance(refused, Rejection)
    assert len(refused.errors) == 20


def test_corrected_data_is_read_by_the_same_rules() -> None:
    data = base("accident")["data"]
    person, entry = cloudevents.parse_data("change.accident", data, time=NOW - timedelta(days=1), now=NOW)
    assert person.name == "张三"
    assert entry == accepted(base("accident")).entry
    with pytest.raises(DataInvalid) as refused:
        cloudevents.parse_data("change.accident", data | {"happened_on": "?"}, time=NOW, now=NOW)
    assert [(loc, code) for loc, code, _ in refused.value.problems] == [("data.happened_on", "date")]


@pytest.mark.parametrize(
    ("kind", "data", "entry"),
    [
        (
            "change.extended",
            {"valid_from": "2026-01-01", "until": "2026-06-30"},
            {"extend": {"valid_from": "2026-01-01", "until": "2026-06-30"}},
        ),
        (
            "resident.corrected",
            {
                "birth_date": "1959-12-31",
                "sex": "male",
                "name": "张珊",
                "phone": "13800000000",
                "address": "谷阳北路2号",
            },
            {"corrected": {"birth_date": "1959-12-31", "sex": "male"}},
        ),
        ("resident.corrected", {"committee": "310117001002"}, {"corrected": {}}),
    ],
)
def test_what_people_enter_has_types_of_its_own(kind: str, data: dict[str, Any], entry: dict[str, Any]) -> None:
    raw = base("left") | {"type": kind, "data": data}
    event = cloudevents.parse_event(raw, index=0, now=NOW, internal=True)
    assert isinstance(event, Event)
    assert event.entry == entry
    assert isinstance(cloudevents.parse_event(raw, index=0, now=NOW), Rejection)
    assert cloudevents.parse_data(kind, data, time=NOW, now=NOW, internal=True)[1] == entry


@pytest.mark.parametrize(
    ("kind", "data", "expect"),
    [
        ("change.extended", {"valid_from": "2026-01-01", "until": "2025-12-31"}, [("data.until", "order")]),
        ("change.extended", {"until": "2025-12-31"}, [("data.valid_from", "missing")]),
        ("resident.corrected", {"reason": None}, [("data", "missing")]),
        ("resident.corrected", {"birth_date": "2026-03-21"}, [("data.birth_date", "date_in_future")]),
        ("resident.corrected", {"id_number": "319999196001010041"}, [("data.id_number", "id_number_checksum")]),
        ("resident.corrected", {"tier": "high"}, [("data.tier", "unknown_field")]),
    ],
)
def test_what_people_enter_is_read_as_strictly(kind: str, data: dict[str, Any], expect: list[tuple[str, str]]) -> None:
    with pytest.raises(DataInvalid) as refused:
        cloudevents.parse_data(kind, data, time=NOW, now=NOW, internal=True)
    assert [(loc, code) for loc, code, _ in refused.value.problems] == expect


def test_the_message_of_a_refusal_names_its_place() -> None:
    with pytest.raises(BodyInvalid, match=re.escape("body: 第 1 个字符处不是有效的 JSON")):
        cloudevents.parse_json(b"{nope}")
    with pytest.raises(BodyInvalid) as refused:
        cloudevents.parse_json(b'{"a":[{"b":1,"b":2}]}')
    assert [(loc, code) for loc, code, _ in refused.value.problems] == [("body.a[0].b", "duplicate_key")]
    with pytest.raises(BodyInvalid, match="256 KB"):
        cloudevents.parse_json(b" " * 300_000)
    assert cloudevents.parse_json(b'{"a": [1, 2.5, "x", null]}') == {"a": [1, 2.5, "x", None]}
