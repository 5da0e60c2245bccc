"""Signed requests (Standard Webhooks): what sources sign with, whether a signature holds, and whether it is new."""

import base64
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypedDict
from uuid import UUID

import structlog
from sqlalchemy import Row, text
from sqlmodel import Session

from core.alerts.source_keys import Caller, check_source
from core.errors import Conflict, NotFound, NotSignedIn, Replayed, SignatureInvalid, SignatureMissing, SignatureStale
from core.organisation import streets
from core.organisation.roles import May
from core.organisation.users import Actor
from core.store.crypto import Keys, SealBroken
from core.store.ids import uuid7

log = structlog.get_logger()

TOLERANCE: Final = timedelta(minutes=5)  # Either way, by the real clock.
GONE: Final = "没有这个签名密钥。"
PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_TABLE: Final = "signing_secret"
# A full stop in it could be moved between the id, the timestamp and the body without changing the signature.
_MESSAGE_ID: Final = re.compile(r"[!-\-/-~]{1,255}", re.ASCII)
# One spelling only, or the same signature would pass as several messages.
_TIMESTAMP: Final = re.compile(r"[1-9]\d{0,10}", re.ASCII)
_STATE: Final = "CASE WHEN revoked_at IS NULL THEN 'live' ELSE 'revoked' END AS state"
_ITEM: Final = f"secret_id, district_code AS district, source, s.obligatory, {_STATE}, x.created_at, x.revoked_at"


