"""Claims on the inbox: an attempt is written down and committed before it is made, in one row for a whole batch.

A claim that is still there when the next drain of its street begins belongs to an attempt that never came back. Only
then is anything counted against its alerts, so that the usual way costs one small row a batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import bulk, clock
from core.ids import uuid7

MOST_ATTEMPTS = 5
PEOPLE = 400  # Whose alerts are claimed together: everything that waits about them.
MOST_ALERTS = 2_000
_SUSPECTS = 20
_COLUMNS = "alert_id, resident_id, source, event_id, type, event_at, body, person_key, counts_from, attempts"


@dataclass(frozen=True, slots=True)
class Claim:
    """The alerts of one batch, as they stand in the inbox."""

    street: str
    claim_id: UUID
    rows: Sequence[Any]


def take(session: Session, street: str) -> Claim | None:
    """Claim what is to be processed next; None when nothing is ready.

    What was tried before comes first and in ever smaller company: the one to blame is alone when it fails for good.
    Of what was not, all that waits about the same people goes together, since each person is looked at once a batch.
    """
    real = clock.real_now()
    ready = "street_code = :street AND status = 'accepted' AND (retry_at IS NULL OR retry_at <= :real)"
    # "> 0" as the partial index says it.
    tried = f"SELECT {_COLUMNS} FROM alert WHERE {ready} AND {{}} ORDER BY received_at, alert_id LIMIT :limit"
    fresh = (
        f"SELECT {_COLUMNS} FROM alert WHERE {ready} AND attempts = 0 AND resident_id IN (SELECT resident_id FROM alert"
        f" WHERE {ready} AND attempts = 0 ORDER BY received_at, alert_id LIMIT :limit)"
        " ORDER BY received_at, alert_id LIMIT :most"
    )
    for statement, limit in (
        (tried.format("attempts > 0 AND attempts > 1"), 1),
        (tried.format("attempts > 0 AND attempts = 1"), _SUSPECTS),
        (fresh, PEOPLE),
    ):
        key = {"street": street, "real": real, "limit": limit, "most": MOST_ALERTS}
        rows = session.execute(text(statement), key).all()
        if rows:
            claim = Claim(street, uuid7(), rows)
            _write(session, claim)
            return claim
    return None


def _write(session: Session, claim: Claim) -> None:
    started_at = session.execute(text("SELECT pg_postmaster_start_time()")).scalar_one()
    bulk.insert(
        session,
        "claim",
        [
            {
                "street_code": claim.street,
                "claim_id": claim.claim_id,
                "alert_ids": [row.alert_id for row in claim.rows],
                "server_started_at": started_at,
                "claimed_at": clock.real_now(),
            }
        ],
    )


def give_up(session: Session, claim: Claim) -> None:
    """The attempt is over: it came back, or it ended for a reason that is none of its alerts' fault."""
    session.execute(
        text("DELETE FROM claim WHERE street_code = :street AND claim_id = :claim"),
        {"street": claim.street, "claim": claim.claim_id},
    )


def count_lost(session: Session, street: str) -> int:
    """Count an attempt against the alerts of claims that nobody holds any more; returns how many were quarantined.

    Only under the street's lock, when every claim of the street is a left-over one. What ended together with the
    database server is not counted: a server that goes down takes every attempt along.
    """
    lost = session.execute(
        text(
            "DELETE FROM claim WHERE street_code = :street"
            " RETURNING alert_ids, server_started_at = pg_postmaster_start_time() AS counts"
        ),
        {"street": street},
    ).all()
    alert_ids = [alert_id for row in lost if row.counts for alert_id in row.alert_ids]
    if not alert_ids:
        return 0
    left = session.execute(
        text(
            "UPDATE alert SET attempts = attempts + 1, problem = :problem,"
            " status = CASE WHEN attempts + 1 >= :most THEN 'quarantined' ELSE status END"
            " WHERE street_code = :street AND alert_id = ANY(:alerts) AND status = 'accepted' RETURNING status"
        ),
        {"street": street, "alerts": alert_ids, "most": MOST_ATTEMPTS, "problem": "processing ended its process"},
    )
    return sum(row.status == "quarantined" for row in left)
