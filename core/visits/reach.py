"""Which visits somebody sees and may change, and the street in which a change follows its course."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from core.store.database import Scope, widened


@contextmanager
def whole_street(session: Session, street: str) -> Iterator[None]:
    """A stretch that sees the whole street: a visit is changed for all of its residents, whoever changes it."""
    seen: Scope = session.info["scope"]
    if seen.committees is None:
        yield
        return
    with widened(session, Scope(streets=(street,), committees=None)):
        yield
