"""Failed sign-ins, counted by name and by address in the database, so that every process knows of them.

All times are real. A name is counted whether an account has it or not: being locked tells nobody that it exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import TooMany
from core.store.crypto import Keys
from core.store.models.accounts import Counted

OF_A_NAME: Final = 5
OF_AN_ADDRESS: Final = 100
WINDOW: Final = timedelta(minutes=15)
LOCKED: Final = timedelta(minutes=15)
# How long a counter is kept that has come to its end.
KEPT: Final = timedelta(hours=24)
# Look-ups and searches of one account that find nobody: who guesses is stopped, who mistypes is not.
LOOK_UPS: Final = 60
LOOK_UP_WINDOW: Final = timedelta(hours=1)
_IPV6_NETWORK: Final = 64


class NameLocked(TooMany):
    """Too many wrong passwords for a name, whoever typed them."""

    code = "locked"
    title = "用户名已锁定"
    advice = "请等到说明中的时间再登录；等不及的，请所在街镇的负责人或系统管理员重置密码。"


class AddressBlocked(TooMany):
    """Too many failures from one address."""

    code = "too_many_failures"
    title = "这个网络地址登录失败太多"
    advice = "请等到说明中的时间再登录；许多人共用一个地址时，请找系统管理员。"


class LookUpsExhausted(TooMany):
    """Too many look-ups or searches by one account that found nobody."""

    code = "too_many_look_ups"
    title = "查不到人的次数太多"
    advice = "请核对手头的姓名、号码或地址，等到说明中的时间再查；要找的人可能不在您的街镇、居村。"


@dataclass(slots=True)
class _Counter:
    kind: Counted
    subject: bytes
    failures: int
    counted_from: datetime
    locked_until: datetime | None

    def begin_anew_after_its_window(self, now: datetime, window: timedelta = WINDOW) -> None:
        if now >= self.counted_from + window:
            self.failures, self.counted_from = 0, now

    def refuse_while_locked(self, now: datetime) -> None:
        if self.locked_until is not None and now < self.locked_until:
            seconds = _seconds(self.locked_until - now)
            raise NameLocked(_locked_words(self.locked_until, now), retry_after_seconds=seconds)


def begin(session: Session, keys: Keys, username: str, address: str, *, now: datetime) -> None:
    """Take up an attempt to sign in; raises `TooMany` where the name or the address has had too many.

    The attempt counts as a failure of its name until it is forgiven: however many try at once, no more passwords are
    compared than may be wrong.
    """
    network = _counter(session, Counted.ADDRESS, _by_address(keys, address), now)
    network.begin_anew_after_its_window(now)
    if network.failures >= OF_AN_ADDRESS:
        until = network.counted_from + WINDOW
        raise AddressBlocked(
            f"这个网络地址 15 分钟里已有 {OF_AN_ADDRESS} 次登录失败，请在 {_hour(until)} 以后再试。",
            retry_after_seconds=_seconds(until - now),
        )
    name = _counter(session, Counted.NAME, _by_name(keys, username), now)
    name.refuse_while_locked(now)
    name.begin_anew_after_its_window(now)
    if name.failures >= OF_A_NAME:
        # As many as may be wrong are being compared this moment.
        raise TooMany("这个用户名正在别处登录，请稍等片刻再试。", retry_after_seconds=1)
    name.failures += 1
    name.locked_until = None
    _write(session, name)


def failed(session: Session, keys: Keys, username: str, address: str, *, now: datetime) -> str:
    """The attempt was wrong; returns what its maker should know about the next one."""
    network = _counter(session, Counted.ADDRESS, _by_address(keys, address), now)
    network.begin_anew_after_its_window(now)
    network.failures += 1
    _write(session, network)
    name = _counter(session, Counted.NAME, _by_name(keys, username), now)
    if name.locked_until is None and name.failures >= OF_A_NAME:
        name.failures, name.locked_until = 0, now + LOCKED
        _write(session, name)
    if name.locked_until is not None:
        return _locked_words(name.locked_until, now)
    return f"再输错 {OF_A_NAME - name.failures} 次，这个用户名会锁定 15 分钟。"


def forgive(session: Session, keys: Keys, username: str) -> None:
    """A name's failures are over: somebody signed in with it, or was given a new code."""
    session.execute(
        text("DELETE FROM failure_count WHERE kind = :kind AND subject = :subject"),
        {"kind": Counted.NAME, "subject": _by_name(keys, username)},
    )


