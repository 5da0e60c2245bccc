"""The events that a row becomes: a registration, and what has moved or ended since the source's last one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from core.imports.cells import Where
from core.imports.event_data import FactData, RawEvent, RegistrationData
from core.imports.fingerprints import Fingerprints, PriorEvent
from core.imports.rows import RowContent

_ONE_DAY: Final = timedelta(days=1)
_STEP: Final = timedelta(microseconds=1)
_TAGGED: Final = ("assistance", "outreach")


@dataclass(frozen=True, slots=True)
class Day:
    """When the file says what it says: events take effect at `at`; facts without a day begin on `on`."""

    at: datetime
    on: date


@dataclass(slots=True)
class RowEvents:
    """The events of one row, and how they differ from what the source said before; `kept` is what it left blank."""

    where: Where
    events: list[RawEvent]
    fields: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    moved: bool = False
    counted: tuple[str, ...] = ()


def registration(
    content: RowContent,
    key: bytes,
    who: str,
    what: str,
    prior: PriorEvent | None,
    before: RegistrationData | None,
    told: Sequence[FactData],
    committee: str | None,
    fingerprints: Fingerprints,
    day: Day,
    *,
    is_doubtful: bool = False,
) -> RowEvents:
    """A registration with what follows from it.

    `who` stands for the person, whom `key` finds. `before` is what this source's last one said, `told` the facts that
    stand by its word, `committee` where the person lives by what others said. Of a row in doubt, what follows says
    name and numbers as well, so that it waits with the registration (A38).
    """
    facts = [_dated(fact, told, day) for fact in content.facts]
    at = day.at if prior is None else max(day.at, prior.event_at + _STEP)
    opening = fingerprints.event_id(who, what, prior.event_id if prior else _said(at))
    row_events = RowEvents(
        content.where, [_event(fingerprints, opening, "resident.registered", at, content.person, {"facts": facts})]
    )
    if before is not None:
        row_events.fields, row_events.kept = _differing(before, content.person, facts)
        committee = before["person"].get("committee")
    reference = _reference(content.person, named=is_doubtful)

    def follow(kind: str, about: Sequence[object], data: Mapping[str, object]) -> None:
        event_id = fingerprints.event_id(fingerprints.who(key, kind, *about), fingerprints.what(data), opening)
        row_events.events.append(_event(fingerprints, event_id, kind, at, reference, data))

    if committee is not None and committee != content.person["committee"]:
        # A registration alone changes neither the street nor what a move said before.
        to = {"to_street": content.person["street"], "to_committee": content.person["committee"]}
        follow("resident.moved", (), {"on": day.on.isoformat(), **to})
        row_events.moved = True
    if content.says_tags:
        for fact, last in _ended(told, facts, day):
            named = {"kind": fact["kind"], "tag": fact["tag"], "valid_from": fact["valid_from"]}
            follow("fact.ended", list(named.values()), {"on": last.isoformat(), **named})
            row_events.ended.append(fact["tag"])
    return row_events


def fact(
    content: RowContent, who: str, what: str, prior: PriorEvent | None, fingerprints: Fingerprints, day: Day
) -> RowEvents:
    """A fact as it is now: said again with another end or basis, it replaces what was said before."""
    at = day.at if prior is None else max(day.at, prior.event_at + _STEP)
    [only] = content.facts
    event_id = fingerprints.event_id(who, what, prior.event_id if prior else _said(at))
    return RowEvents(
        content.where, [_event(fingerprints, event_id, "fact.recorded", at, _reference(content.person), {"fact": only})]
    )


def leaving(
    person: Mapping[str, str], key: bytes, prior: PriorEvent, on: date, fingerprints: Fingerprints, day: Day
) -> RawEvent:
    """That a person whom the file no longer names has left."""
    at = max(day.at, prior.event_at + _STEP)
    data = {"on": on.isoformat(), "reason": "该来源的文件中不再有此人"}
    event_id = fingerprints.event_id(fingerprints.who(key), fingerprints.what(data), prior.event_id)
    return _event(fingerprints, event_id, "resident.left", at, _reference(person), data)


def identity(fact: FactData) -> tuple[object, ...]:
    """What makes a fact said again the same fact (`rules.history`)."""
    return tuple(fact.get(name) for name in ("kind", "tag", "valid_from", "cause", "warning", "category"))


@lru_cache(maxsize=16)
def _said(at: datetime) -> str:
    """An instant as an event says it; nearly all of a file are the same."""
    return at.isoformat()


def _event(
    fingerprints: Fingerprints,
    event_id: str,
    kind: str,
    at: datetime,
    person: Mapping[str, str],
    data: Mapping[str, object],
) -> RawEvent:
    return {
        "specversion": "1.0",
        "source": fingerprints.source,
        "id": event_id,
        "type": kind,
        "time": _said(at),
        "data": {"person": dict(person), **data},
    }


def _reference(person: Mapping[str, str], *, named: bool = False) -> dict[str, str]:
    said = ("id_number", "external_id", "name") if named else ("id_number", "external_id")
    return {name: person[name] for name in said if name in person}


def _same(fact: FactData) -> tuple[object, ...]:
    """What tells that a row still speaks of the fact it spoke of before, whatever its day."""
    return (fact["kind"], fact.get("tag"), fact.get("basis"), fact.get("category"))


def _dated(fact: FactData, told: Iterable[FactData], day: Day) -> FactData:
    """A fact without a day goes on since the day on which the source first named it, or begins with the file."""
    if "valid_from" in fact:
        return fact.copy()
    today = day.on.isoformat()
    standing = (
        stated for stated in told if _same(stated) == _same(fact) and (stated.get("valid_to") or today) >= today
    )
    return {**fact, "valid_from": next((stated["valid_from"] for stated in standing), today)}


def _ended(told: Iterable[FactData], facts: Sequence[FactData], day: Day) -> Iterable[tuple[FactData, date]]:
    """The tags, with their last day, that the source does not name any more, or names with a later first day."""
    for stated in told:
        if stated["kind"] not in _TAGGED:
            continue
        first = date.fromisoformat(stated["valid_from"])
        now = next((fact for fact in facts if fact["kind"] in _TAGGED and fact["tag"] == stated["tag"]), None)
        if now is None:
            last = max(first, day.on - _ONE_DAY)
        elif now["valid_from"] > stated["valid_from"]:
            last = max(first, date.fromisoformat(now["valid_from"]) - _ONE_DAY)
        else:
            continue
        until = stated.get("valid_to")
        if until is None or until > last.isoformat():
            yield stated, last


def _differing(
    before: RegistrationData, person: Mapping[str, str], facts: Sequence[FactData]
) -> tuple[list[str], list[str]]:
    """The fields in which a registration differs from the last one, and those that it leaves blank, which stay."""
    was = before["person"]
    found = [name for name in person if person[name] != was.get(name)]
    told = before.get("facts", [])
    for kind in sorted({fact["kind"] for fact in (*facts, *told)}):
        if [fact for fact in facts if fact["kind"] == kind] != [fact for fact in told if fact["kind"] == kind]:
            found.append(kind)
    return found, [name for name in was if name not in person]
