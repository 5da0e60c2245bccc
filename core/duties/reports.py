"""Reports: how many periodic visits were owed and made, by service date, as known now or on a past day (A18, A21)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, assert_never

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Invalid
from core.organisation.roles import May
from core.organisation.users import User
from core.store import scopes
from core.store.database import widened
from rules.calendar import Period, period_named
from rules.duties import DutyState
from rules.facts import Problem, Tier

By = Literal["street", "committee", "tier"]


class _Counted(NamedTuple):
    """A periodic duty as it was known to be at the end of a day."""

    street: str
    committee: str
    tier: str
    state: str
    due_on: date
    late_entry: bool
    face_to_face: bool


# From the history alone, whose lines never change: so the same day is answered alike for ever.
_PERIODIC: Final = text(
    "SELECT DISTINCT ON (street_code, duty_id) street_code AS street, committee_code AS committee, tier, state, due_on,"
    " late_entry, face_to_face FROM duty_history"
    " WHERE street_code = ANY(:streets) AND kind = 'periodic' AND period = :period AND NOT carried"
    " AND recorded_at < :until ORDER BY street_code, duty_id, version DESC"
)
_STREETS: Final = text("SELECT code, name FROM street WHERE code = ANY(:codes)")
_COMMITTEES: Final = text("SELECT code, name FROM committee WHERE code = ANY(:codes)")


@dataclass(slots=True)
class Tally:
    """The duties of one street, committee or tier: cancelled ones are not owed."""

    owed: int = 0
    met: int = 0
    late: int = 0
    missed: int = 0
    excused: int = 0
    open: int = 0
    face_to_face: int = 0
    late_entry: int = 0

    def count(self, duty: _Counted, state: DutyState) -> None:
        """Add a duty, in the state in which it was known to be."""
        match state:
            case DutyState.CANCELLED:
                return
            case DutyState.MET:
                self.met += 1
                self.face_to_face += duty.face_to_face
                self.late_entry += duty.late_entry
            case DutyState.LATE:
                self.late += 1
            case DutyState.MISSED:
                self.missed += 1
            case DutyState.EXCUSED:
                self.excused += 1
            case DutyState.OPEN:
                self.open += 1
            case _:
                assert_never(state)
        self.owed += 1

    def shown(self, key: str, name: str) -> dict[str, object]:
        """The row as the contract spells it; a rate without anything to divide by is null."""
        base = self.owed - self.excused
        return {
            "key": key,
            "name": name,
            **asdict(self),
            "met_rate": round(self.met / base, 4) if base else None,
            "face_to_face_rate": round(self.face_to_face / base, 4) if base else None,
        }


def coverage(
    session: Session, period: str, by_what: By, *, by: User, today: date, as_known_on: date | None = None
) -> list[dict[str, object]]:
    """Owed, met and missed periodic duties of a period by street, committee or tier.

    Credit goes by service date, and a closed period stays with the committee of its last day. With `as_known_on`, it is
    the report that was given on the evening of that day, whatever became known since.
    """
    by.require(May.READ_REPORTS)
    period_asked(period)
    known_on = min(as_known_on or today, today)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for duty in _seen(session, by, period, known_on):
        state = state_known(duty.state, duty.due_on, known_on)
        tallies[getattr(duty, by_what)].count(duty, state)
    keys = [key for key in sorted(tallies) if tallies[key].owed]
    names = _names(session, by_what, keys)
    return [tallies[key].shown(key, names[key]) for key in keys]


def _names(session: Session, by_what: By, keys: Sequence[str]) -> dict[str, str]:
    """What people call the streets, the committees or the tiers."""
    match by_what:
        case "tier":
            return {key: Tier(key).label for key in keys}
        case "street":
            found = session.execute(_STREETS, {"codes": keys})
        case "committee":
            found = session.execute(_COMMITTEES, {"codes": keys})
        case _:
            assert_never(by_what)
    return {row.code: row.name for row in found}


def _seen(session: Session, by: User, period: str, known_on: date) -> list[_Counted]:
    if by.district is not None and by.committees is None:
        return _duties(session, by, period, known_on)
    # The city is shown how many, of all districts, and no person; a committee also whom it had and who went to another
    # since. What is counted here goes no further.
    scope = scopes.everywhere(directory=False) if by.committees is None else scopes.under(by.place)
    with widened(session, scope):
        return _duties(session, by, period, known_on)


def _duties(session: Session, by: User, period: str, known_on: date) -> list[_Counted]:
    values = {"streets": list(by.streets), "period": period, "until": clock.at(known_on + timedelta(days=1))}
    counted = (_Counted(*row) for row in session.execute(_PERIODIC, values))
    return [duty for duty in counted if by.committees is None or duty.committee in by.committees]


def period_asked(name: str) -> Period:
    """The period that somebody asks about, or `Invalid`."""
    try:
        return period_named(name)
    except ValueError as error:
        raise Invalid(str(error), problems=[Problem("period", "period", "没有这个时段。")]) from None


def state_known(state: str, due_on: date, known_on: date) -> DutyState:
    """A period that closed before the day without a visit is missed, also where nobody looked yet."""
    known = DutyState(state)
    return DutyState.MISSED if known is DutyState.OPEN and due_on < known_on else known
