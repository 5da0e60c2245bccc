"""Two forms about the same visit become one record: the union of both, under the name of the earlier one (A21)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import orjson

from core.errors import Conflict
from core.organisation.roles import Role
from core.organisation.users import User
from core.policy.street_pass import StreetPass
from core.residents import queries as resident_queries
from core.residents import standing
from core.store import bulk
from core.store.json import Json
from core.store.words import VisitChange
from core.tasks import queries as task_queries
from core.visits import consequences, forms, records, shares
from core.visits.consequences import Change
from core.visits.forms import Form
from core.visits.reach import whole_street
from core.visits.records import Record
from core.visits.shares import Share


def merge(pass_: StreetPass, form: Form, *, by: User) -> Json | None:
    """Join a form to the visit that stands for the same residents, day and mode; None when there is none.

    Returns the receipt of that visit, as the caller may read it. Nothing that it counted for is lost, and nothing is
    raised twice.
    """
    session, street = pass_.session, pass_.street
    with whole_street(session, street):
        likely = shares.of_visits(session, street, shares.same_day_and_mode(session, street, form))
        concerned = {*form.resident_ids, *_people(likely)}
        residents = standing.lock(session, street, concerned)
        if known := records.by_id(session, (street,), [form.visit_id]):
            # The same form, sent twice at once.
            return known[0].told_again(form)
        held = shares.of_visits(session, street, shares.same_day_and_mode(session, street, form))
        if not held:
            return None
        if not concerned.issuperset(_people(held)):
            raise Conflict("这次走访刚刚有了新的变化，请重试。")
        target, *others = sorted(
            records.lock(session, street, held), key=lambda record: (record.recorded_at, record.visit_id)
        )
        later = records.new(street, form, by=by.user_id, now=pass_.now, merged_into=target.visit_id)
        own, is_changed = _join(pass_, target, [*others, later], held, by=by)
        change = Change(
            forms.Form.of(target.form),
            own,
            since=form.service_date,
            merged=records.merged(session, street, target.visit_id),
        )
        receipt, raised = consequences.follow(pass_, residents, change)
    told = target.answer
    if is_changed or raised:
        receipt["raised"] = task_queries.some(session, raised, by=by, keys=None, today=pass_.today)
        told = orjson.loads(bulk.dumps(receipt))
        told["raised"] = [*target.answer.get("raised", ()), *told["raised"]]
    later.answer = _readable(pass_, told, form, by=by)
    records.write(session, [later])
    return later.answer


def _people(held: Mapping[UUID, Sequence[Share]]) -> set[UUID]:
    return {share.resident_id for found in held.values() for share in found}


def _join(
    pass_: StreetPass, target: Record, others: Sequence[Record], held: Mapping[UUID, list[Share]], *, by: User
) -> tuple[list[Share], bool]:
    """Let the earliest record say what all of them say; returns its shares, and whether credit may follow otherwise."""
    session, street = pass_.session, pass_.street
    joined = Form.of(target.form)
    for other in others:
        said = Form.of(other.form)
        joined = forms.union(joined, said)
        records.become(
            session, target, joined, VisitChange.MERGED, by=by.user_id, reason=None, now=pass_.now, merged=said
        )
    later = Form.of(others[-1].form)
    role = shares.best([shares.role_of(later, by.role), *(share.role for found in held.values() for share in found)])
    own = {share.resident_id: share for share in held[target.visit_id]}
    left: list[Share] = []
    for other in others[:-1]:
        for share in held[other.visit_id]:
            held_here = own.setdefault(share.resident_id, replace(share, visit_id=target.visit_id, stored=None))
            held_here.join(share.recused, share.by_street_advisor)
            share.merged_into = target.visit_id
            left.append(share)
    is_changed = bool(left)
    entry = shares.entry_by(session, later, by.user_id, by_street_advisor=by.role is Role.STREET_ADVISOR)
    for resident_id in joined.resident_ids:
        if resident_id in own:
            is_changed |= own[resident_id].tell(joined, role, now=pass_.now)
            if resident_id in later.resident_ids:
                is_changed |= own[resident_id].join(resident_id in entry.recused, entry.by_street_advisor)
        else:
            own[resident_id] = shares.new(street, joined, resident_id, role, entry=entry, at=pass_.now)
            is_changed = True
    records.merge_on(session, target, others[:-1])
    records.write(session, [target, *others])
    shares.write(session, [*left, *own.values()])
    return list(own.values()), is_changed


def _readable(pass_: StreetPass, told: Json, form: Form, *, by: User) -> Json:
    """A receipt without residents of the earlier form whom the caller does not see."""
    named = {UUID(line["resident_id"]) for part in ("credits", "not_credited") for line in told[part]}
    seen = {resident.resident_id for resident in resident_queries.visible(pass_.session, named, by=by)}
    seen |= set(form.resident_ids)
    readable = {
        part: [line for line in told[part] if UUID(line["resident_id"]) in seen] for part in ("credits", "not_credited")
    }
    return {**told, **readable}
