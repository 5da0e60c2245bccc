"""What a change of rules would do, before it is made: who changes tier, how many visits, against what capacity.

Nothing is written. People are judged in chunks by a function that runs in other processes: the engine is C.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from core import clock
from core.policy.rulebooks import Spec
from rules.calendar import Frequency
from rules.facts import Tier, sex_of
from rules.history import Entry, fold
from rules.rulebook import Rulebook

CHUNK = 1_000
SHOWN = 100
STREET_DIGITS = 9


class Subject(NamedTuple):
    """One resident with their log, as it travels."""

    resident_id: UUID
    street: str
    committee: str
    birth_date: date | None
    sex: str | None
    entries: tuple[tuple[datetime, str, str, str, Mapping[str, object], datetime], ...]


class Judged(NamedTuple):
    """A resident under both sides; `rule` explains the tier after, or before where there is none after."""

    resident_id: UUID
    committee: str
    before: str
    after: str
    rule: str | None


class VisitsShown(TypedDict):
    """Visits owed in a month without and with the change."""

    before: float
    after: float


class PeopleShown(TypedDict):
    """How many people each tier has without and with the change."""

    before: dict[str, int]
    after: dict[str, int]


ChangedShown = TypedDict("ChangedShown", {"resident_id": UUID, "from": str, "to": str, "rule": str | None})


class CapacityShown(TypedDict):
    """The visits a month that can be made, and by how much too few they are with the change."""

    visits_per_month: int
    short_by: float


class CommitteeShown(TypedDict):
    """The share of one committee."""

    committee: str
    visits_per_month: VisitsShown
    capacity: float


class Report(TypedDict):
    """What a change would do; `changed` are the first of `changed_total`."""

    on: date
    people: PeopleShown
    changed: list[ChangedShown]
    changed_total: int
    visits_per_month: VisitsShown
    capacity: CapacityShown
    committees: list[CommitteeShown]


def subjects(session: Session, streets: Sequence[str]) -> Iterator[list[Subject]]:
    """The residents of some streets with what is known about them, in chunks of one street each."""
    entries: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(
        text(
            "SELECT resident_id, event_at, source, event_id, type, entry, recorded_at FROM fact_entry"
            " WHERE street_code = ANY(:streets)"
        ),
        {"streets": list(streets)},
    ):
        entries[row.resident_id].append(tuple(row)[1:])
    rows = session.execute(
        text(
            "SELECT resident_id, street_code, committee_code, birth_date, sex FROM resident"
            " WHERE street_code = ANY(:streets) AND moved_to IS NULL ORDER BY street_code, resident_id"
        ),
        {"streets": list(streets)},
    ).all()
    for _, neighbours in groupby(rows, key=lambda row: row.street_code):
        living = list(neighbours)
        for start in range(0, len(living), CHUNK):
            yield [_subject(row, entries) for row in living[start : start + CHUNK]]


def _subject(row: Row[Any], entries: Mapping[UUID, Sequence[Any]]) -> Subject:
    log = tuple(entries.get(row.resident_id, ()))
    return Subject(row.resident_id, row.street_code, row.committee_code, row.birth_date, row.sex, log)


def judge(chunk: Sequence[Subject], before: Spec, after: Spec, on: date) -> list[Judged]:
    """Decide some residents under both sides. Runs where the engine may die without taking the API along."""
    old, new = before.rulebook, after.rulebook
    return [_judge_one(subject, old, new, on) for subject in chunk]


def _judge_one(subject: Subject, old: Rulebook, new: Rulebook, on: date) -> Judged:
    history = fold(Entry(*entry, recorded_on=clock.today(entry[5])) for entry in subject.entries)
    person = history.person(subject.birth_date, sex_of(subject.sex))
    was, becomes = old.verdict(person, on), new.verdict(person, on)
    reasons = becomes.rules or was.rules
    return Judged(
        subject.resident_id, subject.committee, was.tier.value, becomes.tier.value, reasons[0] if reasons else None
    )


@dataclass(slots=True)
class Totals:
    """What the chunks add up to."""

    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    by_committee: dict[str, tuple[Counter[str], Counter[str]]] = field(default_factory=dict)
    changed: list[Judged] = field(default_factory=list)

    def add(self, judged: Iterable[Judged]) -> None:
        """Count some residents."""
        for person in judged:
            self.before[person.before] += 1
            self.after[person.after] += 1
            was, becomes = self.by_committee.setdefault(person.committee, (Counter(), Counter()))
            was[person.before] += 1
            becomes[person.after] += 1
            if person.before != person.after:
                self.changed.append(person)


def report(session: Session, totals: Totals, sides: Mapping[str, tuple[Spec, Spec]], on: date) -> Report:
    """The preview as the contract spells it, with each committee's share; `sides`: street → (before, after)."""
    often = {
        street: (before.rulebook.terms(on).frequency, after.rulebook.terms(on).frequency)
        for street, (before, after) in sides.items()
    }
    capacity, by_committee = _capacity(session, list(sides))
    committees: list[CommitteeShown] = []
    for committee, (was, becomes) in sorted(totals.by_committee.items()):
        old, new = often[committee[:STREET_DIGITS]]
        visits = VisitsShown(before=round(_per_month(was, old), 2), after=round(_per_month(becomes, new), 2))
        committees.append(
            {"committee": committee, "visits_per_month": visits, "capacity": by_committee.get(committee, 0)}
        )
    wanted = VisitsShown(
        before=round(sum(share["visits_per_month"]["before"] for share in committees), 1),
        after=round(sum(share["visits_per_month"]["after"] for share in committees), 1),
    )
    return {
        "on": on,
        "people": {
            "before": {tier.value: totals.before[tier.value] for tier in Tier},
            "after": {tier.value: totals.after[tier.value] for tier in Tier},
        },
        "changed": [
            {"resident_id": person.resident_id, "from": person.before, "to": person.after, "rule": person.rule}
            for person in totals.changed[:SHOWN]
        ],
        "changed_total": len(totals.changed),
        "visits_per_month": wanted,
        "capacity": {"visits_per_month": capacity, "short_by": max(0, round(wanted["after"] - capacity, 1))},
        "committees": committees,
    }


def _per_month(people: Mapping[str, int], frequency: Mapping[Tier, Frequency]) -> float:
    return sum(people.get(tier.value, 0) / often.months for tier, often in frequency.items())


def _capacity(session: Session, streets: Sequence[str]) -> tuple[int, dict[str, float]]:
    """Visits a month that people of some streets can make; of several committees each gets an even share."""
    rows = session.execute(
        text(
            "SELECT u.user_id, u.capacity, array_agg(c.committee_code) AS committees FROM user_account u"
            " JOIN user_committee c USING (user_id) WHERE u.active AND u.street_code = ANY(:streets) GROUP BY u.user_id"
        ),
        {"streets": list(streets)},
    ).all()
    shares: dict[str, float] = defaultdict(float)
    for row in rows:
        for committee in row.committees:
            shares[committee] += row.capacity / len(row.committees)
    return sum(row.capacity for row in rows), {committee: round(share, 1) for committee, share in shares.items()}
