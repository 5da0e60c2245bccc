"""Which column of a file is which field: recognised by usual headers, overridden by hand, remembered by source."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid
from core.imports.values import TAG_WORDS, word_key
from rules import facts

IGNORED: Final = "-"  # as in `--map "备注=-"`
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
    "valid_to": "终止日期 结束日期 失效日期 截止日期 到期日期 有效期至 停发日期",
}
_DISABILITY: Final = {"category": "残疾类别 残疾类型", "grade": "残疾等级 残疾级别"}
_FIELDS: Final[Mapping[Kind, Mapping[str, str]]] = {
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
_OBLIGATORY: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    Kind.REGISTER: (("id_number", "external_id"), ("name",), ("committee",)),
    Kind.FACTS: (("id_number", "external_id"), ("kind", "tag", "cause", "warning"), ("valid_from",)),
    Kind.VISITS: (
        ("id_number", "external_id"),
        *((one,) for one in ("service_date", "mode", "participants", "duration_hours", "services")),
        ("initiated_by",),
        ("narrative",),
    ),
}
_SIGNS: Final = {Kind.VISITS: ("service_date", "narrative"), Kind.FACTS: ("kind", "cause", "warning")}
_NOTE: Final = re.compile(r"\([^()]*\)")
_NOISE: Final = re.compile(r"[\s*:：※★]+")


def header_key(header: str) -> str:
    """A header without spaces, asterisks and width, so that what means the same is the same."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", header)).lower()


def _keys(header: str) -> tuple[str, str, str]:
    """A header as it stands, without its brackets, and without what they hold: 特困（分散）, 服务时长（小时）."""
    key = header_key(header)
    return key, word_key(header), _NOTE.sub("", key)


def _recognised(fields: Mapping[str, str]) -> dict[str, str]:
    found = {header_key(word): name for name, words in fields.items() for word in (name, *words.split())}
    if "tags" in fields:
        for words, tag in TAG_WORDS.items():
            # The words of a tag are the header of its ticks, unless they are a header of their own (重残 is not 重病).
            found.setdefault(words, f"{MARK}{tag}")
    return found


_HEADERS: Final = {kind: _recognised(fields) for kind, fields in _FIELDS.items()}


def is_known(header: str) -> bool:
    """Whether any kind of file has a column of this name."""
    return any(key in headers for key in _keys(header) for headers in _HEADERS.values())


def field_of(kind: Kind, header: str) -> str | None:
    """The field that a usual header means."""
    headers = _HEADERS[kind]
    return next((headers[key] for key in _keys(header) if key in headers), None)


@dataclass(frozen=True, slots=True)
class Column:
    """A column in use. `how`: recognised, given or remembered."""

    index: int
    header: str
    field: str
    how: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read from which column; `unknown` are the headers that are left out."""

    kind: Kind
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    signature: str

    def header(self, field: str) -> str:
        """What the file calls a field; the field's own name if it has no column."""
        return next((one.header for one in self.columns if one.field == field), field)


def parse_given(pairs: Sequence[str]) -> dict[str, str]:
    """`--map "表头=field"` as header → field; the kind that is read decides whether there is such a field."""
    given = {}
    for pair in pairs:
        header, equals, field = pair.rpartition("=")
        if not equals or not header.strip() or not field.strip():
            raise Invalid('列的对应写作 `--map "表头=字段"`，不用的列写作 `--map "表头=-"`。')
        given[header_key(header)] = field.strip()
    return given


def detect(headers: Sequence[str], given: Mapping[str, str], known: Mapping[Kind, Mapping[str, str]]) -> Kind:
    """What a file holds, by the columns that only such a file has; `known` is what was used before, by kind."""
    fields = {
        kind: {
            given.get(header_key(header)) or known[kind].get(header_key(header)) or field_of(kind, header)
            for header in headers
        }
        for kind in Kind
    }
    for kind, signs in _SIGNS.items():
        if fields[kind] & set(signs):
            return kind
    # Without a committee it registers nobody; with one it is a register, perhaps a defective one.
    is_facts = all(fields[Kind.FACTS] & set(group) for group in _OBLIGATORY[Kind.FACTS])
    return Kind.FACTS if is_facts and not fields[Kind.REGISTER] & {"committee", "street"} else Kind.REGISTER


