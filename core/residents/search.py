"""Finding somebody by a part of the name, by the building or by the end of a phone number, among people seen in full.

The fields are sealed, so those of everybody within reach are opened and compared: a street is a few thousand people.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid
from core.events import names
from core.organisation import failures
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.residents import disclosure, registration
from core.store.crypto import Keys
from core.store.database import listed
from rules.facts import Problem

log = structlog.get_logger()

_NO_DIGIT: Final = re.compile(r"[^0-9]")
_WITHIN: Final = (
    "SELECT resident_id, name, phone, address FROM resident WHERE street_code = ANY(:streets) AND moved_to IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody remembers of a person."""

    name: str | None = None
    building: str | None = None
    phone_tail: str | None = None


def find(session: Session, wanted: Wanted, keys: Keys, *, by: User, now: datetime) -> list[UUID]:
    """Who fits everything that is remembered, in order of id; a search that finds nobody is counted (`now` is real)."""
    by.require(May.READ_RESIDENTS)
    if wanted == Wanted():
        raise Invalid(
            "请至少填写姓名、楼栋、电话后四位中的一项。",
            problems=[Problem("name", "missing", "至少须填写一项。")],
        )
    for field in ("name", "building"):
        said = getattr(wanted, field)
        if said is not None and not names.compared(said):
            raise Invalid("查找的文字是空白的。", problems=[Problem(field, "missing", "不能为空白。")])
    failures.begin_look_up(session, by.user_id, now=now)
    found = [row for row in _within_reach(session, by) if _fits(wanted, keys, *row)]
    log.info("searched", by=str(by.user_id), found=len(found))
    if not found:
        failures.found_nobody(session, by.user_id, now=now)
    return sorted(resident_id for resident_id, *_ in found)


def _within_reach(session: Session, by: User) -> Sequence[tuple[UUID, str, bytes | None, bytes | None]]:
    """Everybody whom the caller sees in full: nobody is found by what is masked (A37)."""
    values: dict[str, object] = {"streets": list(by.streets)}
    where = ""
    if by.role is Role.VISITOR:
        where = " AND resident_id = ANY(:people)"
        values["people"] = list(listed(session) or ())
    elif by.committees is not None:
        where = " AND committee_code = ANY(:committees)"
        values["committees"] = list(by.committees)
    elif not disclosure.is_full(by, ""):
        return []
    return [(*row,) for row in session.execute(text(f"{_WITHIN}{where}"), values)]


def _fits(wanted: Wanted, keys: Keys, resident_id: UUID, name: str, phone: bytes | None, address: bytes | None) -> bool:
    if wanted.name is not None and names.compared(wanted.name) not in names.compared(name):
        return False
    if wanted.building is not None:
        if address is None:
            return False
        building = disclosure.to_the_building(registration.opened(keys, "address", resident_id, address))
        if names.compared(wanted.building) not in names.compared(building):
            return False
    if wanted.phone_tail is not None:
        digits = "" if phone is None else _NO_DIGIT.sub("", registration.opened(keys, "phone", resident_id, phone))
        return digits.endswith(wanted.phone_tail)
    return True
