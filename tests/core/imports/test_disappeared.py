"""Who is missing from a file, and what files of facts say: nobody has left until somebody says so."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import Invalid
from core.imports import mapping as import_mapping
from core.organisation import streets
from tests.core.imports.files import HEADERS, number, person
from tests.core.imports.importing import OTHER_STREET, SOURCE, Files, codes, facts, known
from tests.world import COMMITTEE, DISTRICT, STREET, World


@pytest.fixture
def register(world: World, tmp_path: Path) -> Files:
    return Files(world, tmp_path)


# People who are missing


def test_who_is_missing_is_named_and_stays_until_somebody_says_they_left(world: World, register: Files) -> None:
    register.take(person(1), person(2), person(3))
    world.go_to(date(2026, 4, 10))
    one = register.take(person(1), person(3))
    missing, expected = register.missing(one)
    assert ([somebody.resident_id for somebody in missing], expected) == ([known(world, 2).id], 3)
    assert known(world, 2).tier == "general"
    with world.database.transaction(world.scope) as session:
        assert one.leave(session, missing, date(2026, 4, 9)) == 1
    world.settle()
    assert known(world, 2).tier == "none"
    assert register.missing(register.take(person(1), person(3))) == ([], 2)


def test_who_left_and_stands_in_the_file_again_is_taken_back(world: World, register: Files) -> None:
    register.take(person(1), person(2))
    world.go_to(date(2026, 4, 10))
    one = register.take(person(1))
    with world.database.transaction(world.scope) as session:
        one.leave(session, register.missing(one)[0], date(2026, 4, 9))
    world.go_to(date(2026, 5, 10))
    back = register.take(person(1), person(2)).report
    assert (back.returned, back.unchanged) == (1, 1)
    assert known(world, 2).tier == "general"


def test_a_row_that_is_refused_but_says_whose_it_is_makes_nobody_missing(register: Files) -> None:
    register.take(person(1), person(2), person(3))
    one = register.take(person(1), person(2, "低保"), ["测试", 3.2e17, *person(3)[2:]])
    missing, _ = register.missing(one)
    assert len(missing) == 1
    # Of the ruined number nobody can tell whose it is, so the one who seems to be missing may be there.
    assert one.report.unidentified == 1


def test_people_of_streets_that_the_file_does_not_name_are_not_missing(world: World, register: Files) -> None:
    far = next(code for code, street in streets.known(world.database).committees.items() if street == OTHER_STREET)
    register.take(person(1), person(2), person(3, committee=far))
    assert register.missing(register.take(person(1), person(2))) == ([], 2)


def test_the_dead_those_another_source_registered_and_those_who_left_are_not_missing(
    world: World, register: Files
) -> None:
    register.take(*(person(serial) for serial in range(5)))
    world.go_to(date(2026, 3, 23))
    world.send("resident.died", known(world, 1), on="2026-03-19")
    world.send("resident.left", known(world, 2), on="2026-03-19")
    register.take(person(3, "支贫"), source="/elsewhere")
    missing, expected = register.missing(register.take(person(0)))
    assert ([somebody.resident_id for somebody in missing], expected) == ([known(world, 4).id], 2)


# Facts

FACTS = ("身份证号", "事项类型", "救助类别", "变故原因", "发生日期", "终止日期")


def fact(
    serial: int, kind: str, tag: str = "", cause: str = "", since: str = "2026-03-01", until: str = ""
) -> list[Any]:
    return [number(serial), kind, tag, cause, since, until]


def test_facts_are_recorded_and_a_fact_said_again_with_an_end_replaces_it(world: World, register: Files) -> None:
    register.take(person(1))
    row = fact(1, "", "支贫")
    assert register.take(row, fact(1, "重大变故", cause="意外事故"), headers=FACTS).report.new == 2
    assert known(world, 1).tier == "high"
    again = register.take(fact(1, "", "支贫", until="2026-03-10"), headers=FACTS).report
    assert (again.changed, again.new) == (1, 0)
    assert ("assistance", "expenditure_poor", "2026-03-01", "2026-03-10") in facts(world, 1)
    assert register.take(row, headers=FACTS).report.changed == 1
    assert ("assistance", "expenditure_poor", "2026-03-01", None) in facts(world, 1)


def test_a_fact_about_somebody_unknown_waits_for_their_registration(world: World, register: Files) -> None:
    assert register.take(fact(1, "", "支贫"), headers=FACTS).report.waiting == 1
    register.take(person(1))
    assert ("assistance", "expenditure_poor", "2026-03-01", None) in facts(world, 1)


def test_an_imported_event_asks_for_a_visit_only_if_it_is_recent(world: World, register: Files) -> None:
    """A33: an import carries history."""
    register.take(person(1), person(2))
    old, recent = fact(1, "重大变故", cause="意外", since="2025-01-01"), fact(2, "重大变故", cause="意外")
    register.take(old, recent, headers=FACTS)
    assert not known(world, 1).duties("response")
    assert len(known(world, 2).duties("response")) == 1


def test_a_fact_that_cannot_be_read_is_refused(register: Files) -> None:
    one = register.take(
        fact(1, "什么"),
        fact(1, ""),
        fact(1, "", "支贫、重残"),
        fact(1, "", "支贫", since=""),
        fact(1, "残疾"),
        headers=FACTS,
    )
    assert codes(one) == {2: "unknown_word", 3: "missing", 4: "several_tags", 5: "missing", 6: "missing"}


def test_the_mapping_given_once_serves_the_next_file_of_the_source(world: World, register: Files) -> None:
    headers = ("名字", *HEADERS[1:])
    given = import_mapping.parse_given(["名字=name"])
    one = register.take(person(1), headers=headers, given=given)
    with world.database.transaction(world.scope) as session:
        [section] = one.group.sections
        import_mapping.remember(session, SOURCE, section.plan, given, district=DISTRICT, now=world.now)
    assert register.take(person(1), headers=headers).report.unchanged == 1
    with pytest.raises(Invalid, match="姓名"):
        register.take(person(1), headers=headers, source="/another")


def test_somebody_who_was_given_a_number_is_the_same_person_under_it(world: World, register: Files) -> None:
    headers = ("姓名", "人员编号", "身份证号", "所属居委")
    register.take(["测试", "P-1", "", COMMITTEE], headers=headers)
    one = register.take(["测试", "P-1", number(1), COMMITTEE], headers=headers)
    assert (one.report.changed, one.report.new) == (1, 0)
    again = register.take(["测试", "", number(1), COMMITTEE], headers=headers)
    assert (again.report.changed, again.report.new) == (1, 0)
    assert register.missing(again)[0] == []
    assert len(world.rows("SELECT 1 FROM resident WHERE street_code = :street", street=STREET)) == 1


def test_nobody_is_missing_from_a_first_file(register: Files) -> None:
    missing, _ = register.missing(register.take(person(1)))
    assert missing == []
