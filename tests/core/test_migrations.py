"""What an earlier program left comes up whole under this one, and belongs to the owner then, as embedded data too."""

import os
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, text

from cli.database import prepare
from cli.embedded.folder import Servers, servers
from cli.embedded.postgres import SETTINGS, SUPERUSER, Cluster, as_role, binaries, url_of
from cli.embedded.servers import CommandFailed
from core import clock, migrations
from core.alerts import entering, source_keys
from core.heartbeat import sweep
from core.organisation import streets
from core.residents import registration
from core.settings import Settings
from core.store import crypto, logins
from core.store.database import Database, libpq_url
from core.store.logins import LOGIN, OWNER
from core.store.models import Resident
from core.store.scopes import Scope, everywhere
from tests import earlier, entrance
from tests.conftest import FAST
from tests.world import DISTRICT, StoppedClock

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "roles.sh"
Contents = dict[str, tuple[list[str], list[str]]]
# What it was for is said by the districts now, and the revision by the program.
CHANGED = ("alembic_version", "street")
# Nothing ever stood in the one; what became of the other's sentences is told in core/store/test_problem_codes.py.
DROPPED = {("task", "details"), ("alert", "problem")}


def contents(url: str, columns: Contents | None = None) -> Contents:
    """Columns and rows of every table; of certain columns alone, where some are given."""
    found: Contents = {}
    with psycopg.connect(libpq_url(as_role(url, SUPERUSER))) as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            if columns is None:
                named = [
                    row[0]
                    for row in connection.execute(
                        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                        " AND NOT attisdropped ORDER BY attname",
                        [table],
                    )
                    if (table, row[0]) not in DROPPED
                ]
            elif table in columns:
                named = columns[table][0]
            else:
                continue
            query = sql.SQL("SELECT ROW({})::text FROM {} ORDER BY 1").format(
                sql.SQL(", ").join(map(sql.Identifier, named)), sql.Identifier(table)
            )
            found[table] = (named, [row[0] for row in connection.execute(query)])
    return found


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A data folder as that program left it: everything is the superuser's, and the role of the product no log-in."""
    folder = tmp_path / "data"
    cluster = Cluster(folder, print)
    cluster.prepare(sync=False)
    sockets = cluster.start({**SETTINGS, **FAST})
    try:
        with psycopg.connect(libpq_url(url_of(sockets, "postgres", SUPERUSER)), autocommit=True) as server:
            server.execute("CREATE ROLE tanfang_app NOLOGIN NOBYPASSRLS")
            server.execute("GRANT tanfang_app TO CURRENT_USER")
            server.execute("CREATE DATABASE tanfang")
        earlier.load(url_of(sockets, "tanfang", LOGIN))
    finally:
        cluster.stop()
    earlier.write_keys(folder / "keys")
    return folder


def test_a_data_folder_of_an_earlier_program_comes_up_with_everything_in_it(
    old_folder: Path, make_empty_database: Callable[[], str]
) -> None:
    reference = make_empty_database()
    earlier.load(reference)
    before = contents(reference)
    assert all(rows for _, rows in before.values())
    settings = Settings(data=old_folder, database_url=None, redis_url=None)
    with servers(settings, broker=False) as found:
        prepare(found)
        url = found.settings.database_url or ""
        after = contents(url, before)
        assert after.keys() == before.keys()
        for table in before.keys() - set(CHANGED):
            assert after[table] == before[table], table
        assert [row for row in before["street"][1] if row not in after["street"][1]] == [
            "(310117,district,松江区,2023-06-30,)"
        ]
        _is_in_order(url)
        _works(url, old_folder / "keys")
        # A second time there is nothing to do.
        prepare(found)
        assert contents(url, before) == contents(url, before)


