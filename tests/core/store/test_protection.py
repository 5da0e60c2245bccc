"""What the log-in of the product can do at most, read from the catalogue and tried: whatever SQL reached it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import make_url

from cli.embedded import postgres as embedded
from cli.embedded.postgres import SUPERUSER, as_role
from core import migrations
from core.store.database import Database, libpq_url
from core.store.logins import LOGIN, OWNER
from core.store.models import metadata
from core.store.protection import GUARDS
from core.store.scopes import everywhere
from tests import earlier

# Never changed and never removed by the product; of a decision, that it was superseded is noted once.
# An attempt can be taken back; that it was made stands in the events of its task.
HISTORY = {
    *("coverage", "credit", "daily_digest", "decision", "escalation", "escalation_chain", "fact_entry"),
    *("policy", "task_event", "visit_version"),
}
CITUS_REFUSES = "SELECT"


@pytest.fixture(scope="module")
def filled(make_empty_database: Callable[[], str]) -> str:
    """A migrated database with rows in every table."""
    url = make_empty_database()
    earlier.load(url)
    embedded.prepare(earlier.sockets_of(url), str(make_url(url).database))
    migrations.migrate(as_role(url, OWNER), LOGIN)
    # No program of then counted any.
    with psycopg.connect(libpq_url(as_role(url, SUPERUSER))) as connection:
        connection.execute("INSERT INTO failure_count VALUES ('name', '\\x01', 1, now(), NULL)")
        connection.execute("INSERT INTO source_name SELECT code, '/somewhere', '某局' FROM district")
        connection.execute("INSERT INTO draft SELECT user_id, 'task:x', 1, '\\x01', now() FROM user_account")
    return url


@pytest.fixture
def login(filled: str) -> Iterator[psycopg.Connection]:
    """A session of the log-in with nothing set; what it does is taken back."""
    with psycopg.connect(libpq_url(filled)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def superuser(filled: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(libpq_url(as_role(filled, SUPERUSER))) as connection:
        yield connection
        connection.rollback()


def tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [row[0] for row in rows]


def count(connection: psycopg.Connection, table: str) -> int:
    [found] = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or (0,)
    return int(found)


# From the catalogue


def test_every_table_has_its_guard_and_a_new_one_without_is_not_migrated(superuser: psycopg.Connection) -> None:
    assert set(tables(superuser)) == set(GUARDS)
    superuser.execute("CREATE TABLE unguarded (n int)")
    assert set(tables(superuser)) != set(GUARDS)


def test_a_table_without_a_guard_stops_the_migration(database_url: str) -> None:
    with psycopg.connect(libpq_url(as_role(database_url, OWNER)), autocommit=True) as owner:
        owner.execute("CREATE TABLE unguarded (n int)")
    with pytest.raises(LookupError, match="unguarded"):
        migrations.migrate(as_role(database_url, OWNER), LOGIN)


def test_every_table_is_under_row_level_security_that_holds_for_its_owner_too(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for name, is_on, _ in rows if not is_on} == set()
    assert {name for name, _, is_forced in rows if not is_forced} == {"alembic_version"}


def test_policies_hold_for_everybody_and_have_the_form_that_citus_takes(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "SELECT c.relname, p.polroles = '{0}', p.polpermissive,"
        " coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')"
        " FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
    ).fetchall()
    assert {row[0] for row in rows} == set(GUARDS)
    for table, is_for_all, is_permissive, guard in rows:
        assert is_for_all, table
        assert is_permissive, table
        assert CITUS_REFUSES not in guard, table
        # Whatever it opens, it opens by a setting of ours.
        assert "current_setting('tanfang." in guard, table


def test_tenant_tables_are_guarded_by_a_range_of_codes(superuser: psycopg.Connection) -> None:
    tenants = {name for name, table in metadata.tables.items() if next(iter(table.primary_key)).name == "street_code"}
    guards = superuser.execute(
        "SELECT c.relname, pg_get_expr(polqual, polrelid) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        " WHERE polqual IS NOT NULL"
    ).fetchall()
    assert tenants <= {table for table, _ in guards}
    for table, guard in guards:
        if table in tenants:
            assert "(street_code)::text >= current_setting('tanfang.lo'" in guard, table
            assert "(street_code)::text < current_setting('tanfang.hi'" in guard, table


def test_privileges_are_those_that_stand_written_and_the_key_of_a_row_is_never_changed(
    login: psycopg.Connection,
) -> None:
    for table, guard in GUARDS.items():
        can = {
            privilege: login.execute("SELECT has_table_privilege(%s, %s)", [table, privilege]).fetchone()
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
        }
        expected = {"SELECT": True, "INSERT": guard.adds, "DELETE": guard.removes}
        assert {name: value for name, [value] in can.items() if value} == {k: v for k, v in expected.items() if v}, (
            table
        )
        if table not in metadata.tables:
            continue
        columns = metadata.tables[table].columns
        changed = {
            column.name
            for column in columns
            if login.execute("SELECT has_column_privilege(%s, %s, 'UPDATE')", [table, column.name]).fetchone()
            == (True,)
        }
        assert not changed & {column.name for column in columns if column.primary_key}, table
        if guard.changes != "all":
            assert changed == set(guard.changes), table


def test_history_is_only_added_to() -> None:
    for table in HISTORY:
        assert GUARDS[table].changes == (("superseded_at",) if table == "decision" else ()), table
        assert not GUARDS[table].removes, table


def test_the_log_in_owns_nothing_is_member_of_nothing_and_can_make_nothing(superuser: psycopg.Connection) -> None:
    roles = superuser.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit FROM pg_roles"
        " WHERE rolname IN (%s, %s)",
        [LOGIN, OWNER],
    ).fetchall()
    assert sorted(roles) == sorted((name, *[False] * 6) for name in (LOGIN, OWNER))
    owned = superuser.execute(
        "SELECT count(*) FROM pg_shdepend WHERE refobjid = %s::regrole AND deptype = 'o'", [LOGIN]
    )
    assert owned.fetchone() == (0,)
    assert superuser.execute("SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", [LOGIN]).fetchone() == (
        0,
    )


# Tried


def test_a_session_without_a_scope_sees_nothing_on_any_table(
    filled: str, login: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    held = {table: count(superuser, table) for table in tables(superuser)}
    # The district of the seeds apart, which the earlier database did not have, something is in each.
    assert all(held.values()), held
    assert {table: count(login, table) for table in held} == dict.fromkeys(held, 0)
    # Settings that were once set read as empty, not as never set.
    store = Database(filled, pool_size=1)
    with store.transaction(everywhere()) as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM resident").scalar_one()
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_setting('tanfang.lo', true)").scalar_one() == ""
        for table in held:
            assert connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one() == 0, table
    store.dispose()


def test_the_owner_without_a_scope_sees_nothing_either(filled: str) -> None:
    with psycopg.connect(libpq_url(as_role(filled, OWNER))) as owner:
        seen = {table: count(owner, table) for table in tables(owner)}
    assert {table for table, rows in seen.items() if rows} == {"alembic_version"}


@pytest.mark.parametrize(
    "statement",
    [
        f"SET ROLE {OWNER}",
        f"SET ROLE {SUPERUSER}",
        f"SET LOCAL ROLE {OWNER}",
        f"SELECT set_config('role', '{OWNER}', false)",
        f"SET SESSION AUTHORIZATION {OWNER}",
        f"SELECT set_config('session_authorization', '{SUPERUSER}', false)",
        f"GRANT {OWNER} TO {LOGIN}",
        f"ALTER ROLE {LOGIN} BYPASSRLS",
        f"ALTER ROLE {LOGIN} SUPERUSER",
        "CREATE ROLE another LOGIN",
        "SET session_replication_role = replica",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT rolpassword FROM pg_authid",
        "COPY resident FROM STDIN",
        "COPY (SELECT 1) TO '/tmp/out'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "LOCK TABLE fact_entry IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE task IN SHARE MODE",
        "CREATE TABLE mine (n int)",
        "CREATE TEMPORARY TABLE resident (n int)",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "CREATE POLICY open ON resident USING (true)",
        "DROP POLICY scope ON resident",
        "ALTER TABLE resident DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE resident NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE resident OWNER TO CURRENT_USER",
        "ALTER TABLE resident ADD COLUMN n int",
        "CREATE TRIGGER t AFTER INSERT ON resident EXECUTE FUNCTION pg_notify()",
        "CREATE INDEX ON resident (name)",
        "TRUNCATE resident",
        "DROP TABLE resident",
        "DELETE FROM resident",
        "UPDATE resident SET street_code = '310117002'",
        "UPDATE fact_entry SET entry = '{}'",
        "DELETE FROM fact_entry",
        "DELETE FROM decision",
        "UPDATE decision SET tier = 'none'",
        "UPDATE task_event SET what = 'x'",
        "UPDATE policy SET document = ''",
        "INSERT INTO street SELECT * FROM street",
        "UPDATE street SET name = ''",
        "UPDATE user_account SET role = 'district_officer'",
        "UPDATE alembic_version SET version_num = '0000'",
    ],
)
def test_what_only_others_may_is_refused_whatever_the_scope(filled: str, statement: str) -> None:
    store = Database(filled, pool_size=1)
    try:
        with store.transaction(everywhere()) as session:
            cursor = session.connection().connection.cursor()
            with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)) as refused:
                cursor.execute(statement)
            session.rollback()
        said = str(refused.value)
        assert "permission denied" in said or "must be" in said or "row-level security" in said, said
    finally:
        store.dispose()


def test_row_level_security_that_is_switched_off_answers_nothing_at_all(login: psycopg.Connection) -> None:
    login.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        login.execute("SELECT * FROM resident")


def test_copying_out_gives_no_more_than_reading(login: psycopg.Connection) -> None:
    with login.cursor().copy("COPY resident TO STDOUT") as copy:
        assert b"".join(bytes(piece) for piece in copy) == b""


def test_names_are_looked_up_where_the_owner_alone_makes_tables(filled: str) -> None:
    store = Database(filled, pool_size=1)
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW search_path").scalar_one() == "public,pg_temp"
    store.dispose()


def test_a_decision_is_superseded_once_and_stays_so(filled: str) -> None:
    store = Database(filled, pool_size=1)
    with store.transaction(everywhere()) as session:
        connection = session.connection()
        standing = connection.exec_driver_sql("SELECT count(*) FROM decision WHERE superseded_at IS NULL").scalar_one()
        superseded = "UPDATE decision SET superseded_at = now() WHERE superseded_at IS NULL"
        assert connection.exec_driver_sql(superseded).rowcount == standing > 0
        # Those that were are not found by an update any more, neither to be changed nor to be taken back.
        assert connection.exec_driver_sql("UPDATE decision SET superseded_at = now()").rowcount == 0
        assert connection.exec_driver_sql("UPDATE decision SET superseded_at = NULL").rowcount == 0
        session.rollback()
    store.dispose()


def test_who_may_see_what_is_said_for_the_log_in_that_the_settings_name(database_url: str) -> None:
    """Any name will do for the log-in, and the one before it is shut out."""
    with psycopg.connect(libpq_url(as_role(database_url, SUPERUSER)), autocommit=True) as server:
        server.execute('DROP ROLE IF EXISTS "another log-in"')
        server.execute('CREATE ROLE "another log-in" LOGIN')
    migrations.migrate(as_role(database_url, OWNER), '"another log-in"')
    with psycopg.connect(libpq_url(database_url), user="another log-in") as another:
        another.execute("SET tanfang.declared = '1'")
        assert count(another, "street") == 17
    with psycopg.connect(libpq_url(database_url)) as before, pytest.raises(errors.InsufficientPrivilege):
        count(before, "street")
    migrations.migrate(as_role(database_url, OWNER), LOGIN)
    with psycopg.connect(libpq_url(as_role(database_url, SUPERUSER)), autocommit=True) as server:
        server.execute('DROP ROLE "another log-in"')
