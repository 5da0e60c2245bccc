"""Keys of monitoring systems: made once, shown once, stored as a digest; any number of a source may be live."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypedDict
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from core import clock
from core.alerts import tellers
from core.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from core.events import persons
from core.events import types as event_types
from core.events.fields import holds_control
from core.organisation import streets as divisions
from core.organisation.roles import May
from core.organisation.streets import Divisions, district_of
from core.organisation.users import Actor, User
from core.store import crypto
from core.store.database import enter
from core.store.ids import uuid7
from core.store.models import UpstreamKey
from core.store.scopes import Scope
from rules import facts

GRANTS: Final[Mapping[str, frozenset[May]]] = {
    "alerts:write": frozenset({May.SEND_ALERTS}),
    "alerts:read": frozenset({May.READ_ALERTS, May.READ_FEEDS}),
    "classify": frozenset({May.CLASSIFY}),
}
SCOPES: Final = tuple(GRANTS)
LONGEST_NAME: Final = 100
PREFIX: Final = "tfk_"
GONE: Final = "没有这把密钥。"
UNKNOWN: Final = "密钥不存在、已过期或已停用。"
_STATE: Final = (
    "CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= :now THEN 'expired' ELSE 'live' END AS state"
)
_ITEM: Final = (
    "key_id, district_code AS district, source, (SELECT n.name FROM source_name n"
    " WHERE n.district_code = upstream_key.district_code AND n.source = upstream_key.source) AS name, scopes, types,"
    f" streets, {_STATE}, created_at, expires_at, revoked_at, last_used_on"
)
_LIVE: Final = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)"
# What the source signs with comes along: no request pays a query of its own for it.
_SAME_SOURCE: Final = "{0}.district_code = upstream_key.district_code AND {0}.source = upstream_key.source"
_SECRETS: Final = f"FROM signing_secret x WHERE {_SAME_SOURCE.format('x')} AND x.revoked_at IS NULL), '{{}}')"
_CALLERS: Final = (
    "SELECT key_digest, key_id, district_code, source, scopes, types, streets, last_used_on,"
    f" coalesce((SELECT obligatory FROM signed_source s WHERE {_SAME_SOURCE.format('s')}), FALSE) AS must_sign,"
    f" coalesce((SELECT array_agg(x.secret_id ORDER BY x.secret_id) {_SECRETS} AS secret_ids,"
    f" coalesce((SELECT array_agg(x.secret ORDER BY x.secret_id) {_SECRETS} AS secrets"
    f" FROM upstream_key WHERE key_digest = ANY(:digests) AND {_LIVE}"
)


class KeyShown(TypedDict):
    """A key without the key itself."""

    key_id: UUID
    district: str
    source: str
    name: str | None
    scopes: list[str]
    types: list[str]
    streets: list[str]
    state: Literal["live", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None


@dataclass(frozen=True, slots=True)
class Caller:
    """A monitoring system at the door. Empty `types` mean all, empty `streets` all of the district.

    `secrets` are those its source signs with, sealed, each with its id; with `must_sign` nothing unsigned is taken.
    """

    key_id: UUID
    district: str
    source: str
    scopes: frozenset[str]
    types: frozenset[str]
    streets: frozenset[str]
    must_sign: bool = False
    secrets: tuple[tuple[UUID, bytes], ...] = ()

    def require(self, may: May) -> None:
        """Refuse what the key was not made for."""
        fitting = [scope for scope, granted in GRANTS.items() if may in granted]
        if self.scopes.isdisjoint(fitting):
            raise NotAllowed(f"这把密钥没有 {facts.listed(fitting)} 权限，请区里另发密钥。")

    def streets_of(self, known: Divisions) -> tuple[str, ...]:
        """The streets whose news this key sees; those of nobody's yet wait under the district's code."""
        return tuple(self.streets) or known.of(self.district).codes_and_districts

    @property
    def scope(self) -> Scope:
        """The scope of this key's transactions, where it asks for something."""
        return Scope(within=self.district, streets=tuple(sorted(self.streets)), everybody=True)

    def reaches(self, street: str) -> bool:
        """Whether it may tell of people of a street."""
        return street in self.streets if self.streets else district_of(street) == self.district

    def sees_like(self, other: "Caller") -> bool:
        """Whether it reaches as far as another key."""
        return (self.district, self.streets) == (other.district, other.streets)


def person(identity: User | Caller) -> User:
    """The person who asks; raises `NotAllowed` for a key."""
    if isinstance(identity, Caller):
        raise NotAllowed("密钥不能访问这个地址，请以个人身份登录。")
    return identity


def sender(identity: User | Caller | None) -> Caller:
    """The key that sends news; raises `NotSignedIn` for one that is none any more, `NotAllowed` for anybody else."""
    if identity is None:
        raise NotSignedIn(UNKNOWN)
    if not isinstance(identity, Caller):
        raise NotAllowed("消息须用密钥发送，个人的登录不能代替。")
    identity.require(May.SEND_ALERTS)
    return identity


def check_source(source: str) -> None:
    """Refuse what cannot be the `source` of an event."""
    if not 1 <= len(source) <= persons.LONGEST_ID or source.isspace() or holds_control(source):
        raise Invalid("来源须是 1 至 255 个字符的 URI，例如 `/songjiang/medical-insurance`。")


