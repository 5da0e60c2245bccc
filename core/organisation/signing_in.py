"""Signing in and choosing a password, each in three steps: one transaction, the comparison, another transaction.

The comparison takes its time on purpose and holds no connection meanwhile. An unknown name goes the same way as a
wrong password, takes as long and is answered alike.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid, NotSignedIn, Refusal
from core.organisation import failures, passwords, sessions, users
from core.organisation.sessions import Limits
from core.organisation.users import User
from core.store import crypto
from core.store.crypto import Keys
from core.store.database import widened
from core.store.models.accounts import Ended
from core.store.scopes import Scope
from rules.facts import Problem


class WrongPassword(NotSignedIn):
    """The password is not that of the name, or there is no such name: which of the two is not revealed."""

    code = "wrong_password"
    title = "用户名或密码不对"
    advice = "请核对大小写后重试；忘记密码的，请所在街镇的负责人或系统管理员重置。"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody's password is compared with; with `is_proven` they have just shown it, and need not again."""

    username: str
    address: str
    user_id: UUID | None = None
    password_hash: str | None = None
    code_digest: bytes | None = None
    is_proven: bool = False

    def scope(self, *, instead_of: str | None = None) -> Scope:
        """The scope of the last step: the account, and the session that the same browser showed."""
        token = b"" if instead_of is None else crypto.digest(instead_of)
        return Scope(username=self.username, user=self.user_id, token=token)


class Verdict(StrEnum):
    """What was typed."""

    WRONG = auto()
    PASSWORD = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Started:
    """A session just opened or renewed."""

    token: str
    user: User


def begin(session: Session, keys: Keys, username: str, *, address: str, now: datetime) -> Attempt:
    """First step of signing in; raises `TooMany` while the name is locked or the address has failed too often.

    Of all accounts the scope of the transaction holds the one of this name.
    """
    failures.begin(session, keys, username, address, now=now)
    row = session.execute(
        text(
            "SELECT user_id, password_hash, CASE WHEN code_expires_at > :now THEN code_digest END AS code_digest"
            " FROM user_account WHERE username = :username"
        ),
        {"username": username, "now": now},
    ).one_or_none()
    if row is None:
        return Attempt(username, address)
    return Attempt(username, address, row.user_id, row.password_hash, row.code_digest)


def begin_change(session: Session, keys: Keys, *, by: User, address: str, now: datetime) -> Attempt:
    """First step of choosing another password; guessing at the present one counts as failing to sign in does."""
    failures.begin(session, keys, by.username, address, now=now)
    row = session.execute(
        text("SELECT password_hash, code_digest FROM user_account WHERE user_id = :user"), {"user": by.user_id}
    ).one()
    # A code is used up by signing in; in the session it opened it still stands for the present password.
    code_digest = row.code_digest if by.is_limited else None
    return Attempt(by.username, address, by.user_id, row.password_hash, code_digest, is_proven=by.is_limited)


def compare(attempt: Attempt, secret: str | None) -> Verdict:
    """The second step, outside any transaction: as long for everybody."""
    if secret is None:
        return Verdict.PASSWORD if attempt.is_proven else Verdict.WRONG
    is_password = passwords.is_right(secret, attempt.password_hash)
    if passwords.is_code(secret, attempt.code_digest):
        return Verdict.CODE
    return Verdict.PASSWORD if is_password else Verdict.WRONG


def chosen(attempt: Attempt, new: str) -> str | None:
    """Another password as it is stored, outside any transaction; None for the one that is there already."""
    return None if passwords.is_right(new, attempt.password_hash) else passwords.hashed(new)


