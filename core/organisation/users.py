"""People who work here: accounts, and what each may see and do."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session, select

from core import clock
from core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from core.organisation import passwords, streets
from core.organisation.roles import GRANTS, May, Role
from core.store import bulk, scopes
from core.store.database import widened
from core.store.ids import uuid7
from core.store.models import UserAccount
from core.store.models.accounts import TextSize
from core.store.scopes import Scope
from rules.facts import listed

_DISTRICT_ROLES = (Role.ADMIN, Role.DISTRICT_OFFICER, Role.AUDITOR)
_CITY = "0"  # The place of those who belong to no district.
_COMMITTEE_ROLES = (Role.COMMITTEE_ADVISOR, Role.VISITOR)
_NO_RESIDENTS = (Role.ADMIN, Role.CITY_OFFICER)
USUAL_CAPACITY = 30  # Visits a month, where nobody said otherwise.


class AccountClosed(NotSignedIn):
    """An account that may not be used any more, or not now."""

    code = "account_closed"
    title = "账号不能使用"
    advice = "请所在街镇的负责人或系统管理员恢复账号。"


class Actor(Protocol):
    """Whoever asks for something: a person, a monitoring system's key, the shell."""

    def require(self, may: May) -> None:
        """Refuse what this actor may not do."""


class Member(Actor, Protocol):
    """An actor that belongs somewhere; no `streets` at all are all of the district."""

    @property
    def district(self) -> str | None:
        """The district it belongs to."""

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
    """Somebody who signed in, with what they may see: `streets` and `committees` (None: all of those streets).

    The city's people have no `district`. With `is_limited` they have still to choose a password, and may do nothing
    else.
    """

    user_id: UUID
    username: str
    name: str
    role: Role
    district: str | None
    street: str | None
    streets: tuple[str, ...]
    committees: tuple[str, ...] | None
    capacity: int
    # All committees of the street: then nobody in it has to be listed.
    serves_whole_street: bool = False
    text_size: TextSize = TextSize.STANDARD
    session_id: UUID | None = None
    is_limited: bool = False

    @property
    def scope(self) -> Scope:
        """The scope of this user's transactions: their place, and the people there whom they work for."""
        return Scope(
            within=self.street or self.district or "",
            everybody=self.serves_whole_street or (self.committees is None and self.role not in _NO_RESIDENTS),
            committees=self.committees or (),
            given_to=self.user_id if self.role is Role.VISITOR else None,
            user=self.user_id,
        )

    @property
    def place(self) -> str:
        """The code under which everything about this user stands, and whose rules hold for them."""
        return self.street or self.district or _CITY

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
    role: str,
    password: str | None = None,
    name: str | None = None,
    district: str | None = None,
    street: str | None = None,
    committees: Sequence[str] = (),
    capacity: int | None = None,
    valid_until: date | None = None,
    password_hash: str | None = None,
    is_first_password: bool = False,
) -> UUID:
    """Make an account; the role decides whether it belongs to a district, to a street and to committees.

    `district` may be left out where there is one alone, or a street says which. `password_hash` is the password as
    stored, for those who have hashed it already. Without either nobody can sign in before they are given a code.
    """
    try:
        known = Role(role)
    except ValueError:
        raise Invalid(f"角色须是下列之一：{listed(Role)}。") from None
    if not 1 <= len(username) <= 64:
        raise Invalid("用户名须为 1 至 64 个字符。")
    if password is not None and password_hash is None:
        passwords.judge(password, username=username)
        password_hash = passwords.hashed(password)
    district, street = checked_place(session, known, district, street, committees)
    # Names are of the whole installation, and this one may be taken where the caller sees nobody.
    with widened(session, Scope(username=username)):
        if session.exec(select(UserAccount).where(UserAccount.username == username)).first() is not None:
            raise Conflict("这个用户名已被使用，请另选一个。")
    user_id = uuid7()
    session.add(
        UserAccount(
            user_id=user_id,
            username=username,
            name=name or username,
            password_hash=password_hash,
            is_first_password=is_first_password,
            role=known.value,
            district_code=district,
            street_code=street,
            capacity=USUAL_CAPACITY if capacity is None else capacity,
            valid_until=valid_until,
            created_at=clock.real_now(),
        )
    )
    session.flush()
    assign_committees(session, user_id, place_of(street, district), committees)
    return user_id


def assign_committees(session: Session, user_id: UUID, place: str, committees: Sequence[str]) -> None:
    """Enter an account, which has none so far, for committees."""
    bulk.insert(
        session,
        "user_committee",
        [{"user_id": user_id, "committee_code": code, "place_code": place} for code in dict.fromkeys(committees)],
    )


def place_of(street: str | None, district: str | None) -> str:
    """The code under which everything about an account of a street or a district stands."""
    return street or district or _CITY


