"""What the words of a command line mean: settings, instants, days; and how a command is refused."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.embedded.servers import CommandFailed, say_to_stderr
from core.errors import Refusal

# The commands import what they need themselves: the database's libraries take more than a second, which `classify`
# would pay once for each of its processes, and `--help` for nothing.
if TYPE_CHECKING:
    from core.settings import Settings

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the embedded servers, keys and logs (TANFANG_DATA; else ./data)."),
]
District = Annotated[
    str | None, typer.Option("--district", help="Code of the district (6 digits); absent: the only one there is.")
]


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


def instant(text: str | None, option: str = "--now") -> datetime | None:
    """An instant with its offset."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CommandFailed(f"`{option}` 须是带时区的时刻，例如 2026-03-20T09:00:00+08:00，不能是 {text}。")
    return found


def end(text: str | None) -> datetime | None:
    """The end of a business day, or an instant."""
    from core import clock

    if text is None or "T" in text.upper():
        return instant(text, "--expires")
    try:
        return clock.next_midnight(clock.at(date.fromisoformat(text)))
    except (ValueError, OverflowError):
        raise CommandFailed(f"`--expires` 须是日期（如 2027-03-31）或带时区的时刻，不能是 {text}。") from None


def day(option: str, text: str | None) -> date | None:
    """A day."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandFailed(f"`{option}` 须写成 2026-03-20 这样的日期，不能是“{text}”。") from None


def one_of(option: str, word: str, words: Sequence[str]) -> str:
    """A word, if it is one of these."""
    if word not in words:
        raise CommandFailed(f"`{option}` 只能是 {'、'.join(words)} 之一，不能是“{word}”。")
    return word
