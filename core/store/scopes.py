"""Scopes: what a transaction may see and write, as the settings that row-level security reads.

Administrative codes are a hierarchy, so a scope is a range of codes: 310117 holds 310117001, which holds nobody else's.
Which rows a setting opens stands in `core.store.protection`.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from core.errors import Conflict

EVERYWHERE: Final = "*"
STREET_DIGITS: Final = 9
DISTRICT_DIGITS: Final = 6
MOST_PEOPLE: Final = 5_000  # Whose people are listed one by one; more would make every look slow.
# Codes begin with 1 to 8, so every code lies below it: a guard that compares with this and not with a word for "all"
# is estimated by the planner as what it is.
_ABOVE: Final = "9"
_CODE: Final = re.compile(r"\d{2,9}")
_STREET: Final = re.compile(r"\d{9}")
_COMMITTEE: Final = re.compile(r"\d{12}")
_LITERAL: Final = re.compile(r"[0-9a-f,-]*")

Settings = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a transaction may see and write; without any of this, the calendar and the places alone.

    `within`: rows under a code, of a street or a district, or everywhere. `streets`: of these, only some.
    Of the people there: `everybody`, or those `given_to` a user, or those who live in `committees`, whose pool of
    tasks is open either way. `user`: their own account and messages, or those of `every_user`. `directory`: the
    installation-wide tables that say in which street a person is. `username`, `token`, `key`: the one account, session
    or key that somebody shows who is not known yet, digests of the latter two.
    """

    within: str = ""
    streets: tuple[str, ...] = ()
    everybody: bool = False
    committees: tuple[str, ...] = ()
    given_to: UUID | None = None
    user: UUID | None = None
    every_user: bool = False
    directory: bool = False
    username: str = ""
    token: bytes = b""
    key: bytes = b""

    def __post_init__(self) -> None:
        if self.within not in ("", EVERYWHERE) and not _CODE.fullmatch(self.within):
            raise ValueError("A scope lies within a code of 2 to 9 digits.")
        if not all(_STREET.fullmatch(code) for code in self.streets):
            raise ValueError("A scope names streets by their 9-digit codes.")
        if not all(_COMMITTEE.fullmatch(code) for code in self.committees):
            raise ValueError("A scope names committees by their 12-digit codes.")
        if self.is_listed and len(self.within) != STREET_DIGITS:
            raise ValueError("People are listed within one street.")

    @property
    def is_listed(self) -> bool:
        """Whether it opens certain people, who have to be looked up."""
        return not self.everybody and bool(self.committees or self.given_to)

    @property
    def district(self) -> str:
        """The district in which all of it lies."""
        return self.within[:DISTRICT_DIGITS] if len(self.within) >= DISTRICT_DIGITS else ""

    def settings(self, people: Collection[UUID] = ()) -> Settings:
        """What row-level security reads; `people` are those of a scope that lists them."""
        lowest, beyond = _bounds(self.within)
        return {
            "declared": "1",
            "lo": lowest,
            "hi": beyond,
            "every_street": "" if self.streets else _ABOVE,
            "streets": ",".join(self.streets),
            "everybody": _ABOVE if self.everybody and not self.streets else "",
            "listed": "1" if people else "",
            "people": ",".join(map(str, people)),
            "committees": ",".join(self.committees),
            "user_id": str(self.user or ""),
            "every_user": _ABOVE if self.every_user else "",
            "district": self.district,
            "directory": _ABOVE if self.directory else "",
            "username": self.username.encode().hex(),
            "token": self.token.hex(),
            "key": self.key.hex(),
        }

    def looking_up(self) -> Settings:
        """The settings under which the people of a scope that lists them are found."""
        return {**self.settings(), "everybody": _ABOVE}

    def people(self, connection: Connection) -> frozenset[UUID]:
        """Whom a scope that lists people opens."""
        if self.given_to is not None:
            rows = connection.exec_driver_sql(_GIVEN, {"street": self.within, "user": self.given_to})
        else:
            rows = connection.exec_driver_sql(_LIVING, {"street": self.within, "committees": list(self.committees)})
        found = frozenset(row[0] for row in rows)
        if len(found) > MOST_PEOPLE:
            raise Conflict(f"一个账号最多负责 {MOST_PEOPLE} 名居民，请把居村分给几个账号。")
        return found


# Those who moved away as well: what was closed before they went is still the old committee's.
_LIVING: Final = (
    "SELECT resident_id FROM resident WHERE street_code = %(street)s AND committee_code = ANY (%(committees)s)"
)
# Between two tasks, too: a visitor keeps the people once assigned until another is given the task, or access ends.
_GIVEN: Final = (
    "SELECT resident_id FROM task WHERE street_code = %(street)s AND assignee_id = %(user)s"
    " AND state IN ('open', 'done')"
    " UNION SELECT resident_id FROM resident WHERE street_code = %(street)s AND paired_user_id = %(user)s"
)


def everywhere(*, directory: bool = True) -> Scope:
    """The scope of what the product does by itself, in all streets."""
    return Scope(within=EVERYWHERE, everybody=True, every_user=True, directory=directory)


def under(code: str, *, directory: bool = False) -> Scope:
    """The scope of what the product does by itself, in a street or a district."""
    return Scope(within=code, everybody=True, every_user=True, directory=directory)


def _bounds(within: str) -> tuple[str, str]:
    """The lowest code that lies within, and the first one that no longer does."""
    if not within:
        return "", ""
    if within == EVERYWHERE:
        return "0", "a"
    if len(within) == STREET_DIGITS:
        # The street alone: nothing else begins with its code and stays below this.
        return within, within + "0"
    return within, str(int(within) + 1)


def statement(wanted: Settings, present: Settings) -> str:
    """`SET LOCAL` for what differs; such a setting takes no parameters, and ends with the transaction."""
    changed = {name: value for name, value in wanted.items() if present.get(name, "") != value}
    if not all(_LITERAL.fullmatch(value) for value in changed.values()):
        raise ValueError("A setting of a scope holds codes, ids and hexadecimal digits only.")
    return "; ".join(f"SET LOCAL tanfang.{name} = '{value}'" for name, value in changed.items())


def admitted(settings: Settings, people: Iterable[UUID]) -> Settings:
    """The same settings with some people more, where people are listed."""
    if settings["everybody"]:
        return settings
    listed = dict.fromkeys(filter(None, settings["people"].split(",")))
    listed |= dict.fromkeys(map(str, people))
    return {**settings, "listed": "1" if listed else "", "people": ",".join(listed)}
