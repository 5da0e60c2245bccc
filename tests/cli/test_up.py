"""`tanfang up`: says when it serves, brings back what dies, and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cli.embedded.folder import start_postgres
from cli.embedded.postgres import SUPERUSER, as_role
from cli.embedded.servers import CommandFailed
from cli.up import fill
from core.settings import Settings
from core.store.database import libpq_url
from tests import processes
from tests.cli.commands import Tanfang
from tests.cli.running import READY, Up, processes_of, stop_servers, wait_until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One that serves, for tests that leave it so."""
    folder = tmp_path_factory.mktemp("up") / "data"
    found = Up(folder)
    try:
        yield found
    finally:
        found.stop()
        stop_servers(folder)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Starts one, in a data folder of this test alone unless it says which."""
    started: list[Up] = []

    def start(*arguments: str, folder: Path = tmp_path / "data") -> Up:
        started.append(Up(folder, *arguments))
        return started[-1]

    try:
        yield start
    finally:
        for each in started:
            each.stop()
        stop_servers(tmp_path / "data")


def test_it_says_ready_when_it_serves(running: Up) -> None:
    assert READY.fullmatch(running.first_line)
    assert running.ready()


def test_a_second_one_on_the_same_folder_says_where_the_first_one_serves(running: Up, up: Callable[..., Up]) -> None:
    code, said = up(folder=running.folder).stop()
    assert code == 1
    assert running.url in said
    running.ready()


def test_a_taken_port_is_said_plainly_and_nothing_is_started(tanfang: Tanfang, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = tanfang("up", "--port", port, "--data", tmp_path / "other")
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken by another program" in done.stderr
    assert not (tmp_path / "other" / "postgres").exists()


@pytest.mark.parametrize("arguments", [("--now", "2026-03-20T09:00:00+08:00"), ("--sandbox", "--now", "2026-03-20")])
def test_the_clock_is_set_in_a_sandbox_only_and_to_an_instant_with_its_offset(
    tanfang: Tanfang, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = tanfang("up", "--port", 0, "--data", tmp_path / "data", *arguments)
    assert done.returncode == 1
    assert "--now" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_that_is_no_sandbox_is_not_filled(running: Up) -> None:
    with pytest.raises(CommandFailed, match="sandbox"):
        fill(Settings(data=running.folder))
    with psycopg.connect(libpq_url(as_role(start_postgres(running.folder).url, SUPERUSER))) as connection:
        assert connection.execute("SELECT count(*) FROM user_account").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM sandbox_clock").fetchone() == (0,)


@pytest.mark.parametrize("module", ["api", "worker"])
def test_a_killed_child_is_started_again(running: Up, module: str) -> None:
    (before,) = running.children(module)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: running.children(module) not in ([], [before]))
    wait_until(lambda: _answers(running))


@pytest.mark.long(20)
def test_killed_itself_its_children_end_and_the_next_one_takes_the_running_database_over(up: Callable[..., Up]) -> None:
    first = up()
    database = (first.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    first.stop(signal.SIGKILL)
    wait_until(lambda: not any("-m api" in each or "-m worker" in each for each in processes_of(first.folder)))
    second = up()
    second.ready()
    assert (first.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0] == database
    # It ends in order when the program that started it is gone, with a SIGTERM of its own to itself.
    assert second.process.stdin is not None
    second.process.stdin.close()
    second.process.stdin = None
    assert second.process.wait(processes.END_SECONDS) == 0
    assert processes_of(first.folder) == []


def test_ctrl_c_leaves_no_process_behind(running: Up) -> None:
    code, _ = running.stop()
    assert code == 0
    assert processes_of(running.folder) == []


def _answers(running: Up) -> bool:
    try:
        running.ready()
    except OSError:
        return False
    return True
