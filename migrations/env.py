"""Runs the migrations, as the database's owner."""

import os
from typing import Any, Final

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from core.store.database import sqlalchemy_url
from core.store.models import metadata

# Whoever waits for a table makes everybody after them wait, too, and whoever changes it makes them wait as long as that
# takes. So each revision begins with these; one that needs longer says so itself (see script.py.mako).
LIMITS: Final = ("SET LOCAL lock_timeout = '4s'", "SET LOCAL statement_timeout = '5min'")


def limit(connection: Connection) -> None:
    """Give the next revision the time that all have, whatever the one before took for itself."""
    for setting in LIMITS:
        connection.exec_driver_sql(setting)


def run() -> None:
    """Every revision in one transaction: a migration happens whole or not at all."""
    url = context.config.attributes.get("url") or sqlalchemy_url(os.environ["TANFANG_DATABASE_URL"])
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:

        def applied(**_: Any) -> None:
            limit(connection)

        context.configure(connection=connection, target_metadata=metadata, compare_type=True, on_version_apply=applied)
        with context.begin_transaction():
            # Two programs may start at once; the second waits here, unlimited, and then finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7205759403792)")
            limit(connection)
            context.run_migrations()


run()
