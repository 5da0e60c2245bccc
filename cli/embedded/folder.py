"""The embedded servers of a data folder: started by the first who needs them, stopped by the last."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from cli.embedded.postgres import start as start_postgres
from cli.embedded.servers import Say, Server, say_to_stderr
from core.settings import OwnerSettings, Settings

__all__ = ["Servers", "servers", "start_postgres", "start_valkey"]


class Servers:
    """The servers in use, and the settings with their addresses."""

    def __init__(self, settings: Settings, *, broker: bool, say: Say) -> None:
        self.settings = settings
        self._wants_postgres = settings.database_url is None
        self._wants_valkey = broker and settings.redis_url is None
        self._folder = settings.data.resolve()
        self._say = say
        self._running: dict[str, Server] = {}

    @property
    def owner_url(self) -> str | None:
        """The database as its owner: the embedded one, or the one that TANFANG_OWNER_URL names beside the settings'."""
        if self._wants_postgres:
            return self._running["database_url"].owner_url
        return OwnerSettings().owner_url

    def start(self) -> None:
        """Start or adopt what the settings do not name; calling again brings back what has died."""
        if self._wants_postgres and not self._is_running("database_url"):
            self._running["database_url"] = start_postgres(self._folder, say=self._say)
        if self._wants_valkey and not self._is_running("redis_url"):
            self._running["redis_url"] = start_valkey(self._folder)
        self.settings = self.settings.model_copy(update={name: server.url for name, server in self._running.items()})

    def lost(self) -> list[str]:
        """The names of the servers that have died since they were started."""
        names = {"database_url": "PostgreSQL", "redis_url": "Valkey"}
        return [names[name] for name in self._running if not self._is_running(name)]

    def stop(self) -> None:
        """Stop them, the broker first."""
        for name in ("redis_url", "database_url"):
            if name in self._running:
                self._running.pop(name).stop()

    def _is_running(self, name: str) -> bool:
        return name in self._running and self._running[name].running()


def start_valkey(folder: Path) -> Server:
    """Start a Valkey for the data folder, or adopt the one that runs there."""
    # Imported when first needed: its client takes longer to load than most commands take to run without it.
    from cli.embedded import valkey

    return valkey.start(folder)


@contextmanager
def servers(settings: Settings, *, broker: bool = True, say: Say = say_to_stderr) -> Iterator[Servers]:
    """PostgreSQL, and with `broker` Valkey, for a block: those the settings name, or the data folder's own.

    Several processes may be inside at once; the last one out stops what runs, whoever started it.
    """
    run = settings.data.resolve() / "run"
    run.mkdir(parents=True, exist_ok=True)
    found = Servers(settings, broker=broker, say=say)
    with ExitStack() as stack:
        users = stack.enter_context((run / "users.lock").open("a"))
        try:
            with _turn(run):
                fcntl.flock(users, fcntl.LOCK_SH)
                found.start()
            yield found
        finally:
            with _turn(run):
                if _alone(users):
                    found.stop()


@contextmanager
def _turn(run: Path) -> Iterator[None]:
    """One process at a time starts or stops the servers of a folder. The kernel drops the lock of a killed one."""
    with (run / "turn.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _alone(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives another process these very settings, wherever it is started."""
    named = {f"TANFANG_{name.upper()}": value for name, value in settings.model_dump().items() if value is not None}
    named["TANFANG_DATA"] = settings.data.resolve()
    if settings.keys is not None:
        named["TANFANG_KEYS"] = settings.keys.resolve()
    # No running process knows how to become the owner.
    inherited = {name: value for name, value in os.environ.items() if name != "TANFANG_OWNER_URL"}
    return {**inherited, **{name: str(value) for name, value in named.items()}}
