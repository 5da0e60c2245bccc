"""Follow-ups (四（五）, A28): what a visit found as risk or urgent, the street advisor looks at again within a limit.

Follow-up duties ride on the street advisor's own `follow_up` task, one open task a resident; a visit of the street
advisor settles them, or the task is completed with its result.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.duties import history
from core.duties import rows as duty_rows
from core.duties.rows import DUTIES, Duty
from core.policy.street_pass import StreetPass
from core.residents import found
from core.residents.standing import Standing
from core.store.words import Closing, TaskKind, TaskState
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.casework.codes import Dimension
from rules.duties import DutyKind, DutyState, Limit, Owed
from rules.facts import Tier

# What the street advisor still has to look at again.
_OPEN: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'follow_up' AND state = 'open' ORDER BY due_on, duty_id"
)


def found_risk(dimensions: Mapping[str, object] | None) -> bool:
    """Whether a look at any of the dimensions (四（二）) found something to look at again, complete or not (B1)."""
    return bool(found.alarming(dimensions))


def is_complete(dimensions: Mapping[str, object] | None) -> bool:
    """Whether every one of the six dimensions was looked at (A19)."""
    return all((dimensions or {}).get(name) for name in Dimension)


def raise_for(pass_: StreetPass, residents: Sequence[Standing], visit_id: UUID, service_date: date) -> list[UUID]:
    """A follow-up of each resident whose visit found a risk; returns the tasks that hold them."""
    if not residents:
        return []
    ids = [resident.resident_id for resident in residents]
    desk = Desk(pass_, ids)
    limit = pass_.rulebook.parameter("follow_up_days", pass_.today)
    due_on = service_date + timedelta(days=int(limit.value))
    tasks = {task.resident_id: task for task in _open_tasks(pass_, ids)}
    duties = []
    for resident in residents:
        if resident.resident_id not in tasks:
            tasks[resident.resident_id] = desk.open(
                resident, TaskKind.FOLLOW_UP, due_on=due_on, why="四（五）走访发现风险隐患，请跟踪回访"
            )
        owed = Owed(
            kind=DutyKind.FOLLOW_UP,
            tier=resident.tier,
            occasion=f"visit:{visit_id}",
            period=None,
            starts_on=service_date,
            due_on=due_on,
            modes=pass_.terms.modes[Tier.GENERAL],
            limit=Limit.LOCAL,
            clause=limit.reference,
        )
        duty = duty_rows.new(resident, owed, pass_.terms, now=pass_.now)
        duty.task_id = tasks[resident.resident_id].task_id
        duties.append(duty)
    desk.write()
    history.write(pass_.session, duties, now=pass_.now)
    return [tasks[resident_id].task_id for resident_id in ids]


def settle(pass_: StreetPass, resident_ids: Sequence[UUID], service_date: date, *, visit_id: UUID | None) -> list[Duty]:
    """The street advisor looked again: what was open by then is met, or late; returns the duties that were settled.

    The residents are locked.
    """
    held = _open(pass_, resident_ids)
    settled = [duty for duty in held if duty.starts_on <= service_date]
    for duty in settled:
        duty.state = DutyState.MET if service_date <= duty.due_on else DutyState.LATE
        duty.settled_at, duty.credited_visit_id = pass_.now, visit_id
    history.write(pass_.session, settled, now=pass_.now)
    still_open = [duty for duty in held if duty.state is DutyState.OPEN]
    _close(pass_, settled, still_open, TaskState.DONE, Closing.FOLLOWED_UP)
    return settled


def let_go(pass_: StreetPass, excused: Duty) -> None:
    """Nobody need look again for this one; with the last one the task is over."""
    _close(pass_, [excused], _open(pass_, [excused.resident_id]), TaskState.CANCELLED, Closing.NOT_OWED)


def _open(pass_: StreetPass, resident_ids: Sequence[UUID]) -> list[Duty]:
    values = {"street": pass_.street, "residents": list(resident_ids)}
    return DUTIES.read(pass_.session.execute(_OPEN, values))


def _close(
    pass_: StreetPass, settled: Iterable[Duty], still_open: Iterable[Duty], state: TaskState, because: Closing
) -> None:
    """Close the tasks whose last follow-up was settled."""
    still_needed = {duty.task_id for duty in still_open}
    over = {duty.task_id: duty.resident_id for duty in settled if duty.task_id not in still_needed}
    if not over:
        return
    desk = Desk(pass_, over.values())
    for task in _open_tasks(pass_, over.values()):
        if task.task_id in over:
            desk.close(task, state, because)
    desk.write()


def _open_tasks(pass_: StreetPass, resident_ids: Iterable[UUID]) -> list[Task]:
    found = task_rows.open_of(pass_.session, pass_.street, resident_ids)
    return [task for task in found if task.kind is TaskKind.FOLLOW_UP]
