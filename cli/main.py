"""The command `tanfang`: its words and options; what they do stands in the modules beside this one."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import access
from cli.embedded.servers import CommandFailed
from cli.options import Data, District, chosen, day, instant, one_of, refusals

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Its tracebacks may show the values of variables, a password among them.
    pretty_exceptions_enable=False,
    help="探访关爱：把消息变成探访任务，直到有人上门。",
)
app.add_typer(access.users, name="user")
app.add_typer(access.keys, name="key")
app.add_typer(access.signatures, name="signature")
calendars = typer.Typer(no_args_is_help=True, help="Working days, year by year.")
app.add_typer(calendars, name="calendar")
districts = typer.Typer(no_args_is_help=True, help="The districts of this installation.")
app.add_typer(districts, name="district")


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
        serve(settings.model_copy(update=wanted), workers=workers, demo=demo, now=instant(now))


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


@calendars.command("import")
def calendar_import(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV with day,working[,label]; one year.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Replace a confirmed year that says otherwise.")] = False,
    data: Data = None,
) -> None:
    """Enter the notice of a year; deadlines in it stop being provisional and are counted again."""
    from cli.calendar import enter

    with refusals():
        print(enter(chosen(data), file, replace=replace))


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
            kind=None if kind is None else Kind(one_of("--kind", kind, list(Kind))),
            source=source,
            columns=columns or [],
            words=words or [],
            sheets=sheets or [],
            as_of=day("--as-of", as_of),
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            disappeared=one_of("--disappeared", disappeared, ["ask", "keep", "left"]),
            left_on=day("--left-on", left_on),
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


def _street_and_file(text: str) -> tuple[str, Path]:
    code, equals, name = text.partition("=")
    if not equals or not code or not Path(name).is_file():
        raise CommandFailed(f"--coverage takes CODE=FILE with a file that is there, not {text}.")
    return code, Path(name)


if __name__ == "__main__":
    sys.exit(app())
