"""A38 in files: a row whose name or numbers do not fit says so, waits for people, and loses nothing on the way."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.inbox import doubts
from core.residents import identities
from tests.core.imports.files import HEADERS, number, person
from tests.core.imports.importing import Files, facts, known
from tests.world import COMMITTEE, STREET, World


@pytest.fixture
def register(world: World, tmp_path: Path) -> Files:
    return Files(world, tmp_path)


def called(name: str, row: list[Any]) -> list[Any]:
    return [name, *row[1:]]


def words(imported: Any) -> dict[int, str]:
    return {note.where.row: note.code for note in imported.report.notices}


def waiting(world: World) -> dict[str, str]:
    rows = world.rows("SELECT type, problem_code FROM alert WHERE status = 'quarantined'")
    return {row.type: row.problem_code for row in rows}


def confirm(world: World, serial: int, name: str) -> None:
    """Somebody settles that it is the same person, who is called so."""
    row = known(world, serial).row
    with world.database.transaction(world.scope) as session:
        people = identities.read(session, STREET, [row.resident_id], world.keys)
        people[row.resident_id].confirm(name)
        identities.write(session, people, world.keys)
        doubts.release(session, people[row.resident_id].place, world.keys)
    world.settle()


def test_another_name_under_a_known_number_is_named_row_by_row_and_waits(world: World, register: Files) -> None:
    register.take(person(1), person(2))
    taken = register.take(called("李四", person(1)), person(2))
    assert words(taken) == {2: "name_differs"}
    assert taken.report.problems == []
    assert known(world, 1).row.name == "测试"
    assert waiting(world) == {"resident.registered": "name_differs"}
    # A dry run says the same.
    assert words(register.take(called("王五", person(1)), person(2), write=False)) == {2: "name_differs"}


def test_what_follows_from_a_row_in_doubt_waits_with_it_and_goes_on_with_it(world: World, register: Files) -> None:
    register.take(person(1, "低保边缘、重残"))
    world.go_to(date(2026, 4, 10))
    elsewhere = person(1, "重残", committee="醉白池社区居委会")
    assert words(register.take(called("李四", elsewhere))) == {2: "name_differs"}
    assert waiting(world) == dict.fromkeys(("resident.registered", "resident.moved", "fact.ended"), "name_differs")
    assert known(world, 1).row.committee_code == COMMITTEE
    assert ("assistance", "dibao_edge", "2026-01-01", None) in facts(world, 1)
    confirm(world, 1, "李四")
    assert waiting(world) == {}
    assert known(world, 1).row.committee_code != COMMITTEE
    assert ("assistance", "dibao_edge", "2026-01-01", "2026-04-09") in facts(world, 1)
    # Nothing is in doubt about the file any more, nor about the one with the former name.
    assert words(register.take(called("李四", elsewhere))) == {}
    assert words(register.take(called("测试", elsewhere))) == {}
    assert known(world, 1).row.name == "李四"


def test_numbers_of_two_residents_are_named_row_by_row_and_wait(world: World, register: Files) -> None:
    headers = (*HEADERS, "人员编号")
    nameless = [*person(1), "H-1"]
    nameless[1] = ""
    register.take(nameless, headers=headers)
    register.take(person(1), source="/songjiang/other")
    taken = register.take([*person(1), "H-1"], headers=headers)
    assert words(taken)[2] == "two_residents"
    assert waiting(world)["resident.registered"] == "two_residents"


def test_a_name_that_only_lost_characters_is_no_doubt_and_another_damaged_one_is(world: World, register: Files) -> None:
    register.take(called("欧阳明月", person(1)))
    assert words(register.take(called("欧阳??", person(1)))) == {2: "name_damaged"}
    taken = register.take(called("李?", person(1, "支贫")))
    assert "name_differs" in {note.code for note in taken.report.notices}
    assert known(world, 1).row.name == "欧阳明月"


def test_a_padded_name_in_a_file_is_the_same_name(world: World, register: Files) -> None:
    register.take(called("张三", person(1)))
    for written in ("张　三", "\u200b张三\ufeff", " 张 三 "):
        taken = register.take(called(written, [written, f"\u202a{number(1)}\u202c", *person(1)[2:]]))
        assert (taken.report.unchanged, taken.report.problems, words(taken)) == (1, [], {})
