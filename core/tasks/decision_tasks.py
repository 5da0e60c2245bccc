"""Tasks that ask the street advisor to decide: an old major change (A1), an illness found on a visit (A8)."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, assert_never
from uuid import UUID

from core import clock
from core.errors import Invalid
from core.events.types import EventType
from core.policy.street_pass import StreetPass
from core.residents.dossiers import Dossier
from core.residents.standing import Standing
from core.store.words import Closing, DecisionOutcome, TaskKind, TaskState
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.facts import Fact, FactKind, Tier, fact_dict
from rules.history import History
from rules.policies import Terms

LATE_ENTRY: Final = "late_entry"
# What is asked about facts is asked as long as the facts do.
_FACTS: Final = (FactKind.MAJOR_CHANGE, FactKind.SERIOUS_ILLNESS)


class Question(NamedTuple):
    """What has to be decided about a resident: the fact, by its kind and first day, or the visit entered late."""

    resident_id: UUID
    kind: TaskKind
    about: str
    which: str

    @property
    def subject(self) -> str:
        """As the task names it."""
        return f"{self.about}:{self.which}"

    @classmethod
    def of(cls, task: Task) -> "Question":
        """What a task asks."""
        about, _, which = task.subject.partition(":")
        return cls(task.resident_id, task.kind, about, which)


def limit_of(change: Fact, terms: Terms) -> date:
    """The day on which a major change must be decided: event date + 90 days, or where a decision moved it (A1)."""
    return change.extended_until or change.valid_from + timedelta(days=terms.recent_days)


def review_days(history: History, terms: Terms) -> list[date]:
    """The days on which a decision about an open major change falls due."""
    return [limit_of(fact, terms) for fact in history.facts if _is_undecided(fact)]


def _is_undecided(fact: Fact) -> bool:
    return fact.kind is FactKind.MAJOR_CHANGE and fact.valid_to is None


def ask(desk: Desk, known: Sequence[Dossier], tasks: Sequence[Task]) -> None:
    """Open the decisions that are due, close those that nothing asks for any more; `tasks` are all open ones."""
    pass_ = desk.pass_
    wanted = {
        question: (dossier.resident, asked_on)
        for dossier in known
        for question, asked_on in _asked(dossier, pass_.terms, pass_.today)
    }
    for task in tasks:
        question = Question.of(task)
        if question.about not in _FACTS:
            continue
        if question in wanted and wanted[question][1] <= clock.today(task.created_at):
            del wanted[question]
        else:
            # Also when it is asked anew since: it would have been closed in between, had anybody looked.
            desk.close(task, TaskState.CANCELLED, Closing.DECIDED_OR_GONE)
    for question, (resident, asked_on) in wanted.items():
        # It counts from the day on which the question arose, also when nobody looked that day.
        due_on = pass_.calendar.shift(asked_on, pass_.terms.confirm_working_days)
        desk.open(resident, question.kind, due_on=due_on, why=_why(question), subject=question.subject)


def _why(question: Question) -> str:
    if question.kind is TaskKind.DECISION:
        return f"二（一）{question.which}的重大变故已满期限，请决定结束或延长"
    return f"二（二）{question.which}走访发现的重病，请确认"


def ask_for_late_entry(
    pass_: StreetPass, residents: Sequence[Standing], visit_id: UUID, service_date: date
) -> list[UUID]:
    """A visit entered long after its period closed credits it once the street advisor approves (A21)."""
    if not residents:
        return []
    desk = Desk(pass_, [resident.resident_id for resident in residents])
    due_on = pass_.calendar.shift(pass_.today, pass_.terms.confirm_working_days)
    opened = [
        desk.open(
            resident,
            TaskKind.CONFIRM,
            due_on=due_on,
            why=f"{service_date}的走访在周期结束后逾期补录，请审核",
            subject=f"{LATE_ENTRY}:{visit_id}",
        )
        for resident in residents
    ]
    desk.write()
    return [task.task_id for task in opened]


def event_of(
    pass_: StreetPass, fact: Fact, outcome: DecisionOutcome, until: date | None, result: str
) -> tuple[EventType, dict[str, object]]:
    """The event that a decision amounts to."""
    began = fact.valid_from.isoformat()
    named = {"kind": fact.kind, "valid_from": began}
    match outcome:
        case DecisionOutcome.CLOSE:
            # The change ends the day before: from today on it no longer counts.
            return EventType.FACT_ENDED, {"end": {**named, "on": (pass_.today - timedelta(days=1)).isoformat()}}
        case DecisionOutcome.CONFIRM:
            return EventType.FACT_RECORDED, {"facts": [{**_bare(fact), "confirmed_on": pass_.today.isoformat()}]}
        case DecisionOutcome.REJECT:
            return EventType.FACT_RETRACTED, {"retract": {**named, "reason": result}}
        case DecisionOutcome.EXTEND:
            latest = limit_of(fact, pass_.terms) + timedelta(days=pass_.terms.extension_days)
            if until is None or not pass_.today < until <= latest:
                raise Invalid(f"重大变故须延长到今天以后，最晚到 {latest}。")
            return EventType.CHANGE_EXTENDED, {"extend": {"valid_from": began, "until": until.isoformat()}}
        case DecisionOutcome.PAUSE | DecisionOutcome.MOVED | DecisionOutcome.LEFT:
            raise AssertionError(f"No fact is decided by {outcome}.")
        case _:
            assert_never(outcome)


def _bare(fact: Fact) -> dict[str, object]:
    """A fact as it was said, without what we know about its telling."""
    return {key: value for key, value in fact_dict(fact).items() if key not in ("recorded_on", "source")}


def _asked(dossier: Dossier, terms: Terms, today: date) -> Iterable[tuple[Question, date]]:
    """What has to be decided about a resident, and since when."""
    resident, history = dossier.resident, dossier.history
    if history.died_on is not None:
        return
    for fact in history.facts:
        known_on, began = fact.recorded_on or today, fact.valid_from.isoformat()
        # Only a change that keeps the person high has to be decided.
        if _is_undecided(fact) and limit_of(fact, terms) <= today and resident.tier is Tier.HIGH:
            high_since = dossier.path.tiers.since(Tier.HIGH, today) or today
            asked_on = max(limit_of(fact, terms), high_since, known_on)
            yield Question(resident.resident_id, TaskKind.DECISION, fact.kind, began), asked_on
        if fact.kind is FactKind.SERIOUS_ILLNESS and fact.basis == "found_on_visit" and fact.confirmed_on is None:
            yield Question(resident.resident_id, TaskKind.CONFIRM, fact.kind, began), known_on
