"""What people write into cells, read into the contract's words; what could mean two things is refused."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from core.events import id_numbers
from core.events.id_numbers import IdNumberInvalid
from core.imports.files import Cell
from rules import facts
from rules.facts import listed


class CellInvalid(ValueError):
    """A cell that cannot be read; `code` says why, `msg` in words that never repeat it."""

    def __init__(self, code: str, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


def _table(words: Mapping[str, str]) -> dict[str, str]:
    return {word_key(word): code for code, several in words.items() for word in (code, *several.split())}


_BRACKETS: Final = re.compile(r"[\s()\[\]“”\"'·:/\-]+")


def word_key(text: str) -> str:
    """A word without spaces, brackets and width."""
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", text)).lower()


# The form's ten tags as registers write them; what stands behind the colon is the support of tekun.
TAG_WORDS: Final = _table(
    {
        "dibao_urban": "城保 城镇低保 城市低保 城低保 城镇居民最低生活保障 城镇最低生活保障 城市居民最低生活保障",
        "dibao_rural": "农保 农村低保 农低保 农村居民最低生活保障 农村最低生活保障",
        "dibao_edge": "低保边缘 低保边缘家庭 低保边缘对象 低边 低保边缘户 最低生活保障边缘家庭",
        "expenditure_poor": "支贫 支出型贫困 支出型贫困家庭 支出型困难家庭 支出型",
        "severe_disability_aid": "重残 重残无业 重残无业人员 重残补助",
        "tekun:scattered": "特困分散 特困分散供养 分散特困 分散供养 分散供养特困 特困人员分散供养 特困供养分散",
        "tekun:centralised": "特困集中 特困集中供养 集中特困 集中供养 集中供养特困 特困人员集中供养 特困供养集中",
        "tekun": "特困 特困人员 特困供养 特困对象",
        "potential": "潜在救助对象 潜在 潜在对象",
        "ineligible_in_need": "不符合政策但确有困难 不符合政策但确有困难对象 不符合但确有困难",
        "covered_more_possible": "政策已覆盖还可救助 政策已覆盖还可救助对象 已覆盖还可救助",
        "other_concern": "其他需关注群体 其他需关注 其他关注群体",
    }
)
_AMBIGUOUS_TAGS: Final = frozenset(("低保", "最低生活保障", "低保户", "低保对象", "低保家庭"))
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

_SPLIT: Final = re.compile(r"[、,;|\n+＋]+|\s{2,}")
_WRAPPED: Final = re.compile(r"=?\"(.*)\"", re.DOTALL)
_DAY: Final = re.compile(
    r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", re.ASCII
)
_EIGHT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_SERIAL: Final = re.compile(r"\d{5}(?:\.0+)?", re.ASCII)
_MONTH: Final = re.compile(r"\d{4}(?:[-/.]|年)\d{1,2}月?", re.ASCII)
_CERTIFICATE: Final = re.compile(r"(\d{17}[\dX])([1-7])([1-4])", re.ASCII)
_NEVER: Final = frozenset(("长期", "永久", "无", "至今", "不限", "-", "--", "/"))
_SERIAL_ZERO: Final = date(1899, 12, 30)  # Excel believes in a 29 February 1900, so day 1 is not 1 January.
_FIRST_SERIAL, _LAST_SERIAL = 367, 73_050  # 1901 to 2099
_EXACT: Final = 10**15  # a spreadsheet keeps fifteen digits of a number

SPOILT: Final = "号码已被表格软件转成小数，末几位已经丢失：请先把这一列设为文本格式，再按原件重新填写。"


def plain(cell: Cell) -> str:
    """A cell as text, stripped; a name keeps its rare characters as they are."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    return str(cell)


def line(cell: Cell) -> str:
    """Text of one line: a break inside a cell is a space."""
    found = plain(cell)
    return found if found.isprintable() else " ".join(found.split())


def code(cell: Cell) -> str:
    """A code, a phone number or the like: without full-width characters."""
    found = _unwrapped(plain(cell))
    return found if found.isascii() else unicodedata.normalize("NFKC", found).strip()


def number_of_person(cell: Cell, *, doubtful: bool) -> str:
    """A resident identity number, normalised. Every number cell is refused: eighteen digits do not fit into one.

    `doubtful`: other numbers of the column were spoilt, so one that ends in 000 is no longer believed.
    """
    if not isinstance(cell, str):
        raise CellInvalid("id_number_spreadsheet", SPOILT)
    try:
        number = id_numbers.read(_unwrapped(cell.strip())).number
    except IdNumberInvalid as error:
        raise CellInvalid(error.code, SPOILT if error.code == "id_number_spreadsheet" else error.msg) from None
    if doubtful and number.endswith("000"):
        raise CellInvalid("id_number_spreadsheet", SPOILT)
    return number


