"""`tanfang` commands, each in a process of its own, and what they printed."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import processes

Done = subprocess.CompletedProcess[str]
# `tanfang(*arguments, **environment)`
Tanfang = Callable[..., Done]


def from_the_shell(*arguments: object, **environment: str) -> Done:
    """Run a command as the shell does, with an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=processes.environment(environment),
        stdin=subprocess.DEVNULL,
        check=False,
    )


@contextmanager
def forked(folder: Path) -> Iterator[Tanfang]:
    """The same without the second and a half that loading takes: commands are forked from what has loaded everything.

    `folder` holds what they print.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.forking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=processes.environment(),
    ) as forking:
        assert forking.stdin is not None
        assert forking.stdout is not None
        wanted, codes = forking.stdin, forking.stdout

        def tanfang(*arguments: object, **environment: str) -> Done:
            words = [str(each) for each in arguments]
            out, err = folder / "out", folder / "err"
            for file in (out, err):
                file.write_bytes(b"")
            asked = {"arguments": words, "environment": processes.environment(environment)}
            wanted.write(json.dumps({**asked, "out": str(out), "err": str(err)}) + "\n")
            wanted.flush()
            code = int(codes.readline())
            return subprocess.CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))

        try:
            yield tanfang
        finally:
            processes.kill(forking)
