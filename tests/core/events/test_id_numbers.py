"""Identity numbers as people write them, as spreadsheets spoil them, and as the tests make them."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import id_numbers
from core.events.id_numbers import IdNumberInvalid


@pytest.mark.parametrize("number", ["319999195602290012", "319999195512310024", "319999196001010040"])
def test_the_synthetic_numbers_of_the_district_are_valid(number: str) -> None:
    assert id_numbers.normalise(number) == number


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_the_standard_have_the_check_character_it_gives(number: str) -> None:
    if number[6:8] == "18":
        with pytest.raises(IdNumberInvalid, match="出生日期"):
            id_numbers.normalise(number)
    else:
        assert id_numbers.normalise(number) == number


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002X\t",
        "110105\u300019491231\u00a0002ｘ",
        "\ufeff\u202d110105\u200b19491231\u2060002X\u202c",
    ],
)
def test_spaces_full_width_digits_invisible_characters_and_a_small_x_are_put_right(written: str) -> None:
    assert id_numbers.normalise(written) == "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "id_number_length"),
        ("1101051949123100", "id_number_length"),
        ("110105491231002", "id_number_length"),
        ("1" * 100_000, "id_number_length"),
        ("11010519491231002A", "id_number_characters"),
        ("1101051949123100X2", "id_number_characters"),
        ("11010519491231OO2X", "id_number_characters"),
        ("110105194912310021", "id_number_checksum"),
        ("110105194912310000", "id_number_spreadsheet"),
        ("1.10105E+17", "id_number_spreadsheet"),
        ("1.10105194912310e17", "id_number_spreadsheet"),
        ("110105194912310000.0", "id_number_spreadsheet"),
    ],
)
def test_anything_else_is_refused_with_its_reason_and_not_repeated(written: str, code: str) -> None:
    with pytest.raises(IdNumberInvalid) as refused:
        id_numbers.normalise(written)
    assert refused.value.code == code
    assert len(written) < 3 or written not in refused.value.msg


@pytest.mark.parametrize(
    ("text", "spoilt"),
    [
        ("3.19999E+17", True),
        ("3.19999196001010E+17", True),
        ("319999196001010000", True),
        ("319999196001010000.0", True),
        ("319999196001010040", False),
        ("11010519491231002X", False),
        ("", False),
    ],
)
def test_what_a_spreadsheet_spoilt_is_recognised(text: str, spoilt: bool) -> None:
    assert id_numbers.spoilt_by_spreadsheet(text) is spoilt


def test_a_text_of_any_length_is_no_spreadsheet_number() -> None:
    assert id_numbers.spoilt_by_spreadsheet("1" * 100_000) is False


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999))
def test_a_number_made_tells_its_birth_date_and_sex(birth: date, serial: int) -> None:
    number = id_numbers.make(birth, serial)
    assert id_numbers.read(number) == (number, birth, "male" if serial % 2 else "female")
    assert id_numbers.birth_date(number) == birth
    assert number.startswith(id_numbers.SYNTHETIC_AREA)


@given(st.integers(0, 16), st.integers(1, 9), st.integers(0, 999))
def test_one_wrong_digit_is_always_noticed(place: int, shift: int, serial: int) -> None:
    number = id_numbers.make(date(1960, 1, 1), serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdNumberInvalid):
        id_numbers.normalise(wrong)


@given(st.text(max_size=80))
def test_any_text_is_normalised_or_refused(text: str) -> None:
    with suppress(IdNumberInvalid):
        assert len(id_numbers.normalise(text)) == 18


def test_a_serial_has_three_digits() -> None:
    with pytest.raises(ValueError, match="serial"):
        id_numbers.make(date(1960, 1, 1), 1000)
