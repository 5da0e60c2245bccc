"""What tests do to a database behind the product's back, as the embedded server's superuser."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine

from cli.embedded.postgres import SUPERUSER, as_role
from core.store.database import sqlalchemy_url


@contextmanager
def behind(url: str) -> Iterator[Connection]:
    """One transaction for which no scope and no privilege counts."""
    engine = create_engine(sqlalchemy_url(as_role(url, SUPERUSER)), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
