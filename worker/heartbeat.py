"""The heartbeat: every second it looks for what is due. Any number of them may beat; none of them leads."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.heartbeat import sandbox, sweep
from core.store.business import Business
from core.store.crypto import Keys
from core.store.database import Database
from worker.actors import Hints

log = structlog.get_logger()

SECONDS = 1.0
SANDBOX_SECONDS = 0.05  # Somebody waits in front of a sandbox clock.


def beat(
    database: Database,
    keys: Keys,
    business: Business,
    stop: threading.Event,
    *,
    hints: Hints | None = None,
    is_sandbox: bool,
) -> None:
    """Sweep until told to stop; a database that is away is waited for."""
    waited = SECONDS
    while not stop.is_set():
        try:
            if is_sandbox:
                sandbox.walk(database, keys, business)
            if waited >= SECONDS:
                waited = 0.0
                sweep.once(
                    database,
                    keys,
                    business,
                    is_patient=hints is not None and hints.are_coming,
                    leave=hints.leave if hints is not None else None,
                )
        except SQLAlchemyError as error:
            log.warning("heartbeat waits for the database", error=type(error).__name__)
            stop.wait(SECONDS)
        pause = SANDBOX_SECONDS if is_sandbox else SECONDS
        stop.wait(pause)
        waited += pause
