"""Residents: found, listed, explained; corrected through the same inbox as all other news."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Query
from sqlmodel import Session

from api.context import Context
from api.dependencies import ContextDep, NowDep, SessionDep, TodayDep, UserDep, WideSessionDep, announce
from api.evaluation import evaluators
from api.http.bodies import StrictRoute
from api.http.paging import Cursor, LimitDep, LimitIfAnyDep, after, page, part
from api.http.refusals import refuses
from api.schemas.common import Day, Page
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
    ResidentSearch,
    ResidentSummary,
    RestoreRequest,
    RevealedField,
    RevealRequest,
    TimelineEntry,
    TimelineWord,
)
from api.schemas.tasks import Lamp
from api.schemas.why import WhyNotVisited
from core import clock, errors
from core.duties import queries as duty_queries
from core.errors import Invalid
from core.events import id_numbers
from core.events.id_numbers import IdNumberInvalid
from core.inbox import merging
from core.organisation import failures
from core.organisation.users import User
from core.policy import lamps, rulebooks
from core.residents import listing, masking, registration, search, timeline
from core.residents import queries as resident_queries
from core.residents.identities import NumberTaken
from core.store.models import Resident
from core.tasks import why
from rules.casework.codes import Dimension
from rules.duties import DutyState
from rules.facts import FactInvalid, Problem, Tier, fact_dict, parse_fact

router = APIRouter(prefix="/v1/residents", tags=["residents"], route_class=StrictRoute)

SomebodyOrNone = Annotated[UUID | Literal["none"] | None, Query(description="`none`: nobody.")]
Code = Annotated[str | None, Query(min_length=1, max_length=12)]


@router.get("", response_model=Page[ResidentSummary])
def list_residents(
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    today: TodayDep,
    limit: LimitDep,
    street: Code = None,
    committee: Code = None,
    tier: Tier | None = None,
    household: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    assignee: SomebodyOrNone = None,
    paired: SomebodyOrNone = None,
    finding: Annotated[Dimension | None, Query(description="Something is open in this dimension.")] = None,
    need: Literal["open"] | None = None,
    visited_before: Annotated[Day | None, Query(description="Last met before this day, or never.")] = None,
    duty_state: DutyState | None = None,
    period: Annotated[str | None, Query(pattern=r"^[0-9]{4}-([0-9]{2}|Q[1-4]|H[12])$")] = None,
    lamp: Lamp | None = None,
    sort: Literal["name", "due", "last_visit"] | None = None,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Residents of the caller's streets and committees, those in full by name whom the caller must visit (A37)."""
    wanted = listing.Filter(
        street=street,
        committee=committee,
        tier=tier,
        household=household,
        assignee=None if assignee is None else str(assignee),
        paired=None if paired is None else str(paired),
        finding=finding,
        need_is_open=need is not None,
        visited_before=visited_before,
        duty_state=duty_state,
        period=period,
        lamp=None if lamp is None else lamps.Lamp(lamp),
        sort=listing.Sort.ID if sort is None else listing.Sort(sort),
    )
    sealed_by = context.keys if wanted.sort.is_personal else None
    last = after(cursor, *wanted.sort.kinds, sealed_by=sealed_by)
    rows = listing.page(session, wanted, by=user, after=last, limit=limit, keys=context.keys, today=today)
    shown = page(rows, limit, lambda row: row.key, sealed_by=sealed_by)
    return {**shown, "items": [row.resident for row in shown["items"]]}


@router.post("/lookup", response_model=ResidentDetails)
@refuses(errors.NotFound, errors.NotAnIdNumber, failures.LookUpsExhausted)
def look_up_resident(
    body: ResidentLookup, session: SessionDep, user: UserDep, context: ContextDep, today: TodayDep
) -> dict[str, object]:
    """The resident with this ID number, or 404; 60 an hour that find nobody, then 429."""
    try:
        number = id_numbers.normalise(body.id_number)
    except IdNumberInvalid as error:
        raise errors.NotAnIdNumber(
            "这不是身份证号码。", problems=[Problem("id_number", error.code, error.msg)]
        ) from None
    found = resident_queries.lookup(session, number, context.keys, by=user, now=clock.real_now())
    if found is None:
        # That it was asked in vain is counted, also though it is refused.
        session.commit()
        raise errors.NotFound(resident_queries.GONE)
    return _full(found, session, context, user, today)


