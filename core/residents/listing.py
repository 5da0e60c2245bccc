"""Residents as lists show them: filtered, sorted, each with what is known at a glance. Nothing here writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple, TypedDict, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.roles import May, Role
from core.organisation.users import User
from core.policy import lamps
from core.policy.lamps import Lamp
from core.residents import disclosure, fact_log, found, last_visits, masking, registration
from core.residents.found import OpenFinding
from core.residents.last_visits import LastVisit
from core.store.crypto import Keys
from core.store.database import listed
from rules.casework.codes import Dimension
from rules.duties import DutyState
from rules.facts import Fact, FactKind, Tier, anniversary, sex_of
from rules.history import fold

# Where the next page begins: what the list is sorted by, and the resident.
Key = tuple[date | str | UUID, ...]
NOBODY: Final = "none"
_EVER: Final = date(9999, 12, 31)
_NEVER: Final = date(1, 1, 1)


class Somebody(TypedDict):
    """Somebody who works here."""

    user_id: UUID
    name: str


class ResidentShown(TypedDict):
    """A resident at a glance; no exact birth date stands beside a masked number (A37)."""

    resident_id: UUID
    name: str
    street: str
    committee: str
    committee_name: str
    tier: Tier
    birth_year: int | None
    age: int | None
    sex: str | None
    place: str
    household: str | None
    tags: list[str]
    last_visit: LastVisit | None
    next_due_on: date | None
    lamp: Lamp
    assignee: Somebody | None
    paired: Somebody | None
    open_findings: list[OpenFinding]
    open_needs: list[UUID]


class Sort(StrEnum):
    """In which order residents are listed."""

    NAME = "name"
    DUE = "due"
    LAST_VISIT = "last_visit"
    ID = "id"

    @property
    def kinds(self) -> tuple[type, ...]:
        """What a place in the list is made of."""
        return _KINDS[self]

    @property
    def is_personal(self) -> bool:
        """Whether a place in the list tells something about a person."""
        return self is Sort.NAME


_KINDS: Final[Mapping[Sort, tuple[type, ...]]] = {
    Sort.NAME: (str, UUID),
    Sort.DUE: (date, UUID),
    Sort.LAST_VISIT: (date, UUID),
    Sort.ID: (UUID,),
}


class _Listed(NamedTuple):
    """What a list reads of a resident, their open visit task and their last visit."""

    street_code: str
    resident_id: UUID
    name: str
    committee_code: str
    committee_name: str
    tier: str
    birth_date: date | None
    sex: str | None
    household: str | None
    address: bytes | None
    paired_user_id: UUID | None
    paired_name: str | None
    assignee_id: UUID | None
    assignee_name: str | None
    due_on: date | None
    lamp: int
    last_visit_on: date | None


_LAST: Final = (
    "(SELECT max(m.service_date) FROM visit_resident m WHERE m.street_code = r.street_code"
    " AND m.resident_id = r.resident_id AND m.met AND NOT m.voided AND m.merged_into IS NULL)"
)
_ELSEWHERE: Final = {
    "committee_name": "c.name",
    "paired_name": "p.name",
    "assignee_id": "t.assignee_id",
    "assignee_name": "u.name",
    "due_on": "t.due_on",
    "last_visit_on": _LAST,
}
_FROM: Final = (
    " FROM resident r JOIN committee c ON c.code = r.committee_code"
    " LEFT JOIN task t ON t.street_code = r.street_code AND t.resident_id = r.resident_id"
    "  AND t.state = 'open' AND t.kind = 'visit'"
    " LEFT JOIN user_account u ON u.user_id = t.assignee_id"
    " LEFT JOIN user_account p ON p.user_id = r.paired_user_id"
    " WHERE r.street_code = ANY(:streets) AND r.moved_to IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What somebody wants to see; None is everything. `assignee` and `paired` may be "none"."""

    street: str | None = None
    committee: str | None = None
    tier: Tier | None = None
    household: str | None = None
    assignee: str | None = None
    paired: str | None = None
    finding: Dimension | None = None
    need_is_open: bool = False
    visited_before: date | None = None
    duty_state: DutyState | None = None
    period: str | None = None
    lamp: Lamp | None = None
    sort: Sort = Sort.ID