def begin_look_up(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Refuse to look for people on behalf of somebody who has looked for too many in vain."""
    counter = _counter(session, Counted.LOOK_UP, user_id.bytes, now)
    counter.begin_anew_after_its_window(now, LOOK_UP_WINDOW)
    if counter.failures >= LOOK_UPS:
        until = counter.counted_from + LOOK_UP_WINDOW
        raise LookUpsExhausted(
            f"一小时里已有 {LOOK_UPS} 次没有查到人，请在 {_hour(until)} 以后再查。",
            retry_after_seconds=_seconds(until - now),
        )


def found_nobody(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Count a look-up or a search that found nobody."""
    counter = _counter(session, Counted.LOOK_UP, user_id.bytes, now)
    counter.begin_anew_after_its_window(now, LOOK_UP_WINDOW)
    counter.failures += 1
    _write(session, counter)


def forget(session: Session, *, now: datetime) -> None:
    """Delete the counters that came to their end a day ago or earlier."""
    session.execute(text("DELETE FROM failure_count WHERE counted_from < :before"), {"before": now - KEPT})


def _by_name(keys: Keys, username: str) -> bytes:
    # Never in the clear: people type their password into the field above it.
    return keys.person_key("sign_in_name", username)


def _by_address(keys: Keys, address: str) -> bytes:
    try:
        found = ip_address(address)
    except ValueError:
        return keys.person_key("sign_in_address", address)
    if isinstance(found, IPv6Address):
        # Whoever has one IPv6 address has its whole network.
        return keys.person_key("sign_in_address", f"{int(found) >> _IPV6_NETWORK:x}::")
    return keys.person_key("sign_in_address", str(found))


def _counter(session: Session, kind: Counted, subject: bytes, now: datetime) -> _Counter:
    session.execute(
        text(
            "INSERT INTO failure_count (kind, subject, failures, counted_from) VALUES (:kind, :subject, 0, :now)"
            " ON CONFLICT DO NOTHING"
        ),
        {"kind": kind, "subject": subject, "now": now},
    )
    # The row lock is what keeps many at once from all being the first.
    row = session.execute(
        text(
            "SELECT failures, counted_from, locked_until FROM failure_count"
            " WHERE kind = :kind AND subject = :subject FOR UPDATE"
        ),
        {"kind": kind, "subject": subject},
    ).one()
    return _Counter(kind, subject, row.failures, row.counted_from, row.locked_until)


def _write(session: Session, counter: _Counter) -> None:
    session.execute(
        text(
            "UPDATE failure_count SET failures = :failures, counted_from = :counted_from, locked_until = :locked_until"
            " WHERE kind = :kind AND subject = :subject"
        ),
        {
            "kind": counter.kind,
            "subject": counter.subject,
            "failures": counter.failures,
            "counted_from": counter.counted_from,
            "locked_until": counter.locked_until,
        },
    )


def _locked_words(until: datetime, now: datetime) -> str:
    minutes = ceil((until - now) / timedelta(minutes=1))
    return (
        f"这个用户名已输错 {OF_A_NAME} 次密码，锁定到 {_hour(until)}（还有 {minutes} 分钟）。"
        "等不及的，请所在街镇的负责人重置密码；街镇负责人和区里的人员请找系统管理员。"
    )


def _hour(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%H:%M}"


def _seconds(left: timedelta) -> int:
    return max(1, ceil(left.total_seconds()))
