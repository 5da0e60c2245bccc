"""What people write into cells, and what a spreadsheet makes of it."""

from datetime import date, datetime
from typing import Any

import pytest

from core.imports import days as import_days
from core.imports import values as import_values
from core.imports import words as import_words
from core.imports.places import Places
from core.imports.sheets import FROM_1904, CellInvalid, Fault, Unreadable
from core.organisation.streets import Divisions, load
from tests.core.imports import files
from tests.world import World

GOOD = files.number(1)


def code(read: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(CellInvalid) as refused:
        read(*arguments, **named)
    if len(str(arguments[0])) > 10:
        assert str(arguments[0]) not in refused.value.msg
    return refused.value.code


@pytest.mark.parametrize(
    "cell",
    [GOOD, f"'{GOOD}", f'="{GOOD}"', f" {GOOD}\t", GOOD[:6] + " " + GOOD[6:], GOOD.translate({48: "０", 49: "１"})],
)
def test_an_id_number_is_read_through_what_keeps_a_spreadsheet_from_counting(cell: str) -> None:
    assert import_values.number_of_person(cell, doubtful=False) == GOOD


@pytest.mark.parametrize(
    "cell",
    [
        float(GOOD.replace("X", "0")),
        int(GOOD.replace("X", "0")),
        "3.19999E+17",
        "3.19999196001e+17",
        GOOD[:15] + "000",
        GOOD[:17] + ".0",
    ],
)
def test_an_id_number_ruined_by_a_spreadsheet_is_refused_with_that_reason(cell: Any) -> None:
    assert code(import_values.number_of_person, cell, doubtful=False) == "id_number_spreadsheet"


def test_a_valid_number_that_ends_in_000_is_believed_unless_its_file_holds_ruined_ones() -> None:
    [valid] = [number for number in map(files.number, range(0, 1000, 10)) if number.endswith("000")][:1]
    assert import_values.number_of_person(valid, doubtful=False) == valid
    assert code(import_values.number_of_person, valid, doubtful=True) == "id_number_spreadsheet"
    assert not import_values.is_spoilt(valid)
    assert import_values.is_spoilt(GOOD[:15] + "000")


@pytest.mark.parametrize(
    ("cell", "refused"),
    [(GOOD[:17], "id_number_length"), (GOOD[:17] + "?", "id_number_characters")],
)
def test_other_bad_id_numbers_keep_their_own_reasons(cell: str, refused: str) -> None:
    assert code(import_values.number_of_person, cell, doubtful=False) == refused


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-02",
        "2026/3/2",
        "2026.3.2",
        "2026年3月2日",
        "２０２６年３月２日",
        "20260302",
        20260302.0,
        46083,
        46083.0,
        "46083",
        "2026-03-02 00:00:00",
        "2026/3/2 8:30:00",
        "2026-03-02T08:30",
        "2026 年 3 月 2 日",
        "2026年3月2号",
        "2026年3月2日起",
        "二〇二六年三月二日",
        "\ufeff'2026-3-2\u200b",
        46083.4,
        date(2026, 3, 2),
        datetime(2026, 3, 2),  # noqa: DTZ001  # as a spreadsheet gives it
    ],
)
def test_a_day_is_read_in_every_usual_spelling(cell: Any) -> None:
    assert import_days.day(cell) == "2026-03-02"


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("2026年3月", "date_without_day"),
        ("3/2/26", "date"),
        ("02/03/2026", "date"),
        ("2026-02-30", "date"),
        ("二〇二六年十三月二日", "date"),
        ("26.3.2", "date"),
        (7, "date"),
    ],
)
def test_a_day_that_could_be_another_is_refused(cell: Any, refused: str) -> None:
    assert code(import_days.day, cell) == refused


def test_a_number_is_a_day_counted_as_its_workbook_counts() -> None:
    assert import_days.day(44621.0, zero=FROM_1904) == "2026-03-02"
    assert import_days.day("44621", zero=FROM_1904) == "2026-03-02"
    assert import_days.day(datetime(2026, 3, 2), zero=FROM_1904) == "2026-03-02"  # noqa: DTZ001  # a cell knows no time zone


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("2024-7-1至2025-6-30", ("2024-07-01", "2025-06-30")),
        ("2024.7.1-2025.6.30", ("2024-07-01", "2025-06-30")),
        ("2024-07-01 - 2025-06-30", ("2024-07-01", "2025-06-30")),
        ("2024年7月1日～长期", ("2024-07-01", None)),
        ("2024-7-1", ("2024-07-01", None)),
        ("长期", (None, None)),
        (date(2024, 7, 1), ("2024-07-01", None)),
    ],
)
def test_a_cell_may_hold_the_first_and_the_last_day(cell: Any, days: tuple[str | None, str | None]) -> None:
    assert import_days.period(cell) == days


