"""What the status line says after something was done: a code and ids travel, the words are made when it is shown.

The words may name a person; a cookie and an address may not.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import Request, Response

from api.http import callers

COOKIE: Final = "tanfang-said"
SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What was done (a code), and to what (ids)."""

    what: str
    ids: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the status line, where to look, and the address that takes it back for ten minutes."""

    words: str
    links: Sequence[tuple[str, str]] = ()
    undo: str | None = None


Words = Callable[[Mapping[str, UUID]], Notice]
_WORDS: Final[dict[str, Words]] = {}


def says(what: str) -> Callable[[Words], Words]:
    """The words for a code that need nothing but its ids; a page that must look something up makes its own notice."""

    def register(words: Words) -> Words:
        _WORDS[what] = words
        return words

    return register


def plain(what: str, words: str) -> None:
    """A code that always has the same words."""
    says(what)(lambda _ids: Notice(words))


def of(said: Said | None) -> Notice | None:
    """The notice for what was said, if its words are known here."""
    if said is None or said.what not in _WORDS:
        return None
    try:
        return _WORDS[said.what](said.ids)
    except KeyError:
        return None


def note(request: Request, response: Response, what: str, ids: Mapping[str, UUID]) -> None:
    """Let the next page say it."""
    value = json.dumps([what, {name: str(one) for name, one in ids.items()}])
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(value.encode()).decode(),
        max_age=SECONDS,
        httponly=True,
        samesite="lax",
        secure=callers.is_encrypted(request),
    )


def take(request: Request) -> Said | None:
    """What the page before let this one say."""
    try:
        what, ids = json.loads(base64.urlsafe_b64decode(request.cookies.get(COOKIE, "")))
        return Said(str(what), {str(name): UUID(one) for name, one in ids.items()})
    except (ValueError, TypeError, AttributeError, binascii.Error):
        return None
