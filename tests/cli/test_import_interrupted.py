"""`tanfang import` when the database, the one who started it, or the file itself would end it."""

import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.embedded.postgres import SUPERUSER, as_role
from core.events import id_numbers
from core.store.database import libpq_url
from tests.cli.importing import Shell
from tests.core.imports import files
from tests.core.imports.files import HEADERS, person


def big(path: Path) -> Path:
    """A register of ten thousand."""
    everybody = [
        ["测试", id_numbers.make(date(1950, 1, 1 + day), serial), *person(0)[2:]]
        for day in range(10)
        for serial in range(1000)
    ]
    return files.text(path, HEADERS, *everybody)


@contextmanager
def halfway(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A database that takes the first portion of alerts and holds the next until the connection given is closed."""
    as_superuser = libpq_url(as_role(url, SUPERUSER))
    with psycopg.connect(as_superuser, autocommit=True) as server:
        server.execute(
            "CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF EXISTS (SELECT FROM alert) THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;"
            " RETURN NULL; END $$"
        )
        server.execute(
            "CREATE TRIGGER wait_here BEFORE INSERT ON alert FOR EACH STATEMENT EXECUTE FUNCTION wait_here()"
        )
        try:
            with psycopg.connect(as_superuser, autocommit=True) as holder:
                holder.execute("SELECT pg_advisory_lock(4711)")
                yield holder
        finally:
            server.execute("DROP FUNCTION wait_here CASCADE")


def until_halfway(holder: "psycopg.Connection[Any]", process: "subprocess.Popen[Any]") -> None:
    """Wait until the import waits for its second portion."""
    waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
    while not holder.execute(waits).fetchall():
        assert process.poll() is None, "the import ended before it could be interrupted"
        time.sleep(0.01)


def test_an_import_whose_database_goes_away_says_so_and_is_completed_by_running_it_again(
    shell: Shell, tmp_path: Path
) -> None:
    path = big(tmp_path / "big.csv")
    with halfway(shell.url) as holder:
        process = subprocess.Popen(
            shell.command(path), env=shell.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        until_halfway(holder, process)
        while process.poll() is None:
            holder.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711"
                " AND NOT granted"
            )
            time.sleep(0.01)
    _, said = process.communicate()
    assert process.returncode == 1
    assert "数据库没有应答" in said
    assert "Traceback" not in said
    assert 0 < shell.alerts() < 10_000
    assert shell.run(path).returncode == 0
    assert shell.alerts() == 10_000


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_ended_in_the_middle_is_completed_by_running_it_again(
    shell: Shell, tmp_path: Path, end: signal.Signals
) -> None:
    path = big(tmp_path / "big.csv")
    with halfway(shell.url) as holder:
        # A shell lets jobs in its background ignore an interruption, and these tests may be one; at a terminal none is.
        process = subprocess.Popen(
            shell.command(path),
            env=shell.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        until_halfway(holder, process)
        process.send_signal(end)
        _, said = process.communicate()
        assert process.returncode == (130 if end is signal.SIGINT else -end), said
    before = shell.alerts()
    assert 0 < before < 10_000
    done = shell.run(path)
    assert done.returncode == 0
    assert f"{before:,} 没有变化" in done.stdout
    assert shell.alerts() == 10_000
    assert "已处理 10,000 行，共 10,000 行" in done.stderr


def test_a_file_that_unpacks_to_gigabytes_is_refused_in_a_sentence_and_in_little_memory(
    shell: Shell, tmp_path: Path
) -> None:
    path = files.package(tmp_path / "a.xlsx", "")
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(600):
            entry.write(b" " * (1 << 20))
    assert path.stat().st_size < 1 << 20
    # A process counts as its own what the one was holding that started it: so a small one starts it, and is asked.
    asking = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(done.returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asking, *shell.command(path)],
        env=shell.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "解开后超过 512 MB" in done.stderr
    assert "Traceback" not in done.stderr
    assert int(done.stdout.splitlines()[-1]) < 512 << 10
