"""What people write into cells, read into the contract's words; what could mean two things is refused."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from core.events import id_numbers, names
from core.events.id_numbers import IdNumberInvalid
from core.imports import words
from core.imports.sheets import Cell, CellInvalid, Unreadable
from core.imports.words import word_key
from rules import facts

NOTHING: Final = "-"  # as in `--map-value "救助类别:临时救助=-"`

_SPLIT: Final = re.compile(r"[、,;|/\\&\n+＋]+|\s{2,}")
_ANY_SPLIT: Final = re.compile(r"[、,;|/\\&\n+＋\s]+")
_NAMES_SPLIT: Final = re.compile(r"[、,，;；|\n]+")
_WRAPPED: Final = re.compile(r"=?\"(.*)\"", re.DOTALL)
_APOSTROPHES: Final = ("'", "’", "‘", "`")
_CERTIFICATE: Final = re.compile(r"(\d{17}[\dX])([1-7])([1-4])", re.ASCII)
_SPOILT_CERTIFICATE: Final = re.compile(r"[\d.]+E\+?\d+|\d+\.\d*|\d{15}0{3,}", re.ASCII)
# An error as it is shown, where a value was pasted or the file is a text; #### is a column too narrow for its number.
_ERROR: Final = re.compile(r"#(?:[A-Z]+(?:[ _/][A-Z0-9]+)?[!?]|N/A|GETTING_DATA|\#{2,})|Err:\d{3}", re.IGNORECASE)
ERROR_BEGINS: Final = frozenset("#Ee \t\n")
_EXACT: Final = 10**15  # a spreadsheet keeps fifteen digits of a number
_DIGITS: Final = 18
_SHORTEST_NUMBER, _LONGEST_NUMBER = 15, 40

SPOILT: Final = (
    "身份证号已被表格软件当作数字处理，末几位已丢失：请先把该列设为“文本”格式，再按原件重新填写（事后改格式找不回来）。"
)
SPOILT_CERTIFICATE: Final = "残疾证号已被表格软件当作数字处理：请先把该列设为“文本”格式，再重新填写。"
_OF_NUMBERS: Final = {
    "id_number_spreadsheet": SPOILT,
    "id_number_checksum": "身份证号的校验位不符，请核对。",
    "id_number_length": "身份证号应为 18 位，请核对。",
    "id_number_characters": "身份证号应为 17 位数字加一位数字或 X，请核对。",
    "id_number_date": "身份证号中的出生日期不存在，请核对。",
}


def is_error(cell: Cell) -> bool:
    """Whether a cell shows an error of a spreadsheet, as such or as its text."""
    if isinstance(cell, Unreadable):
        return True
    return isinstance(cell, str) and cell[:1] in ERROR_BEGINS and _ERROR.fullmatch(cell.strip()) is not None


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
    """Text of one line, without what nobody sees: a break inside a cell is a space."""
    found = names.visible(plain(cell))
    return found if found.isprintable() and "  " not in found else " ".join(found.split())


def name(cell: Cell) -> str:
    """A person's name, as it is kept."""
    return names.stored(_unwrapped(plain(cell)))


def code(cell: Cell) -> str:
    """A code, a phone number or the like: without full-width and invisible characters."""
    found = _unwrapped(plain(cell))
    return found if found.isascii() else unicodedata.normalize("NFKC", names.visible(found)).strip()


def number_of_person(cell: Cell, *, doubtful: bool) -> str:
    """A resident identity number, normalised. Every number cell is refused: eighteen digits do not fit into one.

    `doubtful`: other numbers of the column were spoilt, so one that ends in 000 is no longer believed.
    """
    if not isinstance(cell, str):
        raise CellInvalid("id_number_spreadsheet", SPOILT)
    try:
        number = id_numbers.read(_unwrapped(cell.strip())).number
    except IdNumberInvalid as error:
        raise CellInvalid(error.code, _OF_NUMBERS[error.code]) from None
    if doubtful and number.endswith("000"):
        raise CellInvalid("id_number_spreadsheet", SPOILT)
    return number


def is_spoilt(cell: Cell) -> bool:
    """Whether a spreadsheet has certainly ruined an ID number in this cell."""
    if isinstance(cell, str):
        if len(cell) == _DIGITS and cell.isdecimal() and not cell.endswith("000"):
            return False
        found = _unwrapped(cell.strip())
        if not id_numbers.spoilt_by_spreadsheet(found):
            return False
        try:
            id_numbers.read(found)
        except IdNumberInvalid as error:
            return error.code == "id_number_spreadsheet"
        return False
    return isinstance(cell, int | float) and abs(cell) >= _EXACT


def names_somebody(cell: Cell) -> bool:
    """Whether a cell holds an identity number, whatever column it stands in."""
    if not isinstance(cell, str) or not _SHORTEST_NUMBER <= len(cell) <= _LONGEST_NUMBER:
        return False
    try:
        id_numbers.read(_unwrapped(cell.strip()))
    except IdNumberInvalid:
        return False
    return True


