"""How the instance is: looked at from outside the requests, for operators and Prometheus."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import redis
from sqlalchemy.exc import SQLAlchemyError

from api.schemas.district import Readiness, ReadinessPart
from core import migrations
from core.alerts import feeds as watched
from core.alerts import queries as alert_queries
from core.alerts.feeds import Measure
from core.notifications import channels, relay
from core.organisation import streets
from core.policy import calendar
from core.store import logins, scopes
from core.store.business import Business
from core.store.database import Database
from core.store.scopes import Scope
from core.tasks import escalation
from core.tasks import queries as task_queries

BROKER_SECONDS: Final = 0.5
WAITING: Final = timedelta(minutes=1)


def readiness(connected: Database, business: Business, redis_url: str | None) -> Readiness:
    """Every part, and what follows from them."""
    parts: dict[str, ReadinessPart] = {}
    try:
        _database(connected, business, parts)
    except SQLAlchemyError as error:
        parts["database"] = ReadinessPart(state="down", text=type(getattr(error, "orig", None) or error).__name__)
    parts["broker"] = _broker(redis_url)
    states = {part.state for part in parts.values()}
    status = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    return Readiness(status=status, parts=parts)


def _database(connected: Database, business: Business, parts: dict[str, ReadinessPart]) -> None:
    with connected.transaction(Scope()) as session:
        present, expected = migrations.revisions(session)
        problem = logins.flaw(session)
    parts["database"] = ReadinessPart(state="down" if problem else "ok", text=problem or "正常应答。")
    if present != expected:
        parts["migrations"] = ReadinessPart(
            state="down", text=f"数据库的版本是 `{present or '?'}`，程序的版本是 `{expected}`。"
        )
        return
    parts["migrations"] = ReadinessPart(state="ok", text=f"版本 `{present}`。")
    now = business.now()
    divisions = streets.known(connected)
    with connected.transaction(scopes.everywhere(directory=False)) as session:
        waiting = alert_queries.waiting_since(session, divisions.codes)
        late = escalation.late_steps(session, divisions.codes, now=now)
        stale = calendar.warning(session, now=now)
        silent = len(watched.silent(session))
    parts["calendar"] = ReadinessPart(state="degraded" if stale else "ok", text=stale or "已录入。")
    parts["workers"] = _workers(waiting, now)
    parts["escalation"] = ReadinessPart(state="degraded" if late else "ok", text=f"{late} 步提醒晚了 5 分钟以上。")
    parts["feeds"] = ReadinessPart(state="degraded" if silent else "ok", text=f"{silent} 个来源没有声音。")


def _workers(waiting: datetime | None, now: datetime) -> ReadinessPart:
    """No worker reports to the API: that they work is seen from what does not wait."""
    if waiting is None or now - waiting < WAITING:
        return ReadinessPart(state="ok", text="没有消息久等。")
    return ReadinessPart(state="degraded", text="收到的消息等待处理已超过一分钟。")


def _broker(url: str | None) -> ReadinessPart:
    if url is None:
        return ReadinessPart(state="degraded", text="没有配置，工作由定时巡查发现。")
    client = redis.Redis.from_url(url, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS, retry=None)
    try:
        client.ping()
    except (redis.RedisError, OSError) as error:
        return ReadinessPart(state="degraded", text=f"没有应答（`{type(error).__name__}`），工作由定时巡查发现。")
    finally:
        client.close()
    return ReadinessPart(state="ok", text="正常应答。")


def pending(connected: Database, most: int) -> Callable[[], int]:
    """A look at how many accepted alerts wait, up to `most`, for the door."""

    def look() -> int:
        codes = streets.known(connected).codes
        with connected.transaction(scopes.everywhere(directory=False)) as session:
            return alert_queries.pending(session, codes, most)

    return look


def backlog(connected: Database, business: Business) -> Callable[[], dict[str, int] | None]:
    """A look at what waits, for the metrics; None when the database does not answer."""

    def look() -> dict[str, int] | None:
        try:
            divisions = streets.known(connected)
            now = business.now()
            with connected.transaction(scopes.everywhere(directory=False)) as session:
                alerts = alert_queries.counts(session, divisions.codes_and_districts)
                tasks = task_queries.counts(session, divisions.codes, now=now)
                late = escalation.late_steps(session, divisions.codes, now=now)
                deliveries = relay.counts(session, divisions.codes_and_districts)
                dead = sum(row.channels for row in channels.dead(session))
        except SQLAlchemyError:
            return None
        return {
            "alerts_pending": alerts["accepted"],
            "alerts_quarantined": alerts["quarantined"],
            "tasks_open": tasks["open"],
            "tasks_overdue": tasks["overdue"],
            "escalation_steps_late": late,
            "deliveries_pending": deliveries["pending"],
            "deliveries_failed": deliveries["failed"],
            "channels_dead": dead,
        }

    return look


def feeds(connected: Database, business: Business) -> Callable[[], Sequence[Measure]]:
    """A look at the sources that have a key, for the metrics; nothing when the database does not answer."""

    def look() -> Sequence[Measure]:
        try:
            now = business.now()
            with connected.transaction(scopes.everywhere()) as session:
                return watched.measures(session, now=now)
        except SQLAlchemyError:
            return ()

    return look
