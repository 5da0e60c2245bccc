"""What a sender said in words: the part of an event that decides nothing and that somebody has to read."""

from collections.abc import Mapping
from typing import Final

import orjson

from core.events.types import EventType

# Of a warning's free details, what the product takes for itself.
_TAKEN: Final = ("person", "pushed_on")
_WORDS: Final = ("description", "reason")


def of(event_type: EventType, data: Mapping[str, object]) -> str | None:
    """The words of an event: its description or reason, and of a warning every free detail under the sender's name."""
    if event_type is EventType.WARNING_ILLNESS_POVERTY:
        told = {name: _written(value) for name, value in data.items() if name not in _TAKEN and value is not None}
        return "；".join(words if name in _WORDS else f"{name}：{words}" for name, words in told.items()) or None
    said = next((data[name] for name in _WORDS if data.get(name)), None)
    return said if isinstance(said, str) and not said.isspace() else None


def _written(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
