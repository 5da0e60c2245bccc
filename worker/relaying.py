"""The relay's own thread: a mail server that takes its time must not keep the heartbeat waiting."""

import threading

import structlog

from core import clock
from core.notifications import relay
from core.notifications.senders import Egress
from core.store.crypto import Keys
from core.store.database import Database

log = structlog.get_logger()

SECONDS = 1.0


def start(database: Database, keys: Keys, egress: Egress, stop: threading.Event) -> threading.Thread:
    """Relay until told to stop; what is being sent then is finished first."""
    thread = threading.Thread(target=_relay, args=(database, keys, egress, stop), name="relay")
    thread.start()
    return thread


def _relay(database: Database, keys: Keys, egress: Egress, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            busy = relay.deliver_due(database, keys, egress, now=clock.real_now(), stop=stop) > 0
        except Exception as error:
            # The database may be away, or a row may be odd: the next look finds what is due again.
            log.warning("relay waits", error=type(error).__name__)
            busy = False
        if not busy:
            stop.wait(SECONDS)
