"""Residents: found, listed, explained; corrected through the same inbox as all other news."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query

from api.dependencies import ContextDep, DivisionsDep, NowDep, SessionDep, TodayDep, UserDep, WideSessionDep, announce
from api.evaluation import evaluators
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, LimitIfAnyDep, after, page, part
from api.http.refusals import refuses
from api.schemas.common import Day, Page, TierName
from api.schemas.residents import (
    Duty,
    EntryReceipt,
    MergeReceipt,
    MergeRequest,
    PairingChange,
    ResidentCorrection,
    ResidentDecision,
    ResidentDetails,
    ResidentLookup,
    ResidentSummary,
    RevealedField,
    RevealRequest,
    TimelineEntry,
)
from core import errors
from core.duties import queries as duty_queries
from core.errors import Invalid
from core.events import id_numbers
from core.events.id_numbers import IdNumberInvalid
from core.inbox import merging
from core.organisation.streets import Divisions
from core.policy import rulebooks
from core.residents import masking, registration
from core.residents import queries as resident_queries
from core.residents.identities import NumberTaken
from core.store.crypto import Keys
from core.store.models import Resident
from rules.facts import FactInvalid, Problem, fact_dict, parse_fact

router = APIRouter(prefix="/v1/residents", tags=["residents"], route_class=StrictRoute)

Code = Annotated[str | None, Query(min_length=1, max_length=12)]


@router.get("", response_model=Page[ResidentSummary])
def list_residents(
    session: SessionDep,
    user: UserDep,
    divisions: DivisionsDep,
    limit: LimitDep,
    street: Code = None,
    committee: Code = None,
    tier: TierName | None = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100, description="How the name begins.")] = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Residents of the caller's streets and committees, names masked."""
    [last] = after(cursor, UUID) or [None]
    rows = resident_queries.page(
        session, by=user, street=street, committee=committee, tier=tier, q=q, after=last, limit=limit
    )
    shown = page(rows, limit, lambda row: (row.resident_id,))
    return {**shown, "items": [_brief(row, divisions) for row in shown["items"]]}


@router.post("/lookup", response_model=ResidentDetails)
@refuses(errors.NotFound, errors.NotAnIdNumber)
def look_up_resident(
    body: ResidentLookup, session: SessionDep, user: UserDep, context: ContextDep, divisions: DivisionsDep
) -> dict[str, object]:
    """The resident with this ID number, or 404."""
    try:
        number = id_numbers.normalise(body.id_number)
    except IdNumberInvalid as error:
        raise errors.NotAnIdNumber(
            "这不是身份证号码。", problems=[Problem("id_number", error.code, error.msg)]
        ) from None
    return _full(resident_queries.lookup(session, number, context.keys, by=user), session, context.keys, divisions)


@router.get("/{resident_id}", response_model=ResidentDetails)
def get_resident(
    resident_id: UUID, session: SessionDep, user: UserDep, context: ContextDep, divisions: DivisionsDep
) -> dict[str, object]:
    """One resident; ID number and phone masked."""
    return _full(resident_queries.get(session, resident_id, by=user), session, context.keys, divisions)


