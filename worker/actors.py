"""What a hint sets off."""

import time
from collections.abc import Callable

import dramatiq
import structlog
from dramatiq import Broker

from core.inbox.inbox import Drained

log = structlog.get_logger()

LIVELY_SECONDS = 5.0
_AGAIN_SECONDS = (0.05, 0.1, 0.2, 0.0)


class Hints:
    """Follows hints, and knows whether any came lately."""

    def __init__(self, broker: Broker, drain: Callable[[str], Drained | None]) -> None:
        """`drain(street_code)`: somebody put work into the inbox of a street; None says that another is at it."""
        self._drain = drain
        self._last_at = float("-inf")
        self._actor = dramatiq.actor(actor_name="drain", queue_name="default", broker=broker)(self._follow)

    @property
    def are_coming(self) -> bool:
        """Whether the broker brings hints, so that the heartbeat need not hurry after every alert."""
        return time.monotonic() - self._last_at < LIVELY_SECONDS

    def leave(self, street: str) -> None:
        """Hint at a street that still has work: whoever is free goes on, behind the hints that wait already."""
        try:
            self._actor.send(street)
        except Exception as error:
            # Without a broker the heartbeat goes on, in its turn.
            log.warning("a hint did not get through", street=street, error=type(error).__name__)

    def _follow(self, street: str) -> None:
        self._last_at = time.monotonic()
        try:
            # Whoever is at it may have looked for the last time before this street's news came.
            for pause in _AGAIN_SECONDS:
                drained = self._drain(street)
                if drained is not None:
                    if drained.is_left:
                        self.leave(street)
                    break
                time.sleep(pause)
        except Exception as error:
            # The heartbeat finds the same work again; a hint is never worth a retry.
            log.error("drain failed", street=street, error=type(error).__name__)
