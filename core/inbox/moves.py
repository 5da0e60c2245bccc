"""A person who moves to another street is closed in one and opened in the other, facts and credits included (A23).

Rows are read whole and written whole, so that a column is carried that nobody here has heard of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from sqlalchemy import text

from core.alerts import directory
from core.duties import history
from core.duties.rows import DUTIES, Duty
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import standing
from core.residents.standing import Standing
from core.store import bulk
from core.store.rows import replacing
from core.store.words import Closing, DutyReason, TaskKind, TaskState
from core.tasks import decision_tasks, follow_ups, reassessment
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from core.tasks.reassessment import Outcome
from core.tasks.rows import Task
from rules.duties import DutyKind, DutyState
from rules.facts import Tier
from rules.history import Move

_PEOPLE: Final = "street_code = :street AND resident_id = ANY(:residents)"
_DUTIES: Final = text(f"SELECT {DUTIES.columns()} FROM duty WHERE {_PEOPLE} ORDER BY due_on, duty_id")
_KEEPING: Final = "ON CONFLICT DO NOTHING"

# The periods as they stand where they closed.
_ORIGINALS: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code <> :street AND duty_id = ANY(:duties) AND NOT carried"
)
_ECHOED: Final = (
    "state",
    "reason",
    "credited_visit_id",
    "late_entry",
    "face_to_face",
    "made_up_on",
    "made_up_visit_id",
    "settled_at",
    "excuse",
)

_TAKEN: Final = text(f"DELETE FROM alert WHERE {_PEOPLE} AND status <> 'accepted' RETURNING *")

# Where each person goes, and from when on.
Moves = Mapping[UUID, Move]


def carry_out(pass_: StreetPass, outcomes: Mapping[UUID, Outcome]) -> None:
    """Carry out the moves to other streets that came out due, all into one street together."""
    by_street: dict[str, dict[UUID, Move]] = defaultdict(dict)
    for resident_id, outcome in outcomes.items():
        if outcome.move is not None:
            by_street[outcome.move.to_street][resident_id] = outcome.move
    for street, moves in by_street.items():
        there = street_pass.begin(pass_.session, street, now=pass_.now)
        left = carry(pass_, there, moves)
        arrived = standing.lock(there.session, there.street, moves)
        since = {
            resident_id: min(there.today, max(move.on, outcomes[resident_id].known_since))
            for resident_id, move in moves.items()
        }
        reassessment.after_news(there, arrived, since)
        _reopen(there, arrived, left)


def _reopen(pass_: StreetPass, arrived: Sequence[Standing], left: Sequence[Task]) -> None:
    """Go on in the new street with what is about the people rather than about their duties."""
    residents = {resident.resident_id: resident for resident in arrived}
    desk = Desk(pass_, residents)
    opened = [
        desk.open(residents[task.resident_id], task.kind, due_on=task.due_on, why=task.why, subject=task.subject)
        for task in left
    ]
    desk.write()
    follow_ups.take_up(pass_, opened)


def carry(here: StreetPass, there: StreetPass, moves: Moves) -> list[Task]:
    """Copy the rows of some people into their new street, close the old ones; returns what is to be taken up there."""
    _copy_register(here, there, moves)
    _copy_visits(here, there, moves)
    _carry_duties(here, there, moves)
    left = _close_tasks(here, moves)
    _copy_work(here, there, moves)
    _take_alerts(here, there, moves)
    closed: dict[str, object] = {
        "street_code": here.street,
        "moved_to": there.street,
        "wake_on": None,
        "paired_user_id": None,
        "tier": Tier.NONE,
    }
    rows = [{**closed, "resident_id": resident_id, "moved_on": move.on} for resident_id, move in moves.items()]
    bulk.update(here.session, "resident", rows, key=("street_code", "resident_id"))
    directory.move(here.session, moves, there.street)
    return left


def _copy_register(here: StreetPass, there: StreetPass, moves: Moves) -> None:
    """The people, what was said about them and what was decided."""
    # Somebody who comes back finds their old row there, and it takes over what they bring.
    anew: dict[str, object] = {
        "moved_to": None,
        "moved_on": None,
        "merged_into": None,
        "paired_user_id": None,
        "failures": 0,
        "retry_at": None,
    }
    residents = []
    for resident in _rows(here, "resident", moves):
        move = moves[cast("UUID", resident["resident_id"])]
        residents.append({**resident, **anew, "committee_code": move.to_committee, "opened_on": move.on})
    _write(there, "resident", residents, on_conflict=replacing("resident"))
    # History is only added to: what is there already stays, but for a decision that was superseded since.
    _write(there, "fact_entry", _rows(here, "fact_entry", moves), on_conflict=_KEEPING)
    decisions = _rows(here, "decision", moves)
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


def _copy_visits(here: StreetPass, there: StreetPass, moves: Moves) -> None:
    """The visits those people were at, whose forms may be about others too."""
    at = f"visit_id IN (SELECT visit_id FROM visit_resident WHERE {_PEOPLE})"
    merged = f"merged_into IN (SELECT visit_id FROM visit_resident WHERE {_PEOPLE})"
    forms = _rows(here, "visit", moves, where=f"street_code = :street AND ({at} OR {merged})")
    _write(there, "visit", forms, on_conflict=_KEEPING)
    versions = _rows(here, "visit_version", moves, where=f"street_code = :street AND {at}")
    _write(there, "visit_version", versions, on_conflict=_KEEPING)
    shares = [{**share, "carried": True} for share in _rows(here, "visit_resident", moves)]
    # What was recorded there in the first place and comes back is none that was carried: that never changes.
    _write(there, "visit_resident", shares, on_conflict=replacing("visit_resident"))


def _copy_work(here: StreetPass, there: StreetPass, moves: Moves) -> None:
    """What was done about those people: every task is closed by now, and with its history goes into their timeline."""
    of_tasks = f"street_code = :street AND task_id IN (SELECT task_id FROM task WHERE {_PEOPLE})"
    # Who comes back finds what was done there before.
    kept = "ON CONFLICT DO NOTHING"
    _write(there, "task", _rows(here, "task", moves), on_conflict=kept)
    _write(there, "task_event", _rows(here, "task_event", moves, where=of_tasks), on_conflict=kept)
    for table in ("attempt", "escalation"):
        _write(there, table, _rows(here, table, moves), on_conflict=kept)


def _take_alerts(here: StreetPass, there: StreetPass, moves: Moves) -> None:
    """The news about them goes along under its own ids; what still waits is sent on by its drain."""
    taken = here.session.execute(_TAKEN, _named(here, moves)).mappings().all()
    _write(there, "alert", [{**alert} for alert in taken])
    receipts = [
        {"source": alert["source"], "event_id": alert["event_id"], "street_code": there.street} for alert in taken
    ]
    bulk.update(here.session, "receipt", receipts, key=("source", "event_id"))


def _named(pass_: StreetPass, moves: Moves) -> dict[str, object]:
    return {"street": pass_.street, "residents": list(moves)}


def _rows(pass_: StreetPass, table: str, moves: Moves, *, where: str = _PEOPLE) -> list[dict[str, object]]:
    """All columns of the rows about some people."""
    found = pass_.session.execute(text(f"SELECT * FROM {table} WHERE {where}"), _named(pass_, moves))
    return [{**row} for row in found.mappings()]


def _write(pass_: StreetPass, table: str, rows: Sequence[Mapping[str, object]], *, on_conflict: str = "") -> None:
    taken = [{**row, "street_code": pass_.street} for row in rows]
    bulk.insert(pass_.session, table, taken, on_conflict=on_conflict)


def _carry_duties(here: StreetPass, there: StreetPass, moves: Moves) -> None:
    """The street that is responsible on a period's last day owes it.

    Duties due from the move on go along, and so do responses and follow-ups that nobody has given yet; periods that
    closed before stay in the old street's reports. What becomes of those later is told there by `echo`.
    """
    ours = _duties(here, moves)
    known = {duty.duty_id: duty for duty in _duties(there, moves)}
    moved: list[tuple[Duty, Duty]] = []
    for duty in ours:
        move = moves[duty.resident_id]
        goes_along = duty.due_on >= move.on or (duty.kind is not DutyKind.PERIODIC and duty.state is DutyState.OPEN)
        before = known.get(duty.duty_id)
        if before is None or (before.state is DutyState.CANCELLED and before.reason == DutyReason.MOVED):
            taken = replace(
                duty,
                street_code=there.street,
                committee_code=move.to_committee if goes_along else duty.committee_code,
                task_id=None,
                carried=not goes_along,
                stored=before.stored if before else None,
            )
            moved.append((duty, taken))
        if goes_along:
            duty.state, duty.reason, duty.settled_at = DutyState.CANCELLED, DutyReason.MOVED, here.now
    history.write(here.session, ours, now=here.now)
    history.carry(there.session, moved, now=there.now)


def echo(pass_: StreetPass, outcomes: Mapping[UUID, Outcome]) -> None:
    """Tell the streets where people lived what became of the periods that closed there: a visit entered late, a death.

    Their reports count them; the people, and what is learnt about them, are here.
    """
    carried = {
        duty.duty_id: duty for outcome in outcomes.values() for duty in outcome.duties if duty.carried and duty.period
    }
    if not carried:
        return
    values = {"street": pass_.street, "duties": list(carried)}
    originals = DUTIES.read(pass_.session.execute(_ORIGINALS, values))
    for original in originals:
        duty = carried[original.duty_id]
        for name in _ECHOED:
            setattr(original, name, getattr(duty, name))
    history.write(pass_.session, originals, now=pass_.now)


def _duties(pass_: StreetPass, moves: Moves) -> list[Duty]:
    return DUTIES.read(pass_.session.execute(_DUTIES, _named(pass_, moves)))


def _close_tasks(pass_: StreetPass, moves: Moves) -> list[Task]:
    """Nothing is left to do here; returns what goes on there. Visits and questions about them or facts arise anew."""
    desk = Desk(pass_, moves)
    tasks = task_rows.open_of(pass_.session, pass_.street, moves)
    for task in tasks:
        desk.close(task, TaskState.CANCELLED, Closing.MOVED)
    desk.write()
    return [task for task in tasks if task.kind is not TaskKind.VISIT and not decision_tasks.arises_anew(task)]
