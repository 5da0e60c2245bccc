"""The door for news: accepted once, in one transaction, and answered only after its commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import Session

from core import bulk, directory, feed_sequences
from core.crypto import Keys
from core.database import DISTRICT
from core.directory import Place
from core.event_types import PersonRef
from core.events import Event, Rejection
from core.ids import uuid7
from core.keys import Caller
from rules.facts import Problem


@dataclass(slots=True)
class Accepted:
    """What became of the events of one request. `streets` have work now; `newest` is the latest accepted `time`."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    streets: set[str] = field(default_factory=set)
    newest: datetime | None = None


@dataclass(slots=True)
class _Arrival:
    index: int
    event: Event
    person_keys: tuple[bytes, ...]
    place: Place | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.event.source, self.event.id)


def accept(
    session: Session,
    events: Sequence[Event | Rejection],
    committees: Mapping[str, str],
    keys: Keys,
    *,
    by: Caller,
    now: datetime,
) -> Accepted:
    """Store every new event of a request in the inbox of its street (`committees`: committee → street).

    A repetition is counted, an event with a known (source, id) and other content is kept as a conflict, and a person
    who can be placed nowhere is quarantined under the district, never dropped.
    """
    result = Accepted(rejected=[one for one in events if isinstance(one, Rejection)])
    arrivals = [
        _Arrival(index, event, directory.person_keys(keys, event.source, event.person))
        for index, event in enumerate(events)
        if isinstance(event, Event) and _is_permitted(index, event, by, committees, result)
    ]
    fresh = _without_known(session, arrivals, result, keys, now)
    if not fresh:
        return result
    _place(session, fresh, by)
    fresh = [one for one in fresh if _is_within(one, by, result)]
    rows = [_row(one, keys, now) for one in fresh]
    new = _write_receipts(session, rows, {one.key: feed_sequences.number(one.event.attributes) for one in fresh})
    stored = [row for row in rows if row["alert_id"] in new]
    bulk.insert(session, "alert", stored)
    result.accepted += len(stored)
    result.newest = max((row["event_at"] for row in stored), default=None)
    result.streets.update(row["street_code"] for row in stored if row["status"] == "accepted")
    # Another request brought the same events between our look and our insert: they are compared like any known one.
    raced = [one for one, row in zip(fresh, rows, strict=True) if row["alert_id"] not in new]
    if raced:
        _without_known(session, raced, result, keys, now)
    result.rejected.sort(key=lambda one: one.index)
    return result


def _is_permitted(index: int, event: Event, by: Caller, committees: Mapping[str, str], result: Accepted) -> bool:
    """Whether the key may send this event, and the place it names exists."""
    problem = None
    if event.source != by.source:
        problem = Problem("source", "source", "the key belongs to another source")
    elif by.types and event.type not in by.types:
        problem = Problem("type", "type_not_allowed", "the key may not send events of this type")
    else:
        problem = misplaced(event.person, event.entry, committees)
    if problem is not None:
        result.rejected.append(Rejection(index, event.id, [problem]))
    return problem is None


def misplaced(person: PersonRef, entry: Mapping[str, object], committees: Mapping[str, str]) -> Problem | None:
    """What is wrong with the place that an event names: only this district's streets and committees are known."""
    loc, named = "data.person.committee", person.committee
    moved = entry.get("moved")
    if isinstance(moved, dict):
        loc, named = "data.to_committee", moved["to_committee"]
    if named is not None and named not in committees:
        return Problem(loc, "unknown_committee", "no such committee in this district")
    if person.street is not None and person.street not in committees.values():
        return Problem("data.person.street", "unknown_street", "no such street in this district")
    return None


def _is_within(arrival: _Arrival, by: Caller, result: Accepted) -> bool:
    """Whether the person's street is one of the key's; a key without streets has them all."""
    if not by.streets or (arrival.place is not None and arrival.place.street in by.streets):
        return True
    # The same words whether the person is elsewhere or nowhere: where somebody lives is not for this key to learn.
    problem = Problem("data.person", "street_not_allowed", "no such person in the streets of this key")
    result.rejected.append(Rejection(arrival.index, arrival.event.id, [problem]))
    return False


def _without_known(
    session: Session, arrivals: Sequence[_Arrival], result: Accepted, keys: Keys, now: datetime
) -> list[_Arrival]:
    """The arrivals nobody has seen; repetitions are counted, conflicts kept and reported."""
    rows = session.execute(
        text(
            "SELECT source, event_id, digest, street_code FROM receipt WHERE (source, event_id) IN"
            " (SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:ids AS text[])))"
        ),
        {"sources": [one.event.source for one in arrivals], "ids": [one.event.id for one in arrivals]},
    )
    known = {(row.source, row.event_id): (bytes(row.digest), row.street_code) for row in rows}
    fresh: list[_Arrival] = []
    conflicts: list[dict[str, Any]] = []
    for arrival in arrivals:
        prior = known.get(arrival.key)
        if prior is None:
            known[arrival.key] = (arrival.event.digest, DISTRICT)
            fresh.append(arrival)
        elif prior[0] == arrival.event.digest:
            result.duplicates += 1
        else:
            problem = Problem("id", "conflict", "this (source, id) was accepted before with other content")
            result.rejected.append(Rejection(arrival.index, arrival.event.id, [problem]))
            arrival.place = Place(prior[1], uuid7())
            conflicts.append({**_row(arrival, keys, now), "status": "conflict", "resident_id": None})
    bulk.insert(session, "alert", conflicts)
    return fresh


