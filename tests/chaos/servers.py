"""A PostgreSQL and a Valkey of a test's own, that may be killed and started again under everybody's feet."""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from cli.embedded.folder import start_postgres, start_valkey
from cli.embedded.servers import Server
from core.store import database

# What is committed is in the kernel's hands before anybody is told, and only processes die here: without
# `synchronous_commit` an immediate stop would lose commits, without `fsync` only a power cut would.
SETTINGS = {"fsync": "off", "full_page_writes": "off"}
NAME = "chaos_test"
GONE_SECONDS = 30


@dataclass
class Servers:
    """Both servers of one folder; their addresses survive a restart."""

    folder: Path
    _postgres: Server = field(init=False)
    _valkey: Server = field(init=False)

    def __post_init__(self) -> None:
        self.start_postgres()
        self.start_valkey()

    @property
    def database_url(self) -> str:
        return self._postgres.url

    @property
    def redis_url(self) -> str:
        return self._valkey.url

    def start_postgres(self) -> None:
        self._postgres = start_postgres(self.folder, SETTINGS, database=NAME)

    def start_valkey(self) -> None:
        self._valkey = start_valkey(self.folder)

    def stop_postgres_at_once(self) -> None:
        """What `pg_ctl stop -m immediate` does: no checkpoint, no goodbye; the next start recovers from the log."""
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + GONE_SECONDS
        while self._postgres.running():
            assert time.monotonic() < until, "PostgreSQL does not stop"
            time.sleep(0.02)

    def kill_valkey(self) -> None:
        pid = int(self._broker().info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # Whoever started it may have collected it.
            os.waitpid(pid, 0)

    def flush_valkey(self) -> None:
        self._broker().flushall()

    def terminate_backends(self, chance: random.Random, share: float) -> int:
        """End some of the sessions, whatever they are doing; returns how many."""
        with psycopg.connect(database.libpq_url(self.database_url), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() ORDER BY pid", [NAME]
            ).fetchall()
            chosen = [row[0] for row in rows if chance.random() < share]
            connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [chosen])
            return len(chosen)

    def _broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url)

    def stop(self) -> None:
        self._valkey.stop()
        self._postgres.stop()
