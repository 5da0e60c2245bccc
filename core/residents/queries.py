"""Residents as people look them up: found, listed, explained over time; personal fields only with a reason."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import Session, col, select

from core.alerts import directory, entering
from core.alerts.directory import Place
from core.errors import Conflict, Invalid, Merged, NotAllowed, NotFound
from core.events import id_numbers, names, persons
from core.events.persons import PersonRef
from core.events.types import DataInvalid, EventType, parse_data
from core.organisation import failures
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import coverage
from core.residents import fact_log, masking, registration
from core.residents.identities import NumberTaken
from core.store.crypto import Keys
from core.store.database import listed, widened
from core.store.models import Resident, UserAccount
from rules import facts
from rules.facts import Fact, FactKind, Person, Problem, fact_dict, sex_of
from rules.history import History, fold

log = structlog.get_logger()

GONE: Final = "您的街镇、居村中没有这位居民。"
REVEALED: Final = ("name", "id_number", "birth_date", "phone", "address")


def visible(session: Session, resident_ids: Iterable[UUID], *, by: User) -> list[Resident]:
    """Those of some residents whom a user may see: their streets, their committees, a visitor's own people."""
    statement = select(Resident).where(
        col(Resident.street_code).in_(by.streets),
        col(Resident.resident_id).in_(list(resident_ids)),
        col(Resident.moved_to).is_(None),
    )
    if by.role is Role.VISITOR:
        statement = statement.where(col(Resident.resident_id).in_(listed(session) or ()))
    return list(session.exec(statement.order_by(col(Resident.resident_id))).all())


def of_street(session: Session, street: str, resident_ids: Iterable[UUID]) -> list[Resident]:
    """Some residents of a street, whoever asks; those who moved away left out."""
    statement = select(Resident).where(
        Resident.street_code == street,
        col(Resident.resident_id).in_(list(resident_ids)),
        col(Resident.moved_to).is_(None),
    )
    return list(session.exec(statement).all())


def get(session: Session, resident_id: UUID, *, by: User) -> Resident:
    """One resident, or `NotFound`, which does not tell absence from being out of reach."""
    by.require(May.READ_RESIDENTS)
    found = visible(session, [resident_id], by=by)
    if not found:
        refuse_merged(session, resident_id, by=by)
        raise NotFound(GONE)
    return found[0]


def refuse_merged(session: Session, resident_id: UUID, *, by: User) -> None:
    """Say of who was merged into another who that is, to whoever may see them."""
    key = directory.merged_key(resident_id)
    with widened(session, replace(by.scope, directory=True)):
        survivor = directory.places(session, [key]).get(key)
    if survivor is not None and visible(session, [survivor.resident_id], by=by):
        raise Merged(survivor.resident_id)


def lookup(session: Session, id_number: str, keys: Keys, *, by: User, now: datetime) -> Resident | None:
    """The resident with an ID number (normalised); one that finds nobody is counted (`now` is real)."""
    by.require(May.READ_RESIDENTS)
    failures.begin_look_up(session, by.user_id, now=now)
    key = directory.number_key(keys, id_number)
    with widened(session, replace(by.scope, directory=True)):
        place = directory.places(session, [key]).get(key)
    found = visible(session, [place.resident_id], by=by) if place is not None else []
    if not found:
        failures.found_nobody(session, by.user_id, now=now)
        return None
    return found[0]


def known(session: Session, resident: Resident, *, known_on: date | None = None) -> tuple[History, Person]:
    """What is known about a resident, now or as of the end of a day, and the person the rules judge."""
    log_of = fact_log.entries(session, resident.street_code, [resident.resident_id])
    history = fold(log_of.get(resident.resident_id, []), known_on=known_on)
    return history, history.person(resident.birth_date, sex_of(resident.sex))


def record_fact(session: Session, resident: Resident, fact: Fact, keys: Keys, *, by: User, now: datetime) -> UUID:
    """Record a fact about a resident; it goes through the same inbox as every alert. Returns the alert."""
    by.require(May.RECORD_FACTS)
    if fact.basis == "found_on_visit" and fact.confirmed_on is not None and not by.may(May.DECIDE):
        raise NotAllowed("走访中发现的重病由街镇救助顾问确认，请不填确认日期。")
    if fact.kind is FactKind.STREET_TAG and fact.tag not in coverage.declared_tags(session, resident.street_code):
        raise Invalid(
            "街镇规则中没有声明这个标签。",
            problems=[Problem("tag", "undeclared", "请先在街镇规则的 `tags` 中声明。")],
        )
    said = fact_dict(fact)
    return entering.enter(
        session,
        resident.street_code,
        resident.resident_id,
        EventType.FACT_RECORDED,
        {"facts": [said]},
        {"fact": said},
        keys,
        by=by.user_id,
        now=now,
    )


