"""`tanfang import` as a shell calls it, and what it left in the database."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core.heartbeat.sweep import until_quiet
from core.store import crypto, scopes
from core.store.business import Business
from core.store.database import Database
from tests import processes
from tests.cli.commands import Done, Tanfang


@dataclass
class Shell:
    """The command on a database of its own."""

    url: str
    folder: Path
    tanfang: Tanfang

    @property
    def settings(self) -> dict[str, str]:
        return {"TANFANG_DATABASE_URL": self.url, "TANFANG_DATA": str(self.folder / "data")}

    @property
    def environment(self) -> dict[str, str]:
        return processes.environment(self.settings)

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "cli.main", "import", *map(str, arguments)]

    def run(self, *arguments: str | Path) -> Done:
        return self.tanfang("import", *arguments, **self.settings)

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        database = Database(self.url, pool_size=2)
        try:
            with database.transaction(scopes.everywhere()) as session:
                return session.execute(text(statement), values).all()
        finally:
            database.dispose()

    def settle(self) -> None:
        """What the workers of a running instance would do."""
        database = Database(self.url, pool_size=4)
        try:
            until_quiet(database, crypto.load_keys(self.folder / "data" / "keys"), Business(database, sandbox=True))
        finally:
            database.dispose()

    def alerts(self) -> int:
        return len(self.rows("SELECT 1 FROM alert WHERE street_code LIKE '310117%'"))


def report_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]