@router.patch("/{resident_id}", status_code=202, response_model=EntryReceipt)
@refuses(NumberTaken)
def correct_resident(
    resident_id: UUID, body: ResidentCorrection, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> dict[str, object]:
    """Enter a confirmed correction, e.g. of the birth date; decisions follow (A5)."""
    resident = resident_queries.get(session, resident_id, by=user)
    corrected = body.model_dump(mode="json", exclude_none=True)
    alert_id = resident_queries.correct(session, resident, corrected, context.keys, by=user, now=now)
    announce(session, resident.street_code)
    return {"alert_id": alert_id}


@router.post("/{resident_id}/merge", response_model=MergeReceipt)
def merge_resident(
    resident_id: UUID,
    body: MergeRequest,
    session: WideSessionDep,
    user: UserDep,
    context: ContextDep,
    now: NowDep,
) -> merging.MergedShown:
    """Merge another resident, who is the same person, into this one; with `dry_run` only say what that would do."""
    shown = merging.merge(
        session, resident_id, body.with_, body.reason, context.keys, by=user, now=now, dry_run=body.dry_run
    )
    announce(session, shown["street"])
    return shown


@router.put("/{resident_id}/pairing", response_model=ResidentDetails)
def pair_resident(
    resident_id: UUID,
    body: PairingChange,
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    divisions: DivisionsDep,
) -> dict[str, object]:
    """Pair a resident with whoever is to go first (三（二）)."""
    resident = resident_queries.get(session, resident_id, by=user)
    resident_queries.pair(session, resident, body.user_id, by=user)
    session.refresh(resident)
    return _full(resident, session, context.keys, divisions)


@router.post("/{resident_id}/facts", status_code=202, response_model=EntryReceipt)
def record_resident_fact(
    resident_id: UUID,
    body: Annotated[
        dict[str, Any],
        Body(
            description="A fact: `kind`, `valid_from`, `valid_to` and what its kind asks.",
            examples=[{"kind": "serious_illness", "basis": "diagnosis", "valid_from": "2026-03-01", "valid_to": None}],
        ),
    ],
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, object]:
    """Record a fact; it goes through the inbox, so decision and tasks follow like those of any alert."""
    resident = resident_queries.get(session, resident_id, by=user)
    try:
        fact = parse_fact(body, "")
    except FactInvalid as error:
        problems = [problem._replace(loc=problem.loc.removeprefix(".") or "fact") for problem in error.problems]
        raise Invalid("这项事实不能记录。", problems=problems) from None
    alert_id = resident_queries.record_fact(session, resident, fact, context.keys, by=user, now=now)
    announce(session, resident.street_code)
    return {"alert_id": alert_id}


@router.post("/{resident_id}/reveal", response_model=RevealedField)
def reveal_resident_field(
    resident_id: UUID, body: RevealRequest, session: SessionDep, user: UserDep, context: ContextDep
) -> dict[str, object]:
    """One personal field in the clear, against a reason; who asked is written down."""
    resident = resident_queries.get(session, resident_id, by=user)
    value = resident_queries.reveal(resident, body.field, body.reason, context.keys, by=user)
    return {"field": body.field, "value": value}


@router.get("/{resident_id}/timeline", response_model=Page[TimelineEntry])
def get_resident_timeline(
    resident_id: UUID, session: SessionDep, user: UserDep, limit: LimitIfAnyDep, cursor: Cursor = None
) -> dict[str, object]:
    """Everything that happened about a resident, in the order in which it was written down."""
    resident = resident_queries.get(session, resident_id, by=user)
    return part(resident_queries.timeline(session, resident), limit, cursor)


@router.get("/{resident_id}/duties", response_model=Page[Duty])
def list_resident_duties(
    resident_id: UUID,
    session: SessionDep,
    user: UserDep,
    limit: LimitIfAnyDep,
    cursor: Cursor = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
) -> dict[str, object]:
    """Everything owed to a resident, in every state; both days inclusive."""
    resident = resident_queries.get(session, resident_id, by=user)
    return part(duty_queries.of_resident(session, resident, first=from_, last=to), limit, cursor)


@router.get("/{resident_id}/decision", response_model=ResidentDecision)
@refuses(errors.BeforePolicy)
def get_resident_decision(
    resident_id: UUID,
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    today: TodayDep,
    on: Day | None = None,
    as_known_on: Day | None = None,
) -> dict[str, object]:
    """The tier on a day, with every reason, near miss and the next day on which time alone changes it."""
    resident = resident_queries.get(session, resident_id, by=user)
    _, person = resident_queries.known(session, resident, known_on=as_known_on)
    spec = rulebooks.spec(session, resident.street_code)
    # The connection goes back before the evaluation, which may have to wait for its turn.
    session.commit()
    decided = context.evaluators.run(evaluators.decide, spec, person, on or today)
    if isinstance(decided, list):
        raise errors.BeforePolicy("这一天没有决定。", problems=decided)
    return {"resident_id": resident_id, **decided}


def _brief(resident: Resident, divisions: Divisions) -> dict[str, object]:
    return {
        "resident_id": resident.resident_id,
        "name": masking.mask_name(resident.name),
        "street": resident.street_code,
        "committee": resident.committee_code,
        "committee_name": divisions.committee_names.get(resident.committee_code, ""),
        "tier": resident.tier,
        "born": resident.birth_date,
        "sex": resident.sex,
    }


def _full(resident: Resident, session: SessionDep, keys: Keys, divisions: Divisions) -> dict[str, object]:
    number = registration.unseal(keys, resident, "id_number")
    phone = registration.unseal(keys, resident, "phone")
    history, person = resident_queries.known(session, resident)
    facts: list[Mapping[str, object]] = [fact_dict(fact) for fact in history.facts]
    return {
        **_brief(resident, divisions),
        "born": person.birth_date,
        "sex": person.sex,
        "id_number": masking.mask_id_number(number) if number else None,
        "phone": masking.mask_phone(phone) if phone else None,
        "has_address": resident.address is not None,
        "household": resident.household,
        "relation": resident.relation,
        "facts": facts,
        "rules": resident.rules,
        "paired_user_id": resident.paired_user_id,
        "died_on": resident.died_on,
        "decided_on": resident.decided_on,
        "opened_on": resident.opened_on,
    }
