"""The HTTP door in front of a real database; time stands still until a test moves it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import Session

from api.evaluation.evaluators import Evaluators
from core.store import crypto
from core.store.crypto import Keys
from core.store.scopes import Scope
from tests import foreign
from tests.api.door import Door, open_door
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


class _Evaluators(Evaluators):
    """Processes that outlive a door, since starting one takes a second; they hold nothing of anybody's."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def evaluators() -> Iterator[Evaluators]:
    """Where the rules are evaluated for the doors of this run."""
    shared = _Evaluators()
    yield shared
    Evaluators.close(shared)


@pytest.fixture
def door(database_url: str, key_folder: Path, world: World, evaluators: Evaluators) -> Iterator[Door]:
    """A door of this test alone; whatever it asked, nobody's transactions could have seen a row that is not theirs."""
    scopes: set[Scope] = set()

    def note(session: Session, *_: object) -> None:
        scope: Scope | None = session.info.get("scope")
        if scope is not None and scope.user is not None and session.get_bind() is not world.database.engine:
            # The name and the token that somebody shows who signs in open what they show.
            scopes.add(replace(scope, username="", token=b""))

    event.listen(Session, "after_begin", note)
    try:
        with open_door(database_url, key_folder, world, evaluators) as opened:
            yield opened
    finally:
        event.remove(Session, "after_begin", note)
    for scope in scopes:
        assert scope.user is not None
        assert list(foreign.rows(world.database, scope.user, scope)) == []


@pytest.fixture
def other_door(database_url: str, key_folder: Path, world: World, door: Door, evaluators: Evaluators) -> Iterator[Door]:
    """The same world through another process of the API, as far as one process can be two."""
    with open_door(database_url, key_folder, world, evaluators) as opened:
        yield opened
