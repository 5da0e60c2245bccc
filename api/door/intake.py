"""The alerts door's inner side: bodies of any shape and length into the inbox, portion by portion."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Final

import orjson
from anyio.to_thread import run_sync
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from api.door.collecting import Body, Read, Taken
from api.door.door import Door
from api.door.lines import Portions
from api.http import bodies, callers, errors, parameters
from api.schemas import cloudevents as cloudevents_schemas
from core import clock
from core.alerts import signatures, source_keys
from core.alerts.feeds import Heard
from core.alerts.ledger import Told
from core.alerts.source_keys import Caller
from core.errors import BodyEmpty, BodyTooLarge, Conflict, Invalid, NothingAccepted, NotSignedIn, Refusal
from core.events import cloudevents, envelope, strict_json
from core.events.cloudevents import BodyInvalid, Rejection
from core.store import crypto
from core.store.crypto import Keys
from rules.facts import Problem

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_LISTED: Final = 1_000
PORTIONS_AT_ONCE: Final = 2  # of one stream: while one is committed, the next is read
SIGNED_STREAM: Final = "签名的数据流须整体核验，最大 8 MB，请分批发送。"
SILENT_SECONDS: Final = 1.0  # after which what a stream has brought so far is stored


class Intake:
    """One request on its way: who sends it, and what has become of its events so far."""

    def __init__(
        self, door: Door, caller: Caller, digest: bytes, headers: Mapping[str, str], *, is_dry: bool = False
    ) -> None:
        self._told = Told() if is_dry else None
        self._door, self._caller, self._digest = door, caller, digest
        self._headers = headers
        self.seen = 0
        self.accepted = 0
        self.duplicates = 0
        self.rejected: list[Rejection] = []
        self.rejected_total = 0
        self._is_noted = False

    async def whole(self, request: Request, *, why_no_more: str | None = None) -> None:
        """Take in a body held in memory, in one transaction, if its signature holds."""
        with self._door.overload.holding() as hold:
            body = await bodies.read(request, MOST_BYTES, hold, why=why_no_more)
            read = partial(_whole, self._door.keys, self._headers, body)
            with self._door.overload.flight(self._caller):
                self._add(await self._take(read, len(body)))

    async def lines(self, request: Request) -> None:
        """Take in a stream of lines; what is complete is committed in portions.

        While its sender is silent it holds no thread, no connection and no place among the requests in flight.
        """
        with self._door.overload.holding() as hold:
            await self._portions(request, hold)

    async def _portions(self, request: Request, hold: Callable[[int], None]) -> None:
        portions, under_way = Portions(), deque[asyncio.Task[Taken]]()
        coming = aiter(request.stream())
        next_chunk: asyncio.Task[bytes | None] | None = None
        try:
            while True:
                next_chunk = next_chunk or asyncio.create_task(_next(coming))
                done, _ = await asyncio.wait((next_chunk,), timeout=SILENT_SECONDS if portions.size else None)
                is_last = False
                if done:
                    chunk = next_chunk.result()
                    next_chunk = None
                    is_last = chunk is None
                    if chunk:
                        before = portions.size
                        portions.add(chunk)
                        hold(portions.size - before)
                    if not portions.is_full and not is_last:
                        continue
                if body := portions.take(is_last=is_last):
                    while len(under_way) >= (PORTIONS_AT_ONCE if self._told is None else 1):
                        self._add(await under_way.popleft())
                    under_way.append(asyncio.create_task(self._portion(body, hold)))
                while under_way and (is_last or under_way[0].done()):
                    self._add(await under_way.popleft())
                if is_last:
                    return
        finally:
            for task in (*under_way, *([next_chunk] if next_chunk else [])):
                task.cancel()

    async def _portion(self, body: bytes, hold: Callable[[int], None]) -> Taken:
        async with self._door.overload.patient_flight(self._caller):
            taken = await self._take(partial(_lines, self._headers, body), len(body))
        if self._told is None:
            # A rehearsal keeps in mind what it was told, so its bytes stay counted as held.
            hold(-len(body))
        return taken

    async def _take(self, read: Read, size: int) -> Taken:
        taken = await self._door.collector.take(self._digest, read, size, self._told)
        self._door.overload.spent(self._caller, taken.seen)
        return taken

    def _add(self, taken: Taken) -> None:
        self.accepted += taken.accepted.accepted
        self.duplicates += taken.accepted.duplicates
        for rejection in taken.accepted.rejected:
            self.rejected_total += 1
            if len(self.rejected) < MOST_LISTED:
                self.rejected.append(Rejection(self.seen + rejection.index, rejection.id, rejection.errors))
        self.seen += taken.seen
        if self._told is None:
            self._note(taken)

    def _note(self, taken: Taken) -> None:
        """Let the watch over feeds know what came, portion by portion: a stream may stay open for hours."""
        now, found = taken.at, taken.accepted
        heard = Heard(now, found.newest, int(not self._is_noted), found.accepted, found.duplicates, len(found.rejected))
        self._door.feeds.hear(self._caller.district, self._caller.source, heard)
        self._is_noted = True

    def answer(self) -> Response:
        """The reply: 202 when something was accepted or known, else why nothing was."""
        if self._told is None:
            self._door.metrics.count_alerts(self.accepted, self.duplicates, self.rejected_total)
        rejected: list[dict[str, object]] = [
            {
                "index": rejection.index,
                "id": rejection.id,
                "errors": [problem._asdict() for problem in rejection.errors],
            }
            for rejection in self.rejected
        ]
        if self.accepted or self.duplicates:
            body: dict[str, object] = {
                "accepted": self.accepted,
                "duplicates": self.duplicates,
                "rejected": rejected,
            }
            if self.rejected_total > len(rejected):
                body["rejected_total"] = self.rejected_total
            return Response(orjson.dumps(body), 202, media_type="application/json")
        return self._refusal(rejected)

    def _refusal(self, rejected: list[dict[str, object]]) -> Response:
        if not self.seen:
            empty = Problem("body", BodyEmpty.code, "请求体中没有消息。")
            return errors.respond(BodyEmpty, "请求体中没有消息。", [empty])
        codes = {problem.code for rejection in self.rejected for problem in rejection.errors}
        problems = [
            problem if self.seen == 1 else problem._replace(loc=f"[{rejection.index}].{problem.loc}")
            for rejection in self.rejected
            for problem in rejection.errors
        ]
        kind, detail = self._kind(codes)
        return errors.respond(kind, detail, problems, accepted=0, duplicates=0, rejected=rejected)

    def _kind(self, codes: Collection[str]) -> tuple[type[Refusal], str]:
        if self.seen == 1 and codes == {"conflict"}:
            return Conflict, "这个来源和编号的消息以前收到过，但内容不同；两份都已保留。"
        if self.seen == 1 and codes == {"too_large"}:
            return BodyTooLarge, "一条消息超过了 256 KB。"
        return NothingAccepted, "请求中没有一条消息可以接收。"


async def take_in(request: Request, door: Door) -> Response:
    """Know the sender, read the body, take in its events, answer; with `dry_run` nothing is stored."""
    digest, caller = await _sender(request, door)
    is_dry = _is_dry(request)
    door.overload.admit(caller)
    headers = bodies.headers_of(request)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise errors.unreadable(BodyInvalid([Problem("body", "content_type", "请求体不能压缩。")]))
    intake = Intake(door, caller, digest, headers, is_dry=is_dry)
    content_type = headers.get("content-type")
    is_stream = (content_type or "").partition(";")[0].strip().lower() == "application/x-ndjson"
    try:
        if not envelope.is_utf8(content_type):
            raise strict_json.body_problem("charset", "JSON 须以 UTF-8 发送。")
        if is_stream and "webhook-signature" in headers:
            # Whether a stream is read whole is decided before its first line, so by what holds now.
            caller = await _looked_up(callers.token(request), digest, door)
        if is_stream and not signatures.is_expected(caller, headers):
            await intake.lines(request)
        else:
            # A signature covers a stream as a whole: nothing of it is believed before its end.
            await intake.whole(request, why_no_more=SIGNED_STREAM if is_stream else None)
    except BodyInvalid as error:
        raise errors.unreadable(error) from None
    except ClientDisconnect:
        # Nobody hears this. What was committed of a stream stays, and its sender will repeat all of it.
        return errors.respond(errors.BadRequest, "请求体还没有发完，连接就断开了。")
    return intake.answer()


def _is_dry(request: Request) -> bool:
    parameters.refuse_unknown(request, cloudevents_schemas.PARAMETERS)
    said = request.query_params.get("dry_run", "false")
    if said not in ("true", "false"):
        raise Invalid("请求中有不能接受的内容。", problems=[Problem("dry_run", "type", "只能填 `true` 或 `false`。")])
    return said == "true"


async def _sender(request: Request, door: Door) -> tuple[bytes, Caller]:
    shown = callers.header_token(request)
    if shown is None:
        raise NotSignedIn("请在 `Authorization: Bearer` 头中带上密钥。")
    digest = crypto.digest(shown)
    caller = door.collector.known(digest)
    return digest, caller or await _looked_up(shown, digest, door)


async def _looked_up(shown: str, digest: bytes, door: Door) -> Caller:
    caller = source_keys.sender(await run_sync(door.callers.identify, shown))
    door.collector.remember(digest, caller)
    return caller


# What runs in a thread, in the transaction that stores it.


def _whole(keys: Keys, headers: Mapping[str, str], body: bytes, caller: Caller, now: datetime) -> Body:
    message = signatures.verify(caller, headers, body, keys, now=clock.real_now())
    return Body(cloudevents.parse_request(headers.get("content-type"), headers, body, now=now), message)


def _lines(headers: Mapping[str, str], body: bytes, caller: Caller, now: datetime) -> Body:
    if signatures.is_expected(caller, headers):
        # Since the stream began, somebody said that its source has to sign.
        raise signatures.missing()
    reader = cloudevents.LineReader()
    return Body([*reader.feed(body, now=now), *reader.close(now=now)])


async def _next(coming: AsyncIterator[bytes]) -> bytes | None:
    return await anext(coming, None)
