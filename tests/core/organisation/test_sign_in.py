"""Signing in: who gets in, for how long, and what happens to those who guess."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import NotSignedIn, Refusal, TooMany
from core.heartbeat import sweep
from core.organisation import failures, passwords, sessions, signing_in, users
from core.organisation.failures import AddressBlocked, NameLocked
from core.organisation.sessions import Limits, SessionOver
from core.organisation.signing_in import Started, WrongPassword
from core.organisation.users import AccountClosed, User
from core.store import crypto
from core.store.scopes import Scope, everywhere
from tests.world import PASSWORD, PASSWORD_HASH, STREET, World

LIMITS = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
MINUTE = timedelta(minutes=1)
NINE = datetime(2026, 3, 20, 1, tzinfo=UTC)
TODAY = date(2026, 3, 20)


@dataclass
class Entrance:
    """Where one signs in, with a real clock that a test moves."""

    world: World
    now: datetime = NINE
    today: date = TODAY
    address: str = "192.0.2.7"
    names: Iterator[int] = field(default_factory=lambda: iter(range(1000)))

    def account(self, **details: object) -> str:
        name = f"li-{next(self.names)}"
        given: dict[str, object] = {
            "password_hash": PASSWORD_HASH,
            "role": "street_advisor",
            "street": STREET,
            **details,
        }
        with self.world.database.transaction(everywhere()) as session:
            users.add_user(session, username=name, **given)  # type: ignore[arg-type]
        return name

    def sign_in(self, name: str, password: str = PASSWORD, *, instead_of: str | None = None) -> Started | Refusal:
        with self.world.database.transaction(Scope(username=name)) as session:
            attempt = signing_in.begin(session, self.world.keys, name, address=self.address, now=self.now)
        verdict = signing_in.compare(attempt, password)
        with self.world.database.transaction(attempt.scope(instead_of=instead_of)) as session:
            return signing_in.finish(
                session,
                self.world.keys,
                attempt,
                verdict,
                limits=LIMITS,
                instead_of=instead_of,
                now=self.now,
                today=self.today,
            )

    def in_(self, name: str, password: str = PASSWORD, **more: str) -> Started:
        started = self.sign_in(name, password, **more)
        assert isinstance(started, Started), started
        return started

    def find(self, started: Started) -> User:
        with self.world.database.transaction(Scope(token=crypto.digest(started.token))) as session:
            return sessions.find(session, started.token, limits=LIMITS, now=self.now, today=self.today)

    def choose(self, started: Started, current: str | None, new: str = "a word of my own") -> Started | Refusal:
        by = self.find(started)
        with self.world.database.transaction(Scope(username=by.username, user=by.user_id)) as session:
            attempt = signing_in.begin_change(session, self.world.keys, by=by, address=self.address, now=self.now)
        verdict, new_hash = signing_in.compare(attempt, current), passwords.hashed(new)
        with self.world.database.transaction(attempt.scope()) as session:
            return signing_in.change(
                session,
                self.world.keys,
                attempt,
                verdict,
                new_hash,
                by=by,
                limits=LIMITS,
                now=self.now,
                today=self.today,
            )

    def code_for(self, name: str) -> str:
        with self.world.database.transaction(everywhere()) as session:
            user_id = users.id_of(session, name)
            return signing_in.give_code(session, self.world.keys, user_id, now=self.now)[0]


@pytest.fixture
def entrance(world: World) -> Entrance:
    return Entrance(world)


# Sessions


def test_a_session_is_over_after_thirty_minutes_without_a_request(entrance: Entrance) -> None:
    started = entrance.in_(entrance.account())
    for _ in range(3):
        entrance.now += 29 * MINUTE
        entrance.find(started)
    entrance.now += 30 * MINUTE
    with pytest.raises(SessionOver, match="30 分钟没有操作"):
        entrance.find(started)


def test_a_session_is_over_after_twelve_hours_however_busy(entrance: Entrance) -> None:
    started = entrance.in_(entrance.account())
    for _ in range(36):
        entrance.find(started)
        entrance.now += 20 * MINUTE
    with pytest.raises(SessionOver, match="12 小时"):
        entrance.find(started)


def test_that_somebody_is_there_is_written_once_a_minute(entrance: Entrance) -> None:
    started = entrance.in_(entrance.account())
    entrance.now += timedelta(seconds=59)
    entrance.find(started)
    [login] = entrance.world.rows("SELECT last_seen_at FROM login")
    assert login.last_seen_at == NINE
    entrance.now += timedelta(seconds=1)
    entrance.find(started)
    [login] = entrance.world.rows("SELECT last_seen_at FROM login")
    assert login.last_seen_at == NINE + MINUTE


def test_who_signs_in_again_in_the_same_browser_leaves_no_session_behind(entrance: Entrance) -> None:
    name = entrance.account()
    first = entrance.in_(name)
    second = entrance.in_(name, instead_of=first.token)
    assert second.token != first.token
    entrance.find(second)
    with pytest.raises(SessionOver, match="后来又登录过"):
        entrance.find(first)


def test_one_sees_and_ends_ones_own_sessions_only(entrance: Entrance) -> None:
    name, other = entrance.account(), entrance.account()
    desk, phone, stranger = entrance.in_(name), entrance.in_(name), entrance.in_(other)
    by = entrance.find(desk)
    with entrance.world.database.transaction(Scope(user=by.user_id)) as session:
        listed = sessions.page(session, by=by, after=None, limit=10, limits=LIMITS, now=entrance.now)
        assert [(one.address, one.current) for one in listed] == [("192.0.2.7", False), ("192.0.2.7", True)]
        with pytest.raises(Refusal, match="没有这次登录"):
            sessions.end_one(session, entrance.find(stranger).session_id, by=by, now=entrance.now)  # type: ignore[arg-type]
        sessions.end_one(session, listed[0].session_id, by=by, now=entrance.now)
    with pytest.raises(SessionOver, match="另一台设备"):
        entrance.find(phone)
    entrance.find(desk)
    entrance.find(stranger)


def test_rows_of_sessions_and_counters_go_a_day_after_their_end(entrance: Entrance) -> None:
    name = entrance.account()
    entrance.in_(name)
    entrance.sign_in(name, "wrong")
    for hours, left in ((12 + 23, (1, 0)), (12 + 25, (0, 0))):
        later = NINE + timedelta(hours=hours)
        with entrance.world.database.transaction(everywhere()) as session:
            sessions.forget(session, now=later)
            failures.forget(session, now=later)
        counts = tuple(entrance.world.rows(f"SELECT count(*) FROM {t}")[0][0] for t in ("login", "failure_count"))
        assert counts == left
    entrance.in_(name)
    # Long ago, by the clock on the wall: the heartbeat deletes them.
    sweep.once(entrance.world.database, entrance.world.keys, entrance.world.business)
    assert entrance.world.rows("SELECT count(*) FROM login")[0][0] == 0


# Accounts


def test_an_account_opens_through_its_last_business_day(entrance: Entrance) -> None:
    name = entrance.account(valid_until=TODAY)
    started = entrance.in_(name)
    entrance.today += timedelta(days=1)
    with pytest.raises(AccountClosed, match="2026年3月20日为止"):
        entrance.find(started)
    refused = entrance.sign_in(name)
    assert isinstance(refused, AccountClosed)
    assert "负责人延长" in refused.detail


def test_that_an_account_is_closed_hears_only_who_knows_its_password(entrance: Entrance) -> None:
    name = entrance.account()
    with entrance.world.database.transaction(everywhere()) as session:
        users.set_lock(session, users.id_of(session, name), entrance.now)
    assert isinstance(entrance.sign_in(name, "wrong"), WrongPassword)
    assert isinstance(entrance.sign_in(name), AccountClosed)


# Guessing


def test_five_failures_lock_a_name_for_fifteen_minutes_and_say_until_when(entrance: Entrance) -> None:
    name = entrance.account()
    said = []
    for _ in range(5):
        refused = entrance.sign_in(name, "wrong")
        assert isinstance(refused, WrongPassword)
        said.append(refused.detail)
    assert "再输错 4 次" in said[0]
    assert "锁定到 09:15（还有 15 分钟）" in said[4]
    entrance.now += 14 * MINUTE
    with pytest.raises(NameLocked, match="还有 1 分钟") as locked:
        entrance.sign_in(name)
    assert locked.value.retry_after_seconds == 60
    entrance.now += MINUTE
    entrance.in_(name)


def test_an_unknown_name_is_answered_and_locked_like_a_known_one(entrance: Entrance) -> None:
    name = entrance.account()

    def answers(username: str) -> list[str]:
        said = []
        for _ in range(7):
            try:
                refused = entrance.sign_in(username, "wrong")
                assert isinstance(refused, Refusal)
                said.append(refused.detail)
            except TooMany as locked:
                said.append(locked.detail)
        return said

    assert answers(name) == answers("nobody")


def test_a_good_sign_in_ends_the_count_and_so_do_fifteen_minutes(entrance: Entrance) -> None:
    name = entrance.account()
    for _ in range(3):
        for _ in range(4):
            entrance.sign_in(name, "wrong")
        entrance.in_(name)
    for _ in range(3):
        for _ in range(4):
            entrance.sign_in(name, "wrong")
        entrance.now += 15 * MINUTE
    entrance.in_(name)


def test_of_many_guesses_at_once_no_more_than_five_are_compared(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = entrance.account()
    compared = []
    compare = signing_in.compare

    def counting(attempt: signing_in.Attempt, secret: str | None) -> signing_in.Verdict:
        compared.append(secret)
        return compare(attempt, secret)

    monkeypatch.setattr(signing_in, "compare", counting)

    def guess(number: int) -> None:
        with contextlib.suppress(TooMany):
            entrance.sign_in(name, f"guess {number}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(guess, range(40)))
    assert len(compared) == 5


def test_an_address_is_stopped_after_a_hundred_failures_and_good_sign_ins_do_not_count(entrance: Entrance) -> None:
    name = entrance.account()
    with entrance.world.database.transaction(Scope(username="a")) as session:
        for number in range(99):
            failures.begin(session, entrance.world.keys, f"a{number}", entrance.address, now=entrance.now)
            failures.failed(session, entrance.world.keys, f"a{number}", entrance.address, now=entrance.now)
    for _ in range(3):
        entrance.in_(name)
    entrance.sign_in(name, "wrong")
    with pytest.raises(AddressBlocked, match="09:15"):
        entrance.sign_in(name)
    entrance.address = "192.0.2.8"
    entrance.in_(name)
    entrance.address = "192.0.2.7"
    entrance.now += 15 * MINUTE
    entrance.in_(name)


def test_one_network_of_ipv6_is_one_address(entrance: Entrance) -> None:
    with entrance.world.database.transaction(Scope(username="a")) as session:
        for number in range(100):
            address = f"2001:db8::{number:x}"
            failures.begin(session, entrance.world.keys, f"a{number}", address, now=entrance.now)
            failures.failed(session, entrance.world.keys, f"a{number}", address, now=entrance.now)
    entrance.address = "2001:db8::ffff"
    with pytest.raises(AddressBlocked):
        entrance.sign_in("anybody")
    entrance.address = "2001:db8:0:1::1"
    assert isinstance(entrance.sign_in("anybody"), WrongPassword)


def test_names_and_addresses_are_not_stored_in_the_clear(entrance: Entrance) -> None:
    entrance.sign_in("typed-my-password-here", "wrong")
    rows = entrance.world.rows("SELECT * FROM failure_count")
    assert len(rows) == 2
    assert "typed" not in str(rows)
    assert "192.0.2" not in str(rows)


# Passwords and codes


def test_a_code_opens_an_account_once_and_then_a_password_is_chosen(entrance: Entrance) -> None:
    name = entrance.account(password_hash=None)
    code = entrance.code_for(name)
    started = entrance.in_(name, code.lower().replace("-", " "))
    assert started.user.is_limited
    assert isinstance(entrance.sign_in(name, code), WrongPassword)
    chosen = entrance.choose(started, code)
    assert isinstance(chosen, Started)
    assert not chosen.user.is_limited
    with pytest.raises(NotSignedIn):
        entrance.find(started)
    assert isinstance(entrance.sign_in(name, code), WrongPassword)
    entrance.in_(name, "a word of my own")


def test_a_code_is_good_for_a_day(entrance: Entrance) -> None:
    name = entrance.account(password_hash=None)
    code = entrance.code_for(name)
    entrance.now += timedelta(hours=24)
    assert isinstance(entrance.sign_in(name, code), WrongPassword)


def test_a_reset_ends_sessions_and_password_and_lock(entrance: Entrance) -> None:
    name = entrance.account()
    started = entrance.in_(name)
    for _ in range(5):
        entrance.sign_in(name, "wrong")
    code = entrance.code_for(name)
    with pytest.raises(SessionOver, match="重置"):
        entrance.find(started)
    assert isinstance(entrance.sign_in(name), WrongPassword)
    entrance.in_(name, code)


def test_a_password_that_somebody_else_chose_is_changed_at_the_first_sign_in(entrance: Entrance) -> None:
    name = entrance.account(is_first_password=True)
    started = entrance.in_(name)
    assert started.user.is_limited
    # Who has just shown it need not show it again.
    assert isinstance(entrance.choose(started, None), Started)
    assert not entrance.in_(name, "a word of my own").user.is_limited


def test_another_password_gives_another_token_and_ends_every_other_session(entrance: Entrance) -> None:
    name = entrance.account()
    desk, phone = entrance.in_(name), entrance.in_(name)
    assert isinstance(entrance.choose(desk, None), Refusal)
    assert isinstance(entrance.choose(desk, "wrong"), Refusal)
    changed = entrance.choose(desk, PASSWORD)
    assert isinstance(changed, Started)
    assert changed.user.session_id == desk.user.session_id
    with pytest.raises(NotSignedIn):
        entrance.find(desk)
    with pytest.raises(SessionOver, match="密码已经修改"):
        entrance.find(phone)
    assert isinstance(entrance.sign_in(name), WrongPassword)


def test_guessing_at_the_present_password_locks_like_guessing_at_the_door(entrance: Entrance) -> None:
    name = entrance.account()
    started = entrance.in_(name)
    for _ in range(5):
        entrance.choose(started, "wrong")
    with pytest.raises(NameLocked):
        entrance.choose(started, PASSWORD)


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "8 个字符"), ("li-advisor", "用户名相同"), ("LI-ADVISOR", "用户名相同"), ("aaaaaaaa", "同一个字符")],
)
def test_a_password_too_easy_to_guess_is_refused(password: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        passwords.judge(password, username="li-advisor")
