"""The visits of two residents who are one person (A38): one name in every form, and one record of each visit (A21)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.policy.street_pass import StreetPass
from core.residents import standing
from core.store import bulk
from core.store.words import VisitChange
from core.visits import consequences, forms, records, shares, versions
from core.visits.consequences import Change
from core.visits.forms import Form
from core.visits.records import Record
from core.visits.shares import Share

_CREDITS: Final = text("SELECT * FROM credit WHERE street_code = :street AND visit_id = ANY(:visits)")


@dataclass(frozen=True, slots=True)
class United:
    """How many visits went over, the new version of each that says so, and which were merged into which."""

    shares: int
    versions: Mapping[UUID, int]
    merged: Mapping[UUID, UUID]


def unite(pass_: StreetPass, survivor: UUID, away: UUID, reason: str, *, by: UUID) -> United:
    """Let every visit to a resident who is merged away be one to the other; both are locked.

    What is credited to whom stays as it is, but for others who were at a visit that becomes one with another. Every
    version of a form stays readable as it was.
    """
    session, street = pass_.session, pass_.street
    forms_of = records.naming(session, street, (survivor, away))
    renamed = {record.visit_id: record.version + 1 for record in forms_of if _stands(record, away)}
    kept = []
    for record in forms_of:
        if away not in record.resident_ids:
            continue
        form = forms.renamed(Form.of(record.form), away, survivor)
        record.form, record.resident_ids = form.fields, form.resident_ids
        if record.visit_id in renamed:
            record.version += 1
            kept.append(
                versions.row(street, form, record.version, VisitChange.CORRECTED, by=by, at=pass_.now, reason=reason)
            )
    records.write(session, forms_of)
    versions.keep_all(session, kept)
    _carry_credits(pass_, renamed, away)
    held = shares.of_residents(session, street, (survivor, away))
    taken = _take_shares(pass_, held, {record.visit_id: Form.of(record.form) for record in forms_of}, survivor, away)
    same = _same(forms_of, survivor)
    merged = {other.visit_id: target.visit_id for target, *others in same for other in others}
    of_both = [*held, *taken]
    concerned = shares.of_visits(session, street, [record.visit_id for group in same for record in group])
    for visit_id, present in concerned.items():
        others = [share for share in present if share.resident_id not in (survivor, away)]
        concerned[visit_id] = [*others, *(share for share in of_both if share.visit_id == visit_id)]
    joined = [_joined(pass_, group, concerned, reason, by=by) for group in same]
    for group in same:
        records.merge_on(session, group[0], group[1:])
        records.write(session, group)
    fresh = {
        (share.visit_id, share.resident_id): share for own in (of_both, *concerned.values(), *joined) for share in own
    }
    shares.write(session, list(fresh.values()))
    for group, own in zip(same, joined, strict=True):
        _follow_others(pass_, group, own, {survivor, away})
    return United(len(taken), renamed, merged)


def _stands(record: Record, resident_id: UUID) -> bool:
    return resident_id in record.resident_ids and record.merged_into is None and record.voided_at is None


def _carry_credits(pass_: StreetPass, versions_of: Mapping[UUID, int], away: UUID) -> None:
    """What was told of the others at those visits holds for the new version, too."""
    found = pass_.session.execute(_CREDITS, {"street": pass_.street, "visits": list(versions_of)}).mappings()
    rows = [
        {**row, "version": versions_of[row["visit_id"]]}
        for row in found
        if row["resident_id"] != away and row["version"] == versions_of[row["visit_id"]] - 1
    ]
    bulk.insert(pass_.session, "credit", rows, on_conflict="ON CONFLICT DO NOTHING")


def _take_shares(
    pass_: StreetPass, held: Sequence[Share], forms_of: Mapping[UUID, Form], survivor: UUID, away: UUID
) -> list[Share]:
    """The survivor's share of each visit stands for what either was told of; returns those that are new."""
    ours = {share.visit_id: share for share in held if share.resident_id == survivor}
    new: list[Share] = []
    for share in held:
        if share.resident_id != away:
            continue
        known = ours.get(share.visit_id)
        if known is None:
            new.append(replace(share, resident_id=survivor, stored=None))
        elif not share.voided and share.visit_id in forms_of:
            known.tell(forms_of[share.visit_id], shares.best((known.role, share.role)), now=pass_.now)
            known.join(share.recused, share.by_street_advisor)
        share.voided = True
    return new


def _same(forms_of: Iterable[Record], resident_id: UUID) -> list[list[Record]]:
    """The visits to one person that are one: of the same day and mode, the earliest record first."""
    by_day: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for record in sorted(forms_of, key=lambda record: (record.recorded_at, record.visit_id)):
        if _stands(record, resident_id):
            by_day[record.service_date, record.mode].append(record)
    return [found for found in by_day.values() if len(found) > 1]


def _joined(
    pass_: StreetPass, same: Sequence[Record], held: Mapping[UUID, Sequence[Share]], reason: str, *, by: UUID
) -> list[Share]:
    """The shares of the earliest of some records, which says what all of them say; theirs are merged into it."""
    target, *others = same
    joined = Form.of(target.form)
    for other in others:
        said = Form.of(other.form)
        joined = forms.union(joined, said)
        records.become(
            pass_.session, target, joined, VisitChange.MERGED, by=by, reason=reason, now=pass_.now, merged=said
        )
    role = shares.best(share.role for record in same for share in held[record.visit_id] if not share.voided)
    own = {share.resident_id: share for share in held[target.visit_id]}
    for other in others:
        for share in held[other.visit_id]:
            if not share.voided:
                kept = own.setdefault(share.resident_id, replace(share, visit_id=target.visit_id, stored=None))
                kept.join(share.recused, share.by_street_advisor)
            share.merged_into = target.visit_id
    for resident_id in joined.resident_ids:
        # Who was there and lives in another street has their share there.
        if resident_id in own:
            own[resident_id].tell(joined, role, now=pass_.now)
    return list(own.values())


def _follow_others(pass_: StreetPass, same: Sequence[Record], own: Sequence[Share], both: set[UUID]) -> None:
    """Look at whoever else was at visits that are one; the two with the news of it, when it is decided what is owed."""
    present = standing.lock(pass_.session, pass_.street, {share.resident_id for share in own} - both)
    if not present:
        return
    target, *others = same
    seen = {resident.resident_id for resident in present}
    change = Change(
        Form.of(target.form),
        [share for share in own if share.resident_id in seen],
        since=target.service_date,
        merged=[other.visit_id for other in others],
    )
    consequences.follow(pass_, present, change)
