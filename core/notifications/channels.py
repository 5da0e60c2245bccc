"""How people who work here want to hear of things outside the pages: their channels, sealed, and their wishes."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid
from core.notifications import outbox, senders
from core.notifications.senders import Ways
from core.organisation.users import User
from core.store.crypto import Keys
from core.store.ids import uuid7
from rules.facts import Problem

_TABLE: Final = "notification_channel"
_SECRET_BYTES: Final = 32
DEAD_AFTER_FAILURES: Final = 3  # From then on somebody should look.


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel somebody wants; one that names its id stays, with what is left out as it was."""

    channel_id: UUID | None
    kind: str
    address: str | None
    secret: str | None


def shown(session: Session, keys: Keys, *, by: User) -> dict[str, Any]:
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
    ways: Ways,
    by: User,
    now: datetime,
) -> dict[str, Any]:
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
    _check(wanted, present, ways)
    made: dict[UUID, str] = {}
    kept: set[UUID] = set()
    for one in wanted:
        channel_id = one.channel_id or uuid7()
        kept.add(channel_id)
        secret = one.secret
        if one.kind == "webhook" and secret is None and one.channel_id is None:
            secret = made[channel_id] = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        if one.channel_id is None or one.address is not None or one.secret is not None:
            _write(session, keys, channel_id, one, secret, by=by, now=now)
    _remove(session, [channel for channel in present if channel not in kept], by=by)
    answer = shown(session, keys, by=by)
    for channel in answer["channels"]:
        channel["secret"] = made.get(channel["channel_id"])
    return answer


def _check(wanted: Sequence[Wanted], present: Mapping[UUID, Any], ways: Ways) -> None:
    problems: list[Problem] = []
    seen: set[UUID] = set()
    for number, one in enumerate(wanted):
        at = f"channels.{number}"
        if one.channel_id is not None:
            known = present.get(one.channel_id)
            if known is None or known.kind != one.kind or one.channel_id in seen:
                problems.append(Problem(f"{at}.channel_id", "unknown", "须是您自己的同类渠道。"))
            seen.add(one.channel_id)
        elif one.address is None:
            problems.append(Problem(f"{at}.address", "missing", "必须填写。"))
        if one.address is not None and (flaw := senders.flaw(one.kind, one.address, ways)):
            problems.append(Problem(f"{at}.address", "address", flaw))
        if one.secret is not None:
            bad = senders.signing_secret_flaw(one.secret) if one.kind == "webhook" else "只有 `webhook` 才有密钥。"
            if bad:
                problems.append(Problem(f"{at}.secret", "secret", bad))
    if problems:
        raise Invalid("有的渠道不能使用，没有作任何改动。", problems=problems)


def _write(
    session: Session, keys: Keys, channel_id: UUID, one: Wanted, secret: str | None, *, by: User, now: datetime
) -> None:
    """A changed address or secret begins anew: what failed before says nothing about it."""
    row = _row(by.user_id, channel_id)
    values = {
        "address": None if one.address is None else keys.seal(one.address, table=_TABLE, column="address", row=row),
        "secret": None if secret is None else keys.seal(secret, table=_TABLE, column="secret", row=row),
    }
    key = {"user": by.user_id, "channel": channel_id}
    if one.channel_id is None:
        session.execute(
            text(
                "INSERT INTO notification_channel"
                " (user_id, channel_id, place_code, kind, address, secret, failures, created_at)"
                " VALUES (:user, :channel, :place, :kind, :address, :secret, 0, :now)"
            ),
            {**key, **values, "place": by.place, "kind": one.kind, "now": now},
        )
        return
    session.execute(
        text(
            "UPDATE notification_channel SET address = coalesce(:address, address), secret = coalesce(:secret, secret),"
            " failures = 0, failing_since = NULL, retry_at = NULL, last_error = NULL"
            " WHERE user_id = :user AND channel_id = :channel"
        ),
        {**key, **values},
    )


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


def _rows(session: Session, user: UUID) -> dict[UUID, Any]:
    rows = session.execute(
        text("SELECT * FROM notification_channel WHERE user_id = :user ORDER BY channel_id"), {"user": user}
    )
    return {row.channel_id: row for row in rows}


def _shown(keys: Keys, user: UUID, row: Any) -> dict[str, Any]:
    address, _ = opened(keys, user, row.channel_id, row.address, None)
    return {
        "channel_id": row.channel_id,
        "kind": row.kind,
        "address": senders.disguised(row.kind, address),
        "has_secret": row.secret is not None,
        "failing_since": row.failing_since,
        "last_error": row.last_error,
    }


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


def any_of(session: Session, kind: str) -> bool:
    """Whether anybody has a channel of a kind."""
    wanted = "SELECT EXISTS (SELECT FROM notification_channel WHERE kind = :kind)"
    return bool(session.execute(text(wanted), {"kind": kind}).scalar_one())


def dead(session: Session) -> list[Any]:
    """Channels of people still here that failed several times in a row: (kind, last_error, channels, since)."""
    rows = session.execute(
        text(
            "SELECT kind, last_error, count(*) AS channels, min(failing_since) AS since FROM notification_channel"
            " JOIN user_account u USING (user_id) WHERE failures >= :most AND u.active"
            " GROUP BY kind, last_error ORDER BY kind, last_error"
        ),
        {"most": DEAD_AFTER_FAILURES},
    )
    return list(rows)
