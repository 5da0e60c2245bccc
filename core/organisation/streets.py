"""The streets and committees of the district."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from core.store.database import DISTRICT, Database, Scope


@dataclass(frozen=True, slots=True)
class Divisions:
    """`streets`: code → name; `committees`: code → street code; `committee_names`: code → name."""

    streets: Mapping[str, str]
    committees: Mapping[str, str]
    committee_names: Mapping[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every street's code, in order."""
        return tuple(self.streets)

    @property
    def codes_and_district(self) -> tuple[str, ...]:
        """The streets and the district itself, under which alerts about unknown people wait."""
        return (*self.streets, DISTRICT)


def load(session: Session) -> Divisions:
    """Read them: about 400 rows."""
    streets = session.execute(text("SELECT code, name FROM street WHERE kind <> 'district' ORDER BY code"))
    committees = session.execute(text("SELECT code, street_code, name FROM committee ORDER BY code")).all()
    return Divisions(
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
