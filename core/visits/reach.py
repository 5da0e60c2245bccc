"""The street in which what follows from a visit takes its course."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from core.store import scopes
from core.store.database import listed, widened


@contextmanager
def whole_street(session: Session, street: str) -> Iterator[None]:
    """A stretch that sees the whole street: a visit is changed for all of its residents, whoever changes it."""
    if listed(session) is None:
        yield
        return
    with widened(session, scopes.under(street)):
        yield
