"""A worker to which two kinds of news are poison: `python -m tests.chaos.poisoned_worker`.

Nothing in the product knows of it. Poison comes in through the door like all news; it acts when its body is opened.
"""

import os
import signal

from core.store.crypto import Keys

RAISES = "poison: raises"
KILLS = "poison: kills"


class Poisoned(Exception):
    """What a mistake in the product would raise."""


def spread() -> None:
    """From now on the opening of a poisoned body fails, or takes this process along."""
    opened = Keys.open

    def open_poisoned(self: Keys, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        plain = opened(self, sealed, table=table, column=column, row=row)
        if KILLS.encode() in plain:
            os.kill(os.getpid(), signal.SIGKILL)
        if RAISES.encode() in plain:
            raise Poisoned
        return plain

    Keys.open = open_poisoned


if __name__ == "__main__":
    from worker.main import run

    spread()
    run()
