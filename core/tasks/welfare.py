"""Two closed doors in a row: somebody looks after the person (A18)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import AttemptOutcome, Closing, TaskKind, TaskState
from core.tasks import rows as task_rows
from core.tasks.desk import Desk


class _Door(NamedTuple):
    """How going to somebody ended; `task_id` is the task it was for, a visit's the visit task of that time."""

    resident_id: UUID
    task_id: UUID | None
    outcome: str
    day: date
    at: datetime


# How going to some residents ended, of attempts and visits alike; that nobody answered a call says nothing about them.
_DOORS: Final = text(
    'SELECT resident_id, task_id, outcome, "on" AS day, created_at AS at FROM attempt'
    " WHERE street_code = :street AND resident_id = ANY(:residents)"
    " UNION ALL SELECT v.resident_id, t.task_id, CASE WHEN v.met THEN 'met' ELSE 'not_home' END, v.service_date,"
    " v.entered_at FROM visit_resident v LEFT JOIN task t ON t.street_code = v.street_code"
    "  AND t.resident_id = v.resident_id AND t.kind = 'visit' AND t.created_at <= v.entered_at"
    "  AND (t.closed_at IS NULL OR t.closed_at >= v.entered_at)"
    " WHERE v.street_code = :street AND v.resident_id = ANY(:residents) AND (v.met OR v.mode = 'home_visit')"
    "  AND NOT v.voided AND v.merged_into IS NULL ORDER BY day, at"
)
_CHECKS: Final = text(
    "SELECT task_id, resident_id, state, created_at, closed_at FROM task"
    " WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'welfare_check' AND state IN ('open', 'done')"
)


def check(pass_: StreetPass, residents: Sequence[Standing]) -> list[UUID]:
    """Raise a welfare check for each resident to whose door somebody went in vain too often; returns the new tasks.

    Counted are home visits in a row, on different days of one task; a check that was settled starts the count anew.
    """
    needed = int(pass_.rulebook.parameter("not_home_before_welfare_check", pass_.today).value)
    values = {"street": pass_.street, "residents": [resident.resident_id for resident in residents]}
    doors = _doors(pass_, values)
    alarming = {resident_id for resident_id, gone_to in doors.items() if _in_vain(gone_to) >= needed}
    if not alarming:
        return []
    # Nobody looks for the dead (A23).
    alarming.difference_update(resident.resident_id for resident in residents if resident.died_on is not None)
    for row in pass_.session.execute(_CHECKS, values).all():
        since = [door for door in doors[row.resident_id] if row.closed_at and _is_after(door, row.closed_at)]
        if _in_vain(since) < needed:
            alarming.discard(row.resident_id)
    desk = Desk(pass_, alarming)
    opened = [
        desk.open(
            resident,
            TaskKind.WELFARE_CHECK,
            due_on=pass_.calendar.shift(pass_.today, 1),
            why="连续两次未遇，请确认居民安好",
            subject="not_home",
        )
        for resident in residents
        if resident.resident_id in alarming
    ]
    desk.write()
    return [task.task_id for task in opened]


def withdraw(pass_: StreetPass, residents: Sequence[Standing]) -> None:
    """Nobody need look after somebody because of visits that were not so: such a check was never raised."""
    needed = int(pass_.rulebook.parameter("not_home_before_welfare_check", pass_.today).value)
    values = {"street": pass_.street, "residents": [resident.resident_id for resident in residents]}
    checks = pass_.session.execute(_CHECKS, values).all()
    raised = [check for check in checks if check.state == TaskState.OPEN]
    if not raised:
        return
    doors = _doors(pass_, values)
    groundless = set()
    for check in raised:
        settled = [
            other.closed_at
            for other in checks
            if other.resident_id == check.resident_id and other.closed_at and other.closed_at <= check.created_at
        ]
        known = [
            door
            for door in doors[check.resident_id]
            if door.at <= check.created_at and all(_is_after(door, settled_at) for settled_at in settled)
        ]
        if _in_vain(known) < needed:
            groundless.add(check.task_id)
    if not groundless:
        return
    desk = Desk(pass_, ())
    for task in task_rows.open_of(pass_.session, pass_.street, [resident.resident_id for resident in residents]):
        if task.task_id in groundless:
            desk.close(task, TaskState.CANCELLED, Closing.VISIT_CORRECTED)
    desk.write()


def _doors(pass_: StreetPass, values: Mapping[str, object]) -> dict[UUID, list[_Door]]:
    found: dict[UUID, list[_Door]] = defaultdict(list)
    for row in pass_.session.execute(_DOORS, values):
        found[row.resident_id].append(_Door(*row))
    return found


def _is_after(door: _Door, settled_at: datetime) -> bool:
    """Whether somebody went since a check was settled, and did not only write it up later."""
    return door.at > settled_at and door.day >= clock.today(settled_at)


def _in_vain(doors: Iterable[_Door]) -> int:
    """On how many days in a row, up to the last, nobody was at home; of the task where they were most."""
    days: dict[UUID | None, set[date]] = defaultdict(set)
    for door in doors:
        match door.outcome:
            case AttemptOutcome.NOT_HOME:
                days[door.task_id].add(door.day)
            case "met":
                # Whatever it was for: somebody saw them.
                days.clear()
            case _:
                days.pop(door.task_id, None)
    return max(map(len, days.values()), default=0)
