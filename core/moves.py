"""A person who moves to another street is closed in one and opened in the other, facts and credits included (A23)."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock, directory, reconcile
from rules.history import Move

# Copied as they stand: the log, the decisions, the visits. (table, columns beside street_code)
_HISTORY = {
    "fact_entry": "entry_id, resident_id, event_at, source, event_id, type, entry, recorded_at",
    "decision": "decision_id, resident_id, from_on, recorded_at, tier, tier_before, rules, policy_id, policy_version,"
    " coverage_version, next_change_on, superseded_at",
}
_DUTY = (
    'duty_id, resident_id, kind, tier, occasion, period, starts_on, due_on, modes, "limit", clause, state, reason,'
    " credited_visit_id, late_entry, made_up_on, policy_id, policy_version, coverage_version, created_at, settled_at,"
    " excuse"
)
_RESIDENT = (
    "resident_id, name, birth_date, sex, household, relation, id_number, phone, address, person_key, tier, rules,"
    " decided_on, wake_on, died_on, details_at, created_at"
)
_VISIT = "visit_id, service_date, mode, form, digest, answer, recorded_by, recorded_at, voided_at, void_reason"
_VISIT_RESIDENT = (
    "visit_id, resident_id, service_date, mode, met, initiated_by, role, dimensions_done, visitor_id, entered_at,"
    " merged_into, voided"
)


def carry_out(session: Session, street: str, outcomes: Mapping[UUID, reconcile.Outcome], *, now: datetime) -> None:
    """Carry out the moves to other streets that came out due."""
    today = clock.today(now)
    for resident_id, outcome in outcomes.items():
        if outcome.move is not None:
            _carry(session, street, resident_id, outcome.move, today, now=now)
            [arrived] = reconcile.lock(session, outcome.move.to_street, [resident_id])
            reconcile.after_news(session, outcome.move.to_street, [arrived], {resident_id: today}, now=now)


def _carry(session: Session, street: str, resident_id: UUID, move: Move, today: date, *, now: datetime) -> None:
    """Copy the rows of a person into their new street and close the old ones.

    The street that is responsible on a period's last day owes it: duties due from the move on go along, those that
    closed before stay in the old street's reports and are carried as history only.
    """
    key = {
        "street": street,
        "to": move.to_street,
        "resident": resident_id,
        "committee": move.to_committee,
        "on": move.on,
        "today": today,
        "now": now,
    }
    person = "street_code = :street AND resident_id = :resident"
    # Somebody who comes back finds their old rows here: what went along with them and came back replaces them.
    for table in _HISTORY:
        session.execute(text(f"DELETE FROM {table} WHERE street_code = :to AND resident_id = :resident"), key)
    session.execute(
        text(
            "DELETE FROM duty WHERE street_code = :to AND resident_id = :resident AND duty_id IN"
            f" (SELECT duty_id FROM duty WHERE {person}) AND duty_id NOT IN"
            " (SELECT duty_id FROM credit WHERE street_code = :to AND resident_id = :resident)"
        ),
        key,
    )
    session.execute(
        text(
            f"INSERT INTO resident (street_code, committee_code, opened_on, failures, {_RESIDENT})"
            f" SELECT :to, :committee, :on, 0, {_RESIDENT} FROM resident WHERE {person}"
            " ON CONFLICT (street_code, resident_id) DO UPDATE SET committee_code = :committee, moved_to = NULL,"
            " moved_on = NULL, opened_on = :on, name = EXCLUDED.name, id_number = EXCLUDED.id_number,"
            " phone = EXCLUDED.phone, address = EXCLUDED.address, tier = EXCLUDED.tier, rules = EXCLUDED.rules"
        ),
        key,
    )
    for table, columns in _HISTORY.items():
        session.execute(
            text(f"INSERT INTO {table} (street_code, {columns}) SELECT :to, {columns} FROM {table} WHERE {person}"), key
        )
    session.execute(
        text(
            f"INSERT INTO visit (street_code, {_VISIT}) SELECT :to, {_VISIT} FROM visit WHERE street_code = :street"
            f" AND visit_id IN (SELECT visit_id FROM visit_resident WHERE {person})"
            " ON CONFLICT (street_code, visit_id) DO NOTHING"
        ),
        key,
    )
    session.execute(
        text(
            f"INSERT INTO visit_resident (street_code, carried, {_VISIT_RESIDENT})"
            f" SELECT :to, true, {_VISIT_RESIDENT} FROM visit_resident WHERE {person}"
            " ON CONFLICT (street_code, visit_id, resident_id) DO NOTHING"
        ),
        key,
    )
    session.execute(
        text(
            f"INSERT INTO duty (street_code, carried, {_DUTY}) SELECT :to, due_on < :on, {_DUTY} FROM duty"
            f" WHERE {person} ON CONFLICT DO NOTHING"
        ),
        key,
    )
    session.execute(
        text(
            f"UPDATE duty SET state = 'cancelled', reason = 'moved', settled_at = :now WHERE {person} AND due_on >= :on"
        ),
        key,
    )
    session.execute(
        text(
            "UPDATE task SET state = 'cancelled', closed_because = 'moved', closed_at = :now, updated_at = :now,"
            f" next_step_at = NULL WHERE {person} AND state = 'open'"
        ),
        key,
    )
    session.execute(
        text(
            "UPDATE resident SET moved_to = :to, moved_on = :on, wake_on = NULL, paired_user_id = NULL, tier = 'none'"
            f" WHERE {person}"
        ),
        key,
    )
    directory.move(session, resident_id, move.to_street)
