"""A register or facts from a file: the same door, rules and history as alerts, once however often it comes."""

from datetime import date
from pathlib import Path
from random import Random

import pytest

from core.errors import Invalid
from core.imports import registers
from core.imports import values as import_values
from core.organisation import streets
from tests.core.imports.files import HEADERS, number, person
from tests.core.imports.importing import OTHER_COMMITTEE, OTHER_STREET, SOURCE, Files, codes, facts, known
from tests.world import COMMITTEE, STREET, World


@pytest.fixture
def register(world: World, tmp_path: Path) -> Files:
    return Files(world, tmp_path)


# The same as alerts


def test_an_imported_register_equals_what_alerts_would_have_made(world: World, register: Files) -> None:
    told = {"kind": "assistance", "tag": "dibao_edge", "valid_from": "2026-01-01"}
    alerted = world.register(told, {"kind": "disability", "category": 4, "grade": 2, "valid_from": "2026-01-01"})
    headers = (*HEADERS, "残疾证号", "联系电话", "性别")
    register.take([*person(500), f"{number(500)}42", "13800000000", "女"], headers=headers)
    left, right = alerted.row, known(world, 500).row
    for column in ("street_code", "committee_code", "tier", "rules", "birth_date", "opened_on", "wake_on", "name"):
        assert getattr(left, column) == getattr(right, column)
    assert facts(world, 500) == {
        ("assistance", "dibao_edge", "2026-01-01", None),
        ("disability", None, "2026-01-01", None),
    }
    assert (right.tier, right.sex) == ("key", "female")
    world.go_to(date(2026, 4, 2))
    assert set(known(world, 500).duties()) == set(alerted.duties())
    assert known(world, 500).task.due_on == alerted.task.due_on


def test_an_imported_event_shows_neither_the_person_nor_what_was_said(world: World, register: Files) -> None:
    register.take(person(1))
    [row] = world.rows("SELECT * FROM alert WHERE street_code = :street", street=STREET)
    assert row.source == SOURCE
    assert number(1) not in f"{row.event_id} {row.failure} {row.type}"
    assert len(row.event_id.split("-")) == 4


def test_a_person_without_a_number_is_known_by_the_number_of_the_source(world: World, register: Files) -> None:
    headers = ("姓名", "人员编号", "所属居委", "救助类别", "出生日期")
    row = ["测试", "P-1", "龙潭社区居委会", "特困（分散）", date(1950, 5, 1)]
    assert register.take(row, headers=headers).report.new == 1
    assert register.take(row, headers=headers).report.unchanged == 1
    [resident] = world.rows("SELECT * FROM resident WHERE street_code = :street", street=STREET)
    assert (resident.birth_date, resident.tier) == (date(1950, 5, 1), "high")


def test_ticks_and_several_tag_columns_are_read(world: World, register: Files) -> None:
    headers = ("姓名", "身份证号", "所属居委", "城保", "重残", "特困", "政策找人对象")
    register.take(["测试", number(1), COMMITTEE, "√", "否", "", "潜在"], headers=headers)
    register.take(["测试", number(3), COMMITTEE, "", date(2026, 2, 1), "分散", ""], headers=headers, source="/b")
    assert {fact[1] for fact in facts(world, 1)} == {"dibao_urban", "potential"}
    assert {fact[:3] for fact in facts(world, 3)} == {
        ("assistance", "severe_disability_aid", "2026-02-01"),
        ("assistance", "tekun", "2026-03-20"),
    }


# Again, changed, back


def test_the_same_file_again_changes_nothing(world: World, register: Files) -> None:
    first = register.take(person(1), person(2))
    assert (first.report.new, first.report.events) == (2, 2)
    world.go_to(date(2026, 4, 2))
    again = register.take(person(1), person(2))
    assert (again.report.unchanged, again.report.events) == (2, 0)
    assert len(world.rows("SELECT 1 FROM alert WHERE street_code = :street", street=STREET)) == 2


def test_a_row_that_changes_back_is_news_again(world: World, register: Files) -> None:
    """Known by its content alone it would pass for a repetition of the first file."""
    for tag, tier in (("低保边缘", "general"), ("特困（分散）", "key"), ("低保边缘", "general")):
        register.take(person(1, tag))
        assert known(world, 1).tier == tier
        world.go_to(date(2026, 3, 20 + world.now.day - 19))
    assert register.take(person(1, "低保边缘")).report.unchanged == 1


def test_files_corrected_within_one_instant_take_effect_in_their_order(world: World, register: Files) -> None:
    """The clock of the test stands still, and equal times would be ordered by an id that nobody chose."""
    for index in range(6):
        register.take([*person(1), f"{index}号"], headers=(*HEADERS, "户号"))
        assert known(world, 1).row.household == f"{index}号"


