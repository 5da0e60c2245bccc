"""Reports: how many periodic visits were owed and made, by service date, as known now or on a past day (A18, A21)."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple, assert_never

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Invalid
from core.organisation.roles import May
from core.organisation.users import User
from core.store import scopes
from core.store.database import widened
from rules.calendar import period_named
from rules.duties import DutyState
from rules.facts import Problem
from rules.parameters import Mode

By = Literal["street", "committee", "tier"]


class _Counted(NamedTuple):
    """A periodic duty as a report counts it, with the visit that discharged it."""

    street: str
    committee: str
    tier: str
    state: str
    due_on: date
    settled_at: datetime | None
    late_entry: bool
    mode: str | None
    entered_at: datetime | None


_PERIODIC: Final = text(
    "SELECT d.street_code AS street, r.committee_code AS committee, d.tier, d.state, d.due_on,"
    " d.settled_at, d.late_entry, v.mode, v.entered_at FROM duty d"
    " JOIN resident r ON r.street_code = d.street_code AND r.resident_id = d.resident_id"
    " LEFT JOIN visit_resident v ON v.street_code = d.street_code AND v.visit_id = d.credited_visit_id"
    "  AND v.resident_id = d.resident_id"
    " WHERE d.street_code = ANY(:streets) AND d.kind = 'periodic' AND d.period = :period AND NOT d.carried"
    " AND d.created_at < :until"
)


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
                self.face_to_face += duty.mode == Mode.HOME_VISIT
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

    def shown(self, key: str) -> dict[str, object]:
        """The row as the contract spells it; a rate without anything to divide by is null."""
        base = self.owed - self.excused
        return {
            "key": key,
            **asdict(self),
            "met_rate": round(self.met / base, 4) if base else None,
            "face_to_face_rate": round(self.face_to_face / base, 4) if base else None,
        }


def coverage(
    session: Session, period: str, by_what: By, *, by: User, today: date, as_known_on: date | None = None
) -> list[dict[str, object]]:
    """Owed, met and missed periodic duties of a period by street, committee or tier.

    Credit goes by service date. With `as_known_on`, only what had been entered by the end of that day counts: a visit
    entered later leaves its duty missed, or open while the period ran.
    """
    by.require(May.READ_REPORTS)
    try:
        period_named(period)
    except ValueError as error:
        raise Invalid(str(error), problems=[Problem("period", "period", "没有这个时段。")]) from None
    known_on = min(as_known_on or today, today)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for duty in _seen(session, by, period, known_on):
        tallies[getattr(duty, by_what)].count(duty, _state(duty, known_on))
    return [tallies[key].shown(key) for key in sorted(tallies) if tallies[key].owed]


def _seen(session: Session, by: User, period: str, known_on: date) -> list[_Counted]:
    if by.district is not None:
        return _duties(session, by, period, known_on)
    # The city is shown how many, of all districts, and no person: what is counted here goes no further.
    with widened(session, scopes.everywhere(directory=False)):
        return _duties(session, by, period, known_on)


def _duties(session: Session, by: User, period: str, known_on: date) -> list[_Counted]:
    values = {"streets": list(by.streets), "period": period, "until": clock.at(known_on + timedelta(days=1))}
    return [_Counted(*row) for row in session.execute(_PERIODIC, values)]


def _state(duty: _Counted, known_on: date) -> DutyState:
    """The state of a duty as far as it was known at the end of a day."""
    until = clock.at(known_on + timedelta(days=1))
    state = DutyState(duty.state)
    unknown_yet = (duty.entered_at if state is DutyState.MET else duty.settled_at) or until
    if state is DutyState.OPEN or unknown_yet >= until:
        return DutyState.MISSED if duty.due_on < known_on else DutyState.OPEN
    return state
