"""Open tasks that somebody has to let go of: to whom each goes, and why; worked out first, then written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.organisation import users
from core.policy import rulebooks
from core.store import bulk
from core.store.database import Scope, widened
from core.tasks import assignment, visit_tasks
from core.tasks.assignment import OF_COMMITTEE, Roster

Row = Mapping[str, Any]
COLUMNS = (
    "t.street_code, t.task_id, t.resident_id, t.committee_code, t.kind, t.due_on, t.planned_on, t.assignee_id,"
    " t.assigned_because, r.paired_user_id"
)


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of one task; `reason` says why it stays with whom it is."""

    task: Row
    user_id: UUID | None
    because: tuple[str, ...]
    planned_on: date | None
    reason: str | None = None

    @property
    def stays(self) -> bool:
        """Whether it keeps its assignee."""
        return bool(self.user_id == self.task["assignee_id"])


def held(session: Session, street: str, user_id: UUID, *, lock: bool = True) -> list[Row]:
    """The open tasks of a user, most urgent first; with `lock` nobody else changes them until the end."""
    # Locked in the one order in which everybody locks tasks, and only then sorted.
    rows = session.execute(
        text(
            f"SELECT {COLUMNS} FROM task t JOIN resident r USING (street_code, resident_id)"
            " WHERE t.street_code = :street AND t.assignee_id = :user AND t.state = 'open' ORDER BY t.task_id"
            + (" FOR UPDATE OF t" if lock else "")
        ),
        {"street": street, "user": user_id},
    ).mappings()
    return sorted((dict(row) for row in rows), key=lambda row: (row["due_on"], row["task_id"]))


class Placing:
    """One pass over some tasks of a street: everybody's days, pairings and recusals are read once."""

    def __init__(self, session: Session, street: str, rows: Sequence[Row], *, now: datetime) -> None:
        today = clock.today(now)
        self.roster = Roster(session, street, rulebooks.calendar(session), today=today)
        self._visitors, self._recused = assignment.preferences(session, street, [row["resident_id"] for row in rows])

    def anew(self, row: Row, *, without: UUID) -> Placement:
        """As a new task would be given, but not to one of them."""
        resident = row["resident_id"]
        barred = {*self._recused.get(resident, ()), without}
        self._lift(row)
        if row["kind"] in OF_COMMITTEE:
            choice = self.roster.choose(
                row["committee_code"],
                row["due_on"],
                paired=row["paired_user_id"],
                last_visitor=self._visitors.get(resident),
                recused=barred,
            )
        else:
            choice = self.roster.choose_advisor(row["due_on"], recused=barred)
        return Placement(row, choice.user_id, choice.because, choice.planned_on)

    def to(self, row: Row, user_id: UUID, because: tuple[str, ...]) -> Placement:
        """To one certain person, unless something forbids it."""
        forbidden = self._forbidden(row, user_id)
        if forbidden is not None:
            return self.keep(row, forbidden)
        planned_on = row["planned_on"]
        if row["kind"] == "visit":
            self._lift(row)
            planned_on = self.roster.plan(user_id, row["committee_code"], row["due_on"])
        return Placement(row, user_id, because, planned_on)

    def keep(self, row: Row, reason: str | None) -> Placement:
        """As it is."""
        return Placement(row, row["assignee_id"], tuple(row["assigned_because"]), row["planned_on"], reason)

    def moved_within(self, row: Row, user_id: UUID) -> Placement | None:
        """On a day of its window on which its visitor is there; None when there is none."""
        candidate = self.roster.candidate(user_id)
        present = candidate.present(self.roster.window(row["due_on"])) if candidate else ()
        if candidate is None or not present:
            return None
        if row["planned_on"] is None or not candidate.is_absent(row["planned_on"]):
            return self.keep(row, None)
        if row["kind"] == "visit":
            self._lift(row)
            day = self.roster.plan(user_id, row["committee_code"], row["due_on"])
        else:
            day = present[-1]
        return Placement(row, user_id, tuple(row["assigned_because"]), day)

    def _lift(self, row: Row) -> None:
        """What is placed anew must not stand in its own way."""
        if row["kind"] == "visit":
            self.roster.give_back(row["assignee_id"], row["committee_code"], row["planned_on"])

    def _forbidden(self, row: Row, user_id: UUID) -> str | None:
        candidate = self.roster.candidate(user_id)
        if candidate is None:
            return "outside_street"
        if user_id in self._recused.get(row["resident_id"], ()):
            return "recused"
        if row["kind"] not in OF_COMMITTEE and candidate.role != "street_advisor":
            return "role"
        if candidate.role != "street_advisor" and row["committee_code"] not in candidate.committees:
            return "outside_committee"
        if not candidate.present(self.roster.window(row["due_on"])):
            return "absent"
        return None


