"""What a process owes to those beside it: it does not outlive its parent, and lets those go first who hurry."""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

LAST_SECONDS = 10


def stop_with_parent(last_seconds: float = LAST_SECONDS) -> None:
    """Stop this process when the one that started it is gone; without TANFANG_SUPERVISED=1 nothing happens.

    The parent holds the other end of our standard input. Its end, SIGKILL included, is read here as end of file.
    `last_seconds`: how long the process may take to stop by itself.
    """
    if os.environ.get("TANFANG_SUPERVISED") == "1":
        threading.Thread(target=_watch, args=(last_seconds,), name="stop-with-parent", daemon=True).start()


def let_others_go_first(nice: int) -> None:
    """Leave the processor to those somebody waits for; `nice` as the system counts it, 0 to 19."""
    os.nice(nice)
    # Linux weighs sessions against each other, too, and every process of `tanfang up` has one of its own. Who shares
    # one, with a shell or with tests, leaves its weight alone.
    if os.getsid(0) != os.getpid():
        return
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(nice))


def _watch(last_seconds: float) -> None:
    # The descriptor and not sys.stdin: a thread blocked in sys.stdin holds its lock and stalls the interpreter's end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(last_seconds)
    os._exit(1)
