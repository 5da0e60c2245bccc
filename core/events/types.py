"""What each type of news must say in its `data`, and the entry of a person's log it boils down to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core import clock
from core.events import endings, persons
from core.events.fields import LATEST_DAY, LONGEST_TEXT, Entry, Fields
from core.events.persons import PersonRef
from rules import facts
from rules.facts import FactInvalid, FactKind, Problem


class EventType(StrEnum):
    """What news is about. The last three come from people's screens alone."""

    RESIDENT_REGISTERED = "resident.registered"
    RESIDENT_LEFT = "resident.left"
    RESIDENT_DIED = "resident.died"
    RESIDENT_MOVED = "resident.moved"
    RESIDENT_RESTORED = "resident.restored"
    FACT_RECORDED = "fact.recorded"
    FACT_ENDED = "fact.ended"
    FACT_RETRACTED = "fact.retracted"
    WARNING_ILLNESS_POVERTY = "warning.illness_poverty"
    CHANGE_EMERGENCY = "change.emergency"
    CHANGE_ACCIDENT = "change.accident"
    CHANGE_SERIOUS_ILLNESS = "change.serious_illness"
    CHANGE_OTHER = "change.other"
    LEAD_REPORTED = "lead.reported"
    RESIDENT_CORRECTED = "resident.corrected"
    CHANGE_EXTENDED = "change.extended"
    RESIDENT_MERGED = "resident.merged"


CLOCK_SKEW: Final = timedelta(minutes=5)  # how far a sender's clock may be ahead
CHANNELS: Final = ("neighbour", "relative", "family_doctor", "property", "grid", "hotline", "other")
_MOST_FACTS: Final = 200


