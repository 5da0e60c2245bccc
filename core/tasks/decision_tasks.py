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
from core.store.words import Closing, DecisionOutcome, TaskKind, TaskState
from core.tasks import found_on_visits
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.facts import Fact, FactKind, Tier, fact_dict
from rules.history import History
from rules.policies import Terms

LATE_ENTRY: Final = "late_entry"
DEATH: Final = "death"
# What is asked about visits goes on when the person has died: it concerns what was done.
ABOUT_VISITS: Final = (LATE_ENTRY, DEATH)
# What is asked about facts is asked as long as the facts do.
_FACTS: Final = (FactKind.MAJOR_CHANGE, FactKind.SERIOUS_ILLNESS)


class Question(NamedTuple):
    """What has to be decided about a resident.

    The fact, by its kind, first day and cause; the visit entered late; or the day of a death and of the visit after it.
    """

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


def arises_anew(task: Task) -> bool:
    """Whether a task asks about a fact or a visit: it is asked, and closed, as these have it."""
    return Question.of(task).about in (*_FACTS, *ABOUT_VISITS)


def which(fact: Fact) -> str:
    """What tells a fact from the others of its kind: two changes may have happened on one day (A44)."""
    began = fact.valid_from.isoformat()
    return f"{began}:{fact.cause}" if fact.cause else began


def limit_of(change: Fact, terms: Terms) -> date:
    """The day on which a major change must be decided: event date + 90 days, or where a decision moved it (A1)."""
    return change.extended_until or change.valid_from + timedelta(days=terms.recent_days)


def review_days(history: History, terms: Terms) -> list[date]:
    """The days on which a decision about an open major change falls due."""
    return [limit_of(fact, terms) for fact in history.facts if _needs_decision(fact, terms)]


def _needs_decision(fact: Fact, terms: Terms) -> bool:
    """Whether a change goes on beyond its limit; one that ends by then ends without a decision (A43)."""
    if fact.kind is not FactKind.MAJOR_CHANGE:
        return False
    return fact.valid_to is None or fact.valid_to > limit_of(fact, terms)


def ask(desk: Desk, known: Sequence[Dossier], tasks: Sequence[Task]) -> None:
    """Open the decisions that are due, close those that nothing asks for any more; `tasks` are all open ones."""
    pass_ = desk.pass_
    wanted = {
        question: (dossier.resident, asked_on)
        for dossier in known
        for question, asked_on in _asked(dossier, pass_.terms, pass_.today)
    }
    for resident_id, began in found_on_visits.unfounded(pass_, known):
        illness = Question(resident_id, TaskKind.CONFIRM, FactKind.SERIOUS_ILLNESS, began.isoformat())
        wanted.pop(illness, None)
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
        return f"二（一）{_began(question)}的重大变故已满期限，请决定结束或延长"
    return f"二（二）{_began(question)}走访发现的重病，请确认"


def _began(question: Question) -> str:
    return question.which.partition(":")[0]


def event_of(
    pass_: StreetPass, fact: Fact, outcome: DecisionOutcome, until: date | None, result: str
) -> tuple[EventType, dict[str, object]]:
    """The event that a decision amounts to."""
    named = {"kind": fact.kind, "valid_from": fact.valid_from.isoformat()}
    if fact.cause:
        named["cause"] = fact.cause
    match outcome:
        case DecisionOutcome.CLOSE:
            # The change ends the day before: from today on it no longer counts.
            return EventType.FACT_ENDED, {"end": {**named, "on": (pass_.today - timedelta(days=1)).isoformat()}}
        case DecisionOutcome.CONFIRM:
            return EventType.FACT_RECORDED, {"facts": [{**_bare(fact), "confirmed_on": pass_.today.isoformat()}]}
        case DecisionOutcome.REJECT:
            return EventType.FACT_RETRACTED, {"retract": {**named, "reason": result, "decided": True}}
        case DecisionOutcome.EXTEND:
            latest = limit_of(fact, pass_.terms) + timedelta(days=pass_.terms.extension_days)
            if until is None or not pass_.today < until <= latest:
                raise Invalid(f"重大变故须延长到今天以后，最晚到 {latest}。")
            extended = {name: word for name, word in named.items() if name != "kind"}
            return EventType.CHANGE_EXTENDED, {"extend": {**extended, "until": until.isoformat()}}
        case DecisionOutcome.PAUSE | DecisionOutcome.MOVED | DecisionOutcome.LEFT | DecisionOutcome.RESTORE:
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
        known_on = fact.recorded_on or today
        is_over = fact.valid_to is not None and fact.valid_to < today
        # Only a change that keeps the person high has to be decided.
        if (
            _needs_decision(fact, terms)
            and not is_over
            and limit_of(fact, terms) <= today
            and resident.tier is Tier.HIGH
        ):
            high_since = dossier.path.tiers.since(Tier.HIGH, today) or today
            asked_on = max(limit_of(fact, terms), high_since, known_on)
            yield Question(resident.resident_id, TaskKind.DECISION, fact.kind, which(fact)), asked_on
        if found_on_visits.needs_asking(fact):
            yield Question(resident.resident_id, TaskKind.CONFIRM, fact.kind, which(fact)), known_on
