"""The command `tanfang`: its words and options; what they do stands in the modules beside this one."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from cli.embedded.servers import CommandFailed, say_to_stderr
from core.errors import Refusal
from core.organisation.roles import Role

# The commands import what they need themselves: the database's libraries take more than a second, which `classify`
# would pay once for each of its processes, and `--help` for nothing.
if TYPE_CHECKING:
    from core.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Its tracebacks may show the values of variables, a password among them.
    pretty_exceptions_enable=False,
    help="探访关爱：把消息变成探访任务，直到有人上门。",
)
users = typer.Typer(no_args_is_help=True, help="People who sign in.")
keys = typer.Typer(no_args_is_help=True, help="Keys of the monitoring systems.")
app.add_typer(users, name="user")
app.add_typer(keys, name="key")
signatures = typer.Typer(no_args_is_help=True, help="What monitoring systems sign with (Standard Webhooks).")
app.add_typer(signatures, name="signature")
calendars = typer.Typer(no_args_is_help=True, help="Working days, year by year.")
app.add_typer(calendars, name="calendar")
districts = typer.Typer(no_args_is_help=True, help="The districts of this installation.")
app.add_typer(districts, name="district")

District = Annotated[
    str | None, typer.Option("--district", help="Code of the district (6 digits); absent: the only one there is.")
]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the embedded servers, keys and logs (TANFANG_DATA; else ./data)."),
]

Named = Annotated[str, typer.Argument(help="The name to sign in with.")]


@app.command()
def up(
    data: Data = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Where to serve; 0 takes a free port.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 1,
    sandbox: Annotated[bool, typer.Option(help="Allow the sandbox clock and /docs; never in production.")] = False,
    demo: Annotated[bool, typer.Option(help="Fill an empty database with the demo.")] = False,
    now: Annotated[str | None, typer.Option(metavar="INSTANT", help="Where a sandbox's clock begins.")] = None,
) -> None:
    """Everything on this machine: database, broker, migrations, API and workers. Ctrl-C stops all of it."""
    from cli.up import serve

    with refusals():
        settings = chosen(data)
        wanted = {"port": settings.port if port is None else port, "sandbox": sandbox or settings.sandbox}
        serve(settings.model_copy(update=wanted), workers=workers, demo=demo, now=_instant(now))


@app.command()
def demo(data: Data = None) -> None:
    """Fill an empty sandbox: the real streets, synthetic people, a stream of alerts. Prints the log-ins."""
    from cli.up import fill

    with refusals():
        fill(chosen(data))


@app.command()
def migrate(data: Data = None) -> None:
    """As the database's owner: make keys if there are none, migrate, seed what is missing. `up` does this too."""
    from cli.database import prepare
    from cli.embedded.folder import servers

    with refusals(), servers(chosen(data), broker=False) as found:
        prepare(found, migrates=True)


