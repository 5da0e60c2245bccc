"""Somebody to tell, and somewhere to tell it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.organisation.users import User
from core.store import crypto
from core.store.crypto import Keys
from tests.receivers import Receiver, http_receiver
from tests.world import World


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notification-keys")


@pytest.fixture
def keys(key_folder: Path) -> Keys:
    return crypto.ensure_keys(key_folder)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture
def advisor(world: World) -> User:
    return world.user()
