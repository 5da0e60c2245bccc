"""What the door for alerts holds for all its requests."""

from dataclasses import dataclass

from api.door.collecting import Collector
from api.door.heard import Feeds
from api.door.hints import Hints
from api.door.overload import Overload
from api.http.callers import Callers
from api.operations.metrics import Metrics
from core.store.crypto import Keys


@dataclass(frozen=True, slots=True)
class Door:
    """The parts that take news in, from knowing its sender to the hint that there is work."""

    callers: Callers
    keys: Keys
    collector: Collector
    overload: Overload
    feeds: Feeds
    hints: Hints
    metrics: Metrics

    def close(self) -> None:
        """See through what is under way, then stop."""
        self.collector.close()
        self.hints.close()
        self.feeds.close()
