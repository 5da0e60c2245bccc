"""Databases as earlier programs left them."""

from collections.abc import Callable

import pytest
from alembic import command

from cli.embedded.postgres import as_role
from core import migrations
from core.store.logins import LOGIN, OWNER


@pytest.fixture
def database_at(make_empty_database: Callable[[], str]) -> Callable[[str], str]:
    """Makes a database of some revision, and returns its address as the owner."""

    def make(revision: str) -> str:
        url = as_role(make_empty_database(), OWNER)
        command.upgrade(migrations.configuration(url, LOGIN), revision)
        return url

    return make
