"""How people who work here want to hear of things outside the pages: their channels, sealed, and their wishes."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, NotRequired, TypedDict, assert_never
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from core.errors import Invalid
from core.notifications import outbox, senders
from core.notifications.senders import Egress
from core.organisation.users import User
from core.store import bulk
from core.store.crypto import Keys
from core.store.ids import uuid7
from core.store.words import ChannelKind
from rules.facts import Problem

_TABLE: Final = "notification_channel"
_SECRET_BYTES: Final = 32
DEAD_AFTER_FAILURES: Final = 3  # From then on somebody should look.


# What somebody gives of a channel of each kind, by which it reaches them.
FIELDS: Final[Mapping[ChannelKind, str]] = {
    ChannelKind.EMAIL: "address",
    ChannelKind.WEBHOOK: "url",
    ChannelKind.WECOM: "key",
    ChannelKind.FEISHU: "key",
    ChannelKind.DINGTALK: "access_token",
    ChannelKind.SMS: "number",
    ChannelKind.APPRISE: "address",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel somebody wants; one that names its id stays, with what is left out as it was.

    `address` is the field of its kind, and `strange` names fields of others.
    """

    channel_id: UUID | None
    kind: ChannelKind
    address: str | None
    secret: str | None
    strange: tuple[str, ...] = ()


class ChannelShown(TypedDict):
    """A channel as it works, with the field of its kind; its secret only where it was just made."""

    channel_id: UUID
    kind: str
    has_secret: bool
    failing_since: datetime | None
    last_error: str | None
    address: NotRequired[str]
    url: NotRequired[str]
    key: NotRequired[str]
    access_token: NotRequired[str]
    number: NotRequired[str]
    secret: NotRequired[str]


class SettingsShown(TypedDict):
    """Somebody's channels and wishes."""

    channels: list[ChannelShown]
    digest: bool
    kinds: list[str]


class Dead(NamedTuple):
    """Channels of a kind that fail in the same way, and since when the first of them does."""

    kind: str
    last_error: str | None
    channels: int
    since: datetime


def shown(session: Session, keys: Keys, *, by: User) -> SettingsShown:
    """The caller's wishes and channels; secrets and tokens are never shown again."""
    wishes = session.execute(
        text("SELECT digest, kinds FROM notification_preference WHERE user_id = :user"), {"user": by.user_id}
    ).one_or_none()
    return {
        "channels": [_shown(keys, by.user_id, row) for row in _rows(session, by.user_id).values()],
        "digest": wishes.digest if wishes else True,
        "kinds": list(outbox.KINDS) if wishes is None or wishes.kinds is None else wishes.kinds,
    }


def replace(
    session: Session,
    keys: Keys,
    wanted: Sequence[Wanted],
    *,
    digest: bool,
    kinds: Sequence[str] | None,
    egress: Egress,
    by: User,
    now: datetime,
) -> SettingsShown:
    """Make the caller's channels these; a webhook without a secret gets one, which this answer alone shows."""
    # First, as its row lock lets two changes of one user happen one after the other.
    session.execute(
        text(
            "INSERT INTO notification_preference (user_id, place_code, digest, kinds, updated_at)"
            " VALUES (:user, :place, :digest, :kinds, :now) ON CONFLICT (user_id) DO UPDATE"
            " SET digest = excluded.digest, kinds = excluded.kinds, updated_at = excluded.updated_at"
        ),
        {
            "user": by.user_id,
            "place": by.place,
            "digest": digest,
            "kinds": None if kinds is None else sorted(set(kinds)),
            "now": now,
        },
    )
    present = _rows(session, by.user_id)
    _check(wanted, present, egress)
    made: dict[UUID, str] = {}
    added: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    for wish in wanted:
        if wish.channel_id is None:
            channel_id, secret = uuid7(), wish.secret
            if wish.kind == ChannelKind.WEBHOOK and secret is None:
                secret = made[channel_id] = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
            row = _row_of(keys, by.user_id, channel_id, wish.address, secret)
            added.append({**row, "place_code": by.place, "kind": wish.kind, "created_at": now})
        elif wish.address is not None or wish.secret is not None:
            known = present[wish.channel_id]
            row = _row_of(keys, by.user_id, wish.channel_id, wish.address, wish.secret)
            changed.append({**row, "address": row["address"] or known.address, "secret": row["secret"] or known.secret})
    bulk.update(session, _TABLE, changed, key=("user_id", "channel_id"))
    bulk.insert(session, _TABLE, added)
    kept = {wish.channel_id for wish in wanted}
    _remove(session, [channel for channel in present if channel not in kept], by=by)
    answer = shown(session, keys, by=by)
    for channel in answer["channels"]:
        if channel["channel_id"] in made:
            channel["secret"] = made[channel["channel_id"]]
    return answer


