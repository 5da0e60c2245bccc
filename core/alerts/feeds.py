"""The sources that send news, watched: whether each is heard as often as usual, and what of it is missing.

No push pays for it. The API processes count in memory and add up here every few seconds; a crash loses those seconds
of counts, never an alert.
"""

from collections.abc import Iterable, Mapping, Sequence
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

    district_code: str
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


# By district, source and hour.
Tally = dict[tuple[str, str, datetime], Heard]


def record(session: Session, tally: Mapping[tuple[str, str, datetime], Heard]) -> None:
    """Add what a process heard, by (district, source, hour), to what all of them did."""
    if not tally:
        return
    # In one order everywhere, so that two processes wait for each other and never both.
    heard = sorted(tally.items(), key=lambda item: item[0])
    begun = {(district, source): hour for (district, source, hour), _ in reversed(heard)}
    bulk.insert(
        session,
        "feed",
        [
            {"district_code": district, "source": source, "paused": False, "watched_from": hour}
            for (district, source), hour in sorted(begun.items())
        ],
        on_conflict="ON CONFLICT (district_code, source) DO NOTHING",
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
                "district_code": district,
                "source": source,
                "hour_at": hour,
                **{name: getattr(hour_heard, name) for name in _COUNTS},
                "last_heard_at": hour_heard.last_heard_at,
                "last_event_at": hour_heard.last_event_at,
            }
            for (district, source, hour), hour_heard in heard
        ],
        on_conflict=f"ON CONFLICT (district_code, source, hour_at) DO UPDATE SET {sums}, {latest}",
    )


_COUNTS: Final = ("requests", "accepted", "duplicates", "rejected")


