"""A task with its resident, committee and assignee as a list reads them: one row, one join, written once."""

from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID


class Listed(NamedTuple):
    """What a list reads of a task; of its resident nothing where the reader may not know who it is."""

    street_code: str
    task_id: UUID
    kind: str
    subject: str
    state: str
    tier: str
    due_on: date
    planned_on: date | None
    why: str
    assigned_because: list[str]
    escalation_level: int
    assignee_id: UUID | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str | None
    batch_id: UUID | None
    committee_code: str
    committee_name: str
    assignee_name: str | None
    resident_id: UUID
    name: str | None
    household: str | None
    address: bytes | None
    rules: list[str] | None
    paired_user_id: UUID | None


_ELSEWHERE: Final = {
    "committee_name": "c.name",
    "assignee_name": "u.name",
    "name": "r.name",
    "household": "r.household",
    "address": "r.address",
    "rules": "r.rules",
    "paired_user_id": "r.paired_user_id",
}
COLUMNS: Final = ", ".join(f"{_ELSEWHERE.get(name, f't.{name}')} AS {name}" for name in Listed._fields)
# Whoever may claim a task sees it before they may see whose it is.
FROM: Final = (
    " FROM task t LEFT JOIN resident r ON r.street_code = t.street_code AND r.resident_id = t.resident_id"
    " JOIN committee c ON c.code = t.committee_code LEFT JOIN user_account u ON u.user_id = t.assignee_id"
    " WHERE t.street_code = ANY(:streets) AND r.moved_to IS NULL"
)
