"""Lives a life in a process of its own, as far as a crash point: `python -m tests.chaos.crash_runner`.

Reads a job a line, {"url", "keys", "key", "first", "crash"}, and answers each with {"reached", "met", "end"}. It has
loaded and compiled everything before and forks for each job, so that a life takes a second and not four.
"""

import json
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.door import heard
from api.main import application
from core.inbox import inbox
from core.policy import rulebooks
from core.store import scopes
from core.store.database import Database
from tests.chaos import boundaries
from tests.chaos.life import Life
from tests.chaos.poisoned_worker import spread
from tests.world import DISTRICT


def run() -> None:
    """Serve jobs until standard input ends."""
    spread()
    # Five attempts in a moment: how long to wait between them is tested elsewhere.
    inbox.FIRST_PAUSE_SECONDS = 0.001
    # What was heard of feeds is written when the clock is asked to move; a thread that does so every two seconds would
    # come first or not, as fast as this machine is.
    heard.SECONDS = 3600
    # Described once, its addresses need not be put together again by every life.
    app = application(with_sandbox=True)
    app.openapi()
    is_warm = False
    for line in sys.stdin:
        job = json.loads(line)
        if not is_warm:
            _warm(job["url"])
            is_warm = True
        print(json.dumps(_supervise(job, app)), flush=True)


def _warm(url: str) -> None:
    """Compile the rules once; no connection may be open when a process forks."""
    database = Database(url)
    with database.transaction(scopes.everywhere()) as session:
        rulebooks.of_district(session, DISTRICT)
        rulebooks.calendar(session, DISTRICT)
    database.dispose()


def _supervise(job: Mapping[str, Any], app: FastAPI) -> dict[str, Any]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # The product logs to standard output, which is for answers.
        with os.fdopen(writer, "w", buffering=1) as out:
            _live(job, app, lambda word, what: out.write(f"{word} {what}\n"))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        lines = [line.rstrip("\n").partition(" ") for line in told]
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found: dict[str, list[str]] = {word: [rest for each, _, rest in lines if each == word] for word in _WORDS}
    reached = job["first"] + len(found["done"])
    end = "killed" if code == -signal.SIGKILL else "\n".join(found["failed"]) or ("over" if code == 0 else str(code))
    return {"reached": reached, "met": found["met"], "end": end}


_WORDS = ("done", "met", "failed")


def _live(job: Mapping[str, Any], app: FastAPI, tell: Any) -> None:
    """Take the steps from the first one on; die at the crash point, if there is one."""
    crash = job["crash"]
    times: Counter[str] = Counter()

    def met(name: str) -> None:
        tell("met", name)
        times[name] += 1
        if crash and [name, times[name]] == crash:
            os.kill(os.getpid(), signal.SIGKILL)

    boundaries.watch(met)
    try:
        life = Life(job["url"], Path(job["keys"]), job["key"], app)
        for name, step in life.steps()[job["first"] :]:
            step()
            tell("done", name)
    except BaseException:
        tell("failed", json.dumps(traceback.format_exc()))
        os._exit(1)


if __name__ == "__main__":
    run()