def correct(
    session: Session, resident: Resident, corrected: Mapping[str, Any], keys: Keys, *, by: User, now: datetime
) -> UUID:
    """A confirmed correction of the register (A5), e.g. of the birth date; decisions follow. Returns the alert."""
    by.require(May.CORRECT_RESIDENTS)
    try:
        _, entry = parse_data(EventType.RESIDENT_CORRECTED, dict(corrected), time=now, now=now, internal=True)
    except DataInvalid as error:
        problems = [problem._replace(loc=problem.loc.removeprefix("data.")) for problem in error.problems]
        raise Invalid("更正的内容不能接受。", problems=problems) from None
    person = _corrected(corrected)
    if person.id_number is not None:
        _claim_number(session, resident, directory.number_key(keys, person.id_number), by=by)
    return entering.enter(
        session,
        resident.street_code,
        resident.resident_id,
        EventType.RESIDENT_CORRECTED,
        entry if entry["corrected"] else {},
        dict(corrected),
        keys,
        person=person,
        by=by.user_id,
        now=now,
    )


def _corrected(corrected: Mapping[str, Any]) -> PersonRef:
    """The corrected details, as they are kept."""
    details = {key: value for key, value in corrected.items() if key not in ("birth_date", "reason")}
    if details.get("name") is not None:
        details["name"] = names.stored(details["name"])
    if details.get("phone") is not None:
        details["phone"] = persons.kept_phone(details["phone"])
    born = corrected.get("birth_date")
    if details.get("id_number") is None:
        return PersonRef(birth_date=date.fromisoformat(born) if born else None, **details)
    number = id_numbers.read(details["id_number"])
    details |= {"id_number": number.number, "sex": details.get("sex") or number.sex}
    return PersonRef(birth_date=date.fromisoformat(born) if born else number.birth_date, **details)


def _claim_number(session: Session, resident: Resident, key: bytes, *, by: User) -> None:
    """Enter a corrected number, unless it is somebody else's: two numbers or two people is for a merge to settle."""
    place = Place(resident.street_code, resident.resident_id)
    with widened(session, replace(by.scope, directory=True)):
        holder = directory.enter(session, [(key, place)])[key]
    if holder.resident_id != resident.resident_id:
        raise NumberTaken(
            "这个号码登记的是另一位居民，没有更正。",
            problems=[Problem("id_number", "number_taken", "这个号码登记的是另一位居民。")],
        )


def restore(session: Session, resident: Resident, reason: str, keys: Keys, *, by: User, now: datetime) -> UUID:
    """The death or the leaving of a resident was reported in error: as if never said (A23). Returns the alert."""
    by.require(May.RESTORE)
    history, _ = known(session, resident)
    if history.died_on is None and history.left_on is None:
        raise Conflict("这位居民没有登记去世，也没有登记退出，没有什么可以撤销。")
    return enter_restoration(session, resident.street_code, resident.resident_id, reason, keys, by=by, now=now)


def enter_restoration(
    session: Session, street: str, resident_id: UUID, reason: str, keys: Keys, *, by: User, now: datetime
) -> UUID:
    """Put a restoration into the inbox; who may do so has been asked."""
    entry, said = {"restored": True}, {"reason": reason}
    return entering.enter(
        session, street, resident_id, EventType.RESIDENT_RESTORED, entry, said, keys, by=by.user_id, now=now
    )


def pair(session: Session, resident: Resident, user_id: UUID | None, *, by: User) -> None:
    """Pair a resident with the visitor who is to go first (三（二））."""
    by.require(May.PAIR)
    if user_id is not None:
        user = session.get(UserAccount, user_id)
        if user is None or user.street_code != resident.street_code:
            raise Invalid("结对的人员须属于居民所在的街镇。")
    session.execute(
        text("UPDATE resident SET paired_user_id = :user WHERE street_code = :street AND resident_id = :resident"),
        {"user": user_id, "street": resident.street_code, "resident": resident.resident_id},
    )


def reveal(session: Session, resident: Resident, field: str, reason: str, keys: Keys, *, by: User) -> str | None:
    """One personal field in the clear, against a reason that is written down."""
    by.require(May.REVEAL)
    if field not in REVEALED:
        raise Invalid(f"可以查看的字段是下列之一：{facts.listed(REVEALED)}。")
    if field == "id_number" and by.role is Role.VISITOR:
        raise NotAllowed("走访人员不能查看身份证号码，需要核对的请联系村居救助顾问。")
    log.info(
        "revealed", resident_id=str(resident.resident_id), field=field, by=str(by.user_id), reason_given=bool(reason)
    )
    if field == "name":
        return resident.name
    if field == "birth_date":
        born = known(session, resident)[1].birth_date
        return born.isoformat() if born else None
    return registration.unseal(keys, resident, field)


def masked_number(resident: Resident, keys: Keys, *, by: User) -> str | None:
    """As much of an ID number as tells one person from another; a visitor has none of it (A37)."""
    number = None if by.role is Role.VISITOR else registration.unseal(keys, resident, "id_number")
    return masking.mask_id_number(number) if number else None
