"""People who work here: accounts, sign-in, and what each may see and do."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from core import clock
from core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from core.organisation import passwords, streets
from core.organisation.roles import GRANTS, May, Role
from core.store import crypto
from core.store.database import DISTRICT, Scope
from core.store.ids import uuid7
from core.store.models import Login, UserAccount, UserCommittee
from rules.facts import listed

_DISTRICT_ROLES = (Role.ADMIN, Role.DISTRICT_OFFICER, Role.AUDITOR)
_COMMITTEE_ROLES = (Role.COMMITTEE_ADVISOR, Role.VISITOR)
USUAL_CAPACITY = 30  # Visits a month, where nobody said otherwise.
TOKEN_PREFIX = "tfs_"


class Actor(Protocol):
    """Whoever asks for something: a person, a monitoring system's key, the shell."""

    def require(self, may: May) -> None:
        """Refuse what this actor may not do."""


class Member(Actor, Protocol):
    """An actor that belongs somewhere; no `streets` at all are all of them."""

    @property
    def streets(self) -> Collection[str]:
        """Whose rows it may see."""


class Shell:
    """Whoever sits at the machine itself: who holds the data folder is the operator."""

    def require(self, _may: May) -> None:
        """Refuse nothing."""


SHELL: Final = Shell()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signed in, with what they may see: `streets` and `committees` (None: all of those streets)."""

    user_id: UUID
    username: str
    name: str
    role: Role
    street: str | None
    streets: tuple[str, ...]
    committees: tuple[str, ...] | None
    capacity: int

    @property
    def scope(self) -> Scope:
        """The scope of this user's transactions."""
        return Scope(streets=self.streets, committees=self.committees)

    def require(self, may: May) -> None:
        """Refuse what the role may not do."""
        if may not in GRANTS[self.role]:
            raise NotAllowed(f"{self.role.label}没有这项权限。")

    def require_within(self, street: str, may: May) -> None:
        """Refuse what the role may not do, and hide a street that is none of this user's."""
        self.require(may)
        if street not in self.streets:
            raise NotFound("您的范围内没有这个街镇。")

    def may(self, may: May) -> bool:
        """Whether the role may do something."""
        return may in GRANTS[self.role]


def add_user(
    session: Session,
    *,
    username: str,
    password: str,
    role: str,
    name: str | None = None,
    street: str | None = None,
    committees: Sequence[str] = (),
    capacity: int | None = None,
    valid_until: date | None = None,
    password_hash: str | None = None,
) -> UUID:
    """Make an account; the role decides whether it belongs to a street and to committees.

    `password_hash` is the password as stored, for those who make many accounts and have hashed it already.
    """
    try:
        known = Role(role)
    except ValueError:
        raise Invalid(f"角色须是下列之一：{listed(Role)}。") from None
    if not 1 <= len(username) <= 64:
        raise Invalid("用户名须为 1 至 64 个字符。")
    street = checked_place(session, known, street, committees)
    if session.exec(select(UserAccount).where(UserAccount.username == username)).first() is not None:
        raise Conflict("这个用户名已被使用，请另选一个。")
    user_id = uuid7()
    session.add(
        UserAccount(
            user_id=user_id,
            username=username,
            name=name or username,
            password_hash=password_hash or passwords.hashed(password),
            role=known.value,
            street_code=street,
            capacity=USUAL_CAPACITY if capacity is None else capacity,
            valid_until=valid_until,
            created_at=clock.real_now(),
        )
    )
    session.flush()
    session.add_all(UserCommittee(user_id=user_id, committee_code=code) for code in dict.fromkeys(committees))
    session.flush()
    return user_id


def checked_place(session: Session, role: Role, street: str | None, committees: Sequence[str]) -> str | None:
    """The street of an account with this role and these committees; raises `Invalid` for one that cannot be."""
    divisions = streets.load(session)
    if any(code not in divisions.committees for code in committees):
        raise Invalid("本区没有这个居村委会，代码须为 12 位。")
    within = {divisions.committees[code] for code in committees}
    if role in _DISTRICT_ROLES:
        if street or committees:
            raise Invalid(f"{role.label}属于全区，不属于某个街镇或居村。")
        return None
    if street is None and len(within) == 1:
        street = next(iter(within))
    if street is None or street not in divisions.streets:
        raise Invalid(f"{role.label}须属于本区的一个街镇，请填 9 位代码。")
    if within - {street}:
        raise Invalid("居村委会须都在所属的街镇以内。")
    if role in _COMMITTEE_ROLES and not committees:
        raise Invalid(f"{role.label}至少须有一个居村委会。")
    return street


def sign_in(session: Session, username: str, password: str, *, hours: int) -> tuple[str, User]:
    """Open a session; returns its token, which is stored nowhere, and the user."""
    account = session.exec(select(UserAccount).where(UserAccount.username == username)).first()
    right = passwords.is_right(password, account.password_hash if account else None)
    if account is None or not right or not account.active:
        raise NotSignedIn("用户名或密码不正确。")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    now = clock.real_now()
    session.add(
        Login(
            token_digest=crypto.digest(token),
            user_id=account.user_id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    session.flush()
    return token, signed_in(session, token)


def sign_out(session: Session, token: str) -> None:
    """End a session at once."""
    session.execute(text("DELETE FROM login WHERE token_digest = :digest"), {"digest": crypto.digest(token)})


_USER = (
    "SELECT u.user_id, u.username, u.name, u.role, u.street_code, u.capacity,"
    " (SELECT array_agg(c.committee_code ORDER BY c.committee_code) FROM user_committee c"
    "  WHERE c.user_id = u.user_id) AS committees,"
    " (SELECT array_agg(s.code ORDER BY s.code) FROM street s) AS streets FROM user_account u"
)
_VALID = "u.active AND (u.valid_until IS NULL OR u.valid_until >= :today)"


def signed_in(session: Session, token: str) -> User:
    """The user of a session; raises `NotSignedIn` when it is over or the account was closed."""
    now = clock.real_now()
    row = session.execute(
        text(
            f"{_USER} JOIN login l USING (user_id) WHERE l.token_digest = :digest AND l.expires_at > :now AND {_VALID}"
        ),
        {"digest": crypto.digest(token), "now": now, "today": clock.today(now)},
    ).one_or_none()
    if row is None:
        raise NotSignedIn("登录已失效，请重新登录。")
    return _user(row)


def named(session: Session, username: str) -> User:
    """Somebody for whom the operator enters what they wrote on paper."""
    row = session.execute(
        text(f"{_USER} WHERE u.username = :name AND {_VALID}"),
        {"name": username, "today": clock.today(clock.real_now())},
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个名称的有效账号。")
    return _user(row)


def _user(row: Any) -> User:
    role = Role(row.role)
    everywhere = role in (Role.DISTRICT_OFFICER, Role.AUDITOR)
    return User(
        user_id=row.user_id,
        username=row.username,
        name=row.name,
        role=role,
        street=row.street_code,
        # What is for the district's people has the district's own code; that is all of an administrator's.
        streets=tuple(row.streets) if everywhere else (row.street_code or DISTRICT,),
        committees=tuple(row.committees or ()) if role in _COMMITTEE_ROLES else None,
        capacity=row.capacity,
    )


def names(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The display names of some users."""
    rows = session.execute(
        text("SELECT user_id, name FROM user_account WHERE user_id = ANY(:users)"), {"users": list(user_ids)}
    )
    return {row.user_id: row.name for row in rows}
