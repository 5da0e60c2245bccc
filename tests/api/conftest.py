"""The HTTP door in front of a real database; time stands still until a test moves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create
from core.settings import Settings
from core.store import crypto
from core.store.crypto import Keys
from tests.api.door import Door
from tests.world import World


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this run's encryption keys are."""
    folder = tmp_path_factory.mktemp("api-keys")
    crypto.ensure_keys(folder)
    return folder


@pytest.fixture
def keys(key_folder: Path) -> Keys:
    """The same keys for the world and for the door."""
    return crypto.load_keys(key_folder)


@contextmanager
def open_door(database_url: str, key_folder: Path, world: World) -> Iterator[Door]:
    """The door to a world, in this process."""
    settings = Settings(database_url=database_url, keys=key_folder, sandbox=True, pool_size=8, redis_url=None)
    app = create(settings)
    context = app.state.context
    callers = replace(context.callers, business=world.business)
    app.state.context = replace(context, business=world.business, callers=callers)
    app.state.context.door.collector.business = world.business
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield Door(client, world)


@pytest.fixture
def door(database_url: str, key_folder: Path, world: World) -> Iterator[Door]:
    """A door of this test alone."""
    with open_door(database_url, key_folder, world) as opened:
        yield opened


@pytest.fixture
def other_door(database_url: str, key_folder: Path, world: World, door: Door) -> Iterator[Door]:
    """The same world through another process of the API, as far as one process can be two."""
    with open_door(database_url, key_folder, world) as opened:
        yield opened
