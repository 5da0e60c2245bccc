"""What is shown of a name, an identity number or a phone number to people who have not asked to see it whole."""

import unicodedata
from typing import Final

_COMPOUND_SURNAMES_TEXT: Final = """
    欧阳 上官 司马 诸葛 皇甫 尉迟 公孙 慕容 令狐 司徒 长孙 夏侯 端木 东方 南宫 轩辕 钟离 宇文
    闻人 申屠 澹台 濮阳 太史 公冶 万俟 赫连 鲜于 闾丘 司空 拓跋 呼延 独孤 西门 东郭 南门 左丘
    梁丘 完颜 耶律 纳兰 百里 宗政 淳于 单于 太叔 仲孙 亓官 司寇 子车 颛孙 巫马 公西 漆雕 乐正
    壤驷 公良 夹谷 宰父 谷梁 段干 羊舌 微生 第五 达奚 即墨 褚师 歐陽 司馬 諸葛 尉遲 公孫 長孫
    東方 南宮 軒轅 鍾離 聞人 澹臺 濮陽 萬俟 赫連 鮮于 閭丘 獨孤 西門 東郭 納蘭
"""
COMPOUND_SURNAMES: Final = frozenset(_COMPOUND_SURNAMES_TEXT.split())

_HEAD: Final = 3
_TAIL: Final = 4
_LEAST_HIDDEN: Final = 4  # of a landline number of eight digits, first three and last four would leave one to guess


def mask_name(name: str) -> str:
    """The surname and one star, however long the given name is: 张三 → 张*, 欧阳明月 → 欧阳*."""
    name = name.strip()
    first = _leading(name)
    if len(name) <= len(first):
        return "*"
    # A name of just these two characters is a surname of one character and a given name.
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        first = name[:2]
    return f"{first}*"


def mask_id_number(number: str) -> str:
    """The last four characters (A37); a text too short to hide anything is hidden whole."""
    hidden = len(number) - _TAIL
    return "*" * len(number) if hidden < _LEAST_HIDDEN else f"{'*' * hidden}{number[-_TAIL:]}"


def mask_phone(phone: str) -> str:
    """The first three and the last four characters; a text too short to hide anything is hidden whole."""
    return _middle_hidden(phone)


def _middle_hidden(text: str) -> str:
    hidden = len(text) - _HEAD - _TAIL
    if hidden < _LEAST_HIDDEN:
        return "*" * len(text)
    return f"{text[:_HEAD]}{'*' * hidden}{text[-_TAIL:]}"


def _leading(name: str) -> str:
    """The first character with the marks and variation selectors that belong to it."""
    end = 1
    while end < len(name) and unicodedata.category(name[end]).startswith("M"):
        end += 1
    return name[:end]
