"""The command line."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli import commands
from tests.cli.commands import Tanfang
from tests.cli.importing import Shell
from tests.core.imports import files
from tests.core.imports.files import HEADERS


@pytest.fixture(scope="session")
def tanfang(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tanfang]:
    """Runs a command in a process of its own: `tanfang(*arguments, **environment)`."""
    with commands.forked(tmp_path_factory.mktemp("commands")) as found:
        yield found


@pytest.fixture
def shell(database_url: str, tmp_path: Path, tanfang: Tanfang) -> Shell:
    return Shell(database_url, tmp_path, tanfang)


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    def make(*rows: Sequence[Any], headers: Sequence[str] = HEADERS, name: str = "花名册.xlsx") -> Path:
        return files.workbook(tmp_path / name, headers, *rows)

    return make
