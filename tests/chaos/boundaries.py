"""Where transactions end: each commit that wrote something, named by the code that asked for it.

Nothing in the product knows of these names. They are found by watching the driver, so that a transaction written
tomorrow has a name, and is crashed at, without anybody listing it.
"""

import sys
from collections.abc import Callable
from contextvars import ContextVar

import psycopg
from psycopg.pq import TransactionStatus

DOORS = ("api.", "worker.", "core.")
# It opens transactions for everybody; whoever asked it to is the one to name.
OPENER = "core.store.database"
MOMENTS = ("before", "after")

# Which address is being served: the dependency that commits for the routes is the same for all of them.
serving: ContextVar[str] = ContextVar("serving", default="")


def watch(met: Callable[[str], None]) -> None:
    """Call `met("<name> before")` and `met("<name> after")` around every commit of this process that wrote."""
    commit = psycopg.Connection.commit

    def watched(self: "psycopg.Connection[object]") -> None:
        name = _name() if _wrote(self) else None
        if name is not None:
            met(f"{name} before")
        commit(self)
        if name is not None:
            met(f"{name} after")

    psycopg.Connection.commit = watched


def _wrote(connection: "psycopg.Connection[object]") -> bool:
    """Whether the transaction has a number of its own: one that only looked has none, and leaves no trace."""
    if connection.pgconn.transaction_status != TransactionStatus.INTRANS:
        return False
    return connection.pgconn.exec_(b"SELECT pg_current_xact_id_if_assigned()").get_value(0, 0) is not None


def _name() -> str | None:
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(DOORS) and module != OPENER:
            # The line tells two transactions of one function apart.
            where = f"{module}.{frame.f_code.co_qualname}:{frame.f_lineno}"
            return f"{where} ({serving.get()})" if serving.get() else where
        frame = frame.f_back
    return None