def _unwrapped(found: str) -> str:
    """Without what keeps a spreadsheet from counting: '3199… or ="3199…" lose nothing."""
    if found[:1] in _APOSTROPHES:
        return found[1:].strip()
    wrapped = _WRAPPED.fullmatch(found) if found.endswith('"') else None
    return wrapped.group(1).strip() if wrapped else found


def certificate(cell: Cell) -> tuple[str, int, int]:
    """A disability certificate: ID number, category 1 to 7, grade 1 to 4; what follows the 20th character is left."""
    if not isinstance(cell, str):
        raise CellInvalid("disability_number_spreadsheet", SPOILT_CERTIFICATE)
    found = "".join(unicodedata.normalize("NFKC", names.visible(_unwrapped(cell.strip()))).split()).upper()
    parts = _CERTIFICATE.match(found)
    if parts is None:
        if _SPOILT_CERTIFICATE.fullmatch(found):
            raise CellInvalid("disability_number_spreadsheet", SPOILT_CERTIFICATE)
        raise CellInvalid("disability_number", "残疾证号应为身份证号加类别（1–7）、等级（1–4）共 20 位，请核对。")
    return parts.group(1), int(parts.group(2)), int(parts.group(3))


def word(cell: Cell, known: Mapping[str, str]) -> str:
    """The contract's word for what a cell says."""
    found = known.get(word_key(plain(cell)))
    if found is None:
        raise _unknown(known)
    return found


def _unknown(known: Mapping[str, str]) -> CellInvalid:
    # The first name of each code is the code itself, the second its usual word.
    usual: dict[str, str] = {}
    for key, code in known.items():
        if not key.isascii():
            usual.setdefault(code, key)
    named = "、".join(usual.values())
    return CellInvalid(
        "unknown_word",
        f'这个词不认得（认得的有：{named}）：请改成其中之一，或用 `--map-value "列名:原词=其中之一"` 说明。',
    )


def several(
    cell: Cell,
    known: Mapping[str, str],
    *,
    given: Mapping[str, str] | None = None,
    key: Callable[[str], str] = word_key,
) -> list[str]:
    """The words of a cell that holds one or more, whatever stands between them; `given` says what some mean here."""

    def read(part: str) -> list[str]:
        mapped = given.get(word_key(part)) if given else None
        if mapped is not None:
            return [] if mapped == NOTHING else several(mapped, known, key=key)
        found = known.get(key(part))
        if found is None:
            raise _unknown(known)
        return [found]

    whole = plain(cell)
    # A stroke stands between two words rather than inside one: 低保/边缘 is not 低保边缘.
    if (key(whole) in known and "/" not in whole) or (given and word_key(whole) in given):
        return read(whole)
    parts = [part for part in _SPLIT.split(unicodedata.normalize("NFKC", whole)) if part.strip()]
    if len(parts) == 1:
        parts = parts[0].split()
    return list(dict.fromkeys(found for part in parts for found in read(part)))


def tags(cell: Cell, given: Mapping[str, str] | None = None) -> list[str]:
    """The tags of a cell, tekun with its support behind a colon where the cell says it."""
    if not given:
        return list(_tags(plain(cell)))
    return _several_tags(plain(cell), given)


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[str, ...]:
    return tuple(_several_tags(text, None))


def _several_tags(text: str, given: Mapping[str, str] | None) -> list[str]:
    try:
        return several(text, words.TAG_WORDS, given=given, key=words.tag_key)
    except CellInvalid:
        parts = _ANY_SPLIT.split(unicodedata.normalize("NFKC", text))
        if any(words.tag_key(part) in words.AMBIGUOUS_TAGS for part in parts):
            raise CellInvalid(
                "tag_ambiguous",
                '“低保”分不清城保还是农保：请写明“城保”或“农保”，或用 `--map-value "列名:低保=城保"` 说明。',
            ) from None
        raise


def people(cell: Cell) -> list[str]:
    """The people of a cell."""
    found = (name(part) for part in _NAMES_SPLIT.split(plain(cell)))
    return list(dict.fromkeys(part for part in found if part))


def hours(cell: Cell) -> float:
    """A duration in hours: more than 0, at most 12, one decimal."""
    try:
        found = float(code(cell).removesuffix("小时").removesuffix("h"))
    except ValueError:
        raise CellInvalid("hours", "服务时长应是小时数，例如 1.5。") from None
    if not 0 < found <= 12 or abs(found * 10 - round(found * 10)) > 1e-6:
        raise CellInvalid("hours", "服务时长应大于 0、不超过 12 小时，最多一位小数。")
    return round(found, 1)


def kind_of_tag(tag: str) -> str:
    """Whether a tag is one of assistance, of outreach, or a street's own."""
    if tag in facts.COVERED_TAGS:
        return "assistance"
    return "outreach" if tag in facts.OUTREACH_TAGS else "street_tag"