def checked_place(
    session: Session, role: Role, district: str | None, street: str | None, committees: Sequence[str]
) -> tuple[str | None, str | None]:
    """District and street of an account with this role and these committees; raises `Invalid` where none can be."""
    if role is Role.CITY_OFFICER:
        if district or street or committees:
            raise Invalid("市级账号属于全市，不属于任何区、街镇或居村。")
        return None, None
    divisions = streets.load(session).of(district)
    if any(code not in divisions.committees for code in committees):
        raise Invalid("本区没有这个居村委会，代码须为 12 位。")
    within = {divisions.committees[code] for code in committees}
    if role in _DISTRICT_ROLES:
        if street or committees:
            raise Invalid(f"{role.label}属于全区，不属于某个街镇或居村。")
        return divisions.chosen(district), None
    if street is None and len(within) == 1:
        street = next(iter(within))
    if street is None or street not in divisions.streets:
        raise Invalid(f"{role.label}须属于本区的一个街镇，请填 9 位代码。")
    if within - {street}:
        raise Invalid("居村委会须都在所属的街镇以内。")
    if role in _COMMITTEE_ROLES and not committees:
        raise Invalid(f"{role.label}至少须有一个居村委会。")
    return streets.district_of(street), street


COLUMNS = (
    "u.user_id, u.username, u.name, u.role, u.district_code, u.street_code, u.capacity, u.text_size,"
    " (SELECT array_agg(c.committee_code ORDER BY c.committee_code) FROM user_committee c"
    "  WHERE c.user_id = u.user_id) AS committees,"
    " (SELECT count(*) FROM committee c WHERE c.street_code = u.street_code) AS committees_of_street,"
    " (SELECT array_agg(s.code ORDER BY s.code) FROM street s"
    "  WHERE u.district_code IS NULL OR s.district_code = u.district_code) AS streets"
)


def refuse_closed(row: Row[Any], *, today: date) -> None:
    """Refuse an account that is not active, locked, or whose access ended before the business day `today`."""
    if not row.active:
        raise AccountClosed("这个账号已停用；需要继续使用的，请所在街镇的负责人或系统管理员恢复。")
    if row.locked_at is not None:
        raise AccountClosed("这个账号已被系统管理员锁定；请与系统管理员联系。")
    if row.valid_until is not None and row.valid_until < today:
        last = row.valid_until
        raise AccountClosed(
            f"这个账号的有效期到{last.year}年{last.month}月{last.day}日为止，已经过了；"
            "需要继续使用的，请所在街镇的负责人延长。"
        )


def named(session: Session, username: str, *, today: date) -> User:
    """Somebody for whom the operator enters what they wrote on paper; `today` is the business day."""
    row = session.execute(
        text(
            f"SELECT {COLUMNS} FROM user_account u WHERE u.username = :name AND u.active"
            " AND (u.valid_until IS NULL OR u.valid_until >= :today)"
        ),
        {"name": username, "today": today},
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个名称的有效账号。")
    return from_row(row)


def from_row(row: Row[Any], *, session_id: UUID | None = None, is_limited: bool = False) -> User:
    """The user that a row with `COLUMNS` tells of."""
    role = Role(row.role)
    committees = tuple(row.committees or ())
    return User(
        user_id=row.user_id,
        username=row.username,
        name=row.name,
        role=role,
        district=row.district_code,
        street=row.street_code,
        streets=tuple(_streets(row, role)),
        committees=committees if role in _COMMITTEE_ROLES else None,
        capacity=row.capacity,
        serves_whole_street=role is Role.COMMITTEE_ADVISOR and len(committees) == row.committees_of_street,
        text_size=TextSize(row.text_size),
        session_id=session_id,
        is_limited=is_limited,
    )


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the operator sees it; the city's belong to no district."""

    username: str
    name: str
    role: Role
    district: str | None
    street: str | None
    active: bool
    locked_at: datetime | None
    valid_until: date | None
    has_password: bool


def accounts(session: Session) -> list[Account]:
    """Every account, by name."""
    rows = session.execute(
        text(
            "SELECT username, name, role, district_code, street_code, active, locked_at, valid_until,"
            " password_hash IS NOT NULL FROM user_account ORDER BY username"
        )
    )
    return [Account(username, name, Role(role), *rest) for username, name, role, *rest in rows]


def id_of(session: Session, username: str) -> UUID:
    """The account of a name."""
    found: UUID | None = session.execute(
        text("SELECT user_id FROM user_account WHERE username = :username"), {"username": username}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("没有这个用户名的账号。")
    return found


def set_lock(session: Session, user_id: UUID, locked_at: datetime | None) -> None:
    """Close an account to its owner, or open it again; its work stays with it."""
    session.execute(
        text("UPDATE user_account SET locked_at = :at WHERE user_id = :user"), {"at": locked_at, "user": user_id}
    )


def set_text_size(session: Session, size: TextSize, *, by: User) -> None:
    """How large somebody reads the pages, wherever they sign in."""
    session.execute(
        text("UPDATE user_account SET text_size = :size WHERE user_id = :user"), {"size": size, "user": by.user_id}
    )


def _streets(row: Any, role: Role) -> Iterator[str]:
    if row.street_code is not None:
        yield row.street_code
        return
    if role is not Role.ADMIN:
        yield from row.streets
    # What is for the district's people has the district's own code; that is all of an administrator's.
    if row.district_code is not None:
        yield row.district_code


def names(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The display names of some users, wherever they work: whoever moved here brought what others did for them."""
    found = _names(session, user_ids)
    if missing := set(user_ids) - found.keys():
        with widened(session, scopes.everywhere(directory=False)):
            found |= _names(session, list(missing))
    return found


def _names(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        text("SELECT user_id, name FROM user_account WHERE user_id = ANY(:users)"), {"users": list(user_ids)}
    )
    return {row.user_id: row.name for row in rows}
