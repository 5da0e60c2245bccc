"""Visits: written up once on the official form, and what each one counts for (A17 to A21, A35)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from core import clock
from core.errors import Invalid, NotFound, SeveralHouseholds, VisitDuplicate
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import queries as resident_queries
from core.residents import standing
from core.store.json import Json
from core.store.models import Resident
from core.store.words import VisitChange
from core.tasks import queries as task_queries
from core.visits import consequences, merging, records, shares, versions
from core.visits.consequences import Change
from core.visits.forms import Form
from core.visits.shares import Share
from rules.facts import Problem
from rules.parameters import Mode


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to a form, as JSON, and whether it made a new record."""

    answer: Json
    is_new: bool


def record(session: Session, form: Form, *, by: User, now: datetime) -> Recorded:
    """Record a visit and say which duties it discharged, and which not and why (三（一）, A17 to A21)."""
    by.require(May.RECORD_VISITS)
    refuse_future(form, today=clock.today(now))
    # A visitor may lose sight of a person with the very visit that settles their task: so the repetition comes first.
    known = records.by_id(session, by.streets, [form.visit_id])
    if known and known[0].recorded_by == by.user_id:
        return Recorded(known[0].told_again(form), is_new=False)
    found = of_one_street(session, form.resident_ids, by=by)
    refuse_several_households(form, found)
    street = found[0].street_code
    pass_ = street_pass.begin(session, street, now=now)
    if form.merge and (answer := merging.merge(pass_, form, by=by)) is not None:
        return Recorded(answer, is_new=False)
    visited = standing.lock(session, street, form.resident_ids)
    # Only now: the same form sent twice at once waits for the lock, and then finds the other's visit.
    if known := records.by_id(session, (street,), [form.visit_id]):
        return Recorded(known[0].told_again(form), is_new=False)
    refuse_duplicates(pass_, form)
    own_record, own = _write(pass_, form, by)
    change = Change(form, own, since=form.service_date, is_new=True)
    receipt, raised = consequences.follow(pass_, visited, change)
    # The answer is kept: nothing of a person that is sealed elsewhere goes into it.
    receipt["raised"] = task_queries.some(session, raised, by=by, keys=None, today=pass_.today)
    records.answer(own_record, receipt)
    records.write(session, [own_record])
    return Recorded(own_record.answer, is_new=True)


def refuse_future(form: Form, *, today: date) -> None:
    """What lies ahead has not happened."""
    if form.service_date > today:
        raise Invalid(
            "服务日期在将来，请在走访以后再记录。",
            problems=[Problem("service_date", "in_future", "不能晚于今天。")],
        )


def refuse_several_households(form: Form, residents: Iterable[Resident]) -> None:
    """One home visit goes to one household, unless the caller says otherwise; who has none is one each (A11)."""
    visited = [resident for resident in residents if resident.resident_id in form.resident_ids]
    households = {resident.household or resident.resident_id for resident in visited}
    if form.mode is Mode.HOME_VISIT and len(households) > 1 and not form.several_households:
        raise SeveralHouseholds("这些居民不属于同一户；确是一次上门走访了几户的，请带上 `several_households: true`。")


def refuse_duplicates(pass_: StreetPass, form: Form) -> None:
    """Same resident, day and mode is the same visit, until somebody says how it is to be understood (A21)."""
    if shares.same_day_and_mode(pass_.session, pass_.street, form):
        raise VisitDuplicate("这位居民当天同一方式的走访已有记录；确属同一次的，请带上 `merge: true` 合并。")


def of_one_street(session: Session, resident_ids: Sequence[UUID], *, by: User) -> list[Resident]:
    """Residents whom the caller may see, all of one street, or a refusal."""
    found = resident_queries.visible(session, resident_ids, by=by)
    if len(found) < len(resident_ids):
        for resident_id in set(resident_ids) - {resident.resident_id for resident in found}:
            resident_queries.refuse_merged(session, resident_id, by=by)
        raise NotFound("这次走访中有居民不在您的街镇、居村以内。")
    if len({resident.street_code for resident in found}) > 1:
        raise Invalid("一次走访的居民须在同一个街镇，请按街镇分别记录。")
    return found


def _write(pass_: StreetPass, form: Form, by: User) -> tuple[records.Record, list[Share]]:
    record = records.new(pass_.street, form, by=by.user_id, now=pass_.now)
    records.write(pass_.session, [record])
    versions.keep(pass_.session, pass_.street, form, 1, VisitChange.RECORDED, by=by.user_id, at=pass_.now)
    role = shares.role_of(form, by.role)
    entry = shares.entry_by(pass_.session, form, by.user_id, by_street_advisor=by.role is Role.STREET_ADVISOR)
    own = [
        shares.new(pass_.street, form, resident_id, role, entry=entry, at=pass_.now)
        for resident_id in form.resident_ids
    ]
    shares.write(pass_.session, own)
    return record, own