class DataInvalid(ValueError):
    """The `data` of an event cannot be accepted; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.loc}: {problem.msg}" for problem in problems))
        self.problems = problems


# Reads the fields beside `person`, given the latest day on which something can have happened and the event's time.
_Reader = Callable[[Fields, str, datetime], Entry]


@dataclass(frozen=True, slots=True)
class _Type:
    read: _Reader
    fields: frozenset[str] | None  # beside `person`; None: free details
    internal: bool = False
    opens: bool = False  # may open an unknown person, given street and committee


def latest_day(now: datetime) -> str:
    """The last day on which something can have happened; the skew allowed for `time` holds around midnight too."""
    return clock.today(now + CLOCK_SKEW).isoformat()


def names() -> frozenset[str]:
    """Every event type, those that only screens send included."""
    return frozenset(_TYPES)


def is_known(event_type: str, *, internal: bool) -> bool:
    known = _TYPES.get(event_type)
    return known is not None and (internal or not known.internal)


def may_open(event_type: str, person: PersonRef) -> bool:
    """Whether the event may open an unknown person: a registration, or a warning or change that says where."""
    return _TYPES[event_type].opens and person.street is not None and person.committee is not None


def parse_data(
    event_type: str, data: object, *, time: datetime, now: datetime, internal: bool = False
) -> tuple[PersonRef, Entry]:
    """Read the `data` of an event of a known type; raises DataInvalid naming every problem.

    `internal` also takes the types that people's screens send, and lets the person go unnamed, being known already.
    """
    problems: list[Problem] = []
    if not is_known(event_type, internal=internal):
        raise DataInvalid([Problem("type", "unknown_type", "没有这种消息类型。")])
    return read_data(event_type, data, time=time, today=latest_day(now), internal=internal, problems=problems)


def read_data(
    event_type: str, data: object, *, time: datetime, today: str, internal: bool, problems: list[Problem]
) -> tuple[PersonRef, Entry]:
    """`parse_data` for callers that know the type and the day; `problems` found elsewhere are reported along."""
    kind = _TYPES[event_type]
    if not isinstance(data, dict):
        code = "missing" if data is None else "type"
        problems.append(Problem("data", code, "须是一个对象。"))
        raise DataInvalid(problems)
    fields = Fields(data, "data", problems)
    if kind.fields is not None and not data.keys() <= kind.fields:
        fields.refuse_others(kind.fields)
    registering = event_type == EventType.RESIDENT_REGISTERED
    person = persons.read(data.get("person"), problems, today=today, registering=registering, internal=internal)
    entry = kind.read(fields, today, time)
    if problems:
        raise DataInvalid(problems)
    return person, entry


def _fact(raw: object, loc: str, problems: list[Problem]) -> Entry:
    try:
        fact = facts.parse_fact(raw, loc)  # type: ignore[arg-type]  # parse_fact itself refuses what is no object
    except FactInvalid as error:
        problems.extend(error.problems)
        return {}
    if fact.valid_from.isoformat() > LATEST_DAY:
        problems.append(Problem(f"{loc}.valid_from", "range", f"不能晚于 {LATEST_DAY}。"))
    return facts.fact_dict(fact)


def _registered(fields: Fields, today: str, time: datetime) -> Entry:
    raws = fields.raw.get("facts")
    if raws is None:
        return {"facts": []}
    if not isinstance(raws, list):
        fields.note("facts", "type", "须是事实的列表，可以为空。")
        return {}
    if len(raws) > _MOST_FACTS:
        fields.note("facts", "too_many", f"最多 {_MOST_FACTS} 项事实。")
        return {}
    return {"facts": [_fact(raw, f"data.facts[{index}]", fields.problems) for index, raw in enumerate(raws)]}


def _corrected(fields: Fields, today: str, time: datetime) -> Entry:
    if not any(value is not None for name, value in fields.raw.items() if name != "person"):
        fields.problems.append(Problem("data", "missing", "至少须更正一项。"))
    persons.read_id_number(fields, today)
    persons.read_place(fields, "street", "committee", required=False)
    persons.read_phone(fields)
    persons.read_name(fields, required=False)
    for name in ("household", "relation"):
        fields.text(name, persons.LONGEST_NAME)
    fields.text("address", persons.LONGEST_ADDRESS)
    fields.text("reason", LONGEST_TEXT, lines=True)
    known = {"birth_date": fields.day("birth_date", latest=today), "sex": fields.choice("sex", facts.SEXES)}
    return {"corrected": {name: value for name, value in known.items() if value is not None}}


def _moved(fields: Fields, today: str, time: datetime) -> Entry:
    on = fields.day("on", required=True)
    if fields.raw.get("to_street") is None:
        fields.note("to_street", "missing", f"必须填写 {persons.STREET_DIGITS} 位数字的代码。")
    street, committee = persons.read_place(fields, "to_street", "to_committee", required=True)
    return {"moved": {"on": on, "to_street": street, "to_committee": committee}}


def _recorded(fields: Fields, today: str, time: datetime) -> Entry:
    raw = fields.raw.get("fact")
    if raw is None:
        fields.note("fact", "missing", "必须填写。")
        return {}
    return {"facts": [_fact(raw, "data.fact", fields.problems)]}


def _warning(fields: Fields, today: str, time: datetime) -> Entry:
    pushed_on = fields.day("pushed_on", required=True, latest=today)
    return _one_fact(kind=FactKind.WARNING, warning="illness_poverty", valid_from=pushed_on)


def _change(cause: str) -> _Reader:
    def read(fields: Fields, today: str, time: datetime) -> Entry:
        fields.text("description", LONGEST_TEXT, lines=True)
        happened_on = fields.day("happened_on", latest=today)
        return _one_fact(
            kind=FactKind.MAJOR_CHANGE, cause=cause, valid_from=happened_on or clock.today(time).isoformat()
        )

    return read


def _one_fact(**fact: str | None) -> Entry:
    return {"facts": [{**fact, "valid_to": None}]}


def _lead(fields: Fields, today: str, time: datetime) -> Entry:
    fields.text("description", LONGEST_TEXT, lines=True)
    return {"lead": {"channel": fields.choice("channel", CHANNELS, required=True)}}


def _merged(fields: Fields, today: str, time: datetime) -> Entry:
    fields.text("with", persons.LONGEST_ID, required=True)
    fields.text("reason", LONGEST_TEXT, required=True, lines=True)
    return {}


def _type(read: _Reader, names: str | None, *, internal: bool = False, opens: bool = False) -> _Type:
    fields = None if names is None else frozenset(names.split()) | {"person"}
    return _Type(read, fields, internal, opens)


_CORRECTABLE: Final = "id_number name street committee birth_date sex phone address household relation"
_TYPES: Final[Mapping[str, _Type]] = {
    EventType.RESIDENT_REGISTERED: _type(_registered, "facts", opens=True),
    EventType.RESIDENT_LEFT: _type(endings.left, "on reason"),
    EventType.RESIDENT_DIED: _type(endings.died, "on"),
    EventType.RESIDENT_MOVED: _type(_moved, "on to_street to_committee"),
    EventType.RESIDENT_RESTORED: _type(endings.restored, "reason"),
    EventType.RESIDENT_CORRECTED: _type(_corrected, f"{_CORRECTABLE} reason", internal=True),
    EventType.FACT_RECORDED: _type(_recorded, "fact"),
    EventType.FACT_ENDED: _type(endings.ended, "kind tag on valid_from cause"),
    EventType.FACT_RETRACTED: _type(endings.retracted, "kind tag valid_from cause reason"),
    EventType.WARNING_ILLNESS_POVERTY: _type(_warning, None, opens=True),
    EventType.CHANGE_EXTENDED: _type(endings.extended, "valid_from until cause", internal=True),
    EventType.RESIDENT_MERGED: _type(_merged, "with reason", internal=True),
    EventType.LEAD_REPORTED: _type(_lead, "channel description"),
    **{
        EventType(f"change.{cause}"): _type(_change(cause), "happened_on description", opens=True)
        for cause in facts.CAUSES
    },
}
