"""What tests of imports do: hand in files of a source, and look at what they came to."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from core.imports import registers
from core.imports.registers import Gone, Import
from core.organisation import streets
from core.residents import queries as residents
from core.store.models import Resident
from rules.facts import fact_dict
from tests.core.imports import files
from tests.core.imports.files import HEADERS, number
from tests.world import Person, World

SOURCE = "/songjiang/register"
OTHER_COMMITTEE = "醉白池社区居委会"  # in the same street
OTHER_STREET = "310117102"


class Files:
    """A source that hands in files."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.path = world, folder / "register.xlsx"

    def take(
        self,
        *rows: Sequence[Any],
        headers: Sequence[str] = HEADERS,
        write: bool = True,
        source: str | None = SOURCE,
        as_of: date | None = None,
        given: dict[str, str] | None = None,
        settle: bool = True,
        only_rows: int | None = None,
    ) -> Import:
        """Import a file of these rows, the first ones only if the import is interrupted."""
        world = self.world
        files.workbook(self.path, headers, *rows)
        with world.database.transaction(world.scope) as session:
            table, plan, source = registers.plan_for(
                session, self.path, kind=None, source=source, given=given or {}, sheet=None
            )
            day = registers.day_of(as_of, now=world.now)
            divisions = streets.load(session)
            one = Import(session, table, plan, divisions, world.keys, source=source, day=day, now=world.now)
        with world.database.transaction(world.scope) as session:
            one.report.add(one.take(session, islice(table.rows(), only_rows), write=write))
        if settle:
            world.settle()
        return one

    def gone(self, one: Import) -> tuple[list[Gone], int]:
        with self.world.database.transaction(self.world.scope) as session:
            return one.disappeared(session)


def codes(one: Import) -> dict[int, str]:
    return {problem.row: problem.code for problem in one.report.problems}


def known(world: World, serial: int) -> Person:
    return Person(world, number(serial))


def facts(world: World, serial: int, on: date = date(2026, 3, 20)) -> set[tuple[str, str | None, str, str | None]]:
    """The facts that stand: kind, tag, first and last day."""
    with world.database.transaction(world.scope) as session:
        row = known(world, serial).row
        resident = session.get_one(Resident, (row.street_code, row.resident_id))
        return {
            (fact["kind"], fact.get("tag"), fact["valid_from"], fact["valid_to"])  # type: ignore[misc]
            for fact in map(fact_dict, residents.known(session, resident)[0].facts)
        }
