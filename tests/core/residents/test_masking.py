"""What is left to see of personal data by default."""

import pytest

from core.residents import masking


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张*"),
        ("欧阳明月", "欧阳*"),
        ("司马光", "司马*"),
        ("諸葛亮", "諸葛*"),
        ("欧阳", "欧*"),
        ("阿卜杜拉·买买提", "阿*"),
        ("𠮷野", "𠮷*"),
        ("\u845b\U000e0100城", "\u845b\U000e0100*"),
        ("Smith John", "S*"),
        (" 李四 ", "李*"),
        ("李", "*"),
        ("", "*"),
    ],
)
def test_a_name_shows_its_surname_alone(name: str, shown: str) -> None:
    assert masking.mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("319999196001010040", "**************0040"),
        ("11010519491231002X", "**************002X"),
        ("1234567", "*******"),
    ],
)
def test_an_id_number_shows_its_last_four(number: str, shown: str) -> None:
    assert masking.mask_id_number(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13800000000", "138****0000"), ("021-57800000", "021*****0000"), ("57800000", "********"), ("", "")],
)
def test_a_phone_number_shows_three_and_four_or_nothing(phone: str, shown: str) -> None:
    assert masking.mask_phone(phone) == shown