class Watch:
    """What a district's rules and calendar say about feeds at an instant."""

    def __init__(self, session: Session, district: str, now: datetime) -> None:
        self.now = now
        rulebook = rulebooks.of_district(session, district)
        self.settings: Mapping[str, int] = rulebook.parameter("feed_watch", clock.today(now)).value
        self.calendar: WorkingCalendar = rulebooks.calendar(session, district)

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
    "SELECT district_code, source, f.expected_every_minutes, f.expected_days, f.learnt_every_minutes, f.learnt_days,"
    " coalesce(f.paused, false) AS paused, f.watched_from, f.checked_at, f.silent_since, f.sequence_from,"
    " f.sequence_era, h.last_heard_at, coalesce((SELECT bool_and(k.revoked_at IS NOT NULL) FROM upstream_key k"
    "  WHERE k.district_code = s.district_code AND k.source = s.source), false) AS is_closed"
    " FROM {sources} s LEFT JOIN feed f USING (district_code, source) LEFT JOIN LATERAL (SELECT last_heard_at"
    "  FROM feed_hour x WHERE x.district_code = s.district_code AND x.source = s.source ORDER BY hour_at DESC LIMIT 1)"
    " h ON true"
)
_SOURCES: Final = (
    "(SELECT district_code, source FROM feed UNION SELECT district_code, source FROM upstream_key"
    " WHERE 'alerts:write' = ANY(scopes))"
)


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
        text(f"SELECT EXISTS (SELECT FROM {_SOURCES} s WHERE district_code = :district AND source = :source)"),
        {"district": by.place, "source": source},
    ).scalar_one()
    if not known:
        raise NotFound("没有这个来源：只有持有密钥或发送过消息的才算来源。")
    forgotten = ", sequence_from = NULL, sequence_era = excluded.sequence_era" if count_anew else ""
    session.execute(
        text(
            "INSERT INTO feed (district_code, source, expected_every_minutes, expected_days, paused, watched_from,"
            " sequence_era) VALUES (:district, :source, :minutes, :days, :paused, :now, :era)"
            " ON CONFLICT (district_code, source) DO UPDATE SET"
            " expected_every_minutes = excluded.expected_every_minutes, expected_days = excluded.expected_days,"
            f" paused = excluded.paused, watched_from = excluded.watched_from, silent_since = NULL{forgotten}"
        ),
        {
            "district": by.place,
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
        return _page(session, by.district, by.streets_of(known), source=by.source, after=after, limit=limit, now=now)
    return _page(session, by.place, known.of(by.district).codes_and_districts, after=after, limit=limit, now=now)


def one(session: Session, known: Divisions, source: str, *, by: User, now: datetime) -> FeedShown:
    """A feed that was just set, as it is now."""
    codes = known.of(by.district).codes_and_districts
    [row] = _page(session, by.place, codes, source=source, limit=1, now=now)
    return row


def _page(
    session: Session,
    district: str,
    streets: Sequence[str],
    *,
    source: str | None = None,
    after: str | None = None,
    limit: int,
    now: datetime,
) -> list[FeedShown]:
    where = (
        "district_code = :district AND (CAST(:source AS text) IS NULL OR source = :source)"
        " AND (CAST(:after AS text) IS NULL OR source > :after)"
    )
    found = session.execute(
        text(f"{FEED.format(sources=_SOURCES)} WHERE {where} ORDER BY source LIMIT :limit"),
        {"district": district, "source": source, "after": after, "limit": limit + 1},
    )
    rows = [FeedRow(*row) for row in found]
    seen = Watch(session, district, now)
    sources = [row.source for row in rows]
    hours = _hours(session, district, sources, now - seen.settings["history_days"] * _DAY)
    newest = _newest_events(session, district, sources)
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


def _hours(session: Session, district: str, sources: Sequence[str], since: datetime) -> dict[str, dict[datetime, Hour]]:
    rows = session.execute(
        text(
            "SELECT source, hour_at, requests, accepted, duplicates, rejected FROM feed_hour"
            " WHERE district_code = :district AND source = ANY(:sources) AND hour_at >= :since"
        ),
        {"district": district, "sources": list(sources), "since": since},
    )
    found: dict[str, dict[datetime, Hour]] = {}
    for source, hour_at, *counts in rows:
        found.setdefault(source, {})[hour_at] = Hour(*counts)
    return found


def _newest_events(session: Session, district: str, sources: Sequence[str]) -> dict[str, datetime]:
    rows = session.execute(
        text(
            "SELECT source, max(last_event_at) AS at FROM feed_hour WHERE district_code = :district"
            " AND source = ANY(:sources) GROUP BY source"
        ),
        {"district": district, "sources": list(sources)},
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


@dataclass(frozen=True, slots=True)
class Measure:
    """How a source of a district is heard, for those who watch the machines. `missing`: how many of its numbers are."""

    district: str
    source: str
    last_heard_at: datetime | None
    is_silent: bool
    missing: int


def measures(session: Session, *, now: datetime) -> list[Measure]:
    """Every source that has a key."""
    keyed = "(SELECT DISTINCT district_code, source FROM upstream_key WHERE revoked_at IS NULL)"
    rows = session.execute(
        text(f"{FEED.format(sources=keyed)} ORDER BY district_code, source LIMIT :most"), {"most": _MOST_MEASURED}
    )
    found: list[Measure] = []
    for district, of_district in by_district([FeedRow(*row) for row in rows]).items():
        sequences = _sequences(session, of_district, Watch(session, district, now))
        found += [
            Measure(
                district,
                row.source,
                row.last_heard_at,
                row.silent_since is not None,
                sequences[row.source].missing_total,
            )
            for row in of_district
        ]
    return found


def by_district(rows: Iterable[FeedRow]) -> dict[str, list[FeedRow]]:
    """Feeds by their district, whose rules say how they are watched."""
    found: dict[str, list[FeedRow]] = {}
    for row in rows:
        found.setdefault(row.district_code, []).append(row)
    return found


def _sequences(session: Session, rows: Sequence[FeedRow], seen: Watch) -> dict[str, feed_sequences.Sequence]:
    counted = [Counted(row.source, row.sequence_from, row.sequence_era) for row in rows]
    return feed_sequences.missing(session, counted, seen.settings, now=seen.now)