@users.command("add")
def user_add(
    name: Named,
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    street: Annotated[str | None, typer.Option(help="Code of the street (9 digits).")] = None,
    committee: Annotated[list[str] | None, typer.Option(help="Code of a committee (12 digits); repeatable.")] = None,
    capacity: Annotated[int | None, typer.Option(min=0, help="Visits a month.")] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """Add somebody who signs in, with the password of TANFANG_PASSWORD, or print a code good once for 24 h."""
    from cli.accounts import add_user

    with refusals():
        code = add_user(
            chosen(data),
            name,
            _password(),
            role=role,
            district=district,
            street=street,
            committees=committee or [],
            capacity=capacity,
        )
    say_to_stderr(f"{name} 可以登录，角色是{role.label}（`{role}`）。")
    _hand_out(code)


@users.command("list")
def user_list(data: Data = None) -> None:
    """Every account, one a line: user name, state, role, street or else district, name, last day."""
    from cli.accounts import list_users
    from cli.listing import user_lines

    with refusals():
        for line in user_lines(list_users(chosen(data))):
            print(line)


@users.command("lock")
def user_lock(name: Named, data: Data = None) -> None:
    """Close an account and end its sessions; its work stays with it."""
    from cli.accounts import lock_user

    with refusals():
        lock_user(chosen(data), name)
    say_to_stderr(f"{name} 已锁定，登录都已结束。")


@users.command("unlock")
def user_unlock(name: Named, data: Data = None) -> None:
    """Open an account again, also one that wrong passwords locked."""
    from cli.accounts import unlock_user

    with refusals():
        unlock_user(chosen(data), name)
    say_to_stderr(f"{name} 已解锁。")


@users.command("reset")
def user_reset(name: Named, data: Data = None) -> None:
    """Set the password of TANFANG_PASSWORD, or print a code good once for 24 h; sessions end."""
    from cli.accounts import reset_user

    with refusals():
        code = reset_user(chosen(data), name, _password())
    say_to_stderr(f"{name} 的密码已重置，登录都已结束。")
    _hand_out(code)


@users.command("end-sessions")
def user_end_sessions(name: Named, data: Data = None) -> None:
    """End every session of somebody at once."""
    from cli.accounts import end_sessions

    with refusals():
        ended = end_sessions(chosen(data), name)
    say_to_stderr(f"已结束 {name} 的 {ended} 个登录。")


def _password() -> str | None:
    given = os.environ.get("TANFANG_PASSWORD")
    if given or not sys.stdin.isatty():
        return given or None
    words = "密码（直接回车则生成一次性代码）"
    return typer.prompt(words, default="", show_default=False, hide_input=True, err=True) or None


def _hand_out(code: str | None) -> None:
    if code is not None:
        print(code)
        say_to_stderr("上面是一次性代码：24 小时内有效，只能用一次，登录后自己设置密码。现在就记下，以后不再显示。")


@keys.command("add")
def key_add(
    source: Annotated[str, typer.Option(help="CloudEvents `source` of the system, a URI reference.")],
    scope: Annotated[list[str], typer.Option(help="alerts:write, alerts:read or classify; repeatable.")],
    type_: Annotated[list[str] | None, typer.Option("--type", help="An event type it may send; absent: all.")] = None,
    street: Annotated[list[str] | None, typer.Option(help="A street it may write to; absent: all.")] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Its last day, or an instant with its offset; absent: never.")
    ] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """Make a key for a monitoring system. Standard output is the key, once, and nothing else."""
    from cli.accounts import add_key

    with refusals():
        key, live = add_key(
            chosen(data),
            source,
            scopes=scope,
            types=type_ or [],
            streets=street or [],
            expires_at=_end(expires),
            district=district,
        )
    print(key)
    say_to_stderr("Keep it now: only its digest is stored. It goes into the header `Authorization: Bearer <key>`.")
    if live > 1:
        say_to_stderr(f"{live} keys of this source are live; `tanfang key revoke` ends the one that is replaced.")


@keys.command("list")
def key_list(data: Data = None) -> None:
    """Every key in every state, one a line; the keys themselves cannot be read again."""
    from cli.accounts import list_keys
    from cli.listing import key_lines

    with refusals():
        for line in key_lines(list_keys(chosen(data))):
            print(line)


@keys.command("revoke")
def key_revoke(
    key_id: Annotated[UUID, typer.Argument(help="The key's id, from `tanfang key list`.")], data: Data = None
) -> None:
    """End a key at once and for good."""
    from cli.accounts import revoke_key

    with refusals():
        revoke_key(chosen(data), key_id)
    say_to_stderr("The key is revoked: its next request is refused.")


@signatures.command("add")
def signature_add(
    source: Annotated[str, typer.Option(help="CloudEvents `source` of the system, a URI reference.")],
    obligatory: Annotated[
        bool | None, typer.Option("--obligatory/--optional", help="Refuse what it sends unsigned; absent: as it is.")
    ] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """Make a signing secret for a source. Standard output is the secret, once, and nothing else."""
    from cli.accounts import add_secret

    with refusals():
        secret, live = add_secret(chosen(data), source, obligatory=obligatory, district=district)
    print(secret)
    say_to_stderr("Keep it now: it is sealed here. Sign each request per Standard Webhooks, beside showing the key.")
    if live > 1:
        say_to_stderr(f"{live} secrets of this source are live; `tanfang signature revoke` ends the one replaced.")


@signatures.command("list")
def signature_list(data: Data = None) -> None:
    """Every signing secret in every state, one a line; the secrets themselves cannot be read again."""
    from cli.accounts import list_secrets
    from cli.listing import secret_lines

    with refusals():
        for line in secret_lines(list_secrets(chosen(data))):
            print(line)


@signatures.command("revoke")
def signature_revoke(
    secret_id: Annotated[UUID, typer.Argument(help="The secret's id, from `tanfang signature list`.")],
    data: Data = None,
) -> None:
    """End a signing secret at once and for good."""
    from cli.accounts import revoke_secret

    with refusals():
        revoke_secret(chosen(data), secret_id)
    say_to_stderr("The secret is revoked: what is signed with it alone is refused.")


@signatures.command("require")
def signature_require(
    source: Annotated[str, typer.Option(help="CloudEvents `source` of the system.")],
    obligatory: Annotated[bool, typer.Option("--obligatory/--optional", help="Refuse what it sends unsigned.")] = True,
    district: District = None,
    data: Data = None,
) -> None:
    """Say whether a source has to sign."""
    from cli.accounts import set_obligatory

    with refusals():
        set_obligatory(chosen(data), source, obligatory=obligatory, district=district)
    say_to_stderr(f"What {source} sends unsigned is {'refused' if obligatory else 'taken'}.")


@calendars.command("import")
def calendar_import(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV with day,working[,label]; one year.")
    ],
    data: Data = None,
) -> None:
    """Enter the notice of a year; deadlines in it stop being provisional and are counted again."""
    from cli.calendar import enter

    with refusals():
        print(enter(chosen(data), file))


@districts.command("add")
def district_add(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="JSON like core/store/data/songjiang.json, one district."
        ),
    ],
    data: Data = None,
) -> None:
    """As the database's owner: add a district with its streets and committees. What runs sees it after a restart."""
    from cli.districts import add

    with refusals():
        print(add(chosen(data), file))


