"""One alert with what it said, for those who have to do something about it; people see people masked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.alerts import directory, entering
from core.alerts import queries as alert_queries
from core.alerts.queries import GONE, AlertShown
from core.alerts.source_keys import Caller
from core.errors import NotFound
from core.events.persons import PersonRef
from core.events.types import EventType
from core.inbox.doubts import IN_DOUBT
from core.organisation.roles import May
from core.organisation.streets import Divisions
from core.organisation.users import User
from core.residents import masking
from core.store.crypto import Keys, SealBroken
from core.store.database import widened
from core.store.json import Json
from core.store.words import AlertStatus

_HIDDEN: Final = "（不显示）"

_ONE: Final = text(
    "SELECT street_code, source, body, resolution FROM alert WHERE street_code = ANY(:streets) AND alert_id = :alert"
)
_PEOPLE: Final = text(
    "SELECT resident_id, street_code, committee_code, name FROM resident WHERE street_code = ANY(:streets)"
    " AND resident_id = ANY(:residents) AND moved_to IS NULL ORDER BY resident_id"
)


class Candidate(TypedDict):
    """A resident whom an alert in doubt may be about, as whoever settles it sees them: by full name."""

    resident_id: UUID
    street: str
    committee: str
    name: str


class AlertRead(AlertShown):
    """An alert with what it said, how somebody settled whom it is about, and, while that waits, who it may be."""

    data: Json | None
    resolution: Json | None
    candidates: list[Candidate]


def read(
    session: Session, alert_id: UUID, known: Divisions, keys: Keys, *, by: User | Caller, today: date
) -> AlertRead:
    """One alert of one's streets, or of a key's own source."""
    by.require(May.READ_ALERTS)
    streets: Sequence[str] = by.streets_of(known) if isinstance(by, Caller) else by.streets
    row = session.execute(_ONE, {"streets": list(streets), "alert": alert_id}).one_or_none()
    if row is None or (isinstance(by, Caller) and row.source != by.source):
        raise NotFound(GONE)
    shown = alert_queries.one(session, alert_id, [row.street_code], today=today)
    try:
        said = entering.open_body(keys, alert_id, bytes(row.body))
    except SealBroken:
        return AlertRead(**shown, data=None, resolution=row.resolution, candidates=[])
    if isinstance(by, Caller):
        return AlertRead(**shown, data=said["data"], resolution=row.resolution, candidates=[])
    settles = (
        shown["status"] is AlertStatus.QUARANTINED and shown["problem_code"] in IN_DOUBT and by.may(May.RESOLVE_DOUBTS)
    )
    return AlertRead(
        **shown,
        data=_masked(shown["type"], said["data"], names=not settles),
        resolution=row.resolution,
        candidates=_candidates(session, shown, PersonRef.of(said["person"]), keys, by=by) if settles else [],
    )


def _masked(event_type: str, data: Json, *, names: bool) -> Json:
    """What was said, without what of the person is not shown to people."""
    if event_type == EventType.RESIDENT_CORRECTED:
        return _hide(data, names=names)
    person = data.get("person")
    return {**data, "person": _hide(person, names=names)} if isinstance(person, dict) else data


def _hide(person: Mapping[str, object], *, names: bool) -> Json:
    shown = {field: value for field, value in person.items() if value is not None}
    hidden = {
        "name": masking.mask_name if names else str,
        "id_number": masking.mask_id_number,
        "phone": masking.mask_phone,
        "birth_date": lambda day: day[:4],
        "address": lambda _: _HIDDEN,
    }
    return {
        field: hidden[field](value) if field in hidden and isinstance(value, str) else value
        for field, value in shown.items()
    }


def _candidates(session: Session, shown: AlertShown, person: PersonRef, keys: Keys, *, by: User) -> list[Candidate]:
    person_keys = directory.person_keys(keys, shown["source"], person)
    with widened(session, replace(by.scope, directory=True)):
        places = directory.places(session, person_keys)
    people = {place.resident_id for place in places.values()}
    if shown["resident_id"] is not None:
        people.add(shown["resident_id"])
    rows = session.execute(_PEOPLE, {"streets": list(by.streets), "residents": list(people)})
    return [
        Candidate(resident_id=row.resident_id, street=row.street_code, committee=row.committee_code, name=row.name)
        for row in rows
    ]
