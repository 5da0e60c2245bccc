"""What tests of imports do: hand in files of a source, and look at what they came to."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from core.imports import preparing, registers
from core.imports.mapping import Meanings
from core.imports.preparing import Wishes
from core.imports.registers import Import, MissingPerson
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
        given: Meanings | None = None,
        path: Path | None = None,
        settle: bool = True,
        only_rows: int | None = None,
    ) -> Import:
        """Import a file of these rows, or the one at `path`; the first ones only if the import is interrupted."""
        world = self.world
        if path is None:
            files.workbook(self.path, headers, *rows)
        with world.database.transaction(world.scope) as session:
            divisions = streets.load(session)
            wishes = Wishes(source=source, given=given or Meanings())
            prepared = preparing.prepare(session, path or self.path, divisions, wishes)
            [group] = prepared.groups
            day = registers.day_of(as_of, now=world.now)
            one = Import(session, group, divisions, world.keys, unread=prepared.unread, day=day, now=world.now)
        with world.database.transaction(world.scope) as session:
            one.report.add(one.take(session, islice(one.rows(), only_rows), write=write))
        if settle:
            world.settle()
        return one

    def missing(self, imported: Import) -> tuple[list[MissingPerson], int]:
        with self.world.database.transaction(self.world.scope) as session:
            return imported.disappeared(session)


def codes(imported: Import) -> dict[int, str]:
    return {problem.where.row: problem.code for problem in imported.report.problems}


def known(world: World, serial: int) -> Person:
    return Person(world, number(serial))


def facts(world: World, serial: int) -> set[tuple[str, str | None, str, str | None]]:
    """The facts that stand: kind, tag, first and last day."""
    return facts_of(world, number(serial))


def facts_of(world: World, id_number: str) -> set[tuple[str, str | None, str, str | None]]:
    with world.database.transaction(world.scope) as session:
        row = Person(world, id_number).row
        resident = session.get_one(Resident, (row.street_code, row.resident_id))
        return {
            (fact["kind"], fact.get("tag"), fact["valid_from"], fact["valid_to"])  # type: ignore[misc]
            for fact in map(fact_dict, residents.known(session, resident)[0].facts)
        }
