"""Two closed doors in a row: somebody looks after the person (A18)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.policy import chains, rulebooks
from core.residents.standing import Standing
from core.tasks import assignment, visit_tasks


def check(session: Session, resident: Standing, *, now: datetime) -> UUID | None:
    """Raise a welfare check when the latest contacts were all `not_home`; returns the new task."""
    street, today = resident.street_code, clock.today(now)
    rulebook = rulebooks.of_street(session, street)
    needed = int(rulebook.parameter("not_home_before_welfare_check", today).value)
    latest = (
        session.execute(
            text(
                "SELECT outcome FROM ("
                ' SELECT outcome, "on" AS day, created_at FROM attempt'
                "  WHERE street_code = :street AND resident_id = :resident"
                " UNION ALL SELECT CASE WHEN met THEN 'met' ELSE 'not_home' END, service_date, entered_at"
                "  FROM visit_resident WHERE street_code = :street AND resident_id = :resident AND NOT voided"
                "  AND merged_into IS NULL"
                ") AS contacts ORDER BY day DESC, created_at DESC LIMIT :needed"
            ),
            {"street": street, "resident": resident.resident_id, "needed": needed},
        )
        .scalars()
        .all()
    )
    if len(latest) < needed or set(latest) != {"not_home"} or _is_open(session, resident):
        return None
    return _open(session, resident, now=now)


def _is_open(session: Session, resident: Standing) -> bool:
    found: bool = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM task WHERE street_code = :street AND resident_id = :resident"
            " AND kind = 'welfare_check' AND state = 'open')"
        ),
        {"street": resident.street_code, "resident": resident.resident_id},
    ).scalar_one()
    return found


def _open(session: Session, resident: Standing, *, now: datetime) -> UUID:
    street, today = resident.street_code, clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    due_on = calendar.shift(today, 1)
    chain = chains.of_street(session, street, rulebook, today=today)
    roster = assignment.Roster.shared(session, street, calendar, today=today)
    task = visit_tasks.new_row(
        resident,
        "welfare_check",
        subject="not_home",
        why="连续两次未遇，请确认居民安好",
        due_on=due_on,
        choice=roster.choose(resident.committee_code, due_on, paired=resident.paired_user_id),
        chain=chain,
        calendar=calendar,
        now=now,
    )
    visit_tasks.open_all(session, [task], now=now)
    made: UUID = task["task_id"]
    return made
