"""Requests that arrive at the same time are committed together, and answered after that commit, each for itself.

A commit costs the same for one alert and for a hundred. What gathers while one is under way makes the next group; a
request that comes alone waits for nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.door.hints import Hints
from core.alerts import accepting, signatures, source_keys
from core.alerts.accepting import Submission
from core.alerts.ledger import Accepted, Ledger, Rehearsal, Told
from core.alerts.signatures import Message
from core.alerts.source_keys import Caller
from core.events.cloudevents import Event, Rejection
from core.organisation import streets
from core.store import scopes
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import Database

GROUPS_AT_ONCE: Final = 2
GROUP_BYTES: Final = 384 * 1024
GROUP_PIECES: Final = 256
HEAVY_BYTES: Final = 32 * 1024
PAUSE_SECONDS: Final = 0.004
_TRIES: Final = 3
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
# Two transactions met in the database and one gave way: tried again at once, it goes through.
_GAVE_WAY: Final = ("40001", "40P01")


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was read: its events, and the signed message that it is, if its source signs."""

    found: Sequence[Event | Rejection]
    message: Message | None = None


# Given whose key it is now, and the time.
Read = Callable[[Caller, datetime], Body]


@dataclass(slots=True)
class Taken:
    """What was found in a body, what became of it, and when in business time."""

    seen: int
    accepted: Accepted
    at: datetime


@dataclass(slots=True)
class _Piece:
    digest: bytes
    read: Read
    size: int
    done: asyncio.Future[Taken]
    told: Told | None  # of a rehearsal
    seen: int = 0
    at: datetime = _NEVER
    rehearsal: Rehearsal | None = None
    outcome: Accepted | Exception = field(default_factory=lambda: RuntimeError("not handled"))


