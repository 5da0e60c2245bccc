"""Keys, read from the catalogue: every tenant table is keyed by its street, what is a district's by its district."""

from datetime import date
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, text

from core.store.database import Database
from core.store.models import TENANT_TABLES, metadata
from tests.behind import behind
from tests.world import World


def catalogue(store: Database, statement: str) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(text(statement)))


def test_the_migrations_make_exactly_the_tables_of_the_models(store: Database) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_the_constraints_and_indexes_of_the_database_say_what_those_of_the_models_say(store: Database) -> None:
    # Alembic compares neither: so the models' tables are made beside the migrated ones, and PostgreSQL tells of both.
    with behind(store.url) as connection:
        migrated = _said(connection, "public")
        connection.exec_driver_sql("CREATE SCHEMA models")
        connection.exec_driver_sql("SET LOCAL search_path = models")
        metadata.create_all(connection)
        made = _said(connection, "models")
        connection.rollback()
    assert migrated == made
    assert len([name for name in made if name.startswith("ck_")]) > 10


def _said(connection: Connection, schema: str) -> dict[str, str]:
    """The constraints and indexes of a schema, as PostgreSQL spells them."""
    connection.exec_driver_sql(f"SET LOCAL search_path = {schema}")
    rows = connection.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'"
            " AND conrelid::regclass::text <> 'alembic_version'"
            " UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            " AND tablename <> 'alembic_version'"
        )
    )
    return {name: definition.replace(f" {schema}.", " ") for name, definition in rows}


def test_every_table_with_a_street_key_is_a_tenant_table() -> None:
    keyed = {name for name, table in metadata.tables.items() if table.primary_key.columns[0].name == "street_code"}
    assert keyed == set(TENANT_TABLES)


def test_primary_and_unique_keys_of_tenant_tables_start_with_the_street(store: Database) -> None:
    rows = catalogue(
        store,
        "SELECT c.relname AS table, i.relname AS index, a.attname AS first FROM pg_index x"
        " JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]"
        " WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace",
    )
    first = {row.index: row.first for row in rows if row.table in TENANT_TABLES}
    assert len(first) > len(TENANT_TABLES)
    assert set(first.values()) == {"street_code"}


def test_what_belongs_to_a_district_says_so_first(store: Database) -> None:
    first = {name: next(iter(table.primary_key.columns)).name for name, table in metadata.tables.items()}
    districts_own = {name for name, column in first.items() if column == "district_code"}
    assert districts_own == {"feed", "feed_hour", "import_mapping", "policy", "signed_source", "source_name"}


def test_foreign_keys_between_tenant_tables_carry_the_street(store: Database) -> None:
    rows = catalogue(
        store,
        "SELECT conname, conrelid::regclass::text AS child, confrelid::regclass::text AS parent,"
        " (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) AS first"
        " FROM pg_constraint WHERE contype = 'f'",
    )
    between = [row for row in rows if row.child in TENANT_TABLES and row.parent in TENANT_TABLES]
    assert between
    assert {row.first for row in between} == {"street_code"}
    # The other way round nothing points from the district into a street.
    assert not [row for row in rows if row.child not in TENANT_TABLES and row.parent in TENANT_TABLES]


def test_the_product_has_no_triggers_and_no_extensions_beyond_plpgsql(store: Database) -> None:
    assert not catalogue(store, "SELECT 1 FROM pg_trigger WHERE NOT tgisinternal")
    assert [row.extname for row in catalogue(store, "SELECT extname FROM pg_extension")] == ["plpgsql"]


def test_every_statement_on_a_tenant_table_names_the_street(world: World) -> None:
    seen: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    advisor = world.user()
    world.user("street_advisor")
    resident = world.register({"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"})
    world.send("change.accident", resident, happened_on="2026-03-20")
    world.send("lead.reported", resident, channel="hotline")
    world.go_to(date(2026, 4, 2))
    with world.database.transaction(advisor.scope) as session:
        from core.residents import queries as residents
        from core.residents import timeline

        [row] = residents.visible(session, [resident.row.resident_id], by=advisor)
        timeline.of(session, row, world.keys, by=advisor)
    statements = [statement for statement in seen if any(f" {table} " in f"{statement} " for table in TENANT_TABLES)]
    assert len(statements) > 50
    nameless = {
        statement
        for statement in statements
        if "street_code" not in statement and "SELECT * FROM resident WHERE person_key" not in statement
    }
    assert not nameless