def is_spoilt(cell: Cell) -> bool:
    """Whether a spreadsheet has certainly ruined an ID number in this cell."""
    if isinstance(cell, str):
        found = _unwrapped(cell.strip())
        if not id_numbers.spoilt_by_spreadsheet(found):
            return False
        try:
            id_numbers.read(found)
        except IdNumberInvalid as error:
            return error.code == "id_number_spreadsheet"
        return False
    return isinstance(cell, int | float) and abs(cell) >= _EXACT


def _unwrapped(found: str) -> str:
    """Without what keeps a spreadsheet from counting: '3199… or ="3199…" lose nothing."""
    if found[:1] in ("'", "’", "‘", "`"):
        return found[1:].strip()
    wrapped = _WRAPPED.fullmatch(found) if found.endswith('"') else None
    return wrapped.group(1).strip() if wrapped else found


def certificate(cell: Cell) -> tuple[str, int, int]:
    """A disability certificate: ID number, category 1 to 7, grade 1 to 4; what follows the 20th character is left."""
    if not isinstance(cell, str):
        raise CellInvalid("disability_number_spreadsheet", SPOILT)
    found = "".join(unicodedata.normalize("NFKC", _unwrapped(cell.strip())).split()).upper()
    parts = _CERTIFICATE.match(found)
    if parts is None:
        if re.fullmatch(r"[\d.]+E\+?\d+|\d+\.\d*|\d{15}0{3,}", found, re.ASCII):
            raise CellInvalid("disability_number_spreadsheet", SPOILT)
        raise CellInvalid("disability_number", "须是身份证号码加类别（1 至 7）和等级（1 至 4）。")
    return parts.group(1), int(parts.group(2)), int(parts.group(3))


def day(cell: Cell) -> str | None:
    """A day as YYYY-MM-DD, or None for a cell that says there is none.

    Numbers are a spreadsheet's days since 1899-12-30, or eight digits of a date. Months, years of two digits and days
    before months are refused.
    """
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    found = code(cell)
    if not found or found in _NEVER:
        return None
    parts = _DAY.fullmatch(found) or _EIGHT.fullmatch(found)
    if parts is not None:
        try:
            return date(*map(int, parts.groups())).isoformat()
        except ValueError:
            raise CellInvalid("date", "没有这一天。") from None
    if _SERIAL.fullmatch(found) and _FIRST_SERIAL <= (serial := int(float(found))) <= _LAST_SERIAL:
        return (_SERIAL_ZERO + timedelta(days=serial)).isoformat()
    if _MONTH.fullmatch(found):
        raise CellInvalid("date_without_day", "只写了月份，请写明日期，例如 2026-03-20。")
    raise CellInvalid("date", "须是日期，例如 2026-03-20、2026/3/20、2026年3月20日，或日期格式的单元格。")


def word(cell: Cell, words: Mapping[str, str]) -> str:
    """The contract's word for what a cell says."""
    found = words.get(word_key(plain(cell)))
    if found is None:
        raise CellInvalid("unknown_word", f"须是下列之一或其通用的名称：{listed(dict.fromkeys(words.values()))}。")
    return found


def several(cell: Cell, words: Mapping[str, str]) -> list[str]:
    """The words of a cell that holds one or more, whatever stands between them."""
    whole = words.get(word_key(plain(cell)))
    if whole is not None:
        return [whole]
    parts = [part for part in _SPLIT.split(unicodedata.normalize("NFKC", plain(cell))) if part.strip()]
    if len(parts) == 1:
        parts = parts[0].split()
    return list(dict.fromkeys(word(part, words) for part in parts))


def tags(cell: Cell) -> list[str]:
    """The tags of a cell, tekun with its support behind a colon where the cell says it."""
    try:
        return several(cell, TAG_WORDS)
    except CellInvalid:
        parts = re.split(r"[、,;|\n+\s]+", unicodedata.normalize("NFKC", plain(cell)))
        if any(word_key(part) in _AMBIGUOUS_TAGS for part in parts):
            raise CellInvalid("tag_ambiguous", "请写明城保或农保，不要只写低保。") from None
        raise


def names(cell: Cell) -> list[str]:
    """The people of a cell."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[、,，;；|\n]+", plain(cell)) if part.strip()))


def hours(cell: Cell) -> float:
    """A duration in hours: more than 0, at most 12, one decimal."""
    try:
        found = float(code(cell).removesuffix("小时").removesuffix("h"))
    except ValueError:
        raise CellInvalid("hours", "须是小时数，例如 1.5。") from None
    if not 0 < found <= 12 or abs(found * 10 - round(found * 10)) > 1e-6:
        raise CellInvalid("hours", "须大于 0、不超过 12 小时，最多一位小数。")
    return round(found, 1)


def kind_of_tag(tag: str) -> str:
    """Whether a tag is one of assistance, of outreach, or a street's own."""
    if tag in facts.COVERED_TAGS:
        return "assistance"
    return "outreach" if tag in facts.OUTREACH_TAGS else "street_tag"