def add_key(
    session: Session,
    *,
    source: str,
    scopes: Sequence[str],
    types: Sequence[str] = (),
    streets: Sequence[str] = (),
    expires_at: datetime | None = None,
    name: str | None = None,
    district: str | None = None,
    by: Actor,
) -> str:
    """Make a key for a source and return it: the only time it can be read.

    `name` is what people call the source from now on; without it any name it has stays.
    `district` may be left out where there is one alone, or streets say which.
    """
    by.require(May.MANAGE_KEYS)
    check_source(source)
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(f"密钥的权限须选自 {facts.listed(SCOPES)}。")
    unknown = [kind for kind in types if not event_types.is_known(kind, internal=False)]
    if unknown:
        raise Invalid("密钥只能限定为已有的消息类型，例如 `warning.illness_poverty`。")
    known = divisions.load(session)
    district = known.chosen(district or (divisions.district_of(streets[0]) if streets else None))
    if any(code not in known.of(district).streets for code in streets):
        raise Invalid("密钥只能限定为本区的街镇，请填 9 位代码。")
    if name is not None and (not 1 <= len(name) <= LONGEST_NAME or name.isspace() or holds_control(name)):
        raise Invalid(f"来源的名称须是 1 至 {LONGEST_NAME} 个字的文字。")
    now = clock.real_now()
    if expires_at is not None and expires_at <= now:
        raise Invalid("密钥的到期时间须在将来，这个时刻已经过去。")
    secret = PREFIX + secrets.token_urlsafe(32)
    session.add(
        UpstreamKey(
            key_id=uuid7(),
            district_code=district,
            source=source,
            key_digest=crypto.digest(secret),
            scopes=list(dict.fromkeys(scopes)),
            types=list(dict.fromkeys(types)),
            streets=list(dict.fromkeys(streets)),
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    if name is not None:
        tellers.put(session, district, source, name)
    return secret


def shown(session: Session, secret: str) -> KeyShown:
    """A key as it is listed, by the key itself."""
    row = session.execute(
        text(f"SELECT {_ITEM} FROM upstream_key WHERE key_digest = :digest"),
        {"digest": crypto.digest(secret), "now": clock.real_now()},
    )
    return _shown(row.one())


def page(session: Session, *, source: str | None, after: UUID | None, limit: int | None, by: Actor) -> list[KeyShown]:
    """Keys in every state, the oldest first, never the key itself; one more than `limit` when there are more."""
    by.require(May.MANAGE_KEYS)
    where = "TRUE" if source is None else "source = :source"
    if after is not None:
        where += " AND key_id > :after"
    rows = session.execute(
        text(f"SELECT {_ITEM} FROM upstream_key WHERE {where} ORDER BY key_id LIMIT :limit"),
        {"source": source, "after": after, "limit": None if limit is None else limit + 1, "now": clock.real_now()},
    )
    return [_shown(row) for row in rows]


def _shown(row: Row[Any]) -> KeyShown:
    return KeyShown(
        key_id=row.key_id,
        district=row.district,
        source=row.source,
        name=row.name,
        scopes=row.scopes,
        types=row.types,
        streets=row.streets,
        state=row.state,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_on=row.last_used_on,
    )


def count_live(session: Session, district: str, source: str) -> int:
    """How many keys of a source open the door of a district now: two while one replaces the other."""
    counted: int = session.execute(
        text(f"SELECT count(*) FROM upstream_key WHERE district_code = :district AND source = :source AND {_LIVE}"),
        {"district": district, "source": source, "now": clock.real_now()},
    ).scalar_one()
    return counted


def revoke(session: Session, key_id: UUID, *, by: Actor) -> None:
    """End a key at once and for good; ending it again changes nothing."""
    by.require(May.MANAGE_KEYS)
    found = session.execute(
        text("UPDATE upstream_key SET revoked_at = coalesce(revoked_at, :now) WHERE key_id = :key RETURNING key_id"),
        {"key": key_id, "now": clock.real_now()},
    )
    if found.one_or_none() is None:
        raise NotFound(GONE)


def caller(session: Session, secret: str) -> Caller:
    """Who shows this key; raises `NotSignedIn` for an unknown, expired or revoked one.

    The scope of the transaction is that of the key, and its district's from here on.
    """
    digest = crypto.digest(secret)
    district: str | None = session.execute(
        text("SELECT district_code FROM upstream_key WHERE key_digest = :digest"), {"digest": digest}
    ).scalar_one_or_none()
    if district is None:
        raise NotSignedIn(UNKNOWN)
    # What its source signs with is the district's.
    enter(session, Scope(within=district, key=digest))
    found = callers(session, [digest]).get(digest)
    if found is None:
        raise NotSignedIn(UNKNOWN)
    return found


def callers(session: Session, digests: Collection[bytes]) -> dict[bytes, Caller]:
    """Who shows the keys with these digests; unknown, expired and revoked ones are missing."""
    now = clock.real_now()
    rows = session.execute(text(_CALLERS), {"digests": list(digests), "now": now}).all()
    today = clock.today(now)
    if unused := [row.key_id for row in rows if row.last_used_on != today]:
        _note_use(session, unused, today)
    return {
        bytes(row.key_digest): Caller(
            row.key_id,
            row.district_code,
            row.source,
            frozenset(row.scopes),
            frozenset(row.types),
            frozenset(row.streets),
            must_sign=row.must_sign,
            secrets=tuple(zip(row.secret_ids, map(bytes, row.secrets), strict=True)),
        )
        for row in rows
    }


def _note_use(session: Session, key_ids: Sequence[UUID], today: date) -> None:
    # A day and not an instant: one write a day for each key, instead of one for each request. Whoever finds the row
    # locked need not wait: somebody else is writing the same day.
    session.execute(
        text(
            "UPDATE upstream_key SET last_used_on = :today WHERE key_id IN"
            " (SELECT key_id FROM upstream_key WHERE key_id = ANY(:keys) FOR UPDATE SKIP LOCKED)"
        ),
        {"keys": list(key_ids), "today": today},
    )
