"""Who may see and write which rows: row-level security and grants of every table, said once and applied whole.

The log-in of API and workers owns nothing and sees what the settings of `core.store.scopes` open, nothing without
them. A guard is a range of codes, so it is used as an index condition and estimated well; it holds no sub-select, which
Citus refuses; and what opens everything is compared with a column, because the planner takes `setting = 'all'` for one
row in two hundred. Privileges to update are of columns: the key of a row, its street, is never changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import Connection, text
from sqlmodel import Session

from core.store.models import metadata

Changes = tuple[str, ...] | Literal["all"]


@dataclass(frozen=True, slots=True)
class Guard:
    """The rows of a table that a scope opens, and what may be done with them.

    `read` rows are seen, `write` rows (else the same) changed and removed, `add` rows (else those of `write`) inserted.
    `changes` are the columns that may be updated, or all beside the key; an update may be narrowed further by `only`,
    what a row is before and after it.
    """

    read: str
    write: str | None = None
    add: str | None = None
    adds: bool = True
    changes: Changes = ()
    only: tuple[str, str] | None = None
    removes: bool = False


def _setting(name: str) -> str:
    # Null where it was never set and empty where it once was: nothing is below either, or equal to it.
    return f"current_setting('tanfang.{name}', true)"


def _listed(name: str) -> str:
    return f"string_to_array({_setting(name)}, ',')"


def _reached(code: str) -> str:
    return f"{code} >= {_setting('lo')} AND {code} < {_setting('hi')}"


def _people(person: str, *, code: str = "street_code", also: str = "") -> str:
    """Rows about a person. `person` is a condition of those listed; `also` opens further rows where they are."""
    return (
        f"{_reached(code)} AND ({code} < {_setting('everybody')} OR {code} = ANY ({_listed('streets')})"
        # Both together are estimated as a ninth of the street, whoever is listed; one alone, as a third.
        f" OR ({_setting('listed')} > '' AND {person}){f' OR {also}' if also else ''})"
    )


def _staff(place: str) -> str:
    """Accounts of a scope's places and of its district, whose people are reached from every street; and one's own."""
    return f"({_reached(place)}) OR {place} = {_setting('district')} OR user_id = {_OWN}"


# One search in a text costs a tenth of reading some hundred ids into an array, for every row anew.
_LISTED: Final = f"strpos({_setting('people')}, resident_id::text) > 0"
_OWN: Final = f"nullif({_setting('user_id')}, '')::uuid"
_OWN_BYTES: Final = f"decode(replace(nullif({_setting('user_id')}, ''), '-', ''), 'hex')"
_PERSON: Final = _people(_LISTED)
_STREET: Final = (
    f"{_reached('street_code')} AND (street_code < {_setting('every_street')}"
    f" OR street_code = ANY ({_listed('streets')}))"
)
_ADDRESSEE: Final = f"{_STREET} AND (street_code < {_setting('every_user')} OR user_id = {_OWN})"
_DISTRICT: Final = _reached("district_code")
_DECLARED: Final = f"{_setting('declared')} > ''"
_DIRECTORY: Final = f"street_code < {_setting('directory')}"
# What stands about somebody who works here follows their account, and the product writes it for all of them.
_OF_STAFF: Final = _staff("place_code")
_KEPT: Final = f"({_reached('place_code')}) OR user_id = {_OWN} OR place_code < {_setting('every_user')}"
_ACCOUNT: Final = "coalesce(street_code, district_code, '0')"
# Whoever shows a name, a token or a key that nobody has looked at yet sees that one row.
_SHOWN_NAME: Final = f"username = convert_from(decode({_setting('username')}, 'hex'), 'UTF8')"
_SHOWN_TOKEN: Final = f"token_digest = decode({_setting('token')}, 'hex')"
_SHOWN_KEY: Final = f"key_digest = decode({_setting('key')}, 'hex')"
# A task in the pool of one's committees shows what there is to claim, before it shows whose it is.
_POOL: Final = f"(assignee_id IS NULL AND committee_code = ANY ({_listed('committees')}))"

GUARDS: Final[Mapping[str, Guard]] = {
    # About a person.
    "resident": Guard(_PERSON, changes="all"),
    "fact_entry": Guard(_PERSON),
    "decision": Guard(_PERSON, changes=("superseded_at",), only=("superseded_at IS NULL", "superseded_at IS NOT NULL")),
    "duty": Guard(_PERSON, changes="all"),
    "duty_history": Guard(_PERSON),
    "task": Guard(_people(_LISTED, also=_POOL), changes="all"),
    "task_event": Guard(_PERSON),
    # One that was a slip is taken back; that it was made and taken back stays in the history of its task. Whose it is
    # changes where two residents turn out to be one.
    "attempt": Guard(_PERSON, changes=("resident_id",), removes=True),
    "escalation": Guard(_PERSON),
    "credit": Guard(_PERSON),
    "visit_resident": Guard(
        _people(_LISTED, also=f"visitor_id = {_OWN}"),
        changes=(
            "service_date",
            "mode",
            "met",
            "initiated_by",
            "role",
            "recused",
            "by_street_advisor",
            "dimensions_done",
            "merged_into",
            "approved_on",
            "voided",
            "corrected_at",
            "earlier",
        ),
    ),
    "visit": Guard(
        # Whoever wrote a visit keeps it. As a function the test is estimated like that of one person; as an operator
        # it would be taken for independent of the street.
        _people(f"arrayoverlap(resident_ids, {_listed('people')}::uuid[])", also=f"recorded_by = {_OWN}"),
        changes=(
            "resident_ids",
            "service_date",
            "mode",
            "form",
            "answer",
            "version",
            "merged_into",
            "voided_at",
            "void_reason",
        ),
    ),
    "visit_version": Guard(
        _people(f"arrayoverlap(resident_ids, {_listed('people')}::uuid[])", also=f"by_user_id = {_OWN}")
    ),
    "alert": Guard(_PERSON, changes="all", removes=True),
    # Of a street.
    "claim": Guard(_STREET, removes=True),
    "coverage": Guard(_STREET),
    "escalation_chain": Guard(_STREET),
    "daily_digest": Guard(_STREET),
    # To somebody who works here: read by them alone, written by whoever has something to say.
    "notification": Guard(_ADDRESSEE, add=_STREET, changes=("read_at",)),
    "delivery": Guard(_ADDRESSEE, add=_STREET, changes="all", removes=True),
    # What somebody has not sent yet is nobody else's business; the product alone lets go of it in time.
    "draft": Guard(
        f"user_id = {_OWN} OR {_setting('every_user')} > ''", changes=("seen", "form", "saved_at"), removes=True
    ),
    # Of a district.
    "policy": Guard(f"({_DISTRICT}) OR district_code = {_setting('district')}", write=_DISTRICT),
    "upstream_key": Guard(f"({_DISTRICT}) OR {_SHOWN_KEY}", add=_DISTRICT, changes=("revoked_at", "last_used_on")),
    # What the district calls a source, every street of it reads.
    "source_name": Guard(
        f"({_DISTRICT}) OR district_code = {_setting('district')}", write=_DISTRICT, changes=("name",)
    ),
    "signed_source": Guard(_DISTRICT, changes=("obligatory",)),
    "signing_secret": Guard(_DISTRICT, changes=("revoked_at",)),
    "feed": Guard(_DISTRICT, changes="all"),
    "feed_hour": Guard(_DISTRICT, changes="all"),
    "import_mapping": Guard(_DISTRICT, changes=("mapping", "words", "updated_at")),
    # Who works here.
    "user_account": Guard(
        f"{_staff(_ACCOUNT)} OR {_SHOWN_NAME}",
        write=f"({_reached(_ACCOUNT)}) OR user_id = {_OWN}",
        changes=(
            "name",
            "password_hash",
            "is_first_password",
            "code_digest",
            "code_expires_at",
            "capacity",
            "active",
            "valid_until",
            "locked_at",
            "text_size",
        ),
    ),
    "user_committee": Guard(_OF_STAFF, write=_KEPT, removes=True),
    "login": Guard(
        f"({_reached('place_code')}) OR user_id = {_OWN} OR {_SHOWN_TOKEN}",
        changes=("token_digest", "last_seen_at", "is_limited", "ended_at", "ended_because"),
        removes=True,
    ),
    # Counted before anybody is known: for whoever shows a name, and for the product itself; and one's own look-ups.
    "failure_count": Guard(
        f"{_setting('username')} > '' OR {_setting('every_user')} > '' OR subject = {_OWN_BYTES}",
        changes=("failures", "counted_from", "locked_until"),
        removes=True,
    ),
    "absence": Guard(_OF_STAFF, write=_KEPT, changes="all", removes=True),
    # It says something about a person as well.
    "recusal": Guard(_people(_LISTED, code="place_code", also=f"user_id = {_OWN}"), changes=("reason",), removes=True),
    "notification_channel": Guard(_OF_STAFF, write=_KEPT, changes="all", removes=True),
    "notification_preference": Guard(_OF_STAFF, write=_KEPT, changes="all"),
    # Installation-wide, and closed to whoever only has a street.
    "directory": Guard(_DIRECTORY, changes=("street_code", "resident_id"), removes=True),
    "receipt": Guard(_DIRECTORY, changes=("street_code",)),
    "seen_message": Guard(f"{_setting('directory')} > ''", removes=True),
    # For everybody with a scope, whatever it is.
    "calendar_day": Guard(_DECLARED, write=f"{_setting('directory')} > ''", changes=("working", "label", "source")),
    "sandbox_clock": Guard(_DECLARED, changes="all"),
    "district": Guard(_DECLARED, adds=False),
    "street": Guard(_DECLARED, adds=False),
    "committee": Guard(_DECLARED, adds=False),
    "alembic_version": Guard(_DECLARED, adds=False),
}
# The migrations read it before they have a scope.
_NOT_FORCED: Final = frozenset({"alembic_version"})


def changeable(table: str) -> tuple[str, ...]:
    """The columns of a table that may be updated once a row is there."""
    changes = GUARDS[table].changes
    if changes == "all":
        return tuple(column.name for column in metadata.tables[table].columns if not column.primary_key)
    return changes


def protect(connection: Connection, login: str, *, anew: bool = False) -> None:
    """Bring policies and grants of every table to what stands here, for the log-in (quoted); as the owner.

    What is applied already is left alone, and nothing locked, unless it is wanted `anew`.
    """
    known = set(connection.execute(text(_TABLES)).scalars())
    if bare := known - GUARDS.keys():
        raise LookupError(f"{', '.join(sorted(bare))}: a table needs its guard in core/store/protection.py.")
    if not anew and _applied(connection) == _digest(login):
        return
    for table, grantee in connection.execute(text(_GRANTEES)).all():
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {grantee}")
    for grantee in connection.execute(text(_GRANTEES_OF_SCHEMA)).scalars().all():
        connection.exec_driver_sql(f"REVOKE ALL ON SCHEMA public FROM {grantee}")
    for table, name in connection.execute(text(_POLICIES)).all():
        connection.exec_driver_sql(f"DROP POLICY {name} ON {table}")
    for statement in _statements(login):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{_digest(login)}'")


def lift(connection: Connection) -> None:
    """Let the owner see every row, for migrations that move data; `protect` anew ends it in the same transaction."""
    for table in connection.execute(text(_FORCED)).scalars():
        connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def is_applied(session: Session) -> bool:
    """Whether policies and grants are those of this program, for the log-in that asks."""
    login: str = session.execute(text("SELECT quote_ident(current_user)")).scalar_one()
    return _applied(session.connection()) == _digest(login)


_OURS: Final = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
_TABLES: Final = f"SELECT c.relname FROM pg_class c WHERE {_OURS}"
_FORCED: Final = f"SELECT quote_ident(c.relname) FROM pg_class c WHERE {_OURS} AND c.relforcerowsecurity"
_POLICIES: Final = (
    "SELECT quote_ident(c.relname), quote_ident(p.polname) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
    f" WHERE {_OURS}"
)
# Whoever was given something, by whatever name the log-in went before.
_GRANTEES: Final = (
    "SELECT DISTINCT quote_ident(c.relname),"
    " CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END"
    f" FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE {_OURS} AND a.grantee <> c.relowner"
)

_GRANTEES_OF_SCHEMA: Final = (
    "SELECT DISTINCT quote_ident(pg_get_userbyid(a.grantee)) FROM pg_namespace n CROSS JOIN LATERAL"
    " aclexplode(n.nspacl) a WHERE n.nspname = 'public' AND a.grantee NOT IN (0, n.nspowner)"
)


def _applied(connection: Connection) -> str | None:
    found: str | None = connection.execute(
        text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")
    ).scalar_one()
    return found


def _digest(login: str) -> str:
    return sha256("\n".join(_statements(login)).encode()).hexdigest()


def _statements(login: str) -> Iterator[str]:
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {login}"
    for table, guard in GUARDS.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        if table not in _NOT_FORCED:
            yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield from _policies(table, guard)
        yield f"GRANT {', '.join(_privileges(table, guard))} ON {table} TO {login}"


def _policies(table: str, guard: Guard) -> Iterator[str]:
    write, add = guard.write or guard.read, guard.add or guard.write or guard.read
    before, after = guard.only or ("true", "true")
    if guard.only is None and write == add == guard.read:
        yield f"CREATE POLICY scope ON {table} USING ({guard.read}) WITH CHECK ({guard.read})"
        return
    yield f"CREATE POLICY reading ON {table} FOR SELECT USING ({guard.read})"
    yield f"CREATE POLICY adding ON {table} FOR INSERT WITH CHECK ({add})"
    if guard.changes:
        yield (
            f"CREATE POLICY changing ON {table} FOR UPDATE USING (({write}) AND {before})"
            f" WITH CHECK (({write}) AND {after})"
        )
    if guard.removes:
        yield f"CREATE POLICY removing ON {table} FOR DELETE USING ({write})"


def _privileges(table: str, guard: Guard) -> Iterator[str]:
    yield "SELECT"
    if guard.adds:
        yield "INSERT"
    if changing := changeable(table):
        quoted = ", ".join(f'"{column}"' for column in changing)
        yield f"UPDATE ({quoted})"
    if guard.removes:
        yield "DELETE"
