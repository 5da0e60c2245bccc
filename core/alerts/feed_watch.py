"""Feeds that fall silent, found by any heartbeat and told of once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import feed_rhythm, feed_sequences, feeds
from core.alerts.feed_sequences import Counted
from core.alerts.feeds import FeedRow, Watch
from core.notifications import outbox
from core.notifications.outbox import Message
from core.organisation.roles import Role
from core.store import bulk
from core.store.locks import FOR_CHANGE
from core.store.words import FeedDays

LEARN_EVERY: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LOCKED: Final = text(
    "SELECT source, checked_at, silent_since, paused, watched_from, learnt_every_minutes, learnt_days, sequence_from,"
    " sequence_era FROM feed WHERE district_code = :district AND source = ANY(:sources) ORDER BY source"
    f" {FOR_CHANGE}"
)
_HEARD: Final = text(
    "SELECT source, hour_at FROM feed_hour"
    " WHERE district_code = :district AND source = ANY(:sources) AND hour_at >= :since"
)
_LOOKING_AFTER: Final = text(
    "SELECT user_id FROM user_account WHERE active AND district_code = :district AND role = ANY(:roles)"
    " AND (valid_until IS NULL OR valid_until >= :today) ORDER BY user_id"
)
_WATCHED: Final = feeds.FEED.format(sources="(SELECT district_code, source FROM feed)") + " ORDER BY 1, 2"


class _Held(NamedTuple):
    """What `_LOCKED` selects of a feed, in its order: as it is once nobody else can change it."""

    source: str
    checked_at: datetime | None
    silent_since: datetime | None
    paused: bool
    watched_from: datetime
    learnt_every_minutes: int | None
    learnt_days: FeedDays | None
    sequence_from: int | None
    sequence_era: UUID | None


def watch(session: Session, *, now: datetime) -> int:
    """Tell of every feed that fell silent or is heard again, once; returns how many were told of.

    Once an hour what is usual is learnt again, and complete numbers are no longer looked at.
    """
    rows = [FeedRow(*row) for row in session.execute(text(_WATCHED))]
    return sum(
        _watch(session, district, of_district, Watch(session, district, now))
        for district, of_district in feeds.by_district(rows).items()
    )


def _watch(session: Session, district: str, rows: Sequence[FeedRow], seen: Watch) -> int:
    """The same for the feeds of a district."""
    now = seen.now
    to_learn = {row.source for row in rows if row.checked_at is None or now - row.checked_at >= LEARN_EVERY}
    silent: dict[str, datetime] = {}
    for row in rows:
        silent_at = seen.silent_at(row)
        if silent_at is not None and silent_at <= now:
            silent[row.source] = silent_at
    # Who is silent and was told of, or speaks and was not, stays as it is.
    turned = {row.source for row in rows if (row.source in silent) is not (row.silent_since is not None)}
    if not to_learn and not turned:
        return 0
    # From here on they are ours: a second heartbeat, or somebody who sets a feed, waits, and finds what we did.
    found = session.execute(_LOCKED, {"district": district, "sources": sorted(to_learn | turned)})
    held = {row.source: row for row in map(_Held._make, found)}
    ours = [(row, held[row.source]) for row in rows if row.source in held]
    unlearnt = [feed for row, feed in ours if row.source in to_learn and feed.checked_at == row.checked_at]
    _learn(session, district, unlearnt, seen)
    return _tell(session, district, [(row, feed) for row, feed in ours if row.source in turned], silent, now)


def next_silence(session: Session, *, after: datetime) -> datetime | None:
    """The next instant at which a feed falls silent if it is not heard before."""
    rows = [row for row in map(FeedRow._make, session.execute(text(_WATCHED))) if row.silent_since is None]
    seen = {district: Watch(session, district, after) for district in feeds.by_district(rows)}
    due = [seen[row.district_code].silent_at(row) for row in rows]
    return min((at for at in due if at is not None and at > after), default=None)


def _learn(session: Session, district: str, held: Sequence[_Held], seen: Watch) -> None:
    """Learn what is usual of some feeds; a silent one keeps its rhythm."""
    if not held:
        return
    heard: dict[str, list[datetime]] = defaultdict(list)
    values = {
        "district": district,
        "sources": [feed.source for feed in held if feed.silent_since is None],
        "since": seen.now - seen.settings["history_days"] * _DAY,
    }
    for row in session.execute(_HEARD, values):
        heard[row.source].append(row.hour_at)
    counted = [Counted(feed.source, feed.sequence_from, feed.sequence_era) for feed in held]
    numbers = feed_sequences.advance(session, counted, seen.settings)
    learnt = []
    for feed in held:
        rhythm = feed_rhythm.learn(heard[feed.source], seen.settings, seen.calendar, now=seen.now)
        learnt.append(
            {
                "district_code": district,
                "source": feed.source,
                "checked_at": seen.now,
                "learnt_every_minutes": rhythm.every_minutes if rhythm else feed.learnt_every_minutes,
                "learnt_days": rhythm.days if rhythm else feed.learnt_days,
                "sequence_from": numbers[feed.source].complete_to,
                "sequence_era": numbers[feed.source].era,
            }
        )
    bulk.update(session, "feed", learnt, key=_KEY)


_KEY: Final = ("district_code", "source")


def _tell(
    session: Session,
    district: str,
    turned: Sequence[tuple[FeedRow, _Held]],
    silent: Mapping[str, datetime],
    now: datetime,
) -> int:
    """Note who fell silent or is heard again, as (feed when it was looked at, feed now), and tell of it."""
    noted: list[dict[str, object]] = []
    news: list[tuple[str, str]] = []
    for row, held in turned:
        if row.source not in silent:
            if held.silent_since != row.silent_since:
                continue
            noted.append({"district_code": district, "source": row.source, "silent_since": None})
            if not (row.paused or row.is_closed or row.last_heard_at is None):
                news.append(("feed_heard", f"数据来源{row.source}恢复：{_said(row.last_heard_at)}又收到了消息。"))
        elif held.silent_since is None and not held.paused and held.watched_from == row.watched_from:
            since = silent[row.source]
            noted.append({"district_code": district, "source": row.source, "silent_since": since})
            last = f"最后一次收到是{_said(row.last_heard_at)}" if row.last_heard_at else "从未收到过"
            words = f"数据来源{row.source}没有消息：{last}，按其规律最迟应在{_said(since)}前再次收到。"
            news.append(("feed_silent", words))
    bulk.update(session, "feed", noted, key=_KEY)
    _post(session, district, news, now)
    return len(news)


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _post(session: Session, district: str, news: Sequence[tuple[str, str]], now: datetime) -> None:
    """Tell everybody who looks after the feeds of a district, by (kind, words)."""
    if not news:
        return
    values = {"district": district, "roles": [Role.DISTRICT_OFFICER, Role.ADMIN], "today": clock.today(now)}
    users = session.execute(_LOOKING_AFTER, values).scalars().all()
    told = [Message(user, kind, words, None) for kind, words in news for user in users]
    outbox.post_all(session, district, told, now=now)