class SecretShown(TypedDict):
    """A signing secret without the secret itself."""

    secret_id: UUID
    district: str
    source: str
    obligatory: bool
    state: Literal["live", "revoked"]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A request whose signature held; `sent_at` is its timestamp. It is taken in once."""

    source: str
    message_id: str
    sent_at: datetime


# At the door


def is_expected(by: Caller, headers: Mapping[str, str]) -> bool:
    """Whether a request must hold a good signature: its source has to sign, or it shows one that can be checked."""
    return by.must_sign or (bool(by.secrets) and "webhook-signature" in headers)


def verify(by: Caller, headers: Mapping[str, str], body: bytes, keys: Keys, *, now: datetime) -> Message | None:
    """The signed message that a request is, by the real clock; None where no signature is expected.

    `headers` are named in lower case; `body` is as it came. Raises `NotSignedIn` for a missing, wrong or stale one.
    """
    if not is_expected(by, headers):
        return None
    message_id, timestamp, signatures = (headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if message_id is None or timestamp is None or signatures is None:
        raise missing()
    if not _MESSAGE_ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise _wrong()
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - sent_at) > TOLERANCE:
        raise SignatureStale(
            "`webhook-timestamp` 与这里的时间相差超过 5 分钟，请校准发送方的时钟，并在每次重发时重新签名。"
        )
    shown = [signature.encode() for signature in signatures.split(" ")]
    content = f"{message_id}.{timestamp}.".encode() + body
    if not any(_fits(secret, content, shown) for secret in _opened(keys, by.secrets)):
        raise _wrong()
    return Message(by.source, message_id, sent_at)


def missing() -> NotSignedIn:
    """The refusal of a request that should be signed and is not."""
    return SignatureMissing("这个来源须签名发送，请带上 `webhook-id`、`webhook-timestamp` 和 `webhook-signature`。")


def _fits(secret: bytes, content: bytes, shown: Sequence[bytes]) -> bool:
    # Not by the library's `verify`: it reads the body as text, asks a clock of its own, breaks on a header out of shape
    # and takes 12.0 and 12.9 for the same second, so that one signature would pass as many messages.
    expected = b"v1," + base64.b64encode(hmac.digest(secret, content, "sha256"))
    return any(hmac.compare_digest(expected, signature) for signature in shown)


def _opened(keys: Keys, sealed: Iterable[tuple[UUID, bytes]]) -> Iterator[bytes]:
    """The secrets that can be read; one sealed under a key that is gone fits nothing."""
    for secret_id, secret in sealed:
        try:
            yield keys.open(secret, table=_TABLE, column="secret", row=str(secret_id))
        except SealBroken:
            log.error("a signing secret does not open", secret_id=str(secret_id))


def _wrong() -> NotSignedIn:
    return SignatureInvalid("这个请求的签名不正确。")


def take_in(session: Session, messages: Sequence[Message]) -> list[bool]:
    """Take note of signed messages, in the transaction that takes in what they say; False for one taken in before.

    Another transaction that is taking in the same message is waited for: only if it fails is this one the first.
    """
    if not messages:
        return []
    rows = session.execute(
        text(
            "INSERT INTO seen_message (source, message_id, sent_at) SELECT * FROM unnest("
            "CAST(:sources AS text[]), CAST(:ids AS text[]), CAST(:times AS timestamptz[])) ORDER BY 1, 2, 3"
            " ON CONFLICT DO NOTHING RETURNING source, message_id, sent_at"
        ),
        {
            "sources": [message.source for message in messages],
            "ids": [message.message_id for message in messages],
            "times": [message.sent_at for message in messages],
        },
    )
    new = {Message(*row) for row in rows}
    firsts = []
    for message in messages:
        firsts.append(message in new)
        new.discard(message)
    return firsts


def is_seen(session: Session, message: Message) -> bool:
    """Whether a signed message was taken in before."""
    return bool(
        session.execute(
            text(
                "SELECT EXISTS (SELECT FROM seen_message WHERE source = :source AND message_id = :id AND sent_at = :at)"
            ),
            {"source": message.source, "id": message.message_id, "at": message.sent_at},
        ).scalar_one()
    )


def replayed() -> Conflict:
    """The refusal of a message taken in before."""
    return Replayed("这个 `webhook-id` 以同样的时间戳已经收过；重发时请用新的时间戳。")


def forget(session: Session, *, now: datetime) -> int:
    """Drop what was seen and could not come back, being stale by now; `now` is real time."""
    # Twice the tolerance: the clocks of two machines may differ.
    dropped = session.execute(
        text("DELETE FROM seen_message WHERE sent_at < :stale RETURNING 1"), {"stale": now - 2 * TOLERANCE}
    )
    return len(dropped.all())


# Secrets


def add_secret(
    session: Session,
    keys: Keys,
    *,
    source: str,
    obligatory: bool | None = None,
    district: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[UUID, str]:
    """Make a secret for a source; returns its id and the secret, which can only be read now.

    `district` may be left out where there is one alone. `obligatory` says whether what the source sends unsigned is
    refused; None leaves that as it is.
    """
    by.require(May.MANAGE_KEYS)
    check_source(source)
    district = streets.load(session).chosen(district)
    session.execute(
        text(
            "INSERT INTO signed_source (district_code, source, obligatory)"
            " VALUES (:district, :source, coalesce(CAST(:obligatory AS boolean), FALSE))"
            " ON CONFLICT (district_code, source)"
            " DO UPDATE SET obligatory = coalesce(:obligatory, signed_source.obligatory)"
        ),
        {"district": district, "source": source, "obligatory": obligatory},
    )
    secret_id, secret = uuid7(), secrets.token_bytes(_SECRET_BYTES)
    session.execute(
        text(
            "INSERT INTO signing_secret (secret_id, district_code, source, secret, created_at)"
            " VALUES (:id, :district, :source, :secret, :now)"
        ),
        {
            "id": secret_id,
            "district": district,
            "source": source,
            "secret": keys.seal(secret, table=_TABLE, column="secret", row=str(secret_id)),
            "now": now,
        },
    )
    return secret_id, PREFIX + base64.b64encode(secret).decode()


def set_obligatory(session: Session, source: str, *, obligatory: bool, district: str | None = None, by: Actor) -> None:
    """Say whether what a source sends unsigned is refused; raises `NotFound` for one that never had a secret."""
    by.require(May.MANAGE_KEYS)
    district = streets.load(session).chosen(district)
    found = session.execute(
        text(
            "UPDATE signed_source SET obligatory = :obligatory"
            " WHERE district_code = :district AND source = :source RETURNING source"
        ),
        {"district": district, "source": source, "obligatory": obligatory},
    )
    if found.one_or_none() is None:
        raise NotFound("这个来源还没有签名密钥，请先生成一个。")


def revoke(session: Session, secret_id: UUID, *, by: Actor, now: datetime) -> None:
    """End a secret at once and for good; ending it again changes nothing.

    A source that has to sign and has no secret left is refused whatever it sends.
    """
    by.require(May.MANAGE_KEYS)
    found = session.execute(
        text(
            "UPDATE signing_secret SET revoked_at = coalesce(revoked_at, :now)"
            " WHERE secret_id = :id RETURNING secret_id"
        ),
        {"id": secret_id, "now": now},
    )
    if found.one_or_none() is None:
        raise NotFound(GONE)


def page(
    session: Session, *, source: str | None, after: UUID | None, limit: int | None, by: Actor
) -> list[SecretShown]:
    """Secrets in every state, the oldest first, never the secret itself; one more than `limit` when there are more."""
    by.require(May.MANAGE_KEYS)
    where = "TRUE" if source is None else "x.source = :source"
    if after is not None:
        where += " AND secret_id > :after"
    rows = session.execute(
        text(
            f"SELECT {_ITEM} FROM signing_secret x JOIN signed_source s USING (district_code, source) WHERE {where}"
            " ORDER BY secret_id LIMIT :limit"
        ),
        {"source": source, "after": after, "limit": None if limit is None else limit + 1},
    )
    return [_shown(row) for row in rows]


def one(session: Session, secret_id: UUID) -> SecretShown:
    """One secret as it is listed."""
    row = session.execute(
        text(
            f"SELECT {_ITEM} FROM signing_secret x JOIN signed_source s USING (district_code, source)"
            " WHERE secret_id = :id"
        ),
        {"id": secret_id},
    )
    return _shown(row.one())


def _shown(row: Row[Any]) -> SecretShown:
    return SecretShown(
        secret_id=row.secret_id,
        district=row.district,
        source=row.source,
        obligatory=row.obligatory,
        state=row.state,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def count_live(session: Session, district: str, source: str) -> int:
    """How many secrets of a source of a district are good now: two while one replaces the other."""
    counted: int = session.execute(
        text(
            "SELECT count(*) FROM signing_secret"
            " WHERE district_code = :district AND source = :source AND revoked_at IS NULL"
        ),
        {"district": district, "source": source},
    ).scalar_one()
    return counted