def _is_in_order(url: str) -> None:
    """The owner owns everything, the log-in nothing, and neither can become anybody."""
    with psycopg.connect(libpq_url(as_role(url, SUPERUSER))) as connection:
        owners = connection.execute(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchall()
        assert owners == [(OWNER,)]
        assert connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone() == (OWNER,)
        members = connection.execute(
            "SELECT 1 FROM pg_auth_members WHERE member IN (%s::regrole, %s::regrole)"
            " OR roleid IN (%s::regrole, %s::regrole)",
            [LOGIN, OWNER, LOGIN, OWNER],
        )
        assert members.fetchall() == []
        assert connection.execute(
            "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", [OWNER]
        ).fetchone() == (
            False,
            False,
        )
    store = Database(url, pool_size=2)
    with store.transaction(Scope()) as session:
        assert logins.flaw(session) is None
        assert not migrations.is_behind(session)
    store.dispose()


def _works(url: str, key_folder: Path) -> None:
    """Whoever worked there signs in, the old key opens the door, what was sealed opens, and what waited is done."""
    store, keys = Database(url, pool_size=4), crypto.load_keys(key_folder)
    user = entrance.sign_in(store, keys, "street_manager-3").user
    assert (user.district, user.street) == (DISTRICT, "310117001")
    with store.transaction(Scope(key=crypto.digest(earlier.UPSTREAM_KEY))) as session:
        caller = source_keys.caller(session, earlier.UPSTREAM_KEY)
    assert (caller.district, len(caller.secrets)) == (DISTRICT, 1)
    assert streets.known(store).districts == {DISTRICT: "松江区"}
    with store.transaction(everywhere()) as session:
        for row in session.execute(text("SELECT alert_id, body FROM alert")):
            entering.open_body(keys, row.alert_id, bytes(row.body))
        for resident in session.execute(text("SELECT street_code, resident_id FROM resident")).all():
            assert registration.unseal(keys, session.get_one(Resident, tuple(resident)), "id_number")
        [city] = session.execute(text("SELECT code, name, city_code, city FROM district")).all()
        assert tuple(city) == (DISTRICT, "松江区", "3101", "上海市")
        [lines] = session.execute(
            text(
                "SELECT count(*), count(*) FILTER (WHERE e.resident_id = t.resident_id) FROM task_event e"
                " JOIN task t USING (street_code, task_id)"
            )
        ).all()
        assert lines[0] == lines[1] > 0
        assert session.execute(text("SELECT bool_and(cardinality(resident_ids) = 1) FROM visit")).scalar_one()
    waiting = "SELECT count(*) FROM alert WHERE status = 'accepted'"
    with store.transaction(everywhere()) as session:
        assert session.execute(text(waiting)).scalar_one() == 1
    sweep.until_quiet(store, keys, StoppedClock(clock.at(date(2026, 5, 12), 10)))
    with store.transaction(everywhere()) as session:
        assert session.execute(text(waiting)).scalar_one() == 0
    store.dispose()


def _named(url: str, owner_url: str | None, data: Path, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """Servers that are not ours to start, as settings and environment name them."""
    if owner_url is None:
        monkeypatch.delenv("TANFANG_OWNER_URL", raising=False)
    else:
        monkeypatch.setenv("TANFANG_OWNER_URL", owner_url)
    return Servers(Settings(database_url=url, data=data), broker=False, say=print)


def test_a_foreign_database_is_migrated_only_as_the_owner_that_is_named(
    make_empty_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_empty_database()
    # Empty, and of an earlier program: neither is touched without its owner.
    for fill in (lambda: None, lambda: _hand_over(url)):
        fill()
        before = contents(url)
        for migrates in (False, True):
            with pytest.raises(CommandFailed, match="TANFANG_OWNER_URL"):
                prepare(_named(url, None, tmp_path, monkeypatch), migrates=migrates)
        assert contents(url) == before
    earlier.write_keys(tmp_path / "keys")
    prepare(_named(url, as_role(url, OWNER), tmp_path, monkeypatch), migrates=True)
    # From now on the log-in alone will do.
    prepare(_named(url, None, tmp_path, monkeypatch))
    _is_in_order(url)


def _hand_over(url: str) -> None:
    from cli.embedded import postgres

    earlier.load(url)
    postgres.prepare(earlier.sockets_of(url), str(make_url(url).database))


@pytest.mark.parametrize("role", [SUPERUSER, OWNER])
def test_nothing_runs_as_the_superuser_or_as_the_owner(
    role: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandFailed, match="登录角色"):
        prepare(_named(as_role(database_url, role), None, tmp_path, monkeypatch))
    store = Database(as_role(database_url, role), pool_size=1)
    with store.transaction(Scope()) as session:
        assert logins.flaw(session)
    store.dispose()


def test_what_was_changed_about_who_may_see_what_is_put_right_by_the_next_migration(database_url: str) -> None:
    store = Database(database_url, pool_size=1)
    with psycopg.connect(libpq_url(as_role(database_url, SUPERUSER)), autocommit=True) as connection:
        connection.execute("DROP POLICY scope ON resident")
        connection.execute("GRANT DELETE ON fact_entry TO PUBLIC")
        connection.execute("COMMENT ON TABLE alembic_version IS 'of another program'")
    with store.transaction(Scope()) as session:
        assert migrations.is_behind(session)
    migrations.migrate(as_role(database_url, OWNER), LOGIN)
    with store.transaction(Scope()) as session:
        assert not migrations.is_behind(session)
        granted: Any = session.execute(
            text(
                "SELECT has_table_privilege('fact_entry', 'DELETE'), (SELECT count(*) FROM pg_policy"
                " WHERE polrelid = 'resident'::regclass)"
            )
        ).one()
    assert tuple(granted) == (False, 1)
    store.dispose()


def test_the_script_of_docker_compose_makes_the_same_roles_and_hands_over_what_is_there(
    old_folder: Path,
) -> None:
    cluster = Cluster(old_folder, print)
    cluster.prepare(sync=False)
    sockets = cluster.start({**SETTINGS, **FAST})
    url = url_of(sockets, "tanfang", LOGIN)
    environment = {
        "PATH": f"{binaries()}:{os.environ['PATH']}",
        "PGHOST": str(sockets),
        "POSTGRES_USER": SUPERUSER,
        "POSTGRES_DB": "tanfang",
        "TANFANG_OWNER_PASSWORD": "it's the owner's",
        "TANFANG_LOGIN_PASSWORD": "x",
    }
    try:
        # The image runs it once; by hand it may be run again.
        for _ in range(2):
            subprocess.run(["bash", ROLES], check=True, env=environment, capture_output=True, cwd="/")
        migrations.migrate(as_role(url, OWNER), LOGIN)
        _is_in_order(url)
    finally:
        cluster.stop()