@router.post("/search", response_model=Page[ResidentSummary])
@refuses(failures.LookUpsExhausted)
def search_residents(
    body: ResidentSearch,
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    today: TodayDep,
    limit: LimitDep,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Who fits what is remembered of them, among the people the caller sees in full; in vain 60 an hour, then 429."""
    wanted = search.Wanted(**body.model_dump())
    found = search.find(session, wanted, context.keys, by=user, now=clock.real_now())
    [last] = after(cursor, UUID) or [None]
    ids = [resident_id for resident_id in found if last is None or resident_id > last][: limit + 1]
    rows = listing.some(session, ids, by=user, keys=context.keys, today=today)
    return page(rows, limit, lambda row: (row["resident_id"],))


@router.get("/{resident_id}", response_model=ResidentDetails)
def get_resident(
    resident_id: UUID, session: SessionDep, user: UserDep, context: ContextDep, today: TodayDep
) -> dict[str, object]:
    """One resident; ID number and phone masked."""
    return _full(resident_queries.get(session, resident_id, by=user), session, context, user, today)


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
    today: TodayDep,
) -> dict[str, object]:
    """Pair a resident with whoever is to go first (三（二）)."""
    resident = resident_queries.get(session, resident_id, by=user)
    resident_queries.pair(session, resident, body.user_id, by=user)
    session.refresh(resident)
    return _full(resident, session, context, user, today)


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


@router.post("/{resident_id}/restore", status_code=202, response_model=EntryReceipt)
@refuses(errors.Conflict)
def restore_resident(
    resident_id: UUID, body: RestoreRequest, session: SessionDep, user: UserDep, context: ContextDep, now: NowDep
) -> dict[str, object]:
    """A death or a leaving was reported in error: as if it had never been said (A23)."""
    resident = resident_queries.get(session, resident_id, by=user)
    alert_id = resident_queries.restore(session, resident, body.reason, context.keys, by=user, now=now)
    announce(session, resident.street_code)
    return {"alert_id": alert_id}


@router.post("/{resident_id}/reveal", response_model=RevealedField)
def reveal_resident_field(
    resident_id: UUID, body: RevealRequest, session: SessionDep, user: UserDep, context: ContextDep
) -> dict[str, object]:
    """One personal field in the clear, against a reason; who asked is written down."""
    resident = resident_queries.get(session, resident_id, by=user)
    value = resident_queries.reveal(session, resident, body.field, body.reason, context.keys, by=user)
    return {"field": body.field, "value": value}


@router.get("/{resident_id}/timeline", response_model=Page[TimelineEntry])
def get_resident_timeline(
    resident_id: UUID,
    session: SessionDep,
    user: UserDep,
    context: ContextDep,
    limit: LimitIfAnyDep,
    cursor: Cursor = None,
    what: Annotated[list[TimelineWord] | None, Query(description="Only these; repeated for several.")] = None,
) -> dict[str, object]:
    """Everything that happened about a resident, in the order in which it was written down."""
    resident = resident_queries.get(session, resident_id, by=user)
    story = timeline.of(session, resident, context.keys, by=user)
    return part([line for line in story if what is None or line["what"] in what], limit, cursor)


@router.get("/{resident_id}/why", response_model=WhyNotVisited)
def explain_resident_visits(
    resident_id: UUID,
    session: SessionDep,
    user: UserDep,
    today: TodayDep,
    period: Annotated[str, Query(max_length=10, description="2026-03, 2026-Q1 or 2026-H1")],
    as_known_on: Day | None = None,
) -> why.Why:
    """Why the resident was not visited in a period, or that they were: one answer."""
    resident = resident_queries.get(session, resident_id, by=user)
    return why.of(session, resident, period, today=today, as_known_on=as_known_on)


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


def _full(resident: Resident, session: Session, context: Context, user: User, today: date) -> dict[str, object]:
    """A resident's own page; of their number and phone no more than tells one from another."""
    [brief] = listing.some(session, [resident.resident_id], by=user, keys=context.keys, today=today)
    phone = registration.unseal(context.keys, resident, "phone")
    history, _ = resident_queries.known(session, resident)
    facts: list[Mapping[str, object]] = [fact_dict(fact) for fact in history.facts]
    return {
        **brief,
        "id_number": resident_queries.masked_number(resident, context.keys, by=user),
        "phone": masking.mask_phone(phone) if phone else None,
        "has_address": resident.address is not None,
        "relation": resident.relation,
        "facts": facts,
        "rules": resident.rules,
        "paired_user_id": resident.paired_user_id,
        "died_on": resident.died_on,
        "decided_on": resident.decided_on,
        "opened_on": resident.opened_on,
    }
