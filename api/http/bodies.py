"""Request bodies read strictly and within limits, before anything looks at them."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.http.errors import Unreadable, unreadable
from api.http.parameters import KnownRoute
from core.errors import BodyTooLarge
from core.events import strict_json
from core.events.strict_json import BodyInvalid

USUAL_BYTES: Final = strict_json.MAX_BYTES
DISCARDED_BYTES: Final = 16 * 1024 * 1024
_TELLING: Final = ("ce-", "webhook-", "content-type", "content-encoding")


async def read(
    request: Request, most: int, hold: Callable[[int], None] | None = None, *, why: str | None = None
) -> bytes:
    """A whole body of at most `most` bytes; `hold` is told of each piece that is kept, and may refuse it.

    `why` is what the sender of a larger one hears, if not the usual.

    A larger one is read on for a while and thrown away: a sender still busy sending does not see the answer. One who
    asked first whether to send it is told at once.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        if request.headers.get("expect", "").lower() != "100-continue":
            await _discard(request, DISCARDED_BYTES)
        raise too_large(most, why)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            chunks.clear()
            await _discard(request, DISCARDED_BYTES - size)
            raise too_large(most, why)
        if hold is not None:
            hold(len(chunk))
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _discard(request: Request, most: int) -> None:
    while most > 0:
        message = await request.receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        most -= len(message.get("body", b""))


def headers_of(request: Request) -> dict[str, str]:
    """The headers by name; refuses to choose between two lines of one that says what the body means."""
    telling = [name for name in request.headers if name.startswith(_TELLING)]
    if len(telling) != len(set(telling)):
        raise unreadable(strict_json.body_problem("repeated_header", "描述请求体的头重复发送。"))
    return dict(request.headers)


def too_large(most: int, why: str | None = None) -> Unreadable:
    """The refusal of a body over `most` bytes."""
    # What may still come is not looked at: the connection ends with the answer.
    refusal = BodyTooLarge(why or f"请求体超过了 {most // 1024} KB。")
    return Unreadable(refusal, headers={"Connection": "close"})


class _StrictRequest(Request):
    """Reads JSON as events are read: no repeated keys, no NaN, no NUL, bounded in size and depth."""

    most_bytes = USUAL_BYTES

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await read(self, self.most_bytes)
        return self._body

    async def json(self) -> Any:
        body = await self.body()
        try:
            if len(body) <= strict_json.MAX_BYTES:
                return strict_json.parse_json(body)
            return orjson.loads(body)
        except BodyInvalid as error:
            raise unreadable(error) from None
        except orjson.JSONDecodeError as error:
            raise unreadable(
                strict_json.body_problem("json_invalid", f"第 {error.pos} 个字符处不是有效的 JSON。")
            ) from None


class StrictRoute(KnownRoute):
    """A route whose body is read strictly, and which takes no query parameters but its own."""

    request_class: type[_StrictRequest] = _StrictRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handler(self.request_class(request.scope, request.receive))

        return strictly


class BareRoute(APIRoute):
    """A route on the hot path: its function takes the request and gives the response, and nothing stands between."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


class _LargeRequest(_StrictRequest):
    most_bytes = DISCARDED_BYTES


class LargeRoute(StrictRoute):
    """A route that takes thousands of persons at once."""

    request_class = _LargeRequest
