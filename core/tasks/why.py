"""Why somebody was not visited: what was owed, who was to go, who tried and who was told, in one answer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, TypedDict
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import Session

from core import clock
from core.duties import reports
from core.organisation import users
from core.policy import rulebooks
from core.store.models import Resident
from rules.calendar import ONE_DAY, Period
from rules.duties import DutyKind, DutyState, Limit
from rules.facts import Tier
from rules.rulebook import Rulebook

# Each duty whose window meets the period, as it was known to be.
_DUTIES: Final = text(
    "SELECT h.duty_id, h.kind, h.tier, h.period, h.starts_on, h.due_on, h.state, h.because, h.words,"
    ' h.committee_code, h.visit_id, h.made_up_on, d.clause, d."limit", d.task_id'
    " FROM (SELECT DISTINCT ON (street_code, duty_id) * FROM duty_history"
    "  WHERE street_code = :street AND resident_id = :resident AND recorded_at < :until"
    "  ORDER BY street_code, duty_id, version DESC) h"
    " JOIN duty d ON d.street_code = h.street_code AND d.duty_id = h.duty_id"
    " WHERE d.street_code = :street AND h.starts_on <= :last"
    "  AND (h.due_on >= :first OR (h.state = 'open' AND h.kind <> 'periodic'))"
    " ORDER BY h.kind, h.due_on, h.duty_id"
)
_RULES: Final = text(
    "SELECT from_on, rules FROM decision WHERE street_code = :street AND resident_id = :resident"
    " AND recorded_at < :until AND (superseded_at IS NULL OR superseded_at >= :until) AND from_on <= :last"
    " ORDER BY from_on DESC LIMIT 1"
)
# The visit tasks that were open in the period, and those that hold what was owed in it.
_TASKS: Final = text(
    "SELECT task_id, assignee_id, assigned_because, created_at, closed_at FROM task"
    " WHERE street_code = :street AND resident_id = :resident"
    " AND created_at < :until AND (task_id = ANY(:holding)"
    "  OR (kind = 'visit' AND created_at < :after AND (closed_at IS NULL OR closed_at >= :from)))"
)
_HANDED: Final = text(
    "SELECT task_id, at, details->>'user_id' AS user_id, details->'because' AS because FROM task_event"
    " WHERE street_code = :street AND task_id = ANY(:tasks) AND at < :until AND details ? 'user_id'"
    " ORDER BY at, event_id"
)
_TRIED: Final = text(
    'SELECT "on", outcome, by_user_id, created_at AS at FROM attempt'
    ' WHERE street_code = :street AND resident_id = :resident AND created_at < :until AND "on" BETWEEN :first AND :last'
    " UNION ALL SELECT v.service_date, CASE WHEN NOT v.met THEN 'not_met' WHEN c.credited THEN 'visited'"
    "  ELSE coalesce(c.because, 'visited') END, v.visitor_id, v.entered_at FROM visit_resident v"
    " LEFT JOIN (SELECT visit_id, bool_or(credited) AS credited, min(because) AS because FROM credit"
    "  WHERE street_code = :street AND resident_id = :resident AND duty_id = ANY(:duties) GROUP BY visit_id) c"
    "  ON c.visit_id = v.visit_id"
    " WHERE v.street_code = :street AND v.resident_id = :resident AND v.entered_at < :until"
    "  AND v.service_date BETWEEN :first AND :last AND v.merged_into IS NULL AND NOT v.voided"
    " ORDER BY 1, 4"
)
_TOLD: Final = text(
    'SELECT level, action, "to", recipients, fired_at FROM escalation WHERE street_code = :street'
    " AND task_id = ANY(:tasks) AND fired_at < :until AND fired_at >= :from ORDER BY fired_at, task_id, level"
)
_ABSENT: Final = text(
    "SELECT user_id, from_on, to_on FROM absence WHERE user_id = ANY(:users) AND from_on <= :last AND to_on >= :first"
    " ORDER BY from_on, user_id"
)


class Somebody(TypedDict):
    """A colleague by name."""

    user_id: UUID
    name: str


class OwedThen(TypedDict):
    """A visit that was owed, with why it was and what became of it."""

    kind: DutyKind
    tier: Tier
    period: str | None
    clause: str
    limit: Limit
    label: str | None
    starts_on: date
    due_on: date
    committee: str
    state: DutyState
    because: str
    words: str | None
    credited_visit_id: UUID | None
    made_up_on: date | None


# `from` is no name for a field.
Responsible = TypedDict("Responsible", {"user": Somebody | None, "from": date, "to": date | None, "because": list[str]})
Absent = TypedDict("Absent", {"user": Somebody, "from": date, "to": date})


class Tried(TypedDict):
    """Somebody went, or called, and what came of it."""

    on: date
    outcome: str
    by: Somebody | None


class Told(TypedDict):
    """A step of the chain that fired: to which office, and whom it reached."""

    level: int
    action: str
    to: str
    recipients: list[Somebody]
    at: datetime


class Why(TypedDict):
    """Why somebody was not visited, or was: one answer."""

    resident_id: UUID
    period: str
    as_known_on: date | None
    owed: list[OwedThen]
    responsible: list[Responsible]
    tried: list[Tried]
    told: list[Told]
    absent: list[Absent]
    result: DutyState | Literal["not_owed"]
    because: str | None
    made_up_on: date | None


class _Span(NamedTuple):
    """Whose a task was, from an instant until another; nobody's while it lay in the pool."""

    user_id: UUID | None
    because: list[str]
    began: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class _Question:
    """Which resident and period, as known at the end of a day."""

    session: Session
    resident: Resident
    period: Period
    known_on: date

    @property
    def until(self) -> datetime:
        """The end of the day."""
        return clock.at(self.known_on + ONE_DAY)

    def ask(self, statement: TextClause, **more: object) -> Sequence[Any]:
        values: dict[str, object] = {
            "street": self.resident.street_code,
            "resident": self.resident.resident_id,
            "first": self.period.first,
            "last": self.period.last,
            "from": clock.at(self.period.first),
            "after": clock.at(self.period.last + ONE_DAY),
            "until": self.until,
            **more,
        }
        return self.session.execute(statement, values).all()