def finish(
    session: Session,
    keys: Keys,
    attempt: Attempt,
    verdict: Verdict,
    *,
    limits: Limits,
    instead_of: str | None,
    now: datetime,
    today: date,
) -> Started | Refusal:
    """The third step. A refusal is returned and not raised, so that it is counted; `today` is the business day.

    `instead_of` is the token that the same browser showed: its session ends. The scope of the transaction is that of
    the attempt.
    """
    row = session.execute(
        text(
            "SELECT street_code, district_code, password_hash, code_digest, code_expires_at, is_first_password,"
            " active, locked_at, valid_until FROM user_account WHERE user_id = :user FOR UPDATE"
        ),
        {"user": attempt.user_id},
    ).one_or_none()
    match verdict:
        case Verdict.PASSWORD:
            is_good = row is not None and row.password_hash == attempt.password_hash
        case Verdict.CODE:
            # Of two who type the same code at once, one finds it used.
            is_good = row is not None and row.code_digest == attempt.code_digest and row.code_expires_at is not None
        case Verdict.WRONG:
            is_good = False
    if row is None or not is_good or attempt.user_id is None:
        next_time = failures.failed(session, keys, attempt.username, attempt.address, now=now)
        return WrongPassword(f"用户名或密码不对。{next_time}")
    failures.forgive(session, keys, attempt.username)
    try:
        users.refuse_closed(row, today=today)
    except NotSignedIn as refusal:
        return refusal
    is_limited = verdict is Verdict.CODE or row.is_first_password
    if verdict is Verdict.CODE:
        session.execute(
            text("UPDATE user_account SET code_expires_at = NULL WHERE user_id = :user"), {"user": attempt.user_id}
        )
    if instead_of is not None:
        sessions.end(session, instead_of, Ended.REPLACED, now=now)
    _, token = sessions.start(
        session,
        attempt.user_id,
        users.place_of(row.street_code, row.district_code),
        is_limited=is_limited,
        address=attempt.address,
        limits=limits,
        now=now,
    )
    return Started(token, sessions.find(session, token, limits=limits, now=now, today=today))


def change(
    session: Session,
    keys: Keys,
    attempt: Attempt,
    verdict: Verdict,
    password_hash: str | None,
    *,
    by: User,
    limits: Limits,
    now: datetime,
    today: date,
) -> Started | Refusal:
    """Last step of choosing a password: it holds from now on, and of one's sessions only this one goes on."""
    if verdict is Verdict.WRONG:
        next_time = failures.failed(session, keys, attempt.username, attempt.address, now=now)
        return Invalid("现在的密码不对。", problems=[Problem("current", "password", f"现在的密码不对。{next_time}")])
    failures.forgive(session, keys, attempt.username)
    if password_hash is None:
        words = "新密码要和现在的不同。"
        return Invalid(words, problems=[Problem("new", "password", words)])
    assert by.session_id is not None, "only somebody who signed in chooses a password"
    set_password(session, by.user_id, password_hash, is_first=False)
    sessions.end_all(session, by.user_id, Ended.PASSWORD_CHANGED, but=by.session_id, now=now)
    token = sessions.renew(session, by.session_id)
    return Started(token, sessions.find(session, token, limits=limits, now=now, today=today))


def set_password(session: Session, user_id: UUID, password_hash: str, *, is_first: bool) -> None:
    """Store a password; a code that was given out before opens nothing any more."""
    session.execute(
        text(
            "UPDATE user_account SET password_hash = :hash, is_first_password = :first, code_digest = NULL,"
            " code_expires_at = NULL WHERE user_id = :user"
        ),
        {"hash": password_hash, "first": is_first, "user": user_id},
    )


def give_code(session: Session, keys: Keys, user_id: UUID, *, now: datetime) -> tuple[str, datetime]:
    """A code that opens an account once, instead of its password, and until when; open sessions end."""
    code, expires_at = passwords.new_code(), now + timedelta(hours=passwords.CODE_HOURS)
    username = session.execute(
        text(
            "UPDATE user_account SET password_hash = NULL, is_first_password = false, code_digest = :digest,"
            " code_expires_at = :expires_at WHERE user_id = :user RETURNING username"
        ),
        {"digest": passwords.code_digest(code), "expires_at": expires_at, "user": user_id},
    ).scalar_one()
    sessions.end_all(session, user_id, Ended.RESET, now=now)
    with widened(session, Scope(username=username)):
        failures.forgive(session, keys, username)
    return code, expires_at
