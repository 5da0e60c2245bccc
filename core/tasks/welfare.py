"""Two closed doors in a row: somebody looks after the person (A18)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.store.words import AttemptOutcome, TaskKind
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
    # Nobody looks for the dead (A23).
    alarming.difference_update(resident.resident_id for resident in residents if resident.died_on is not None)
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
