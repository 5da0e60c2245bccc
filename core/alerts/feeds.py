"""The sources that send news, watched: whether each is heard as often as usual, and what of it is missing.

No push pays for it. The API processes count in memory and add up here every few seconds; a crash loses those seconds
of counts, never an alert.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import feed_rhythm, feed_sequences
from core.alerts.feed_rhythm import Rhythm, VolumeShown
from core.alerts.feed_sequences import Counted, SequenceShown
from core.alerts.source_keys import Caller
from core.errors import NotFound
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.policy import rulebooks
from core.store import bulk, ids
from core.store.words import FeedDays
from rules.calendar import WorkingCalendar

FeedState = Literal["ok", "silent", "paused", "unknown", "never_heard", "closed"]

_DAY: Final = timedelta(days=1)
_MOST_MEASURED: Final = 200  # Series for Prometheus; a district has a dozen sources.


@dataclass(slots=True)
class Heard:
    """What one process heard of a source in an hour."""

    last_heard_at: datetime
    last_event_at: datetime | None = None
    requests: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0

    def add(self, other: "Heard") -> None:
        """Count another together with this."""
        self.last_heard_at = max(self.last_heard_at, other.last_heard_at)
        known = [at for at in (self.last_event_at, other.last_event_at) if at is not None]
        self.last_event_at = max(known, default=None)
        self.requests += other.requests
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.rejected += other.rejected


class FeedRow(NamedTuple):
    """What `FEED` selects of a source, in its order."""

    source: str
    expected_every_minutes: int | None
    expected_days: FeedDays | None
    learnt_every_minutes: int | None
    learnt_days: FeedDays | None
    paused: bool
    watched_from: datetime | None
    checked_at: datetime | None
    silent_since: datetime | None
    sequence_from: int | None
    sequence_era: UUID | None
    last_heard_at: datetime | None
    is_closed: bool


class Hour(NamedTuple):
    """What all processes heard of a source in an hour."""

    requests: int
    accepted: int
    duplicates: int
    rejected: int


class Counts(TypedDict):
    """What was heard of a source in the last 24 hours, and what of it still waits for somebody."""

    requests: int
    accepted: int
    duplicates: int
    rejected: int
    quarantined: int


class FeedShown(TypedDict):
    """A source as it is watched."""

    source: str
    last_heard_at: datetime | None
    last_event_time: datetime | None
    expected_every_minutes: int | None
    days: FeedDays | None
    rhythm: Literal["configured", "learnt", "unknown"]
    state: FeedState
    since: datetime | None
    last_24_hours: Counts
    sequence: SequenceShown
    volume: VolumeShown


Tally = dict[tuple[str, datetime], Heard]


def record(session: Session, tally: Mapping[tuple[str, datetime], Heard]) -> None:
    """Add what a process heard, by (source, hour), to what all of them did."""
    if not tally:
        return
    # In one order everywhere, so that two processes wait for each other and never both.
    heard = sorted(tally.items(), key=lambda item: item[0])
    begun = {source: hour for (source, hour), _ in reversed(heard)}
    bulk.insert(
        session,
        "feed",
        [{"source": source, "paused": False, "watched_from": hour} for source, hour in sorted(begun.items())],
        on_conflict="ON CONFLICT (source) DO NOTHING",
    )
    sums = ", ".join(f"{name} = feed_hour.{name} + excluded.{name}" for name in _COUNTS)
    latest = ", ".join(
        f"{name} = GREATEST(feed_hour.{name}, excluded.{name})" for name in ("last_heard_at", "last_event_at")
    )
    bulk.insert(
        session,
        "feed_hour",
        [
            {
                "source": source,
                "hour_at": hour,
                **{name: getattr(hour_heard, name) for name in _COUNTS},
                "last_heard_at": hour_heard.last_heard_at,
                "last_event_at": hour_heard.last_event_at,
            }
            for (source, hour), hour_heard in heard
        ],
        on_conflict=f"ON CONFLICT (source, hour_at) DO UPDATE SET {sums}, {latest}",
    )


_COUNTS: Final = ("requests", "accepted", "duplicates", "rejected")


class Watch:
    """What the district's rules and calendar say about feeds at an instant."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.now = now
        self.settings: Mapping[str, int] = rulebooks.district(session).parameter("feed_watch", clock.today(now)).value
        self.calendar: WorkingCalendar = rulebooks.calendar(session)

    def silent_at(self, row: FeedRow) -> datetime | None:
        """When a feed counts as silent if it is not heard before; None when it is not watched or no rhythm is known."""
        rhythm = rhythm_of(row)
        if row.watched_from is None or rhythm is None or row.paused or row.is_closed:
            return None
        # A change of its rhythm, or the end of a pause, starts the wait anew.
        start = max(row.watched_from, row.last_heard_at or row.watched_from)
        return feed_rhythm.due_after(start, rhythm, self.settings["silent_after_intervals"], self.calendar)


