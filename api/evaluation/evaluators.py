"""Rules evaluated in processes of their own: the engine is a C extension, and its crash must not take the API along."""

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

import structlog

from core.errors import Busy
from core.policy.rulebooks import Spec
from rules import classify
from rules.facts import Person, Problem

log = structlog.get_logger()

# Spawned, never forked: a fork would share the parent's database connections and half-held locks.
_SPAWN = get_context("spawn")
_WAIT_SECONDS = 20.0
_MOST_WAITING = 6  # Whoever waits here holds a request thread, and the other addresses need some too.
_LONGEST_SECONDS = 60.0

_TOO_MANY = "同时的计算太多，请稍后重试。"

Decided = dict[str, object] | list[Problem]


def decide(spec: Spec, person: Person, on: date) -> Decided:
    """The decision about one person, ready for JSON, or what is wrong."""
    return classify.decide(spec.rulebook, person, on)


def classify_all(spec: Spec, persons: Sequence[object], on: date) -> list[Decided]:
    """The decision about each of some persons given as JSON."""
    rulebook = spec.rulebook
    return [classify.classify_person(raw, rulebook, on, f"persons[{index}]") for index, raw in enumerate(persons)]


def _serve(connection: Connection) -> None:
    """Evaluate until the other end is gone: the parent's end, SIGKILL included, closes it."""
    # Ctrl-C goes to the whole terminal; the parent decides when its children stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is to be judged comes with the question; where the database is, and with which password, is not needed here.
    for name in [name for name in os.environ if name.startswith("TANFANG_")]:
        del os.environ[name]
    while True:
        try:
            function, args = connection.recv()
        except EOFError:
            return
        try:
            answer: tuple[bool, Any] = (True, function(*args))
        except Exception as error:
            answer = (False, type(error).__name__)
        connection.send(answer)


@dataclass(slots=True)
class _Seat:
    """A process and our end of its pipe; neither before the first use and after a crash."""

    process: SpawnProcess | None = None
    connection: Connection | None = field(default=None)

    def connected(self) -> Connection:
        if self.connection is None or self.process is None or not self.process.is_alive():
            self.close()
            self.connection, theirs = _SPAWN.Pipe()
            self.process = _SPAWN.Process(target=_serve, args=(theirs,), name="evaluator", daemon=True)
            self.process.start()
            theirs.close()
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        if self.process is not None:
            self.process.kill()
            self.process.join()
        self.process = self.connection = None


class Evaluators:
    """A few processes, each used by one request at a time: a crash fails that request and no other."""

    def __init__(self, size: int = 2) -> None:
        # Last in, first out: one process answers all as long as it keeps up, so only a busy API starts the second.
        self._free: queue.LifoQueue[_Seat] = queue.LifoQueue()
        self._seats = [_Seat() for _ in range(size)]
        for seat in self._seats:
            self._free.put(seat)
        self._entrance = threading.Semaphore(size + _MOST_WAITING)

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """The result of a function of this module; raises `Busy` when its process died, hung or is taken."""
        with self._seat() as seat:
            try:
                connection = seat.connected()
                connection.send((function, args))
                if not connection.poll(_LONGEST_SECONDS):
                    raise TimeoutError
                is_good, answer = connection.recv()
            except (OSError, EOFError) as error:
                seat.close()
                log.error("evaluation process lost", error=type(error).__name__)
                raise Busy("规则的计算中断了，请重试。", retry_after_seconds=2) from None
        if not is_good:
            log.error("evaluation failed", error=answer)
            raise RuntimeError(f"evaluation failed: {answer}")
        return answer

    @contextmanager
    def _seat(self) -> Iterator[_Seat]:
        if not self._entrance.acquire(blocking=False):
            raise Busy(_TOO_MANY, retry_after_seconds=5)
        try:
            seat = self._free.get(timeout=_WAIT_SECONDS)
            try:
                yield seat
            finally:
                self._free.put(seat)
        except queue.Empty:
            raise Busy(_TOO_MANY, retry_after_seconds=5) from None
        finally:
            self._entrance.release()

    def warm(self) -> None:
        """Start the first process before anybody waits for it."""
        threading.Thread(target=self._warm, name="warm-evaluator", daemon=True).start()

    def _warm(self) -> None:
        try:
            self.run(_ready)
        except (Busy, RuntimeError):
            return

    def close(self) -> None:
        """End every process."""
        for seat in self._seats:
            seat.close()


def _ready() -> None:
    """Being asked is enough: the imports of this module are what takes time."""
