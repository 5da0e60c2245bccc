"""Request bodies read strictly and within limits, before anything looks at them."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.errors import Unreadable, unreadable
from core import strict_json
from core.strict_json import BodyInvalid

USUAL_BYTES: Final = strict_json.MAX_BYTES
DISCARDED_BYTES: Final = 16 * 1024 * 1024
_TELLING: Final = ("ce-", "webhook-", "content-type", "content-encoding")


async def read(stream: AsyncIterator[bytes], most: int, *, why: str | None = None) -> bytes:
    """A whole body of at most `most` bytes; `why` is what the sender of a larger one hears, if not the usual.

    A larger one is read on for a while and thrown away: a sender still busy sending does not see the answer.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
        else:
            chunks.clear()
            if size > most + DISCARDED_BYTES:
                break
    if size > most:
        raise too_large(most, why)
    return b"".join(chunks)


def headers_of(request: Request) -> dict[str, str]:
    """The headers by name; refuses to choose between two lines of one that says what the body means."""
    telling = [name for name in request.headers if name.startswith(_TELLING)]
    if len(telling) != len(set(telling)):
        raise unreadable(strict_json.body_problem("repeated_header", "a header that describes the body is sent twice"))
    return dict(request.headers)


def too_large(most: int, why: str | None = None) -> Unreadable:
    """The refusal of a body over `most` bytes."""
    return Unreadable(413, "too_large", why or f"The body of the request is larger than {most // 1024} KB.")


class _StrictRequest(Request):
    """Reads JSON as events are read: no repeated keys, no NaN, no NUL, bounded in size and depth."""

    most_bytes = USUAL_BYTES

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await read(self.stream(), self.most_bytes)
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
            raise unreadable(strict_json.body_problem("json_invalid", f"not valid JSON at {error.pos}")) from None


class StrictRoute(APIRoute):
    """A route whose body is read strictly."""

    request_class: type[_StrictRequest] = _StrictRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handler(self.request_class(request.scope, request.receive))

        return strictly


class _LargeRequest(_StrictRequest):
    most_bytes = DISCARDED_BYTES


class LargeRoute(StrictRoute):
    """A route that takes thousands of persons at once."""

    request_class = _LargeRequest
