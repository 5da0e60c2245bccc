"""A person who moves to another street is closed in one and opened in the other, facts and credits included (A23)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import directory
from core.duties.owing import Row
from core.policy import chains, rulebooks
from core.residents import standing
from core.residents.standing import Standing
from core.tasks import assignment, reconcile, visit_tasks
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
    " merged_into, approved_on, voided"
)


# What is due from the move on is the new street's, and so is a response that nobody has given yet.
_GOES_ALONG = "(due_on >= :on OR (kind = 'response' AND state = 'open'))"


def _taken_over(columns: str) -> str:
    return ", ".join(f"{column} = EXCLUDED.{column}" for column in columns.split(", "))


def carry_out(session: Session, street: str, outcomes: Mapping[UUID, reconcile.Outcome], *, now: datetime) -> None:
    """Carry out the moves to other streets that came out due."""
    today = clock.today(now)
    for resident_id, outcome in outcomes.items():
        if outcome.move is not None:
            left = _carry(session, street, resident_id, outcome.move, today, now=now)
            [arrived] = standing.lock(session, outcome.move.to_street, [resident_id])
            since = min(today, max(outcome.move.on, outcome.known_since))
            reconcile.after_news(session, outcome.move.to_street, [arrived], {resident_id: since}, now=now)
            _take_up(session, arrived, left, now=now)


def _take_up(session: Session, resident: Standing, left: Sequence[Row], *, now: datetime) -> None:
    """Go on in the new street with what is about the person rather than about their duties."""
    if not left:
        return
    street, today = resident.street_code, clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    roster = assignment.Roster.shared(session, street, calendar, today=today)
    chain = chains.of_street(session, street, rulebook, today=today)
    rows = [
        visit_tasks.new_row(
            resident,
            task["kind"],
            subject=task["subject"],
            why=task["why"],
            due_on=task["due_on"],
            choice=roster.choose(resident.committee_code, task["due_on"]),
            chain=chain,
            calendar=calendar,
            now=now,
        )
        for task in left
    ]
    visit_tasks.open_all(session, rows, now=now)


def _carry(session: Session, street: str, resident_id: UUID, move: Move, today: date, *, now: datetime) -> list[Row]:
    """Copy the rows of a person into their new street and close the old ones; returns what is to be taken up there.

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
        "kinds": [kind for kind in visit_tasks.OF_COMMITTEE if kind != "visit"],
    }
    person = "street_code = :street AND resident_id = :resident"
    # Somebody who comes back finds their old rows here: what went along with them and came back replaces them.
    for table in _HISTORY:
        session.execute(text(f"DELETE FROM {table} WHERE street_code = :to AND resident_id = :resident"), key)
    session.execute(
        text(
            f"INSERT INTO resident (street_code, committee_code, opened_on, failures, {_RESIDENT})"
            f" SELECT :to, :committee, :on, 0, {_RESIDENT} FROM resident WHERE {person}"
            " ON CONFLICT (street_code, resident_id) DO UPDATE SET committee_code = :committee, moved_to = NULL,"
            f" moved_on = NULL, opened_on = :on, {_taken_over(_RESIDENT)}"
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
            " ON CONFLICT (street_code, visit_id, resident_id) DO UPDATE SET voided = EXCLUDED.voided,"
            " merged_into = EXCLUDED.merged_into"
        ),
        key,
    )
    session.execute(
        text(
            f"INSERT INTO duty (street_code, carried, {_DUTY}) SELECT :to, NOT {_GOES_ALONG}, {_DUTY} FROM duty"
            f" WHERE {person} ON CONFLICT (street_code, duty_id) DO UPDATE SET carried = EXCLUDED.carried,"
            f" task_id = NULL, {_taken_over(_DUTY)} WHERE duty.state = 'cancelled' AND duty.reason = 'moved'"
        ),
        key,
    )
    session.execute(
        text(
            f"UPDATE duty SET state = 'cancelled', reason = 'moved', settled_at = :now WHERE {person} AND {_GOES_ALONG}"
        ),
        key,
    )
    left = session.execute(
        text(
            f"SELECT kind, subject, why, due_on FROM task WHERE {person} AND state = 'open'"
            " AND kind = ANY(:kinds) ORDER BY task_id"
        ),
        key,
    ).mappings()
    taken_up = [dict(row) for row in left]
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
    return taken_up
