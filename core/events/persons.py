"""Whom an event is about: their names, numbers and place, read as they are kept."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final

from core.events import id_numbers, names
from core.events.fields import Fields
from core.events.id_numbers import IdNumber, IdNumberInvalid
from rules import facts
from rules.facts import Problem

LONGEST_ID: Final = 255
LONGEST_NAME: Final = 100
LONGEST_ADDRESS: Final = 300
STREET_DIGITS: Final = 9
COMMITTEE_DIGITS: Final = 12
_PHONE: Final = re.compile(r"[0-9+()*#\-./,;、转 ]{5,40}", re.ASCII)

_USUAL_FIELDS: Final = frozenset(("id_number", "external_id", "name", "street", "committee"))
_PERSON_FIELDS: Final = _USUAL_FIELDS | {"birth_date", "sex", "phone", "address", "household", "relation"}


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Whom an event is about, as far as it says; birth date and sex follow the ID number where there is one (A5)."""

    id_number: str | None = None
    external_id: str | None = None
    name: str | None = None
    street: str | None = None
    committee: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    phone: str | None = None
    address: str | None = None
    household: str | None = None
    relation: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "PersonRef":
        """As it was written down: JSON has no days."""
        known = cls(**{field.name: said.get(field.name) for field in fields(cls)})
        return replace(known, birth_date=facts.parse_date(known.birth_date))


def read(raw: object, problems: list[Problem], *, today: str, registering: bool, internal: bool) -> PersonRef:
    """The `person` of an event."""
    if raw is None and internal:
        return PersonRef()
    if not isinstance(raw, dict):
        code = "missing" if raw is None else "type"
        problems.append(Problem("data.person", code, "须是一个对象。"))
        return PersonRef()
    fields = Fields(raw, "data.person", problems)
    if not raw.keys() <= _PERSON_FIELDS:
        fields.refuse_others(_PERSON_FIELDS)
    number = read_id_number(fields, today)
    external_id = read_external_id(fields)
    if not internal and raw.get("id_number") is None and raw.get("external_id") is None:
        problems.append(Problem("data.person", "missing", "须有 `id_number` 或 `external_id`。"))
    street, committee = read_place(fields, "street", "committee", required=registering)
    name = read_name(fields, required=registering)
    sex: str | None
    digits, birth_date, sex = (None, None, None) if number is None else number
    if raw.keys() <= _USUAL_FIELDS:
        return PersonRef(digits, external_id, name, street, committee, birth_date, sex)
    said_birth, said_sex = fields.day("birth_date", latest=today), fields.choice("sex", facts.SEXES)
    if number is None:
        birth_date, sex = facts.parse_date(said_birth), said_sex
    return PersonRef(
        digits,
        external_id,
        name,
        street,
        committee,
        birth_date,
        sex,
        phone=read_phone(fields),
        address=fields.text("address", LONGEST_ADDRESS),
        household=fields.text("household", LONGEST_NAME),
        relation=fields.text("relation", LONGEST_NAME),
    )


def read_name(fields: Fields, *, required: bool) -> str | None:
    """A name as it is kept."""
    value = fields.text("name", LONGEST_NAME, required=required)
    name = None if value is None else names.stored(value)
    if name == "":
        fields.note("name", "text", f"须是 1 至 {LONGEST_NAME} 个字的文字。")
    return name


def read_external_id(fields: Fields) -> str | None:
    """A source's own number of somebody, without padding and invisible characters."""
    value = fields.text("external_id", LONGEST_ID)
    found = None if value is None else names.visible(value).strip()
    if found == "":
        fields.note("external_id", "text", f"须是 1 至 {LONGEST_ID} 个字的文字。")
    return found


def read_id_number(fields: Fields, today: str) -> IdNumber | None:
    """A number whose bearer can have been born by a day."""
    value = fields.raw.get("id_number")
    if value is None:
        return None
    if not isinstance(value, str):
        fields.note("id_number", "type", "须是文字。")
        return None
    try:
        number = id_numbers.read(value)
    except IdNumberInvalid as error:
        fields.note("id_number", error.code, error.msg)
        return None
    if number.birth_date.isoformat() > today:
        fields.note("id_number", "date_in_future", "号码中的出生日期在将来。")
        return None
    return number


def read_place(
    fields: Fields, street_name: str, committee_name: str, *, required: bool
) -> tuple[str | None, str | None]:
    """Street and committee by the shape of their codes; a committee alone names its street by its first nine digits."""
    street = fields.digits(street_name, STREET_DIGITS)
    committee = fields.digits(committee_name, COMMITTEE_DIGITS, required=required)
    if committee is None:
        return street, None
    if street is not None and not committee.startswith(street):
        fields.note(committee_name, "code", "须以所属街镇的代码开头。")
    return committee[:STREET_DIGITS], committee


def kept_phone(value: str) -> str:
    """A phone number as it is kept: without width, padding and invisible characters."""
    return unicodedata.normalize("NFKC", names.visible(value)).strip()


def read_phone(fields: Fields) -> str | None:
    """A phone number, or several."""
    value = fields.text("phone", 40)
    if value is None:
        return None
    phone = kept_phone(value)
    if not _PHONE.fullmatch(phone):
        fields.note("phone", "text", "须是电话号码。")
        return None
    return phone
