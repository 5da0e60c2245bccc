"""Days on which somebody who works here cannot visit; work never stays with who cannot do it (A39).

What an absence leaves no working day for goes to others when it is entered; what is still open when it begins, and due
within it or overdue, goes that morning. The last day of an account is the same, for good.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core import clock
from core.errors import Invalid, NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.staff import accounts, placements
from core.staff.placements import Moved
from core.store.ids import uuid7
from core.store.models import Absence, UserAccount

GONE: Final = "这个人员没有这次请假。"
_BEGUN: Final = text(
    "SELECT DISTINCT place_code FROM absence WHERE begun_at IS NULL AND from_on <= :today"
    " UNION SELECT t.street_code FROM user_account u JOIN task t ON t.street_code = u.street_code"
    " AND t.assignee_id = u.user_id AND t.state = 'open' WHERE u.valid_until < :today"
)
_TO_BEGIN: Final = text(
    "SELECT absence_id, user_id, to_on FROM absence WHERE place_code = :street AND begun_at IS NULL"
    " AND from_on <= :today ORDER BY absence_id FOR UPDATE SKIP LOCKED"
)
_ENDED: Final = text(
    "SELECT DISTINCT u.user_id FROM user_account u JOIN task t ON t.street_code = :street AND t.assignee_id = u.user_id"
    " AND t.state = 'open' WHERE u.street_code = :street AND u.valid_until < :today ORDER BY u.user_id"
)
_NEXT: Final = text("SELECT min(from_on) FROM absence WHERE begun_at IS NULL")
_NEXT_END: Final = text(
    "SELECT min(valid_until) FROM user_account WHERE valid_until >= :today AND street_code IS NOT NULL"
)


class AbsenceShown(TypedDict):
    """An absence, both days inclusive."""

    absence_id: UUID
    user_id: UUID
    from_: date
    to: date
    reason: str


def page(session: Session, user_id: UUID, *, by: User, after: UUID | None, limit: int) -> list[AbsenceShown]:
    """The absences of a user, past and coming, as they were entered; one more than `limit` when there are more."""
    require_over(session, user_id, by=by)
    statement = select(Absence).where(Absence.user_id == user_id).order_by(col(Absence.absence_id)).limit(limit + 1)
    if after is not None:
        statement = statement.where(col(Absence.absence_id) > after)
    return [_shown(absence) for absence in session.exec(statement)]


def add(
    session: Session, user_id: UUID, first: date, last: date, reason: str, *, by: User, now: datetime
) -> tuple[AbsenceShown, list[Moved]]:
    """Note the days on which a user cannot visit; returns the absence and the tasks that moved."""
    require_over(session, user_id, by=by)
    account = session.get_one(UserAccount, user_id)
    _in_order(first, last)
    place = accounts.place_of(account)
    absence = Absence(absence_id=uuid7(), user_id=user_id, place_code=place, from_on=first, to_on=last, reason=reason)
    return _taken(session, absence, account, by=by, now=now)


def change(
    session: Session,
    user_id: UUID,
    absence_id: UUID,
    *,
    first: date | None,
    last: date | None,
    reason: str | None,
    by: User,
    now: datetime,
) -> tuple[AbsenceShown, list[Moved]]:
    """Change what is given of an absence; the tasks it now leaves no day for move. What had moved stays where it is."""
    absence, account = _one(session, user_id, absence_id, by=by), session.get_one(UserAccount, user_id)
    absence.from_on, absence.to_on = _in_order(first or absence.from_on, last or absence.to_on)
    absence.reason = reason or absence.reason
    return _taken(session, absence, account, by=by, now=now)


def end(session: Session, user_id: UUID, absence_id: UUID, *, by: User, now: datetime) -> None:
    """They are back today: of an absence that has begun the days up to yesterday stay on record, another is gone."""
    absence, today = _one(session, user_id, absence_id, by=by), clock.today(now)
    if absence.from_on < today:
        absence.to_on = min(absence.to_on, today - timedelta(days=1))
        session.add(absence)
    else:
        session.delete(absence)
    session.flush()


def require_over(session: Session, user_id: UUID, *, by: User) -> None:
    """Everybody says it of themselves; of others, who manages accounts or assigns tasks. Raises `NotFound`."""
    if by.user_id == user_id:
        return
    if not by.may(May.MANAGE_USERS):
        by.require(May.ASSIGN_TASKS)
    accounts.one(session, user_id, by=by)


def _one(session: Session, user_id: UUID, absence_id: UUID, *, by: User) -> Absence:
    require_over(session, user_id, by=by)
    statement = select(Absence).where(Absence.user_id == user_id, Absence.absence_id == absence_id).with_for_update()
    found = session.exec(statement).one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found


def _in_order(first: date, last: date) -> tuple[date, date]:
    if last < first:
        raise Invalid("请假的结束日期不能早于开始日期。")
    return first, last


def _taken(
    session: Session, absence: Absence, account: UserAccount, *, by: User, now: datetime
) -> tuple[AbsenceShown, list[Moved]]:
    """Write an absence, and what it means for the tasks of who is away."""
    has_begun = absence.from_on <= clock.today(now)
    # Nobody of a district has tasks.
    absence.begun_at = now if has_begun or account.street_code is None else None
    session.add(absence)
    session.flush()
    if account.street_code is None:
        return _shown(absence), []
    until = absence.to_on if has_begun else None
    moved = placements.absence_entered(
        session, account.street_code, account.user_id, due_until=until, by=by.user_id, now=now
    )
    return _shown(absence), moved


def _shown(absence: Absence) -> AbsenceShown:
    return AbsenceShown(
        absence_id=absence.absence_id,
        user_id=absence.user_id,
        from_=absence.from_on,
        to=absence.to_on,
        reason=absence.reason,
    )


def streets_due(session: Session, *, now: datetime) -> set[str]:
    """The streets in which somebody's absence began, or somebody's account ended, and their work stands."""
    return set(session.execute(_BEGUN, {"today": clock.today(now)}).scalars())


def next_due(session: Session, *, after: datetime) -> datetime | None:
    """The next midnight at which an absence begins or an account has ended."""
    begins: date | None = session.execute(_NEXT).scalar_one()
    ends: date | None = session.execute(_NEXT_END, {"today": clock.today(after)}).scalar_one()
    days: Iterable[date | None] = (begins, ends and ends + timedelta(days=1))
    return min((at for day in days if day and (at := clock.at(day)) > after), default=None)


def hand_on_due(session: Session, street: str, *, now: datetime) -> int:
    """Hand on what cannot wait for who went away this morning, and all of who is gone; returns how many people."""
    today = clock.today(now)
    begun = session.execute(_TO_BEGIN, {"street": street, "today": today}).all()
    for row in begun:
        # Who came back before anybody looked was never away for us.
        if row.to_on >= today:
            placements.absence_entered(session, street, row.user_id, due_until=row.to_on, by=None, now=now)
    session.execute(
        text("UPDATE absence SET begun_at = :now WHERE absence_id = ANY(:begun)"),
        {"now": now, "begun": [row.absence_id for row in begun]},
    )
    gone = session.execute(_ENDED, {"street": street, "today": today}).scalars().all()
    for user_id in gone:
        placements.taken_away(session, street, user_id, "account_ended", by=None, now=now)
    return len(begun) + len(gone)
