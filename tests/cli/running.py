"""A running `tanfang up`, and the servers of a data folder."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from cli.embedded.folder import start_postgres, start_valkey
from tests import processes

READY = re.compile(r"ready (http://127\.0\.0\.1:\d+)\n")


class Up:
    """A `tanfang up` and what it printed; it ends with us, however we end."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up", "--port", "0", "--data", str(folder), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=processes.supervised(),
            start_new_session=True,
        )
        assert self.process.stdout is not None
        try:
            self.first_line = self.process.stdout.readline()
        except BaseException:
            processes.kill(self.process)
            raise
        found = READY.fullmatch(self.first_line)
        self.url = found.group(1) if found else ""

    def ready(self) -> dict[str, object]:
        """What /health/ready says."""
        with urlopen(f"{self.url}/health/ready", timeout=10) as answer:
            body: dict[str, object] = json.load(answer)
        return body

    def children(self, module: str) -> list[int]:
        """The processes that run a module for it."""
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(line.split()[0]) for line in found.stdout.splitlines() if line.endswith(f"-m {module}")]

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Send a signal and return exit code and standard error."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            _, said = self.process.communicate(timeout=processes.END_SECONDS)
        except BaseException:
            processes.kill(self.process)
            raise
        return self.process.returncode, said


def stop_servers(folder: Path) -> None:
    """Stop the servers that still run in a data folder; what was never started there stays so."""
    if (folder / "run" / "valkey" / "valkey.sock").exists():
        start_valkey(folder).stop()
    if (folder / "postgres" / "postmaster.pid").exists():
        start_postgres(folder).stop()


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
