"""Reports: how many periodic visits were owed and made, by service date, as known now or on a past day (A18, A21)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Invalid
from core.organisation.roles import May
from core.organisation.users import User
from rules.calendar import period_named
from rules.facts import Problem

FACE_TO_FACE = "home_visit"
BY = ("street", "committee", "tier")


@dataclass(slots=True)
class Row:
    """The duties of one key: cancelled ones are not owed."""

    key: str
    owed: int = 0
    met: int = 0
    late: int = 0
    missed: int = 0
    excused: int = 0
    open: int = 0
    face_to_face: int = 0
    late_entry: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The row as the contract spells it; a rate without anything to divide by is null."""
        base = self.owed - self.excused
        return {
            **{name: getattr(self, name) for name in Row.__slots__},
            "met_rate": round(self.met / base, 4) if base else None,
            "face_to_face_rate": round(self.face_to_face / base, 4) if base else None,
        }


def coverage(
    session: Session, period: str, by_what: str, *, by: User, today: date, as_known_on: date | None = None
) -> list[dict[str, Any]]:
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
    rows: dict[str, Row] = defaultdict(lambda: Row(""))
    for duty in _duties(session, by, period, known_on):
        state = _state(duty, known_on)
        if state == "cancelled":
            continue
        row = rows[getattr(duty, by_what)]
        row.owed += 1
        setattr(row, state, getattr(row, state) + 1)
        if state == "met":
            row.face_to_face += duty.mode == FACE_TO_FACE
            row.late_entry += duty.late_entry
    for key, row in rows.items():
        row.key = key
    return [rows[key].as_dict() for key in sorted(rows)]


def _duties(session: Session, by: User, period: str, known_on: date) -> Iterable[Any]:
    return session.execute(
        text(
            "SELECT d.street_code AS street, r.committee_code AS committee, d.tier, d.state, d.reason, d.due_on,"
            " d.settled_at, d.late_entry, v.mode, v.entered_at FROM duty d"
            " JOIN resident r ON r.street_code = d.street_code AND r.resident_id = d.resident_id"
            " LEFT JOIN visit_resident v ON v.street_code = d.street_code AND v.visit_id = d.credited_visit_id"
            "  AND v.resident_id = d.resident_id"
            " WHERE d.street_code = ANY(:streets) AND d.kind = 'periodic' AND d.period = :period AND NOT d.carried"
            " AND d.created_at < :until"
        ),
        {"streets": list(by.streets), "period": period, "until": clock.at(known_on + timedelta(days=1))},
    )


def _state(duty: Any, known_on: date) -> str:
    """The state of a duty as far as it was known at the end of a day."""
    until = clock.at(known_on + timedelta(days=1))
    state: str = duty.state
    unknown_yet = (duty.entered_at if state == "met" else duty.settled_at) or until
    if state == "open" or unknown_yet >= until:
        return "missed" if duty.due_on < known_on else "open"
    return state
