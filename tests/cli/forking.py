"""Runs `tanfang` commands, each in a process forked from this one: `python -m tests.cli.forking`.

Reads a command a line, {"arguments", "environment", "out", "err"}, and answers each with its exit code. Everything is
loaded here once, which takes most of the time of a short command.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import cli.accounts
import cli.calendar
import cli.doctor
import cli.embedded.valkey
import cli.imports
import cli.listing  # noqa: F401
from cli.main import app


def run() -> None:
    """Serve commands until standard input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _command(asked)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _command(asked: Mapping[str, Any]) -> None:
    """Become a command as the shell would start it; does not return."""
    for number, path, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY),
        (2, asked["err"], os.O_WRONLY),
    ):
        os.dup2(os.open(path, mode), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["tanfang", *asked["arguments"]]
    # As at the start of an interpreter: text streams on the new descriptors, with nothing read ahead.
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    code = 1
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