def write(
    session: Session,
    placements: Sequence[Placement],
    what: str,
    details: Mapping[str, Any],
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    """Give the tasks to whom they go, each with a line of history; what stays as it is is left alone."""
    changed = [one for one in placements if not one.stays or one.planned_on != one.task["planned_on"]]
    bulk.update(
        session,
        "task",
        [
            {
                "street_code": one.task["street_code"],
                "task_id": one.task["task_id"],
                "assignee_id": one.user_id,
                "assigned_because": list(one.because),
                "planned_on": one.planned_on,
                "updated_at": now,
            }
            for one in changed
        ],
        key=("street_code", "task_id"),
    )
    lines = [
        visit_tasks.event(
            one.task["street_code"],
            one.task["task_id"],
            "planned" if one.stays else what,
            {
                **details,
                "user_id": one.user_id,
                "because": list(one.because),
                "planned_on": one.planned_on,
                "before": {
                    "user_id": one.task["assignee_id"],
                    "because": one.task["assigned_because"],
                    "planned_on": one.task["planned_on"],
                },
            },
            by=by,
            now=now,
        )
        for one in changed
    ]
    bulk.insert(session, "task_event", lines)


def absence_entered(session: Session, street: str, user_id: UUID, *, by: UUID, now: datetime) -> list[dict[str, Any]]:
    """Move the visits of somebody who will be away: to another day while one is left in time, else to somebody else."""
    with widened(session, Scope(streets=(street,), committees=None)):
        rows = held(session, street, user_id)
        placing = Placing(session, street, rows, now=now)
        found = [placing.moved_within(row, user_id) or placing.anew(row, without=user_id) for row in rows]
        write(session, found, "assigned", {"reason": "absence"}, by=by, now=now)
        return _told(session, found)


def taken_away(
    session: Session,
    street: str,
    user_id: UUID,
    reason: str,
    *,
    resident_id: UUID | None = None,
    outside: Sequence[str] | None = None,
    by: UUID,
    now: datetime,
) -> list[dict[str, Any]]:
    """Give a user's open tasks to others: those of one resident, those `outside` some committees, or all."""
    with widened(session, Scope(streets=(street,), committees=None)):
        rows = [
            row
            for row in held(session, street, user_id)
            if (resident_id is None or row["resident_id"] == resident_id)
            and (outside is None or row["committee_code"] not in outside)
        ]
        placing = Placing(session, street, rows, now=now)
        found = [placing.anew(row, without=user_id) for row in rows]
        write(session, found, "assigned", {"reason": reason}, by=by, now=now)
        return _told(session, found)


def _told(session: Session, placements: Sequence[Placement]) -> list[dict[str, Any]]:
    """What moved, for whoever caused it."""
    names = users.names(session, [one.user_id for one in placements if one.user_id])
    return [
        {
            "task_id": one.task["task_id"],
            "resident_id": one.task["resident_id"],
            "to": {"user_id": one.user_id, "name": names[one.user_id]} if one.user_id else None,
            "because": list(one.because),
            "planned_on": one.planned_on,
            "result": "planned" if one.stays else "moved",
        }
        for one in placements
        if not one.stays or one.planned_on != one.task["planned_on"]
    ]
