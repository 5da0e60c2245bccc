"""Runs the migrations, as the database's owner."""

import os

from alembic import context
from sqlalchemy import create_engine, pool

from core.store.database import sqlalchemy_url
from core.store.models import metadata


def run() -> None:
    """Every revision in one transaction: a migration happens whole or not at all."""
    url = context.config.attributes.get("url") or sqlalchemy_url(os.environ["TANFANG_DATABASE_URL"])
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            # Two programs may start at once; the second waits here and then finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7205759403792)")
            context.run_migrations()


run()
