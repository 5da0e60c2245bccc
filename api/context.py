"""What one API process holds on to for all its requests."""

import asyncio
from dataclasses import dataclass

from api.evaluation import Evaluators
from api.hints import Hints
from api.metrics import Metrics
from core.business import Business
from core.crypto import Keys
from core.database import Database
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that outlive a request; `app.state.context`."""

    settings: Settings
    database: Database
    keys: Keys
    business: Business
    hints: Hints
    evaluators: Evaluators
    metrics: Metrics
    # How many requests may have a transaction open at once.
    slots: asyncio.Semaphore

    def close(self) -> None:
        """End what was started for the requests."""
        self.hints.close()
        self.evaluators.close()
        self.database.dispose()
