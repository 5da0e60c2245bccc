"""What alerts mean: residents opened and told about, the log, decisions, duties and tasks, in one transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never, cast
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import entering
from core.events import words
from core.events.persons import PersonRef
from core.events.types import EventType
from core.inbox import moves, recognition
from core.inbox.claims import Claimed
from core.policy import street_pass
from core.residents import fact_log, registration, standing
from core.store import bulk
from core.store.crypto import Keys
from core.store.words import AlertProblem, AlertStatus
from core.tasks import leads, naming, reassessment
from core.tasks.leads import Lead
from core.tasks.reassessment import Outcome
from rules.facts import FactKind
from rules.history import Entry, Order, fold, meant


@dataclass(frozen=True, slots=True)
class Item:
    """An alert with what it says."""

    alert_id: UUID
    resident_id: UUID
    source: str
    event_id: str
    type: EventType
    event_at: datetime
    person_key: bytes | None
    counts_from: datetime
    person: PersonRef
    # What the event comes to in the person's log; empty for news that leaves nothing there.
    entry: Mapping[str, object]
    opens: bool
    # What its sender said in words.
    words: str | None

    @property
    def lead_channel(self) -> str:
        """By which way a lead came."""
        return str(cast("Mapping[str, object]", self.entry["lead"])["channel"])

    @property
    def order(self) -> Order:
        """Alerts about a person take effect in this order, whatever order they arrive in."""
        return (self.event_at, self.source, self.event_id)


def read(alert: Claimed, keys: Keys) -> Item:
    """An alert out of its row of the inbox; raises `SealBroken` when its body does not open."""
    said = entering.open_body(keys, alert.alert_id, alert.body)
    return Item(
        alert_id=alert.alert_id,
        resident_id=alert.resident_id,
        source=alert.source,
        event_id=alert.event_id,
        type=EventType(alert.type),
        event_at=alert.event_at,
        person_key=alert.person_key,
        counts_from=alert.counts_from,
        person=PersonRef.of(said["person"]),
        entry=said["entry"],
        opens=said["opens"],
        words=words.of(EventType(alert.type), said["data"]),
    )


def take_effect(
    session: Session, street: str, items: Sequence[Item], keys: Keys, *, now: datetime
) -> tuple[int, list[Item]]:
    """Give alerts, in the order of their events, their effect in a street.

    Returns how many were processed, and those about people who do not live here.
    """
    opened = {item.resident_id: (item.person, item.person_key) for item in reversed(items) if item.opens}
    if registration.open_missing(session, street, opened, keys, now=now):
        _take_up(session, street, opened, now=now)
    residents = {
        resident.resident_id: resident
        for resident in standing.lock(session, street, {item.resident_id for item in items})
    }
    elsewhere = [item for item in items if item.resident_id not in residents]
    items = [item for item in items if item.resident_id in residents]
    pass_ = street_pass.begin(session, street, now=now)
    doubts, people = recognition.recognise(session, street, items, keys)
    settled = recognition.quarantine(
        pass_, [(item, doubts[item.alert_id]) for item in items if item.alert_id in doubts]
    )
    items = [item for item in items if item.alert_id not in doubts]
    ambiguous = _ambiguous(session, street, items)
    _hold_back(session, street, ambiguous)
    items = [item for item in items if item not in ambiguous]
    settled += len(ambiguous)
    if not items:
        return settled, elsewhere
    told: dict[UUID, dict[str, str]] = defaultdict(dict)
    since: dict[UUID, date] = {}
    reported: list[Lead] = []
    merged: set[UUID] = set()
    for item in items:
        resident, day = residents[item.resident_id], clock.today(item.counts_from)
        since[item.resident_id] = min(day, since.get(item.resident_id, day))
        match item.type:
            case EventType.RESIDENT_REGISTERED | EventType.RESIDENT_CORRECTED:
                told[item.resident_id].update(registration.update(resident, people[item.alert_id], item.event_at))
            case EventType.RESIDENT_MERGED:
                merged.add(item.resident_id)
            case EventType.LEAD_REPORTED:
                reported.append(Lead(item.alert_id, resident, day, naming.of_channel(item.lead_channel)))
            case (
                EventType.RESIDENT_LEFT
                | EventType.RESIDENT_DIED
                | EventType.RESIDENT_MOVED
                | EventType.RESIDENT_RESTORED
                | EventType.FACT_RECORDED
                | EventType.FACT_ENDED
                | EventType.FACT_RETRACTED
                | EventType.WARNING_ILLNESS_POVERTY
                | EventType.CHANGE_EMERGENCY
                | EventType.CHANGE_ACCIDENT
                | EventType.CHANGE_SERIOUS_ILLNESS
                | EventType.CHANGE_OTHER
                | EventType.CHANGE_EXTENDED
            ):
                # Their entry in the log says everything.
                pass
            case _:
                assert_never(item.type)
    registration.write(session, told, residents, keys)
    fact_log.append(session, street, [_entry(item, keys) for item in items if item.entry])
    met = [residents[resident_id] for resident_id in since]
    outcomes = reassessment.after_news(pass_, met, since, merged=merged)
    leads.open_tasks(pass_, reported)
    marked = _mark(session, street, items, outcomes, now=now)
    moves.echo(pass_, outcomes)
    # The alerts themselves go along with who moves.
    moves.carry_out(pass_, outcomes)
    return settled + marked, elsewhere


def _ambiguous(session: Session, street: str, items: Sequence[Item]) -> list[Item]:
    """Ends and retractions that fit several changes and name no cause, given what takes effect before them (A44)."""
    doubtful = [item for item in items if _leaves_open_which(item.entry)]
    if not doubtful:
        return []
    logs = fact_log.entries(session, street, {item.resident_id for item in doubtful})
    found: list[Item] = []
    for item in doubtful:
        log = [*logs.get(item.resident_id, ())]
        log += [_line(other) for other in items if other.resident_id == item.resident_id and other not in found]
        before = fold(line for line in log if line.order < item.order)
        if len(meant(before, item.entry)) > 1:
            found.append(item)
    return found


def _leaves_open_which(entry: Mapping[str, object]) -> bool:
    return any(
        isinstance(which, Mapping) and which["kind"] == FactKind.MAJOR_CHANGE and "cause" not in which
        for which in (entry.get("end"), entry.get("retract"))
    )


def _line(item: Item) -> Entry:
    """As the log will have it."""
    return Entry(
        event_at=item.event_at,
        source=item.source,
        event_id=item.event_id,
        type=item.type,
        entry=item.entry,
        recorded_at=item.counts_from,
        recorded_on=clock.today(item.counts_from),
    )


def _hold_back(session: Session, street: str, items: Sequence[Item]) -> None:
    """Somebody has to say which was meant; replayed, they take effect."""
    rows = [
        {
            "street_code": street,
            "alert_id": item.alert_id,
            "status": AlertStatus.QUARANTINED,
            "problem_code": AlertProblem.AMBIGUOUS,
            "failure": None,
            "retry_at": None,
        }
        for item in items
    ]
    bulk.update(session, "alert", rows, key=("street_code", "alert_id"), where="AND alert.status = 'accepted'")


def _take_up(session: Session, street: str, opened: Collection[UUID], *, now: datetime) -> None:
    """What was quarantined because a person was not there yet goes on, now that they are; it counts from now (A33)."""
    session.execute(
        text(
            "UPDATE alert SET status = 'accepted', attempts = 0, retry_at = NULL, problem_code = NULL,"
            " counts_from = :now"
            " WHERE street_code = :street AND status = 'quarantined' AND problem_code = :unplaced"
            " AND resident_id = ANY(:residents)"
        ),
        {"street": street, "now": now, "unplaced": AlertProblem.UNKNOWN_PERSON, "residents": list(opened)},
    )


def _entry(item: Item, keys: Keys) -> dict[str, object]:
    return {
        "entry_id": item.alert_id,
        "resident_id": item.resident_id,
        "event_at": item.event_at,
        "source": item.source,
        "event_id": item.event_id,
        "type": item.type,
        "entry": item.entry,
        "recorded_at": item.counts_from,
        "words": fact_log.seal_words(keys, item.alert_id, item.words),
    }


def _mark(
    session: Session,
    street: str,
    items: Sequence[Item],
    outcomes: Mapping[UUID, Outcome],
    *,
    now: datetime,
) -> int:
    done = []
    for item in items:
        outcome = outcomes[item.resident_id]
        done.append(
            {
                "street_code": street,
                "alert_id": item.alert_id,
                "status": AlertStatus.PROCESSED,
                "processed_at": now,
                "tier_before": outcome.tier_before,
                "tier_after": outcome.tier_after,
                "task_ids": [outcome.task_id] if outcome.task_id else [],
                "problem_code": AlertProblem.ENDED_SINCE if item.order in outcome.in_vain else None,
                "failure": None,
                "retry_at": None,
            }
        )
    return bulk.update(session, "alert", done, key=("street_code", "alert_id"), where="AND alert.status = 'accepted'")
