"""Query parameters: one that an address does not take is refused, never ignored."""

from collections.abc import Callable, Collection, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from api.http import callers
from core.errors import UnknownParameter
from core.events import strict_json
from rules.facts import Problem


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Refuse a request with query parameters other than these, naming each that looks like a name."""
    unknown = dict.fromkeys(name for name in request.query_params if name not in known)
    if unknown:
        taken = "、".join(f"`{name}`" for name in sorted(known))
        raise UnknownParameter(
            f"这个地址只接受查询参数{taken}。" if taken else "这个地址不接受查询参数。",
            problems=[
                Problem(strict_json.child("", name), "unknown_parameter", "这个地址没有这个参数。") for name in unknown
            ],
        )


def asks_who(dependant: Dependant) -> bool:
    """Whether a route wants to know who is calling."""
    return dependant.call is callers.identity or any(asks_who(part) for part in dependant.dependencies)


class KnownRoute(APIRoute):
    """A route that takes the query parameters of its function and no others."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        known = {
            parameter.alias for parameter in get_flat_params(self.dependant) if isinstance(parameter.field_info, Query)
        }
        is_closed = asks_who(self.dependant)

        async def knowing(request: Request) -> Response:
            if is_closed:
                # Who may not come in hears that, and nothing about the address; nothing of their body is read.
                await callers.identity(request)
            refuse_unknown(request, known)
            return await handler(request)

        return knowing
