"""The outermost layer: counts requests, sets headers, and turns what nobody expected into a plain answer."""

import time
from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from core.store.ids import uuid7

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)


class Guard:
    """Around everything else."""

    def __init__(self, app: ASGIApp, unexpected: Callable[[Scope, Exception], Response]) -> None:
        self._app, self._unexpected = app, unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        request_id = uuid7().hex
        # Before anything else looks at the request: what is logged and what people read out name the same number.
        scope.setdefault("state", {})["request_id"] = request_id

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    *(header for header in _HEADERS if header[0] not in present),
                ]
            await send(message)

        try:
            with bound_contextvars(request_id=request_id):
                await self._app(scope, receive, noting)
        except Exception as error:
            if status:
                # Too late for another answer: the connection breaks, and the sender knows.
                raise
            await self._unexpected(scope, error)(scope, receive, noting)
        finally:
            _count(scope, status, time.perf_counter() - started)


def _count(scope: Scope, status: int, seconds: float) -> None:
    context: Any = scope["app"].state.context
    # The template and not the path: a path holds ids, and every one would be a series of its own.
    route = getattr(scope.get("route"), "path", "other")
    method = scope["method"] if scope["method"] in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD") else "other"
    context.door.metrics.count_request(method, route, status, seconds)
