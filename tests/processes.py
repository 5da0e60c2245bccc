"""Processes that tests start: each ends with what started it, and a run that leaves one behind has failed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

# Every process of a run carries the run's folder in its environment; not TANFANG_…, which many tests leave out.
RUN: Final = "PYTEST_RUN_FOLDER"
END_SECONDS: Final = 60
GONE_SECONDS: Final = 10
LOOK_SECONDS: Final = 0.5
# These end with the process they serve.
_HELPERS: Final = (b"multiprocessing.resource_tracker",)


class Survivor(NamedTuple):
    """A process of a run; `test` is the one that was running when it was started."""

    pid: int
    command: str
    test: str


def of_run(folder: Path) -> list[Survivor]:
    """The living processes that were started by the run of this folder, or work in it; this one left out."""
    found = []
    told = os.fsencode(folder)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes().split(b"\0")
            # PostgreSQL writes over its environment, but stays where its files are.
            ours = told in command or b"%s=%s" % (RUN.encode(), told) in environment or _within(entry / "cwd", folder)
        except OSError:
            continue
        if ours and command and int(entry.name) != os.getpid() and not any(each in command for each in _HELPERS):
            test = next((each for each in environment if each.startswith(b"PYTEST_CURRENT_TEST=")), b"").decode()
            words = command.replace(b"\0", b" ").decode(errors="replace").strip()
            found.append(Survivor(int(entry.name), words, test.partition("=")[2]))
    return found


def _within(link: Path, folder: Path) -> bool:
    return folder in link.readlink().parents


def end_survivors(folder: Path, seconds: float = GONE_SECONDS) -> list[Survivor]:
    """What is still there of a run that is over, after a moment in which it may end by itself; it is killed."""
    until = time.monotonic() + seconds
    while (left := of_run(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    for each in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.pid, signal.SIGKILL)
    return left


def watch(folder: Path) -> "subprocess.Popen[bytes]":
    """Start what ends the processes of the run of this folder when the run itself was ended, by SIGKILL too.

    It is none of the run's processes: neither its environment nor its command nor where it stands names the folder.
    """
    others = {name: value for name, value in os.environ.items() if name != RUN}
    watcher = subprocess.Popen(
        [sys.executable, __file__, str(os.getpid())], env=others, cwd="/", stdin=subprocess.PIPE, start_new_session=True
    )
    assert watcher.stdin is not None
    watcher.stdin.write(os.fsencode(folder))
    watcher.stdin.close()
    return watcher


def _watch() -> None:
    run, folder = int(sys.argv[1]), Path(os.fsdecode(sys.stdin.buffer.read()))
    while os.getppid() == run:
        time.sleep(LOOK_SECONDS)
    end_survivors(folder)


def end(process: "subprocess.Popen[Any]", number: signal.Signals, seconds: float = END_SECONDS) -> int:
    """Ask a process to end; when it does not, end it, with everything in its session if it has one of its own."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill(process)
    return process.wait()


def kill(process: "subprocess.Popen[Any]") -> None:
    """SIGKILL, for everything in its session if it has one of its own."""
    with contextlib.suppress(ProcessLookupError):
        if os.getsid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """That of this process without settings of the product, and with those that are given."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("TANFANG_")}, **(given or {})}


def supervised(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The same for a process that ends when its standard input does: it does not outlive us, however we end."""
    return {**environment(given), "TANFANG_SUPERVISED": "1"}


if __name__ == "__main__":
    _watch()
