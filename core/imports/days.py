"""Days as people and spreadsheets write them; what could be another day is refused."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from core.events import names
from core.imports.sheets import FROM_1900, Cell, CellInvalid

NEVER: Final = frozenset(("长期", "永久", "无", "至今", "不限", "长期有效", "-", "--", "/", "——"))

_WRITTEN: Final = (
    r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})[日号]?(?:[ T]?(?<=[日号 T])\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)?"
)
_DAY: Final = re.compile(_WRITTEN, re.ASCII)
_EIGHT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_MONTH: Final = re.compile(r"\d{4}(?:[-/.]|年)\d{1,2}月?", re.ASCII)
_CHINESE: Final = re.compile(
    "([〇零○Oo一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
_DIGITS: Final = {
    "〇": 0,
    "零": 0,
    "○": 0,
    "O": 0,
    "o": 0,
    **{sign: n for n, sign in enumerate("一二三四五六七八九", start=1)},
}
_BLANK_BESIDE_SIGN: Final = re.compile(r"\s+(?=[年月日号])|(?<=[年月])\s+")
_SUFFIX: Final = re.compile("(?:起|开始|始|止|起始)$")
# A dash stands between two days only where a year follows it: 2024-7-1-2025-6-30.
_BETWEEN: Final = re.compile(r"\s*(?:至|到|~|〜|—+|–|--|(?<=\d)-(?=\d{4})|(?<=日)-|\s-\s)\s*")
_FIRST_YEAR, _LAST_YEAR = 1901, 2099


@lru_cache(maxsize=4096)
def day(cell: Cell, *, zero: date = FROM_1900) -> str | None:
    """A day as YYYY-MM-DD, or None for a cell that says there is none.

    Numbers are days since `zero`, or eight digits of a date. Months, years of two digits and days before months are
    refused.
    """
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return _read(_tidy(cell), zero)


@lru_cache(maxsize=4096)
def period(cell: Cell, *, zero: date = FROM_1900) -> tuple[str | None, str | None]:
    """The first and the last day of a cell that may hold both, like 2024-7-1至2025-6-30."""
    if isinstance(cell, str):
        found = _tidy(cell)
        parts = _BETWEEN.split(found)
        if len(parts) == 2 and found not in NEVER and all(parts):
            return _read(parts[0], zero), _read(parts[1], zero)
    return day(cell, zero=zero), None


def _tidy(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    found = unicodedata.normalize("NFKC", names.visible(str(cell))).strip().lstrip("'’‘`").strip()
    return _BLANK_BESIDE_SIGN.sub("", found)


def _read(text: str, zero: date) -> str | None:
    if not text or text in NEVER or text in ("今", "现在", "今后"):
        return None
    found = _SUFFIX.sub("", text)
    parts = _DAY.fullmatch(found) or _EIGHT.fullmatch(found)
    numbers = [int(part) for part in parts.groups()] if parts is not None else _chinese(found)
    if numbers is not None:
        try:
            return date(*numbers).isoformat()
        except ValueError:
            raise CellInvalid("date", "没有这一天，请核对日期。") from None
    if _SERIAL.fullmatch(found):
        counted = zero + timedelta(days=int(float(found)))
        if _FIRST_YEAR <= counted.year <= _LAST_YEAR:
            return counted.isoformat()
    if _MONTH.fullmatch(found):
        raise CellInvalid("date_without_day", "日期只写到月：请补上日，例如 2026-03-20。")
    raise CellInvalid("date", "日期读不出来：请写成 2026-03-20、2026/3/20、2026年3月20日，或用日期格式的单元格。")


def _chinese(text: str) -> list[int] | None:
    """The numbers of a day in Chinese signs, like 二〇二四年七月一日."""
    found = _CHINESE.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups()
    return [int("".join(str(_DIGITS[sign]) for sign in year)), _number(month), _number(day)]


def _number(signs: str) -> int:
    """十二 is 12, 二十 is 20; what is no number is 0, a day that there is not."""
    tens, ten, ones = signs.rpartition("十")
    if not ten:
        return _DIGITS[signs] if len(signs) == 1 else 0
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
