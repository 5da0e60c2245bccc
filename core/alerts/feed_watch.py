"""Feeds that fall silent, found by any heartbeat and told of once."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import feed_rhythm, feed_sequences, feeds
from core.alerts.feeds import Watch
from core.notifications import outbox
from core.organisation.roles import Role

LEARN_EVERY: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WATCHED: Final = feeds.FEED.format(sources="(SELECT district_code, source FROM feed)") + " ORDER BY 1, 2"
_ROW: Final = "district_code = :district AND source = :source"


def watch(session: Session, *, now: datetime) -> int:
    """Tell of every feed that fell silent or is heard again, once; returns how many were told of.

    Once an hour what is usual is learnt again, and complete numbers are no longer looked at.
    """
    rows = session.execute(text(_WATCHED)).all()
    watches = feeds.watches(session, rows, now)
    told = 0
    for row in rows:
        seen = watches[row.district_code]
        if row.checked_at is None or now - row.checked_at >= LEARN_EVERY:
            _learn(session, row, seen)
        silent_at = seen.silent_at(row)
        if silent_at is not None and silent_at <= now:
            told += row.silent_since is None and _tell_silent(session, row, silent_at, now)
        elif row.silent_since is not None:
            told += _tell_heard(session, row, now)
    return told


def next_silence(session: Session, *, after: datetime) -> datetime | None:
    """The next instant at which a feed falls silent if it is not heard before."""
    rows = [row for row in session.execute(text(_WATCHED)) if row.silent_since is None]
    seen = feeds.watches(session, rows, after)
    due = [seen[row.district_code].silent_at(row) for row in rows]
    return min((at for at in due if at is not None and at > after), default=None)


def _learn(session: Session, row: Any, seen: Watch) -> None:
    """Learn what is usual, unless another heartbeat just did; a silent feed keeps its rhythm."""
    # From here on the row is ours: somebody who sets the feed meanwhile waits, and is not overwritten.
    held = session.execute(
        text(
            f"UPDATE feed SET checked_at = :now WHERE {_ROW} AND checked_at IS NOT DISTINCT FROM :before"
            " RETURNING silent_since, sequence_from, sequence_era"
        ),
        {**_key(row), "now": seen.now, "before": row.checked_at},
    ).one_or_none()
    if held is None:
        return
    rhythm = None
    if held.silent_since is None:
        hours = session.execute(
            text(f"SELECT hour_at FROM feed_hour WHERE {_ROW} AND hour_at >= :since"),
            {**_key(row), "since": seen.now - seen.settings["history_days"] * _DAY},
        )
        rhythm = feed_rhythm.learn(hours.scalars().all(), seen.settings, seen.calendar, now=seen.now)
    complete_to, era = feed_sequences.advance(session, row.source, held.sequence_from, held.sequence_era, seen.settings)
    session.execute(
        text(
            "UPDATE feed SET learnt_every_minutes = coalesce(:minutes, learnt_every_minutes),"
            " learnt_days = coalesce(:days, learnt_days), sequence_from = :complete_to, sequence_era = :era"
            f" WHERE {_ROW}"
        ),
        {
            **_key(row),
            "minutes": rhythm.every_minutes if rhythm else None,
            "days": rhythm.days if rhythm else None,
            "complete_to": complete_to,
            "era": era,
        },
    )


def _tell_silent(session: Session, row: Any, since: datetime, now: datetime) -> int:
    # The update is the claim: a second heartbeat waits for it, and then finds nothing to change.
    claimed: Any = session.execute(
        text(
            f"UPDATE feed SET silent_since = :since WHERE {_ROW} AND silent_since IS NULL AND NOT paused"
            " AND watched_from = :watched_from"
        ),
        {**_key(row), "since": since, "watched_from": row.watched_from},
    )
    if not claimed.rowcount:
        return 0
    last = f"最后一次收到是{_said(row.last_heard_at)}" if row.last_heard_at else "从未收到过"
    words = f"数据来源{row.source}没有消息：{last}，按其规律最迟应在{_said(since)}前再次收到。"
    _post(session, row.district_code, "feed_silent", words, now)
    return 1


def _tell_heard(session: Session, row: Any, now: datetime) -> int:
    claimed: Any = session.execute(
        text(f"UPDATE feed SET silent_since = NULL WHERE {_ROW} AND silent_since = :since"),
        {**_key(row), "since": row.silent_since},
    )
    if not claimed.rowcount or row.paused or row.is_closed or row.last_heard_at is None:
        return 0
    words = f"数据来源{row.source}恢复：{_said(row.last_heard_at)}又收到了消息。"
    _post(session, row.district_code, "feed_heard", words, now)
    return 1


def _key(row: Any) -> dict[str, str]:
    return {"district": row.district_code, "source": row.source}


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _post(session: Session, district: str, kind: str, words: str, now: datetime) -> None:
    users = session.execute(
        text(
            "SELECT user_id FROM user_account WHERE active AND district_code = :district AND role = ANY(:roles)"
            " AND (valid_until IS NULL OR valid_until >= :today) ORDER BY user_id"
        ),
        {"district": district, "roles": [Role.DISTRICT_OFFICER, Role.ADMIN], "today": clock.today(now)},
    )
    outbox.post(session, district, users.scalars(), kind=kind, text=words, task_id=None, now=now)
