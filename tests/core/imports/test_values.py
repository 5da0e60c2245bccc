"""What people write into cells, and what a spreadsheet makes of it."""

from datetime import date, datetime
from typing import Any

import pytest

from core.imports import values as import_values
from core.imports.places import Places
from core.imports.values import CellInvalid
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
    [valid] = [one for one in map(files.number, range(0, 1000, 10)) if one.endswith("000")][:1]
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
        date(2026, 3, 2),
        datetime(2026, 3, 2),  # noqa: DTZ001  # as a spreadsheet gives it
    ],
)
def test_a_day_is_read_in_every_usual_spelling(cell: Any) -> None:
    assert import_values.day(cell) == "2026-03-02"


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("2026年3月", "date_without_day"),
        ("3/2/26", "date"),
        ("02/03/2026", "date"),
        ("2026-02-30", "date"),
        (7, "date"),
    ],
)
def test_a_day_that_could_be_another_is_refused(cell: Any, refused: str) -> None:
    assert code(import_values.day, cell) == refused


@pytest.mark.parametrize("cell", ["", "长期", "无", "-"])
def test_an_open_end_is_no_day(cell: str) -> None:
    assert import_values.day(cell) is None


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
    ],
)
def test_tags_are_read_in_the_words_of_the_form(cell: str, tags: list[str]) -> None:
    assert import_values.tags(cell) == tags


def test_a_tag_that_could_be_two_or_none_is_refused() -> None:
    assert code(import_values.tags, "低保") == "tag_ambiguous"
    assert code(import_values.tags, "城保、什么") == "unknown_word"


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
    with pytest.raises(CellInvalid, match="310117004011, 310117104210") as refused:
        Places(divisions).find("", "南门")
    assert refused.value.code == "ambiguous_committee"
    assert Places(divisions).find("中山街道", "南门") == ("310117004", "310117004011")


def test_a_place_that_does_not_exist_is_refused(divisions: Divisions) -> None:
    places = Places(divisions)
    assert code(places.find, "", "桃花源居委会") == "unknown_committee"
    assert code(places.find, "桃花源镇", "龙潭社区居委会") == "unknown_street"
    assert code(places.find, "泗泾镇", "龙潭社区居委会") == "committee_elsewhere"
