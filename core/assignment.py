"""Who goes: by committee, pairing, continuity and load, never at random; and on which day, so that days are level."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from rules.calendar import ONE_DAY, Frequency, WorkingCalendar, period_of


@dataclass(slots=True)
class Candidate:
    """Somebody who may be given visits. `planned` counts their visit tasks by the day they are planned for."""

    user_id: UUID
    role: str
    capacity: int
    committees: frozenset[str]
    absences: list[tuple[date, date]] = field(default_factory=list)
    planned: Counter[date] = field(default_factory=Counter)
    planned_by_month: Counter[str] = field(default_factory=Counter)

    def is_absent(self, day: date) -> bool:
        """Whether an absence covers a day."""
        return any(first <= day <= last for first, last in self.absences)

    def load(self, month: str) -> float:
        """Visits planned in a month, as a share of capacity."""
        return self.planned_by_month[month] / self.capacity if self.capacity else 1.0

    def take(self, day: date) -> None:
        """Count one more visit on a day."""
        self.planned[day] += 1
        self.planned_by_month[_month(day)] += 1


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen and why; nobody means the committee's pool."""

    user_id: UUID | None
    because: tuple[str, ...]
    planned_on: date


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
        _count_planned(session, street, self._candidates, self._pool, today)

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
        days = self._days(due_on)
        options = []
        for candidate in self._by_committee[committee]:
            if candidate.user_id in barred or candidate.is_absent(self._today):
                continue
            day = _level_day([day for day in days if not candidate.is_absent(day)], candidate.planned)
            # Within capacity: visits planned for the month of the day, against visits a month.
            if day is not None and candidate.planned_by_month[_month(day)] < candidate.capacity:
                options.append((candidate, day))
        if not options:
            day = _level_day(days, self._pool[committee]) or self._today
            self._pool[committee][day] += 1
            return Choice(None, ("pool", "no_candidate"), day)
        candidate, day = min(
            options,
            key=lambda option: (
                option[0].user_id != paired,
                option[0].user_id != last_visitor,
                option[0].load(_month(option[1])),
                option[0].user_id,
            ),
        )
        candidate.take(day)
        return Choice(candidate.user_id, _reasons(candidate, paired, last_visitor, alone=len(options) == 1), day)

    def plan(self, user_id: UUID | None, committee: str, due_on: date) -> date:
        """A day for a visit that already has its visitor."""
        candidate = self._candidates.get(user_id) if user_id else None
        days = self._days(due_on)
        if candidate is None:
            return _level_day(days, self._pool[committee]) or self._today
        day = _level_day([day for day in days if not candidate.is_absent(day)], candidate.planned) or self._today
        candidate.take(day)
        return day

    def _days(self, due_on: date) -> list[date]:
        """The working days on which the visit can still be in time; today when there is none."""
        days = []
        day = self._today
        while day <= due_on:
            if self._calendar.is_working(day):
                days.append(day)
            day += ONE_DAY
        return days or [self._today]


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


def _level_day(days: Sequence[date], planned: Counter[date]) -> date | None:
    """The emptiest day; among equals the one furthest from other visits, so that a period fills evenly."""
    if not days:
        return None
    least = min(planned[day] for day in days)
    empty = [index for index, day in enumerate(days) if planned[day] == least]
    taken = sum(planned[day] - least for day in days)
    # The golden-ratio sequence walks a span evenly, whatever the number of steps.
    target = (taken * 0.6180339887498949) % 1.0
    return days[empty[int(target * len(empty))]]


def _month(day: date) -> str:
    return period_of(day, Frequency.MONTH).name


def _candidates(session: Session, street: str, today: date) -> dict[UUID, Candidate]:
    rows = session.execute(
        text(
            "SELECT u.user_id, u.role, u.capacity, array_agg(c.committee_code) AS committees"
            " FROM user_account u JOIN user_committee c USING (user_id) JOIN committee k ON k.code = c.committee_code"
            " WHERE u.active AND u.role IN ('committee_advisor', 'visitor', 'street_advisor')"
            " AND k.street_code = :street"
            " AND (u.valid_until IS NULL OR u.valid_until >= :today) GROUP BY u.user_id ORDER BY u.user_id"
        ),
        {"street": street, "today": today},
    )
    found = {row.user_id: Candidate(row.user_id, row.role, row.capacity, frozenset(row.committees)) for row in rows}
    absences = session.execute(
        text("SELECT user_id, from_on, to_on FROM absence WHERE to_on >= :today AND user_id = ANY(:users)"),
        {"today": today, "users": list(found)},
    )
    for row in absences:
        found[row.user_id].absences.append((row.from_on, row.to_on))
    return found


def _count_planned(
    session: Session,
    street: str,
    candidates: dict[UUID, Candidate],
    pool: dict[str, Counter[date]],
    today: date,
) -> None:
    rows = session.execute(
        text(
            "SELECT assignee_id, committee_code, planned_on, count(*) AS visits FROM task"
            " WHERE street_code = :street AND kind = 'visit' AND state <> 'cancelled' AND planned_on >= :since"
            " GROUP BY assignee_id, committee_code, planned_on"
        ),
        {"street": street, "since": today.replace(day=1)},
    )
    for row in rows:
        if row.assignee_id is None:
            pool[row.committee_code][row.planned_on] += row.visits
        elif row.assignee_id in candidates:
            candidate = candidates[row.assignee_id]
            candidate.planned[row.planned_on] += row.visits
            candidate.planned_by_month[_month(row.planned_on)] += row.visits


def preferences(
    session: Session, street: str, resident_ids: Sequence[UUID]
) -> tuple[dict[UUID, UUID], dict[UUID, set[UUID]]]:
    """(who visited each resident last, who is recused from each)."""
    visitors = session.execute(
        text(
            "SELECT DISTINCT ON (resident_id) resident_id, visitor_id FROM visit_resident"
            " WHERE street_code = :street AND resident_id = ANY(:residents) AND visitor_id IS NOT NULL AND met"
            " AND NOT voided ORDER BY resident_id, service_date DESC, visit_id DESC"
        ),
        {"street": street, "residents": list(resident_ids)},
    )
    recusals = session.execute(
        text("SELECT resident_id, user_id FROM recusal WHERE resident_id = ANY(:residents)"),
        {"residents": list(resident_ids)},
    )
    recused: dict[UUID, set[UUID]] = defaultdict(set)
    for row in recusals:
        recused[row.resident_id].add(row.user_id)
    return {row.resident_id: row.visitor_id for row in visitors}, recused