class Found(NamedTuple):
    """A resident of a list, and their place there."""

    resident: ResidentShown
    key: Key


def page(
    session: Session, wanted: Filter, *, by: User, after: Key | None, limit: int, keys: Keys, today: date
) -> list[Found]:
    """Residents the caller may see, in the order asked for; one more than `limit` when there are more."""
    by.require(May.READ_RESIDENTS)
    streets = [street for street in by.streets if wanted.street in (None, street)]
    where, values = _where(session, wanted, by)
    order = _order(wanted.sort)
    if after is not None:
        where.append(f"({order}) > ({', '.join(f':after_{number}' for number in range(len(after)))})")
        values |= {f"after_{number}": part for number, part in enumerate(after)}
    rows = _read(session, streets, where, values, order, limit + 1, wanted.lamp, today)
    shown = _shown(session, rows, by=by, keys=keys, today=today)
    return [Found(resident, _key(wanted.sort, row)) for row, resident in zip(rows, shown, strict=True)]


def some(session: Session, resident_ids: Iterable[UUID], *, by: User, keys: Keys, today: date) -> list[ResidentShown]:
    """Certain residents, whom the caller has been found to see, in order of id."""
    ids = list(resident_ids)
    values: dict[str, object] = {"residents": ids}
    where = ["r.resident_id = ANY(:residents)"]
    rows = _read(session, by.streets, where, values, _order(Sort.ID), len(ids), None, today)
    return _shown(session, rows, by=by, keys=keys, today=today)


def _read(
    session: Session,
    streets: Sequence[str],
    where: list[str],
    values: dict[str, object],
    order: str,
    limit: int,
    lamp: Lamp | None,
    today: date,
) -> list[_Listed]:
    place, more = lamps.place_sql(lamps.of_streets(session, streets, today), today)
    if lamp is not None:
        where = [*where, f"{place} = :lamp"]
        more["lamp"] = lamp.place
    read = {**_ELSEWHERE, "lamp": place}
    columns = ", ".join(f"{read.get(name, f'r.{name}')} AS {name}" for name in _Listed._fields)
    conditions = "".join(f" AND {condition}" for condition in where)
    statement = f"SELECT {columns}{_FROM}{conditions} ORDER BY {order} LIMIT :limit"
    found_rows = session.execute(text(statement), {**values, **more, "streets": list(streets), "limit": limit})
    return [_Listed(*row) for row in found_rows]


def _order(sort: Sort) -> str:
    match sort:
        case Sort.NAME:
            return "r.name, r.resident_id"
        case Sort.DUE:
            return f"coalesce(t.due_on, DATE '{_EVER}'), r.resident_id"
        case Sort.LAST_VISIT:
            # Who was never visited has waited longest.
            return f"coalesce({_LAST}, DATE '{_NEVER.isoformat()}'), r.resident_id"
        case Sort.ID:
            return "r.resident_id"
        case _:
            assert_never(sort)


def _key(sort: Sort, row: _Listed) -> Key:
    match sort:
        case Sort.NAME:
            return (row.name, row.resident_id)
        case Sort.DUE:
            return (row.due_on or _EVER, row.resident_id)
        case Sort.LAST_VISIT:
            return (row.last_visit_on or _NEVER, row.resident_id)
        case Sort.ID:
            return (row.resident_id,)
        case _:
            assert_never(sort)


def _where(session: Session, wanted: Filter, by: User) -> tuple[list[str], dict[str, object]]:
    where: list[str] = []
    values: dict[str, object] = {}
    if by.role is Role.VISITOR:
        where.append("r.resident_id = ANY(:people)")
        values["people"] = list(listed(session) or ())
    elif by.committees is not None:
        # Row-level security keeps other committees out as well; named here, the index serves it.
        where.append("r.committee_code = ANY(:committees)")
        values["committees"] = list(by.committees)
    for column, value in (
        ("r.committee_code", wanted.committee),
        ("r.tier", wanted.tier),
        ("r.household", wanted.household),
    ):
        if value is not None:
            name = column.removeprefix("r.")
            where.append(f"{column} = :{name}")
            values[name] = value
    for column, name, value in (
        ("t.assignee_id", "assignee", wanted.assignee),
        ("r.paired_user_id", "paired", wanted.paired),
    ):
        if value is not None:
            where.append(f"{column} IS NULL" if value == NOBODY else f"{column} = CAST(:{name} AS uuid)")
            values[name] = value
    if wanted.finding is not None:
        condition, asked = found.is_open_in(wanted.finding)
        where.append(condition)
        values |= asked
    if wanted.need_is_open:
        # Nothing raises a need yet.
        where.append("false")
    if wanted.visited_before is not None:
        where.append(f"coalesce({_LAST} < :visited_before, true)")
        values["visited_before"] = wanted.visited_before
    if wanted.duty_state is not None or wanted.period is not None:
        where.append(_owed(wanted, values))
    return where, values


