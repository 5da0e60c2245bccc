"""Signing in without the door, each step in the scope that it has there."""

from datetime import timedelta

from core import clock
from core.organisation import sessions, signing_in
from core.organisation.sessions import Limits
from core.organisation.signing_in import Started
from core.organisation.users import User
from core.store import crypto
from core.store.crypto import Keys
from core.store.database import Database
from core.store.scopes import Scope
from tests.world import PASSWORD

LIMITS = Limits(idle=timedelta(hours=1), absolute=timedelta(hours=1))


def sign_in(database: Database, keys: Keys, name: str, password: str = PASSWORD) -> Started:
    """A session of somebody who knows their password."""
    now = clock.real_now()
    with database.transaction(Scope(username=name)) as session:
        attempt = signing_in.begin(session, keys, name, address="", now=now)
    verdict = signing_in.compare(attempt, password)
    with database.transaction(attempt.scope()) as session:
        started = signing_in.finish(
            session,
            keys,
            attempt,
            verdict,
            limits=LIMITS,
            instead_of=None,
            now=now,
            today=clock.today(now),
        )
    assert isinstance(started, Started), started
    return started


def signed_in(database: Database, token: str) -> User:
    """Whose session it is; raises `NotSignedIn` when it is over."""
    now = clock.real_now()
    with database.transaction(Scope(token=crypto.digest(token))) as session:
        return sessions.find(session, token, limits=LIMITS, now=now, today=clock.today(now))
