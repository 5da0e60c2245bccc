"""One pass over a street: what everything that is worked out in it goes by."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core import clock
from core.policy import rulebooks
from rules.calendar import WorkingCalendar
from rules.policies import Terms
from rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class StreetPass:
    """A transaction at work on one street, the rules and the working calendar in force there, and the instant."""

    session: Session
    street: str
    rulebook: Rulebook
    calendar: WorkingCalendar
    now: datetime
    today: date

    @property
    def terms(self) -> Terms:
        """The numbers that hold today."""
        return self.rulebook.terms(self.today)


def begin(session: Session, street: str, *, now: datetime) -> StreetPass:
    """A pass over a street, by the rules as they stand in this transaction."""
    return StreetPass(
        session=session,
        street=street,
        rulebook=rulebooks.of_street(session, street),
        calendar=rulebooks.calendar(session, street),
        now=now,
        today=clock.today(now),
    )
