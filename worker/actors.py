"""What a hint sets off."""

from collections.abc import Callable

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

log = structlog.get_logger()


def register(broker: RedisBroker, drain: Callable[[str], object]) -> None:
    """`drain(street_code)`: somebody put work into the inbox of a street."""

    def hinted(street: str) -> None:
        try:
            drain(street)
        except Exception as error:
            # The heartbeat finds the same work again; a hint is never worth a retry.
            log.error("drain failed", street=street, error=type(error).__name__)

    dramatiq.actor(actor_name="drain", queue_name="default", broker=broker)(hinted)
