"""Requests that arrive at the same time are committed together, and answered after that commit, each for itself.

A commit costs the same for one alert and for a hundred. What gathers while one is under way makes the next group; a
request that comes alone waits for nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.hints import Hints
from core import alerts, keys, streets
from core.alerts import Accepted, Submission
from core.business import Business
from core.crypto import Keys
from core.database import Database, Scope
from core.errors import NotAllowed, NotSignedIn
from core.events import Event, Rejection
from core.keys import Caller

GROUPS_AT_ONCE: Final = 2
GROUP_BYTES: Final = 384 * 1024
GROUP_PIECES: Final = 256
WRITE: Final = "alerts:write"
_TRIES: Final = 3
# Two transactions met in the database and one gave way: tried again at once, it goes through.
_GAVE_WAY: Final = ("40001", "40P01")

Read = Callable[[datetime], Sequence[Event | Rejection]]


@dataclass(slots=True)
class Taken:
    """What was found in a body and what became of it."""

    seen: int
    accepted: Accepted


@dataclass(slots=True)
class _Piece:
    digest: bytes
    read: Read
    size: int
    done: asyncio.Future[Taken]
    found: Sequence[Event | Rejection] = ()
    outcome: Accepted | Exception = field(default_factory=lambda: RuntimeError("not handled"))


class Collector:
    """Gathers bodies and stores them in groups, each in one transaction in a thread of its own."""

    def __init__(self, database: Database, sealing: Keys, business: Business, hints: Hints) -> None:
        self._database, self._keys, self._hints = database, sealing, hints
        self.business = business
        self._threads = ThreadPoolExecutor(GROUPS_AT_ONCE, thread_name_prefix="door")
        self._waiting: deque[_Piece] = deque()
        self._under_way = 0
        # Keys seen lately, by digest. Only to know whose body to read: the group's own transaction asks again.
        self._known: dict[bytes, Caller] = {}

    def known(self, digest: bytes) -> Caller | None:
        """Whose key this was when it was last shown; it may have been revoked since."""
        return self._known.get(digest)

    def remember(self, digest: bytes, caller: Caller) -> None:
        """A key that was found valid."""
        self._known[digest] = caller

    async def take(self, digest: bytes, read: Read, size: int) -> Taken:
        """Read a body and store its events; returns after the commit.

        Raises what stands in the way: `BodyInvalid`, `NotSignedIn` for a key revoked meanwhile, the database's errors.
        """
        piece = _Piece(digest, read, size, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        self._start()
        return await piece.done

    def close(self) -> None:
        """Finish what is under way."""
        self._threads.shutdown()

    def _start(self) -> None:
        while self._waiting and self._under_way < GROUPS_AT_ONCE:
            group = self._gather()
            self._under_way += 1
            stored = asyncio.get_running_loop().run_in_executor(self._threads, self._store, group)
            stored.add_done_callback(partial(self._finish, group))

    def _gather(self) -> list[_Piece]:
        group, size = [self._waiting.popleft()], 0
        size = group[0].size
        while self._waiting and len(group) < GROUP_PIECES and size + self._waiting[0].size <= GROUP_BYTES:
            piece = self._waiting.popleft()
            group.append(piece)
            size += piece.size
        return group

    def _finish(self, group: Sequence[_Piece], stored: asyncio.Future[None]) -> None:
        self._under_way -= 1
        failure = stored.exception()
        for piece in group:
            if piece.done.done():  # its sender has gone
                continue
            outcome = failure or piece.outcome
            if isinstance(outcome, Accepted):
                piece.done.set_result(Taken(len(piece.found), outcome))
            else:
                piece.done.set_exception(outcome)
        self._start()

    # From here on in a thread.

    def _store(self, group: Sequence[_Piece]) -> None:
        now = self.business.now()
        readable = []
        for piece in group:
            try:
                piece.found = piece.read(now)
            except Exception as error:
                # Usually BodyInvalid. Whatever it is, it is this body's, and the others go on.
                piece.outcome = error
            else:
                readable.append(piece)
        self._commit(readable, now)

    def _commit(self, pieces: Sequence[_Piece], now: datetime) -> None:
        if not pieces:
            return
        try:
            results = self._transact(pieces, now)
        except Exception as error:
            if len(pieces) == 1 or is_away(error):
                for piece in pieces:
                    piece.outcome = error
                return
            # One of them is to blame, and nobody else shall hear of it.
            for piece in pieces:
                self._commit([piece], now)
            return
        for piece, result in zip(pieces, results, strict=True):
            piece.outcome = result
        self._hints.send({street for one in results if isinstance(one, Accepted) for street in one.streets})

    def _transact(self, pieces: Sequence[_Piece], now: datetime) -> list[Accepted | Exception]:
        for attempt in range(_TRIES):
            try:
                return self._write(pieces, now)
            except OperationalError as error:
                if attempt == _TRIES - 1 or getattr(error.orig, "sqlstate", None) not in _GAVE_WAY:
                    raise
                time.sleep(0.02 * (attempt + 1))
        raise AssertionError("the last try returns or raises")

    def _write(self, pieces: Sequence[_Piece], now: datetime) -> list[Accepted | Exception]:
        divisions = streets.known(self._database)
        scope = Scope(streets=divisions.codes_and_district, committees=None, directory=True)
        results: list[Accepted | Exception] = []
        submissions: list[Submission] = []
        with self._database.transaction(scope) as session:
            # Inside the transaction that stores: a key revoked before it began stores nothing.
            callers = keys.callers(session, {piece.digest for piece in pieces})
            for piece in pieces:
                caller = callers.get(piece.digest)
                if caller is None:
                    self._known.pop(piece.digest, None)
                    results.append(NotSignedIn(keys.UNKNOWN))
                elif WRITE not in caller.scopes:
                    results.append(NotAllowed(f"This key lacks the scope {WRITE}; ask the district for another."))
                else:
                    # What each request has to leave behind beside its alerts is written here, in the same transaction.
                    submissions.append(Submission(piece.found, caller))
                    results.append(Accepted())
            stored = iter(alerts.accept_all(session, submissions, divisions.committees, self._keys, now=now))
        return [next(stored) if isinstance(one, Accepted) else one for one in results]


def is_away(error: Exception) -> bool:
    """Whether the database is to blame, and not what was sent."""
    if isinstance(error, InterfaceError | PoolTimeout):
        return True
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or (isinstance(error, OperationalError) and _state(error) is None)
    )


def _state(error: DBAPIError) -> object:
    return getattr(error.orig, "sqlstate", None)
