"""What a hint sets off."""

import time
from collections.abc import Callable

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

log = structlog.get_logger()

REST_SECONDS = 0.2


def register(broker: RedisBroker, drain: Callable[[str], int]) -> None:
    """`drain(street_code)`: somebody put work into the inbox of a street; it says how much was settled."""

    def hinted(street: str) -> None:
        try:
            # What comes in while somebody is at it gathers for a moment, and is then drained together.
            while drain(street):
                time.sleep(REST_SECONDS)
        except Exception as error:
            # The heartbeat finds the same work again; a hint is never worth a retry.
            log.error("drain failed", street=street, error=type(error).__name__)

    dramatiq.actor(actor_name="drain", queue_name="default", broker=broker)(hinted)
