"""Conditions under which something is changed (RFC 9110, 13.1): which version of it the caller has seen."""

from typing import Annotated

from fastapi import Header

IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=1000)]


def seen(if_match: str | None) -> frozenset[str] | None:
    """The tags that a caller names, `*` for whichever it is; None when nothing was said.

    A proxy that compresses answers marks their tags as weak, and they name the same version all the same.
    """
    if if_match is None:
        return None
    return frozenset(tag.strip().removeprefix("W/") for tag in if_match.split(","))
