"""Why a task is there: one line a duty, each with its own cause, day, teller, clause and the teller's own words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypedDict, assert_never
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.alerts import tellers
from core.duties.rows import Duty
from core.organisation import users
from core.residents import fact_log, found
from core.store.crypto import Keys
from core.store.words import AttemptOutcome, TaskKind
from core.tasks import decision_tasks, leads, naming, whereabouts
from core.tasks.listed import Listed
from rules.conditions import leaves
from rules.duties import DutyKind, Limit
from rules.facts import FactKind
from rules.history import CARRIES_HISTORY, IMPORTED
from rules.rulebook import Rulebook


class CauseDuty(TypedDict):
    """Which duty."""

    kind: DutyKind
    period: str | None
    due_on: date


class Cause(TypedDict):
    """One reason for a task; `words` are the teller's own, or None where the reader may not have them."""

    what: str
    happened_on: date
    told_by: str
    words: str | None
    clause: str
    limit: Limit
    duty: CauseDuty | None


@dataclass(frozen=True, slots=True)
class _Telling:
    """A line of the log in which somebody told of something, with their words, sealed."""

    entry_id: UUID
    source: str
    told_at: datetime
    carries_history: bool
    what: Mapping[str, Any]
    words: bytes | None


@dataclass(frozen=True, slots=True)
class _Visit:
    """A visit on which something was found, or which was entered late."""

    service_date: date
    recorded_by: UUID
    dimensions: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """That somebody went and could not."""

    outcome: AttemptOutcome
    on: date
    by_user_id: UUID
    note: str | None
    created_at: datetime


_NEWS: Final = (FactKind.MAJOR_CHANGE, FactKind.WARNING, FactKind.SERIOUS_ILLNESS)
_TELLINGS: Final = text(
    "SELECT resident_id, entry_id, source, type, entry, recorded_at, words FROM fact_entry"
    " WHERE street_code = ANY(:streets) AND resident_id = ANY(:residents) AND (entry ? 'facts' OR entry ? 'lead')"
    " ORDER BY recorded_at, entry_id"
)
_VISITS: Final = text(
    "SELECT visit_id, service_date, recorded_by, form->'dimensions' AS dimensions FROM visit"
    " WHERE street_code = ANY(:streets) AND visit_id = ANY(:visits)"
)
_ATTEMPTS: Final = text(
    'SELECT resident_id, outcome, "on", by_user_id, note, created_at FROM attempt WHERE street_code = ANY(:streets)'
    ' AND resident_id = ANY(:residents) ORDER BY "on" DESC, created_at DESC'
)
_VISIT: Final = "visit"


@dataclass(slots=True)
class Told:
    """Everything that was told about what some tasks are there for, read with a statement a table."""

    by_occasion: dict[tuple[UUID, str], list[_Telling]] = field(default_factory=lambda: defaultdict(list))
    by_entry: dict[UUID, _Telling] = field(default_factory=dict)
    visits: dict[UUID, _Visit] = field(default_factory=dict)
    attempts: dict[UUID, list[_Attempt]] = field(default_factory=lambda: defaultdict(list))
    sources: Mapping[str, str] = field(default_factory=dict)
    colleagues: Mapping[UUID, str] = field(default_factory=dict)

    def first(self, tellings: Sequence[_Telling]) -> _Telling | None:
        """Who told it as news before anybody else did; else whoever carried it in."""
        return min(tellings, key=lambda telling: (telling.carries_history, telling.told_at), default=None)


def read(session: Session, tasks: Sequence[Listed], held: Mapping[UUID | None, Sequence[Duty]]) -> Told:
    """What is known of the causes of some tasks."""
    told = Told()
    streets = sorted({task.street_code for task in tasks})
    residents = sorted({task.resident_id for task in tasks})
    if not residents:
        return told
    values: dict[str, object] = {"streets": streets, "residents": residents}
    for row in session.execute(_TELLINGS, values):
        _note(told, row)
    visits = {_visit_of(duty.occasion) for duties in held.values() for duty in duties} | {
        _visit_of(task.subject, decision_tasks.LATE_ENTRY) for task in tasks
    }
    if wanted := [visit for visit in visits if visit is not None]:
        for row in session.execute(_VISITS, {**values, "visits": wanted}):
            told.visits[row.visit_id] = _Visit(row.service_date, row.recorded_by, row.dimensions)
    if any(task.kind in (TaskKind.WELFARE_CHECK, TaskKind.CONFIRM) for task in tasks):
        for row in session.execute(_ATTEMPTS, values):
            attempt = _Attempt(AttemptOutcome(row.outcome), row.on, row.by_user_id, row.note, row.created_at)
            told.attempts[row.resident_id].append(attempt)
    told.sources = tellers.names(session, {telling.source for telling in told.by_entry.values()})
    colleagues = {visit.recorded_by for visit in told.visits.values()}
    colleagues |= {attempt.by_user_id for attempts in told.attempts.values() for attempt in attempts}
    told.colleagues = users.names(session, sorted(colleagues)) if colleagues else {}
    return told


