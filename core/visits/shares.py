"""Each resident's share of a visit as the table holds it: what credit is judged by, and what it was told as before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.roles import Role
from core.store.json import Json
from core.store.rows import Rows
from core.visits.forms import Form
from rules.parameters import Initiator, Mode, VisitorRole

# A visitor's account may belong to any of the three who are not advisors; all three count the same (A20).
_ROLE_OF_USER: Final = {
    Role.STREET_ADVISOR: VisitorRole.STREET_ADVISOR,
    Role.COMMITTEE_ADVISOR: VisitorRole.COMMITTEE_ADVISOR,
    Role.VISITOR: VisitorRole.VOLUNTEER,
}
# As they stand in the table, before a correction.
_JUDGED: Final = ("service_date", "mode", "met", "initiated_by", "role", "dimensions_done")


@dataclass(slots=True)
class Share:
    """One resident of a visit; `earlier` says what was told of it until `corrected_at`, as JSON."""

    street_code: str
    visit_id: UUID
    resident_id: UUID
    service_date: date
    mode: Mode
    met: bool
    initiated_by: Initiator
    role: VisitorRole
    recused: bool
    by_street_advisor: bool
    dimensions_done: bool
    visitor_id: UUID | None
    entered_at: datetime
    merged_into: UUID | None = None
    approved_on: date | None = None
    voided: bool = False
    carried: bool = False
    corrected_at: datetime | None = None
    earlier: Json | None = None
    stored: tuple[object, ...] | None = field(default=None, compare=False, repr=False)

    def tell(self, form: Form, role: VisitorRole, *, now: datetime) -> bool:
        """Let it stand as a form has it; returns whether that changes what credit is judged by.

        What it was told as is kept: a closed period that only the correction would credit asks for approval (A27).
        """
        before = self._judged()
        was_part = not self.voided
        self.voided = False
        self.service_date, self.mode, self.initiated_by = form.service_date, form.mode, form.initiated_by
        self.met, self.role = form.was_met(self.resident_id), role
        self.dimensions_done = form.is_checked
        if was_part and self._judged() == before:
            return False
        if was_part:
            self.earlier = {
                **before,
                "approved": self.approved_on is not None,
                "corrected_at": self.corrected_at and self.corrected_at.isoformat(),
                "earlier": self.earlier,
            }
        else:
            self.earlier = None
        self.corrected_at, self.approved_on = now, None
        return True

    def join(self, recused: bool, by_street_advisor: bool) -> bool:
        """Let it count for what either of two entries counts for (A21); returns whether it changed."""
        before = (self.recused, self.by_street_advisor)
        self.recused = self.recused and recused
        self.by_street_advisor = self.by_street_advisor or by_street_advisor
        return (self.recused, self.by_street_advisor) != before

    def _judged(self) -> Json:
        found = {name: getattr(self, name) for name in _JUDGED}
        return {**found, "service_date": self.service_date.isoformat()}


@dataclass(frozen=True, slots=True)
class Entry:
    """Who entered a form: which of its residents they must not visit, and whether they are a street advisor (A20)."""

    user_id: UUID
    recused: frozenset[UUID]
    by_street_advisor: bool


SHARES: Final = Rows(Share, "visit_resident", fixed=("visitor_id", "entered_at", "carried"))

_OF_VISITS: Final = text(
    f"SELECT {SHARES.columns()} FROM visit_resident WHERE street_code = :street AND visit_id = ANY(:visits)"
    " AND merged_into IS NULL ORDER BY visit_id, resident_id"
)
_OF_RESIDENTS: Final = text(
    f"SELECT {SHARES.columns()} FROM visit_resident WHERE street_code = :street AND resident_id = ANY(:residents)"
    " ORDER BY visit_id, resident_id"
)
_RECUSED: Final = text("SELECT resident_id FROM recusal WHERE user_id = :user AND resident_id = ANY(:residents)")
_SAME_DAY_AND_MODE: Final = text(
    "SELECT DISTINCT visit_id FROM visit_resident WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND service_date = :day AND mode = :mode AND merged_into IS NULL AND NOT voided AND visit_id <> :visit"
)


def entry_by(session: Session, form: Form, user_id: UUID, *, by_street_advisor: bool) -> Entry:
    """How a form was entered by somebody, as things stand now."""
    values = {"user": user_id, "residents": list(form.resident_ids)}
    return Entry(user_id, frozenset(session.execute(_RECUSED, values).scalars()), by_street_advisor)


def role_of(form: Form, role: Role) -> VisitorRole:
    """As what the visitor went: as the paper says, or by the role of whoever recorded it."""
    return VisitorRole(form.visited_by_role) if form.visited_by_role else _ROLE_OF_USER[role]


def best(roles: Iterable[VisitorRole]) -> VisitorRole:
    """The one of some roles that counts for most: they are written down in that order."""
    order = list(VisitorRole)
    return min(roles, key=order.index)


def new(street: str, form: Form, resident_id: UUID, role: VisitorRole, *, entry: Entry, at: datetime) -> Share:
    """The share of somebody whom a form names."""
    return Share(
        street_code=street,
        visit_id=form.visit_id,
        resident_id=resident_id,
        service_date=form.service_date,
        mode=form.mode,
        met=form.was_met(resident_id),
        initiated_by=form.initiated_by,
        role=role,
        recused=resident_id in entry.recused,
        by_street_advisor=entry.by_street_advisor,
        dimensions_done=form.is_checked,
        visitor_id=entry.user_id,
        entered_at=at,
    )


def of_visits(session: Session, street: str, visit_ids: Iterable[UUID]) -> dict[UUID, list[Share]]:
    """The shares of some visits, with those of residents who turned out to be no part of one."""
    wanted = list(visit_ids)
    found: dict[UUID, list[Share]] = {visit_id: [] for visit_id in wanted}
    for share in SHARES.read(session.execute(_OF_VISITS, {"street": street, "visits": wanted})):
        found[share.visit_id].append(share)
    return found


def of_residents(session: Session, street: str, resident_ids: Iterable[UUID]) -> list[Share]:
    """Every share that some residents have in a visit, whether it stands or not."""
    return SHARES.read(session.execute(_OF_RESIDENTS, {"street": street, "residents": list(resident_ids)}))


def same_day_and_mode(session: Session, street: str, form: Form) -> list[UUID]:
    """Other visits that stand, of any of the same residents, on the same day and in the same mode (A21)."""
    values = {
        "street": street,
        "residents": list(form.resident_ids),
        "day": form.service_date,
        "mode": form.mode,
        "visit": form.visit_id,
    }
    return list(session.execute(_SAME_DAY_AND_MODE, values).scalars())


def write(session: Session, shares: Sequence[Share]) -> None:
    """Write what is new or changed about some shares."""
    SHARES.write(session, shares)
