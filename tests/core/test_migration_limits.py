"""A migration takes the time it is given: who holds what it changes stops it, and nobody has to queue behind it."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command

from cli import database
from cli.embedded.folder import Servers
from cli.embedded.postgres import as_role
from cli.embedded.servers import CommandFailed
from core import migrations
from core.migrations import NotMigrated
from core.settings import Settings
from core.store.database import libpq_url
from core.store.logins import LOGIN, OWNER

BEFORE_TASKS_CHANGE = "0006"


@pytest.fixture
def older(make_empty_database: Callable[[], str]) -> str:
    """The address of a database that lacks the revision after `BEFORE_TASKS_CHANGE`, which changes `task`."""
    url = make_empty_database()
    command.upgrade(migrations.configuration(as_role(url, OWNER), LOGIN), BEFORE_TASKS_CHANGE)
    return url


def revision(url: str) -> str:
    url = as_role(url, OWNER)
    with psycopg.connect(libpq_url(url)) as connection:
        [[found]] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(found)


def test_a_migration_of_a_table_that_somebody_holds_ends_with_what_to_do_and_lets_the_others_work(
    older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANFANG_OWNER_URL", as_role(older, OWNER))
    named = Servers(Settings(database_url=older, keys=tmp_path), broker=False, say=print)
    with psycopg.connect(libpq_url(as_role(older, OWNER))) as report:
        # A report that runs all morning.
        report.execute("SELECT count(*) FROM task")
        started = time.monotonic()
        with pytest.raises(CommandFailed, match=r"nothing was changed\. Somebody else holds.*`ALTER TABLE task"):
            database.prepare(named)
        assert time.monotonic() - started < 60
        assert revision(older) == BEFORE_TASKS_CHANGE
        owner = libpq_url(as_role(older, OWNER))
        with psycopg.connect(owner, options="-c lock_timeout=1s") as advisor:
            advisor.execute("UPDATE task SET due_on = due_on")
    database.prepare(named)
    assert revision(older) == migrations.head()


def test_a_revision_may_take_more_time_and_the_next_has_what_all_have(older: str, tmp_path: Path) -> None:
    owner = as_role(older, OWNER)
    note = "INSERT INTO taken SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    revisions = {
        "t1": ["CREATE TABLE taken (waits text, works text)", note],
        "t2": ["SET LOCAL lock_timeout = '1min'", "SET LOCAL statement_timeout = '30min'", note],
        "t3": [note],
        "t4": ["SET LOCAL statement_timeout = '100ms'", "SELECT pg_sleep(600)"],
    }
    below = migrations.head()
    for name, statements in revisions.items():
        lines = [f"revision, down_revision = {name!r}, {below!r}", "def upgrade():"]
        lines += [f"    op.execute({statement!r})" for statement in statements]
        (tmp_path / f"{name}.py").write_text("\n".join(["from alembic import op", *lines]))
        below = name
    config = migrations.configuration(owner, LOGIN)
    config.set_main_option("version_locations", f"{migrations.ROOT / 'migrations' / 'versions'}:{tmp_path}")
    migrations._upgrade(config, "t3")
    with psycopg.connect(libpq_url(owner)) as connection:
        taken = connection.execute("SELECT waits, works FROM taken").fetchall()
    assert taken == [("4s", "5min"), ("1min", "30min"), ("4s", "5min")]
    with pytest.raises(NotMigrated, match="took longer than a migration may"):
        migrations._upgrade(config, "t4")
    assert revision(older) == "t3"
