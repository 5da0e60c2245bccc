"""Business time: real time, or what a sandbox was told."""

from contextlib import nullcontext
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.store.database import Database
from core.store.scopes import Scope


class Business:
    """The clock by which duties fall due and events are judged."""

    def __init__(self, database: Database, *, sandbox: bool) -> None:
        self._database = database
        self._sandbox = sandbox

    def now(self, session: Session | None = None) -> datetime:
        """The business instant; while a sandbox walks to another time, the instant it has reached.

        A sandbox's clock is read in `session`, if there is one already, else in a transaction of its own.
        """
        if not self._sandbox:
            return clock.real_now()
        with nullcontext(session) if session else self._database.transaction(Scope()) as looking:
            row = looking.execute(text("SELECT business_at, real_at, target_at FROM sandbox_clock")).one_or_none()
        if row is None:
            return clock.real_now()
        if row.target_at is not None:
            reached: datetime = row.business_at
            return reached
        started, since = row.business_at, row.real_at
        moved: datetime = started + (clock.real_now() - since)
        return moved
