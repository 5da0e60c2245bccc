"""When a source counts as silent, what of it is missing, and who hears of it: once, whoever looks."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core import clock
from core.alerts import feed_rhythm, feed_watch, feeds, source_keys
from core.alerts.feed_rhythm import Rhythm
from core.alerts.feeds import Heard
from core.heartbeat import sandbox, sweep
from core.notifications import channels, senders
from core.organisation.users import SHELL, User
from core.store import bulk
from core.store.business import Business
from core.store.words import ChannelKind
from rules.calendar import WorkingCalendar
from tests.behind import behind
from tests.core.alerts.feeds import expect, hear, later, shown, told, watch_of
from tests.world import DISTRICT, SOURCE, World

OTHER = "/songjiang/emergency-bureau"
WEEK = WorkingCalendar({})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = clock.at(date(2026, 3, 20), 10)


@pytest.fixture
def officer(world: World) -> User:
    return world.user("district_officer")


# Silence


def test_a_feed_is_silent_once_twice_its_interval_has_passed(world: World, officer: User) -> None:
    hear(world)
    expect(world, officer, 60)
    later(world, timedelta(minutes=119))
    assert (shown(world)["state"], told(world, officer)) == ("ok", [])
    later(world, timedelta(minutes=1))
    assert (shown(world)["state"], shown(world)["since"]) == ("silent", FRIDAY + 2 * HOUR)
    [(kind, words)] = told(world, officer)
    assert kind == "feed_silent"
    assert SOURCE in words
    assert "最后一次收到是2026-03-20 10:00" in words


def test_a_silence_is_told_once_and_its_end_once_to_officers_and_administrators(world: World, officer: User) -> None:
    admin, auditor, advisor = world.user("admin"), world.user("auditor"), world.user("street_advisor")
    hear(world)
    expect(world, officer, 60)
    for _ in range(3):
        later(world, 2 * HOUR)
    hear(world)
    for _ in range(3):
        later(world, timedelta(minutes=1))
    for user in (officer, admin):
        assert [kind for kind, _ in told(world, user)] == ["feed_silent", "feed_heard"]
    assert told(world, auditor) == told(world, advisor) == []
    later(world, 3 * HOUR)
    assert [kind for kind, _ in told(world, officer)] == ["feed_silent", "feed_heard", "feed_silent"]


def test_two_heartbeats_that_look_at_the_same_time_tell_once(world: World, officer: User) -> None:
    hear(world)
    expect(world, officer, 60)
    world.business.at += 3 * HOUR
    for kinds in (["feed_silent"], ["feed_silent", "feed_heard"]):
        with ThreadPoolExecutor(1) as second:
            with world.database.transaction(world.scope) as session:
                assert feed_watch.watch(session, now=world.now) == 1
                other = second.submit(sweep.once, world.database, world.keys, world.business)
                while not world.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
                    assert not other.done(), "the second heartbeat did not wait for the first"
            assert other.result() == 0
        assert [kind for kind, _ in told(world, officer)] == kinds
        hear(world)


def test_eight_heartbeats_tell_of_a_silence_once(world: World, officer: User) -> None:
    hear(world)
    expect(world, officer, 60)
    world.business.at += 3 * HOUR
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: sweep.once(world.database, world.keys, world.business), range(8)))
    assert len(told(world, officer)) == 1


def test_a_feed_that_was_never_heard_is_missed_once_it_is_expected(world: World, officer: User) -> None:
    with world.database.transaction(world.scope) as session:
        source_keys.add_key(session, source=OTHER, scopes=["alerts:write"], by=SHELL)
    assert (shown(world, OTHER)["state"], shown(world, OTHER)["rhythm"]) == ("never_heard", "unknown")
    expect(world, officer, 60, source=OTHER)
    later(world, HOUR)
    assert shown(world, OTHER)["state"] == "never_heard"
    later(world, HOUR)
    assert shown(world, OTHER)["state"] == "silent"
    assert "从未收到过" in told(world, officer)[0][1]


def test_nobody_hears_of_a_paused_feed_and_after_the_pause_it_is_waited_for_anew(world: World, officer: User) -> None:
    hear(world)
    expect(world, officer, 60, paused=True)
    later(world, 30 * DAY)
    assert (shown(world)["state"], told(world, officer)) == ("paused", [])
    expect(world, officer, 60)
    later(world, HOUR)
    assert (shown(world)["state"], told(world, officer)) == ("ok", [])
    later(world, HOUR)
    assert shown(world)["state"] == "silent"


def test_a_feed_whose_keys_were_all_revoked_is_closed_and_one_whose_key_expired_is_missed(
    world: World, officer: User
) -> None:
    with world.database.transaction(world.scope) as session:
        source_keys.add_key(session, source=SOURCE, scopes=["alerts:write"], by=SHELL)
        source_keys.add_key(session, source=OTHER, scopes=["alerts:write"], by=SHELL)
    with world.database.transaction(world.scope) as session:
        bulk.update(session, "upstream_key", [{"source": SOURCE, "revoked_at": world.now}], key=("source",))
    with behind(world.database.url) as connection:
        ended = text("UPDATE upstream_key SET expires_at = :at WHERE source = :source")
        connection.execute(ended, {"at": clock.real_now() - DAY, "source": OTHER})
    for source in (SOURCE, OTHER):
        hear(world, source=source)
        expect(world, officer, 60, source=source)
    later(world, 3 * HOUR)
    assert (shown(world)["state"], shown(world, OTHER)["state"]) == ("closed", "silent")
    assert len(told(world, officer)) == 1


def test_a_weekend_does_not_count_for_a_feed_of_working_days(world: World, officer: User) -> None:
    hear(world)
    expect(world, officer, 24 * 60, days="working")
    world.go_to(date(2026, 3, 24), 9)
    assert (shown(world)["state"], told(world, officer)) == ("ok", [])
    later(world, HOUR)
    assert shown(world)["since"] == clock.at(date(2026, 3, 24), 10)
    assert len(told(world, officer)) == 1


def test_a_sandbox_walks_through_the_instant_at_which_a_feed_falls_silent(world: World, officer: User) -> None:
    business = Business(world.database, sandbox=True)
    with world.database.transaction(world.scope) as session:
        sandbox.start_at(session, FRIDAY)
    hear(world)
    expect(world, officer, 60)
    with world.database.transaction(world.scope) as session:
        sandbox.request_move(session, FRIDAY + 9 * DAY, by=SHELL, now=FRIDAY)
    assert sandbox.walk(world.database, world.keys, business)
    [at] = world.rows("SELECT created_at FROM notification WHERE kind = 'feed_silent' AND street_code = '310117'")
    assert at.created_at == FRIDAY + 2 * HOUR


def test_a_silence_is_in_the_morning_summary_of_the_districts_people(world: World, officer: User) -> None:
    with world.database.transaction(officer.scope) as session:
        channels.replace(
            session,
            world.keys,
            [channels.Wanted(None, ChannelKind.WEBHOOK, "http://127.0.0.1:1/hook", None)],
            digest=True,
            kinds=None,
            egress=senders.Egress(sandbox=True, smtp_url=None),
            by=officer,
            now=world.now,
        )
    hear(world)
    expect(world, officer, 60)
    later(world, 3 * HOUR)
    world.go_to(date(2026, 3, 23))
    [summary] = [words for kind, words in told(world, officer) if kind == "digest"]
    assert SOURCE in summary


# What is usual


def hours(first: date, days: int, *at: int, working: bool = False) -> list[datetime]:
    found = [first + n * DAY for n in range(days)]
    return [clock.at(day, hour) for day in found if not working or WEEK.is_working(day) for hour in at]


def learnt(world: World, heard: Sequence[datetime], now: datetime) -> Rhythm | None:
    return feed_rhythm.learn(heard, watch_of(world), WEEK, now=now)


def test_a_rhythm_is_learnt_from_two_weeks_and_ten_intervals(world: World) -> None:
    start, day = date(2026, 3, 2), 24 * 60
    now = clock.at(start + 27 * DAY, 12)
    assert learnt(world, hours(start, 28, 9), now) == Rhythm(day, "all")
    assert learnt(world, hours(start, 28, 9, working=True), now) == Rhythm(day, "working")
    assert learnt(world, hours(start, 28, *range(24)), now) == Rhythm(60, "all")
    # Quiet at night: a night is its longest usual interval.
    assert learnt(world, hours(start, 28, *range(9, 18), working=True), now) == Rhythm(16 * 60, "working")
    assert learnt(world, hours(start, 13, 9), clock.at(start + 13 * DAY)) is None
    assert learnt(world, hours(start, 28, 9)[::7], now) is None
    assert learnt(world, [], now) is None


def test_one_outage_in_the_history_does_not_stretch_the_rhythm(world: World) -> None:
    start = date(2026, 3, 2)
    heard = hours(start, 10, *range(24)) + hours(start + 14 * DAY, 14, *range(24))
    assert learnt(world, heard, clock.at(start + 28 * DAY)) == Rhythm(60, "all")


def test_a_feed_falls_silent_by_the_rhythm_it_was_heard_in(world: World, officer: User) -> None:
    for hour in hours(date(2026, 2, 23), 25, 9):
        hear(world, at=hour)
    world.settle()
    assert (shown(world)["rhythm"], shown(world)["expected_every_minutes"]) == ("learnt", 1440)
    world.go_to(date(2026, 3, 25))
    assert shown(world)["state"] == "silent"
    assert len(told(world, officer)) == 1
    # A long silence does not become the rhythm.
    world.jump_to(date(2026, 5, 20))
    assert (shown(world)["state"], shown(world)["expected_every_minutes"]) == ("silent", 1440)
    expect(world, officer, 60)
    assert (shown(world)["rhythm"], shown(world)["state"]) == ("configured", "ok")
    expect(world, officer, None)
    assert shown(world)["rhythm"] == "learnt"


def test_a_silent_feed_keeps_its_rhythm_while_its_history_grows_old(world: World) -> None:
    heard = hours(date(2026, 2, 20), 14, *range(24)) + hours(date(2026, 3, 6), 14, 9)
    with world.database.transaction(world.scope) as session:
        feeds.record(session, {(DISTRICT, SOURCE, hour): Heard(hour, None, 1) for hour in heard})
    later(world, HOUR)
    later(world, HOUR)
    assert (shown(world)["state"], shown(world)["expected_every_minutes"]) == ("silent", 60)
    world.jump_to(date(2026, 4, 4))
    assert (shown(world)["state"], shown(world)["expected_every_minutes"]) == ("silent", 60)


@given(
    start=st.integers(0, 60 * 24 * 14),
    every=st.integers(1, 60 * 24 * 3),
    times=st.integers(1, 3),
    days=st.sampled_from(["all", "working"]),
)
def test_a_wait_covers_exactly_the_minutes_that_count(start: int, every: int, times: int, days: Any) -> None:
    begins = FRIDAY + timedelta(minutes=start)
    due = feed_rhythm.due_after(begins, Rhythm(every, days), times, WEEK)
    passed, at = 0, begins
    while at < due:
        passed += days == "all" or WEEK.is_working(clock.today(at))
        at += timedelta(minutes=1)
    assert passed == every * times


# Volume


def sent(world: World, days: int, each: int, today: int) -> feed_rhythm.Volume:
    """`each` events at nine on every day before Friday 2026-03-20, `today` on that day; looked at when it is ten."""
    accepted = {clock.at(date(2026, 3, 20) - n * DAY, 9): each + n % 3 for n in range(1, days)}
    # What comes after this hour on other days does not count against today.
    accepted |= {clock.at(date(2026, 3, 20) - n * DAY, 15): 500 for n in range(1, days)}
    return feed_rhythm.volume({**accepted, clock.at(date(2026, 3, 20), 9): today}, watch_of(world), WEEK, now=FRIDAY)


def test_much_more_and_much_less_than_usual_is_an_anomaly(world: World) -> None:
    assert sent(world, 28, 100, 100) == (101, 100, None)
    assert sent(world, 28, 100, 130).anomaly is None
    assert sent(world, 28, 100, 300).anomaly == "high"
    assert sent(world, 28, 100, 0).anomaly == "low"


def test_without_history_or_with_few_events_nothing_is_an_anomaly(world: World) -> None:
    assert sent(world, 10, 100, 0) == (None, 0, None)
    assert sent(world, 28, 5, 0).anomaly is None


# What is heard


def test_what_two_processes_heard_in_an_hour_adds_up(world: World) -> None:
    key = (DISTRICT, SOURCE, feed_rhythm.hour_of(world.now))
    parts = [
        {key: Heard(world.now, world.now - DAY, 1, 5, 2, 1)},
        {key: Heard(world.now + HOUR / 2, None, 1, 0, 7, 0), (DISTRICT, OTHER, key[2]): Heard(world.now, None, 1)},
    ]

    def write(part: Any) -> None:
        with world.database.transaction(world.scope) as session:
            feeds.record(session, part)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, parts * 10))
    row = shown(world)
    assert row["last_24_hours"] == {
        "requests": 20,
        "accepted": 50,
        "duplicates": 90,
        "rejected": 10,
        "quarantined": 0,
    }
    assert (row["last_heard_at"], row["last_event_time"]) == (world.now + HOUR / 2, world.now - DAY)
