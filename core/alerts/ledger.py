"""What news is written into, and how a rehearsal only pretends to: receipts, the directory, the inbox."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from core.alerts import directory, entering, feed_sequences
from core.alerts.directory import Place
from core.alerts.source_keys import Caller
from core.events.cloudevents import Event, Rejection
from core.store.crypto import Keys
from core.store.ids import uuid7
from core.store.words import AlertProblem
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
class Arrival:
    """An event on its way into the inbox: whose key brought it, and where its person is known to be by now."""

    index: int
    event: Event
    by: Caller
    result: Accepted
    person_keys: tuple[bytes, ...]
    former_key: bytes | None = None
    place: Place | None = None
    alert_id: UUID = field(default_factory=uuid7)

    @property
    def key(self) -> tuple[str, str]:
        return (self.event.source, self.event.id)

    @property
    def is_within(self) -> bool:
        """Whether the person is where the key reaches; of nobody's place only a key of the whole district may tell."""
        return not self.by.streets if self.place is None else self.by.reaches(self.place.street)

    @property
    def street(self) -> str:
        """Where it is kept: in the person's street, or in the key's district while they have none."""
        return self.place.street if self.place else self.by.district

    @property
    def search_keys(self) -> tuple[bytes, ...]:
        """What finds the person, the strongest first: the number that somebody of this name has given up (A38)."""
        return self.person_keys if self.former_key is None else (self.former_key, *self.person_keys)

    def found_in(self, known: Mapping[bytes, Place]) -> Place | None:
        """Where the person is, by what is known of their numbers."""
        return next((known[key] for key in self.search_keys if key in known), None)

    def refuse(self, problem: Problem) -> None:
        self.result.rejected.append(Rejection(self.index, self.event.id, [problem]))


_COLUMNS: Final = (
    ("street_code", "text"),
    ("alert_id", "uuid"),
    ("source", "text"),
    ("event_id", "text"),
    ("type", "text"),
    ("event_at", "timestamptz"),
    ("digest", "bytea"),
    ("body", "bytea"),
    ("person_key", "bytea"),
    ("resident_id", "uuid"),
    ("status", "text"),
    ("problem_code", "text"),
)
_INSERT: Final = (
    f"INSERT INTO alert ({', '.join(name for name, _ in _COLUMNS)}, received_at, counts_from, attempts, task_ids)"
    " SELECT new.*, %b::timestamptz, %b::timestamptz, 0, '{}'::uuid[]"
    f" FROM unnest({', '.join(f'%b::{kind}[]' for _, kind in _COLUMNS)}) AS new"
)


def _row(arrival: Arrival, keys: Keys, status: str | None) -> tuple[object, ...]:
    """The columns of `_COLUMNS`."""
    event, place, alert_id = arrival.event, arrival.place, arrival.alert_id
    if status is None:
        status = "accepted" if place else "quarantined"
    body = entering.seal_body(
        keys, alert_id, event.person, event.entry, event.data, opens=event.opens, attributes=event.attributes
    )
    return (
        arrival.street,
        alert_id,
        event.source,
        event.id,
        event.type,
        event.time,
        event.digest,
        body,
        arrival.person_keys[0] if arrival.person_keys else None,
        # A conflict changes nothing, so it belongs to nobody.
        place.resident_id if place and status != "conflict" else None,
        status,
        AlertProblem.UNKNOWN_PERSON if status == "quarantined" else None,
    )


class Ledger:
    """The district-wide tables that news goes through: who was accepted before, who lives where, the inbox."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def receipts(self, events: Sequence[Event]) -> dict[tuple[str, str], tuple[bytes, str]]:
        """Digest and street of those of some (source, id) that were accepted before."""
        rows = self.session.connection().exec_driver_sql(
            "SELECT source, event_id, digest, street_code FROM receipt WHERE (source, event_id) IN"
            " (SELECT * FROM unnest(%b::text[], %b::text[]))",
            ([event.source for event in events], [event.id for event in events]),
        )
        return {(row[0], row[1]): (bytes(row[2]), row[3]) for row in rows}

    def places(self, person_keys: Collection[bytes]) -> dict[bytes, Place]:
        """Where some people are known to be."""
        return directory.places(self.session, person_keys)

    def enter(self, people: Mapping[bytes, Place]) -> dict[bytes, Place]:
        """Enter people who are nowhere yet; returns where they are now, whoever entered them."""
        return directory.enter(self.session, list(people.items()))

    def write_receipts(self, arrivals: Sequence[Arrival]) -> set[UUID]:
        """Note that these were accepted; returns those alerts that nobody else noted meanwhile."""
        claimed = self.session.connection().exec_driver_sql(
            "INSERT INTO receipt (source, event_id, digest, street_code, alert_id, sequence)"
            " SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::text[], %b::uuid[], %b::bigint[])"
            " ON CONFLICT (source, event_id) DO NOTHING RETURNING alert_id",
            (
                [arrival.event.source for arrival in arrivals],
                [arrival.event.id for arrival in arrivals],
                [arrival.event.digest for arrival in arrivals],
                [arrival.street for arrival in arrivals],
                [arrival.alert_id for arrival in arrivals],
                [feed_sequences.number(arrival.event.attributes) for arrival in arrivals],
            ),
        )
        return set(claimed.scalars())

    def store(self, arrivals: Sequence[Arrival], status: str | None, keys: Keys, now: datetime) -> None:
        """Put alerts into the inbox: with a status, or accepted where they have a place and quarantined without."""
        if arrivals:
            rows = [_row(arrival, keys, status) for arrival in arrivals]
            # The one place that fills the inbox from outside: arrays in binary, no hex, no JSON, one statement for all.
            self.session.connection().exec_driver_sql(_INSERT, (now, now, *map(list, zip(*rows, strict=True))))


@dataclass(slots=True)
class Told:
    """What the rehearsal of one request has been told so far: its later portions find what earlier ones would leave."""

    receipts: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    places: dict[bytes, Place] = field(default_factory=dict)


class Rehearsal(Ledger):
    """A ledger that reads like any and writes nothing; `keep` what it was told once its transaction is through."""

    def __init__(self, session: Session, before: Told) -> None:
        super().__init__(session)
        self._before, self._now = before, Told()

    def receipts(self, events: Sequence[Event]) -> dict[tuple[str, str], tuple[bytes, str]]:
        """Those of the database, and those that would be there."""
        told = [each.receipts for each in (self._before, self._now)]
        keys = [(event.source, event.id) for event in events]
        return super().receipts(events) | {key: known[key] for known in told for key in keys if key in known}

    def places(self, person_keys: Collection[bytes]) -> dict[bytes, Place]:
        """Those of the database, and those who would be there."""
        told = [each.places for each in (self._before, self._now)]
        return super().places(person_keys) | {
            key: places[key] for places in told for key in person_keys if key in places
        }

    def enter(self, people: Mapping[bytes, Place]) -> dict[bytes, Place]:
        """Keep in mind who would be entered."""
        self._now.places |= people
        return self.places(people)

    def write_receipts(self, arrivals: Sequence[Arrival]) -> set[UUID]:
        """Keep in mind what would be noted; nobody is faster."""
        for arrival in arrivals:
            self._now.receipts[arrival.key] = (arrival.event.digest, arrival.street)
        return {arrival.alert_id for arrival in arrivals}

    def store(self, arrivals: Sequence[Arrival], status: str | None, keys: Keys, now: datetime) -> None:
        """Store nothing."""

    def keep(self) -> None:
        """The transaction went through: the request's later portions find what this one was told."""
        self._before.receipts |= self._now.receipts
        self._before.places |= self._now.places
