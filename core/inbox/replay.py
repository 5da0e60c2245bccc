"""A quarantined alert, corrected by somebody who knows better and sent on its way under the same `alert_id`."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from core.alerts import accepting, directory, entering
from core.alerts.directory import Place
from core.alerts.queries import GONE
from core.errors import BodyLost, Invalid, NotAllowed, NotFound, NotQuarantined, PersonUnknown
from core.events.cloudevents import DataInvalid, parse_data
from core.events.persons import PersonRef
from core.events.types import may_open
from core.inbox import inbox
from core.organisation.roles import May
from core.organisation.streets import district_of
from core.organisation.users import User
from core.store.crypto import Keys, SealBroken
from core.store.ids import uuid7
from core.store.json import Json
from core.store.models import Alert
from core.store.words import AlertStatus
from rules.facts import Problem


def replay(
    session: Session,
    alert_id: UUID,
    data: Mapping[str, object] | None,
    committees: Mapping[str, str],
    keys: Keys,
    *,
    by: User,
    now: datetime,
) -> str:
    """Give a quarantined alert its effect, with corrected data if given; it counts from now (A33). Returns its street.

    The session's scope holds the directory and every street: the person may turn out to live in any of them.
    """
    by.require(May.REPLAY_ALERTS)
    row = session.exec(
        select(Alert).where(col(Alert.street_code).in_(by.streets), Alert.alert_id == alert_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(GONE)
    if row.status != AlertStatus.QUARANTINED:
        raise NotQuarantined("只有待处理的消息可以重放，这一条不是。")
    session.expunge(row)
    changes: dict[str, object] = {"counts_from": now}
    said = _as_sent(row, keys, needed=data is None)
    if data is None:
        given, entry, data = said["person"], said["entry"], said["data"]
        person = PersonRef(**{name: given.get(name) for name in ("id_number", "external_id", "street", "committee")})
        opens = bool(said["opens"])
    else:
        person, entry = _parsed(row, data, committees, now=now)
        opens = may_open(row.type, person)
        changes["body"] = entering.seal_body(
            keys, row.alert_id, person, entry, data, opens=opens, attributes=said.get("attributes")
        )
    person_keys = directory.person_keys(keys, row.source, person)
    changes["person_key"] = person_keys[0] if person_keys else None
    if person_keys:
        place = place_of(session, person_keys, person, keys, opens=opens)
    elif row.resident_id is not None:
        place = Place(row.street_code, row.resident_id)
    else:
        place = None
    if place is None:
        raise PersonUnknown(
            "仍然不知道是谁：请先登记这个人，或者在 `data` 中写明是谁、在哪里。",
            problems=[Problem("data.person", "unknown_person", "登记册中没有这个编号的人。")],
        )
    if place.street not in by.streets:
        raise NotAllowed("这个人属于另一个街镇，请由区里重放。")
    changes |= {"street_code": place.street, "resident_id": place.resident_id}
    inbox.reroute(session, row.street_code, {row.alert_id: changes})
    return place.street


def _as_sent(row: Alert, keys: Keys, *, needed: bool) -> Json:
    """What the event said; nothing when that can no longer be read and need not be."""
    try:
        return entering.open_body(keys, row.alert_id, row.body)
    except SealBroken:
        if needed:
            raise BodyLost("原来的内容已无法读取，请附上 `data` 重放。") from None
        return {}


def _parsed(
    row: Alert, data: Mapping[str, object], committees: Mapping[str, str], *, now: datetime
) -> tuple[PersonRef, dict[str, object]]:
    try:
        # News that one of our users entered names nobody: it was about a known resident from the start.
        person, entry = parse_data(row.type, data, time=row.event_at, now=now, internal=row.resident_id is not None)
    except DataInvalid as error:
        raise Invalid("更正的内容不能接受。", problems=error.problems) from None
    problem = accepting.misplaced(person, entry, committees, district_of(row.street_code))
    if problem is not None:
        raise Invalid("更正的内容不能接受。", problems=[problem])
    return person, entry


def place_of(
    session: Session, person_keys: tuple[bytes, ...], person: PersonRef, keys: Keys, *, opens: bool
) -> Place | None:
    """Where somebody is, who is entered there if need be and may be."""
    former = directory.told_former_key(keys, person)
    known = directory.places(session, person_keys if former is None else (former, *person_keys))
    if former is not None and former in known:
        return known[former]
    found = next((known[key] for key in person_keys if key in known), None)
    if found is None and opens:
        found = Place(str(person.street), uuid7())
    if found is None:
        return None
    entered = directory.enter(session, [(key, found) for key in person_keys if key not in known])
    return next(((known | entered)[key] for key in person_keys), found)
