"""How much the alerts door takes at once: per key and in all, so that memory stays flat and accepted work drains."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.alerts.source_keys import Caller
from core.errors import Busy, TooMany
from core.settings import Settings

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
PACE_SECONDS: Final = 0.05
BACKLOG_SECONDS: Final = 10  # after which a sender may ask again: a backlog does not go away in one


class _PerSecond:
    """Counts by key in the present second, in memory and for this process.

    A shared count would put a broker into the way of every alert. The in-memory storage of `limits` starts a thread
    every 10 ms to forget what has expired: under load that was a tenth of the processor.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._second = 0
        self._counts: Counter[UUID] = Counter()

    def has_room(self, key: UUID) -> bool:
        self._turn()
        return self._counts[key] < self.most

    def add(self, key: UUID, number: int) -> None:
        self._turn()
        self._counts[key] += number

    def _turn(self) -> None:
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._counts.clear()


class Overload:
    """What is under way in this process, and what may be added. Used from the event loop only.

    `look` counts what is accepted and not yet processed, up to the limit; it runs in a thread.
    """

    def __init__(self, settings: Settings, look: Callable[[], int]) -> None:
        self._settings, self._look = settings, look
        self._requests = _PerSecond(settings.key_requests_per_second)
        self._events = _PerSecond(settings.key_events_per_second)
        self._by_key: Counter[UUID] = Counter()
        self.in_flight = 0
        self.bytes_held = 0
        self._pending = 0
        self._look_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    def admit(self, caller: Caller) -> None:
        """Let a request in, before its body is read; raises `TooMany` (its key's fault) or `Busy` (nobody's)."""
        self._look_now_and_then()
        if self._pending >= self._settings.most_pending:
            raise Busy("待处理的消息太多，请稍后重试。", retry_after_seconds=BACKLOG_SECONDS)
        self._check_room(caller)
        for what, rate in (("个请求", self._requests), ("条消息", self._events)):
            if not rate.has_room(caller.key_id):
                raise TooMany(f"这把密钥每秒发送超过 {rate.most} {what}，请放慢。")
        self._requests.add(caller.key_id, 1)

    def spent(self, caller: Caller, events: int) -> None:
        """Charge a key with the events of a body; whoever goes over its limit waits with the next one."""
        self._events.add(caller.key_id, events)

    @asynccontextmanager
    async def patient_flight(self, caller: Caller) -> AsyncIterator[None]:
        """`flight` for a stream: while its key, or everybody, sends too much it is not read, and its sender waits."""
        while not self._has_room(caller):
            await asyncio.sleep(PACE_SECONDS)
        with self.flight(caller):
            yield

    @contextmanager
    def flight(self, caller: Caller) -> Iterator[None]:
        """A body on its way to the commit. A sender who is still sending is not in flight."""
        self._check_room(caller)
        self._by_key[caller.key_id] += 1
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1
            self._by_key[caller.key_id] -= 1
            if not self._by_key[caller.key_id]:
                del self._by_key[caller.key_id]

    @contextmanager
    def holding(self) -> Iterator[Callable[[int], None]]:
        """Counts the bytes that a request holds, as they come and, being negative, as they go.

        What is announced and never sent holds nothing.
        """
        held = 0

        def hold(size: int) -> None:
            nonlocal held
            if size > 0 and self.bytes_held + size > self._settings.megabytes_in_flight * 1024 * 1024:
                raise _busy()
            held += size
            self.bytes_held += size

        try:
            yield hold
        finally:
            self.bytes_held -= held

    def _has_room(self, caller: Caller) -> bool:
        self._look_now_and_then()
        if self._pending >= self._settings.most_pending:
            return False
        try:
            self._check_room(caller)
        except Busy:
            return False
        return self._events.has_room(caller.key_id)

    def _check_room(self, caller: Caller) -> None:
        if self.in_flight >= self._settings.in_flight:
            raise _busy()
        if self._by_key[caller.key_id] >= self._settings.key_in_flight:
            raise TooMany("这把密钥同时的请求太多，请等待答复。")

    def _look_now_and_then(self) -> None:
        if time.monotonic() >= self._look_at and self._looking is None:
            self._looking = asyncio.create_task(self._look_again())

    async def _look_again(self) -> None:
        started = time.monotonic()
        try:
            self._pending = await asyncio.to_thread(self._look)
        except SQLAlchemyError as error:
            # The request itself will find that out.
            log.warning("backlog not counted", error=type(error).__name__)
        finally:
            # A long backlog takes long to count: never more than a twentieth of the time.
            now = time.monotonic()
            self._look_at = now + max(LOOK_SECONDS, 20 * (now - started))
            self._looking = None


def _busy() -> Busy:
    return Busy("同时的内容太多，请稍后重试。", retry_after_seconds=1)
