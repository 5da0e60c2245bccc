"""Looks again at residents for whom a day came on which time alone changes something."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection, text
from sqlmodel import Session

from core import clock
from core.inbox import moves
from core.policy import street_pass
from core.residents import standing
from core.store import scopes
from core.store.database import Database
from core.tasks import reassessment

log = structlog.get_logger()


def wake(database: Database, street: str, business_now: Callable[[], datetime], *, limit: int = 500) -> int:
    """Look again at the residents of a street for whom a day came that changes something; returns how many."""
    woken = 0
    with database.street_lock(street) as held:
        if held is None:
            return 0
        connection, _ = held
        while True:
            now = business_now()
            with database.transaction(scopes.under(street), connection) as session:
                due = _due(session, street, clock.today(now), limit)
            if not due:
                return woken
            woken += _wake(database, connection, street, due, now)


def _due(session: Session, street: str, today: date, limit: int) -> dict[UUID, date]:
    rows = session.execute(
        text(
            "SELECT resident_id, wake_on FROM resident WHERE street_code = :street AND wake_on <= :today"
            " AND moved_to IS NULL AND (retry_at IS NULL OR retry_at <= :real)"
            " ORDER BY wake_on, resident_id LIMIT :limit"
        ),
        {"street": street, "today": today, "real": clock.real_now(), "limit": limit},
    )
    return {row.resident_id: row.wake_on for row in rows}


def _wake(database: Database, connection: Connection, street: str, due: Mapping[UUID, date], now: datetime) -> int:
    try:
        # Whoever moves does so from one street into another.
        with database.transaction(scopes.everywhere(), connection) as session:
            residents = standing.lock(session, street, list(due))
            if residents:
                pass_ = street_pass.begin(session, street, now=now)
                outcomes = reassessment.after_news(pass_, residents, due)
                moves.echo(pass_, outcomes)
                moves.carry_out(pass_, outcomes)
            return len(residents)
    except Exception as error:
        if connection.invalidated:
            raise
        if len(due) > 1:
            return sum(_wake(database, connection, street, {resident_id: day}, now) for resident_id, day in due.items())
        log.error("resident failed to wake", street=street, resident_id=str(*due), error=type(error).__name__)
        with database.transaction(scopes.under(street), connection) as session:
            session.execute(
                text(
                    "UPDATE resident SET failures = failures + 1, retry_at = :retry"
                    " WHERE street_code = :street AND resident_id = :resident"
                ),
                {"street": street, "resident": next(iter(due)), "retry": clock.real_now() + timedelta(minutes=1)},
            )
        return 0
