"""Whether alerts are about whom their numbers say: another name, or numbers of two residents, is for people to settle.

Nothing is decided silently (A38): such an alert is quarantined before it has any effect, and the street's manager is
told. Names and numbers that are no question are taken over here, in the order of the events.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, Protocol, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import directory
from core.alerts.directory import Place
from core.events.persons import PersonRef
from core.events.types import EventType
from core.notifications import outbox
from core.notifications.outbox import Message
from core.organisation.roles import Role
from core.policy.street_pass import StreetPass
from core.residents import identities
from core.residents.identities import Identity
from core.store import bulk
from core.store.crypto import Keys
from core.store.words import AlertProblem, AlertStatus
from rules.history import NEWS_KINDS

KIND: Final = "person_in_doubt"

_OF_THE_REGISTER: Final = (EventType.RESIDENT_REGISTERED, EventType.RESIDENT_CORRECTED)
# A registration, and what a file brings along with one.
_WITH_NUMBERS: Final = (EventType.RESIDENT_REGISTERED, EventType.RESIDENT_MOVED, EventType.FACT_ENDED)
_MANAGERS: Final = text(
    "SELECT user_id FROM user_account WHERE role = :role AND street_code = :street AND active"
    " AND (valid_until IS NULL OR valid_until >= :today) ORDER BY user_id"
)


class Told(Protocol):
    """An alert with what it says."""

    @property
    def alert_id(self) -> UUID: ...
    @property
    def resident_id(self) -> UUID: ...
    @property
    def source(self) -> str: ...
    @property
    def type(self) -> EventType: ...
    @property
    def counts_from(self) -> datetime: ...
    @property
    def person(self) -> PersonRef: ...
    @property
    def entry(self) -> Mapping[str, Any]: ...


def recognise(
    session: Session, street: str, items: Sequence[Told], keys: Keys
) -> tuple[dict[UUID, AlertProblem], dict[UUID, PersonRef]]:
    """Which alerts, in the order of their events, are in doubt; and what the others tell of whom they are about.

    That is without a number that is not theirs any more, and without the name and number, which are written here.
    """
    asked = {item.resident_id for item in items if item.person.name is not None or item.type in _OF_THE_REGISTER}
    people = identities.read(session, street, asked, keys) if asked else {}
    known = _places(session, items, people, keys)
    doubts: dict[UUID, AlertProblem] = {}
    told: dict[UUID, PersonRef] = {}
    for item in items:
        identity, person = people.get(item.resident_id), item.person
        told[item.alert_id] = person
        if identity is None or item.type is EventType.LEAD_REPORTED:
            continue
        if item.type is EventType.RESIDENT_CORRECTED:
            if person.name is not None:
                identity.rename(person.name)
            if person.id_number is not None:
                identity.renumber(person.id_number, keys)
            continue
        if problem := _doubt(item, identity, known, keys):
            doubts[item.alert_id] = problem
        elif item.type is EventType.RESIDENT_REGISTERED:
            if person.name is not None:
                identity.fill(person.name)
            told[item.alert_id] = _numbered(person, identity, known, keys)
    identities.write(session, people, keys)
    return doubts, told


def _places(session: Session, items: Sequence[Told], people: Mapping[UUID, Identity], keys: Keys) -> dict[bytes, Place]:
    """Whose the numbers of registrations are, where that can be a question."""
    numbers = {
        key
        for item in items
        if (identity := people.get(item.resident_id)) is not None
        and (item.person.external_id is not None or item.person.id_number != identity.number)
        for key in _numbers(item, keys)
        if key is not None
    }
    return directory.places(session, numbers) if numbers else {}


def _numbers(item: Told, keys: Keys) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Of a registration: the number if given up under its name, the number, and the source's own."""
    person = item.person
    if item.type not in _WITH_NUMBERS or person.id_number is None:
        return None, None, None
    person_keys = directory.person_keys(keys, item.source, person)
    return directory.told_former_key(keys, person), person_keys[0], person_keys[1] if person.external_id else None


def _doubt(item: Told, identity: Identity, known: Mapping[bytes, Place], keys: Keys) -> AlertProblem | None:
    former, number, external = (known.get(key) if key else None for key in _numbers(item, keys))
    holder = former or number
    if holder and external and holder.resident_id != external.resident_id:
        return AlertProblem.TWO_RESIDENTS
    if item.person.name is not None and not identity.knows(item.person.name):
        return AlertProblem.NAME_DIFFERS
    return None


def _numbered(person: PersonRef, identity: Identity, known: Mapping[bytes, Place], keys: Keys) -> PersonRef:
    """Take over the number of a registration: the first one, or another that its source tells of one of its own."""
    if person.id_number is None or person.id_number == identity.number:
        if person.id_number is not None:
            identity.renumber(person.id_number, keys)
        return person
    place = known.get(directory.number_key(keys, person.id_number))
    if identity.number is None or (place is not None and place.resident_id == identity.place.resident_id):
        identity.renumber(person.id_number, keys)
        return person
    # They gave it up, and it still found them by their name: birth date and sex are not those of this number either.
    return replace(person, id_number=None, birth_date=None, sex=None)


def quarantine(pass_: StreetPass, doubts: Sequence[tuple[Told, AlertProblem]]) -> int:
    """Let alerts in doubt wait for somebody to settle whom they are about, and tell the street's manager."""
    if not doubts:
        return 0
    due = {item.alert_id: _due_on(pass_, item) for item, _ in doubts}
    bulk.update(
        pass_.session,
        "alert",
        [
            {
                "street_code": pass_.street,
                "alert_id": item.alert_id,
                "status": AlertStatus.QUARANTINED,
                "problem_code": problem,
                "failure": None,
                "retry_at": None,
                "due_on": due[item.alert_id],
            }
            for item, problem in doubts
        ],
        key=("street_code", "alert_id"),
        where="AND alert.status = 'accepted'",
    )
    managers = pass_.session.execute(
        _MANAGERS, {"role": Role.STREET_MANAGER, "street": pass_.street, "today": pass_.today}
    ).scalars()
    words = _words(Counter(problem for _, problem in doubts), [day for day in due.values() if day])
    messages = [Message(user, KIND, words, None) for user in managers]
    outbox.post_all(pass_.session, pass_.street, messages, now=pass_.now)
    return len(doubts)


def _due_on(pass_: StreetPass, item: Told) -> date | None:
    """The next working day, where somebody may have to be visited; it counts from arrival (A38)."""
    is_news = any(fact["kind"] in NEWS_KINDS for fact in item.entry.get("facts", ()))
    if not is_news or item.type is EventType.RESIDENT_REGISTERED:
        return None
    return pass_.calendar.shift(clock.today(item.counts_from), 1)


def _words(counted: Mapping[AlertProblem, int], due: Sequence[date]) -> str:
    said = "，".join(f"{number} 条{_what(problem)}" for problem, number in sorted(counted.items()))
    limit = f"其中的预警或变故最迟 {min(due)} 前核对；" if due else ""
    return f"新收到的消息中有 {said}。{limit}请核对是同一个人还是另一个人，核对以前不会生效。"


def _what(problem: AlertProblem) -> str:
    match problem:
        case AlertProblem.NAME_DIFFERS:
            return "姓名与登记的不一样"
        case AlertProblem.TWO_RESIDENTS:
            return "身份证号码和来源编号分属两位居民"
        case AlertProblem.UNKNOWN_PERSON | AlertProblem.AMBIGUOUS | AlertProblem.ENDED_SINCE | AlertProblem.FAILED:
            raise ValueError(f"{problem} is no doubt about who somebody is.")
        case _:
            assert_never(problem)
