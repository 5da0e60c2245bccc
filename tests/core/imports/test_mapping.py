"""Which column is which: recognised, given, remembered, and never guessed in silence."""

import pytest

from core.errors import Invalid
from core.imports import mapping as import_mapping
from core.imports.mapping import IGNORED, Kind, Plan, header_key
from tests.world import DISTRICT, World

REGISTER = ["姓名", "身份证号", "所属居委"]


def plan(headers: list[str], given: dict[str, str] | None = None, kind: Kind = Kind.REGISTER) -> Plan:
    return import_mapping.make(kind, headers, {header_key(one): field for one, field in (given or {}).items()}, {})


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
        ("备注", None),
    ],
)
def test_usual_headers_are_recognised(header: str, field: str | None) -> None:
    assert import_mapping.field_of(Kind.REGISTER, header) == field


def test_an_unknown_column_is_named_and_left_out() -> None:
    made = plan([*REGISTER, "备注"])
    assert made.unknown == ("备注",)
    assert [one.field for one in made.columns] == ["name", "id_number", "committee"]


def test_a_column_is_mapped_by_hand_or_left_out_by_hand() -> None:
    made = plan(["名字", "身份证号", "所属居委", "地址"], {"名字": "name", "地址": IGNORED})
    assert [(one.field, one.how) for one in made.columns] == [
        ("name", "given"),
        ("id_number", "recognised"),
        ("committee", "recognised"),
    ]


@pytest.mark.parametrize(
    ("headers", "given", "said"),
    [
        (["姓名", "所属居委"], {}, "id_number"),
        (["身份证号", "所属居委"], {}, "name"),
        (["身份证号", "姓名"], {}, "committee"),
        ([*REGISTER, "证件号码"], {}, "有两列"),
        ([*REGISTER, "列"], {"列": "shoe_size"}, "没有 `shoe_size` 字段"),
        (REGISTER, {"没有": "name"}, "文件中没有的列"),
    ],
)
def test_a_missing_a_double_and_an_unknown_column_are_refused_before_anything_is_read(
    headers: list[str], given: dict[str, str], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        plan(headers, given)


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
    assert import_mapping.detect(headers, {}, {one: {} for one in Kind}) == kind


def test_what_was_used_is_proposed_for_the_next_file_of_the_source_only(world: World) -> None:
    given = {"名字": "name", "旧编号": IGNORED}
    made = plan(["名字", "旧编号", *REGISTER[1:]], given)
    with world.database.transaction(world.scope) as session:
        import_mapping.remember(session, "/a", made, given, district=DISTRICT, now=world.now)
        import_mapping.remember(session, "/a", made, given, district=DISTRICT, now=world.now)
        known = import_mapping.remembered(session, "/a", Kind.REGISTER)
        assert import_mapping.remembered(session, "/b", Kind.REGISTER) == {}
        assert import_mapping.remembered(session, "/a", Kind.FACTS) == {}
    again = import_mapping.make(Kind.REGISTER, ["旧编号", "名字", *REGISTER[1:]], {}, known)
    assert next((one.field, one.how) for one in again.columns) == ("name", "remembered")
    assert again.unknown == ()
