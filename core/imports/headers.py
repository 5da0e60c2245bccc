"""The usual headers of registers, facts and visits, and the fields they head."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Final

from core.events import names
from core.imports import days, values, words
from core.imports.words import TAG_WORDS, tag_key, word_key

MARK: Final = "mark:"  # a column of ticks for one tag, as on the record form


class Kind(StrEnum):
    """What the rows of a file are."""

    REGISTER = "register"
    FACTS = "facts"
    VISITS = "visits"


_PERSON: Final = {
    "id_number": "身份证号 身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号 居民身份证号码 证件号码 证件号 "
    "身份号码",
    "external_id": "人员编号 个人编号 人员编码 对象编号 外部编号",
    "name": "姓名 居民姓名 对象姓名 救助对象 救助对象姓名 人员姓名",
    "street": "街镇 街道 所属街镇 所属街道 街道(镇) 街道/镇 街镇名称 街道名称 街镇代码 街道代码",
    "committee": "居委 居村 村居 居委会 村(居)委会 居(村)委会 居村委 居村委会 所属居委 所属居村 所属村居 所属居委会 "
    "所属居村委 居委名称 村居名称 居委代码 村居代码 居村代码 社区",
}
_DATES: Final = {
    "valid_from": "认定日期 认定时间 批准日期 审批日期 生效日期 开始日期 起始日期 享受日期 救助开始日期 纳入日期 "
    "发生日期 推送日期",
    "valid_to": "终止日期 结束日期 失效日期 截止日期 到期日期 有效期至 停发日期 停保日期 注销日期 退出日期 取消日期",
}
# A state that is not one of aid in force refuses its row; so does a remark like 已停保, and anything under `gone`.
_STATES: Final = {
    "status": "状态 人员状态 对象状态 保障状态 救助状态 享受状态 待遇状态 在保状态 在册状态 生存状态 发放状态 当前状态 "
    "变动状态 人员变动 变动情况 异动情况 增减情况 增减",
    "remarks": "备注 备注说明 备注栏 说明 情况说明 变动说明 变动原因",
    "is_in_force": "是否在保 是否在册 是否在库 是否在享 是否享受 是否有效 是否健在 是否在世",
    "is_gone": "是否死亡 是否去世 是否已故 是否停保 是否停发 是否注销 是否迁出 是否退出",
    "gone": "死亡日期 死亡时间 去世日期 迁出日期 迁出时间 停保原因 停发原因 退出原因 注销原因 终止原因 减少原因",
}
_DISABILITY: Final = {"category": "残疾类别 残疾类型", "grade": "残疾等级 残疾级别"}
FIELDS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.REGISTER: {
        **_PERSON,
        "birth_date": "出生日期 出生年月日 生日",
        "sex": "性别",
        "phone": "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码",
        "address": "地址 住址 居住地址 现住址 家庭住址 家庭地址 联系地址 户籍地址 实际居住地址",
        "household": "户号 家庭编号 户编号 家庭户号",
        "relation": "与户主关系 家庭关系 与申请人关系 关系",
        "tags": "救助类别 救助类型 救助身份 对象类别 对象类型 人员类别 保障类别 困难类别 居民标签 标签 政策已覆盖对象 "
        "政策找人对象 tag",
        "support": "供养方式 供养类型 特困供养方式",
        "disability_number": "残疾证号 残疾证号码 残疾人证号 残疾证",
        "disability_from": "残疾证发证日期 发证日期 残疾认定日期 残疾评定日期",
        **_DISABILITY,
        "basis": "重病依据 大病依据 重病认定依据 重病",
        "illness_from": "重病日期 重病认定日期 大病登记日期 确诊日期",
        **_DATES,
        **_STATES,
    },
    Kind.FACTS: {
        **_PERSON,
        "kind": "事项 事项类型 事项类别 信息类型 变动类型",
        "tag": "救助类别 救助类型 对象类别 标签 tags",
        "support": "供养方式 供养类型 特困供养方式",
        "basis": "依据 重病依据 大病依据",
        "confirmed_on": "确认日期",
        **_DISABILITY,
        "cause": "变故原因 变故类型 原因",
        "warning": "预警类型 预警类别",
        "reason": "暂停原因 事由",
        **_DATES,
        **_STATES,
    },
    Kind.VISITS: {
        **_PERSON,
        "service_date": "服务时间 服务日期 走访日期 走访时间",
        "mode": "服务方式 走访方式 走访形式",
        "mode_text": "其他方式 其他服务方式",
        "participants": "参与人员 走访人员 走访人",
        "duration_hours": "服务时长 服务时长小时 时长",
        "services": "救助服务内容 服务内容",
        "initiated_by": "发起方",
        "companions": "同行人员",
        "narrative": "记录内容 走访记录 走访情况",
        "met": "是否见到 是否见到本人 见到本人",
        "visited_by_role": "走访人身份 走访人员身份 服务人员类别",
    },
}
# One of each group must have a column.
OBLIGATORY: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    Kind.REGISTER: (("id_number", "external_id"), ("name",), ("committee",)),
    Kind.FACTS: (("id_number", "external_id"), ("kind", "tag", "cause", "warning"), ("valid_from",)),
    Kind.VISITS: (
        ("id_number", "external_id"),
        *((name,) for name in ("service_date", "mode", "participants", "duration_hours", "services")),
        ("initiated_by",),
        ("narrative",),
    ),
}
IDENTITIES: Final = ("id_number", "external_id")
SIGNS: Final = {Kind.VISITS: ("service_date", "narrative"), Kind.FACTS: ("kind", "cause", "warning")}
# Fields whose words may be given another meaning, and how the meaning is read. None of them holds personal data, since
# words are remembered.
MEANINGS: Final[Mapping[str, Callable[[str], object]]] = {
    "tags": values.tags,
    "tag": values.tags,
    **{
        name: partial(values.word, known=known)
        for name, known in {
            "support": words.SUPPORTS,
            "basis": words.BASES,
            "cause": words.CAUSES,
            "warning": words.WARNINGS,
            "kind": words.KINDS,
            "category": words.CATEGORIES,
            "grade": words.GRADES,
            "sex": words.SEXES,
            "met": words.TICKS,
            "mode": words.MODES,
            "initiated_by": words.INITIATORS,
            "visited_by_role": words.ROLES,
            **dict.fromkeys(_STATES, words.STATUSES),
        }.items()
    },
    "services": partial(values.several, known=words.SERVICES),
    "street": str,
    "committee": str,
    **dict.fromkeys((*_DATES, "disability_from", "illness_from", "confirmed_on", "service_date"), days.day),
}
LABELS: Final[Mapping[Kind, str]] = {Kind.REGISTER: "花名册", Kind.FACTS: "事项", Kind.VISITS: "走访记录"}
_NOTE: Final = re.compile(r"\([^()]*\)")
_NOISE: Final = re.compile(r"[\s*:：※★]+")


def header_key(header: str) -> str:
    """A header without spaces, asterisks, width and what nobody sees, so that what means the same is the same."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", names.visible(header))).lower()


