"""What goes wrong: everything that can be killed is, each kind at least once, and somebody starts it again."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import psycopg
import redis

from tests.chaos.servers import Servers
from tests.journeys.instance import Instance, Process

TWO_AT_ONCE = 0.3
LOOK_SECONDS = 0.2


@dataclass
class Keeper:
    """Starts again whoever died, as `tanfang up` or an init system does."""

    instance: Instance
    restarts: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)

    def keep(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for process in self.instance.processes:
                if process.running is not None and process.running.poll() is not None:
                    self.restarts[process.log.stem] += 1
                    process.start()

    def stop(self) -> None:
        self._stop.set()


@dataclass
class Havoc:
    """`kinds`: what can happen, each a block in whose midst it is broken and after which it works again."""

    servers: Servers
    instance: Instance
    chance: Random

    def kinds(self) -> dict[str, Callable[[], AbstractContextManager[object]]]:
        apis = self.instance.processes[: self.instance.apis]
        workers = self.instance.processes[self.instance.apis :]
        return {
            **{f"{one.log.stem} killed": lambda one=one: self._killed([one]) for one in self.instance.processes},
            "every API killed": lambda: self._killed(apis),
            "every worker killed": lambda: self._killed(workers),
            "FLUSHALL": self._flushed,
            "Valkey killed": self._without_valkey,
            "some backends terminated": lambda: self._terminated(0.3),
            "every backend terminated": lambda: self._terminated(1.0),
            "PostgreSQL stopped at once": self._without_postgres,
        }

    def wreak(self, seconds: float) -> Counter[str]:
        """Go on for some time, and until everything has happened once; returns what happened."""
        done: Counter[str] = Counter()
        until = time.monotonic() + seconds
        kinds = self.kinds()
        deck: list[str] = []
        while time.monotonic() < until or len(done) < len(kinds):
            time.sleep(self.chance.uniform(0.2, 2.0))
            # Dealt like cards, so that no kind is left out for long.
            deck = deck or self.chance.sample(sorted(kinds), len(kinds))
            at_once = 2 if self.chance.random() < TWO_AT_ONCE else 1
            dealt, deck = deck[:at_once], deck[at_once:]
            with ExitStack() as broken:
                for kind in dealt:
                    done[kind] += 1
                    broken.enter_context(kinds[kind]())
                time.sleep(self.chance.uniform(0.0, 1.0))
        return done

    @contextmanager
    def _killed(self, processes: list[Process]) -> Iterator[None]:
        for process in processes:
            if process.running is not None:
                process.running.kill()
        yield  # The keeper sees to the rest.

    @contextmanager
    def _flushed(self) -> Iterator[None]:
        with suppress(redis.RedisError):  # It may be away already.
            self.servers.flush_valkey()
        yield

    @contextmanager
    def _without_valkey(self) -> Iterator[None]:
        self.servers.kill_valkey()
        yield
        self.servers.start_valkey()

    @contextmanager
    def _without_postgres(self) -> Iterator[None]:
        self.servers.stop_postgres_at_once()
        yield
        self.servers.start_postgres()

    @contextmanager
    def _terminated(self, share: float) -> Iterator[None]:
        with suppress(psycopg.OperationalError):  # There may be no server to have any.
            self.servers.terminate_backends(self.chance, share)
        yield
