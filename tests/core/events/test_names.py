"""A38: what a name loses before it is kept, when two spellings are one name, and when a character was lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import cloudevents, names
from core.events.cloudevents import Rejection
from tests.core.events.samples import NOW, accepted, base

INVISIBLE = "\u200b\u200c\u200d\u200e\u202a\u202b\u202c\u202d\u202e\u2060\u2066\ufeff\u00ad"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("张三", "张三"),
        ("张　三", "张三"),
        ("张 三", "张三"),
        (" 张\u00a0三\u3000", "张三"),
        ("\u202d张三\u202c", "张三"),
        ("\ufeff孙\u200b八\u2060", "孙八"),
        ("𠮷　田䶮", "𠮷田䶮"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("  John   Smith ", "John Smith"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("\u200b \u3000", ""),
    ],
)
def test_a_name_loses_padding_invisible_characters_and_the_blanks_inside_a_chinese_one(written: str, kept: str) -> None:
    assert names.stored(written) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张三", "张　三"),
        ("张三", "\u202d张\u200b三\u202c"),
        ("Li Na", "ＬｉＮａ"),
        ("神田", "\ufa19田"),
        ("葛", "葛\U000e0100"),
    ],
)
def test_two_spellings_are_one_name_without_blanks_width_and_invisible_characters(one: str, other: str) -> None:
    assert names.compared(one) == names.compared(other)


def test_two_names_are_two_names() -> None:
    assert names.compared("张三") != names.compared("张二")


@pytest.mark.parametrize(
    "name", ["?田?", "王？", "张*", "张＊三", "李□", "赵\ufffd", "〓某", "王\ue863", "&#134071;田"]
)
def test_a_name_that_lost_a_character_to_an_encoding_is_seen_to_be_damaged(name: str) -> None:
    assert names.is_damaged(name)


@pytest.mark.parametrize("name", ["𠮷田䶮", "阿依古丽·买买提", "张三", "John Smith", "葛\U000e0100城"])
def test_a_rare_name_is_not_a_damaged_one(name: str) -> None:
    assert not names.is_damaged(name)


@given(st.text(alphabet=st.sampled_from("张三𠮷·aZ ?*　\u00a0\t" + INVISIBLE)))
def test_a_name_is_put_right_once_and_for_all_and_stays_the_same_name(written: str) -> None:
    kept = names.stored(written)
    assert names.stored(kept) == kept
    assert names.compared(kept) == names.compared(written)
    assert kept == kept.strip()
    assert not set(kept) & set(INVISIBLE)


def test_the_door_keeps_a_name_as_a_file_does_and_refuses_one_that_nobody_sees() -> None:
    def said(name: str) -> dict[str, Any]:
        event = base("registered")
        return {**event, "data": {**event["data"], "person": {**event["data"]["person"], "name": name}}}

    assert accepted(said("\u202d张　三\u202c")).person.name == "张三"
    refused = cloudevents.parse_event(said("\u200b\u2060"), index=0, now=NOW)
    assert isinstance(refused, Rejection)
    assert [(one.loc, one.code) for one in refused.errors] == [("data.person.name", "text")]
