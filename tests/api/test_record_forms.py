"""The record form of the annex in Word, read back as a clerk reads it."""

import re
from datetime import date
from io import BytesIO
from typing import Any, get_args

import pytest
from docx import Document
from docx.table import Table

from api.schemas.visits import Service
from core.documents import record_forms
from core.events import id_numbers
from tests.api.door import Door, is_problem
from tests.statements import Statements, growth
from tests.world import COMMITTEE, STREET, Person

DIBAO = {"kind": "assistance", "tag": "dibao_urban", "valid_from": "2026-01-01"}
ENDED = {
    "kind": "assistance",
    "tag": "tekun",
    "support": "scattered",
    "valid_from": "2025-01-01",
    "valid_to": "2026-02-28",
}
NEED = {"kind": "outreach", "tag": "other_concern", "valid_from": "2026-01-01"}
# What stands in the annex, item by item.
ANNEX = """居民姓名 所属居委 居民标签
政策找人对象：□潜在救助对象 □不符合政策但确有困难 □政策已覆盖还可救助 □其他需关注群体；
政策已覆盖对象：□城保 □农保 □低保边缘 □支贫 □重残 □特困
服务方式 □走访 □接待 □电话 □微信 □楼宇视频 □其他 参与人员 服务时间（年/月/日） 服务时长（小时） 救助服务内容
政策宣传引导：□政策解读 □代办申请 社区走访发现：□需求排摸 □线索处理 开展家境调查：□困境核实 □需求评估
资源整合链接：□匹配资源 □转介服务 心理关爱疏导：□关心关爱 □开展心理慰藉、提升社会能力服务
发起方 □居民 □救助顾问 同行人员（选填） 记录内容（尽量详实） 图片记录（选填）"""


def pages(door: Door, visit: str, headers: dict[str, str]) -> list[dict[str, str]]:
    """What the pages of a visit's form say, by the label in front of it."""
    return [cells(table) for table in document(door, visit, headers).tables]