class Collector:
    """Gathers bodies and stores them in groups, each in one transaction in a thread of its own."""

    def __init__(self, database: Database, sealing: Keys, business: Business, hints: Hints) -> None:
        self._database, self._keys, self._hints = database, sealing, hints
        self.business = business
        self._threads = ThreadPoolExecutor(GROUPS_AT_ONCE, thread_name_prefix="door")
        self._waiting: deque[_Piece] = deque()
        self.under_way: list[int] = []  # the bytes of each group that is being stored
        self._pause: asyncio.TimerHandle | None = None
        self._expected = 0
        # Keys seen lately, by digest. Only to know whose body to read: the group's own transaction asks again.
        self._known: dict[bytes, Caller] = {}

    @property
    def waiting(self) -> int:
        """How many bodies wait for the next group."""
        return len(self._waiting)

    def known(self, digest: bytes) -> Caller | None:
        """Whose key this was when it was last shown; it may have been revoked since."""
        return self._known.get(digest)

    def remember(self, digest: bytes, caller: Caller) -> None:
        """A key that was found valid."""
        self._known[digest] = caller

    async def take(self, digest: bytes, read: Read, size: int, told: Told | None = None) -> Taken:
        """Read a body and store its events; returns after the commit. With `told` a rehearsal judges them alone.

        Raises what stands in the way: `BodyInvalid`, `NotSignedIn` for a key revoked meanwhile, the database's errors.
        """
        piece = _Piece(digest, read, size, asyncio.get_running_loop().create_future(), told)
        self._waiting.append(piece)
        self._start()
        return await piece.done

    def close(self) -> None:
        """Finish what is under way."""
        self._threads.shutdown()

    def _start(self) -> None:
        while self._waiting and self._may_start():
            self._end_pause()
            group = self._gather()
            size = sum(piece.size for piece in group)
            self.under_way.append(size)
            stored = asyncio.get_running_loop().run_in_executor(self._threads, self._store, group)
            stored.add_done_callback(partial(self._finish, group, size))

    def _may_start(self) -> bool:
        """Small bodies gather while small ones are stored; beside a heavy group another one goes its way."""
        if len(self.under_way) == GROUPS_AT_ONCE:
            return False
        if sum(piece.size for piece in self._waiting) >= HEAVY_BYTES:
            return True
        if self.under_way:
            return self.under_way[0] >= HEAVY_BYTES
        return self._pause is None or len(self._waiting) >= self._expected

    def _expect(self, number: int) -> None:
        """Give senders who have just been answered a moment to come back.

        Otherwise they split into two halves that wait for one another, and every commit serves only one of them. Who
        sends alone waits for nobody.
        """
        if number > 1:
            self._expected = number
            self._pause = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        self._start()

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def _gather(self) -> list[_Piece]:
        group = [self._waiting.popleft()]
        size = group[0].size
        while self._waiting and len(group) < GROUP_PIECES and size + self._waiting[0].size <= GROUP_BYTES:
            piece = self._waiting.popleft()
            group.append(piece)
            size += piece.size
        return group

    def _finish(self, group: Sequence[_Piece], size: int, stored: asyncio.Future[None]) -> None:
        self.under_way.remove(size)
        failure = stored.exception()
        for piece in group:
            if piece.done.done():  # its sender has gone
                continue
            outcome = failure or piece.outcome
            if isinstance(outcome, Accepted):
                piece.done.set_result(Taken(piece.seen, outcome, piece.at))
            else:
                piece.done.set_exception(outcome)
        if not self.under_way and size < HEAVY_BYTES:
            self._end_pause()
            self._expect(min(GROUP_PIECES, len(group) + len(self._waiting)))
        self._start()

    # From here on in a thread.

    def _store(self, group: Sequence[_Piece]) -> None:
        try:
            self._transact(group)
        except Exception as error:
            if len(group) == 1 or is_away(error):
                for piece in group:
                    piece.outcome = error
                return
            # One of them is to blame, and nobody else shall hear of it.
            for piece in group:
                self._store([piece])
            return
        self._hints.send(
            {
                street
                for piece in group
                if isinstance(piece.outcome, Accepted) and piece.told is None
                for street in piece.outcome.streets
            }
        )

    def _transact(self, group: Sequence[_Piece]) -> None:
        for attempt in range(_TRIES):
            try:
                outcomes = self._write(group)
            except OperationalError as error:
                if attempt == _TRIES - 1 or getattr(error.orig, "sqlstate", None) not in _GAVE_WAY:
                    raise
                time.sleep(0.02 * (attempt + 1))
            else:
                # Only now, after the commit.
                for piece, outcome in zip(group, outcomes, strict=True):
                    piece.outcome = outcome
                    if piece.rehearsal is not None:
                        piece.rehearsal.keep()
                return

    def _write(self, group: Sequence[_Piece]) -> list[Accepted | Exception]:
        divisions = streets.known(self._database)
        refused: dict[int, Exception] = {}
        submissions: dict[int, Submission] = {}
        messages: dict[int, Message] = {}
        rehearsed: dict[int, Accepted] = {}
        with self._database.transaction(scopes.everywhere()) as session:
            # In the transaction that stores: a key revoked before it began stores nothing.
            callers = source_keys.callers(session, {piece.digest for piece in group})
            now = self.business.now(session)
            for number, piece in enumerate(group):
                try:
                    caller = self._caller(piece, callers)
                    body = piece.read(caller, now)
                except Exception as error:
                    # Whatever is wrong with one body, the others go on.
                    refused[number] = error
                    continue
                piece.seen, piece.at = len(body.found), now
                if piece.told is not None:
                    if body.message is not None and signatures.is_seen(session, body.message):
                        refused[number] = signatures.replayed()
                        continue
                    piece.rehearsal = Rehearsal(session, piece.told)
                    [rehearsed[number]] = accepting.accept_all(
                        piece.rehearsal, [Submission(body.found, caller)], divisions.committees, self._keys, now=now
                    )
                    continue
                submissions[number] = Submission(body.found, caller)
                # A message that says nothing acceptable may come again, corrected or not.
                if body.message is not None and any(isinstance(event, Event) for event in body.found):
                    messages[number] = body.message
            firsts = signatures.take_in(session, list(messages.values()))
            for number, is_first in zip(messages, firsts, strict=True):
                if not is_first:
                    refused[number] = signatures.replayed()
                    del submissions[number]
            stored = accepting.accept_all(
                Ledger(session), list(submissions.values()), divisions.committees, self._keys, now=now
            )
        outcomes: dict[int, Accepted | Exception] = {
            **dict(zip(submissions, stored, strict=True)),
            **rehearsed,
            **refused,
        }
        return [outcomes[number] for number in range(len(group))]

    def _caller(self, piece: _Piece, callers: Mapping[bytes, Caller]) -> Caller:
        self._known.pop(piece.digest, None)
        caller = source_keys.sender(callers.get(piece.digest))
        # What it has to sign with may have changed since it was first seen.
        self._known[piece.digest] = caller
        return caller


def is_away(error: Exception) -> bool:
    """Whether the database is to blame, and not what was sent."""
    if isinstance(error, InterfaceError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    is_wordless = isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) is None
    return error.connection_invalidated or is_wordless