def _keys(header: str) -> tuple[str, str, str, str]:
    """A header as it stands, without its brackets, without what they hold, and as a tag.

    Like 特困（分散）, 服务时长（小时）, 低保边缘户.
    """
    key = header_key(header)
    return key, word_key(header), _NOTE.sub("", key), tag_key(header)


def _recognised(fields: Mapping[str, str]) -> dict[str, str]:
    found = {header_key(word): name for name, words in fields.items() for word in (name, *words.split())}
    if "tags" in fields:
        for words, tag in TAG_WORDS.items():
            # The words of a tag are the header of its ticks, unless they are a header of their own (重残 is not 重病).
            found.setdefault(words, f"{MARK}{tag}")
    return found


_HEADERS: Final = {kind: _recognised(fields) for kind, fields in FIELDS.items()}


def is_known(header: str) -> bool:
    """Whether any kind of file has a column of this name."""
    return any(key in headers for key in _keys(header) for headers in _HEADERS.values())


def field_of(kind: Kind, header: str) -> str | None:
    """The field that a usual header means."""
    headers = _HEADERS[kind]
    return next((headers[key] for key in _keys(header) if key in headers), None)


def label(kind: Kind, field: str) -> str:
    """What people call a field."""
    usual = FIELDS[kind].get(field)
    return usual.split(" ", 1)[0] if usual else field.removeprefix(MARK)


def is_field(kind: Kind, name: str) -> bool:
    """Whether a file of this kind has such a field."""
    return name in FIELDS[kind] or (kind is Kind.REGISTER and name in {f"{MARK}{tag}" for tag in TAG_WORDS.values()})
