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
ABSENT = "absent"  # marks the entry of an end that is told by nothing but a gap in a file

# Events take effect in order of (time, source, id).
Order = tuple[datetime, str, str]


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
    def order(self) -> Order:
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
    """A fact with when it was first heard of, and when other than from a registration.

    `is_ended` says that an event or a decision ended it, which no repetition undoes (A40).
    """

    fact: Fact
    arrived_on: date
    arrived_at: datetime
    told_at: datetime | None
    told_on: date | None
    is_ended: bool = False


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
    # What somebody decided was never true, and the deaths and leavings that were told in error.
    rejected: set[_Identity] = field(default_factory=set)
    restored: set[tuple[str, str]] = field(default_factory=set)
    # The entries that said again what was ended, rejected or restored since (A40).
    in_vain: set[Order] = field(default_factory=set)

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

    With hindsight, what was retracted or restored later counts for no day before either: it was never true.
    """
    history = History()
    said = sorted(
        (
            entry
            for entry in entries
            if known_on is None or entry.recorded_on <= known_on or (hindsight and was_never_true(entry))
        ),
        key=lambda entry: entry.order,
    )
    restored = max((entry.order for entry in said if "restored" in entry.entry), default=None)
    for entry in said:
        _apply(history, entry, is_undone=restored is not None and entry.order < restored)
    return history


def was_never_true(entry: Entry) -> bool:
    """Whether an entry says of something told before that it never was so."""
    return "retract" in entry.entry or "restored" in entry.entry


def rejudged_since(entries: Iterable[Entry], since: date) -> date:
    """The first day that what was recorded since a day puts in question (A27).

    A retraction reaches back, and so do a restoration and a death that was reported with another day before.
    """
    entries = list(entries)
    news = [entry for entry in entries if entry.recorded_on >= since]
    back = [entry.entry["retract"]["valid_from"] for entry in news if "retract" in entry.entry]
    deaths = [entry.entry["died_on"] for entry in entries if "died_on" in entry.entry]
    if len(deaths) > 1 and any("died_on" in entry.entry for entry in news):
        back += deaths
    if any("restored" in entry.entry for entry in news):
        back += [entry.entry[word] for entry in entries for word in _RESTORABLE if word in entry.entry]
    if not back:
        return since
    # Nothing was decided before anything was known.
    return min(since, max(date.fromisoformat(min(back)), min(entry.recorded_on for entry in entries)))


# What a restoration takes back (A23).
_RESTORABLE = ("died_on", "left_on")


def _apply(history: History, entry: Entry, *, is_undone: bool) -> None:
    """What an entry says; `is_undone` when a later one restores the person."""
    said = entry.entry
    for raw in said.get("facts", ()):
        _record(history, entry, raw)
    if "end" in said:
        _end(history, said["end"], is_final=ABSENT not in said)
    if "retract" in said:
        _retract(history, said["retract"])
    if "extend" in said:
        _extend(history, said["extend"])
    for word in _RESTORABLE:
        if word not in said:
            continue
        if is_undone:
            history.restored.add((word, said[word]))
        elif (word, said[word]) in history.restored:
            history.in_vain.add(entry.order)
        else:
            _depart(history, word, said)
    if "moved" in said:
        _move(history, entry, said["moved"])
    if "corrected" in said:
        history.corrected.update({key: value for key, value in said["corrected"].items() if value is not None})


def _depart(history: History, word: str, said: Mapping[str, Any]) -> None:
    on = date.fromisoformat(said[word])
    if word == "died_on":
        history.died_on = on
        return
    history.left_on = on
    _end(history, {"kind": FactKind.ASSISTANCE, "on": said[word]}, is_final=ABSENT not in said)


def _move(history: History, entry: Entry, moved: Mapping[str, Any]) -> None:
    """Of two moves on one day the one said later holds; the first of them said once more changes nothing (A40)."""
    move = Move(date.fromisoformat(moved["on"]), moved["to_street"], moved["to_committee"])
    if move not in history.moves:
        history.moves.append(move)
    elif history.place_on(move.on) != move:
        history.in_vain.add(entry.order)


def _record(history: History, entry: Entry, raw: Mapping[str, Any]) -> None:
    """A fact said again replaces what was said before of the same kind, tag and first day, but no end of it (A40)."""
    identity = tuple(map(raw.get, _IDENTIFYING))
    is_told = not entry.carries_history
    known = history.known.get(identity)
    if known is None:
        fact = stored_fact(raw, recorded_on=entry.recorded_on, source=entry.source)
        if fact.confirmed_on is None and (*identity, fact.basis) in history.rejected:
            history.in_vain.add(entry.order)
            return
        told = (entry.recorded_at, entry.recorded_on) if is_told else (None, None)
        history.known[identity] = _Known(fact, entry.recorded_on, entry.recorded_at, *told)
        return
    # Two sources that say the same are one fact; it counts from when it was first heard of.
    if entry.recorded_at < known.arrived_at:
        known.arrived_at, known.arrived_on = entry.recorded_at, entry.recorded_on
    if is_told and (known.told_at is None or entry.recorded_at < known.told_at):
        known.told_at, known.told_on = entry.recorded_at, entry.recorded_on
    before = known.fact
    known.fact = stored_fact(raw, recorded_on=known.arrived_on, source=entry.source, before=before)
    if known.is_ended and _lasts_longer(known.fact, before):
        known.fact = replace(known.fact, valid_to=before.valid_to)
        history.in_vain.add(entry.order)


def _lasts_longer(fact: Fact, other: Fact) -> bool:
    return other.valid_to is not None and (fact.valid_to is None or fact.valid_to > other.valid_to)


_IDENTIFYING = ("kind", "tag", "valid_from", "cause", "warning", "category")


def _named(fact: Fact, named: Mapping[str, Any]) -> bool:
    return (
        fact.kind == named["kind"] and named.get("tag") in (None, fact.tag) and named.get("cause") in (None, fact.cause)
    )


def meant(history: History, said: Mapping[str, Any]) -> list[Fact]:
    """The facts that an entry would end or retract, given what was known before it."""
    if "end" in said:
        end = said["end"]
        return [fact for fact in history.facts if _named(fact, end) and _ends(fact, end)]
    if "retract" in said:
        retract = said["retract"]
        return [fact for fact in history.facts if _is(fact, retract)]
    return []


def _ends(fact: Fact, end: Mapping[str, Any]) -> bool:
    """Whether an end names the day on which a fact began, or names none while it was in force beyond its last day."""
    last, began = date.fromisoformat(end["on"]), end.get("valid_from")
    if isinstance(began, str):
        return fact.valid_from == date.fromisoformat(began)
    return fact.valid_from <= last and (fact.valid_to is None or fact.valid_to > last)


def _is(fact: Fact, named: Mapping[str, Any]) -> bool:
    return _named(fact, named) and fact.valid_from == date.fromisoformat(named["valid_from"])


def _end(history: History, end: Mapping[str, Any], *, is_final: bool) -> None:
    """Close the fact that began on `valid_from`, or every one of that kind and tag in force on the last day."""
    last = date.fromisoformat(end["on"])
    for known in history.known.values():
        if _named(known.fact, end) and _ends(known.fact, end):
            known.fact = replace(known.fact, valid_to=last)
            known.is_ended = is_final


def _retract(history: History, retract: Mapping[str, Any]) -> None:
    """It was never true: the fact goes, the log keeps both. What somebody decided so stays so (A40)."""
    gone = [identity for identity, known in history.known.items() if _is(known.fact, retract)]
    for identity in gone:
        fact = history.known.pop(identity).fact
        if "decided" in retract:
            history.rejected.add((*identity, fact.basis))


def _extend(history: History, extend: Mapping[str, Any]) -> None:
    """A decision task moved the day by which a major change must be decided (A1)."""
    named = {"kind": FactKind.MAJOR_CHANGE, "cause": extend.get("cause"), "valid_from": extend["valid_from"]}
    for known in history.known.values():
        if _is(known.fact, named):
            known.fact = replace(known.fact, extended_until=date.fromisoformat(extend["until"]))
