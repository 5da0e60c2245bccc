"""What the doctor says about the roles of the database, and about who may see what in it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from cli.embedded.postgres import SUPERUSER, as_role
from core.store.database import libpq_url
from core.store.logins import OWNER
from tests.cli.commands import Tanfang


def doctor(tanfang: Tanfang, url: str, data: Path) -> tuple[int, dict[str, str]]:
    """Its exit code, and what it said by what it is about."""
    done = tanfang("doctor", "--data", data, TANFANG_DATABASE_URL=url)
    assert "Traceback" not in done.stderr
    said = (line.split(maxsplit=2) for line in done.stdout.splitlines())
    return done.returncode, {words[1]: f"{words[0]} {words[2]}" for words in said if len(words) == 3}


def test_the_log_in_is_in_order(tanfang: Tanfang, database_url: str, tmp_path: Path) -> None:
    _, said = doctor(tanfang, database_url, tmp_path)
    assert said["数据库角色"].rstrip() == "✓ 登录角色不拥有任何东西，只看得到范围以内的数据。"
    assert said["迁移"].startswith("✓")


@pytest.mark.parametrize(("role", "why"), [(SUPERUSER, "超级用户"), (OWNER, "拥有数据表")])
def test_any_other_role_is_named_with_what_is_wrong_about_it(
    tanfang: Tanfang, database_url: str, tmp_path: Path, role: str, why: str
) -> None:
    code, said = doctor(tanfang, as_role(database_url, role), tmp_path)
    assert code == 1
    assert said["数据库角色"].startswith("✗")
    assert why in said["数据库角色"]
    assert "docs/database-roles.md" in said["数据库角色"]


def test_a_database_that_nobody_migrated_is_told_from_one_that_is_away(
    tanfang: Tanfang, make_empty_database: Callable[[], str], tmp_path: Path
) -> None:
    code, said = doctor(tanfang, make_empty_database(), tmp_path)
    assert code == 1
    assert said["数据库"].startswith("✓")
    assert "还没有迁移" in said["迁移"]


def test_guards_that_are_not_those_of_the_program_are_told(tanfang: Tanfang, database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(libpq_url(as_role(database_url, SUPERUSER)), autocommit=True) as connection:
        connection.execute("COMMENT ON TABLE alembic_version IS 'of another program'")
    code, said = doctor(tanfang, database_url, tmp_path)
    assert code == 1
    assert "谁能看到什么" in said["迁移"]
