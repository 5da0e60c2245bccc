"""The roles: the owner of the tables, for migrations alone, and the log-in of API and workers, which owns nothing.

Whoever set up the server makes both. For the embedded server that is its superuser, which does nothing else.
"""

from collections.abc import Callable
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlmodel import Session

OWNER: Final = "tanfang_owner"
LOGIN: Final = "tanfang_app"
# A log-in and nothing else: row-level security holds for it, and there is nobody it could become.
_PLAIN: Final = "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_ROLES: Final = (
    "SELECT rolname, rolcanlogin AND NOT (rolinherit OR rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication"
    " OR rolbypassrls) FROM pg_roles WHERE rolname = ANY (%s)"
)
_DATABASE: Final = (
    "SELECT pg_get_userbyid(datdba), has_database_privilege('public', oid, 'TEMP') FROM pg_database"
    " WHERE datname = %(name)s"
)
_MEMBERSHIPS: Final = (
    "SELECT m.rolname, g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member"
    " JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname = ANY (%s) OR g.rolname = ANY (%s)"
)
_NOT_THE_OWNERS: Final = (
    "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname <> %s"
    " AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
)


def establish(connect: Callable[[str], psycopg.Connection], database: str) -> None:
    """Make what is missing: both roles, the database; and give the owner what is not theirs yet.

    `connect` opens a database as the superuser. Twice is harmless.
    """
    with connect("postgres") as server:
        _make_roles(server)
        found = server.execute(_DATABASE, {"name": database}).fetchone()
        if found is None:
            _execute(server, "CREATE DATABASE {} OWNER {}", database, OWNER)
        elif found[0] != OWNER:
            _execute(server, "ALTER DATABASE {} OWNER TO {}", database, OWNER)
        if found is None or found[1]:
            # Nobody makes tables of their own beside those of the product.
            _execute(server, "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", database)
    with connect(database) as inside:
        for [table] in inside.execute(_NOT_THE_OWNERS, [OWNER]).fetchall():
            _execute(inside, "ALTER TABLE {} OWNER TO {}", table, OWNER)


def _make_roles(server: psycopg.Connection) -> None:
    roles = [OWNER, LOGIN]
    plain: dict[str, bool] = dict(server.execute(_ROLES, [roles]).fetchall())
    for role in roles:
        if role not in plain:
            _execute(server, f"CREATE ROLE {{}} {_PLAIN}", role)
        elif not plain[role]:
            _execute(server, f"ALTER ROLE {{}} {_PLAIN}", role)
    for member, group in server.execute(_MEMBERSHIPS, [roles, roles]).fetchall():
        _execute(server, "REVOKE {} FROM {}", group, member)


def _execute(connection: psycopg.Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


_LOOK: Final = """
SELECT r.rolsuper AS is_superuser, r.rolbypassrls AS bypasses, r.rolcreaterole OR r.rolcreatedb AS makes_others,
  EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS is_member,
  EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace) AS owns
FROM pg_roles r WHERE r.rolname = current_user
"""
_FLAWS: Final = {
    "is_superuser": "是数据库的超级用户，行级安全对它不起作用",
    "bypasses": "可以绕过行级安全（BYPASSRLS）",
    "makes_others": "可以创建角色或数据库",
    "is_member": "是其他角色的成员",
    "owns": "拥有数据表",
}


def flaw(session: Session) -> str | None:
    """What is wrong with the role that this session logged in as; None for one that may run the product."""
    row = session.execute(text(_LOOK)).mappings().one()
    found = [words for name, words in _FLAWS.items() if row[name]]
    if not found:
        return None
    return (
        f"`TANFANG_DATABASE_URL` 的登录角色{'，'.join(found)}；请换成只有登录权限的角色，见 `docs/database-roles.md`。"
    )