def make(kind: Kind, headers: Sequence[str], given: Mapping[str, str], remembered: Mapping[str, str]) -> Plan:
    """The columns of a file; raises `Invalid` for two of one field, and for one that must be there and is not."""
    columns: list[Column] = []
    unknown: list[str] = []
    unused = dict(given)
    for index, header in enumerate(headers):
        key = header_key(header)
        if not key:
            continue
        unused.pop(key, None)
        said = (("given", given.get(key)), ("remembered", remembered.get(key)), ("recognised", field_of(kind, header)))
        how, field = next(((how, field) for how, field in said if field), ("", None))
        if field == IGNORED:
            continue
        if field is None:
            unknown.append(header)
        elif not _is_field(kind, field):
            raise Invalid(f"`{kind}` 文件没有 `{field}` 字段，可用的有：{facts.listed(_FIELDS[kind])}。")
        else:
            columns.append(Column(index, header, field, how))
    if unused:
        raise Invalid(f"`--map` 写了 {len(unused)} 个文件中没有的列，请核对表头。")
    _check(kind, columns)
    signature = sha256("\n".join(sorted(map(header_key, headers))).encode()).hexdigest()
    return Plan(kind, tuple(columns), tuple(unknown), signature)


def _is_field(kind: Kind, field: str) -> bool:
    return field in _FIELDS[kind] or (kind is Kind.REGISTER and field in {f"{MARK}{tag}" for tag in TAG_WORDS.values()})


def _check(kind: Kind, columns: Sequence[Column]) -> None:
    named: dict[str, str] = {}
    for one in columns:
        if one.field in named and one.field != "tags":
            raise Invalid(
                f"有两列都是 `{one.field}`：“{named[one.field]}”和“{one.header}”。"
                f'请说明用哪一列，例如用 `--map "{one.header}=-"` 去掉一列。'
            )
        named[one.field] = one.header
    missing = [group for group in _OBLIGATORY[kind] if not named.keys() & set(group)]
    if missing:
        wanted = "; ".join(
            " or ".join(f"{field} ({_FIELDS[kind][field].split(' ', 1)[0]})" for field in group) for group in missing
        )
        raise Invalid(f'`{kind}` 文件须有 `{wanted}` 一列，请用 `--map "表头=字段"` 指明。')


def remembered(session: Session, source: str, kind: Kind) -> dict[str, str]:
    """What was used for a source's columns before, the latest use of a header first."""
    rows = session.execute(
        text("SELECT mapping FROM import_mapping WHERE source = :source AND kind = :kind ORDER BY updated_at"),
        {"source": source, "kind": kind.value},
    )
    return {header: field for row in rows for header, field in row.mapping.items()}


def remember(
    session: Session, source: str, plan: Plan, given: Mapping[str, str], *, district: str, now: datetime
) -> None:
    """Keep what was used, to propose it for the next file of this source."""
    used = {**given, **{header_key(one.header): one.field for one in plan.columns}}
    session.execute(
        text(
            "INSERT INTO import_mapping (district_code, source, kind, signature, mapping, updated_at)"
            " VALUES (:district, :source, :kind, :signature, CAST(:mapping AS jsonb), :now)"
            " ON CONFLICT (district_code, source, kind, signature) DO UPDATE SET mapping = EXCLUDED.mapping,"
            " updated_at = EXCLUDED.updated_at"
        ),
        {
            "district": district,
            "source": source,
            "kind": plan.kind.value,
            "signature": plan.signature,
            "mapping": orjson.dumps(used).decode(),
            "now": now,
        },
    )
