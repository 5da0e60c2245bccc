"""Which refusals a route declares beside those that follow from what it takes."""

from collections.abc import Callable
from typing import Any, TypeVar

from core.errors import Refusal

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


def refuses(*kinds: type[Refusal]) -> Callable[[_Endpoint], _Endpoint]:
    """Declare what a route refuses; the OpenAPI document says so, and the suite holds every answer to it."""

    def mark(endpoint: _Endpoint) -> _Endpoint:
        endpoint.refuses = kinds  # type: ignore[attr-defined]  # a mark, of which a function's type says nothing
        return endpoint

    return mark


def declared(endpoint: Callable[..., Any]) -> tuple[type[Refusal], ...]:
    """What a route's function declares."""
    found: tuple[type[Refusal], ...] = getattr(endpoint, "refuses", ())
    return found