def _owed(wanted: Filter, values: dict[str, object]) -> str:
    """Whether a duty in a state, of a period, or both, is there."""
    asked = {"state": wanted.duty_state, "period": wanted.period}
    conditions = [f" AND d.{column} = :duty_{column}" for column, value in asked.items() if value is not None]
    values |= {f"duty_{column}": value for column, value in asked.items() if value is not None}
    return (
        "EXISTS (SELECT FROM duty d WHERE d.street_code = r.street_code AND d.resident_id = r.resident_id"
        f"{''.join(conditions)})"
    )


def _shown(session: Session, rows: Sequence[_Listed], *, by: User, keys: Keys, today: date) -> list[ResidentShown]:
    if not rows:
        return []
    homes = {row.resident_id: row.street_code for row in rows}
    logs = fact_log.entries_by_home(session, homes)
    visits = last_visits.of(session, homes.values(), homes, by=by)
    findings = found.open_of(session, homes.values(), homes, by=by)
    shown = []
    for row in rows:
        history = fold(logs.get(row.resident_id, []))
        person = history.person(row.birth_date, sex_of(row.sex))
        is_full = is_in_full(by, row.committee_code, row.paired_user_id, row.assignee_id)
        shown.append(
            ResidentShown(
                resident_id=row.resident_id,
                name=row.name if is_full else masking.mask_name(row.name),
                street=row.street_code,
                committee=row.committee_code,
                committee_name=row.committee_name,
                tier=Tier(row.tier),
                birth_year=person.birth_date.year if person.birth_date else None,
                age=_age(person.birth_date, today),
                sex=person.sex,
                place=_place(row, keys) if is_full else row.committee_name,
                household=row.household,
                tags=tags(person.facts, today),
                last_visit=visits.get(row.resident_id),
                next_due_on=row.due_on,
                lamp=next(lamp for lamp in Lamp if lamp.place == row.lamp),
                assignee=_somebody(row.assignee_id, row.assignee_name),
                paired=_somebody(row.paired_user_id, row.paired_name),
                open_findings=findings.get(row.resident_id, []),
                open_needs=[],
            )
        )
    return shown


def is_in_full(by: User, committee: str, *theirs: UUID | None) -> bool:
    """Whether somebody sees a resident in full who is paired with or assigned to `theirs` (A37)."""
    # A visitor is shown their people alone, and keeps them between two tasks.
    return disclosure.is_full(by, committee, is_theirs=by.role is Role.VISITOR or by.user_id in theirs)


def _place(row: _Listed, keys: Keys) -> str:
    if row.address is None:
        return row.committee_name
    address = registration.opened(keys, "address", row.resident_id, row.address)
    return disclosure.to_the_building(address) or row.committee_name


def _age(born: date | None, today: date) -> int | None:
    """Full years; born on 29 February, 28 February in common years (A4)."""
    if born is None:
        return None
    years = today.year - born.year
    return years if anniversary(born, years) <= today else years - 1


def tags(facts: Iterable[Fact], day: date) -> list[str]:
    """What the register and the outreach lists say of somebody on a day."""
    tagged = (fact for fact in facts if fact.kind in (FactKind.ASSISTANCE, FactKind.OUTREACH))
    in_force = (fact for fact in tagged if fact.valid_from <= day and (fact.valid_to is None or fact.valid_to >= day))
    return sorted({str(fact.tag) for fact in in_force})


def _somebody(user_id: UUID | None, name: str | None) -> Somebody | None:
    return Somebody(user_id=user_id, name=name or "") if user_id else None
