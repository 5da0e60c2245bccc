"""The events that a row becomes: a registration, and what has moved or ended since the source's last one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from core.imports.cells import Where
from core.imports.marks import Marks, Prior
from core.imports.rows import Said

_ONE_DAY: Final = timedelta(days=1)
_STEP: Final = timedelta(microseconds=1)
_TAGGED: Final = ("assistance", "outreach")


@dataclass(frozen=True, slots=True)
class Day:
    """When the file says what it says: events take effect at `at`; facts without a day begin on `on`."""

    at: datetime
    on: date


@dataclass(slots=True)
class Made:
    """The events of one row, and how they differ from what the source said before; `kept` is what it left blank."""

    where: Where
    events: list[dict[str, Any]]
    fields: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    moved: bool = False
    counted: tuple[str, ...] = ()


def registration(
    said: Said,
    key: bytes,
    who: str,
    what: str,
    prior: Prior | None,
    before: Mapping[str, Any] | None,
    told: Sequence[Mapping[str, Any]],
    committee: str | None,
    marks: Marks,
    day: Day,
) -> Made:
    """A registration with what follows from it.

    `who` marks the person, whom `key` finds. `before` is what this source's last one said, `told` the facts that stand
    by its word, `committee` where the person lives by what others said.
    """
    facts = [_dated(fact, told, day) for fact in said.facts]
    at = day.at if prior is None else max(day.at, prior.event_at + _STEP)
    opening = marks.event_id(who, what, prior.event_id if prior else _said(at))
    made = Made(said.where, [_event(marks, opening, "resident.registered", at, said.person, {"facts": facts})])
    if before is not None:
        made.fields, made.kept = _differing(before, said.person, facts)
        committee = before["person"].get("committee")
    reference = _reference(said.person)

    def follow(kind: str, about: Sequence[object], data: dict[str, Any]) -> None:
        event_id = marks.event_id(marks.who(key, kind, *about), marks.what(data), opening)
        made.events.append(_event(marks, event_id, kind, at, reference, data))

    if committee is not None and committee != said.person["committee"]:
        # A registration alone changes neither the street nor what a move said before.
        to = {"to_street": said.person["street"], "to_committee": said.person["committee"]}
        follow("resident.moved", (), {"on": day.on.isoformat(), **to})
        made.moved = True
    if said.says_tags:
        for fact, last in _ended(told, facts, day):
            named = {"kind": fact["kind"], "tag": fact["tag"], "valid_from": fact["valid_from"]}
            follow("fact.ended", list(named.values()), {"on": last.isoformat(), **named})
            made.ended.append(fact["tag"])
    return made


def fact(said: Said, who: str, what: str, prior: Prior | None, marks: Marks, day: Day) -> Made:
    """A fact as it is now: said again with another end or basis, it replaces what was said before."""
    at = day.at if prior is None else max(day.at, prior.event_at + _STEP)
    [only] = said.facts
    event_id = marks.event_id(who, what, prior.event_id if prior else _said(at))
    return Made(said.where, [_event(marks, event_id, "fact.recorded", at, _reference(said.person), {"fact": only})])


def leaving(person: Mapping[str, Any], key: bytes, prior: Prior, on: date, marks: Marks, day: Day) -> dict[str, Any]:
    """That a person whom the file no longer names has left."""
    at = max(day.at, prior.event_at + _STEP)
    data = {"on": on.isoformat(), "reason": "该来源的文件中不再有此人"}
    event_id = marks.event_id(marks.who(key), marks.what(data), prior.event_id)
    return _event(marks, event_id, "resident.left", at, _reference(person), data)


def identity(fact: Mapping[str, Any]) -> tuple[object, ...]:
    """What makes a fact said again the same fact (`rules.history`)."""
    return tuple(fact.get(name) for name in ("kind", "tag", "valid_from", "cause", "warning", "category"))


@lru_cache(maxsize=16)
def _said(at: datetime) -> str:
    """An instant as an event says it; nearly all of a file are the same."""
    return at.isoformat()


def _event(
    marks: Marks, event_id: str, kind: str, at: datetime, person: Mapping[str, Any], data: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": marks.source,
        "id": event_id,
        "type": kind,
        "time": _said(at),
        "data": {"person": dict(person), **data},
    }


def _reference(person: Mapping[str, Any]) -> dict[str, Any]:
    return {name: person[name] for name in ("id_number", "external_id") if name in person}


def _same(fact: Mapping[str, Any]) -> tuple[object, ...]:
    """What tells that a row still speaks of the fact it spoke of before, whatever its day."""
    return (fact["kind"], fact.get("tag"), fact.get("basis"), fact.get("category"))


def _dated(fact: Mapping[str, Any], told: Iterable[Mapping[str, Any]], day: Day) -> dict[str, Any]:
    """A fact without a day goes on since the day on which the source first named it, or begins with the file."""
    if "valid_from" in fact:
        return dict(fact)
    today = day.on.isoformat()
    standing = (one for one in told if _same(one) == _same(fact) and (one.get("valid_to") or today) >= today)
    return {**fact, "valid_from": next((one["valid_from"] for one in standing), today)}


def _ended(
    told: Iterable[Mapping[str, Any]], facts: Sequence[Mapping[str, Any]], day: Day
) -> Iterable[tuple[Mapping[str, Any], date]]:
    """The tags, with their last day, that the source does not name any more, or names with a later first day."""
    for prior in told:
        if prior["kind"] not in _TAGGED:
            continue
        first = date.fromisoformat(prior["valid_from"])
        now = next((fact for fact in facts if fact["kind"] in _TAGGED and fact["tag"] == prior["tag"]), None)
        if now is None:
            last = max(first, day.on - _ONE_DAY)
        elif now["valid_from"] > prior["valid_from"]:
            last = max(first, date.fromisoformat(now["valid_from"]) - _ONE_DAY)
        else:
            continue
        if prior.get("valid_to") is None or prior["valid_to"] > last.isoformat():
            yield prior, last


def _differing(
    before: Mapping[str, Any], person: Mapping[str, Any], facts: Sequence[Mapping[str, Any]]
) -> tuple[list[str], list[str]]:
    """The fields in which a registration differs from the last one, and those that it leaves blank, which stay."""
    was = before["person"]
    found = [name for name in person if person[name] != was.get(name)]
    told = before.get("facts", [])
    for kind in sorted({fact["kind"] for fact in (*facts, *told)}):
        if [one for one in facts if one["kind"] == kind] != [one for one in told if one["kind"] == kind]:
            found.append(kind)
    return found, [name for name in was if name not in person]
