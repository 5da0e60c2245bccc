"""`tanfang up` from the first lock to the last process: started in one order, stopped in the reverse one."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cli import database, supervisor
from cli.embedded.folder import environment, servers
from cli.embedded.servers import CommandFailed, say_to_stderr
from cli.supervisor import Instance
from core import processes
from core.heartbeat import sandbox
from core.settings import Settings
from core.store.scopes import Scope

# A killed predecessor's API lets go of the port once it has noticed that its parent is gone.
PREDECESSOR_SECONDS = 15.0
DEMO_STOP_SECONDS = 5.0
STOP_SECONDS = 60.0


def serve(settings: Settings, *, workers: int, demo: bool, now: datetime | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM; everything started here is stopped, and nothing accepted is lost.

    `now` is where the business clock of a sandbox begins; one that is later already stays later.
    """
    if now is not None and not settings.sandbox:
        raise CommandFailed("Only a sandbox has a clock that can be set; add --sandbox to --now.")
    # Set by programs that start an instance for themselves, as `make bench` does.
    processes.stop_with_parent(last_seconds=STOP_SECONDS)
    with supervisor.stop_signals() as stopping, _instance(settings, workers, stopping, now) as instance:
        if stopping.is_set():
            return
        print(f"ready {instance.url}", flush=True)
        filling = _fill(instance) if demo else None
        while not stopping.wait(supervisor.TICK_SECONDS):
            instance.keep()
        say_to_stderr("Stopping…")
        _end(filling)


def fill(settings: Settings) -> None:
    """Fill an empty instance with the demo, the running one or one started for it, and say how to go on."""
    from cli.demo import filling as demo

    with _some_instance(settings) as (url, found):
        if database.holds_people(found.database_url or ""):
            say_to_stderr("The database holds people already; nothing is added.")
        else:
            demo.run(url, found)
        print(demo.closing(url, found), flush=True)


def _set_clock(settings: Settings, now: datetime) -> None:
    with database.transaction(settings.database_url or "", Scope(directory=True)) as session:
        if not sandbox.start_at(session, now):
            say_to_stderr("The clock of this sandbox is later already; it stays as it is.")


@contextmanager
def _instance(
    settings: Settings, workers: int, stopping: threading.Event, now: datetime | None = None
) -> Iterator[Instance]:
    with supervisor.only_one(settings) as lock:
        lock.seek(0)
        patience = PREDECESSOR_SECONDS if lock.read() else 0.0
        port = supervisor.claim_port(settings.host, settings.port, patience_seconds=patience)
        with servers(settings) as found:
            database.prepare(found)
            if now is not None:
                _set_clock(found.settings, now)
            instance = Instance(found, port=port, workers=workers)
            supervisor.announce(lock, instance.url)
            try:
                instance.start(stopping)
                yield instance
            finally:
                instance.stop()


@contextmanager
def _some_instance(settings: Settings) -> Iterator[tuple[str, Settings]]:
    """The address of an instance on this data folder, and the settings with the addresses of its servers."""
    url = supervisor.address(settings)
    if url is not None:
        with servers(settings) as found:
            yield url, found.settings
        return
    temporary = settings.model_copy(update={"port": 0, "sandbox": True})
    with supervisor.stop_signals() as stopping, _instance(temporary, 1, stopping) as instance:
        yield instance.url, instance.settings


def _fill(instance: Instance) -> subprocess.Popen[bytes]:
    """Fill the sandbox in a process of its own, so that children are looked after while it works."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "cli.main", "demo"],
        stdin=subprocess.DEVNULL,
        env=environment(instance.settings),
        start_new_session=True,
    )


def _end(filling: subprocess.Popen[bytes] | None) -> None:
    if filling is None:
        return
    filling.terminate()
    try:
        filling.wait(DEMO_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        filling.kill()
        filling.wait()
