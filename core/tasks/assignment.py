"""Who goes: by committee, pairing, continuity and load, never at random; and on which day, so that days are level."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.organisation.roles import Role
from core.policy.street_pass import StreetPass
from core.store import scopes
from core.store.database import listed, widened
from core.store.words import TaskKind
from rules.calendar import ONE_DAY, WorkingCalendar

# Who may have tasks.
ROLES: Final = (Role.COMMITTEE_ADVISOR, Role.VISITOR, Role.STREET_ADVISOR)

# Everybody of a street who may have tasks, with the open ones they have.
_CANDIDATES: Final = text(
    "SELECT u.user_id, u.role, u.capacity, u.valid_until, (SELECT coalesce(array_agg(c.committee_code), '{}')"
    "  FROM user_committee c WHERE c.user_id = u.user_id) AS committees,"
    " (SELECT count(*) FROM task t WHERE t.street_code = :street AND t.assignee_id = u.user_id"
    "  AND t.state = 'open') AS open"
    " FROM user_account u WHERE u.active AND u.role = ANY(:roles)"
    " AND u.street_code = :street AND (u.valid_until IS NULL OR u.valid_until >= :today) ORDER BY u.user_id"
)
_ABSENCES: Final = text("SELECT user_id, from_on, to_on FROM absence WHERE to_on >= :today AND user_id = ANY(:users)")
# What is planned from this month on. Only the pool is counted by committee: a visitor's days are one diary.
_PLANNED: Final = text(
    "SELECT assignee_id, CASE WHEN assignee_id IS NULL THEN committee_code END AS committee_code,"
    " planned_on, count(*) AS visits FROM task"
    " WHERE street_code = :street AND kind = 'visit' AND (state = 'open'"
    "  OR (state = 'done' AND planned_on >= :since)) AND planned_on IS NOT NULL"
    " GROUP BY 1, 2, 3"
)
_PAIRED: Final = text(
    "SELECT resident_id, paired_user_id FROM resident WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND paired_user_id IS NOT NULL"
)
_LAST_VISITORS: Final = text(
    "SELECT DISTINCT ON (resident_id) resident_id, visitor_id FROM visit_resident"
    " WHERE street_code = :street AND resident_id = ANY(:residents) AND visitor_id IS NOT NULL AND met"
    " AND NOT voided AND merged_into IS NULL ORDER BY resident_id, service_date DESC, visit_id DESC"
)
_RECUSED: Final = text("SELECT resident_id, user_id FROM recusal WHERE resident_id = ANY(:residents)")


def is_of_committee(kind: TaskKind) -> bool:
    """Whether people of the resident's committee do it; the other kinds are the street advisor's."""
    match kind:
        case TaskKind.VISIT | TaskKind.LEAD | TaskKind.WELFARE_CHECK:
            return True
        case TaskKind.DECISION | TaskKind.CONFIRM | TaskKind.FOLLOW_UP:
            return False
        case _:
            assert_never(kind)


class Barred(StrEnum):
    """Why somebody cannot be given a task."""

    OUTSIDE_STREET = "outside_street"
    RECUSED = "recused"
    ROLE = "role"
    OUTSIDE_COMMITTEE = "outside_committee"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Preference:
    """Who should go to a resident rather than others, and who must not."""

    paired: UUID | None = None
    last_visitor: UUID | None = None
    recused: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Candidate:
    """Somebody who may be given visits. `planned` counts their visit tasks by the day they are planned for."""

    user_id: UUID
    role: Role
    capacity: int
    committees: frozenset[str]
    absences: list[tuple[date, date]] = field(default_factory=list)
    planned: Counter[date] = field(default_factory=Counter)
    planned_by_month: Counter[int] = field(default_factory=Counter)
    # Open tasks of every kind, by which street advisors are compared.
    open: int = 0

    def is_absent(self, day: date) -> bool:
        """Whether an absence covers a day."""
        return any(first <= day <= last for first, last in self.absences)

    def load(self, months: Iterable[int]) -> float:
        """Visits planned in some months, as a share of the capacity of one."""
        return sum(self.planned_by_month[month] for month in months) / self.capacity if self.capacity else 1.0

    def present(self, days: Sequence[date]) -> Sequence[date]:
        """Those of some days on which no absence lies."""
        return [day for day in days if not self.is_absent(day)] if self.absences else days

    def free(self, days: Sequence[date]) -> Sequence[date]:
        """Those of some days on which they are present and whose month has room: visits a month, against capacity."""
        full = {month for month, visits in self.planned_by_month.items() if visits >= self.capacity}
        if not self.capacity:
            return ()
        return [day for day in self.present(days) if _month(day) not in full] if full else self.present(days)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen and why; nobody means the committee's pool."""

    user_id: UUID | None
    because: tuple[str, ...]
    planned_on: date | None


