"""The log of a person folded into what is known: the same entries in any order of arrival give the same facts.

Entries take effect in order of (time, source, id). What was known at an instant is the fold of the entries recorded by
then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from rules.facts import Fact, FactKind, Person, Sex, stored_fact

NEWS_KINDS = (FactKind.MAJOR_CHANGE, FactKind.WARNING)
# A registration or an import carries history; everything else is news by itself (A33).
CARRIES_HISTORY = ("resident.registered",)
IMPORTED = "imported"  # marks the entry of a fact that came in a file


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: `entry` is what the event said, `recorded_on` the business day it was accepted."""

    event_at: datetime
    source: str
    event_id: str
    type: str
    entry: Mapping[str, Any]
    recorded_at: datetime
    recorded_on: date

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Events take effect in this order, whatever order they arrive in."""
        return (self.event_at, self.source, self.event_id)

    @property
    def carries_history(self) -> bool:
        """Whether it tells what was before rather than what is new."""
        return self.type in CARRIES_HISTORY or IMPORTED in self.entry


@dataclass(frozen=True, slots=True)
class Move:
    """From `on` the person belongs to another committee."""

    on: date
    to_street: str
    to_committee: str


@dataclass(frozen=True, slots=True)
class News:
    """A warning or a major change with when it was first heard of, and first told as news rather than as history."""

    fact: Fact
    arrived_on: date
    arrived_at: datetime
    told_at: datetime | None
    told_on: date | None

    @property
    def occasion(self) -> str:
        """What makes it the same news when two sources report it."""
        return f"{self.fact.kind}:{self.fact.cause or self.fact.warning}:{self.fact.valid_from}"


@dataclass(slots=True)
class _Known:
    """A fact with when it was first heard of, and when other than from a registration."""

    fact: Fact
    arrived_on: date
    arrived_at: datetime
    told_at: datetime | None
    told_on: date | None


# What makes it the same fact when it is said again: kind, tag, first day, cause, warning, category.
_Identity = tuple[object, ...]


@dataclass(slots=True)
class History:
    """What is known about a person after a fold."""

    known: dict[_Identity, _Known] = field(default_factory=dict)
    died_on: date | None = None
    left_on: date | None = None
    moves: list[Move] = field(default_factory=list)
    corrected: dict[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that stand, ended or not."""
        return tuple(known.fact for known in self.known.values())

    def person(self, birth_date: date | None, sex: Sex | None) -> Person:
        """The person as the rules see them; a confirmed correction wins over the register (A5)."""
        corrected = self.corrected.get("birth_date")
        return Person(
            birth_date=date.fromisoformat(corrected) if corrected else birth_date,
            sex=self.corrected.get("sex") or sex,
            facts=self.facts,
            died_on=self.died_on,
        )

    def place_on(self, day: date) -> Move | None:
        """The move that says where the person belongs on a day; None: where they were registered."""
        # Of two moves on one day the one said later holds, so the last of the equals is taken.
        return max((move for move in reversed(self.moves) if move.on <= day), key=lambda move: move.on, default=None)

    def news(self) -> list[News]:
        """Warnings and major changes in order of arrival."""
        return sorted(
            (
                News(known.fact, known.arrived_on, known.arrived_at, known.told_at, known.told_on)
                for known in self.known.values()
                if known.fact.kind in NEWS_KINDS
            ),
            key=lambda news: (news.arrived_at, news.occasion),
        )


def fold(entries: Iterable[Entry], *, known_on: date | None = None, hindsight: bool = False) -> History:
    """Everything the entries say, or only what was recorded through a day.

    With hindsight, what was retracted later counts for no day before either: it was never true.
    """
    history = History()
    for entry in sorted(entries, key=lambda entry: entry.order):
        if known_on is None or entry.recorded_on <= known_on or (hindsight and "retract" in entry.entry):
            _apply(history, entry)
    return history


