"""The one place that asks what time it is, and what a business day is (Asia/Shanghai)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def real_now() -> datetime:
    """Real time: for sessions, keys, leases and rate limits."""
    return datetime.now(UTC)


def today(now: datetime) -> date:
    """The business day of an instant (Asia/Shanghai)."""
    return now.astimezone(SHANGHAI).date()


def at(day: date, hour: int | time = 0) -> datetime:
    """The instant at which `hour` strikes, or the clock shows a time to the minute, on a business day."""
    return datetime.combine(day, hour if isinstance(hour, time) else time(hour), SHANGHAI)


def next_midnight(now: datetime) -> datetime:
    """The first instant of the business day after `now`."""
    return at(today(now) + timedelta(days=1))
