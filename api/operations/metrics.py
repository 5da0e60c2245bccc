"""Numbers for Prometheus: what waits, what is late, what was asked. None of them is about a person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.alerts.feeds import Measure

_HELP: Final = {
    "alerts_pending": "Accepted alerts that have not been processed yet",
    "alerts_quarantined": "Alerts that wait for somebody to correct them",
    "tasks_open": "Tasks somebody still has to do",
    "tasks_overdue": "Open tasks whose due day has passed",
    "escalation_steps_late": "Steps that should have fired more than five minutes ago",
    "deliveries_pending": "Messages on their way through a channel",
    "deliveries_failed": "Messages that no channel took, however often it was asked",
    "channels_dead": "Channels that have failed several times in a row",
}
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class _Backlog(Collector):
    """Asks the database when Prometheus asks us."""

    def __init__(self, look: Callable[[], Mapping[str, int] | None]) -> None:
        self._look = look

    def describe(self) -> Iterator[GaugeMetricFamily]:
        # Without this the registry would ask the database when the collector is registered.
        yield GaugeMetricFamily("tanfang_database_up", "Whether the database answers")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._look()
        yield GaugeMetricFamily("tanfang_database_up", "Whether the database answers", value=int(found is not None))
        for name, value in (found or {}).items():
            yield GaugeMetricFamily(f"tanfang_{name}", _HELP[name], value=value)


class _Feeds(Collector):
    """How every source that has a key is heard; there are as many series as keys were made for."""

    def __init__(self, look: Callable[[], Sequence[Measure]]) -> None:
        self._look = look

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(self._families())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        heard, silent, missing = self._families()
        for measure in self._look():
            labels = [measure.district, measure.source]
            if measure.last_heard_at is not None:
                heard.add_metric(labels, measure.last_heard_at.timestamp())
            silent.add_metric(labels, int(measure.is_silent))
            missing.add_metric(labels, measure.missing)
        yield from (heard, silent, missing)

    @staticmethod
    def _families() -> list[GaugeMetricFamily]:
        return [
            GaugeMetricFamily(f"tanfang_feed_{name}", words, labels=["district", "source"])
            for name, words in (
                ("last_heard_timestamp_seconds", "When a source last sent something, by business time"),
                ("silent", "Whether a source has been silent for longer than its rhythm allows"),
                ("sequence_missing", "Numbers of a source's sequence that never came"),
            )
        ]


class Metrics:
    """The metrics of one API process."""

    def __init__(
        self,
        look: Callable[[], Mapping[str, int] | None],
        look_at_feeds: Callable[[], Sequence[Measure]],
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Backlog(look))
        self._registry.register(_Feeds(look_at_feeds))
        self._requests = Counter(
            "tanfang_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "tanfang_request_seconds", "Time to the answer", ("route",), registry=self._registry, buckets=_BUCKETS
        )
        alerts = Counter(
            "tanfang_alerts", "Events at the door, by what became of them", ("outcome",), registry=self._registry
        )
        self.feed_events = Counter(
            "tanfang_feed_events",
            "Events at the door, by source and by what became of them",
            ("source", "outcome"),
            registry=self._registry,
        )
        self._by_kind: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._outcomes = [alerts.labels(outcome) for outcome in ("accepted", "duplicate", "rejected")]

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add a request that was answered."""
        kind = (method, route, status)
        found = self._by_kind.get(kind)
        if found is None:
            # Looking up a series by its labels costs ten times as much as counting.
            found = self._by_kind[kind] = (self._requests.labels(*kind), self._seconds.labels(route))
        found[0].inc()
        found[1].observe(seconds)

    def count_alerts(self, accepted: int, duplicates: int, rejected: int) -> None:
        """Add what became of the events of one request."""
        for counter, number in zip(self._outcomes, (accepted, duplicates, rejected), strict=True):
            if number:
                counter.inc(number)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
