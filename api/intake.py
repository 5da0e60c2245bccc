"""The alerts door's inner side: bodies of any shape and length into the inbox, portion by portion."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import Final

import structlog
from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError

from api import bodies, errors
from api.context import Context
from core import alerts, events, streets
from core.database import Scope
from core.events import BodyInvalid, Event, LineReader, Rejection
from core.feeds import Heard
from core.keys import Caller
from rules.facts import Problem

log = structlog.get_logger()

MOST_BYTES: Final = 8 * 1024 * 1024
PORTION_EVENTS: Final = 500
READ_BYTES: Final = 512 * 1024
MOST_LISTED: Final = 1_000
_TRIES: Final = 3
# Two requests met in the database and one gave way: tried again at once, it goes through.
_GAVE_WAY: Final = ("40001", "40P01")


class Intake:
    """What became of the events of one request so far. Its methods run in a worker thread."""

    def __init__(self, context: Context, caller: Caller) -> None:
        self._context, self._caller = context, caller
        self._reader = LineReader()
        self._waiting: list[tuple[int, Event]] = []
        self.seen = 0
        self.accepted = 0
        self.duplicates = 0
        self.rejected: list[Rejection] = []
        self.rejected_total = 0
        self._newest: datetime | None = None
        self._noted, self._is_noted = (0, 0, 0), False

    def whole(self, content_type: str | None, headers: dict[str, str], body: bytes) -> None:
        """Take in a body held in memory, in one transaction."""
        now = self._context.business.now()
        self._sort(events.parse_request(content_type, headers, body, now=now))
        self._store(self._waiting)
        self._note(now)

    def chunk(self, body: bytes, *, is_last: bool) -> None:
        """Take in a piece of a stream of lines; what is complete is committed in portions."""
        now = self._context.business.now()
        self._sort(self._reader.feed(body, now=now))
        if is_last:
            self._sort(self._reader.close(now=now))
        while len(self._waiting) >= PORTION_EVENTS or (is_last and self._waiting):
            portion, self._waiting = self._waiting[:PORTION_EVENTS], self._waiting[PORTION_EVENTS:]
            self._store(portion)
        self._note(now)

    def _note(self, now: datetime) -> None:
        """Let the watch over feeds know what came since the last note; a stream may stay open for hours."""
        total = (self.accepted, self.duplicates, self.rejected_total)
        accepted, duplicates, rejected = (after - before for after, before in zip(total, self._noted, strict=True))
        heard = Heard(now, self._newest, int(not self._is_noted), accepted, duplicates, rejected)
        self._context.feeds.hear(self._caller.source, heard)
        self._noted, self._is_noted = total, True

    def _sort(self, found: Sequence[Event | Rejection]) -> None:
        for index, one in zip(count(self.seen), found, strict=False):
            if isinstance(one, Rejection):
                self._refuse(one)
            else:
                self._waiting.append((index, one))
        self.seen += len(found)

    def _refuse(self, rejection: Rejection) -> None:
        self.rejected_total += 1
        if len(self.rejected) < MOST_LISTED:
            self.rejected.append(rejection)

    def _store(self, portion: Sequence[tuple[int, Event]]) -> None:
        if not portion:
            return
        result = self._accept([event for _, event in portion])
        self.accepted += result.accepted
        self.duplicates += result.duplicates
        for one in result.rejected:
            self._refuse(Rejection(portion[one.index][0], one.id, one.errors))
        self._newest = max(filter(None, (self._newest, result.newest)), default=None)
        self._context.hints.send(result.streets)

    def _accept(self, found: Sequence[Event]) -> alerts.Accepted:
        divisions = streets.known(self._context.database)
        scope = Scope(streets=divisions.codes_and_district, committees=None, directory=True)
        for attempt in range(_TRIES):
            try:
                with self._context.database.transaction(scope) as session:
                    return alerts.accept(
                        session,
                        found,
                        divisions.committees,
                        self._context.keys,
                        by=self._caller,
                        now=self._context.business.now(),
                    )
            except OperationalError as error:
                if attempt == _TRIES - 1 or getattr(error.orig, "sqlstate", None) not in _GAVE_WAY:
                    raise
                time.sleep(0.02 * (attempt + 1))
        raise AssertionError("the last try returns or raises")

    def answer(self) -> Response:
        """The reply: 202 when something was accepted or known, else why nothing was."""
        for outcome, number in (
            ("accepted", self.accepted),
            ("duplicate", self.duplicates),
            ("rejected", self.rejected_total),
        ):
            self._context.metrics.alerts.labels(outcome).inc(number)
        self.rejected.sort(key=lambda one: one.index)
        rejected: list[dict[str, object]] = [
            {"index": one.index, "id": one.id, "errors": [problem._asdict() for problem in one.errors]}
            for one in self.rejected
        ]
        if self.accepted or self.duplicates:
            body: dict[str, object] = {
                "accepted": self.accepted,
                "duplicates": self.duplicates,
                "rejected": rejected,
            }
            if self.rejected_total > len(rejected):
                body["rejected_total"] = self.rejected_total
            return JSONResponse(body, 202)
        return self._refusal(rejected)

    def _refusal(self, rejected: list[dict[str, object]]) -> Response:
        if not self.seen:
            return errors.respond(
                422, "empty", "There is no event in the body.", [Problem("body", "empty", "there is no event in it")]
            )
        codes = {problem.code for one in self.rejected for problem in one.errors}
        problems = [
            problem if self.seen == 1 else problem._replace(loc=f"[{one.index}].{problem.loc}")
            for one in self.rejected
            for problem in one.errors
        ]
        status, code, detail = 422, "not_accepted", "No event of this request can be accepted."
        if self.seen == 1 and codes == {"conflict"}:
            status, code = 409, "conflict"
            detail = "This (source, id) was accepted before with other content; both are kept."
        elif self.seen == 1 and codes == {"too_large"}:
            status, code, detail = 413, "too_large", "An event is larger than 256 KB."
        return errors.respond(status, code, detail, problems, accepted=0, duplicates=0, rejected=rejected)


async def take_in(request: Request, context: Context, caller: Caller) -> Response:
    """Read the body, take in its events, answer."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise errors.unreadable(BodyInvalid([Problem("body", "content_type", "bodies are sent uncompressed")]))
    intake = Intake(context, caller)
    content_type = request.headers.get("content-type")
    media = (content_type or "").partition(";")[0].strip().lower()
    try:
        if media == "application/x-ndjson":
            await _lines(request, context, intake)
        else:
            body = await bodies.read(request.stream(), MOST_BYTES)
            async with context.slot():
                await run_sync(intake.whole, content_type, dict(request.headers), body)
    except BodyInvalid as error:
        raise errors.unreadable(error) from None
    return intake.answer()


async def _lines(request: Request, context: Context, intake: Intake) -> None:
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size >= READ_BYTES:
            await _feed(context, intake, pieces, is_last=False)
            pieces, size = [], 0
    await _feed(context, intake, pieces, is_last=True)


async def _feed(context: Context, intake: Intake, pieces: list[bytes], *, is_last: bool) -> None:
    # A slot for each portion, never for the whole stream: its sender may be slow.
    async with context.slot():
        await run_sync(partial(intake.chunk, b"".join(pieces), is_last=is_last))
