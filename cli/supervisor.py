"""`tanfang up`: the servers, the API and the workers of one machine as processes under one parent."""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import IO

from cli.embedded.folder import Servers, environment
from cli.embedded.servers import CommandFailed, Say, say_to_stderr
from core.settings import Settings

READY_SECONDS = 60
STOP_SECONDS = 20
TICK_SECONDS = 0.2
SERVER_CHECK_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 60.0
LOG_BYTES = 20_000_000


@dataclass
class Child:
    """One process we keep alive."""

    name: str
    module: str
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it with our end of its standard input open: when we are gone, it reads the end and stops."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                # -P: a folder called `api` where the shell happens to stand is not ours.
                [sys.executable, "-P", "-m", self.module],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                # Ctrl-C reaches us alone, and we stop the others in order.
                start_new_session=True,
            )
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """The exit code of a process that has ended by itself."""
        return self.process.poll() if self.process else None

    def keep(self, say: Say) -> None:
        """Start it again when it has ended: at once the first time, then after longer and longer pauses."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        code = self.ended()
        if code is None:
            return
        self.failures = 1 if now - self.started > STEADY_SECONDS else self.failures + 1
        pause = 0.0 if self.failures == 1 else min(LONGEST_PAUSE_SECONDS, 0.25 * 2**self.failures)
        self.close()
        self.start_at = now + pause
        say(f"{self.name} ended ({_reason(code)}); starting it again in {pause:g} s. Its log: {self.log}")

    def close(self) -> None:
        """Forget a process that has ended."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None

    def last_words(self) -> str:
        """The end of its log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        except OSError:
            return ""


class Instance:
    """API and workers on servers that run; the servers are brought back too when they die."""

    def __init__(self, found: Servers, *, port: int, workers: int, say: Say = say_to_stderr) -> None:
        self.found = found
        self.say = say
        self.settings = found.settings.model_copy(update={"port": port})
        self.url = f"http://{'127.0.0.1' if self.settings.host == '0.0.0.0' else self.settings.host}:{port}"
        logs = self.settings.data.resolve() / "logs"
        shared = {**environment(self.settings), "TANFANG_SUPERVISED": "1", "PYTHONUNBUFFERED": "1"}
        self.api = Child("API", "api", logs / "api.log", shared)
        self.children = [self.api] + [
            Child(f"worker {number}", "worker", logs / f"worker-{number}.log", shared)
            for number in range(1, workers + 1)
        ]
        self._next_server_check = 0.0

    def start(self, stopping: threading.Event) -> None:
        """Start everything and return when the API is ready, or when `stopping` is set."""
        for child in self.children:
            child.start()
        until = time.monotonic() + READY_SECONDS
        while not stopping.wait(TICK_SECONDS / 4):
            if self.is_ready():
                return
            if self.api.ended() is not None:
                raise CommandFailed(f"The API ended while starting:\n{self.api.last_words()}\nIts log: {self.api.log}")
            if time.monotonic() > until:
                raise CommandFailed(f"The API is not ready after {READY_SECONDS} s; its log: {self.api.log}")

    def is_ready(self) -> bool:
        """Whether /health/ready answers 200."""
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def keep(self) -> None:
        """Bring back what has died since the last call."""
        if time.monotonic() >= self._next_server_check:
            for name in self.found.lost():
                self.say(f"{name} has ended; starting it again.")
                self.found.start()
            self._next_server_check = time.monotonic() + SERVER_CHECK_SECONDS
        for child in self.children:
            child.keep(self.say)

    def stop(self) -> None:
        """Let the children finish what they have in hand, for a while; then end them."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self.children:
            child.close()


@contextmanager
def only_one(settings: Settings) -> Iterator[IO[str]]:
    """The right to run the instance of this data folder; the file says where the one that holds it serves."""
    path = _lock_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = address(settings) or "it is still starting"
            raise CommandFailed(
                f"Tanfang already runs on {settings.data.resolve()} ({where}); stop that one first, "
                "or choose another folder with --data."
            ) from None
        yield file
        file.truncate(0)


def announce(file: IO[str], url: str) -> None:
    """Write down where this instance serves, for the other commands on the same folder."""
    file.truncate(0)
    file.write(json.dumps({"pid": os.getpid(), "url": url}))
    file.flush()


def address(settings: Settings) -> str | None:
    """Where the running instance of this data folder serves, or None when none runs."""
    try:
        with _lock_path(settings).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                url = json.loads(file.read() or "{}").get("url")
                return str(url) if url else None
    except FileNotFoundError:
        pass
    return None


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set, in place of what they usually do."""
    stopping = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def claim_port(host: str, port: int, *, patience_seconds: float) -> int:
    """The port itself when it is free, a free one for 0; raises `CommandFailed` when somebody else listens there."""
    until = time.monotonic() + patience_seconds
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return int(probe.getsockname()[1])
            except OSError as problem:
                if time.monotonic() > until:
                    taken = problem.errno == errno.EADDRINUSE
                    why = "is taken by another program" if taken else f"cannot be used ({problem.strerror})"
                    raise CommandFailed(f"Port {port} on {host} {why}; choose another one with --port.") from None
        time.sleep(TICK_SECONDS)


def _lock_path(settings: Settings) -> Path:
    return settings.data.resolve() / "run" / "up.lock"


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
