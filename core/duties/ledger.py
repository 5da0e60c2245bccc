"""The duties of residents, brought in line with the rules and the visits, whatever happened in between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.duties.owing import Basis, Pass, Row, Waiting
from core.store import bulk
from rules.calendar import Frequency, WorkingCalendar, period_of
from rules.duties import Contact
from rules.rulebook import Rulebook

COLUMNS = (
    "street_code, duty_id, resident_id, kind, tier, occasion, period, starts_on, due_on, modes, limit, clause, state,"
    " reason, task_id, credited_visit_id, late_entry, made_up_on, carried, policy_id, policy_version, coverage_version,"
    " created_at, settled_at, excuse"
).replace(" limit,", ' "limit",')


# What can become of a duty after it was made.
_CHANGING = (
    *("street_code", "duty_id", "tier", "starts_on", "due_on", "modes", "state", "reason", "task_id"),
    *("credited_visit_id", "late_entry", "made_up_on", "policy_id", "policy_version", "coverage_version", "settled_at"),
)


@dataclass(slots=True)
class Draft:
    """What a pass decided about duties and is still to be written, by duty; `waiting` says who is owed a visit."""

    made: dict[UUID, Row] = field(default_factory=dict)
    changed: dict[UUID, Row] = field(default_factory=dict)
    waiting: dict[UUID, Waiting] = field(default_factory=dict)

    def hold(self, duty: Row, task_id: UUID) -> None:
        """A task takes care of a duty."""
        duty["task_id"] = task_id
        if duty["duty_id"] not in self.made:
            self.changed[duty["duty_id"]] = duty

    def write(self, session: Session) -> None:
        """A statement for what is new and one for what is not."""
        bulk.insert(session, "duty", list(self.made.values()))
        changed = [{column: row[column] for column in _CHANGING} for row in self.changed.values()]
        bulk.update(session, "duty", changed, key=("street_code", "duty_id"))


def of_residents(session: Session, street: str, resident_ids: Iterable[UUID], *, since: date) -> dict[UUID, list[Row]]:
    """The duties that may still change: open, missed and not made up, or due or settled on or after a day.

    Those `carried` from another street never change any more, but say that their period was dealt with there.
    """
    rows = session.execute(
        text(
            f"SELECT {COLUMNS} FROM duty WHERE street_code = :street AND resident_id = ANY(:residents)"
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
            "SELECT resident_id, visit_id, service_date, mode, met, initiated_by, role, dimensions_done, entered_at,"
            " approved_on FROM visit_resident WHERE street_code = :street AND resident_id = ANY(:residents)"
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
                approved=row.approved_on is not None,
            )
        )
    return found


def window_start(day: date, rows: Mapping[UUID, list[Row]]) -> date:
    """The first day whose visits can matter to some duties, or to a period in which `day` lies.

    The longest period is a half-year (三（一）).
    """
    first: date = min((row["starts_on"] for found in rows.values() for row in found), default=day)
    return min(first, period_of(day, Frequency.HALF_YEAR).first)


def reconcile(
    street: str,
    bases: Mapping[UUID, Basis],
    rows: dict[UUID, list[Row]],
    rulebook: Rulebook,
    calendar: WorkingCalendar,
    *,
    now: datetime,
    today: date,
) -> Draft:
    """Make the duties of some residents what they should be today; `rows` holds the result afterwards.

    Periods that closed before `since` keep what was owed in them (A27); visits may still meet them (A21). Nothing is
    written: the tasks that take care of them come first.
    """
    draft = Draft()
    for resident_id, basis in bases.items():
        current = rows.setdefault(resident_id, [])
        before = {row["duty_id"]: dict(row) for row in current}
        pass_ = Pass(street, resident_id, basis, current, rulebook, calendar, now=now)
        if found := pass_.catch_up(today):
            draft.waiting[resident_id] = found
        for row in current:
            if row == before.get(row["duty_id"]):
                continue
            row["settled_at"] = now if row["state"] != "open" else None
            (draft.changed if row["duty_id"] in before else draft.made)[row["duty_id"]] = row
    return draft
