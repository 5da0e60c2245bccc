"""What events of imports hold, as JSON."""

from typing import NotRequired, TypedDict


class FactData(TypedDict, total=False):
    """A fact as an event states it; days are ISO texts, and a null `valid_to` means that no end is known."""

    kind: str
    tag: str
    support: str
    category: int
    grade: int
    basis: str
    cause: str
    warning: str
    confirmed_on: str
    reason: str
    valid_from: str
    valid_to: str | None


class RegistrationData(TypedDict):
    """What a registration says: who somebody is, and the facts about them."""

    person: dict[str, str]
    facts: NotRequired[list[FactData]]


class RawEvent(TypedDict):
    """An event as the door reads it."""

    specversion: str
    source: str
    id: str
    type: str
    time: str
    data: dict[str, object]
