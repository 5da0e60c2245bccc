"""What one API process holds on to for all its requests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from anyio.to_thread import run_sync
from sqlmodel import Session

from api.door.door import Door
from api.evaluation.evaluators import Evaluators
from api.http.callers import Callers
from api.http.hashing import Hashing
from core.errors import Busy
from core.settings import Settings
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import Database
from core.store.scopes import Scope

Result = TypeVar("Result")
SLOT_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that outlive a request; `app.state.context`."""

    settings: Settings
    database: Database
    keys: Keys
    business: Business
    evaluators: Evaluators
    callers: Callers
    hashing: Hashing
    door: Door
    slots: asyncio.Semaphore

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A place among the open transactions, waited for without a thread or a connection.

        FastAPI checks a reply in a thread of its own while the transaction is still open. With more transactions than
        there are slots, all threads could wait for connections whose owners wait for a thread.
        """
        try:
            await asyncio.wait_for(self.slots.acquire(), SLOT_SECONDS)
        except TimeoutError:
            raise Busy("同时的请求太多，请稍后重试。", retry_after_seconds=5) from None
        try:
            yield
        finally:
            self.slots.release()

    async def transact(self, scope: Scope, work: Callable[[Session], Result]) -> Result:
        """What a piece of work gives, in a transaction of its own and a thread."""
        async with self.slot():
            return await run_sync(self._in_transaction, scope, work)

    def _in_transaction(self, scope: Scope, work: Callable[[Session], Result]) -> Result:
        with self.database.transaction(scope) as session:
            return work(session)

    def close(self) -> None:
        """End what was started for the requests."""
        self.door.close()
        self.evaluators.close()
        self.database.dispose()