def rhythm_of(row: FeedRow) -> Rhythm | None:
    if row.expected_every_minutes is not None:
        return Rhythm(row.expected_every_minutes, FeedDays(row.expected_days or FeedDays.ALL))
    if row.learnt_every_minutes is not None:
        return Rhythm(row.learnt_every_minutes, FeedDays(row.learnt_days or FeedDays.ALL))
    return None


# A source all of whose keys were revoked is closed; one whose key merely expired is missed.
FEED: Final = (
    "SELECT source, f.expected_every_minutes, f.expected_days, f.learnt_every_minutes, f.learnt_days,"
    " coalesce(f.paused, false) AS paused, f.watched_from, f.checked_at, f.silent_since, f.sequence_from,"
    " f.sequence_era, h.last_heard_at, coalesce((SELECT bool_and(k.revoked_at IS NOT NULL) FROM upstream_key k"
    "  WHERE k.source = s.source), false) AS is_closed"
    " FROM {sources} s LEFT JOIN feed f USING (source) LEFT JOIN LATERAL (SELECT last_heard_at FROM feed_hour"
    "  WHERE feed_hour.source = s.source ORDER BY hour_at DESC LIMIT 1) h ON true"
)
_SOURCES: Final = "(SELECT source FROM feed UNION SELECT source FROM upstream_key WHERE 'alerts:write' = ANY(scopes))"


def configure(
    session: Session,
    source: str,
    *,
    every_minutes: int | None,
    days: FeedDays,
    paused: bool,
    count_anew: bool,
    by: User,
    now: datetime,
) -> None:
    """Set how often a feed is expected (None: as learnt), or pause it; from now on it is waited for anew.

    `count_anew` forgets every number so far: what is missing is settled, or the source began again.
    """
    by.require(May.SET_FEEDS)
    known = session.execute(
        text(f"SELECT EXISTS (SELECT FROM {_SOURCES} s WHERE source = :source)"), {"source": source}
    ).scalar_one()
    if not known:
        raise NotFound("没有这个来源：只有持有密钥或发送过消息的才算来源。")
    forgotten = ", sequence_from = NULL, sequence_era = excluded.sequence_era" if count_anew else ""
    session.execute(
        text(
            "INSERT INTO feed (source, expected_every_minutes, expected_days, paused, watched_from, sequence_era)"
            " VALUES (:source, :minutes, :days, :paused, :now, :era) ON CONFLICT (source) DO UPDATE SET"
            " expected_every_minutes = excluded.expected_every_minutes, expected_days = excluded.expected_days,"
            f" paused = excluded.paused, watched_from = excluded.watched_from, silent_since = NULL{forgotten}"
        ),
        {
            "source": source,
            "minutes": every_minutes,
            "days": days if every_minutes is not None else None,
            "paused": paused,
            "now": now,
            "era": ids.uuid7() if count_anew else None,
        },
    )


def page(
    session: Session, known: Divisions, *, after: str | None = None, limit: int, by: User | Caller, now: datetime
) -> list[FeedShown]:
    """Feeds as they are, a key's own alone, in order of their source; one more than `limit` when there are more."""
    by.require(May.READ_FEEDS)
    if isinstance(by, Caller):
        return _page(session, by.streets_of(known), source=by.source, after=after, limit=limit, now=now)
    return _page(session, known.codes_and_district, after=after, limit=limit, now=now)


def one(session: Session, known: Divisions, source: str, *, now: datetime) -> FeedShown:
    """A feed that was just set, as it is now."""
    [row] = _page(session, known.codes_and_district, source=source, limit=1, now=now)
    return row


def _page(
    session: Session,
    streets: Sequence[str],
    *,
    source: str | None = None,
    after: str | None = None,
    limit: int,
    now: datetime,
) -> list[FeedShown]:
    where = "(CAST(:source AS text) IS NULL OR source = :source) AND (CAST(:after AS text) IS NULL OR source > :after)"
    found = session.execute(
        text(f"{FEED.format(sources=_SOURCES)} WHERE {where} ORDER BY source LIMIT :limit"),
        {"source": source, "after": after, "limit": limit + 1},
    )
    rows = [FeedRow(*row) for row in found]
    seen = Watch(session, now)
    sources = [row.source for row in rows]
    hours = _hours(session, sources, now - seen.settings["history_days"] * _DAY)
    newest = _newest_events(session, sources)
    waiting = _quarantined(session, streets, sources, now)
    sequences = _sequences(session, rows, seen)
    return [
        _shown(
            row,
            hours.get(row.source, {}),
            newest.get(row.source),
            waiting.get(row.source, 0),
            sequences[row.source],
            seen,
        )
        for row in rows
    ]