def test_a_changed_row_says_which_fields_changed(world: World, register: Files) -> None:
    headers = (*HEADERS, "电话")
    register.take([*person(1), "13800000000"], headers=headers)
    report = register.take(["测式", *person(1, "支贫")[1:], "13900000000"], headers=headers, write=False).report
    assert report.changed == 1
    assert dict(report.fields) == {"姓名": 1, "电话": 1, "救助类别": 1}
    assert dict(report.ended) == {"低保边缘": 1}


def test_a_tag_that_the_row_no_longer_names_ends_the_day_before_the_file(world: World, register: Files) -> None:
    register.take(person(1, "低保边缘、重残"))
    world.go_to(date(2026, 4, 10))
    register.take(person(1, "重残"))
    assert facts(world, 1) == {
        ("assistance", "dibao_edge", "2026-01-01", "2026-04-09"),
        ("assistance", "severe_disability_aid", "2026-01-01", None),
    }


def test_a_blank_cell_ends_nothing_and_none_ends_everything(world: World, register: Files) -> None:
    register.take(person(1))
    register.take(person(1, ""))
    assert {fact[3] for fact in facts(world, 1)} == {None}
    register.take(person(1))
    register.take(person(1, "无"))
    assert {fact[3] for fact in facts(world, 1)} == {"2026-03-19"}


def test_a_tag_without_a_day_keeps_the_day_on_which_the_source_first_named_it(world: World, register: Files) -> None:
    register.take(person(1, since=""))
    world.go_to(date(2026, 4, 10))
    register.take(["改名", *person(1, since="")[1:]])
    assert facts(world, 1) == {("assistance", "dibao_edge", "2026-03-20", None)}


def test_what_another_source_said_meanwhile_is_not_overruled_by_an_unchanged_row(world: World, register: Files) -> None:
    register.take(person(1))
    world.go_to(date(2026, 3, 23))
    world.send("resident.left", known(world, 1), on="2026-03-20")
    world.go_to(date(2026, 3, 24))
    assert register.take(person(1)).report.unchanged == 1
    assert known(world, 1).tier == "none"


def test_a_file_of_an_earlier_day_does_not_overrule_a_later_one(world: World, register: Files) -> None:
    world.go_to(date(2026, 4, 10))
    register.take(["新名", *person(1)[1:]], as_of=date(2026, 4, 1))
    register.take(["旧名", *person(1)[1:]], as_of=date(2026, 3, 1))
    assert known(world, 1).row.name == "新名"
    assert register.take(["旧名", *person(1)[1:]], as_of=date(2026, 3, 1)).report.unchanged == 1
    assert register.take(person(1), as_of=date(2026, 3, 1), write=False).is_late
    assert not register.take(person(1), as_of=date(2026, 4, 2), write=False).is_late
    with pytest.raises(Invalid, match="将来"):
        register.take(person(1), as_of=date(2026, 4, 11))


COMMITTEES = ("龙潭社区居委会", "醉白池社区居委会", "泗泾镇张施社区居委会")
SAID = ("城保", "低保边缘", "支贫", "重残", "特困（分散）")


@pytest.mark.parametrize("seed", range(6))
def test_after_any_files_in_their_order_everybody_has_what_the_last_row_about_them_says(
    world: World, register: Files, seed: int
) -> None:
    """Each file may come twice, in pieces, with people missing, cells blank and people moved."""
    dice = Random(seed)
    world.go_to(date(2026, 4, 1))
    tags: dict[int, set[str]] = {}
    homes: dict[int, str] = {}
    for day in range(1, 8):
        rows = []
        for serial in dice.sample(range(8), 6):
            cell = dice.choice([*SAID, *SAID, "", "无", "、".join(dice.sample(SAID, 2))])
            since = dice.choice(["", "2026-01-01", f"2026-03-{day:02d}"])
            homes[serial] = dice.choice(COMMITTEES)
            rows.append(person(serial, cell, since, homes[serial]))
            if cell:
                tags[serial] = set() if cell == "无" else {tag.partition(":")[0] for tag in import_values.tags(cell)}
        as_of = date(2026, 3, day)
        if dice.random() < 0.5:
            register.take(*rows, as_of=as_of, only_rows=3, settle=dice.random() < 0.5)
        assert not register.take(*rows, as_of=as_of).report.problems
        assert register.take(*rows, as_of=as_of).report.unchanged == 6
    for serial, expected in tags.items():
        standing = {tag for _, tag, _, last in facts(world, serial) if last is None}
        assert (serial, standing) == (serial, expected)
    named = streets.known(world.database).committee_names
    assert {serial: homes[serial] for serial in homes} == {
        serial: next(
            committee for committee in COMMITTEES if committee.endswith(named[known(world, serial).row.committee_code])
        )
        for serial in homes
    }


# Moves


