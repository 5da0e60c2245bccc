"""A worker process: threads that follow hints, and a heartbeat that needs none."""

import signal
import threading

import dramatiq
import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import processes, settings
from core.inbox import inbox
from core.notifications import relay
from core.notifications.senders import Egress
from core.organisation import streets
from core.policy import rulebooks
from core.store import crypto, logins, scopes
from core.store.business import Business
from core.store.database import Database
from worker import actors, broker, heartbeat, relaying

log = structlog.get_logger()

PAUSE_SECONDS = 1.0


def _wait_for(database: Database, stop: threading.Event) -> None:
    """Warm the rules; a database that is away is waited for here, not by starting over and over."""
    while not stop.is_set():
        try:
            with database.transaction(scopes.everywhere(directory=False)) as session:
                if problem := logins.flaw(session):
                    raise SystemExit(problem)
                for district in streets.known(database).districts:
                    rulebooks.of_district(session, district)
            return
        except SQLAlchemyError as error:
            log.warning("worker waits for the database", error=type(error).__name__)
            stop.wait(PAUSE_SECONDS)


def run() -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished, what is not started stays in the database."""
    config = settings.load()
    if config.database_url is None or config.redis_url is None:
        raise SystemExit("Set TANFANG_DATABASE_URL and TANFANG_REDIS_URL; `tanfang up` does.")
    processes.stop_with_parent()
    # What is accepted is safe and can wait; a sender at the door cannot.
    processes.let_others_go_first(config.worker_nice)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keys = crypto.load_keys(config.key_folder)
    # One connection a hint thread, one for the heartbeat's lock, one for its looks and one for the clock.
    database = Database(config.database_url, pool_size=2 * config.worker_threads + 4)
    # The relay has its own: a claim, and a mark for each delivery under way.
    outbox = Database(config.database_url, pool_size=1 + relay.AT_ONCE)
    business = Business(database, sandbox=config.sandbox)
    _wait_for(database, stop)
    link = broker.connect(config.redis_url)
    hints = actors.Hints(link, lambda street: inbox.drain(database, street, keys, business.now))
    following = dramatiq.Worker(link, worker_threads=config.worker_threads, worker_timeout=100)
    following.start()
    egress = Egress.of(config)
    sending = relaying.start(outbox, keys, egress, stop)
    log.info("worker ready")
    try:
        heartbeat.beat(database, keys, business, stop, hints=hints, is_sandbox=config.sandbox)
    finally:
        stop.set()
        following.stop()
        sending.join()
        outbox.dispose()
        database.dispose()