def _shown(
    row: FeedRow,
    hours: Mapping[datetime, Hour],
    newest: datetime | None,
    quarantined: int,
    sequence: feed_sequences.Sequence,
    seen: Watch,
) -> FeedShown:
    rhythm = rhythm_of(row)
    state, since = _state(row, rhythm, seen)
    day = [heard for at, heard in hours.items() if at > seen.now - _DAY]
    accepted = {at: heard.accepted for at, heard in hours.items()}
    volume = feed_rhythm.volume(accepted, seen.settings, seen.calendar, now=seen.now)
    return {
        "source": row.source,
        "last_heard_at": row.last_heard_at,
        "last_event_time": newest,
        "expected_every_minutes": rhythm.every_minutes if rhythm else None,
        "days": rhythm.days if rhythm else None,
        "rhythm": "unknown" if rhythm is None else "configured" if row.expected_every_minutes else "learnt",
        "state": state,
        "since": since,
        "last_24_hours": {
            "requests": sum(heard.requests for heard in day),
            "accepted": sum(heard.accepted for heard in day),
            "duplicates": sum(heard.duplicates for heard in day),
            "rejected": sum(heard.rejected for heard in day),
            "quarantined": quarantined,
        },
        "sequence": feed_sequences.shown(sequence),
        "volume": {"expected": volume.expected, "seen": volume.seen, "anomaly": volume.anomaly},
    }


def _state(row: FeedRow, rhythm: Rhythm | None, seen: Watch) -> tuple[FeedState, datetime | None]:
    """A feed's state, and since when it is one that somebody should look at."""
    silent_at = seen.silent_at(row)
    if row.is_closed:
        return "closed", None
    if row.paused:
        return "paused", row.watched_from
    if silent_at is not None and silent_at <= seen.now:
        return "silent", silent_at
    if row.last_heard_at is None:
        return "never_heard", None
    return ("unknown" if rhythm is None else "ok"), None


def _hours(session: Session, sources: Sequence[str], since: datetime) -> dict[str, dict[datetime, Hour]]:
    rows = session.execute(
        text(
            "SELECT source, hour_at, requests, accepted, duplicates, rejected FROM feed_hour"
            " WHERE source = ANY(:sources) AND hour_at >= :since"
        ),
        {"sources": list(sources), "since": since},
    )
    found: dict[str, dict[datetime, Hour]] = {}
    for source, hour_at, *counts in rows:
        found.setdefault(source, {})[hour_at] = Hour(*counts)
    return found


def _newest_events(session: Session, sources: Sequence[str]) -> dict[str, datetime]:
    rows = session.execute(
        text("SELECT source, max(last_event_at) AS at FROM feed_hour WHERE source = ANY(:sources) GROUP BY source"),
        {"sources": list(sources)},
    )
    return {row.source: row.at for row in rows}


def _quarantined(session: Session, streets: Sequence[str], sources: Sequence[str], now: datetime) -> dict[str, int]:
    rows = session.execute(
        text(
            "SELECT source, count(*) AS waiting FROM alert WHERE street_code = ANY(:streets)"
            " AND status = 'quarantined' AND source = ANY(:sources) AND received_at > :since GROUP BY source"
        ),
        {"streets": list(streets), "sources": list(sources), "since": now - _DAY},
    )
    return {row.source: row.waiting for row in rows}


def silent(session: Session) -> list[tuple[str, datetime]]:
    """The feeds that were told to be silent, with the instant by which they should have been heard."""
    rows = session.execute(
        text("SELECT source, silent_since FROM feed WHERE silent_since IS NOT NULL AND NOT paused ORDER BY source")
    )
    return [(row.source, row.silent_since) for row in rows]


def measures(session: Session, *, now: datetime) -> list[tuple[str, datetime | None, bool, int]]:
    """(source, last heard, whether it is silent, how many numbers are missing) of every source that has a key."""
    found = session.execute(
        text(
            f"{FEED.format(sources='(SELECT DISTINCT source FROM upstream_key WHERE revoked_at IS NULL)')}"
            " ORDER BY source LIMIT :most"
        ),
        {"most": _MOST_MEASURED},
    )
    rows = [FeedRow(*row) for row in found]
    sequences = _sequences(session, rows, Watch(session, now))
    return [
        (row.source, row.last_heard_at, row.silent_since is not None, sequences[row.source].missing_total)
        for row in rows
    ]


def _sequences(session: Session, rows: Sequence[FeedRow], seen: Watch) -> dict[str, feed_sequences.Sequence]:
    counted = [Counted(row.source, row.sequence_from, row.sequence_era) for row in rows]
    return feed_sequences.missing(session, counted, seen.settings, now=seen.now)
