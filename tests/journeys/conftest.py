"""A running instance for each journey, or for long ones the same program in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from api.evaluation.evaluators import Evaluators
from core.store import crypto
from core.store.crypto import Keys
from tests.api.door import Door, open_door
from tests.journeys.instance import Instance
from tests.world import World


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


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """The same keys for the world and for the door."""
    crypto.ensure_keys(tmp_path / "keys")
    return crypto.load_keys(tmp_path / "keys")


@pytest.fixture
def door(database_url: str, tmp_path: Path, world: World) -> Iterator[Door]:
    """The API in front of a world whose days pass by themselves: a season takes seconds."""
    evaluators = Evaluators()
    with open_door(database_url, tmp_path / "keys", world, evaluators) as opened:
        yield opened
    evaluators.close()