def test_somebody_in_another_committee_is_moved_and_keeps_their_history(world: World, register: Files) -> None:
    register.take(person(1))
    resident_id = known(world, 1).id
    report = register.take(person(1, committee=OTHER_COMMITTEE)).report
    assert (report.changed, report.moved) == (1, 1)
    assert known(world, 1).row.committee_code == "310117001002"
    far = next(code for code, street in streets.known(world.database).committees.items() if street == OTHER_STREET)
    assert register.take(person(1, committee=far)).report.moved == 1
    assert (known(world, 1).row.street_code, known(world, 1).id) == (OTHER_STREET, resident_id)
    assert register.take(person(1, committee=far)).report.unchanged == 1


def test_a_source_that_names_somebody_known_from_elsewhere_in_another_committee_moves_them(
    world: World, register: Files
) -> None:
    register.take(person(1), source="/elsewhere")
    report = register.take(person(1, committee=OTHER_COMMITTEE)).report
    assert (report.joined, report.moved, report.new) == (1, 1, 0)
    assert known(world, 1).row.committee_code == "310117001002"


# Refusals


def test_every_bad_row_is_refused_with_its_reason_and_the_good_ones_go_in(world: World, register: Files) -> None:
    rows = [
        person(1),
        ["测试", float(number(3).replace("X", "0")), *person(3)[2:]],
        ["测试", number(5)[:15] + "000", *person(5)[2:]],
        ["", *person(7)[1:]],
        person(9, "低保"),
        person(11, "特困"),
        person(13, since="2026年1月"),
        person(15, committee="桃花源居委会"),
        ["测试", "", *person(17)[2:]],
        ["测试", number(1), COMMITTEE, "支贫", "2026-01-01"],
        person(1),
        ["合计", "", "", "", "11"],
    ]
    one = register.take(*rows)
    assert codes(one) == {
        3: "id_number_spreadsheet",
        4: "id_number_spreadsheet",
        5: "missing",
        6: "tag_ambiguous",
        7: "support_missing",
        8: "date_without_day",
        9: "unknown_committee",
        10: "missing",
        11: "told_twice",
    }
    report = one.report
    assert (report.rows, report.new, report.repeated, report.skipped, report.refused) == (11, 1, 1, 1, 9)
    assert len(world.rows("SELECT 1 FROM resident WHERE street_code = :street", street=STREET)) == 1
    said = " ".join(f"{problem.column} {problem.msg}" for problem in report.problems)
    assert not any(str(cell) in said for row in rows for cell in row[:3] if len(str(cell)) > 4)
    assert {problem.column for problem in report.problems} <= set(HEADERS)


def test_rows_about_nobody_are_left_out_and_counted(register: Files) -> None:
    headers = ("序号", *HEADERS)
    one = register.take(
        [1, *person(1)],
        headers,
        [2, *person(2)],
        [3, "", "", "", "", ""],
        ["合计", "", "", "", "2", ""],
        ["负责人：", "", "", "", "", ""],
        headers=headers,
    )
    assert (one.report.rows, one.report.new, one.report.skipped, one.report.refused) == (2, 2, 4, 0)


def test_what_the_door_itself_refuses_is_reported_by_the_column_of_the_file(world: World, register: Files) -> None:
    headers = (*HEADERS, "联系电话", "终止日期")
    one = register.take(
        [*person(1), "没有", ""],
        [*person(3), "", "2025-12-31"],
        [*person(5, since="1899-01-01"), "", ""],
        headers=headers,
    )
    assert [(problem.where.row, problem.column, problem.code) for problem in one.report.problems] == [
        (2, "联系电话", "text"),
        (3, "终止日期", "order"),
        (4, "认定日期", "date"),
    ]
    assert one.report.new == 0
    assert not world.rows("SELECT 1 FROM directory")


def test_a_disability_certificate_of_somebody_else_is_refused(register: Files) -> None:
    one = register.take([*person(1), f"{number(2)}42"], headers=(*HEADERS, "残疾证号"))
    assert codes(one) == {2: "disability_number_mismatch"}


def test_a_dry_run_counts_the_same_and_writes_nothing(world: World, register: Files) -> None:
    rows = [person(1), person(2), ["测试", 3.2e17, *person(3)[2:]]]
    dry = register.take(*rows, write=False).report
    assert not world.rows("SELECT 1 FROM receipt")
    assert not world.rows("SELECT 1 FROM directory")
    wet = register.take(*rows).report
    assert dry == wet


def test_an_interrupted_import_is_completed_by_running_it_again(world: World, register: Files) -> None:
    rows = [person(serial) for serial in range(10)]
    assert register.take(*rows, only_rows=4, settle=False).report.new == 4
    again = register.take(*rows).report
    assert (again.unchanged, again.new) == (4, 6)
    assert len(world.rows("SELECT 1 FROM alert WHERE street_code = :street", street=STREET)) == 10


def test_two_imports_of_one_source_exclude_each_other(world: World) -> None:
    with world.database.transaction(world.scope) as first, world.database.transaction(world.scope) as second:
        assert registers.lock(first, SOURCE)
        assert not registers.lock(second, SOURCE)
        assert registers.lock(second, "/another")
