"""The broker: it carries hints. What must happen is a row, so nothing is retried, delayed or expired here."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware

QUEUE = "default"


def connect(url: str) -> RedisBroker:
    """The broker of this process, without middleware: a lost or repeated hint is harmless."""
    none: list[Middleware] = []
    broker = RedisBroker(url=url, middleware=none)  # type: ignore[no-untyped-call]  # untyped upstream
    dramatiq.set_broker(broker)
    return broker