def _place(session: Session, arrivals: Sequence[_Arrival], by: Caller) -> None:
    """Find the street of every person; those who can be opened are entered first, so that the others find them."""
    known = directory.places(session, {key for one in arrivals for key in one.person_keys})
    entering: dict[bytes, Place] = {}
    for one in sorted(arrivals, key=lambda one: not one.event.opens):
        found = next((known[key] for key in one.person_keys if key in known), None)
        if found is None and one.event.opens and (not by.streets or one.event.person.street in by.streets):
            found = Place(str(one.event.person.street), uuid7())
        if found is None:
            continue
        for key in one.person_keys:
            if key not in known:
                known[key] = entering[key] = found
    if entering:
        known |= directory.enter(session, list(entering.items()))
    for one in arrivals:
        one.place = next((known[key] for key in one.person_keys if key in known), None)


def _write_receipts(
    session: Session, rows: Sequence[Mapping[str, Any]], numbers: Mapping[tuple[str, str], int | None]
) -> set[UUID]:
    """Claim every (source, id); returns the alerts that are ours."""
    columns = ("source", "event_id", "digest", "street_code", "alert_id")
    receipts = [
        {**{column: row[column] for column in columns}, "sequence": numbers[row["source"], row["event_id"]]}
        for row in sorted(rows, key=lambda row: (row["source"], row["event_id"]))
    ]
    names = ", ".join((*columns, "sequence"))
    inserted = session.execute(
        text(
            f"INSERT INTO receipt ({names}) SELECT {names}"
            " FROM jsonb_populate_recordset(NULL::receipt, CAST(:rows AS jsonb))"
            " ON CONFLICT (source, event_id) DO NOTHING RETURNING alert_id"
        ),
        {"rows": bulk.dumps(receipts)},
    )
    return {row.alert_id for row in inserted}


def _row(arrival: _Arrival, keys: Keys, now: datetime) -> dict[str, Any]:
    event, place = arrival.event, arrival.place
    alert_id = uuid7()
    return {
        "street_code": place.street if place else DISTRICT,
        "alert_id": alert_id,
        "source": event.source,
        "event_id": event.id,
        "type": event.type,
        "event_at": event.time,
        "digest": event.digest,
        "body": seal_body(keys, alert_id, event.person, event.entry, event.data, opens=event.opens),
        "person_key": arrival.person_keys[0] if arrival.person_keys else None,
        "resident_id": place.resident_id if place else None,
        "status": "accepted" if place else "quarantined",
        "received_at": now,
        "counts_from": now,
        "attempts": 0,
        "task_ids": [],
        "problem": None if place else UNPLACED,
    }


UNPLACED = "unknown person: register them, or replay with street and committee"


def seal_body(
    keys: Keys,
    alert_id: UUID,
    person: PersonRef,
    entry: Mapping[str, object],
    data: Mapping[str, object],
    *,
    opens: bool,
) -> bytes:
    """What an event said, encrypted: it holds ID numbers, phones and addresses."""
    body = orjson.dumps({"person": person, "entry": entry, "data": data, "opens": opens})
    return keys.seal(body, table="alert", column="body", row=str(alert_id))


def open_body(keys: Keys, alert_id: UUID, body: bytes) -> dict[str, Any]:
    """The parts that `seal_body` put in."""
    opened: dict[str, Any] = orjson.loads(keys.open(body, table="alert", column="body", row=str(alert_id)))
    return opened


def enter(
    session: Session,
    street: str,
    resident_id: UUID,
    event_type: str,
    entry: Mapping[str, object],
    data: Mapping[str, object],
    keys: Keys,
    *,
    person: PersonRef | None = None,
    by: UUID,
    now: datetime,
) -> UUID:
    """News that a user of this product records about a known resident: the same inbox, the same rules and history.

    `person` carries corrected details of the register, if it is about them.
    """
    alert_id = uuid7()
    bulk.insert(
        session,
        "alert",
        [
            {
                "street_code": street,
                "alert_id": alert_id,
                "source": f"/tanfang/users/{by}",
                "event_id": str(alert_id),
                "type": event_type,
                "event_at": now,
                "digest": b"",
                "body": seal_body(keys, alert_id, person or PersonRef(), entry, data, opens=False),
                "person_key": None,
                "resident_id": resident_id,
                "status": "accepted",
                "received_at": now,
                "counts_from": now,
                "attempts": 0,
                "task_ids": [],
            }
        ],
    )
    return alert_id
