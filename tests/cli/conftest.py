"""The command line."""

from collections.abc import Iterator

import pytest

from tests.cli import commands
from tests.cli.commands import Tanfang


@pytest.fixture(scope="session")
def tanfang(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tanfang]:
    """Runs a command in a process of its own: `tanfang(*arguments, **environment)`."""
    with commands.forked(tmp_path_factory.mktemp("commands")) as found:
        yield found
