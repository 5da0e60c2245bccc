"""What a process started by `tanfang up` does for its parent: it does not outlive it."""

import os
import signal
import threading
import time

LAST_SECONDS = 10


def stop_with_parent() -> None:
    """Stop this process when the one that started it is gone; without TANFANG_SUPERVISED=1 nothing happens.

    The parent holds the other end of our standard input. Its end, SIGKILL included, is read here as end of file.
    """
    if os.environ.get("TANFANG_SUPERVISED") == "1":
        threading.Thread(target=_watch, name="stop-with-parent", daemon=True).start()


def _watch() -> None:
    # The descriptor and not sys.stdin: a thread blocked in sys.stdin holds its lock and stalls the interpreter's end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)
