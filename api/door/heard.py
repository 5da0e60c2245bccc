"""What this process hears of every source: counted in memory, added up in the database every few seconds."""

import threading
from typing import Final

import structlog
from prometheus_client import Counter

from core.alerts import feeds
from core.alerts.feed_rhythm import hour_of
from core.alerts.feeds import Heard, Tally
from core.store import scopes
from core.store.database import Database

log = structlog.get_logger()

SECONDS: Final = 2.0  # What a crash loses of the counts; the alerts themselves are in the database before the answer.


class Feeds:
    """Counts for the watch over feeds; a push takes a lock of this process, and never one of the database."""

    def __init__(self, database: Database, events: Counter) -> None:
        self._database, self._events = database, events
        self._tally: Tally = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._is_failing = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hear(self, district: str, source: str, heard: Heard) -> None:
        """Note that a source of a district was heard, whatever became of what it sent."""
        with self._lock:
            self._add(district, source, heard)
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write down what was heard; what cannot be written now is kept for the next time."""
        # One at a time: whoever asks for a flush sees what another is writing.
        with self._writing:
            with self._lock:
                taken, self._tally = self._tally, {}
            if not taken:
                return
            try:
                with self._database.transaction(scopes.everywhere(directory=False)) as session:
                    feeds.record(session, taken)
            except Exception as error:
                # Whatever it is: the thread goes on, and the alerts do not depend on it.
                if not self._is_failing:
                    log.warning("feeds cannot be counted; tried again", error=type(error).__name__)
                self._is_failing = True
                with self._lock:
                    for (district, source, _), heard in taken.items():
                        self._add(district, source, heard)
                return
            self._is_failing = False
        for (_, source, _), heard in taken.items():
            for outcome in ("accepted", "duplicates", "rejected"):
                self._events.labels(source, outcome).inc(getattr(heard, outcome))

    def close(self) -> None:
        """Write down the rest and stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _add(self, district: str, source: str, heard: Heard) -> None:
        key = (district, source, hour_of(heard.last_heard_at))
        known = self._tally.get(key)
        if known is None:
            self._tally[key] = heard
        else:
            known.add(heard)

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            self.flush()
