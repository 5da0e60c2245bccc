"""A visit that was written down wrongly is corrected, or voided: as if it had been so, or never, from the start."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from core import clock
from core.errors import NotAllowed, VersionMissing, VersionOld, VisitVoided
from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import street_pass
from core.policy.street_pass import StreetPass
from core.residents import queries as resident_queries
from core.residents import standing
from core.store.models import UserAccount
from core.store.words import VisitChange
from core.visits import consequences, queries, reach, recording, records, shares
from core.visits.consequences import Change
from core.visits.forms import Form
from core.visits.records import Record
from core.visits.shares import Share

ANY_VERSION: Final = "*"
# What says how many households one visit went to.
_HOUSEHOLDS: Final = frozenset({"resident_ids", "mode", "several_households"})


def correct(
    session: Session,
    visit_id: UUID,
    changes: Mapping[str, Any],
    reason: str,
    seen: Collection[str] | None,
    *,
    by: User,
    now: datetime,
) -> dict[str, object]:
    """Change what a visit says, in a version of its own; returns the record as it stands then.

    `seen` are the tags of the versions the caller means; one has to be the present one.
    """
    target = _changeable(session, visit_id, by=by)
    if seen is None:
        raise VersionMissing("请在 `If-Match` 头中带上所要更正的版本，即查看这次走访时得到的 `ETag`。")
    form = Form.of(target.form).changed(changes)
    recording.refuse_future(form, today=clock.today(now))
    before = Form.of(target.form)
    # Who was there already may live elsewhere by now; who is added has to be somebody the caller sees.
    added = set(form.resident_ids) - set(before.resident_ids)
    if added:
        recording.of_one_street(session, list(added), by=by)
    pass_ = street_pass.begin(session, target.street_code, now=now)
    with reach.whole_street(session, target.street_code):
        concerned = {*form.resident_ids, *before.resident_ids}
        residents = standing.lock(session, target.street_code, concerned)
        record, own = _locked(pass_, target, seen)
        if not _HOUSEHOLDS.isdisjoint(changes):
            recording.refuse_several_households(
                form, resident_queries.of_street(session, record.street_code, concerned)
            )
        recording.refuse_duplicates(pass_, form)
        if form.fields != record.form:
            _retell(pass_, record, own, form, changes, added)
            records.become(session, record, form, VisitChange.CORRECTED, by=by.user_id, reason=reason, now=now)
            records.write(session, [record])
            shares.write(session, own)
            change = Change(
                form,
                own,
                since=min(before.service_date, form.service_date),
                merged=records.merged(session, target.street_code, record.visit_id),
            )
            consequences.follow(pass_, residents, change)
    return queries.one(session, record.visit_id, by=by)


def void(
    session: Session, visit_id: UUID, reason: str, seen: Collection[str] | None, *, by: User, now: datetime
) -> dict[str, object]:
    """Take a visit back, as if it had never been recorded; it stays readable, with the reason.

    Which version is meant may be said, and is then held against the present one.
    """
    target = _changeable(session, visit_id, by=by)
    pass_ = street_pass.begin(session, target.street_code, now=now)
    with reach.whole_street(session, target.street_code):
        form = Form.of(target.form)
        residents = standing.lock(session, target.street_code, form.resident_ids)
        record, own = _locked(pass_, target, seen)
        record.voided_at, record.void_reason = now, reason
        records.become(session, record, form, VisitChange.VOIDED, by=by.user_id, reason=reason, now=now)
        for share in own:
            share.voided = True
        records.write(session, [record])
        shares.write(session, own)
        merged = records.merged(session, target.street_code, record.visit_id)
        consequences.follow(pass_, residents, Change(form, own, since=form.service_date, merged=merged))
    return queries.one(session, record.visit_id, by=by)


def _changeable(session: Session, visit_id: UUID, *, by: User) -> Record:
    """A visit that the caller sees and may change: their own, or whichever of their street."""
    record = queries.visible(session, visit_id, by=by)
    if not by.may(May.CORRECT_VISITS) and not (by.may(May.RECORD_VISITS) and record.recorded_by == by.user_id):
        raise NotAllowed("走访由记录人本人或街镇更正。")
    return record


def _locked(pass_: StreetPass, target: Record, seen: Collection[str] | None) -> tuple[Record, list[Share]]:
    """The record as nobody else changes it any more, with its shares; refused when it is not what the caller means."""
    [record] = records.lock(pass_.session, pass_.street, [target.visit_id])
    if seen is not None and ANY_VERSION not in seen and record.tag not in seen:
        raise VersionOld("这次走访在您查看以后已被更改，请重新查看后再更正。")
    if record.voided_at is not None:
        raise VisitVoided("这次走访已经作废，不能再更正。")
    if record.merged_into is not None or record.version != target.version:
        raise VersionOld("这次走访刚刚被更改，请重新查看后再更正。")
    own = shares.of_visits(pass_.session, pass_.street, [record.visit_id])
    return record, own[record.visit_id]


def _retell(
    pass_: StreetPass,
    record: Record,
    own: list[Share],
    form: Form,
    changes: Mapping[str, Any],
    added: Collection[UUID],
) -> None:
    """Let the shares of a visit stand as its form has it now; who was there and lives elsewhere has theirs there."""
    stated = None
    if "visited_by_role" in changes:
        recorder = pass_.session.get_one(UserAccount, record.recorded_by)
        stated = shares.role_of(form, Role(recorder.role))
    known = {share.resident_id: share for share in own}
    by_street_advisor = any(share.by_street_advisor for share in own)
    entry = shares.entry_by(pass_.session, form, record.recorded_by, by_street_advisor=by_street_advisor)
    for resident_id, share in known.items():
        if resident_id not in form.resident_ids:
            share.voided = True
    for resident_id in form.resident_ids:
        if resident_id in known:
            share = known[resident_id]
            share.tell(form, stated or share.role, now=pass_.now)
            continue
        if resident_id not in added:
            continue
        role = stated or shares.best(share.role for share in own)
        share = shares.new(pass_.street, form, resident_id, role, entry=entry, at=record.recorded_at)
        share.corrected_at = pass_.now
        own.append(share)