class Roster:
    """The candidates of a street as they are now; choosing counts at once, so one pass can place many tasks."""

    def __init__(self, session: Session, street: str, calendar: WorkingCalendar, *, today: date) -> None:
        self._calendar = calendar
        self._today = today
        self._candidates = _candidates(session, street, today)
        self._by_committee: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in self._candidates.values():
            for committee in candidate.committees:
                self._by_committee[committee].append(candidate)
        self._pool: dict[str, Counter[date]] = defaultdict(Counter)
        # Every visit of the street by its day: among a visitor's equal days the one on which fewest others go.
        self._street: Counter[date] = Counter()
        self._windows: dict[date, list[date]] = {}
        self._count_planned(session, street)

    @classmethod
    def shared(cls, pass_: StreetPass) -> "Roster":
        """The one roster of a transaction, so that it is read once and counts whatever was placed in between."""
        rosters: dict[tuple[str, date], Roster] = pass_.session.info.setdefault("rosters", {})
        key = (pass_.street, pass_.today)
        if key not in rosters:
            # Whoever serves one committee may cause work in the whole street, and all that is planned there counts.
            sees_all = listed(pass_.session) is None
            with nullcontext() if sees_all else widened(pass_.session, scopes.under(pass_.street)):
                rosters[key] = cls(pass_.session, pass_.street, pass_.calendar, today=pass_.today)
        return rosters[key]

    def choose(
        self,
        committee: str,
        due_on: date,
        *,
        paired: UUID | None = None,
        last_visitor: UUID | None = None,
        recused: Iterable[UUID] = (),
    ) -> Choice:
        """The person to go: paired first, then whoever went last, then the least loaded, then by stable id."""
        barred = set(recused)
        days = self.window(due_on)
        free = [
            (candidate, open_days)
            for candidate in self._by_committee[committee]
            if candidate.user_id not in barred and (open_days := candidate.free(days))
        ]
        if not free:
            return Choice(None, ("pool", "no_candidate"), self._take_from_pool(committee, days))
        known = [option for wanted in (paired, last_visitor) for option in free if option[0].user_id == wanted]
        # Over the whole window: a month in which somebody has nothing yet says little about who has most to do.
        months = range(_month(days[0]), _month(days[-1]) + 1)
        candidate, open_days = min(known[:1] or free, key=lambda option: (option[0].load(months), option[0].user_id))
        day = self._level(open_days, candidate.planned)
        self._take(candidate, day)
        candidate.open += 1
        return Choice(candidate.user_id, _reasons(candidate, paired, last_visitor, alone=len(free) == 1), day)

    def choose_advisor(self, due_on: date, *, recused: Iterable[UUID] = ()) -> Choice:
        """The street advisor to decide: of those who are there in time, the one with the fewest open tasks."""
        barred = set(recused)
        days = self.window(due_on)
        options = [
            (candidate, present)
            for candidate in self._candidates.values()
            if candidate.role is Role.STREET_ADVISOR
            and candidate.user_id not in barred
            and (present := candidate.present(days))
        ]
        if not options:
            return Choice(None, ("pool", "no_candidate"), due_on)
        candidate, present = min(options, key=lambda option: (option[0].open, option[0].user_id))
        candidate.open += 1
        return Choice(candidate.user_id, ("street_advisor",), present[-1])

    @property
    def advisors(self) -> list[UUID]:
        """The street advisors."""
        return [candidate.user_id for candidate in self._candidates.values() if candidate.role is Role.STREET_ADVISOR]

    def plan(self, user_id: UUID | None, committee: str, due_on: date) -> date:
        """A day for a visit that already has its visitor."""
        candidate = self._candidates.get(user_id) if user_id else None
        days = self.window(due_on)
        if candidate is None:
            return self._take_from_pool(committee, days)
        present = candidate.present(days)
        day = self._level(present, candidate.planned) if present else self._today
        self._take(candidate, day)
        return day

    def give_back(self, user_id: UUID | None, committee: str, day: date | None) -> None:
        """A visit that was counted on a day will be placed anew."""
        candidate = self._candidates.get(user_id) if user_id else None
        if day is None:
            return
        self._street[day] -= 1
        if candidate is None:
            self._pool[committee][day] -= 1
        else:
            candidate.planned[day] -= 1
            candidate.planned_by_month[max(_month(day), _month(self._today))] -= 1

    def candidate(self, user_id: UUID) -> Candidate | None:
        """Somebody who may have tasks of this street."""
        return self._candidates.get(user_id)

    def window(self, due_on: date) -> list[date]:
        """The working days on which a visit can still be in time; the next working day when it is late already."""
        if due_on not in self._windows:
            days = []
            day = self._today
            while day <= due_on:
                if self._calendar.is_working(day):
                    days.append(day)
                day += ONE_DAY
            late = self._calendar.shift(self._today, 0) if due_on < self._today else self._today
            self._windows[due_on] = days or [late]
        return self._windows[due_on]

    def _level(self, days: Sequence[date], planned: Counter[date]) -> date:
        """The emptiest day of a visitor; among equals the street's emptiest, so that a period fills evenly."""
        least = min(planned[day] for day in days)
        empty = [day for day in days if planned[day] == least]
        quiet = min(self._street[day] for day in empty)
        even = [day for day in empty if self._street[day] == quiet]
        taken = sum(planned[day] - least for day in days)
        # The golden-ratio sequence walks a span evenly, whatever the number of steps.
        return even[int(taken * 0.6180339887498949 % 1.0 * len(even))]

    def _take(self, candidate: Candidate, day: date) -> None:
        candidate.planned[day] += 1
        candidate.planned_by_month[_month(day)] += 1
        self._street[day] += 1

    def _take_from_pool(self, committee: str, days: Sequence[date]) -> date:
        day = self._level(days, self._pool[committee])
        self._pool[committee][day] += 1
        self._street[day] += 1
        return day

    def _count_planned(self, session: Session, street: str) -> None:
        """What is planned from this month on; an open visit planned for an earlier one has to be made in this one."""
        first = self._today.replace(day=1)
        for row in session.execute(_PLANNED, {"street": street, "since": first}):
            self._street[row.planned_on] += row.visits
            if row.assignee_id is None:
                self._pool[row.committee_code][row.planned_on] += row.visits
            elif row.assignee_id in self._candidates:
                candidate = self._candidates[row.assignee_id]
                candidate.planned[row.planned_on] += row.visits
                candidate.planned_by_month[_month(max(row.planned_on, first))] += row.visits


