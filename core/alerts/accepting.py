"""The door for news: accepted once, in one transaction, and answered only after its commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from core.alerts import directory
from core.alerts.directory import Place
from core.alerts.ledger import Accepted, Arrival, Ledger
from core.alerts.source_keys import Caller
from core.events.cloudevents import Event, Rejection
from core.events.persons import PersonRef
from core.events.types import EventType
from core.organisation.streets import district_of
from core.store.crypto import Keys
from core.store.ids import uuid7
from rules.facts import Problem


@dataclass(frozen=True, slots=True)
class Submission:
    """What one request brought, and whose key it showed."""

    events: Sequence[Event | Rejection]
    by: Caller


_CONFLICT: Final = Problem("id", "conflict", "这个来源和编号的消息以前收到过，但内容不同。")
# The same words whether the person is elsewhere or nowhere: where somebody lives is not for this key to learn.
_OUTSIDE: Final = Problem("data.person", "street_not_allowed", "这把密钥的街镇中没有这个人。")
_MOST_ROUNDS: Final = 4


def accept(
    session: Session,
    events: Sequence[Event | Rejection],
    committees: Mapping[str, str],
    keys: Keys,
    *,
    by: Caller,
    now: datetime,
) -> Accepted:
    """Store every new event of a request in the inbox of its street (`committees`: committee → street)."""
    [result] = accept_all(Ledger(session), [Submission(events, by)], committees, keys, now=now)
    return result


def accept_all(
    ledger: Ledger, submissions: Sequence[Submission], committees: Mapping[str, str], keys: Keys, *, now: datetime
) -> list[Accepted]:
    """Store every new event of some requests in one go; each request has its own counts and refusals.

    A repetition is counted, an event with a known (source, id) and other content is kept as a conflict, and a person
    who can be placed nowhere is quarantined under the key's district, never dropped.
    """
    results: list[Accepted] = []
    waiting: list[Arrival] = []
    for submission in submissions:
        result = Accepted()
        results.append(result)
        for index, event in enumerate(submission.events):
            if isinstance(event, Rejection):
                result.rejected.append(event)
                continue
            arrival = Arrival(
                index,
                event,
                submission.by,
                result,
                directory.person_keys(keys, event.source, event.person),
                directory.told_former_key(keys, event.person),
            )
            problem = _not_permitted(event, submission.by, committees)
            if problem is None:
                waiting.append(arrival)
            else:
                arrival.refuse(problem)
    for _ in range(_MOST_ROUNDS):
        waiting = _round(ledger, waiting, keys, now)
    for arrival in waiting:
        arrival.refuse(_CONFLICT)
    for result in results:
        result.rejected.sort(key=lambda rejection: rejection.index)
    return results


def _round(ledger: Ledger, arrivals: Sequence[Arrival], keys: Keys, now: datetime) -> list[Arrival]:
    """Store the first of every (source, id) nobody has seen; returns what has to be looked at again.

    Those are the others of the same (source, id), which find its receipt in the next round, if there is one by then: a
    key limited to some streets may have sent the first and been refused. And those whom another request outran.
    """
    first: dict[tuple[str, str], Arrival] = {}
    repeated = [
        arrival
        for arrival in _without_known(ledger, arrivals, keys, now)
        if first.setdefault(arrival.key, arrival) is not arrival
    ]
    if not first:
        return []
    _place(ledger, list(first.values()))
    written = _write(ledger, [arrival for arrival in first.values() if arrival.is_within], keys, now)
    again: list[Arrival] = []
    for arrival in first.values():
        if not arrival.is_within:
            arrival.refuse(_OUTSIDE)
        elif arrival.alert_id not in written:
            again.append(arrival)
        else:
            arrival.result.accepted += 1
            arrival.result.newest = max(arrival.event.time, arrival.result.newest or arrival.event.time)
            if arrival.place is not None:
                arrival.result.streets.add(arrival.place.street)
    for arrival in repeated:
        before = first[arrival.key]
        is_alike = arrival.event.digest == before.event.digest and arrival.by.sees_like(before.by)
        if not before.is_within and is_alike:
            arrival.refuse(_OUTSIDE)
        else:
            again.append(arrival)
    return again


def _not_permitted(event: Event, by: Caller, committees: Mapping[str, str]) -> Problem | None:
    """Why the key may not send this event, or the place it names does not exist."""
    if event.source != by.source:
        return Problem("source", "source", "密钥属于另一个来源。")
    if by.types and event.type not in by.types:
        return Problem("type", "type_not_allowed", "这把密钥不能发送这种消息。")
    return misplaced(event.person, event.entry, committees, by.district)


def misplaced(
    person: PersonRef, entry: Mapping[str, object], committees: Mapping[str, str], district: str
) -> Problem | None:
    """What is wrong with the place that an event names: a person is of this district, and may move to any known."""
    moved = entry.get("moved")
    if isinstance(moved, dict):
        if moved["to_committee"] not in committees:
            return Problem("data.to_committee", "unknown_committee", "没有这个居村委会。")
    elif person.committee is not None and not (
        person.committee in committees and district_of(person.committee) == district
    ):
        return Problem("data.person.committee", "unknown_committee", "本区没有这个居村委会。")
    if person.street is not None and not (
        district_of(person.street) == district and person.street in committees.values()
    ):
        return Problem("data.person.street", "unknown_street", "本区没有这个街镇。")
    return None


def _without_known(ledger: Ledger, arrivals: Sequence[Arrival], keys: Keys, now: datetime) -> list[Arrival]:
    """The arrivals without a receipt; repetitions are counted, conflicts kept and reported."""
    if not arrivals:
        return []
    known = ledger.receipts([arrival.event for arrival in arrivals])
    if not known:
        return list(arrivals)
    fresh: list[Arrival] = []
    conflicts: list[Arrival] = []
    for arrival in arrivals:
        prior = known.get(arrival.key)
        if prior is None:
            fresh.append(arrival)
        elif prior[0] == arrival.event.digest:
            arrival.result.duplicates += 1
        else:
            arrival.refuse(_CONFLICT)
            arrival.place = Place(prior[1], uuid7())
            conflicts.append(arrival)
    ledger.store(conflicts, "conflict", keys, now)
    return fresh


def _place(ledger: Ledger, arrivals: Sequence[Arrival]) -> None:
    """Find the street of every person; those who can be opened are entered first, so that the others find them."""
    known = ledger.places({key for arrival in arrivals for key in arrival.search_keys})
    entering: dict[bytes, Place] = {}
    for arrival in sorted(arrivals, key=lambda arrival: not arrival.event.opens):
        found = arrival.found_in(known)
        is_new = found is None and arrival.event.opens and arrival.by.reaches(str(arrival.event.person.street))
        if is_new:
            found = Place(str(arrival.event.person.street), uuid7())
        # Of somebody known, only a registration tells another number; one that they gave up is not theirs again (A38).
        if found is None or not (is_new or arrival.event.type == EventType.RESIDENT_REGISTERED):
            continue
        is_former = arrival.former_key in known
        for key in arrival.person_keys[1:] if is_former else arrival.person_keys:
            if key not in known:
                known[key] = entering[key] = found
    if entering:
        known |= ledger.enter(entering)
    for arrival in arrivals:
        arrival.place = arrival.found_in(known)


def _write(ledger: Ledger, arrivals: Sequence[Arrival], keys: Keys, now: datetime) -> set[UUID]:
    """Write the receipt of every (source, id), and put the alerts that are ours into the inbox; returns those."""
    if not arrivals:
        return set()
    # Sorted, so that two requests with the same events wait for each other instead of deadlocking.
    ordered = sorted(arrivals, key=lambda arrival: arrival.key)
    ours = ledger.write_receipts(ordered)
    ledger.store([arrival for arrival in ordered if arrival.alert_id in ours], None, keys, now)
    return ours
