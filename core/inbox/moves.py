"""A person who moves to another street is closed in one and opened in the other, facts and credits included (A23).

Rows are read whole and written whole, so that a column is carried that nobody here has heard of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.alerts import directory
from core.duties import rows as duty_rows
from core.duties.rows import DUTIES, Duty
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import standing
from core.residents.standing import Standing
from core.store import bulk
from core.store.rows import replacing
from core.store.words import Closing, DutyReason, TaskKind, TaskState
from core.tasks import assignment, reassessment
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from core.tasks.reassessment import Outcome
from core.tasks.rows import Task
from rules.duties import DutyKind, DutyState
from rules.history import Move

_PERSON: Final = "street_code = :street AND resident_id = :resident"
_DUTIES: Final = text(f"SELECT {DUTIES.columns()} FROM duty WHERE {_PERSON} ORDER BY due_on, duty_id")
_KEEPING: Final = "ON CONFLICT DO NOTHING"
_CLOSED: Final = text(
    "UPDATE resident SET moved_to = :to, moved_on = :on, wake_on = NULL, paired_user_id = NULL, tier = 'none'"
    f" WHERE {_PERSON}"
)


def carry_out(pass_: StreetPass, outcomes: Mapping[UUID, Outcome]) -> None:
    """Carry out the moves to other streets that came out due."""
    for resident_id, outcome in outcomes.items():
        if outcome.move is None:
            continue
        there = street_pass.begin(pass_.session, outcome.move.to_street, now=pass_.now)
        left = _carry(pass_, there, resident_id, outcome.move)
        [arrived] = standing.lock(there.session, there.street, [resident_id])
        since = min(there.today, max(outcome.move.on, outcome.known_since))
        reassessment.after_news(there, [arrived], {resident_id: since})
        _reopen(there, arrived, left)


def _reopen(pass_: StreetPass, resident: Standing, left: Sequence[Task]) -> None:
    """Go on in the new street with what is about the person rather than about their duties."""
    desk = Desk(pass_, [resident.resident_id])
    for task in left:
        desk.open(resident, task.kind, due_on=task.due_on, why=task.why, subject=task.subject)
    desk.write()


def _carry(here: StreetPass, there: StreetPass, resident_id: UUID, move: Move) -> list[Task]:
    """Copy the rows of a person into their new street and close the old ones; returns what is to be taken up there."""
    _copy_register(here, there, resident_id, move)
    _copy_visits(here, there, resident_id)
    _carry_duties(here, there, resident_id, move)
    left = _close_tasks(here, resident_id)
    values = {"street": here.street, "resident": resident_id, "to": there.street, "on": move.on}
    here.session.execute(_CLOSED, values)
    directory.move(here.session, resident_id, there.street)
    return left


def _copy_register(here: StreetPass, there: StreetPass, resident_id: UUID, move: Move) -> None:
    """The person, what was said about them and what was decided."""
    # Somebody who comes back finds their old row there, and it takes over what they bring.
    [resident] = _rows(here, "resident", resident_id)
    anew: dict[str, object] = {
        "committee_code": move.to_committee,
        "opened_on": move.on,
        "moved_to": None,
        "moved_on": None,
        "paired_user_id": None,
        "failures": 0,
        "retry_at": None,
    }
    _write(there, "resident", [{**resident, **anew}], on_conflict=replacing("resident"))
    # History is only added to: what is there already stays, but for a decision that was superseded since.
    _write(there, "fact_entry", _rows(here, "fact_entry", resident_id), on_conflict=_KEEPING)
    decisions = _rows(here, "decision", resident_id)
    superseded = [
        {
            "street_code": there.street,
            "decision_id": decision["decision_id"],
            "superseded_at": decision["superseded_at"],
        }
        for decision in decisions
        if decision["superseded_at"] is not None
    ]
    bulk.update(
        there.session,
        "decision",
        superseded,
        key=("street_code", "decision_id"),
        where="AND decision.superseded_at IS NULL",
    )
    _write(there, "decision", decisions, on_conflict=_KEEPING)


def _copy_visits(here: StreetPass, there: StreetPass, resident_id: UUID) -> None:
    """The visits a person was at, whose forms may be about others too."""
    at = f"street_code = :street AND visit_id IN (SELECT visit_id FROM visit_resident WHERE {_PERSON})"
    forms = _rows(here, "visit", resident_id, where=at)
    _write(there, "visit", forms, on_conflict=_KEEPING)
    shares = [{**share, "carried": True} for share in _rows(here, "visit_resident", resident_id)]
    # What was recorded there in the first place and comes back is none that was carried: that never changes.
    _write(there, "visit_resident", shares, on_conflict=replacing("visit_resident"))


def _rows(pass_: StreetPass, table: str, resident_id: UUID, *, where: str = _PERSON) -> list[dict[str, object]]:
    """All columns of the rows about a person."""
    values = {"street": pass_.street, "resident": resident_id}
    return [{**row} for row in pass_.session.execute(text(f"SELECT * FROM {table} WHERE {where}"), values).mappings()]


def _write(pass_: StreetPass, table: str, rows: Sequence[Mapping[str, object]], *, on_conflict: str = "") -> None:
    taken = [{**row, "street_code": pass_.street} for row in rows]
    bulk.insert(pass_.session, table, taken, on_conflict=on_conflict)


def _carry_duties(here: StreetPass, there: StreetPass, resident_id: UUID, move: Move) -> None:
    """The street that is responsible on a period's last day owes it.

    Duties due from the move on go along, and so does a response that nobody has given yet; those that closed before
    stay in the old street's reports and are carried as history only.
    """
    ours = _duties(here, resident_id)
    known = {duty.duty_id: duty for duty in _duties(there, resident_id)}
    taken: list[Duty] = []
    for duty in ours:
        goes_along = duty.due_on >= move.on or (duty.kind is DutyKind.RESPONSE and duty.state is DutyState.OPEN)
        before = known.get(duty.duty_id)
        if before is None or (before.state is DutyState.CANCELLED and before.reason == DutyReason.MOVED):
            stored = before.stored if before else None
            taken.append(replace(duty, street_code=there.street, task_id=None, carried=not goes_along, stored=stored))
        if goes_along:
            duty.state, duty.reason, duty.settled_at = DutyState.CANCELLED, DutyReason.MOVED, here.now
    duty_rows.write(there.session, taken)
    duty_rows.write(here.session, ours)


def _duties(pass_: StreetPass, resident_id: UUID) -> list[Duty]:
    found = pass_.session.execute(_DUTIES, {"street": pass_.street, "resident": resident_id})
    return DUTIES.read(found)


def _close_tasks(pass_: StreetPass, resident_id: UUID) -> list[Task]:
    """Nothing is left to do here; returns what is about the person rather than about their duties."""
    desk = Desk(pass_, [resident_id])
    tasks = task_rows.open_of(pass_.session, pass_.street, [resident_id])
    for task in tasks:
        desk.close(task, TaskState.CANCELLED, Closing.MOVED)
    desk.write()
    return [task for task in tasks if assignment.is_of_committee(task.kind) and task.kind is not TaskKind.VISIT]