def _note(told: Told, row: Any) -> None:
    carries_history = row.type in CARRIES_HISTORY or IMPORTED in row.entry
    lead = row.entry.get("lead")
    for what in (lead,) if lead else row.entry["facts"]:
        if lead is None and what.get("kind") not in _NEWS:
            continue
        telling = _Telling(row.entry_id, row.source, row.recorded_at, carries_history, what, row.words)
        told.by_entry[row.entry_id] = telling
        if lead is None:
            told.by_occasion[row.resident_id, _occasion(what)].append(telling)


def _occasion(fact: Mapping[str, Any]) -> str:
    """What makes it the same news (`rules.history.News.occasion`)."""
    return f"{fact['kind']}:{fact.get('cause') or fact.get('warning')}:{fact['valid_from']}"


def _visit_of(occasion: str, kind: str = _VISIT) -> UUID | None:
    what, _, visit = occasion.partition(":")
    return UUID(visit) if what == kind else None


def of(
    task: Listed, duties: Sequence[Duty], told: Told, rulebook: Rulebook, *, keys: Keys | None, today: date
) -> list[Cause]:
    """The causes of a task, the most urgent first; without keys nobody's words are opened."""
    teller = _Teller(task, told, rulebook, keys, today)
    match TaskKind(task.kind):
        case TaskKind.VISIT | TaskKind.FOLLOW_UP:
            ordered = sorted(duties, key=lambda duty: (duty.due_on, duty.kind is DutyKind.PERIODIC, duty.duty_id))
            return [teller.duty(duty) for duty in ordered]
        case TaskKind.LEAD:
            found_cause = teller.lead()
        case TaskKind.WELFARE_CHECK:
            found_cause = teller.closed_doors()
        case TaskKind.DECISION | TaskKind.CONFIRM:
            found_cause = teller.question()
        case _:
            assert_never(task.kind)
    return [] if found_cause is None else [found_cause]


