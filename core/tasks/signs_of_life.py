"""Somebody reported dead was met afterwards, or something new is told of them: the street advisor says what is true.

Neither undoes the death by itself (A23). Each day on which they are said to have lived is asked about once, in
whichever order the visit and the death become known.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.residents.dossiers import Dossier
from core.residents.standing import Standing
from core.store.words import Closing, TaskKind, TaskState
from core.tasks.decision_tasks import DEATH, Question
from core.tasks.desk import Desk
from core.tasks.rows import Task
from rules.duties import Contact
from rules.history import Entry

# The days that somebody looked at and let the death stand.
_LOOKED_AT: Final = text(
    "SELECT resident_id, subject FROM task WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND kind = 'confirm' AND state = 'done' AND starts_with(subject, 'death:')"
)


class _Sign(NamedTuple):
    """On which day somebody is said to have lived, since when that and the death are known, and how."""

    seen_on: date
    known_on: date
    is_visit: bool


def ask(
    desk: Desk, known: Sequence[Dossier], tasks: Sequence[Task], contacts: Mapping[UUID, Sequence[Contact]]
) -> list[Task]:
    """Ask about those who are said to be dead and to have lived later; returns the tasks opened.

    `tasks` are all open ones, `contacts` the visits, those to the dead since their death included.
    """
    signs: dict[Question, tuple[Standing, _Sign]] = {}
    for dossier in known:
        for sign in _signs(dossier, contacts.get(dossier.resident.resident_id, ())):
            which = f"{dossier.history.died_on}:{sign.seen_on}"
            question = Question(dossier.resident.resident_id, TaskKind.CONFIRM, DEATH, which)
            signs.setdefault(question, (dossier.resident, sign))
    wanted = _first_of_each(desk, signs) if signs else {}
    for task in tasks:
        question = Question.of(task)
        if question.about != DEATH or not task.is_open:
            continue
        if question in wanted:
            del wanted[question]
        else:
            desk.close(task, TaskState.CANCELLED, Closing.DECIDED_OR_GONE)
    return [_open(desk, question, resident, sign) for question, (resident, sign) in wanted.items()]


def _signs(dossier: Dossier, contacts: Sequence[Contact]) -> Iterator[_Sign]:
    died_on = dossier.history.died_on
    if died_on is None:
        return
    death = max((entry for entry in dossier.log if "died_on" in entry.entry), key=lambda entry: entry.recorded_at)
    for contact in contacts:
        if contact.met and contact.service_date > died_on:
            yield _Sign(contact.service_date, max(contact.entered_on, death.recorded_on), is_visit=True)
    for entry in dossier.log:
        # What was known when the death was told is answered by it.
        if entry.recorded_at > death.recorded_at and (told_of := _tells_of(entry)) and told_of > died_on:
            yield _Sign(told_of, entry.recorded_on, is_visit=False)


def _tells_of(entry: Entry) -> date | None:
    """The latest day on which news says that something happened to a living person."""
    if "moved" in entry.entry:
        return date.fromisoformat(entry.entry["moved"]["on"])
    if "lead" in entry.entry:
        return clock.today(entry.event_at)
    return max((date.fromisoformat(fact["valid_from"]) for fact in entry.entry.get("facts", ())), default=None)


def _first_of_each(
    desk: Desk, signs: Mapping[Question, tuple[Standing, _Sign]]
) -> dict[Question, tuple[Standing, _Sign]]:
    """Of each resident the first that nobody has looked at yet."""
    values = {"street": desk.pass_.street, "residents": [resident.resident_id for resident, _ in signs.values()]}
    looked_at = {(row.resident_id, row.subject) for row in desk.pass_.session.execute(_LOOKED_AT, values)}
    first: dict[UUID, Question] = {}
    for question in sorted(signs, key=lambda question: question.which):
        if (question.resident_id, question.subject) not in looked_at:
            first.setdefault(question.resident_id, question)
    return {question: signs[question] for question in first.values()}


def _open(desk: Desk, question: Question, resident: Standing, sign: _Sign) -> Task:
    seen = f"{sign.seen_on}有走访见到本人" if sign.is_visit else f"又有{sign.seen_on}的消息"
    why = f"登记为{resident.died_on}去世，但{seen}，请核实：撤销去世登记，或者维持不变"
    days = desk.pass_.terms.confirm_working_days
    due_on = desk.pass_.calendar.shift(sign.known_on, days)
    task = desk.open(resident, question.kind, due_on=due_on, why=why, subject=question.subject)
    if task.assignee_id is None:
        desk.say(task, "alive", why)
    return task
