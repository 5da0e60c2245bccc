"""The embedded servers: started once, shared, adopted after a kill, stopped by the last who used them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from cli.embedded.folder import servers, start_postgres, start_valkey
from cli.embedded.servers import Server, ServerUnavailable, socket_folder
from core.settings import Settings
from core.store.database import libpq_url
from tests.cli.running import stop_servers

FAST = {"fsync": "off", "shared_buffers": "16MB"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever runs in it when the test is over is stopped."""
    yield tmp_path / "data"
    stop_servers(tmp_path / "data")


def number_of(server: Server) -> int:
    """How many answers the database has noted, this one included."""
    with psycopg.connect(libpq_url(server.owner_url or ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (n int)")
        connection.execute("INSERT INTO note VALUES (1)")
        found = connection.execute("SELECT count(*) FROM note").fetchone()
    assert found is not None
    return int(found[0])


def settings_for(folder: Path) -> Settings:
    return Settings(data=folder, database_url=None, redis_url=None)


def test_postgres_keeps_what_was_committed_when_it_is_stopped_and_started(folder: Path) -> None:
    first = start_postgres(folder, FAST)
    assert number_of(first) == 1
    first.stop()
    assert not first.running()
    second = start_postgres(folder, FAST)
    assert not second.adopted
    assert number_of(second) == 2


def test_a_running_postgres_is_adopted(folder: Path) -> None:
    first = start_postgres(folder, FAST)
    second = start_postgres(folder, FAST)
    assert (first.adopted, second.adopted) == (False, True)
    assert first.url == second.url


def test_a_killed_postgres_is_started_again_without_loss(folder: Path) -> None:
    first = start_postgres(folder, FAST)
    number_of(first)
    os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    while first.running():
        pass
    assert number_of(start_postgres(folder, FAST)) == 2


def test_the_number_of_a_dead_postgres_carried_by_another_process_does_not_stop_the_start(folder: Path) -> None:
    first = start_postgres(folder, FAST)
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    first.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert number_of(start_postgres(folder, FAST)) == 1


def test_a_data_folder_may_hold_foreign_files_and_have_a_long_name_with_spaces(tmp_path: Path) -> None:
    folder = tmp_path / ("街镇 data, " + "long" * 20)
    folder.mkdir()
    (folder / "notes.txt").write_text("not ours")
    server = start_postgres(folder, FAST)
    try:
        assert number_of(server) == 1
    finally:
        server.stop()
    assert (folder / "notes.txt").read_text() == "not ours"


def test_postgres_and_valkey_are_reached_through_folders_nobody_else_can_enter(folder: Path) -> None:
    start_postgres(folder, FAST)
    start_valkey(folder)
    for name in ("postgres", "valkey"):
        assert (folder / "run" / name).stat().st_mode & 0o077 == 0


def test_a_socket_folder_made_by_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ServerUnavailable, match="folder of our own"):
        socket_folder(tmp_path / "sockets", "any.sock", os.geteuid())


def test_a_running_valkey_is_adopted_and_stops_when_told(folder: Path) -> None:
    first = start_valkey(folder)
    second = start_valkey(folder)
    assert (first.adopted, second.adopted) == (False, True)
    assert redis.Redis.from_url(second.url).ping()
    second.stop()
    assert not first.running()


def test_the_last_user_of_a_data_folder_stops_its_servers(folder: Path) -> None:
    with servers(settings_for(folder)) as outer:
        with servers(settings_for(folder)) as inner:
            assert inner.settings == outer.settings
        assert outer.lost() == []
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_a_server_that_dies_is_noticed_and_brought_back(folder: Path) -> None:
    with servers(settings_for(folder)) as found:
        start_valkey(folder).stop()
        assert found.lost() == ["Valkey"]
        found.start()
        assert found.lost() == []


def test_servers_that_the_settings_name_are_not_started(folder: Path) -> None:
    settings = Settings(data=folder, database_url="postgresql://db/tanfang", redis_url="redis://cache")
    with servers(settings) as found:
        assert found.settings == settings
    assert not (folder / "postgres").exists()


def test_after_a_kill_of_its_user_the_servers_run_on_and_are_adopted(folder: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from cli.embedded.folder import servers;"
            "from core.settings import Settings; block = servers(Settings(data=Path(sys.argv[1])));"
            "block.__enter__(); print('up', flush=True); time.sleep(60)",
            str(folder),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert start_postgres(folder, FAST).adopted
    assert start_valkey(folder).adopted
