"""Business time: real time, or what a sandbox was told."""

from datetime import datetime

from sqlalchemy import text

from core import clock
from core.database import Database, Scope


class Business:
    """The clock by which duties fall due and events are judged."""

    def __init__(self, database: Database, *, sandbox: bool) -> None:
        self._database = database
        self._sandbox = sandbox

    def now(self) -> datetime:
        """The business instant; while a sandbox walks to another time, the instant it has reached."""
        if not self._sandbox:
            return clock.real_now()
        with self._database.transaction(Scope()) as session:
            row = session.execute(text("SELECT business_at, real_at, target_at FROM sandbox_clock")).one_or_none()
        if row is None:
            return clock.real_now()
        if row.target_at is not None:
            reached: datetime = row.business_at
            return reached
        started, since = row.business_at, row.real_at
        moved: datetime = started + (clock.real_now() - since)
        return moved