def rejudged_since(entries: Iterable[Entry], since: date) -> date:
    """The first day that what was recorded since a day puts in question (A27).

    A retraction reaches back, and so does a death that was reported with another day before.
    """
    entries = list(entries)
    back = [
        date.fromisoformat(entry.entry["retract"]["valid_from"])
        for entry in entries
        if "retract" in entry.entry and entry.recorded_on >= since
    ]
    deaths = [entry for entry in entries if "died_on" in entry.entry]
    if len(deaths) > 1 and any(entry.recorded_on >= since for entry in deaths):
        back.extend(date.fromisoformat(entry.entry["died_on"]) for entry in deaths)
    if not back:
        return since
    # Nothing was decided before anything was known.
    return min(since, max(min(back), min(entry.recorded_on for entry in entries)))


def _apply(history: History, entry: Entry) -> None:
    said = entry.entry
    for raw in said.get("facts", ()):
        _record(history, entry, raw)
    if "end" in said:
        _end(history, said["end"])
    if "retract" in said:
        _retract(history, said["retract"])
    if "extend" in said:
        _extend(history, said["extend"])
    if "left_on" in said:
        history.left_on = date.fromisoformat(said["left_on"])
        _end(history, {"kind": FactKind.ASSISTANCE, "on": said["left_on"]})
    if "died_on" in said:
        history.died_on = date.fromisoformat(said["died_on"])
    if "moved" in said:
        moved = said["moved"]
        history.moves.append(Move(date.fromisoformat(moved["on"]), moved["to_street"], moved["to_committee"]))
    if "corrected" in said:
        history.corrected.update({key: value for key, value in said["corrected"].items() if value is not None})


def _record(history: History, entry: Entry, raw: Mapping[str, Any]) -> None:
    """A fact said again replaces what was said before of the same kind, tag and first day."""
    identity = tuple(map(raw.get, _IDENTIFYING))
    is_told = not entry.carries_history
    known = history.known.get(identity)
    if known is None:
        fact = stored_fact(raw, recorded_on=entry.recorded_on, source=entry.source)
        told = (entry.recorded_at, entry.recorded_on) if is_told else (None, None)
        history.known[identity] = _Known(fact, entry.recorded_on, entry.recorded_at, *told)
        return
    # Two sources that say the same are one fact; it counts from when it was first heard of.
    if entry.recorded_at < known.arrived_at:
        known.arrived_at, known.arrived_on = entry.recorded_at, entry.recorded_on
    if is_told and (known.told_at is None or entry.recorded_at < known.told_at):
        known.told_at, known.told_on = entry.recorded_at, entry.recorded_on
    known.fact = stored_fact(raw, recorded_on=known.arrived_on, source=entry.source, before=known.fact)


_IDENTIFYING = ("kind", "tag", "valid_from", "cause", "warning", "category")


def _named(fact: Fact, named: Mapping[str, Any]) -> bool:
    return fact.kind == named["kind"] and named.get("tag") in (None, fact.tag)


def _end(history: History, end: Mapping[str, Any]) -> None:
    """Close the fact that began on `valid_from`, or every one of that kind and tag in force on the last day."""
    last = date.fromisoformat(end["on"])
    began = end.get("valid_from")
    for known in history.known.values():
        fact = known.fact
        if not _named(fact, end):
            continue
        if began is None:
            ends = fact.valid_from <= last and (fact.valid_to is None or fact.valid_to > last)
        else:
            ends = fact.valid_from.isoformat() == began
        if ends:
            known.fact = replace(fact, valid_to=last)


def _retract(history: History, retract: Mapping[str, Any]) -> None:
    """It was never true: the fact goes, the log keeps both."""
    history.known = {
        identity: known
        for identity, known in history.known.items()
        if not (_named(known.fact, retract) and known.fact.valid_from.isoformat() == retract["valid_from"])
    }


def _extend(history: History, extend: Mapping[str, Any]) -> None:
    """A decision task moved the day by which a major change must be decided (A1)."""
    for known in history.known.values():
        if known.fact.kind is FactKind.MAJOR_CHANGE and known.fact.valid_from.isoformat() == extend["valid_from"]:
            known.fact = replace(known.fact, extended_until=date.fromisoformat(extend["until"]))
