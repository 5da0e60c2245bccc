"""The words of registers, and the contract's codes for them; what could mean two things has none."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from core.events import names


class Status(StrEnum):
    """What a state column says of a row."""

    IN_FORCE = "in_force"
    ENDED = "ended"


_BRACKETS: Final = re.compile(r"[\s()\[\]“”\"'·:/\-]+")
# What a tag may be called besides, without meaning another: whom it is about, and its class of payment.
_NOUNS: Final = re.compile("家庭|对象|人员|人口|群众|成员|居民|待遇|享受|户")
_CLASS: Final = re.compile("[a-d一二三四甲乙丙]类|[a-d一二三四]档")


def word_key(text: str) -> str:
    """A word without spaces, brackets, width and what nobody sees."""
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", names.visible(text))).lower()


def tag_key(text: str) -> str:
    """A tag's word, moreover without class and noun: 农村低保户 is 农村低保, 城镇低保（A类） is 城镇低保."""
    key = word_key(text)
    return _CLASS.sub("", _NOUNS.sub("", key)) or key


def _table(words: Mapping[str, str]) -> dict[str, str]:
    return {word_key(word): code for code, several in words.items() for word in (code, *several.split())}


# The form's ten tags as registers write them; what stands behind the colon is the support of tekun.
TAG_WORDS: Final = {
    tag_key(word): code
    for code, several in {
        "dibao_urban": "城保 城镇低保 城市低保 城低保 低保城镇 低保城市 低保城保 城镇最低生活保障 城市最低生活保障 "
        "最低生活保障城镇 最低生活保障城市",
        "dibao_rural": "农保 农村低保 农低保 低保农村 低保农保 农村最低生活保障 最低生活保障农村",
        "dibao_edge": "低保边缘 低边 最低生活保障边缘 边缘",
        "expenditure_poor": "支贫 支出型贫困 支出型困难 支出型 支出型贫困支贫",
        "severe_disability_aid": "重残 重残无业 重残补助 重残无业补助 重残生活补助 重残无业生活补助",
        "tekun:scattered": "特困分散 特困分散供养 分散特困 分散供养 分散供养特困 特困供养分散 特困供养分散供养 "
        "特困救助供养分散 五保分散 五保分散供养 分散供养五保",
        "tekun:centralised": "特困集中 特困集中供养 集中特困 集中供养 集中供养特困 特困供养集中 特困供养集中供养 "
        "特困救助供养集中 五保集中 五保集中供养 集中供养五保",
        # 五保 has been part of 特困 since 国发〔2016〕14号.
        "tekun": "特困 特困供养 特困救助 特困救助供养 农村特困 城市特困 五保 五保供养 农村五保",
        "potential": "潜在救助 潜在",
        "ineligible_in_need": "不符合政策但确有困难 不符合但确有困难",
        "covered_more_possible": "政策已覆盖还可救助 已覆盖还可救助",
        "other_concern": "其他需关注群体 其他需关注 其他关注群体",
    }.items()
    for word in (code, *several.split())
}
TAG_NAMES: Final = {
    "dibao_urban": "城保",
    "dibao_rural": "农保",
    "dibao_edge": "低保边缘",
    "expenditure_poor": "支贫",
    "severe_disability_aid": "重残",
    "tekun": "特困",
    "potential": "潜在救助对象",
    "ineligible_in_need": "不符合政策但确有困难",
    "covered_more_possible": "政策已覆盖还可救助",
    "other_concern": "其他需关注群体",
}
AMBIGUOUS_TAGS: Final = frozenset(("低保", "最低生活保障", "低保救助", "城乡低保"))
SUPPORTS: Final = _table({"scattered": "分散 分散供养", "centralised": "集中 集中供养"})
BASES: Final = _table(
    {
        "outpatient_registration": "门诊大病登记 大病登记 门诊大病",
        "diagnosis": "诊断 诊断证明 医院诊断 确诊",
        "civil_affairs": "民政认定 民政",
        "warning_list": "预警名单 预警",
        "found_on_visit": "走访发现",
    }
)
CAUSES: Final = _table(
    {
        "emergency": "突发事件 突发",
        "accident": "意外事故 意外 事故",
        "serious_illness": "罹患重病 重病 患重病",
        "other": "其他 其它",
    }
)
WARNINGS: Final = _table({"illness_poverty": "因病致贫 因病致贫预警"})
KINDS: Final = _table(
    {
        "assistance": "救助 社会救助 救助类别",
        "outreach": "政策找人 政策找人对象",
        "serious_illness": "重病 大病",
        "disability": "残疾",
        "major_change": "重大变故 变故",
        "warning": "预警 因病致贫预警",
        "pause": "暂停 暂停走访",
        "street_tag": "街镇标签",
    }
)
CATEGORIES: Final = _table(
    {
        "1": "视力 视力残疾",
        "2": "听力 听力残疾",
        "3": "言语 言语残疾",
        "4": "肢体 肢体残疾",
        "5": "智力 智力残疾",
        "6": "精神 精神残疾",
        "7": "多重 多重残疾",
    }
)
GRADES: Final = _table({"1": "一级 1级 一 Ⅰ", "2": "二级 2级 二 Ⅱ", "3": "三级 3级 三 Ⅲ", "4": "四级 4级 四 Ⅳ"})
SEXES: Final = _table({"male": "男 男性 m", "female": "女 女性 f"})
TICKS: Final = _table(
    {"yes": "是 有 y true √ ✓ ✔ ☑ ■ 1 见到 已见 见到本人", "no": "否 无 n false × ✗ x ☐ □ 0 未见 未遇 未见到"}
)
MODES: Final = _table(
    {
        "home_visit": "走访 上门走访 入户走访 上门 入户",
        "reception": "接待",
        "phone": "电话",
        "wechat": "微信",
        "building_video": "楼宇视频",
        "other": "其他 其它",
    }
)
SERVICES: Final = _table(
    {
        "policy_explain": "政策解读",
        "apply_on_behalf": "代办申请",
        "need_screen": "需求排摸",
        "lead_handle": "线索处理",
        "hardship_verify": "困境核实",
        "need_assess": "需求评估",
        "match_resource": "匹配资源",
        "referral": "转介服务",
        "care": "关心关爱",
        "counsel": "开展心理慰藉、提升社会能力服务 心理慰藉 开展心理慰藉 提升社会能力服务",
    }
)
INITIATORS: Final = _table({"resident": "居民", "advisor": "救助顾问 顾问"})
ROLES: Final = _table(
    {
        "street_advisor": "街镇救助顾问 街道救助顾问",
        "committee_advisor": "村居救助顾问 居村救助顾问 居委救助顾问",
        "grid_worker": "网格员",
        "volunteer": "志愿者",
        "social_worker": "社工 社会工作者 第三方社工",
        "relative": "亲属",
        "neighbour": "邻里 邻居",
        "family_doctor": "家庭医生",
    }
)
STATUSES: Final = _table(
    {
        Status.IN_FORCE: "正常 在保 在享 享受中 享受 有效 在册 在库 在册在保 正常在保 正常享受 新增 新增在保 续保 复保 "
        "恢复 保留 继续享受 健在 在世 生效 启用 正常发放 在发 无变动 无变化 未变动 增 增加",
        Status.ENDED: "停保 停发 停止 终止 注销 死亡 迁出 减 减少",
    }
)
# What ends somebody's aid or place in the register, wherever it stands in a state or a remark.
_ENDS: Final = re.compile(
    "(?<![未非没无不])(?:停保|停发|停止|停享|停用|终止|中止|注销|销户|死亡|已故|去世|过世|亡故|病故|身故|离世|逝世|迁出|迁离|迁往"
    "|转出|退出|退保|退库|出库|清退|取消|撤销|除名|失效|作废|暂停|不再享受|不再符合|减员)"
)


def ends(text: str) -> bool:
    """Whether a state or a remark says that somebody's aid has ended, or that they are dead or gone."""
    return _ENDS.search(word_key(text)) is not None
