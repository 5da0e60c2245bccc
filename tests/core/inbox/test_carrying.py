"""A move carries every column of every row about a person, also of tables and columns that nobody thought of here."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import TypeDecorator, text

from core.store.models import metadata
from tests.behind import behind
from tests.world import STREET, Person, World

EDGE = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
THERE = "310117002003"
RISK = {
    **{dimension: {"level": "ok"} for dimension in ("economy", "education", "housing", "employment", "social")},
    "health": {"level": "risk"},
}
# What a move says anew. Everything else of a row is the same in both streets.
SAID_ANEW = {
    "resident": {
        *("committee_code", "opened_on", "moved_to", "moved_on", "merged_into", "failures", "retry_at"),
        "paired_user_id",
        # The new street decides for itself, which may come out otherwise by its own rules.
        *("tier", "rules", "decided_on", "wake_on", "died_on"),
    },
    "fact_entry": set(),
    "decision": set(),
    "visit": set(),
    "visit_resident": {"carried"},
    "duty": {"carried", "task_id"},
    "duty_history": {"carried"},
}
KEYS = {
    "resident": ("resident_id",),
    "fact_entry": ("entry_id",),
    "decision": ("decision_id",),
    "visit": ("visit_id",),
    "visit_resident": ("visit_id", "resident_id"),
    "duty": ("duty_id",),
    "duty_history": ("duty_id", "version"),
}

NEVER_CHANGED = {"duty_history"}

# SQL for something in a column that may be empty. JSON that is read has a shape, and is there already where it matters.
SOMETHING = {
    UUID: "gen_random_uuid()",
    date: "DATE '2026-01-15'",
    datetime: "TIMESTAMPTZ '2026-01-15 10:00+08'",
    bytes: "'\\x01'::bytea",
    bool: "true",
    int: "7",
    str: "'something'",
    list: "'{something}'",
}


def fill(world: World, table: str) -> None:
    """Put something into every empty column of a table's rows in a street."""
    for column in metadata.tables[table].columns:
        is_kept = column.name in SAID_ANEW[table] or column.foreign_keys or not column.nullable
        held = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        value = SOMETHING.get(held.python_type)
        if is_kept or value is None:
            continue
        with behind(world.database.url) as connection:
            connection.execute(
                text(f'UPDATE {table} SET "{column.name}" = coalesce("{column.name}", {value}) WHERE street_code = :s'),
                {"s": STREET},
            )


def rows(world: World, table: str, street: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    found = world.rows(f"SELECT to_jsonb(t) AS row FROM {table} t WHERE street_code = :street", street=street)
    return {tuple(row.row[name] for name in KEYS[table]): row.row for row in found}


@pytest.fixture
def moved(world: World) -> tuple[Person, dict[str, dict[tuple[Any, ...], dict[str, Any]]]]:
    """Somebody with a visit, an excuse and periods behind them, and how their rows were before they moved away."""
    resident = world.register(EDGE)
    world.send("change.accident", resident, happened_on="2026-03-20")
    resident.visit(world.user(), dimensions=RISK)
    world.go_to(date(2026, 5, 6))
    with world.database.transaction(world.scope) as session:
        excuse = '{"by": "01a210f9-4ed4-7dbb-9651-17b0fab98ee4", "at": "2026-05-06T10:00:00+08:00", "reason": "住院"}'
        session.execute(
            text(
                "UPDATE duty SET state = 'excused', reason = '住院', excuse = CAST(:excuse AS jsonb)"
                " WHERE street_code = :street AND period = '2026-04'"
            ),
            {"street": STREET, "excuse": excuse},
        )
    for table in KEYS.keys() - NEVER_CHANGED:
        fill(world, table)
    before = {table: rows(world, table, STREET) for table in KEYS}
    world.send("resident.moved", resident, on="2026-05-06", to_street=THERE[:9], to_committee=THERE)
    return resident, before


@pytest.mark.parametrize("table", KEYS)
def test_every_column_of_a_row_is_the_same_in_the_new_street(
    moved: tuple[Person, dict[str, dict[tuple[Any, ...], dict[str, Any]]]], table: str
) -> None:
    resident, before = moved
    after = rows(resident.world, table, THERE[:9])
    assert before[table]
    for key, row in before[table].items():
        carried = after[key]
        if table == "duty" and not carried["carried"]:
            continue  # It is owed there now, and follows the visits and rules of there.
        different = {name for name in row if row[name] != carried[name]} - {"street_code"}
        assert different <= SAID_ANEW[table]


def test_a_period_that_was_excused_before_the_move_is_known_with_its_excuse(
    moved: tuple[Person, dict[str, dict[tuple[Any, ...], dict[str, Any]]]],
) -> None:
    resident, _ = moved
    april = resident.duties()["2026-04"]
    assert (april.state, april.carried, april.excuse["reason"]) == ("excused", True, "住院")


def test_every_table_that_a_move_carries_is_told_of_here() -> None:
    carried = {name for name, table in metadata.tables.items() if "resident_id" in table.columns}
    # Alerts stay where they were answered; credits, attempts, steps and lines with the tasks and visits they are about.
    left = {"alert", "attempt", "credit", "directory", "escalation", "recusal", "task", "task_event"}
    assert carried - KEYS.keys() == left
