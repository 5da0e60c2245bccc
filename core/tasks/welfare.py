"""Two closed doors in a row: somebody looks after the person (A18)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import AttemptOutcome, Closing, TaskKind, TaskState
from core.tasks import rows as task_rows
from core.tasks.desk import Desk

# How the latest contacts with some residents ended, of visits and attempts alike.
_LATEST: Final = text(
    "SELECT resident_id, outcome FROM ("
    " SELECT resident_id, outcome, row_number() OVER (PARTITION BY resident_id ORDER BY day DESC, at DESC) AS place"
    ' FROM (SELECT resident_id, outcome, "on" AS day, created_at AS at FROM attempt'
    "  WHERE street_code = :street AND resident_id = ANY(:residents)"
    " UNION ALL SELECT resident_id, CASE WHEN met THEN 'met' ELSE 'not_home' END, service_date, entered_at"
    "  FROM visit_resident WHERE street_code = :street AND resident_id = ANY(:residents) AND NOT voided"
    "  AND merged_into IS NULL) AS contacts) AS ranked WHERE place <= :needed"
)
_LOOKED_AFTER: Final = text(
    "SELECT resident_id FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'welfare_check' AND state = 'open'"
)

# The open checks of some residents, and how the latest contacts that still stand had ended when each was raised.
_RAISED: Final = text(
    "SELECT task_id, outcome FROM ("
    " SELECT t.task_id, c.outcome, row_number() OVER (PARTITION BY t.task_id ORDER BY c.day DESC, c.at DESC) AS place"
    " FROM task t LEFT JOIN ("
    '  SELECT street_code, resident_id, outcome, "on" AS day, created_at AS at FROM attempt'
    "   WHERE street_code = :street AND resident_id = ANY(:residents)"
    "  UNION ALL SELECT street_code, resident_id, CASE WHEN met THEN 'met' ELSE 'not_home' END, service_date,"
    "   entered_at FROM visit_resident WHERE street_code = :street AND resident_id = ANY(:residents) AND NOT voided"
    "   AND merged_into IS NULL) AS c"
    " ON c.street_code = t.street_code AND c.resident_id = t.resident_id AND c.at <= t.created_at"
    " WHERE t.street_code = :street AND t.resident_id = ANY(:residents) AND t.kind = 'welfare_check'"
    " AND t.state = 'open') AS ranked WHERE place <= :needed"
)


def check(pass_: StreetPass, residents: Sequence[Standing]) -> list[UUID]:
    """Raise a welfare check for each resident whose latest contacts were all `not_home`; returns the new tasks."""
    needed = int(pass_.rulebook.parameter("not_home_before_welfare_check", pass_.today).value)
    values = {"street": pass_.street, "residents": [resident.resident_id for resident in residents]}
    outcomes: dict[UUID, list[str]] = defaultdict(list)
    for row in pass_.session.execute(_LATEST, {**values, "needed": needed}):
        outcomes[row.resident_id].append(row.outcome)
    alarming = {
        resident_id
        for resident_id, latest in outcomes.items()
        if len(latest) == needed and set(latest) == {AttemptOutcome.NOT_HOME}
    }
    if not alarming:
        return []
    alarming.difference_update(pass_.session.execute(_LOOKED_AFTER, values).scalars())
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
    """Nobody need look after somebody because of visits that were not so: such a check was never raised (A18)."""
    needed = int(pass_.rulebook.parameter("not_home_before_welfare_check", pass_.today).value)
    ids = [resident.resident_id for resident in residents]
    outcomes: dict[UUID, list[str | None]] = defaultdict(list)
    for row in pass_.session.execute(_RAISED, {"street": pass_.street, "residents": ids, "needed": needed}):
        outcomes[row.task_id].append(row.outcome)
    groundless = {
        task_id
        for task_id, latest in outcomes.items()
        if len(latest) < needed or set(latest) != {AttemptOutcome.NOT_HOME}
    }
    if not groundless:
        return
    desk = Desk(pass_, ids)
    for task in task_rows.open_of(pass_.session, pass_.street, ids):
        if task.task_id in groundless:
            desk.close(task, TaskState.CANCELLED, Closing.VISIT_CORRECTED)
    desk.write()
