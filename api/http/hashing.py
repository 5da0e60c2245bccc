"""Passwords hashed and compared: so many at once, so many waiting without a thread, and no more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from core.errors import Busy

Result = TypeVar("Result")
# Each takes 64 MB and a tenth of a second of a processor, whoever asks.
AT_ONCE: Final = 2
WAITING: Final = 60


class Hashing:
    """The place of one API process where passwords are hashed."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(AT_ONCE)
        self._asked = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, kept from before an attempt is counted; raises `Busy` when too many wait already."""
        if self._asked >= AT_ONCE + WAITING:
            raise Busy("登录的人太多，请过几秒再试。", retry_after_seconds=3)
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """What the work gives, for somebody who has a place."""
        return await run_sync(work, *arguments, limiter=self._limiter)
