"""`docs/errors.md`: every refusal with its status and what would help, made from the refusals themselves.

`make docs` writes it; a test fails while it is stale, and when an answer of the suite has a code that is missing here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from api import description
from api.http.errors import status_of
from api.main import application
from core import errors

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "errors.md"

# What stands in `errors[].code`, besides the codes of refusals: the part of a request that is meant, or what is amiss.
FIELDS: Final = {
    "address": "通知渠道的地址不能使用。",
    "alias": "规则文件不能使用 YAML 的锚点和别名。",
    "ambiguous": "条件有歧义，一项只能写一个条件。",
    "attribute_name": "没有这个 CloudEvents 属性，或者重复发送。",
    "attribute_value": "CloudEvents 扩展属性的值不能这样写。",
    "backwards": "沙箱的时间只能向前。",
    "before_policy": "这一天早于第一份政策。",
    "before_task": "日期早于这项任务开始的那天。",
    "code": "须是规定位数的数字代码。",
    "control_character": "不能含有控制字符。",
    "same": "两个编号是同一位居民。",
    "cursor": "须是本列表给出的 `next_cursor`。",
    "data_base64": "`data_base64` 须是 Base64 编码的 JSON，且不能与 `data` 同时出现。",
    "datacontenttype": "内容须是 UTF-8 的 JSON。",
    "date": "须是 `YYYY-MM-DD` 格式的日期。",
    "date_in_future": "日期不能在将来。",
    "duplicate": "同一内容重复出现。",
    "enum": "须是所列的值之一。",
    "greater_than": "数值太小。",
    "greater_than_equal": "数值太小。",
    "id_number_characters": "身份证号码由 17 位数字和一位数字或 X 组成。",
    "id_number_checksum": "身份证号码的校验位不符。",
    "id_number_date": "身份证号码中的出生日期不存在。",
    "id_number_length": "身份证号码须为 18 位。",
    "id_number_spreadsheet": "身份证号码已被表格软件改坏。",
    "identifier": "须是规定写法的标识。",
    "in_future": "日期不能在今天以后。",
    "in_past": "日期不能在今天以前。",
    "label": "名称须是一行简短的文字。",
    "less_than": "数值太大。",
    "less_than_equal": "数值太大。",
    "missing": "必须填写。",
    "multiple_of": "数值须是规定数的整数倍。",
    "never_raises": "规则从不提高任何人的档次。",
    "no_ground": "没有免除这一期走访的依据。",
    "not_nested": "高一档的走访不能比低一档更少。",
    "order": "先后次序不对。",
    "other_year": "日期不在这一年。",
    "password": "密码太容易猜到，或者与现在的相同。",
    "period": "须是 `2026-03`、`2026-Q1` 或 `2026-H1` 这样的时段。",
    "range": "超出允许的范围。",
    "reserved": "这个名称由全区保留。",
    "same_label": "规则的名称与另一条相同。",
    "secret": "通知渠道的密钥不能使用。",
    "source": "密钥属于另一个来源。",
    "specversion": "须是 `1.0`。",
    "street_not_allowed": "这把密钥的街镇中没有这个人。",
    "string_too_long": "文字太长。",
    "string_too_short": "文字太短。",
    "syntax": "规则文件的格式有误。",
    "text": "须是规定长度的文字。",
    "time": "须是带时区的时刻（RFC 3339）。",
    "time_in_future": "时刻晚于现在超过 5 分钟。",
    "too_late": "已经过了可以办理的期限。",
    "too_long": "项数太多。",
    "too_short": "项数太少。",
    "twice": "同一天重复出现。",
    "type": "值的类型不对。",
    "type_not_allowed": "这把密钥不能发送这种消息。",
    "undeclared": "街镇没有声明这个标签。",
    "unexpected": "这里不应有这一项。",
    "unknown": "不是本人的渠道。",
    "unknown_committee": "本区没有这个居村委会。",
    "unknown_field": "没有这个字段。",
    "unknown_rule": "没有这条规则。",
    "unknown_street": "本区没有这个街镇。",
    "unknown_tag": "没有声明这个标签。",
    "unknown_type": "没有这种消息。",
    "unreachable": "条件自相矛盾，没有人会符合。",
    "unused_tag": "没有规则用到这个标签。",
    "uuid": "须是 UUID。",
    "value": "值与其他各项不符。",
}

_HEAD: Final = """\
# 错误代码

接口拒绝一个请求时，以 `application/problem+json`（RFC 9457）答复：`code` 说明是哪一种，`title` 是它的名称，`detail`
说明发生了什么、怎样处理，`errors` 逐项指出位置（`loc`）、代码（`code`）和说明（`msg`）。任何一项都不重复发来的内容。

本文由程序生成（`make docs`），请勿手工修改。

## 请求被拒绝的原因

| 代码 | 状态 | 含义 | 怎样处理 | 出现在 |
|---|---|---|---|---|
"""
_FIELDS_HEAD: Final = """
## 字段的说明

`errors[].code` 除上表中的代码以外，还有：

| 代码 | 含义 |
|---|---|
"""


def page(app: FastAPI) -> str:
    """The whole of `docs/errors.md`."""
    return _HEAD + "".join(_refusals(app)) + _FIELDS_HEAD + "".join(_fields())


def _refusals(app: FastAPI) -> Iterator[str]:
    where: dict[str, list[str]] = {kind.code: [] for kind in errors.every()}
    routes = list(description.routes(app))
    for route in routes:
        for kind in description.refused_by(route):
            where[kind.code].append(f"`{description.operation_id(route)}`")
    for kind in sorted(errors.every(), key=lambda kind: (status_of(kind), kind.code)):
        found = where[kind.code]
        places = "任何地址" if len(found) == len(routes) else "、".join(found) or "任何地址"
        if len(routes) > len(found) > len(routes) // 3:
            places = "多数地址"
        yield f"| `{kind.code}` | {status_of(kind)} | {kind.title} | {kind.advice} | {places} |\n"


def _fields() -> Iterator[str]:
    for code, meaning in sorted(FIELDS.items()):
        yield f"| `{code}` | {meaning} |\n"


def main() -> None:
    """Write the page; a database is not needed."""
    PAGE.write_text(page(application(with_sandbox=True)), "utf-8")


if __name__ == "__main__":
    main()
