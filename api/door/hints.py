"""Hints to the workers that a street has work: sent after the commit, lost without harm, never waited for."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

log = structlog.get_logger()

QUEUE = "default"
ACTOR = "drain"
PAUSE_SECONDS = 5.0  # After a failure; the heartbeat finds the work meanwhile.
ANSWER_SECONDS = 1.0
SHORTEST_SPACE_SECONDS = 0.1
LONGEST_SPACE_SECONDS = 3.2
FLOOD = 8  # Commits with news of a street between two hints.


@dataclass(slots=True)
class _Street:
    """When a street may be hinted at again, the space between its hints, and the commits since the last one."""

    due_at: float = 0.0
    space: float = SHORTEST_SPACE_SECONDS
    commits: int = 0


class Hints:
    """Sends from a thread of its own, so that a dead broker delays no reply.

    A street that was quiet is hinted at once. Under a flood the space between its hints grows, and shrinks again
    after it: a drain costs much the same for one alert as for a hundred, so the workers take more at a time.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._waiting: set[str] = set()
        self._streets: dict[str, _Street] = {}
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def send(self, streets: Iterable[str]) -> None:
        """Tell the workers that these streets have work."""
        if self._url is None:
            return
        with self._ready:
            for street in streets:
                self._waiting.add(street)
                self._of(street).commits += 1
            if self._waiting and self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()
            self._ready.notify()

    def close(self) -> None:
        """Stop; what was not sent yet is found by the heartbeat."""
        with self._ready:
            self._is_closed = True
            self._ready.notify()

    def _run(self) -> None:
        broker = RedisBroker(  # type: ignore[no-untyped-call]  # untyped upstream
            url=f"{self._url}{'&' if '?' in str(self._url) else '?'}"
            f"socket_connect_timeout={ANSWER_SECONDS}&socket_timeout={ANSWER_SECONDS}",
            middleware=[],
        )
        is_failing = False
        while (streets := self._take()) is not None:
            try:
                for street in streets:
                    broker.enqueue(Message(queue_name=QUEUE, actor_name=ACTOR, args=(street,), kwargs={}, options={}))
                is_failing = False
            except Exception as error:
                if not is_failing:
                    log.warning("hints are not getting through", error=type(error).__name__)
                is_failing = True
                time.sleep(PAUSE_SECONDS)

    def _take(self) -> list[str] | None:
        """The streets to hint at now, waited for; None when it is over."""
        with self._ready:
            while not self._is_closed:
                now = time.monotonic()
                due = [street for street in self._waiting if self._of(street).due_at <= now]
                if due:
                    self._waiting.difference_update(due)
                    for street in due:
                        self._space_out(self._of(street), now)
                    return due
                soonest = min((self._of(street).due_at for street in self._waiting), default=None)
                self._ready.wait(None if soonest is None else soonest - now)
            return None

    def _of(self, street: str) -> _Street:
        return self._streets.setdefault(street, _Street())

    def _space_out(self, street: _Street, now: float) -> None:
        was_quiet = now - street.due_at > street.space
        factor = 4 if street.commits >= FLOOD else 0.5
        space = SHORTEST_SPACE_SECONDS if was_quiet else street.space * factor
        street.space = min(max(space, SHORTEST_SPACE_SECONDS), LONGEST_SPACE_SECONDS)
        street.due_at, street.commits = now + street.space, 0
