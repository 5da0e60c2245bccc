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
from core.store import crypto, database, logins, scopes
from core.store.business import Business
from core.store.database import Database
from core.store.scopes import Scope
from core.store.words import ChannelKind
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
        raise CommandFailed(f"{settings.data.resolve()} 中没有实例，请用 `tanfang up` 建立。")
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
    where = f"数据在 {settings.data.resolve()}，" + (f"正在 {running} 服务" if running else "没有在这里运行")
    yield Finding(State.GOOD, "设置", f"{where}{'，沙箱' if settings.sandbox else ''}。")
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
        return Finding(State.WRONG, "密钥", f"加密密钥无法读取：{problem}")
    return Finding(State.GOOD, "密钥", f"字段密钥 {len(keys.fields)} 个，索引密钥 1 个，在 {settings.key_folder}。")


def _broker(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding(State.DEGRADED, "消息中间件", "没有配置，工作由定时巡查发现，晚几秒。")
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=3, socket_timeout=3)
        version = client.info("server").get("redis_version", "")
    except (redis.RedisError, ValueError) as problem:
        return Finding(State.WRONG, "消息中间件", f"没有应答：{problem}。没有丢失任何内容，但任务会晚一些出现。")
    return Finding(State.GOOD, "消息中间件", f"正常应答，Redis {version} 协议。")


def _database(connected: Database, settings: Settings, running: bool) -> Iterator[Finding]:
    try:
        with connected.transaction(Scope()) as session:
            version = database.server_version(session)
            present, expected = migrations.revisions(session)
            problem, behind = logins.flaw(session), migrations.is_behind(session)
    except SQLAlchemyError as problem:
        yield Finding(State.WRONG, "数据库", f"没有应答：{_first_line(problem)}")
        return
    yield Finding(State.GOOD, "数据库", f"PostgreSQL {version}。")
    yield Finding(
        State.WRONG if problem else State.GOOD,
        "数据库角色",
        problem or "登录角色不拥有任何东西，只看得到范围以内的数据。",
    )
    if behind:
        yield Finding(State.WRONG, "迁移", _behind(present, expected))
        return
    yield Finding(State.GOOD, "迁移", f"版本 {present}。")
    # A database with a sandbox clock is a sandbox, whatever this shell's settings say.
    now = Business(connected, sandbox=True).now()
    yield _policy(clock.today(now))
    with connected.transaction(scopes.everywhere(directory=False)) as session:
        yield _calendar(session, now)
        codes = streets.load(session).codes_and_districts
        yield from _backlog(session, codes, running, now)
        yield from _feeds(session)
        yield from _outbox(session, codes, bool(settings.smtp_url))


def _behind(present: str | None, expected: str) -> str:
    if present is None:
        return "数据库还没有迁移，或者只对另一个登录角色开放，请设置 `TANFANG_OWNER_URL` 后运行 `tanfang migrate`。"
    if present == expected:
        return "数据库里谁能看到什么，与程序所说的不一致，请运行 `tanfang migrate`。"
    return f"数据库的版本是 {present}，程序的版本是 {expected}，请运行 `tanfang migrate`。"


def _policy(today: date) -> Finding:
    try:
        policy = in_force(load_policies(), today)
    except (DocumentInvalid, NotInForce) as problem:
        return Finding(State.WRONG, "政策", str(problem))
    odd = check_policy(policy, on=today)
    if odd:
        return Finding(State.DEGRADED, "政策", "".join(f"{each.rule}：{each.msg}" for each in odd))
    return Finding(State.GOOD, "政策", f"{policy.id} 第 {policy.version} 版，自 {policy.effective_on} 起生效。")


def _calendar(session: Session, now: datetime) -> Finding:
    stale = calendar.warning(session, now=now)
    if stale is None:
        return Finding(State.GOOD, "日历", "今年已录入，明年到期应录的也已录入。")
    is_wrong = calendar.is_provisional(session, clock.today(now).year)
    advice = f"{stale}可用 `tanfang calendar import FILE`。"
    return Finding(State.WRONG if is_wrong else State.DEGRADED, "日历", advice)


def _backlog(session: Session, codes: Sequence[str], running: bool, now: datetime) -> Iterator[Finding]:
    counted = alert_queries.counts(session, codes)
    old = alert_queries.waiting_before(session, codes, now - LATE)
    steps = escalation.late_steps(session, codes, now=now)
    # What waits while nothing runs is no fault; `up` catches up.
    behind = State.WRONG if running else State.DEGRADED
    for what, late, words in (
        ("消息", old, f"{counted['accepted']} 条待处理，其中 {old} 条超过 5 分钟。"),
        ("升级提醒", steps, f"{steps} 步晚了 5 分钟以上。"),
    ):
        yield Finding(
            behind if late else State.GOOD, what, words if running or not late else f"{words}请启动 `tanfang up`。"
        )
    if quarantined := counted["quarantined"]:
        yield Finding(State.DEGRADED, "待处理", f"{quarantined} 条消息需要有人更正后重放。")


def _feeds(session: Session) -> Iterator[Finding]:
    """Sources that have stopped sending: their news does not arrive, and nothing else here would show it."""
    for source, since in feeds.silent(session):
        due = since.astimezone(clock.SHANGHAI)
        words = f"{source} 应在 {due:%Y-%m-%d %H:%M} 前有消息；请询问对方，或者暂停监视。"
        yield Finding(State.DEGRADED, "来源", words)


def _outbox(session: Session, codes: Sequence[str], mails: bool) -> Iterator[Finding]:
    """Ways to people that lead nowhere; their messages are in the in-app inbox all the same."""
    waiting = relay.counts(session, codes)
    words = f"{waiting['pending']} 条在途，{waiting['failed']} 条已放弃"
    for row in channels.dead(session):
        since = row.since.astimezone(clock.SHANGHAI)
        dead = f"{row.channels} 个 {row.kind} 渠道自 {since:%Y-%m-%d %H:%M} 起不通：{row.last_error}；{words}。"
        yield Finding(State.DEGRADED, "通知", dead)
    if not mails and channels.any_of(session, ChannelKind.EMAIL):
        unset = "有人要求邮件通知，但没有邮件服务器，请设置 `TANFANG_SMTP_URL`。"
        yield Finding(State.DEGRADED, "通知", unset)


def _first_line(problem: SQLAlchemyError) -> str:
    cause = getattr(problem, "orig", None) or problem
    return str(cause).strip().splitlines()[0]
