"""The districts that work here, their streets and committees."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from core.errors import Invalid
from core.store.database import Database
from core.store.scopes import DISTRICT_DIGITS, Scope


@dataclass(frozen=True, slots=True)
class Divisions:
    """`districts`, `streets`: code → name; `committees`: code → street code; `committee_names`: code → name."""

    districts: Mapping[str, str]
    streets: Mapping[str, str]
    committees: Mapping[str, str]
    committee_names: Mapping[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every street's code, in order."""
        return tuple(self.streets)

    @property
    def codes_and_districts(self) -> tuple[str, ...]:
        """The streets and the districts themselves, under which alerts about unknown people wait."""
        return (*self.streets, *self.districts)

    def of(self, district: str | None) -> "Divisions":
        """What lies in one district; without one, everything."""
        if district is None or self.districts.keys() == {district}:
            return self
        return Divisions(
            {code: name for code, name in self.districts.items() if code == district},
            {code: name for code, name in self.streets.items() if code.startswith(district)},
            {code: street for code, street in self.committees.items() if code.startswith(district)},
            {code: name for code, name in self.committee_names.items() if code.startswith(district)},
        )

    def chosen(self, district: str | None) -> str:
        """The district that is meant: the one named, or the only one; raises `Invalid` for none or any of several."""
        if district is None and len(self.districts) == 1:
            return next(iter(self.districts))
        if district is None:
            raise Invalid(f"这里有几个区，请写明是哪一个：{'、'.join(self.districts)}。")
        if district not in self.districts:
            raise Invalid("没有这个区，请填 6 位区划代码。")
        return district


def district_of(code: str) -> str:
    """The district in which a street or a committee lies."""
    return code[:DISTRICT_DIGITS]


def load(session: Session) -> Divisions:
    """Read them: about 400 rows a district."""
    districts = session.execute(text("SELECT code, name FROM district ORDER BY code"))
    streets = session.execute(text("SELECT code, name FROM street ORDER BY code"))
    committees = session.execute(text("SELECT code, street_code, name FROM committee ORDER BY code")).all()
    return Divisions(
        {row.code: row.name for row in districts},
        {row.code: row.name for row in streets},
        {row.code: row.street_code for row in committees},
        {row.code: row.name for row in committees},
    )


def known(database: Database) -> Divisions:
    """The divisions as this process first saw them; they change by decree, with a restart."""
    if database.divisions is None:
        with database.transaction(Scope()) as session:
            database.divisions = load(session)
    divisions: Divisions = database.divisions
    return divisions
