"""What a CloudEvent says around its data: attributes, media types, header values."""

import base64
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from core.events import strict_json
from core.events.fields import Fields, holds_control
from core.events.strict_json import BodyInvalid
from rules.facts import Problem

_ATTRIBUTE_NAME: Final = re.compile(r"[a-z0-9]+", re.ASCII)
_OPTIONAL: Final = ("subject", "dataschema")
_LONGEST_ATTRIBUTE: Final = 4096
_INT32: Final = 2**31
_JSON_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.-]+/(?:[a-z0-9!#$&^_.+-]+\+)?json", re.ASCII)
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
CORE: Final = frozenset(("specversion", "source", "id", "type", "time", "data", "data_base64"))


def attributes(fields: Fields) -> dict[str, object]:
    """What the envelope says beyond the core, checked: kept, but nothing is decided by it."""
    kept: dict[str, object] = {}
    for name, value in fields.raw.items():
        if name in CORE or value is None:
            continue
        if name == "datacontenttype":
            if not isinstance(value, str) or not _is_json(value):
                fields.note(name, "datacontenttype", "`data` 须是 UTF-8 的 JSON。")
        elif name in _OPTIONAL:
            kept[name] = fields.text(name, _LONGEST_ATTRIBUTE)
        elif not isinstance(name, str) or not _ATTRIBUTE_NAME.fullmatch(name):
            fields.note(name, "attribute_name", "属性名由小写字母和数字组成。")
        elif isinstance(value, str) and (len(value) > _LONGEST_ATTRIBUTE or holds_control(value)):
            fields.note(name, "attribute_value", "太长，或含有控制字符。")
        elif isinstance(value, str | bool) or (isinstance(value, int) and -_INT32 <= value < _INT32):
            kept[name] = value
        else:
            fields.note(name, "attribute_value", "须是文字、真假值或 32 位整数。")
    return kept


def decoded(raw: Mapping[str, object]) -> tuple[object, list[Problem]]:
    """What `data_base64` says: a sender that holds its JSON as bytes sends it so (CloudEvents JSON format 3.1.1)."""
    coded = raw["data_base64"]
    if raw.get("data") is not None or not isinstance(coded, str):
        return None, [Problem("data_base64", "data_base64", "消息只能有 `data`，或以 Base64 编码的 UTF-8 JSON。")]
    try:
        text = strict_json.decode(base64.b64decode(coded, validate=True))
        value, end, flaws = strict_json.scan(text, strict_json.skip_blank(text, 0), "data")
        strict_json.expect_end(text, end)
    except BodyInvalid as error:
        return None, [Problem("data_base64", problem.code, problem.msg) for problem in error.problems]
    except ValueError:
        return None, [Problem("data_base64", "data_base64", "须是以 Base64 编码的 UTF-8 JSON。")]
    return value, flaws


def header_text(value: str) -> str:
    """An attribute from its header: quotes of the older binding undone, then one round of percent-decoding."""
    value = value.strip(" \t")
    if not value.isascii():
        raise ValueError("not ASCII")
    if (quoted := _QUOTED.fullmatch(value)) is not None:
        value = re.sub(r"\\(.)", r"\1", quoted.group(1))
    return unquote_to_bytes(value).decode("utf-8")


def _is_json(content_type: str) -> bool:
    media, _, _ = content_type.partition(";")
    return _JSON_TYPE.fullmatch(media.strip().lower()) is not None and is_utf8(content_type)


def is_utf8(content_type: str | None) -> bool:
    charset = _CHARSET.search(content_type or "")
    return charset is None or charset.group(1).lower() in ("utf-8", "utf8")
