"""How much of an address is shown to whoever goes there, and how much of a narrative stands on a card (A37)."""

import pytest

from core.residents import disclosure, last_visits


@pytest.mark.parametrize(
    ("address", "building"),
    [
        ("测试路1弄2号301室", "测试路1弄2号"),
        ("测试中路12号3幢401室", "测试中路12号3幢"),
        ("测试小区3号楼2单元501室", "测试小区3号楼"),
        ("测试镇测试村5组12号", "测试镇测试村5组12号"),
        ("测试小区12-3-501", "测试小区12"),
        ("测试路8号301", "测试路8号"),
        ("测试路１弄２号三楼", "测试路1弄2号"),
        ("A座1203室", "A座"),
        ("测试村", "测试村"),
        ("501室", ""),
    ],
)
def test_an_address_is_shown_to_the_building_and_never_what_lies_inside(address: str, building: str) -> None:
    assert disclosure.to_the_building(address) == building


def test_a_card_holds_the_first_sentence_or_as_much_of_it_as_fits() -> None:
    assert last_visits.gist("老人精神尚好。屋顶漏水。") == "老人精神尚好"
    long = "很" * 100
    assert last_visits.gist(long) == "很" * (last_visits.MOST_CHARACTERS - 1) + "…"
    assert last_visits.gist("  ") == ""
