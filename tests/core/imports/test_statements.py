"""A portion of a file takes as many statements, however many rows it has and in however many streets people live.

Visits are not among them: each row of such a file is recorded or refused by itself, as if its user had sent it.
"""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.imports import preparing, registers
from core.imports.preparing import Wishes
from core.imports.registers import Import
from core.organisation import streets
from tests.core.imports import files
from tests.core.imports.files import HEADERS, number
from tests.core.imports.importing import SOURCE
from tests.statements import Statements, growth
from tests.world import World

FACTS = ("身份证号", "事项类型", "救助类别", "变故原因", "发生日期", "终止日期")

# A file of as many rows, and what is done with it; returns how many rows it was about.
Story = Callable[["Incoming", int], Callable[[], int]]


class Incoming:
    """Files about ever other people, each read as one portion."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.path = world, folder / "file.xlsx"
        self.serials = count(1)
        self.homes = list({street: code for code, street in streets.known(world.database).committees.items()}.values())

    def people(self, how_many: int) -> list[tuple[int, str]]:
        """As many, in as many streets: (serial, committee)."""
        return [(next(self.serials), self.homes[index]) for index in range(how_many)]

    def opened(self, *rows: Sequence[Any], headers: Sequence[str] = HEADERS) -> Import:
        world = self.world
        files.workbook(self.path, headers, *rows)
        with world.database.transaction(world.scope) as session:
            known = streets.known(world.database)
            prepared = preparing.prepare(session, self.path, known, Wishes(source=SOURCE))
            [group] = prepared.groups
            day = registers.day_of(None, now=world.now)
            return Import(session, group, known, world.keys, unread=prepared.unread, day=day, now=world.now)

    def take(self, imported: Import) -> int:
        with self.world.database.transaction(self.world.scope) as session:
            imported.report.add(imported.take(session, imported.rows(), write=True))
        assert not imported.report.problems
        return imported.report.new + imported.report.changed

    def registered(self, people: Sequence[tuple[int, str]]) -> None:
        self.take(self.opened(*(files.person(serial, committee=home) for serial, home in people)))
        self.world.settle()


def a_register(incoming: Incoming, how_many: int) -> Callable[[], int]:
    rows = [files.person(serial, committee=home) for serial, home in incoming.people(how_many)]
    one = incoming.opened(*rows)
    return lambda: incoming.take(one)


def a_changed_register(incoming: Incoming, how_many: int) -> Callable[[], int]:
    people = incoming.people(how_many)
    incoming.registered(people)
    one = incoming.opened(*(files.person(serial, "城保", committee=home) for serial, home in people))
    return lambda: incoming.take(one)


def facts(incoming: Incoming, how_many: int) -> Callable[[], int]:
    people = incoming.people(how_many)
    incoming.registered(people)
    rows = [[number(serial), "重大变故", "", "意外", "2026-03-01", ""] for serial, _ in people]
    one = incoming.opened(*rows, headers=FACTS)
    return lambda: incoming.take(one)


def people_who_are_missing(incoming: Incoming, how_many: int) -> Callable[[], int]:
    """They are told to have left."""
    staying = incoming.people(len(incoming.homes))
    incoming.registered([*staying, *incoming.people(how_many)])
    one = incoming.opened(*(files.person(serial, committee=home) for serial, home in staying))
    incoming.take(one)

    def leave() -> int:
        with incoming.world.database.transaction(incoming.world.scope) as session:
            missing, _ = one.disappeared(session)
            return one.leave(session, missing, date(2026, 3, 19))

    return leave


@pytest.mark.parametrize("story", [a_register, a_changed_register, facts, people_who_are_missing])
def test_more_rows_take_no_more_statements(world: World, tmp_path: Path, statements: Statements, story: Story) -> None:
    incoming = Incoming(world, tmp_path)
    sent, done = [], []
    # First once, for what a process reads once; then some, then three times as many.
    for how_many in (1, 2, 6):
        work = story(incoming, how_many)
        with statements.counted() as found:
            done.append(work())
        sent.append(found)
        world.settle()
    assert done[1] < done[2], "nothing was done to the others"
    assert growth(sent[1], sent[2]) == {}
