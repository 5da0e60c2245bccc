"""Every type of news is one that can be read, and the other way round."""

from core.events import types
from core.events.types import EventType


def test_every_type_of_news_can_be_read() -> None:
    assert types.names() == set(EventType)
