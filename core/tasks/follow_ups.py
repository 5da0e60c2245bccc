"""Follow-ups (四（五）, A28): what a visit found as risk or urgent, the street advisor looks at again within a limit.

Follow-up duties ride on the street advisor's own `follow_up` task, one open task a resident; a visit of the street
advisor settles them, or the task is completed with its result.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.policy import chains, rulebooks
from core.residents.standing import Standing
from core.store import bulk
from core.store.ids import uuid7
from core.tasks import assignment, visit_tasks
from rules.duties import DutyKind
from rules.facts import Tier

ALARMING = frozenset({"risk", "urgent"})


def found_risk(dimensions: Mapping[str, Any] | None) -> bool:
    """Whether a six-dimension check (四（二）) found something to look at again."""
    levels = [one.get("level") if isinstance(one, Mapping) else one for one in (dimensions or {}).values()]
    return not ALARMING.isdisjoint(level for level in levels if isinstance(level, str))


def raise_for(
    session: Session, residents: Sequence[Standing], visit_id: UUID, service_date: date, *, now: datetime
) -> list[UUID]:
    """A follow-up of each resident whose visit found a risk; returns the tasks that hold them."""
    if not residents:
        return []
    street, today = residents[0].street_code, clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    limit = rulebook.parameter("follow_up_days", today)
    due_on = service_date + timedelta(days=int(limit.value))
    terms = rulebook.terms(today)
    chain = [step for step in chains.of_street(session, street, rulebook, today=today) if step["to"] != "committee"]
    standing = _open(session, street, [one.resident_id for one in residents])
    roster = assignment.Roster.shared(session, street, calendar, today=today)
    recused = assignment.preferences(session, street, [one.resident_id for one in residents])[1]
    made, duties = [], []
    for resident in residents:
        task_id = standing.get(resident.resident_id)
        if task_id is None:
            task = visit_tasks.new_row(
                resident,
                "follow_up",
                why="四（五）走访发现风险隐患，请跟踪回访",
                due_on=due_on,
                choice=roster.choose_advisor(due_on, recused=recused.get(resident.resident_id, ())),
                chain=chain,
                calendar=calendar,
                now=now,
            )
            made.append(task)
            task_id = task["task_id"]
        standing[resident.resident_id] = task_id
        duties.append(
            {
                "street_code": street,
                "duty_id": uuid7(),
                "resident_id": resident.resident_id,
                "kind": DutyKind.FOLLOW_UP.value,
                "tier": resident.tier,
                "occasion": f"visit:{visit_id}",
                "starts_on": service_date,
                "due_on": due_on,
                "modes": list(terms.modes[Tier.GENERAL]),
                "limit": "local",
                "clause": limit.reference,
                "state": "open",
                "task_id": task_id,
                "late_entry": False,
                "carried": False,
                "policy_id": terms.policy_id,
                "policy_version": terms.policy_version,
                "coverage_version": terms.coverage_version,
                "created_at": now,
            }
        )
    visit_tasks.open_all(session, made, now=now)
    bulk.insert(session, "duty", duties)
    return [standing[one.resident_id] for one in residents]


def settle(
    session: Session,
    street: str,
    resident_ids: Sequence[UUID],
    service_date: date,
    *,
    visit_id: UUID | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """The street advisor looked again: what was open by then is met, or late; returns the duties that were settled."""
    rows = (
        session.execute(
            text(
                "UPDATE duty SET state = CASE WHEN :day <= due_on THEN 'met' ELSE 'late' END, settled_at = :now,"
                " credited_visit_id = :visit WHERE street_code = :street AND resident_id = ANY(:residents)"
                " AND kind = 'follow_up' AND state = 'open' AND starts_on <= :day"
                " RETURNING resident_id, duty_id, task_id, kind, period, due_on, state"
            ),
            {
                "day": service_date,
                "now": now,
                "visit": visit_id,
                "street": street,
                "residents": list(resident_ids),
            },
        )
        .mappings()
        .all()
    )
    _close(session, street, {row["task_id"] for row in rows}, now=now)
    return [dict(row) for row in rows]


def _close(session: Session, street: str, task_ids: set[UUID], *, now: datetime) -> None:
    closed = session.execute(
        text(
            "UPDATE task SET state = 'done', closed_because = 'followed_up', closed_at = :now, updated_at = :now,"
            " next_step_at = NULL WHERE street_code = :street AND task_id = ANY(:tasks) AND state = 'open'"
            " AND NOT EXISTS (SELECT FROM duty WHERE duty.street_code = :street AND duty.task_id = task.task_id"
            "  AND duty.state = 'open') RETURNING task_id"
        ),
        {"street": street, "tasks": list(task_ids), "now": now},
    ).scalars()
    bulk.insert(
        session,
        "task_event",
        [visit_tasks.event(street, task_id, "done", {"because": "followed_up"}, now=now) for task_id in closed],
    )


def _open(session: Session, street: str, resident_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    rows = session.execute(
        text(
            "SELECT resident_id, task_id FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
            " AND kind = 'follow_up' AND state = 'open' ORDER BY task_id FOR UPDATE"
        ),
        {"street": street, "residents": list(resident_ids)},
    )
    return {row.resident_id: row.task_id for row in rows}
