"""What the door for alerts holds for all its requests."""

from dataclasses import dataclass

from api.collecting import Collector
from api.feeds import Feeds
from api.hints import Hints
from api.metrics import Metrics
from api.overload import Overload
from core.crypto import Keys
from core.database import Database


@dataclass(frozen=True, slots=True)
class Door:
    """The parts that take news in, from knowing its sender to the hint that there is work."""

    database: Database
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
