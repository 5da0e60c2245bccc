"""Hints to the workers that a street has work: sent after the commit, lost without harm, never waited for."""

import threading
import time
from collections.abc import Iterable

import structlog
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

log = structlog.get_logger()

QUEUE = "default"
ACTOR = "drain"
PAUSE_SECONDS = 5.0  # After a failure; the heartbeat finds the work meanwhile.
ANSWER_SECONDS = 1.0


class Hints:
    """Sends from a thread of its own, so that a dead broker delays no reply; a street named twice waits once."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._waiting: dict[str, None] = {}
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def send(self, streets: Iterable[str]) -> None:
        """Tell the workers that these streets have work."""
        if self._url is None:
            return
        with self._ready:
            self._waiting.update(dict.fromkeys(streets))
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
        with self._ready:
            self._ready.wait_for(lambda: self._waiting or self._is_closed)
            if self._is_closed:
                return None
            taken = list(self._waiting)
            self._waiting.clear()
            return taken