@districts.command("list")
def district_list(data: Data = None) -> None:
    """Code and name of every district, one a line."""
    from cli.districts import names

    with refusals():
        for code, name in names(chosen(data)):
            print(code, name)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="XLSX、XLS、ODS 或 CSV 文件。")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查和报告，什么都不写入。")] = False,
    kind: Annotated[str | None, typer.Option(help="register、facts 或 visits；不写则看表头。")] = None,
    source: Annotated[str | None, typer.Option(help="文件从哪里来，一个 URI。")] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", metavar="列名=字段", help="某一列是哪个字段，=- 表示不读；可重复。")
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--map-value", metavar="列名:原词=意思", help="某一列里的词是什么意思，=- 表示不算；可重复。"),
    ] = None,
    sheets: Annotated[
        list[str] | None, typer.Option("--sheet", help="只读这张工作表，可重复；不写则读每一张有表头的。")
    ] = None,
    as_of: Annotated[str | None, typer.Option(metavar="日期", help="文件反映的是哪一天；不写则是现在。")] = None,
    all_or_nothing: Annotated[bool, typer.Option("--all-or-nothing", help="每一行都能收才写入。")] = False,
    disappeared: Annotated[str, typer.Option(help="花名册里不见了的人：ask 询问，keep 保留，left 退出。")] = "ask",
    left_on: Annotated[str | None, typer.Option(metavar="日期", help="退出的人在册的最后一天。")] = None,
    confirm_left: Annotated[int | None, typer.Option(min=1, help="确认真的有这么多人退出。")] = None,
    report: Annotated[Path | None, typer.Option(dir_okay=False, help="逐行报告写到哪里，CSV 或 XLSX。")] = None,
    user: Annotated[str | None, typer.Option(help="走访记录由哪个账号登记。")] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """导入花名册、事项或走访记录，与监测系统推送走同一道门。有的行没有收时退出码为 1。"""
    from cli.imports import Options, run
    from core.imports.headers import Kind

    with refusals():
        options = Options(
            file=file,
            kind=None if kind is None else Kind(_one_of("--kind", kind, list(Kind))),
            source=source,
            columns=columns or [],
            words=words or [],
            sheets=sheets or [],
            as_of=_date("--as-of", as_of),
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            disappeared=_one_of("--disappeared", disappeared, ["ask", "keep", "left"]),
            left_on=_date("--left-on", left_on),
            confirmed=confirm_left,
            report=report,
            user=user,
            district=district,
        )
        raise typer.Exit(run(chosen(data), options))


