"""The duties of residents, brought in line with the rules and the visits, whatever happened in between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import bulk, clock
from core.decisions import Path
from core.ids import uuid7
from rules.calendar import Frequency, WorkingCalendar, period_of
from rules.duties import Contact, DutyKind, Owed, TierPath, closings, periodic, responses, settle
from rules.facts import Tier
from rules.history import History
from rules.rulebook import Rulebook

COLUMNS = (
    "street_code, duty_id, resident_id, kind, tier, occasion, period, starts_on, due_on, modes, limit, clause, state,"
    " reason, task_id, credited_visit_id, late_entry, made_up_on, carried, policy_id, policy_version, coverage_version,"
    " created_at, settled_at, excuse"
).replace(" limit,", ' "limit",')

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Basis:
    """What the duties of one resident follow from."""

    history: History
    path: Path
    contacts: Sequence[Contact]
    owing_since: date


def of_residents(session: Session, street: str, resident_ids: Iterable[UUID], *, since: date) -> dict[UUID, list[Row]]:
    """The duties that may still change: open, missed and not made up, or due or settled on or after a day."""
    rows = session.execute(
        text(
            f"SELECT {COLUMNS} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents) AND NOT carried"
            " AND (due_on >= :since OR settled_at >= :since OR state = 'open'"
            " OR (state = 'missed' AND made_up_on IS NULL))"
            " ORDER BY due_on, duty_id"
        ),
        {"street": street, "residents": list(resident_ids), "since": since},
    ).mappings()
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["resident_id"]].append(dict(row))
    return found


def contacts(session: Session, street: str, resident_ids: Iterable[UUID], *, since: date) -> dict[UUID, list[Contact]]:
    """The visits to some residents on or after a day, by service date; merged and voided ones left out."""
    rows = session.execute(
        text(
            "SELECT resident_id, visit_id, service_date, mode, met, initiated_by, role, dimensions_done, entered_at"
            " FROM visit_resident WHERE street_code = :street AND resident_id = ANY(:residents)"
            " AND service_date >= :since AND merged_into IS NULL AND NOT voided"
            " ORDER BY service_date, entered_at, visit_id"
        ),
        {"street": street, "residents": list(resident_ids), "since": since},
    )
    found: dict[UUID, list[Contact]] = defaultdict(list)
    for row in rows:
        found[row.resident_id].append(
            Contact(
                visit_id=row.visit_id,
                service_date=row.service_date,
                mode=row.mode,
                met=row.met,
                initiated_by=row.initiated_by,
                role=row.role,
                dimensions_done=row.dimensions_done,
                entered_on=clock.today(row.entered_at),
                entered_at=row.entered_at,
            )
        )
    return found


def window_start(day: date) -> date:
    """The first day that can matter to a period in which `day` lies: the longest period is a half-year (三（一）)."""
    return period_of(day, Frequency.HALF_YEAR).first


def reconcile(
    session: Session,
    street: str,
    bases: Mapping[UUID, Basis],
    rows: dict[UUID, list[Row]],
    rulebook: Rulebook,
    calendar: WorkingCalendar,
    *,
    now: datetime,
    today: date,
) -> None:
    """Make the duties of some residents what they should be today; `rows` holds the result afterwards.

    Periods that closed before `owing_since` keep what was owed in them (A27); visits may still meet them (A21).
    """
    made: list[Row] = []
    changed: list[Row] = []
    for resident_id, basis in bases.items():
        current = rows.setdefault(resident_id, [])
        before = {row["duty_id"]: dict(row) for row in current}
        _reconcile_one(street, resident_id, basis, current, rulebook, calendar, now=now, today=today)
        for row in current:
            if row == before.get(row["duty_id"]):
                continue
            row["settled_at"] = now if row["state"] != "open" else None
            (changed if row["duty_id"] in before else made).append(row)
    bulk.insert(session, "duty", made)
    bulk.update(session, "duty", changed, key=("street_code", "duty_id"))


def _reconcile_one(
    street: str,
    resident_id: UUID,
    basis: Basis,
    rows: list[Row],
    rulebook: Rulebook,
    calendar: WorkingCalendar,
    *,
    now: datetime,
    today: date,
) -> None:
    path = basis.path.tiers
    terms = rulebook.terms(today)
    owed = [
        one
        for day in closings(basis.owing_since, today)
        for one in periodic(path, day, rulebook.terms(day))
        if one.due_on == day
    ]
    owed += periodic(path, today, terms)
    standing = {_key(row): row for row in rows}
    # News of which no duty was loaded was settled before this look began.
    news = [
        one
        for one in basis.history.news()
        if one.arrived_on >= basis.owing_since or (DutyKind.RESPONSE, None, one.occasion) in standing
    ]
    owed += responses(news, basis.contacts, path, terms, calendar, today=today)
    wanted = {(one.kind, one.tier if one.kind is DutyKind.PERIODIC else None, one.occasion): one for one in owed}
    for key, one in wanted.items():
        row = standing.get(key)
        if row is None:
            rows.append(_new_row(street, resident_id, one, terms, now))
            continue
        if row["state"] in ("open", "cancelled"):
            # Open duties follow a change of the rules; what is settled keeps the version it was settled under (A27).
            row["modes"] = list(one.modes)
            row["policy_id"], row["policy_version"] = terms.policy_id, terms.policy_version
            row["coverage_version"] = terms.coverage_version
        if one.kind is DutyKind.PERIODIC:
            row["starts_on"] = one.starts_on
        if row["state"] == "cancelled":
            row["state"], row["reason"] = "open", None
    for row in rows:
        _excuse_the_dead(row, basis.history.died_on)
        judged = row["kind"] == DutyKind.RESPONSE or row["due_on"] >= basis.owing_since
        if (
            judged
            and row["state"] in ("open", "missed")
            and row["kind"] != DutyKind.FOLLOW_UP
            and _key(row) not in wanted
        ):
            row["state"], row["reason"] = "cancelled", _why_cancelled(row, path, min(today, row["due_on"]))
        _settle(row, basis, not judged or _key(row) in wanted, today, terms.late_entry_approval_days)


def _key(row: Row) -> tuple[DutyKind, Tier | None, str]:
    kind = DutyKind(row["kind"])
    return (kind, Tier(row["tier"]) if kind is DutyKind.PERIODIC else None, row["occasion"])


def _new_row(street: str, resident_id: UUID, one: Owed, terms: Any, now: datetime) -> Row:
    return {
        "street_code": street,
        "duty_id": uuid7(),
        "resident_id": resident_id,
        "kind": one.kind.value,
        "tier": one.tier.value,
        "occasion": one.occasion,
        "period": one.period,
        "starts_on": one.starts_on,
        "due_on": one.due_on,
        "modes": list(one.modes),
        "limit": one.limit,
        "clause": one.clause,
        "state": "open",
        "reason": None,
        "task_id": None,
        "credited_visit_id": None,
        "late_entry": False,
        "made_up_on": None,
        "carried": False,
        "policy_id": terms.policy_id,
        "policy_version": terms.policy_version,
        "coverage_version": terms.coverage_version,
        "created_at": now,
        "settled_at": None,
        "excuse": None,
    }


def owed_of(row: Row) -> Owed:
    """A stored duty as the rules look at it."""
    return Owed(
        kind=DutyKind(row["kind"]),
        tier=Tier(row["tier"]),
        occasion=row["occasion"],
        period=row["period"],
        starts_on=row["starts_on"],
        due_on=row["due_on"],
        modes=tuple(row["modes"]),
        limit=row["limit"],
        clause=row["clause"],
    )


def _settle(row: Row, basis: Basis, owed: bool, today: date, approval_days: int) -> None:
    if row["state"] in ("cancelled", "excused") or row["kind"] == DutyKind.FOLLOW_UP:
        return
    settled = settle(owed_of(row), basis.contacts, today=today, approval_days=approval_days)
    if settled.state == "open" and not owed:
        # Its visit was voided after the duty had gone.
        row["state"], row["reason"], row["credited_visit_id"] = "cancelled", "not_owed", None
        return
    row["state"] = settled.state
    row["credited_visit_id"] = settled.contact.visit_id if settled.contact else None
    row["late_entry"] = settled.late_entry
    row["made_up_on"] = settled.made_up_on or (row["made_up_on"] if settled.state == "missed" else None)


def _excuse_the_dead(row: Row, died_on: date | None) -> None:
    """Death excuses what was still owed from the death on (A23); a retracted death takes it back."""
    if died_on is not None and row["state"] in ("open", "missed") and row["due_on"] >= died_on:
        row["state"], row["reason"] = "excused", "death"
    elif died_on is None and row["state"] == "excused" and row["reason"] == "death":
        row["state"], row["reason"] = "open", None


def _why_cancelled(row: Row, path: TierPath, on: date) -> str:
    if row["kind"] == DutyKind.RESPONSE:
        return "retracted"
    current, was = path.on(on), Tier(row["tier"])
    if current is Tier.NONE:
        return "tier_none"
    if current.rank < was.rank:
        return "tier_lowered"
    if current.rank > was.rank:
        return "absorbed"
    return "not_owed"
