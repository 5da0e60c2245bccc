"""`tanfang up`: says when it serves, brings back what dies, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from cli.embedded.folder import start_postgres, start_valkey

READY = re.compile(r"ready (http://127\.0\.0\.1:\d+)\n")
START_SECONDS = 60


class Up:
    """A running `tanfang up` and what it printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up", "--port", "0", "--data", str(folder), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("TANFANG_")},
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        found = READY.fullmatch(self.first_line)
        self.url = found.group(1) if found else ""

    def ready(self) -> dict[str, object]:
        """What /health/ready says."""
        with urlopen(f"{self.url}/health/ready", timeout=10) as answer:
            body: dict[str, object] = json.load(answer)
        return body

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Send a signal and return exit code and standard error."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=START_SECONDS)
        return self.process.returncode, said


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*arguments: str) -> Up:
        started.append(Up(tmp_path / "data", *arguments))
        return started[-1]

    yield start
    for each in started:
        each.stop()
    if (tmp_path / "data" / "postgres").exists():
        start_valkey(tmp_path / "data").stop()
        start_postgres(tmp_path / "data").stop()


def processes_of(folder: Path) -> list[str]:
    """The command lines of the processes that were told of this data folder."""
    mine = []
    for entry in Path("/proc").iterdir():
        try:
            told = entry.name.isdecimal() and int(entry.name) != os.getpid()
            if told and os.fsencode(folder) in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                mine.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [command for command in mine if command]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again; fails when it has not come true in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "It did not come true in time."
        time.sleep(0.1)


def test_it_says_ready_when_it_serves_and_ctrl_c_leaves_no_process_behind(up: Callable[..., Up]) -> None:
    first = up()
    assert READY.fullmatch(first.first_line)
    first.ready()
    code, _ = first.stop()
    assert code == 0
    assert processes_of(first.folder) == []


def test_a_second_one_on_the_same_folder_says_where_the_first_one_serves(up: Callable[..., Up]) -> None:
    first = up()
    code, said = up().stop()
    assert code == 1
    assert first.url in said
    first.ready()


def test_a_taken_port_is_said_plainly_and_nothing_is_started(up: Callable[..., Up], tmp_path: Path) -> None:
    port = up().url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "up", "--port", port, "--data", str(tmp_path / "other")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken by another program" in done.stderr
    assert not (tmp_path / "other" / "postgres").exists()


@pytest.mark.parametrize("arguments", [("--now", "2026-03-20T09:00:00+08:00"), ("--sandbox", "--now", "2026-03-20")])
def test_the_clock_is_set_in_a_sandbox_only_and_to_an_instant_with_its_offset(
    up: Callable[..., Up], arguments: tuple[str, ...]
) -> None:
    code, said = up(*arguments).stop()
    assert code == 1
    assert "--now" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("module", ["api", "worker"])
def test_a_killed_child_is_started_again(up: Callable[..., Up], module: str) -> None:
    running = up()

    def children() -> list[int]:
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(running.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(line.split()[0]) for line in found.stdout.splitlines() if line.endswith(f"-m {module}")]

    (before,) = children()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: children() not in ([], [before]))
    wait_until(lambda: _answers(running))


def test_killed_itself_its_children_end_and_the_next_one_takes_the_running_database_over(up: Callable[..., Up]) -> None:
    first = up()
    database = (first.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    first.stop(signal.SIGKILL)
    wait_until(lambda: not any("-m api" in each or "-m worker" in each for each in processes_of(first.folder)))
    second = up()
    second.ready()
    assert (first.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0] == database
    code, _ = second.stop(signal.SIGTERM)
    assert code == 0
    assert processes_of(first.folder) == []


def _answers(running: Up) -> bool:
    try:
        running.ready()
    except OSError:
        return False
    return True
