"""Which steps of which chains have fired. Nothing here writes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.roles import May
from core.organisation.users import User

# Where the next page begins: fired_at, task, level.
After = tuple[datetime, UUID, int]


def page(
    session: Session,
    *,
    by: User,
    task_id: UUID | None,
    street: str | None,
    level: int | None,
    after: After | None,
    limit: int,
) -> list[dict[str, object]]:
    """Steps that fired, in order; one more than `limit` when there are more."""
    by.require(May.READ_ESCALATIONS)
    values: dict[str, object] = {
        "streets": [mine for mine in by.streets if street in (None, mine)],
        "task": task_id,
        "level": level,
        "limit": limit + 1,
    }
    where = ""
    if task_id is not None:
        where += " AND e.task_id = :task"
    if level is not None:
        where += " AND e.level = :level"
    if by.committees is not None:
        where += " AND t.committee_code = ANY(:committees)"
        values["committees"] = list(by.committees)
    if after is not None:
        where += " AND (e.fired_at, e.task_id, e.level) > (:fired_at, :after_task, :after_level)"
        values.update(fired_at=after[0], after_task=after[1], after_level=after[2])
    # The join keeps other committees out: row-level security knows the committee of a task, not of a step.
    rows = session.execute(
        text(
            'SELECT e.task_id, e.resident_id, e.street_code AS street, e.level, e.action, e."to", e.note, e.due_at,'
            " e.fired_at FROM escalation e JOIN task t ON t.street_code = e.street_code AND t.task_id = e.task_id"
            # Of people who moved the steps are told where they live now.
            " JOIN resident r ON r.street_code = e.street_code AND r.resident_id = e.resident_id"
            f" WHERE e.street_code = ANY(:streets) AND t.street_code = ANY(:streets)"
            f" AND r.street_code = ANY(:streets) AND r.moved_to IS NULL{where}"
            " ORDER BY e.fired_at, e.task_id, e.level LIMIT :limit"
        ),
        values,
    ).mappings()
    return [dict(row) for row in rows]
