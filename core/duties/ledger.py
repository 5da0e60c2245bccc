"""The duties of residents, brought in line with the rules and the visits, whatever happened in between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.duties.owing import Basis, CatchUp, Waiting
from core.duties.rows import DUTIES, Duty
from core.policy.street_pass import StreetPass
from core.store.json import Json
from rules.calendar import Frequency, period_of
from rules.duties import Contact, DutyState
from rules.parameters import Initiator, Mode, VisitorRole
from rules.periodic import Course
from rules.policies import Crediting

# What may still change, or says how things stood on or after a day.
_OF_RESIDENTS: Final = text(
    f"SELECT {DUTIES.columns()} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND (due_on >= :since OR settled_at >= :since OR state = 'open'"
    " OR (state = 'missed' AND (made_up_on IS NULL OR due_on >= :missed_since)))"
    " ORDER BY due_on, duty_id"
)
# The visits that stand: merged and voided ones left out.
_CONTACTS: Final = text(
    "SELECT resident_id, visit_id, service_date, mode, met, initiated_by, role, recused, by_street_advisor,"
    " dimensions_done, entered_at, approved_on, corrected_at, earlier FROM visit_resident"
    " WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND service_date >= :since AND merged_into IS NULL AND NOT voided"
    " ORDER BY service_date, entered_at, visit_id"
)


def of_residents(
    session: Session,
    street: str,
    resident_ids: Iterable[UUID],
    *,
    since: date,
    missed_since: date | None = None,
) -> dict[UUID, list[Duty]]:
    """The duties that may still change: open, missed and not made up, or due or settled on or after a day.

    With `missed_since` also what was missed and due from an earlier day on. Those `carried` from another street never
    change any more, but say that their period was dealt with there.
    """
    values = {
        "street": street,
        "residents": list(resident_ids),
        "since": since,
        "missed_since": min(since, missed_since or since),
    }
    found: dict[UUID, list[Duty]] = defaultdict(list)
    for duty in DUTIES.read(session.execute(_OF_RESIDENTS, values)):
        found[duty.resident_id].append(duty)
    return found


def contacts(session: Session, street: str, resident_ids: Iterable[UUID], *, since: date) -> dict[UUID, list[Contact]]:
    """The visits to some residents on or after a day, by service date; merged and voided ones left out."""
    values = {"street": street, "residents": list(resident_ids), "since": since}
    found: dict[UUID, list[Contact]] = defaultdict(list)
    for row in session.execute(_CONTACTS, values):
        contact = Contact(
            visit_id=row.visit_id,
            service_date=row.service_date,
            mode=Mode(row.mode),
            met=row.met,
            initiated_by=Initiator(row.initiated_by),
            role=VisitorRole(row.role),
            dimensions_done=row.dimensions_done,
            entered_on=clock.today(row.entered_at),
            entered_at=row.entered_at,
            approved=row.approved_on is not None,
            recused=row.recused,
            by_street_advisor=row.by_street_advisor,
            corrected_on=clock.today(row.corrected_at) if row.corrected_at else None,
            corrected_at=row.corrected_at,
        )
        if row.earlier:
            contact = replace(contact, before=_before(contact, row.earlier))
        found[row.resident_id].append(contact)
    return found


def _before(contact: Contact, told: Json | None) -> Contact | None:
    """As what a contact was told before it was corrected."""
    if told is None:
        return None
    corrected_at = datetime.fromisoformat(told["corrected_at"]) if told["corrected_at"] else None
    before = replace(
        contact,
        service_date=date.fromisoformat(told["service_date"]),
        mode=Mode(told["mode"]),
        met=told["met"],
        initiated_by=Initiator(told["initiated_by"]),
        role=VisitorRole(told["role"]),
        dimensions_done=told["dimensions_done"],
        approved=told["approved"],
        corrected_on=clock.today(corrected_at) if corrected_at else None,
        corrected_at=corrected_at,
        before=None,
    )
    return replace(before, before=_before(before, told["earlier"]))


def crediting(pass_: StreetPass, duty: Duty) -> Crediting:
    """By which rules visits are judged for a duty: a closed period keeps those of its last day (A27)."""
    return pass_.rulebook.terms(min(pass_.today, duty.due_on) if duty.period else pass_.today).crediting


def window_start(day: date, duties: Mapping[UUID, Iterable[Duty]]) -> date:
    """The first day whose visits can matter to some duties, or to a period in which `day` lies.

    The longest period is a half-year (三（一）).
    """
    first = min((duty.starts_on for found in duties.values() for duty in found), default=day)
    return min(first, period_of(day, Frequency.HALF_YEAR).first)


def bring_up_to_date(pass_: StreetPass, bases: Iterable[Basis], duties: dict[UUID, list[Duty]]) -> dict[UUID, Waiting]:
    """Make the duties of some residents what they should be today; returns by when somebody must go to whom.

    Periods that closed before `since` keep what was owed in them (A27); visits may still meet them (A21). Nothing is
    written: the tasks that take care of them come first.
    """
    waiting: dict[UUID, Waiting] = {}
    for basis in bases:
        resident_id = basis.dossier.resident.resident_id
        held = duties.setdefault(resident_id, [])
        course = Course(basis.dossier.path.tiers, pass_.rulebook)
        if found := CatchUp(pass_, basis, held, course).run():
            waiting[resident_id] = found
        for duty in held:
            if DUTIES.is_changed(duty):
                duty.settled_at = None if duty.state is DutyState.OPEN else pass_.now
    return waiting
