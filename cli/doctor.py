"""`tanfang doctor`: what an instance needs, looked at one by one, each with what would help."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import redis
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from cli import supervisor
from cli.embedded.folder import servers
from cli.embedded.servers import CommandFailed
from core import clock, migrations
from core.alerts import feeds
from core.alerts import queries as alert_queries
from core.notifications import channels, relay
from core.organisation import streets
from core.policy import calendar
from core.settings import Settings
from core.store import crypto, database
from core.store.business import Business
from core.store.database import Database, Scope
from core.tasks import escalation
from rules.checks import check_policy
from rules.documents import DocumentInvalid
from rules.policies import NotInForce, in_force, load_policies

LATE = timedelta(minutes=5)


class State(StrEnum):
    """`DEGRADED` works, but somebody should look; `WRONG` makes the command fail."""

    GOOD = "[green]✓[/]"
    DEGRADED = "[yellow]![/]"
    WRONG = "[red]✗[/]"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found."""

    state: State
    what: str
    text: str


def examine(settings: Settings) -> int:
    """Print the findings; 1 when something is wrong, else 0."""
    if settings.database_url is None and not (settings.data / "postgres").exists():
        raise CommandFailed(f"There is no instance in {settings.data.resolve()}; `tanfang up` makes one.")
    running = supervisor.address(settings)
    with servers(settings) as found:
        findings = list(_look(found.settings, running))
    table = Table(show_header=False, box=None, padding=(0, 1))
    for finding in findings:
        table.add_row(finding.state, finding.what, finding.text)
    # Without a terminal there is no width to break lines at.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return int(any(finding.state is State.WRONG for finding in findings))


def _look(settings: Settings, running: str | None) -> Iterator[Finding]:
    where = f"data in {settings.data.resolve()}; " + (f"serves at {running}" if running else "not running here")
    yield Finding(State.GOOD, "settings", f"{where}{'; sandbox' if settings.sandbox else ''}")
    yield _keys(settings)
    yield _broker(settings)
    connected = Database(settings.database_url or "", pool_size=2)
    try:
        yield from _database(connected, settings, bool(running))
    finally:
        connected.dispose()


def _keys(settings: Settings) -> Finding:
    try:
        keys = crypto.load_keys(settings.key_folder)
    except (OSError, ValueError) as problem:
        return Finding(State.WRONG, "keys", str(problem))
    return Finding(State.GOOD, "keys", f"{len(keys.fields)} for fields, one for the index, in {settings.key_folder}")


def _broker(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding(State.DEGRADED, "broker", "none; work is found by the heartbeat, some seconds later")
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=3, socket_timeout=3)
        version = client.info("server").get("redis_version", "")
    except (redis.RedisError, ValueError) as problem:
        return Finding(State.WRONG, "broker", f"{problem} Nothing is lost meanwhile, but tasks appear later.")
    return Finding(State.GOOD, "broker", f"answers, protocol of Redis {version}")


def _database(connected: Database, settings: Settings, running: bool) -> Iterator[Finding]:
    try:
        with connected.transaction(Scope()) as session:
            version = database.server_version(session)
            present, expected = migrations.revisions(session)
    except SQLAlchemyError as problem:
        yield Finding(State.WRONG, "database", _first_line(problem))
        return
    yield Finding(State.GOOD, "database", f"PostgreSQL {version}")
    if present != expected:
        behind = f"the database is at {present}, the program at {expected}; run `tanfang migrate`"
        yield Finding(State.WRONG, "migrations", behind)
        return
    yield Finding(State.GOOD, "migrations", f"at {present}")
    # A database with a sandbox clock is a sandbox, whatever this shell's settings say.
    now = Business(connected, sandbox=True).now()
    yield _policy(clock.today(now))
    everywhere = Scope(streets=streets.known(connected).codes_and_district, committees=None)
    with connected.transaction(everywhere) as session:
        yield _calendar(session, now)
        yield from _backlog(session, everywhere.streets, running, now)
        yield from _feeds(session)
        yield from _outbox(session, everywhere.streets, bool(settings.smtp_url))


def _policy(today: date) -> Finding:
    try:
        policy = in_force(load_policies(), today)
    except (DocumentInvalid, NotInForce) as problem:
        return Finding(State.WRONG, "policy", str(problem))
    odd = check_policy(policy, on=today)
    if odd:
        return Finding(State.DEGRADED, "policy", "; ".join(f"{each.rule}: {each.msg}" for each in odd))
    return Finding(State.GOOD, "policy", f"{policy.id} version {policy.version}, in force since {policy.effective_on}")


def _calendar(session: Session, now: datetime) -> Finding:
    stale = calendar.warning(session, now=now)
    if stale is None:
        return Finding(State.GOOD, "calendar", "this year is entered, and the next as far as it is due")
    is_wrong = calendar.year(session, clock.today(now).year)["provisional"]
    advice = f"{stale} (`tanfang calendar import FILE`)"
    return Finding(State.WRONG if is_wrong else State.DEGRADED, "calendar", advice)


def _backlog(session: Session, codes: Sequence[str], running: bool, now: datetime) -> Iterator[Finding]:
    counted = alert_queries.counts(session, codes)
    old = alert_queries.waiting_before(session, codes, now - LATE)
    steps = escalation.late_steps(session, codes, now=now)
    # What waits while nothing runs is no fault; `up` catches up.
    behind = State.WRONG if running else State.DEGRADED
    for what, late, words in (
        ("alerts", old, f"{counted['accepted']} waiting, {old} of them for more than 5 minutes"),
        ("escalation", steps, f"{steps} steps more than 5 minutes late"),
    ):
        yield Finding(behind if late else State.GOOD, what, words if running or not late else f"{words}; start `up`")
    if quarantined := counted["quarantined"]:
        yield Finding(State.DEGRADED, "quarantine", f"{quarantined} alerts need somebody: correct and replay them")


def _feeds(session: Session) -> Iterator[Finding]:
    """Sources that have stopped sending: their news does not arrive, and nothing else here would show it."""
    for source, since in feeds.silent(session):
        due = since.astimezone(clock.SHANGHAI)
        words = f"{source} should have been heard by {due:%Y-%m-%d %H:%M}; ask its operators, or pause it"
        yield Finding(State.DEGRADED, "feeds", words)


def _outbox(session: Session, codes: Sequence[str], mails: bool) -> Iterator[Finding]:
    """Ways to people that lead nowhere; their messages are in the in-app inbox all the same."""
    waiting = relay.counts(session, codes)
    words = f"{waiting['pending']} on their way, {waiting['failed']} given up"
    for row in channels.dead(session):
        since = row.since.astimezone(clock.SHANGHAI)
        dead = f"{row.channels} {row.kind} channel(s) dead since {since:%Y-%m-%d %H:%M}: {row.last_error}; {words}"
        yield Finding(State.DEGRADED, "notifications", dead)
    if not mails and channels.any_of(session, "email"):
        unset = "people asked for e-mail and there is no mail server; set TANFANG_SMTP_URL"
        yield Finding(State.DEGRADED, "notifications", unset)


def _first_line(problem: SQLAlchemyError) -> str:
    cause = getattr(problem, "orig", None) or problem
    return str(cause).strip().splitlines()[0]
