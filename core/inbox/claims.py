"""Claims on the inbox: an attempt is written down and committed before it is made, in one row for a whole batch.

A claim that is still there when the next drain of its street begins belongs to an attempt that never came back. Only
then is anything counted against its alerts, so that the usual way costs one small row a batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.store import bulk
from core.store.ids import uuid7
from core.store.words import AlertProblem, AlertStatus

MOST_ATTEMPTS = 5
MOST_ALERTS = 2_000
MOST_PEOPLE = 500
_SUSPECTS = 20
_SMALL = 50
# What is said to have failed when the process ended before it could say so.
_ENDED = "ProcessEnded"


class Claimed(NamedTuple):
    """An alert as it waits in the inbox, its body still sealed."""

    alert_id: UUID
    resident_id: UUID
    source: str
    event_id: str
    type: str
    event_at: datetime
    body: bytes
    person_key: bytes | None
    counts_from: datetime
    attempts: int


_COLUMNS = ", ".join(Claimed._fields)
_READY = "street_code = :street AND status = 'accepted' AND (retry_at IS NULL OR retry_at <= :real)"
# "> 0" as the partial index says it.
_TRIED = f"SELECT {_COLUMNS} FROM alert WHERE {_READY} AND attempts > 0"


@dataclass(frozen=True, slots=True)
class Claim:
    """The alerts of one batch, as they stand in the inbox; `next_after` is where the one after it begins."""

    street: str
    claim_id: UUID
    alerts: Sequence[Claimed]
    next_after: UUID

    @property
    def is_small(self) -> bool:
        """Whether it is hardly worth its transaction, and more may be coming; what was tried before is not put off."""
        return len(self.alerts) < _SMALL and not self.alerts[0].attempts


def take(session: Session, street: str, after: UUID, server_started_at: datetime) -> Claim | None:
    """Claim what is to be processed next; None when nothing is ready.

    What was tried before comes first and in ever smaller company: the one to blame is alone when it fails for good.
    The others are taken person by person, going round from `after`: a person is looked at once a batch, however many
    alerts about them wait, and nobody waits longer than one round.
    """
    if alerts := _tried(session, street):
        return _write(session, Claim(street, uuid7(), alerts, after), server_started_at)
    if alerts := _fresh(session, street, after):
        return _write(session, Claim(street, uuid7(), alerts, alerts[-1].resident_id), server_started_at)
    return None if after == NOBODY else take(session, street, NOBODY, server_started_at)


NOBODY = UUID(int=0)


def _tried(session: Session, street: str) -> list[Claimed]:
    rows = session.execute(
        text(f"{_TRIED} ORDER BY attempts > 1 DESC, attempts, received_at, alert_id LIMIT :limit"),
        {"street": street, "real": clock.real_now(), "limit": _SUSPECTS},
    )
    alerts = [Claimed(*row) for row in rows]
    return alerts[:1] if alerts and alerts[0].attempts > 1 else alerts


def _fresh(session: Session, street: str, after: UUID) -> list[Claimed]:
    rows = session.execute(
        text(
            f"SELECT {_COLUMNS} FROM alert WHERE {_READY} AND attempts = 0 AND resident_id > :after"
            " ORDER BY resident_id LIMIT :limit"
        ),
        {"street": street, "real": clock.real_now(), "after": after, "limit": MOST_ALERTS},
    )
    alerts = [Claimed(*row) for row in rows]
    people = {alert.resident_id: None for alert in alerts}
    if len(people) <= MOST_PEOPLE:
        return alerts
    chosen = set(list(people)[:MOST_PEOPLE])
    return [alert for alert in alerts if alert.resident_id in chosen]


def _write(session: Session, claim: Claim, server_started_at: datetime) -> Claim:
    bulk.insert(
        session,
        "claim",
        [
            {
                "street_code": claim.street,
                "claim_id": claim.claim_id,
                "alert_ids": [alert.alert_id for alert in claim.alerts],
                "server_started_at": server_started_at,
                "claimed_at": clock.real_now(),
            }
        ],
    )
    return claim


def give_up(session: Session, claim: Claim) -> None:
    """The attempt is over: it came back, or it ended for a reason that is none of its alerts' fault."""
    session.execute(
        text("DELETE FROM claim WHERE street_code = :street AND claim_id = :claim"),
        {"street": claim.street, "claim": claim.claim_id},
    )


def count_lost(session: Session, street: str, server_started_at: datetime) -> int:
    """Count an attempt against the alerts of claims that nobody holds any more; returns how many were quarantined.

    Only under the street's lock, when every claim of the street is a left-over one. What ended together with the
    database server is not counted: a server that goes down takes every attempt along.
    """
    lost = session.execute(
        text("DELETE FROM claim WHERE street_code = :street RETURNING alert_ids, server_started_at"),
        {"street": street},
    ).all()
    alert_ids = [alert_id for row in lost if row.server_started_at == server_started_at for alert_id in row.alert_ids]
    if not alert_ids:
        return 0
    left = session.execute(
        text(
            "UPDATE alert SET attempts = attempts + 1, problem_code = :problem, failure = :failure,"
            " status = CASE WHEN attempts + 1 >= :most THEN 'quarantined' ELSE status END"
            " WHERE street_code = :street AND alert_id = ANY(:alerts) AND status = 'accepted' RETURNING status"
        ),
        {
            "street": street,
            "alerts": alert_ids,
            "most": MOST_ATTEMPTS,
            "problem": AlertProblem.FAILED,
            "failure": _ENDED,
        },
    )
    return sum(row.status == AlertStatus.QUARANTINED for row in left)