@app.command()
def classify(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="One person a line as JSON; - reads standard input.")],
    coverage: Annotated[
        list[str] | None, typer.Option(metavar="CODE=FILE", help="A street's own document; repeatable.")
    ] = None,
) -> None:
    """One decision a line, in order: the rules alone, no database and no server."""
    from cli.classify import run

    with refusals():
        raise typer.Exit(run(file, dict(map(_street_and_file, coverage or [])), out=sys.stdout))


@app.command()
def doctor(data: Data = None) -> None:
    """Check settings, database, broker, migrations, calendar, policy and backlog; exit code 1 when one is wrong."""
    from cli.doctor import examine

    with refusals():
        raise typer.Exit(examine(chosen(data)))


def chosen(data: Path | None) -> "Settings":
    """The settings of the environment, with the folder of the command line."""
    from pydantic import ValidationError

    from core.settings import load

    try:
        settings = load()
    except ValidationError as problem:
        wrong = (f"TANFANG_{'_'.join(map(str, error['loc'])).upper()}: {error['msg']}" for error in problem.errors())
        raise CommandFailed("\n".join(wrong)) from None
    return settings if data is None else settings.model_copy(update={"data": data})


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal is a sentence on standard error and exit code 1, not a traceback."""
    try:
        yield
    except CommandFailed as problem:
        say_to_stderr(str(problem))
    except Refusal as problem:
        say_to_stderr(problem.detail)
        for each in problem.problems:
            say_to_stderr(f"  {each.loc}：{each.msg}")
    else:
        return
    raise typer.Exit(1) from None


def _instant(text: str | None, option: str = "--now") -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise CommandFailed(f"`{option}` 须是带时区的时刻，例如 2026-03-20T09:00:00+08:00，不能是 {text}。")
    return instant


def _end(text: str | None) -> datetime | None:
    """The end of a business day, or an instant."""
    from core import clock

    if text is None or "T" in text.upper():
        return _instant(text, "--expires")
    try:
        return clock.next_midnight(clock.at(date.fromisoformat(text)))
    except (ValueError, OverflowError):
        raise CommandFailed(f"`--expires` 须是日期（如 2027-03-31）或带时区的时刻，不能是 {text}。") from None


def _date(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandFailed(f"`{option}` 须写成 2026-03-20 这样的日期，不能是“{text}”。") from None


def _one_of(option: str, word: str, words: Sequence[str]) -> str:
    if word not in words:
        raise CommandFailed(f"`{option}` 只能是 {'、'.join(words)} 之一，不能是“{word}”。")
    return word


def _street_and_file(text: str) -> tuple[str, Path]:
    code, equals, name = text.partition("=")
    if not equals or not code or not Path(name).is_file():
        raise CommandFailed(f"--coverage takes CODE=FILE with a file that is there, not {text}.")
    return code, Path(name)


if __name__ == "__main__":
    sys.exit(app())
