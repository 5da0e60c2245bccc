"""Names of people as they are kept and compared (A38), and characters that nobody sees."""

import re
import unicodedata
from typing import Final

# Unicode's Default_Ignorable_Code_Point and interlinear marks, which files carry along around names and numbers; not
# its variation selectors, which choose between shapes of one rare character.
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
# To be stripped from both ends of a text: what is nothing but these is blank.
PADDING: Final = "".join(re.findall(rf"[\s{_INVISIBLE}]", "".join(map(chr, range(0x10000)))))
_VARIATIONS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN: Final = re.compile(f"[{_INVISIBLE}]")
_UNTIDY: Final = re.compile(rf"[\s{_INVISIBLE}]")
_SKIPPED: Final = re.compile(rf"[\s{_INVISIBLE}{_VARIATIONS}]+")
_HAN: Final = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff·"
# A blank beside a character of Chinese only pads the name to the width of another.
_PADDING: Final = re.compile(rf"(?<=[{_HAN}{_VARIATIONS}])\s+|\s+(?=[{_HAN}])")
_BLANKS: Final = re.compile(r"\s+")
# What stands where a character was lost on its way: A38's four, other boxes, a private character, a reference of HTML.
_DAMAGED: Final = re.compile("[?*□\ufffd▯☐〓\ue000-\uf8ff\U000f0000-\U0010ffff]|&#")
# A stretch of it, with the number that such a reference goes on with.
_LOST: Final = re.compile("(?:&#x?[0-9a-f]*;?|[?*□\ufffd▯☐〓\ue000-\uf8ff\U000f0000-\U0010ffff])+", re.IGNORECASE)


def visible(text: str) -> str:
    """A text without the characters that nobody sees."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def stored(name: str) -> str:
    """A name as it is kept: without padding, invisible characters and the blanks inside a Chinese name.

    Rare characters stay as they are; what is nothing but blanks becomes "".
    """
    if _UNTIDY.search(name) is None:
        return name
    return _BLANKS.sub(" ", _PADDING.sub("", visible(name).strip()))


def compared(name: str) -> str:
    """What two spellings of one name have in common: NFKC, without blanks and invisible characters."""
    return _SKIPPED.sub("", unicodedata.normalize("NFKC", name))


def agree(told: str, known: str) -> bool:
    """Whether two spellings can be one name: alike when compared, but for what an encoding has lost of either (A38)."""
    told, known = compared(told), compared(known)
    return told == known or _could_be(told, known) or _could_be(known, told)


def _could_be(damaged: str, name: str) -> bool:
    """Whether the name has, where the damaged one has lost characters, some of its own."""
    parts = _LOST.split(damaged)
    return len(parts) > 1 and re.fullmatch(".+".join(map(re.escape, parts)), name) is not None


def is_damaged(name: str) -> bool:
    """Whether an encoding has lost a character of the name, which then must not replace a good one."""
    # Most names are letters alone, and asking for that is cheap.
    return not name.isalpha() and _DAMAGED.search(unicodedata.normalize("NFKC", name)) is not None
