"""Entering a year of working days from the shell: whoever holds the data folder is the operator."""

from pathlib import Path

from cli.database import prepare
from cli.embedded.folder import servers
from cli.embedded.servers import CommandFailed
from core.organisation.users import SHELL
from core.policy import calendar
from core.settings import Settings
from core.store import scopes
from core.store.business import Business
from core.store.database import Database
from core.tasks import deadlines
from rules.calendar import WorkingCalendar

# Spreadsheets on Chinese desktops write CSV in either.
ENCODINGS = ("utf-8-sig", "gb18030")


def enter(settings: Settings, file: Path, *, replace: bool = False) -> str:
    """Store the year of a CSV file; returns what was done. Raises a `Refusal` that names every bad line.

    With `replace` also a year that was confirmed and said otherwise.
    """
    days = calendar.parse_csv(_text(file))
    year = days[0].day.year
    with servers(settings, broker=False) as found:
        prepare(found)
        connected = Database(found.settings.database_url or "", pool_size=2)
        try:
            # A database with a sandbox clock is a sandbox, whatever this shell's settings say.
            now = Business(connected, sandbox=True).now()
            with connected.transaction(scopes.everywhere()) as session:
                source = file.name[: calendar.LABEL_CHARACTERS]
                worked = deadlines.put(session, year, days, source, replace=replace, by=SHELL, now=now)
        finally:
            connected.dispose()
    plain = WorkingCalendar({})
    unusual = sum(day.working != plain.is_working(day.day) for day in days)
    return f"{year} 年：{worked} 个工作日，{unusual} 天与星期不同。未到期的期限已重新计算。"


def _text(file: Path) -> str:
    content = file.read_bytes()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandFailed(f"{file} 不是文本，请另存为 UTF-8 的 CSV。")