@pytest.mark.parametrize("cell", ["", "长期", "无", "-"])
def test_an_open_end_is_no_day(cell: str) -> None:
    assert import_days.day(cell) is None


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("城保", ["dibao_urban"]),
        ("农保、重残", ["dibao_rural", "severe_disability_aid"]),
        ("低保边缘，支贫", ["dibao_edge", "expenditure_poor"]),
        ("支贫 重残", ["expenditure_poor", "severe_disability_aid"]),
        ("特困（分散）", ["tekun:scattered"]),
        ("集中供养特困", ["tekun:centralised"]),
        ("特困", ["tekun"]),
        ("潜在救助对象;其他需关注群体", ["potential", "other_concern"]),
        ("政策已覆盖还可救助", ["covered_more_possible"]),
        ("不符合政策但确有困难", ["ineligible_in_need"]),
        ("dibao_edge", ["dibao_edge"]),
        ("城镇低保（A类）", ["dibao_urban"]),
        ("低保（城镇）", ["dibao_urban"]),
        ("农村低保户", ["dibao_rural"]),
        ("低保边缘户", ["dibao_edge"]),
        ("支出型贫困家庭", ["expenditure_poor"]),
        ("特困人员（分散供养）", ["tekun:scattered"]),
        ("特困供养人员", ["tekun"]),
        ("五保户", ["tekun"]),
        ("城保/支贫", ["dibao_urban", "expenditure_poor"]),
        ("城\u200b保、重 残", ["dibao_urban", "severe_disability_aid"]),
    ],
)
def test_tags_are_read_in_the_words_of_the_form(cell: str, tags: list[str]) -> None:
    assert import_values.tags(cell) == tags


def test_a_tag_that_could_be_two_or_none_is_refused() -> None:
    assert code(import_values.tags, "低保") == "tag_ambiguous"
    assert code(import_values.tags, "城保、什么") == "unknown_word"
    assert code(import_values.tags, "低保/边缘") == "tag_ambiguous"
    for cell in ("低收入", "临时救助", "重度残疾", "非低保户", "城市低保 重度残疾"):
        assert code(import_values.tags, cell) == "unknown_word"


def test_a_word_of_the_source_means_what_it_was_said_to_mean() -> None:
    given = {"低收入": "低保边缘", "临时救助": "-", "低保": "城保", "两样": "支贫、重残"}
    assert import_values.tags("低收入", given) == ["dibao_edge"]
    assert import_values.tags("低保、低收入、临时救助", given) == ["dibao_urban", "dibao_edge"]
    assert import_values.tags("两样", given) == ["expenditure_poor", "severe_disability_aid"]
    assert import_values.tags("临时救助", given) == []


@pytest.mark.parametrize(
    "cell", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", " #N/A ", "Err:502", "####"]
)
def test_an_error_is_one_also_as_a_text(cell: str) -> None:
    assert import_values.is_error(cell)
    assert import_values.is_error(Unreadable(Fault.ERROR))


@pytest.mark.parametrize("cell", ["#", "#1号楼", "E栋", "", "城保", 3.0, "N/A"])
def test_what_is_no_error_is_none(cell: Any) -> None:
    assert not import_values.is_error(cell)


@pytest.mark.parametrize("cell", ["已停保", "2025年3月死亡", "户口迁出", "停 保", "病故", "退出低保", "注销"])
def test_a_remark_says_that_aid_has_ended(cell: str) -> None:
    assert import_words.ends(cell)


@pytest.mark.parametrize("cell", ["正常", "未死亡", "新增", "独居", "无"])
def test_another_remark_says_nothing_of_the_kind(cell: str) -> None:
    assert not import_words.ends(cell)


def test_a_name_loses_what_a_spreadsheet_and_a_form_put_around_it() -> None:
    assert [
        import_values.name(cell) for cell in ("'张三", " 张　三 ", "\u202d孙\u200b八\u202c", "阿依古丽·买买提")
    ] == [
        "张三",
        "张三",
        "孙八",
        "阿依古丽·买买提",
    ]


def test_a_disability_certificate_is_read_to_its_twentieth_character() -> None:
    assert import_values.certificate(f"{GOOD}42") == (GOOD, 4, 2)
    assert import_values.certificate(f"{GOOD}61B1") == (GOOD, 6, 1)
    assert code(import_values.certificate, f"{GOOD}82") == "disability_number"
    assert code(import_values.certificate, 3.1999919600101e19) == "disability_number_spreadsheet"


@pytest.fixture
def divisions(world: World) -> Divisions:
    with world.database.transaction(world.scope) as session:
        return load(session)


def test_every_committee_is_found_by_its_code_its_name_and_the_usual_short_forms(divisions: Divisions) -> None:
    places = Places(divisions)
    for committee, street in divisions.committees.items():
        name = divisions.committee_names[committee]
        short = name.replace("社区居委会", "居委").replace("村委会", "村委")
        for cells in (
            ("", committee),
            ("", float(committee)),
            ("", name),
            (divisions.streets[street], short),
            ("", f"松江区{divisions.streets[street]}{name}"),
        ):
            assert places.find(*cells) == (street, committee)


def test_an_ambiguous_committee_is_refused_with_the_codes_of_its_candidates(divisions: Divisions) -> None:
    with pytest.raises(CellInvalid, match="310117004011、310117104210") as refused:
        Places(divisions).find("", "南门")
    assert refused.value.code == "ambiguous_committee"
    assert Places(divisions).find("中山街道", "南门") == ("310117004", "310117004011")


def test_a_place_that_does_not_exist_is_refused(divisions: Divisions) -> None:
    places = Places(divisions)
    assert code(places.find, "", "桃花源居委会") == "unknown_committee"
    assert code(places.find, "桃花源镇", "龙潭社区居委会") == "unknown_street"
    assert code(places.find, "泗泾镇", "龙潭社区居委会") == "committee_elsewhere"