def sentence(cause: Cause) -> str:
    """A cause as one line."""
    return f"{cause['clause']}{cause['what']}（{cause['happened_on']} {cause['told_by']}）"


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells the causes of one task."""

    task: Listed
    told: Told
    rulebook: Rulebook
    keys: Keys | None
    today: date

    def duty(self, duty: Duty) -> Cause:
        """Why one duty is owed."""
        match duty.kind:
            case DutyKind.PERIODIC:
                return self._periodic(duty)
            case DutyKind.RESPONSE:
                return self._response(duty)
            case DutyKind.FOLLOW_UP:
                return self._follow_up(duty)
            case _:
                assert_never(duty.kind)

    def _periodic(self, duty: Duty) -> Cause:
        rules = self.rulebook.rules(self.today)
        reasons = (rules[name] for name in self.task.rules or () if name in rules)
        rule = next((reason for reason in reasons if reason.tier is duty.tier), None)
        label = f"{duty.tier.label}对象" if rule is None else rule.label
        clauses = "三（一）" if rule is None or not rule.clause else f"{rule.clause}、三（一）"
        return _cause(label, duty.starts_on, tellers.PERIODIC, clauses, duty)

    def _response(self, duty: Duty) -> Cause:
        kind, _, rest = duty.occasion.partition(":")
        cause, _, began = rest.partition(":")
        tellings = self.told.by_occasion.get((self.task.resident_id, duty.occasion), [])
        first = self.told.first(tellings)
        by = self._name(first)
        words = self._words(first, [*tellings, *self._joined(duty)])
        return _cause(
            naming.of_news(FactKind(kind), cause), date.fromisoformat(began), by, self._clause(kind), duty, words
        )

    def _joined(self, duty: Duty) -> list[_Telling]:
        """Warnings that came while the response to an earlier one was open, and joined it (A33)."""
        if not duty.occasion.startswith(FactKind.WARNING):
            return []
        until = duty.settled_at
        return [
            telling
            for (resident_id, occasion), tellings in self.told.by_occasion.items()
            if resident_id == self.task.resident_id
            and occasion != duty.occasion
            and occasion.startswith(FactKind.WARNING)
            for telling in tellings
            if duty.starts_on <= clock.today(telling.told_at) and (until is None or telling.told_at <= until)
        ]

    def _clause(self, kind: str) -> str:
        """The clause under which news counts."""
        word = "major_change_open" if kind == FactKind.MAJOR_CHANGE else "warned_within_year"
        rules = self.rulebook.rules(self.today).values()
        return next(
            (rule.clause for rule in rules if rule.clause and any(leaf.word == word for leaf in leaves(rule.when))), ""
        )

    def _follow_up(self, duty: Duty) -> Cause:
        visit_id = _visit_of(duty.occasion)
        visit = self.told.visits.get(visit_id) if visit_id else None
        seen = found.alarming(visit.dimensions) if visit else []
        what = naming.of_findings([(dimension, level) for dimension, level, _ in seen])
        notes = [note for _, _, note in seen if note] if self.keys else []
        by = self.told.colleagues.get(visit.recorded_by, "") if visit else tellers.PERIODIC
        return _cause(what, duty.starts_on, by, "四（五）", duty, "\n".join(notes) or None)

    def lead(self) -> Cause | None:
        """Who reported what."""
        entry_id = leads.alert_of(self.task.subject)
        telling = self.told.by_entry.get(entry_id) if entry_id else None
        if telling is None:
            return None
        channel = naming.of_channel(telling.what["channel"])
        on = clock.today(telling.told_at)
        return _cause(channel.label, on, self._name(telling), channel.clause, None, self._words(telling, [telling]))

    def closed_doors(self) -> Cause | None:
        """The attempts that raised a welfare check."""
        known = [
            attempt
            for attempt in self.told.attempts.get(self.task.resident_id, ())
            if attempt.outcome is AttemptOutcome.NOT_HOME and attempt.created_at <= self.task.created_at
        ]
        raised_on = clock.today(self.task.created_at)
        needed = int(self.rulebook.parameter("not_home_before_welfare_check", raised_on).value)
        latest = known[:needed]
        if not latest:
            return None
        notes = [f"{attempt.on}：{attempt.note}" for attempt in reversed(latest) if attempt.note] if self.keys else []
        by = self.told.colleagues.get(latest[0].by_user_id, "")
        return _cause(self.task.why, latest[0].on, by, "三（一）", None, "\n".join(notes) or None)

    def question(self) -> Cause | None:
        """What has to be decided, and who told of it."""
        about, _, which = self.task.subject.partition(":")
        if about == decision_tasks.LATE_ENTRY:
            visit = self.told.visits.get(UUID(which))
            by = self.told.colleagues.get(visit.recorded_by, "") if visit else ""
            return _cause("走访逾期补录，请审核", visit.service_date, by, "三（一）", None) if visit else None
        if about in whereabouts.ABOUT:
            return self._whereabouts(about, which)
        if about == decision_tasks.DEATH:
            # The task itself says both days; what shows somebody alive may be a visit or any news.
            return None
        began, _, cause = which.partition(":")
        tellings = [
            telling
            for (resident_id, occasion), found_tellings in self.told.by_occasion.items()
            if resident_id == self.task.resident_id
            and occasion.startswith(f"{about}:{cause}")
            and occasion.endswith(began)
            for telling in found_tellings
        ]
        first = self.told.first(tellings)
        if first is None:
            return None
        what = naming.of_news(FactKind(about), first.what.get("cause") or "")
        clause = "二（一）" if about == FactKind.MAJOR_CHANGE else "二（二）"
        asked = "已满期限，请决定结束或延长" if self.task.kind == TaskKind.DECISION else "请确认"
        words = self._words(first, tellings)
        return _cause(f"{what}，{asked}", date.fromisoformat(began), self._name(first), clause, None, words)

    def _whereabouts(self, outcome: str, which: str) -> Cause | None:
        on = date.fromisoformat(which)
        made = self.told.attempts.get(self.task.resident_id, ())
        attempt = next((attempt for attempt in made if attempt.outcome == outcome and attempt.on == on), None)
        if attempt is None:
            return None
        by = self.told.colleagues.get(attempt.by_user_id, "")
        return _cause(whereabouts.question_of(outcome), on, by, "三（一）", None, attempt.note if self.keys else None)

    def _name(self, telling: _Telling | None) -> str:
        return tellers.UNNAMED if telling is None else self.told.sources[telling.source]

    def _words(self, first: _Telling | None, tellings: Iterable[_Telling]) -> str | None:
        """What the teller said; what others said of the same, under their own names."""
        if self.keys is None or first is None:
            return None
        said: dict[str, None] = {}
        for telling in sorted(tellings, key=lambda telling: (telling is not first, telling.told_at)):
            words = fact_log.open_words(self.keys, telling.entry_id, telling.words)
            if words and words not in said:
                by = self.told.sources[telling.source]
                same = telling.source == first.source and telling.what == first.what
                said[words if same else f"{clock.today(telling.told_at)} {by}：{words}"] = None
        return "\n".join(said) or None


def _cause(
    what: str, happened_on: date, told_by: str, clause: str, duty: Duty | None, words: str | None = None
) -> Cause:
    return Cause(
        what=what,
        happened_on=happened_on,
        told_by=told_by,
        words=words,
        clause=clause,
        limit=duty.limit if duty else Limit.LOCAL,
        duty=CauseDuty(kind=duty.kind, period=duty.period, due_on=duty.due_on) if duty else None,
    )