def document(door: Door, visit: str, headers: dict[str, str]) -> Any:
    answer = door.client.get(f"/v1/visits/{visit}/form.docx", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    return Document(BytesIO(answer.content))


def cells(table: Table) -> dict[str, str]:
    said = {}
    for row in table.rows:
        distinct = [
            cell for number, cell in enumerate(row.cells) if cell._tc not in [c._tc for c in row.cells[:number]]
        ]
        texts = [cell.text for cell in distinct]
        said |= {re.sub(r"\s", "", label): text for label, text in zip(texts[::2], texts[1::2], strict=True)}
    return said


def ticked(text: str) -> list[str]:
    return re.findall(r"☑([^□☑\s；（]+)", text)


def recorded(door: Door, headers: dict[str, str], *residents: str, **fields: Any) -> str:
    answer = door.visit(headers, *residents, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["visit_id"])


def test_the_form_has_the_layout_and_the_wording_of_the_annex(door: Door) -> None:
    advisor = door.person("committee_advisor")
    visit = recorded(door, advisor, door.resident(DIBAO))
    made = document(door, visit, advisor)
    assert "社区救助顾问服务内容记录表" in [paragraph.text for paragraph in made.paragraphs]
    said = "".join(f"{label}{text}" for label, text in cells(made.tables[0]).items())
    said = re.sub(r"\s", "", said).replace("☑", "□")
    for words in ANNEX.split():
        assert words in said, words


def test_every_field_of_a_visit_stands_in_its_place(door: Door) -> None:
    advisor = door.person("committee_advisor")
    resident = door.resident(DIBAO, ENDED, NEED)
    visit = recorded(
        door,
        advisor,
        resident,
        mode="other",
        mode_text="社区活动",
        participants=["王芳", "李强"],
        duration_hours=2,
        services=["policy_explain", "counsel"],
        companions="志愿者一名",
        narrative="第一行\n第二行",
    )
    [page] = pages(door, visit, advisor)
    assert page["居民姓名"] == door.world.rows("SELECT name FROM resident")[0].name
    assert page["所属居委"] == door.world.rows("SELECT name FROM committee WHERE code = '310117001001'")[0].name
    # The tags of the register on the service day: what ended in February is none of them.
    assert ticked(page["居民标签"]) == ["其他需关注群体", "城保"]
    assert ticked(page["服务方式"]) == ["其他"]
    assert "其他（社区活动）" in page["服务方式"]
    assert page["参与人员"] == "王芳、李强"
    assert (page["服务时间（年/月/日）"], page["服务时长（小时）"]) == ("2026/3/20", "2")
    assert ticked(page["救助服务内容"]) == ["政策解读", "开展心理慰藉、提升社会能力服务"]
    assert ticked(page["发起方"]) == ["救助顾问"]
    assert (page["同行人员（选填）"], page["记录内容（尽量详实）"]) == ("志愿者一名", "第一行\n第二行")


def test_a_tag_corrected_on_the_form_is_printed_as_corrected(door: Door) -> None:
    advisor = door.person("committee_advisor")
    visit = recorded(door, advisor, door.resident(DIBAO), tags=["dibao_edge"])
    assert ticked(pages(door, visit, advisor)[0]["居民标签"]) == ["低保边缘"]


def test_a_family_has_a_page_for_each_of_them_and_who_was_not_met_says_so(door: Door) -> None:
    advisor = door.person("committee_advisor")
    met, absent = door.resident(DIBAO), door.resident(NEED)
    visit = recorded(door, advisor, met, absent, met={absent: False}, several_households=True)
    first, second = pages(door, visit, advisor)
    assert [ticked(page["居民标签"]) for page in (first, second)] == [["城保"], ["其他需关注群体"]]
    assert first["记录内容（尽量详实）"] == "情况稳定"
    assert second["记录内容（尽量详实）"] == f"{record_forms.NOT_MET}\n情况稳定"
    breaks = document(door, visit, advisor).element.xpath(".//w:pageBreakBefore")
    assert len(breaks) == 2


def test_a_corrected_visit_prints_its_present_version_and_a_voided_one_says_that_it_is(door: Door) -> None:
    advisor = door.person("committee_advisor")
    visit = recorded(door, advisor, door.resident(DIBAO))
    body = {"mode": "phone", "narrative": "当天是电话联系", "reason": "记错方式"}
    answer = door.client.patch(f"/v1/visits/{visit}", headers={**advisor, "If-Match": '"1"'}, json=body)
    assert answer.status_code == 200, answer.text
    made = document(door, visit, advisor)
    page = cells(made.tables[0])
    assert (ticked(page["服务方式"]), page["记录内容（尽量详实）"]) == (["电话"], "当天是电话联系")
    assert "第 2 版" in [paragraph.text for paragraph in made.paragraphs]
    assert not any("作废" in paragraph.text for paragraph in made.paragraphs)
    assert door.client.post(f"/v1/visits/{visit}/void", headers=advisor, json={"reason": "记错了人"}).status_code == 200
    made = document(door, visit, advisor)
    assert "本记录已于 2026/3/20 作废" in [paragraph.text for paragraph in made.paragraphs]


@pytest.mark.parametrize(
    "words",
    [
        "{{ 7*7 }} {% for x in y %} {# #}",
        "<w:p>&amp;</w:p> ]]> & < >",
        "𠮷野家·买买提 👍",
        "=1+1\t后面",
        "一行\r\n另一行",
    ],
)
def test_whatever_somebody_wrote_is_printed_as_it_is(door: Door, words: str) -> None:
    advisor = door.person("committee_advisor")
    visit = recorded(door, advisor, door.resident(DIBAO), narrative=words, companions=re.sub(r"\s", " ", words))
    [page] = pages(door, visit, advisor)
    assert page["记录内容（尽量详实）"] == words.replace("\r\n", "\n").strip()


def test_the_form_holds_no_id_number_phone_or_address(door: Door) -> None:
    advisor = door.person("committee_advisor")
    world = door.world
    person = Person(world, id_numbers.make(date(1960, 1, 1), 77))
    told = {
        "id_number": person.id_number,
        "name": "测试",
        "street": STREET,
        "committee": COMMITTEE,
        "phone": "13800138000",
        "address": "测试路1弄2号301室",
    }
    world.accept(world.event("resident.registered", {"person": told, "facts": [DIBAO]}))
    world.settle()
    visit = recorded(door, advisor, str(person.id))
    made = document(door, visit, advisor)
    text = "".join(re.findall(r">([^<]+)<", made.element.xml))
    assert person.id_number not in text
    assert "13800138000" not in text
    assert "测试路" not in text
    assert "身份证" not in text
    assert "签名" not in text
    assert (made.core_properties.author, made.core_properties.last_modified_by) == ("", "")


def test_the_form_is_masked_and_out_of_reach_as_the_visit_is(door: Door) -> None:
    advisor = door.person("committee_advisor")
    visit = recorded(door, advisor, door.resident(DIBAO))
    [page] = pages(door, visit, door.person("district_officer"))
    assert re.fullmatch(r".{1,2}\*", page["居民姓名"])
    assert page["记录内容（尽量详实）"] == record_forms.WITHHELD
    elsewhere = door.person("street_advisor", street="310117002")
    path = f"/v1/visits/{visit}/form.docx"
    assert is_problem(door.client.get(path, headers=elsewhere), 404, "not_found")
    other_committee = door.person("committee_advisor", committees=["310117001002"])
    assert is_problem(door.client.get(path, headers=other_committee), 404, "not_found")
    assert is_problem(door.client.get(path, headers=door.person("visitor")), 404, "not_found")
    assert is_problem(door.client.get(path, headers=door.person("auditor")), 403, "forbidden")
    assert is_problem(door.client.get(path), 401, "unauthorized")


def test_of_a_family_in_two_committees_each_advisor_prints_their_own(door: Door) -> None:
    street = door.person("street_advisor", committees=["310117001001", "310117001002"])
    here, there = door.resident(DIBAO), door.resident(NEED, committee="310117001002")
    visit = recorded(door, street, here, there, several_households=True)
    [page] = pages(door, visit, door.person("committee_advisor"))
    assert ticked(page["居民标签"]) == ["城保"]


def test_a_larger_family_takes_no_more_statements(door: Door, statements: Statements) -> None:
    advisor = door.person("committee_advisor")
    sent = []
    for number in (1, 2, 6):
        residents = [door.resident(DIBAO) for _ in range(number)]
        visit = recorded(door, advisor, *residents, several_households=True)
        with statements.counted() as found:
            assert len(pages(door, visit, advisor)) == number
        sent.append(found)
    assert growth(sent[1], sent[2]) == {}


def test_the_services_of_the_paper_are_those_of_the_form() -> None:
    assert get_args(Service) == record_forms.SERVICES
