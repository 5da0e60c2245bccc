"""What every embedded server looks like to its user: where it is, whether it was already there, how to stop it."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

# The kernel's limit for the path of a Unix socket is 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_BYTES = 103

Say = Callable[[str], None]


class CommandFailed(Exception):
    """A command cannot go on; the message says why and what would help."""


class ServerUnavailable(CommandFailed):
    """An embedded server could not be started or reached; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `adopted` is true when it was running before we came; `owner_url` is a database's alone."""

    url: str
    adopted: bool
    running: Callable[[], bool]
    stop: Callable[[], None]
    owner_url: str | None = None


def say_to_stderr(text: str) -> None:
    """Tell the person at the shell, leaving stdout to what was asked for."""
    print(text, file=sys.stderr, flush=True)


def socket_folder(wanted: Path, longest_name: str, owner: int) -> Path:
    """A private folder (0700) of user `owner` for sockets: `wanted`, or a temporary one when its path is too long."""
    # PostgreSQL reads a comma in the setting as the start of a second folder.
    if len(os.fsencode(wanted / longest_name)) > SOCKET_PATH_BYTES or "," in str(wanted):
        name = sha256(os.fsencode(wanted)).hexdigest()[:16]
        wanted = Path(tempfile.gettempdir()) / f"tanfang-{os.geteuid()}-{name}"
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = wanted.lstat()
    # Another user may have been there first: the temporary folder is everybody's, and its names can be guessed.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), owner):
        raise ServerUnavailable(f"{wanted} should be a folder of our own and is not; remove it and try again.")
    wanted.chmod(0o700)
    if found.st_uid != owner:
        os.chown(wanted, owner, -1)
    return wanted


def command_of(pid: int) -> str | None:
    """The command line of a process, or None when there is none with this id."""
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return None
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