def of(session: Session, resident: Resident, period: str, *, today: date, as_known_on: date | None = None) -> Why:
    """Why a resident was not visited in a period, as known now or at the end of a day."""
    question = _Question(session, resident, reports.period_asked(period), min(as_known_on or today, today))
    duties = question.ask(_DUTIES)
    tasks = question.ask(_TASKS, holding=[duty.task_id for duty in duties if duty.task_id])
    spans = _spans(question, tasks)
    tried = question.ask(_TRIED, duties=[duty.duty_id for duty in duties])
    told = question.ask(_TOLD, tasks=[task.task_id for task in tasks])
    holders = list({span.user_id for span in spans if span.user_id})
    absent = question.ask(_ABSENT, users=holders)
    named = [*holders, *(row.by_user_id for row in tried if row.by_user_id)]
    named += [UUID(recipient) for row in told for recipient in row.recipients]
    names = users.names(session, named)
    main = _main(duties, period)
    label = _label(question)
    return Why(
        resident_id=resident.resident_id,
        period=period,
        as_known_on=as_known_on,
        owed=[_owed(duty, question, label) for duty in duties if duty.state != DutyState.CANCELLED],
        responsible=[
            {
                "user": _somebody(span.user_id, names),
                "from": clock.today(span.began),
                "to": clock.today(span.ended) if span.ended else None,
                "because": span.because,
            }
            for span in spans
        ],
        tried=[Tried(on=row.on, outcome=row.outcome, by=_somebody(row.by_user_id, names)) for row in tried],
        told=[
            Told(
                level=row.level,
                action=row.action,
                to=row.to,
                recipients=[Somebody(user_id=UUID(to), name=names.get(UUID(to), "")) for to in row.recipients],
                at=row.fired_at,
            )
            for row in told
        ],
        absent=[
            {
                "user": Somebody(user_id=row.user_id, name=names.get(row.user_id, "")),
                "from": row.from_on,
                "to": row.to_on,
            }
            for row in absent
        ],
        result="not_owed" if main is None or main.state == DutyState.CANCELLED else _state(main, question),
        because=main.because if main else None,
        made_up_on=main.made_up_on if main else None,
    )


