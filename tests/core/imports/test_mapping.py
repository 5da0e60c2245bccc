"""Which column is which: recognised, given, remembered, and never guessed in silence."""

from collections.abc import Sequence

import pytest

from core.errors import Invalid
from core.imports import headers as import_headers
from core.imports import mapping as import_mapping
from core.imports.headers import Kind
from core.imports.mapping import IGNORED, Meanings, Plan
from tests.world import DISTRICT, World

REGISTER = ["姓名", "身份证号", "所属居委"]


def plan(headers: list[str], *given: str, words: Sequence[str] = (), kind: Kind = Kind.REGISTER) -> Plan:
    """The columns of such a header, with what `--map` and `--map-value` say of them."""
    meant = import_mapping.parse_given(given, words)
    import_mapping.check_used(meant, [headers])
    return import_mapping.make(kind, headers, meant, Meanings())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("公民身份号码", "id_number"),
        ("身份证号（18位）", "id_number"),
        (" 姓 名 *", "name"),
        ("所属居委会", "committee"),
        ("与户主关系", "relation"),
        ("城保", "mark:dibao_urban"),
        ("特困（分散）", "mark:tekun:scattered"),
        ("残疾证号", "disability_number"),
        ("id_number", "id_number"),
        ("valid_from", "valid_from"),
        ("备注", "remarks"),
        ("状态", "status"),
        ("死亡日期", "gone"),
        ("低保边缘户", "mark:dibao_edge"),
        ("序号", None),
    ],
)
def test_usual_headers_are_recognised(header: str, field: str | None) -> None:
    assert import_headers.field_of(Kind.REGISTER, header) == field


def test_an_unknown_column_is_named_and_left_out() -> None:
    made = plan([*REGISTER, "内部编码"])
    assert made.unknown == ("内部编码",)
    assert [column.field for column in made.columns] == ["name", "id_number", "committee"]


def test_a_column_is_mapped_by_hand_or_left_out_by_hand() -> None:
    made = plan(["名字", "身份证号", "所属居委", "地址"], "名字=name", f"地址={IGNORED}")
    assert [(column.field, column.how) for column in made.columns] == [
        ("name", "given"),
        ("id_number", "recognised"),
        ("committee", "recognised"),
    ]


@pytest.mark.parametrize(
    ("headers", "given", "said"),
    [
        (["姓名", "所属居委"], [], "身份证号"),
        (["身份证号", "所属居委"], [], "姓名"),
        (["身份证号", "姓名"], [], "所属居委|居委"),
        ([*REGISTER, "列"], ["列=shoe_size"], "没有“shoe_size”"),
        (REGISTER, ["没有=name"], "文件里没有"),
        (REGISTER, ["Z列=phone"], "文件里没有"),
        (REGISTER, ["姓名"], "列名=字段"),
    ],
)
def test_a_missing_and_an_unknown_column_are_refused_before_anything_is_read(
    headers: list[str], given: list[str], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        plan(headers, *given)


def test_a_column_without_a_header_or_with_that_of_another_is_named_by_its_letters() -> None:
    made = plan([*REGISTER, "", "电话", "电话"], "D列=address", "F列=-")
    assert [(column.header, column.field) for column in made.columns[3:]] == [("D列", "address"), ("电话", "phone")]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("救助类别:低收入=没有这种", "读不出来"),
        ("状态:停保=什么", "读不出来"),
        ("姓名:张=李", "不能用 `--map-value`"),
        ("没有:词=城保", "文件里没有"),
        ("救助类别=城保", "列名:原词=意思"),
        ("救助类别:低收入", "列名:原词=意思"),
    ],
)
def test_a_meaning_that_cannot_be_read_is_refused_before_anything_is_read(word: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        plan([*REGISTER, "救助类别", "状态"], words=[word])


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (REGISTER, Kind.REGISTER),
        (["身份证号", "事项类型", "发生日期"], Kind.FACTS),
        (["id_number", "tag", "valid_from"], Kind.FACTS),
        (["id_number", "name", "street", "committee", "tag", "valid_from"], Kind.REGISTER),
        (["身份证号", "服务时间（年/月/日）", "记录内容"], Kind.VISITS),
    ],
)
def test_what_a_file_holds_shows_in_its_columns(headers: list[str], kind: Kind) -> None:
    assert import_mapping.detect(headers, Meanings(), {other: Meanings() for other in Kind}) == kind


def test_what_was_used_is_proposed_for_the_next_file_of_the_source_only(world: World) -> None:
    given = import_mapping.parse_given(["名字=name", f"旧编号={IGNORED}", "E列=phone"], ["救助类别:低收入=低保边缘"])
    headers = ["名字", "旧编号", *REGISTER[1:], "", "救助类别"]
    made = import_mapping.make(Kind.REGISTER, headers, given, Meanings())
    with world.database.transaction(world.scope) as session:
        import_mapping.remember(session, "/a", made, given, district=DISTRICT, now=world.now)
        import_mapping.remember(session, "/a", made, given, district=DISTRICT, now=world.now)
        known = import_mapping.remembered(session, "/a", Kind.REGISTER)
        assert import_mapping.remembered(session, "/b", Kind.REGISTER) == Meanings()
        assert import_mapping.remembered(session, "/a", Kind.FACTS) == Meanings()
    again = import_mapping.make(Kind.REGISTER, ["旧编号", "名字", *REGISTER[1:], "救助类别"], Meanings(), known)
    assert next((column.field, column.how) for column in again.columns) == ("name", "remembered")
    assert again.unknown == ()
    assert again.columns[-1].words == {"低收入": "低保边缘"}
    # A column by its letters may be another one in the next file.
    assert "phone" not in {column.field for column in again.columns}
