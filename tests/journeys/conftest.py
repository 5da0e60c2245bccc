"""A running instance for each journey."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from core.store import crypto
from tests.journeys.instance import Instance


@pytest.fixture
def make_instance(
    make_database: Callable[[], str], valkey_url: str, tmp_path: Path
) -> Iterator[Callable[..., Instance]]:
    """Starts instances and stops them afterwards."""
    started: list[Instance] = []

    def make(*, now: str, workers: int = 1) -> Instance:
        crypto.ensure_keys(tmp_path / "keys")
        redis.Redis.from_url(valkey_url).flushall()
        instance = Instance(make_database(), valkey_url, tmp_path / "keys", tmp_path, now, workers)
        started.append(instance)
        instance.start()
        return instance

    yield make
    for instance in started:
        instance.stop()