def _reasons(candidate: Candidate, paired: UUID | None, last_visitor: UUID | None, *, alone: bool) -> tuple[str, ...]:
    reasons = []
    if candidate.user_id == paired:
        reasons.append("pairing")
    if candidate.user_id == last_visitor:
        reasons.append("continuity")
    reasons.append("committee")
    if not reasons[:-1]:
        reasons.append("only_candidate" if alone else "least_loaded")
    return tuple(reasons)


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _candidates(session: Session, street: str, today: date) -> dict[UUID, Candidate]:
    rows = session.execute(_CANDIDATES, {"street": street, "today": today, "roles": list(ROLES)}).all()
    found = {
        row.user_id: Candidate(row.user_id, Role(row.role), row.capacity, frozenset(row.committees), open=row.open)
        for row in rows
    }
    for candidate, last_day in ((found[row.user_id], row.valid_until) for row in rows if row.valid_until):
        # Nothing is planned past the last day of an account (A39).
        candidate.absences.append((last_day + ONE_DAY, date.max))
    for row in session.execute(_ABSENCES, {"today": today, "users": list(found)}):
        found[row.user_id].absences.append((row.from_on, row.to_on))
    return found


def preferences(session: Session, street: str, resident_ids: Iterable[UUID]) -> dict[UUID, Preference]:
    """Who is paired with each resident, who visited them last, and who is recused; a statement each."""
    residents = list(resident_ids)
    values = {"street": street, "residents": residents}
    paired = {row.resident_id: row.paired_user_id for row in session.execute(_PAIRED, values)}
    visitors = {row.resident_id: row.visitor_id for row in session.execute(_LAST_VISITORS, values)}
    recused: dict[UUID, set[UUID]] = defaultdict(set)
    for row in session.execute(_RECUSED, {"residents": residents}):
        recused[row.resident_id].add(row.user_id)
    return {
        resident_id: Preference(
            paired=paired.get(resident_id),
            last_visitor=visitors.get(resident_id),
            recused=frozenset(recused.get(resident_id, ())),
        )
        for resident_id in residents
    }