def _main(duties: Sequence[Any], period: str) -> Any | None:
    """The duty that answers for a period: its own rather than a longer one, and one that is owed rather than not."""
    periodic = [duty for duty in duties if duty.kind == DutyKind.PERIODIC]
    return min(
        periodic,
        key=lambda duty: (duty.state == DutyState.CANCELLED, duty.period != period, duty.due_on, duty.starts_on),
        default=None,
    )


def _state(duty: Any, question: _Question) -> DutyState:
    if duty.kind != DutyKind.PERIODIC:
        return DutyState(duty.state)
    return reports.state_known(duty.state, duty.due_on, question.known_on)


def _owed(duty: Any, question: _Question, label: str | None) -> OwedThen:
    credited = duty.visit_id if duty.state in (DutyState.MET, DutyState.LATE) else None
    return OwedThen(
        kind=DutyKind(duty.kind),
        tier=Tier(duty.tier),
        period=duty.period,
        clause=duty.clause,
        limit=Limit(duty.limit),
        label=label if duty.kind == DutyKind.PERIODIC else None,
        starts_on=duty.starts_on,
        due_on=duty.due_on,
        committee=duty.committee_code,
        state=_state(duty, question),
        because=duty.because,
        words=duty.words,
        credited_visit_id=credited,
        made_up_on=duty.made_up_on,
    )


def _label(question: _Question) -> str | None:
    """What put the resident into their tier, by the end of the period: clause and label of the first rule."""
    decided = question.ask(_RULES, last=min(question.period.last, question.known_on))
    if not decided or not decided[0].rules:
        return None
    rulebook: Rulebook = rulebooks.of_street(question.session, question.resident.street_code)
    rule = rulebook.rule(decided[0].rules[0], max(decided[0].from_on, question.period.first))
    return f"{rule.clause}{rule.label}"


def _spans(question: _Question, tasks: Sequence[Any]) -> list[_Span]:
    """Who was to go from when to when, within the period."""
    handed: dict[UUID, list[_Span]] = defaultdict(list)
    for row in question.ask(_HANDED, tasks=[task.task_id for task in tasks]):
        of_task = handed[row.task_id]
        user_id = UUID(row.user_id) if row.user_id else None
        if of_task and of_task[-1].user_id == user_id:
            continue
        if of_task:
            of_task[-1] = of_task[-1]._replace(ended=row.at)
        of_task.append(_Span(user_id, row.because or [], row.at, None))
    first, after = clock.at(question.period.first), clock.at(question.period.last + ONE_DAY)
    spans = []
    for task in tasks:
        # What was opened before its history said for whom, and never given to anybody else.
        of_task = handed[task.task_id] or [_Span(task.assignee_id, task.assigned_because, task.created_at, None)]
        if task.closed_at is not None and task.closed_at < question.until:
            of_task[-1] = of_task[-1]._replace(ended=task.closed_at)
        spans += [span for span in of_task if span.began < after and (span.ended is None or span.ended >= first)]
    return sorted(spans, key=lambda span: span.began)


def _somebody(user_id: UUID | None, names: Mapping[UUID, str]) -> Somebody | None:
    return Somebody(user_id=user_id, name=names.get(user_id, "")) if user_id else None
