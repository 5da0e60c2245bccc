"""Who sees whom in full, and how much of an address (A37)."""

import re
import unicodedata
from typing import Final

from core.organisation.roles import Role
from core.organisation.users import User

_OF_STREET: Final = (Role.STREET_ADVISOR, Role.STREET_MANAGER)
_NUMBER: Final = "[0-9A-Za-z一二三四五六七八九十百零〇甲乙丙丁]"
# What ends the part of an address that says which building: the last of these, a house before the rooms in it.
_BUILDING: Final = re.compile(f"{_NUMBER}+(?:号楼|号|弄|幢|栋|座|组|队)")
# What is inside a building.
_ROOM: Final = re.compile(f"{_NUMBER}+(?:单元|楼层|层|楼|室)")
_DIGITS: Final = re.compile(r"[0-9]+")


def is_full(by: User, committee: str, *, is_theirs: bool = False) -> bool:
    """Whether somebody sees a person of a committee by their full name, with the address to the building.

    `is_theirs`: they have an open task about that person, or are paired with them.
    """
    if is_theirs or by.role in _OF_STREET:
        return True
    return by.role is Role.COMMITTEE_ADVISOR and committee in (by.committees or ())


def to_the_building(address: str) -> str:
    """An address without what lies inside the building: 测试路1弄2号301室 → 测试路1弄2号."""
    whole = unicodedata.normalize("NFKC", address).strip()
    room = _ROOM.search(whole)
    outside = whole[: room.start()] if room else whole
    buildings = list(_BUILDING.finditer(outside))
    if buildings:
        return outside[: buildings[-1].end()]
    # Nothing says where the building ends: what stands before the second number is no more than the first.
    first = _DIGITS.search(outside)
    return (outside[: first.end()] if first else outside).strip()