def _check(wanted: Sequence[Wanted], present: Mapping[UUID, Row[Any]], egress: Egress) -> None:
    problems: list[Problem] = []
    seen: set[UUID] = set()
    for number, wish in enumerate(wanted):
        at, field = f"channels.{number}", FIELDS[wish.kind]
        problems += [Problem(f"{at}.{name}", "unknown_field", "这种渠道没有这个字段。") for name in wish.strange]
        if wish.channel_id is not None:
            known = present.get(wish.channel_id)
            if known is None or known.kind != wish.kind or wish.channel_id in seen:
                problems.append(Problem(f"{at}.channel_id", "unknown", "须是您自己的同类渠道。"))
            seen.add(wish.channel_id)
        elif wish.address is None:
            problems.append(Problem(f"{at}.{field}", "missing", "必须填写。"))
        if wish.address is not None and (flaw := senders.flaw(wish.kind, wish.address, egress)):
            problems.append(Problem(f"{at}.{field}", "address", flaw))
        if wish.secret is not None and (bad := senders.secret_flaw(wish.kind, wish.secret)):
            problems.append(Problem(f"{at}.secret", "secret", bad))
    if problems:
        raise Invalid("有的渠道不能使用，没有作任何改动。", problems=problems)


def _row_of(keys: Keys, user: UUID, channel_id: UUID, address: str | None, secret: str | None) -> dict[str, object]:
    """A channel that begins anew: what failed before says nothing about a changed address or secret."""
    row = _row(user, channel_id)
    return {
        "user_id": user,
        "channel_id": channel_id,
        "address": None if address is None else keys.seal(address, table=_TABLE, column="address", row=row),
        "secret": None if secret is None else keys.seal(secret, table=_TABLE, column="secret", row=row),
        "failures": 0,
        "failing_since": None,
        "retry_at": None,
        "last_error": None,
    }


def _remove(session: Session, gone: Sequence[UUID], *, by: User) -> None:
    if not gone:
        return
    session.execute(
        text("DELETE FROM notification_channel WHERE user_id = :user AND channel_id = ANY(:gone)"),
        {"user": by.user_id, "gone": list(gone)},
    )
    session.execute(
        text(
            "DELETE FROM delivery WHERE street_code = ANY(:streets) AND user_id = :user AND channel_id = ANY(:gone)"
            " AND state <> 'sent'"
        ),
        {"streets": list(by.streets), "user": by.user_id, "gone": list(gone)},
    )


def _rows(session: Session, user: UUID) -> dict[UUID, Row[Any]]:
    rows = session.execute(
        text("SELECT * FROM notification_channel WHERE user_id = :user ORDER BY channel_id"), {"user": user}
    )
    return {row.channel_id: row for row in rows}


def _shown(keys: Keys, user: UUID, row: Row[Any]) -> ChannelShown:
    kind = ChannelKind(row.kind)
    address, _ = opened(keys, user, row.channel_id, row.address, None)
    given = senders.disguised(kind, address)
    found = ChannelShown(
        channel_id=row.channel_id,
        kind=row.kind,
        has_secret=row.secret is not None,
        failing_since=row.failing_since,
        last_error=row.last_error,
    )
    match kind:
        case ChannelKind.EMAIL | ChannelKind.APPRISE:
            found["address"] = given
        case ChannelKind.WEBHOOK:
            found["url"] = given
        case ChannelKind.WECOM | ChannelKind.FEISHU:
            found["key"] = given
        case ChannelKind.DINGTALK:
            found["access_token"] = given
        case ChannelKind.SMS:
            found["number"] = given
        case _:
            assert_never(kind)
    return found


def opened(keys: Keys, user: UUID, channel_id: UUID, address: bytes, secret: bytes | None) -> tuple[str, str | None]:
    """Address and secret of a channel in the clear; raises `SealBroken`."""
    row = _row(user, channel_id)
    plain = keys.open(address, table=_TABLE, column="address", row=row).decode()
    if secret is None:
        return plain, None
    return plain, keys.open(secret, table=_TABLE, column="secret", row=row).decode()


def _row(user: UUID, channel_id: UUID) -> str:
    # Both, so that nobody's address opens as somebody else's.
    return f"{user}/{channel_id}"


def any_of(session: Session, kind: ChannelKind) -> bool:
    """Whether anybody has a channel of a kind."""
    wanted = "SELECT EXISTS (SELECT FROM notification_channel WHERE kind = :kind)"
    return bool(session.execute(text(wanted), {"kind": kind}).scalar_one())


def dead(session: Session) -> list[Dead]:
    """Channels of people still here that failed several times in a row."""
    rows = session.execute(
        text(
            "SELECT kind, last_error, count(*) AS channels, min(failing_since) AS since FROM notification_channel"
            " JOIN user_account u USING (user_id) WHERE failures >= :most AND u.active"
            " GROUP BY kind, last_error ORDER BY kind, last_error"
        ),
        {"most": DEAD_AFTER_FAILURES},
    )
    return [Dead(*row) for row in rows]
