"""What is known already about the people of a file: where they live, what stands by a source's word, who spoke last."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.alerts.directory import Place
from core.imports.event_data import FactData
from core.organisation.streets import Divisions
from core.residents import fact_log
from rules.facts import fact_dict
from rules.history import fold


def standing(session: Session, places: Iterable[Place], source: str, *, before: datetime) -> dict[UUID, list[FactData]]:
    """The facts of some people, ended or not, that a source was the last to state."""
    logs = fact_log.entries_by_home(session, {place.resident_id: place.street for place in places})
    return {
        resident_id: [
            cast(FactData, fact_dict(fact))
            for fact in fold(entry for entry in entries if entry.event_at < before).facts
            if fact.source == source
        ]
        for resident_id, entries in logs.items()
    }


def committees(session: Session, resident_ids: set[UUID], divisions: Divisions) -> dict[UUID, str]:
    rows = session.execute(
        text(
            "SELECT resident_id, committee_code FROM resident WHERE street_code = ANY(:streets)"
            " AND resident_id = ANY(:ids) AND moved_to IS NULL"
        ),
        {"streets": list(divisions.codes), "ids": list(resident_ids)},
    )
    return {row.resident_id: row.committee_code for row in rows}


def streets(session: Session, resident_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        text("SELECT resident_id, street_code FROM directory WHERE resident_id = ANY(:ids)"),
        {"ids": list(resident_ids)},
    )
    return {row.resident_id: row.street_code for row in rows}


def latest(session: Session, resident_ids: Sequence[UUID], divisions: Divisions) -> dict[UUID, UUID]:
    """The last word, whoever said it, on whether some people are in the register."""
    rows = session.execute(
        text(
            "SELECT DISTINCT ON (resident_id) resident_id, alert_id FROM alert WHERE street_code = ANY(:streets)"
            " AND resident_id = ANY(:ids) AND status IN ('accepted', 'processed')"
            " AND type IN ('resident.registered', 'resident.left', 'resident.died')"
            " ORDER BY resident_id, event_at DESC, source DESC, event_id DESC"
        ),
        {"streets": list(divisions.codes_and_districts), "ids": list(resident_ids)},
    )
    return {row.resident_id: row.alert_id for row in rows}
