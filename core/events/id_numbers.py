"""Resident identity numbers (GB 11643): reading what people and systems write, checking, and making synthetic ones."""

import re
import unicodedata
from datetime import date
from typing import Final, Literal, NamedTuple

from stdnum.cn import ric

from core.events import names
from rules import facts

SYNTHETIC_AREA: Final = "319999"  # assigned to nobody

_SHAPE: Final = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_LONGEST: Final = 64
# What is left of an 18-digit number that went through a floating-point cell.
_FLOATING: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?E\+?[0-9]+|[0-9]+\.[0-9]*", re.ASCII)


class IdNumberInvalid(ValueError):
    """Not an identity number; `code` says why, `msg` in words that never repeat it."""

    def __init__(self, code: str, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


class IdNumber(NamedTuple):
    number: str
    birth_date: date
    sex: Literal["male", "female"]


def read(text: str) -> IdNumber:
    """The number as `normalise` gives it, with the birth date and the sex it states; raises IdNumberInvalid."""
    number = text if _SHAPE.fullmatch(text) else _tidied(text)
    # Not `ric.validate`: it refuses an area that its list of places lacks.
    if ric.calc_check_digit(number) != number[17]:
        if spoilt_by_spreadsheet(number):
            raise _spoilt()
        raise IdNumberInvalid("id_number_checksum", "校验位与其他数字不符。")
    day = _day(number)
    if day is None:
        raise IdNumberInvalid("id_number_date", "号码中的出生日期不存在。")
    return IdNumber(number, day, sex(number))


def normalise(text: str) -> str:
    """The 18 characters of a number written with full-width digits, invisible ones, spaces or a small x.

    No area is refused: area lists are never complete.
    """
    return read(text).number


def spoilt_by_spreadsheet(text: str) -> bool:
    """Whether the text looks as a spreadsheet leaves a long number: a float, an exponent, or a trailing 000."""
    if len(text) > _LONGEST:
        return False
    tidy = _squeezed(text)
    return _FLOATING.fullmatch(tidy) is not None or (len(tidy) == 18 and tidy.endswith("000"))


def birth_date(number: str) -> date:
    """The birth date in a number; raises IdNumberInvalid."""
    return read(number).birth_date


def sex(number: str) -> Literal["male", "female"]:
    """The sex in a normalised number: the 17th digit is odd for men."""
    return "male" if int(number[16]) % 2 else "female"


def make(birth: date, serial: int) -> str:
    """A valid number of a person who does not exist; an odd serial (0 to 999) makes a man."""
    if not 0 <= serial <= 999:
        raise ValueError(f"serial must lie from 0 to 999, not {serial}")
    digits = f"{SYNTHETIC_AREA}{birth:%Y%m%d}{serial:03d}"
    return digits + ric.calc_check_digit(f"{digits}?")


def _tidied(text: str) -> str:
    # A text of any length is not worth normalising.
    number = _squeezed(text) if len(text) <= _LONGEST else ""
    if _SHAPE.fullmatch(number):
        return number
    if _FLOATING.fullmatch(number):
        raise _spoilt()
    if len(number) != 18:
        raise IdNumberInvalid("id_number_length", "身份证号码须为 18 位。")
    raise IdNumberInvalid("id_number_characters", "身份证号码由 17 位数字和一位数字或 X 组成。")


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", names.visible(text)).split()).upper()


def _spoilt() -> IdNumberInvalid:
    return IdNumberInvalid("id_number_spreadsheet", "号码已被表格软件转成小数，请以文字发送。")


def _day(number: str) -> date | None:
    day = facts.parse_date(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    return day if day is not None and day >= facts.EARLIEST else None
