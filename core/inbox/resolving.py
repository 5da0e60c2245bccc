"""Whom an alert in doubt is about, settled by somebody who knows: the same person, or another one (A38)."""

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

from sqlmodel import Session, col, select

from core.alerts import directory, entering
from core.alerts.directory import Place
from core.alerts.queries import GONE
from core.errors import Invalid, NotAllowed, NotAnIdNumber, NotFound, PersonUnknown
from core.events import id_numbers
from core.events.id_numbers import IdNumberInvalid
from core.events.persons import PersonRef
from core.events.types import may_open
from core.inbox import doubts, inbox, merging, replay
from core.inbox.doubts import IN_DOUBT, NotInDoubt
from core.organisation.roles import May
from core.organisation.users import User
from core.residents import identities, standing
from core.store.crypto import Keys
from core.store.models import Alert
from core.store.words import AlertProblem, AlertStatus, Resolution
from rules.facts import Problem

_ELSEWHERE: Final = "这个人属于另一个街镇，请由区里处理。"


def resolve(
    session: Session,
    alert_id: UUID,
    answer: Resolution,
    id_number: str | None,
    reason: str,
    keys: Keys,
    *,
    by: User,
    now: datetime,
) -> str:
    """Settle whom an alert is about; it takes effect as of its arrival. Returns its street.

    The session's scope holds the directory and every street: the person may turn out to live in any of them.
    """
    by.require(May.RESOLVE_DOUBTS)
    row = session.exec(
        select(Alert).where(col(Alert.street_code).in_(by.streets), Alert.alert_id == alert_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(GONE)
    if row.status != AlertStatus.QUARANTINED or row.problem_code not in IN_DOUBT:
        raise NotInDoubt("只有对不上人的消息（姓名不一样，或者号码分属两人）可以这样处理，这一条不是。")
    session.expunge(row)
    said = entering.open_body(keys, row.alert_id, row.body)
    person = PersonRef.of(said["person"])
    changes: dict[str, object] = {
        "due_on": None,
        "resolution": {"as": answer, "by": str(by.user_id), "at": now.isoformat(), "reason": reason},
    }
    match answer:
        case Resolution.SAME_PERSON:
            if id_number is not None:
                raise _refused("是同一个人时不更正号码：请改选另一个人，或者去掉这一项。")
            place = _same_person(session, row, person, reason, keys, by=by, now=now)
        case Resolution.ANOTHER_PERSON:
            place, person = _another_person(session, row, person, id_number, keys, by=by)
            changes["body"] = entering.seal_body(
                keys,
                row.alert_id,
                person,
                said["entry"],
                {**said["data"], "person": {**said["data"]["person"], **_numbers(person)}},
                opens=may_open(row.type, person),
                attributes=said.get("attributes"),
            )
        case _:
            assert_never(answer)
    person_keys = directory.person_keys(keys, row.source, person)
    changes |= {
        "street_code": place.street,
        "resident_id": place.resident_id,
        "person_key": person_keys[0] if person_keys else None,
    }
    inbox.reroute(session, row.street_code, {row.alert_id: changes})
    if answer is Resolution.SAME_PERSON:
        doubts.release(session, place, keys)
    return place.street


def _numbers(person: PersonRef) -> dict[str, str | None]:
    return {"id_number": person.id_number, "external_id": person.external_id}


def _refused(msg: str) -> Invalid:
    return Invalid("这样处理不了。", problems=[Problem("id_number", "id_number", msg)])


def _same_person(
    session: Session, row: Alert, person: PersonRef, reason: str, keys: Keys, *, by: User, now: datetime
) -> Place:
    """The name is corrected, and the one until now kept; or the two residents are merged."""
    assert row.resident_id is not None
    place = directory.home(session, row.resident_id) or Place(row.street_code, row.resident_id)
    if place.street not in by.streets:
        raise NotAllowed(_ELSEWHERE)
    if row.problem_code == AlertProblem.TWO_RESIDENTS:
        other = _by_external_id(session, row.source, person, keys)
        if other is not None and other.resident_id != place.resident_id:
            merging.merge(session, place.resident_id, other.resident_id, reason, keys, by=by, now=now)
        return place
    standing.lock(session, place.street, [place.resident_id])
    people = identities.read(session, place.street, [place.resident_id], keys)
    if person.name is not None:
        people[place.resident_id].confirm(person.name)
    identities.write(session, people, keys)
    return place


def _by_external_id(session: Session, source: str, person: PersonRef, keys: Keys) -> Place | None:
    [key] = directory.person_keys(keys, source, replace(person, id_number=None)) or (b"",)
    return directory.places(session, [key]).get(key)


def _another_person(
    session: Session, row: Alert, person: PersonRef, id_number: str | None, keys: Keys, *, by: User
) -> tuple[Place, PersonRef]:
    """Whom the corrected number finds or opens; without one, whom the source's own number finds."""
    if id_number is None:
        if person.external_id is None or row.problem_code == AlertProblem.NAME_DIFFERS:
            raise _refused("是另一个人时，请填写这个人正确的身份证号码。")
        person = replace(person, id_number=None, birth_date=None, sex=None)
    else:
        person = _renumbered(person, id_number)
        _free_stray(session, row, person, keys)
        number = directory.number_key(keys, str(person.id_number))
        holder, other = (
            directory.places(session, [number]).get(number),
            _by_external_id(session, row.source, person, keys),
        )
        if other is not None and (holder is None or holder.resident_id != other.resident_id):
            # What the source calls its own is somebody else's here; the number says who is meant.
            person = replace(person, external_id=None)
    person_keys = directory.person_keys(keys, row.source, person)
    place = replay.place_of(session, person_keys, person, keys, opens=may_open(row.type, person))
    if place is None:
        raise PersonUnknown(
            "登记册中没有这个号码的人：请先登记，再处理这条消息。",
            problems=[Problem("id_number", "unknown_person", "登记册中没有这个号码的人。")],
        )
    if place.street not in by.streets:
        raise NotAllowed(_ELSEWHERE)
    return place, person


def _renumbered(person: PersonRef, id_number: str) -> PersonRef:
    try:
        number = id_numbers.read(id_number)
    except IdNumberInvalid as error:
        raise NotAnIdNumber("这不是身份证号码。", problems=[Problem("id_number", error.code, error.msg)]) from None
    return replace(person, id_number=number.number, birth_date=number.birth_date, sex=number.sex)


def _free_stray(session: Session, row: Alert, person: PersonRef, keys: Keys) -> None:
    """A number that led to a resident only through the doubtful alert, and is not theirs, is free again."""
    number = directory.number_key(keys, str(person.id_number))
    place = directory.places(session, [number]).get(number)
    if place is None or place.resident_id != row.resident_id:
        return
    [identity] = identities.read(session, place.street, [place.resident_id], keys).values()
    if identity.number == person.id_number:
        raise _refused("这个号码就是登记的那位居民的，另一个人不会是它。")
    directory.give_up(session, keys, number, (), place)
