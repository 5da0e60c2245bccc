"""Sessions of people who signed in: found by their token, listed, ended. All times are real.

A session ends by itself when nothing was asked for a while, and at the latest some hours after it was opened. The rows
of ended ones stay for a day, so that whoever comes back with one is told why it is over; then they are deleted.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlmodel import Session

from core.errors import NotAllowed, NotFound, NotSignedIn
from core.organisation import users
from core.organisation.users import User
from core.store import crypto, database
from core.store.ids import uuid7
from core.store.models import Login
from core.store.models.accounts import Ended
from core.store.scopes import Scope

TOKEN_PREFIX: Final = "tfs_"
# That somebody is still there is noted so often at most: not every look at a page is a write.
NOTED: Final = timedelta(minutes=1)
# How long the row of a session is kept after the latest time at which it could end.
KEPT: Final = timedelta(hours=24)
_AGAIN: Final = "请重新登录。"
_BECAUSE: Final[Mapping[Ended, str]] = {
    Ended.SIGNED_OUT: "您已经退出登录，",
    Ended.REPLACED: "这个浏览器上后来又登录过，",
    Ended.ELSEWHERE: "您在另一台设备上结束了这次登录，",
    Ended.PASSWORD_CHANGED: "密码已经修改，",
    Ended.RESET: "密码已由管理人员重置，",
    Ended.ACCESS_ENDED: "账号已停用，",
    Ended.BY_OPERATOR: "管理员结束了这次登录，",
}


class SessionOver(NotSignedIn):
    """A session that was one, and has ended."""

    code = "session_over"
    title = "登录已经结束"
    advice = "请重新登录；没有保存的内容留在页面上，登录后可以继续。"


class PasswordToChoose(NotAllowed):
    """A session opened by a code or a first password: nothing else can be done before a password is chosen."""

    code = "password_to_choose"
    title = "请先设置自己的密码"
    advice = "用一次性代码或首个密码登录以后，请先设置只有自己知道的密码。"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: without anything being asked, and at most."""

    idle: timedelta
    absolute: timedelta


def start(
    session: Session, user_id: UUID, place: str, *, is_limited: bool, address: str, limits: Limits, now: datetime
) -> tuple[UUID, str]:
    """Open a session of somebody at a place; returns its id, and its token, which is stored nowhere."""
    session_id, token = uuid7(), _new_token()
    session.add(
        Login(
            session_id=session_id,
            token_digest=crypto.digest(token),
            user_id=user_id,
            place_code=place,
            created_at=now,
            last_seen_at=now,
            expires_at=now + limits.absolute,
            address=address,
            is_limited=is_limited,
        )
    )
    session.flush()
    return session_id, token


def renew(session: Session, session_id: UUID) -> str:
    """Another token for a session that may do more from now on; the one before is worth nothing."""
    token = _new_token()
    session.execute(
        text("UPDATE login SET token_digest = :digest, is_limited = false WHERE session_id = :id"),
        {"digest": crypto.digest(token), "id": session_id},
    )
    return token


def _new_token() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def find(session: Session, token: str, *, limits: Limits, now: datetime, today: date) -> User:
    """The user of a session, noted as seen; raises `NotSignedIn` when it is over or the account may not be used.

    `today` is the business day, by which accounts end. The scope of the transaction is that of the token, or the
    user's own; it is the latter from here on.
    """
    row = session.execute(
        text(
            "SELECT session_id, user_id, last_seen_at, expires_at, is_limited, ended_because FROM login"
            " WHERE token_digest = :digest"
        ),
        {"digest": crypto.digest(token)},
    ).one_or_none()
    if row is None:
        raise NotSignedIn(f"没有登录，{_AGAIN}")
    if row.ended_because is not None:
        raise SessionOver(_BECAUSE[Ended(row.ended_because)] + _AGAIN)
    if now >= row.expires_at:
        raise SessionOver(f"登录已满 {limits.absolute // timedelta(hours=1)} 小时，{_AGAIN}")
    if now >= row.last_seen_at + limits.idle:
        raise SessionOver(f"{limits.idle // timedelta(minutes=1)} 分钟没有操作，已自动退出，{_AGAIN}")
    database.enter(session, Scope(user=row.user_id))
    account = session.execute(
        text(
            f"SELECT u.active, u.locked_at, u.valid_until, {users.COLUMNS} FROM user_account u WHERE u.user_id = :user"
        ),
        {"user": row.user_id},
    ).one()
    users.refuse_closed(account, today=today)
    if now >= row.last_seen_at + NOTED:
        session.execute(
            text("UPDATE login SET last_seen_at = :now WHERE session_id = :id AND last_seen_at < :now"),
            {"now": now, "id": row.session_id},
        )
    return users.from_row(account, session_id=row.session_id, is_limited=row.is_limited)


def end(session: Session, token: str, because: Ended, *, now: datetime) -> None:
    """End the session of a token at once."""
    session.execute(
        text(f"{_END} token_digest = :digest"), {"digest": crypto.digest(token), "now": now, "because": because}
    )


_END: Final = "UPDATE login SET ended_at = :now, ended_because = :because WHERE ended_at IS NULL AND"


def end_all(session: Session, user_id: UUID, because: Ended, *, but: UUID | None = None, now: datetime) -> int:
    """End the sessions of somebody, except perhaps one; returns how many were still open, as far as anybody knows."""
    ended = session.execute(
        text(f"{_END} user_id = :user AND session_id IS DISTINCT FROM CAST(:but AS uuid)"),
        {"user": user_id, "but": but, "now": now, "because": because},
    )
    return cast("CursorResult[object]", ended).rowcount


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it; `last_seen` is noted once a minute."""

    session_id: UUID
    since: datetime
    last_seen: datetime
    address: str
    current: bool


def page(
    session: Session, *, by: User, after: UUID | None, limit: int, limits: Limits, now: datetime
) -> list[OpenSession]:
    """One's own open sessions, newest first; one more than `limit` when there are more."""
    rows = session.execute(
        text(
            "SELECT session_id, created_at, last_seen_at, address, session_id = :current AS current FROM login"
            " WHERE user_id = :user AND ended_at IS NULL AND expires_at > :now AND last_seen_at > :idle"
            " AND (CAST(:after AS uuid) IS NULL OR session_id < :after) ORDER BY session_id DESC LIMIT :limit"
        ),
        {
            "user": by.user_id,
            "current": by.session_id,
            "now": now,
            "idle": now - limits.idle,
            "after": after,
            "limit": limit + 1,
        },
    )
    return [OpenSession(*row) for row in rows]


def end_one(session: Session, session_id: UUID, *, by: User, now: datetime) -> None:
    """End a session of one's own; raises `NotFound` for one that is not, or is over."""
    because = Ended.SIGNED_OUT if session_id == by.session_id else Ended.ELSEWHERE
    ended = session.execute(
        text(f"{_END} session_id = :id AND user_id = :user"),
        {"id": session_id, "user": by.user_id, "now": now, "because": because},
    )
    if not cast("CursorResult[object]", ended).rowcount:
        raise NotFound("没有这次登录，或者它已经结束。")


def forget(session: Session, *, now: datetime) -> None:
    """Delete the rows of sessions that could not have lasted until a day ago."""
    session.execute(text("DELETE FROM login WHERE expires_at < :before"), {"before": now - KEPT})
