"""Accounts of people who work here, as their managers see them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import Result, text
from sqlmodel import Session

from core import clock
from core.errors import NotAllowed, NotFound
from core.organisation import sessions, signing_in, users
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.staff import placements
from core.store.crypto import Keys
from core.store.models import UserAccount
from core.store.models.accounts import Ended

GONE = "您的街镇中没有这个人员。"
# Whom a street manager may make and change: nobody who sees more than they do.
STREET_ROLES = (Role.STREET_MANAGER, Role.STREET_ADVISOR, Role.COMMITTEE_ADVISOR, Role.VISITOR)


class Account(TypedDict):
    """An account as its managers see it."""

    user_id: UUID
    username: str
    name: str
    role: Role
    street: str | None
    capacity: int
    active: bool
    valid_until: date | None
    committees: list[str]


_ACCOUNT: Final = (
    "SELECT u.user_id, u.username, u.name, u.role, u.street_code AS street, u.capacity, u.active, u.valid_until,"
    " coalesce((SELECT array_agg(c.committee_code ORDER BY c.committee_code) FROM user_committee c"
    " WHERE c.user_id = u.user_id), '{}') AS committees FROM user_account u"
)


def page(
    session: Session,
    *,
    by: User,
    street: str | None,
    role: str | None,
    active: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Account]:
    """Users whom the caller manages or may give tasks to; one more than `limit` when there are more."""
    where = _reached(by)
    for condition, value in (
        ("u.street_code = :street", street),
        ("u.role = :role", role),
        ("u.active = :active", active),
        ("u.user_id > :after", after),
    ):
        if value is not None:
            where += f" AND {condition}"
    rows = session.execute(
        text(f"{_ACCOUNT} WHERE {where} ORDER BY u.user_id LIMIT :limit"),
        {
            "streets": list(by.streets),
            "street": street,
            "role": role,
            "active": active,
            "after": after,
            "limit": limit + 1,
        },
    )
    return _accounts(rows)


def one(session: Session, user_id: UUID, *, by: User) -> Account:
    """One user, or `NotFound` for one of another street."""
    found = session.execute(
        text(f"{_ACCOUNT} WHERE {_reached(by)} AND u.user_id = :user"),
        {"streets": list(by.streets), "user": user_id},
    )
    accounts = _accounts(found)
    if not accounts:
        raise NotFound(GONE)
    return accounts[0]


def _accounts(rows: Result[Any]) -> list[Account]:
    return [
        Account(
            user_id=row.user_id,
            username=row.username,
            name=row.name,
            role=Role(row.role),
            street=row.street,
            capacity=row.capacity,
            active=row.active,
            valid_until=row.valid_until,
            committees=row.committees,
        )
        for row in rows
    ]


def _reached(by: User) -> str:
    if by.role is Role.ADMIN:
        return "TRUE"
    if not (by.may(May.MANAGE_USERS) or by.may(May.ASSIGN_TASKS)):
        raise NotAllowed(f"{by.role.label}不能查看其他人员。")
    return "u.street_code = ANY(:streets)"


def add(
    session: Session, keys: Keys, fields: Mapping[str, Any], *, by: User
) -> tuple[UUID, tuple[str, datetime] | None]:
    """Make an account; a street manager makes those of their street.

    A password among the fields (hashed) is changed at the first sign-in. Without one comes a code, and until when it
    opens the account.
    """
    by.require(May.MANAGE_USERS)
    _refuse_above(by, Role(fields["role"]))
    if by.role is not Role.ADMIN:
        fields = {"street": by.street, **{name: value for name, value in fields.items() if value is not None}}
        if fields["street"] != by.street:
            raise NotFound("您的范围内没有这个街镇。")
    user_id = users.add_user(session, **fields, district=by.district, is_first_password=True)
    if fields.get("password_hash") is not None:
        return user_id, None
    return user_id, signing_in.give_code(session, keys, user_id, now=clock.real_now())


def reset(session: Session, keys: Keys, user_id: UUID, *, by: User) -> tuple[str, datetime]:
    """Instead of somebody's password a code that opens the account once, and until when; their sessions end."""
    by.require(May.MANAGE_USERS)
    _refuse_above(by, Role(one(session, user_id, by=by)["role"]))
    return signing_in.give_code(session, keys, user_id, now=clock.real_now())


def _refuse_above(by: User, role: Role) -> None:
    if role is Role.CITY_OFFICER:
        raise NotAllowed("市级账号不属于任何一个区，由运行维护人员用 `tanfang user add` 建立。")
    if by.role is not Role.ADMIN and role not in STREET_ROLES:
        raise NotAllowed(f"{by.role.label}只能新建和修改本街镇的账号。")


def change(session: Session, user_id: UUID, fields: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """Change what `fields` names. An end of access ends the sessions of that user.

    Tasks that they may no longer do go to others.
    """
    by.require(May.MANAGE_USERS)
    _refuse_above(by, one(session, user_id, by=by)["role"])
    account = session.get_one(UserAccount, user_id)
    if "committees" in fields:
        _set_committees(session, account, fields["committees"])
    for name in ("name", "capacity", "active", "valid_until"):
        if name in fields:
            setattr(account, name, fields[name])
    session.add(account)
    session.flush()
    if fields.get("active") is False:
        sessions.end_all(session, user_id, Ended.ACCESS_ENDED, now=clock.real_now())
    if account.street_code is None:
        return
    if fields.get("active") is False:
        placements.taken_away(session, account.street_code, user_id, "deactivated", by=by.user_id, now=now)
        return
    if fields.get("valid_until") is not None:
        # Nothing is planned past the last day (A39).
        placements.absence_entered(session, account.street_code, user_id, by=by.user_id, now=now)
    if "committees" in fields and account.role != Role.STREET_ADVISOR:
        placements.taken_away(
            session,
            account.street_code,
            user_id,
            "committees",
            outside=fields["committees"],
            by=by.user_id,
            now=now,
        )


def _set_committees(session: Session, account: UserAccount, committees: Sequence[str]) -> None:
    users.checked_place(session, Role(account.role), account.district_code, account.street_code, committees)
    session.execute(text("DELETE FROM user_committee WHERE user_id = :user"), {"user": account.user_id})
    users.assign_committees(session, account.user_id, place_of(account), committees)


def place_of(account: UserAccount) -> str:
    """The street or else the district in which somebody works."""
    return users.place_of(account.street_code, account.district_code)
