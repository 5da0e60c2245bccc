"""Real servers for every test: one embedded PostgreSQL and one Valkey a process, an empty database for each test."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import processes

# Fixtures import what they need: a test of the rules alone loads neither servers nor the database.
if TYPE_CHECKING:
    from core.store.crypto import Keys
    from core.store.database import Database
    from tests.databases import Databases
    from tests.statements import Statements
    from tests.world import World

_OWN_TEMP = pytest.StashKey[Path]()
_PASSED = pytest.StashKey[bool]()
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A temporary folder of this run alone: pytest's usual one is closed to the servers' user by the next run."""
    if hasattr(config, "workerinput"):
        return
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="tanfang-test-")
        config.stash[_OWN_TEMP] = Path(config.option.basetemp)
    # Inherited by everything that is started from here.
    os.environ[processes.RUN] = str(config.option.basetemp)
    processes.watch(Path(config.option.basetemp))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of long tests begin first, so that no process is left alone with one in the end."""
    seconds: Counter[Path] = Counter()
    for item in items:
        for mark in item.iter_markers("long"):
            seconds[item.path] += mark.args[0]
    items.sort(key=lambda item: -seconds[item.path])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whatever a test starts ends with it: a run that leaves a process behind has failed, and ends it."""
    if hasattr(session.config, "workerinput"):
        return
    left = processes.end_survivors(Path(os.environ[processes.RUN]))
    if left:
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            words = "\n".join(f"{each.pid}: {each.command}\n  started by {each.test or '?'}" for each in left)
            reporter.stats.setdefault("error", []).append(
                pytest.TestReport(
                    nodeid="processes left behind",
                    location=("tests", None, "processes left behind"),
                    keywords={},
                    outcome="failed",
                    longrepr=words,
                    when="teardown",
                )
            )
    session.config.stash[_PASSED] = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def pytest_unconfigure(config: pytest.Config) -> None:
    """What a run made goes with it; after a failure the logs stay to be looked at, without gigabytes of databases."""
    own = config.stash.get(_OWN_TEMP, None)
    if own is None:
        return
    if config.stash.get(_PASSED, False):
        shutil.rmtree(own, ignore_errors=True)
        return
    for folder, inside, files in os.walk(own):
        if "PG_VERSION" in files or "pyvenv.cfg" in files:
            shutil.rmtree(folder, ignore_errors=True)
            inside.clear()


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this run's servers keep their files."""
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[str]:
    """A PostgreSQL whose database `template_test` is migrated; durable enough for a test, not for people."""
    from cli.embedded.folder import start_postgres
    from core import migrations
    from core.store.logins import LOGIN

    server = start_postgres(server_folder, FAST, database="template_test")
    migrations.migrate(server.owner_url or "", LOGIN)
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def valkey_url(server_folder: Path) -> Iterator[str]:
    """A Valkey."""
    from cli.embedded.folder import start_valkey

    server = start_valkey(server_folder)
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def databases(postgres: str) -> "Databases":
    """The databases of this run."""
    from tests.databases import Databases

    return Databases(postgres)


@pytest.fixture(scope="session")
def make_database(databases: "Databases") -> Callable[[], str]:
    """Makes a migrated database and returns its address as the log-in; they end with the server."""
    return databases.make


@pytest.fixture(scope="session")
def make_empty_database(databases: "Databases") -> Callable[[], str]:
    """Makes a database with nothing in it, the owner's, and returns its address as the log-in."""
    return databases.make_empty


@pytest.fixture
def database_url(databases: "Databases") -> Iterator[str]:
    """An empty, migrated database of this test alone."""
    url = databases.lend()
    yield url
    databases.give_back(url)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> "Keys":
    """Encryption keys of this run."""
    from core.store import crypto

    return crypto.ensure_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def store(database_url: str) -> "Iterator[Database]":
    """The way into this test's database."""
    from core.store.database import Database

    found = Database(database_url, pool_size=8)
    yield found
    found.dispose()


@pytest.fixture
def world(store: "Database", keys: "Keys") -> "World":
    """The product without its doors: news in, time passing, visits recorded."""
    from tests.world import World

    return World(store, keys)


@pytest.fixture
def statements() -> "Statements":
    """Counts what is sent to the database: `with statements.counted() as sent`, and `tests.statements.growth`."""
    from tests.statements import Statements

    return Statements()
