"""Runs the migrations, as the database's owner, and has the last word on who may see what."""

import os
import re
from typing import Any, Final

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event, pool

from core.store import protection
from core.store.database import login_of, sqlalchemy_url
from core.store.models import metadata

# Early migrations made the role of the product, took it on, and said table by table what it may see. Roles are made
# before now, by whoever set up the server, and the owner cannot make any; the rest is said by `core.store.protection`.
_SAID_ELSEWHERE: Final = re.compile(
    r"\s*(DO \$\$\s*BEGIN\s*CREATE ROLE"
    r"|(GRANT|REVOKE)\s"
    r"|(CREATE|ALTER|DROP) POLICY\s"
    r"|ALTER TABLE \S+ (NO )?(ENABLE|DISABLE|FORCE) ROW LEVEL SECURITY)",
    re.DOTALL,
)
# Whoever waits for a table makes everybody after them wait, too, and whoever changes it makes them wait as long as that
# takes. So each revision begins with these; one that needs longer says so itself (see script.py.mako).
LIMITS: Final = ("SET LOCAL lock_timeout = '4s'", "SET LOCAL statement_timeout = '5min'")


def limit(connection: Connection) -> None:
    """Give the next revision the time that all have, whatever the one before took for itself."""
    for setting in LIMITS:
        connection.exec_driver_sql(setting)


def run() -> None:
    """Every revision in one transaction: a migration happens whole or not at all."""
    attributes = context.config.attributes
    url = attributes.get("url") or sqlalchemy_url(os.environ["TANFANG_OWNER_URL"])
    login = attributes.get("login") or login_of(os.environ["TANFANG_DATABASE_URL"])
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:

        def applied(**_: Any) -> None:
            limit(connection)

        context.configure(connection=connection, target_metadata=metadata, compare_type=True, on_version_apply=applied)
        with context.begin_transaction():
            # Two programs may start at once; the second waits here, unlimited, and then finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7205759403792)")
            limit(connection)
            present = MigrationContext.configure(connection).get_current_revision()
            wanted = context.get_revision_argument()
            if present != wanted:
                _move(connection)
            if wanted == context.get_head_revision():
                protection.protect(connection, login, anew=present != wanted)


def _move(connection: Connection) -> None:
    protection.lift(connection)
    event.listen(connection, "before_cursor_execute", _leave_out, retval=True)
    context.run_migrations()
    event.remove(connection, "before_cursor_execute", _leave_out)


def _leave_out(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    return ("SELECT" if _SAID_ELSEWHERE.match(statement) else statement), parameters


run()
