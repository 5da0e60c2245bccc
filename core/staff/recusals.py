"""Whom somebody who works here must not visit, e.g. because they are relatives (A20)."""

from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core.errors import NotFound
from core.organisation.roles import May
from core.organisation.users import User
from core.residents import queries as resident_queries
from core.staff import accounts, placements
from core.staff.placements import Moved
from core.store.ids import uuid7
from core.store.models import Recusal, UserAccount

GONE: Final = "这个人员没有这项回避。"
_NOTE: Final = text(
    "INSERT INTO recusal (user_id, resident_id, recusal_id, place_code, reason)"
    " VALUES (:user, :resident, :id, :place, :reason)"
    " ON CONFLICT (user_id, resident_id) DO UPDATE SET reason = EXCLUDED.reason RETURNING recusal_id"
)


class RecusalShown(TypedDict):
    """A resident whom a user must not visit, and why."""

    recusal_id: UUID
    user_id: UUID
    resident_id: UUID
    reason: str


def page(session: Session, user_id: UUID, *, by: User, after: UUID | None, limit: int) -> list[RecusalShown]:
    """Whom a user must not visit, of the residents the caller may see; one more than `limit` when there are more."""
    _require_over(session, user_id, by=by)
    statement = select(Recusal).where(Recusal.user_id == user_id).order_by(col(Recusal.recusal_id)).limit(limit + 1)
    if after is not None:
        statement = statement.where(col(Recusal.recusal_id) > after)
    return [_shown(recusal) for recusal in session.exec(statement)]


def add(
    session: Session, user_id: UUID, resident_id: UUID, reason: str, *, by: User, now: datetime
) -> tuple[RecusalShown, list[Moved]]:
    """Note that a user must not visit a resident; said again, the reason is renewed. Returns the tasks that moved."""
    _require_over(session, user_id, by=by)
    resident = resident_queries.get(session, resident_id, by=by)
    place = accounts.place_of(session.get_one(UserAccount, user_id))
    values = {"user": user_id, "resident": resident_id, "id": uuid7(), "place": place, "reason": reason}
    recusal_id: UUID = session.execute(_NOTE, values).scalar_one()
    shown = RecusalShown(recusal_id=recusal_id, user_id=user_id, resident_id=resident_id, reason=reason)
    moved = placements.taken_away(
        session, resident.street_code, user_id, "recusal", resident_id=resident_id, by=by.user_id, now=now
    )
    return shown, moved


def end(session: Session, user_id: UUID, recusal_id: UUID, *, by: User) -> None:
    """They may visit again; what went to others stays there."""
    _require_over(session, user_id, by=by)
    found = session.exec(
        select(Recusal).where(Recusal.user_id == user_id, Recusal.recusal_id == recusal_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound(GONE)
    session.delete(found)
    session.flush()


def _require_over(session: Session, user_id: UUID, *, by: User) -> None:
    if by.user_id != user_id:
        by.require(May.ASSIGN_TASKS)
        accounts.one(session, user_id, by=by)


def _shown(recusal: Recusal) -> RecusalShown:
    return RecusalShown(
        recusal_id=recusal.recusal_id,
        user_id=recusal.user_id,
        resident_id=recusal.resident_id,
        reason=recusal.reason,
    )
