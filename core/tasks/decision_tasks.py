"""Tasks that ask the street advisor to decide: an old major change (A1), an illness found on a visit (A8)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Invalid
from core.policy import chains, rulebooks
from core.residents.decisions import Path
from core.residents.standing import Standing
from core.store import bulk
from core.tasks import assignment, visit_tasks
from rules.calendar import WorkingCalendar
from rules.duties import TierPath
from rules.facts import Fact, FactKind, Tier, fact_dict
from rules.history import History
from rules.policies import Terms
from rules.rulebook import Rulebook


def limit_of(change: Fact, terms: Terms) -> date:
    """The day on which a major change must be decided: event date + 90 days, or where a decision moved it (A1)."""
    return change.extended_until or change.valid_from + timedelta(days=terms.recent_days)


def review_days(history: History, terms: Terms) -> list[date]:
    """The days on which a decision about an open major change falls due."""
    return [limit_of(fact, terms) for fact in history.facts if _is_undecided(fact)]


def _is_undecided(fact: Fact) -> bool:
    return fact.kind is FactKind.MAJOR_CHANGE and fact.valid_to is None


def reconcile(
    session: Session,
    street: str,
    residents: Sequence[Standing],
    histories: Mapping[UUID, History],
    paths: Mapping[UUID, Path],
    rulebook: Rulebook,
    calendar: WorkingCalendar,
    *,
    now: datetime,
    today: date,
) -> None:
    """Open the decisions that are due, close those that nothing asks for any more."""
    terms = rulebook.terms(today)
    wanted = {
        (resident.resident_id, kind, subject): (resident, asked_on)
        for resident in residents
        for kind, subject, asked_on in _asked(
            histories[resident.resident_id], paths[resident.resident_id].tiers, resident, terms, today
        )
    }
    standing = _open(session, street, [resident.resident_id for resident in residents])
    closed = [
        {
            "street_code": street,
            "task_id": task_id,
            "state": "cancelled",
            "closed_at": now,
            "updated_at": now,
            "closed_because": "decided_or_gone",
            "next_step_at": None,
        }
        for key, (task_id, opened_on) in standing.items()
        # Asked anew since: it would have been closed in between, had anybody looked.
        if key not in wanted or wanted[key][1] > opened_on
    ]
    bulk.update(session, "task", closed, key=("street_code", "task_id"))
    missing = [key for key in wanted if key not in standing or wanted[key][1] > standing[key][1]]
    if not missing:
        return
    chain = [step for step in chains.of_street(session, street, rulebook, today=today) if step["to"] != "committee"]
    roster = assignment.Roster.shared(session, street, calendar, today=today)
    recused = assignment.preferences(session, street, [key[0] for key in missing])[1]
    made = []
    for key in missing:
        _, kind, subject = key
        resident, asked_on = wanted[key]
        # It counts from the day on which the question arose, also when nobody looked that day.
        due_on = calendar.shift(asked_on, terms.confirm_working_days)
        made.append(
            visit_tasks.new_row(
                resident,
                kind,
                subject=subject,
                why=_why(kind, subject.partition(":")[2]),
                due_on=due_on,
                choice=roster.choose_advisor(due_on, recused=recused.get(key[0], ())),
                chain=chain,
                calendar=calendar,
                now=now,
            )
        )
    visit_tasks.open_all(session, made, now=now)


def _why(kind: str, day: str) -> str:
    if kind == "decision":
        return f"二（一）{day}的重大变故已满期限，请决定结束或延长"
    return f"二（二）{day}走访发现的重病，请确认"


def ask_for_late_entry(
    session: Session, residents: Sequence[Standing], visit_id: UUID, service_date: date, *, now: datetime
) -> list[UUID]:
    """A visit entered long after its period closed credits it once the street advisor approves (A21)."""
    if not residents:
        return []
    street, today = residents[0].street_code, clock.today(now)
    rulebook, calendar = rulebooks.of_street(session, street), rulebooks.calendar(session)
    due_on = calendar.shift(today, rulebook.terms(today).confirm_working_days)
    chain = [step for step in chains.of_street(session, street, rulebook, today=today) if step["to"] != "committee"]
    roster = assignment.Roster.shared(session, street, calendar, today=today)
    recused = assignment.preferences(session, street, [one.resident_id for one in residents])[1]
    made = [
        visit_tasks.new_row(
            resident,
            "confirm",
            subject=f"late_entry:{visit_id}",
            why=f"{service_date}的走访在周期结束后逾期补录，请审核",
            due_on=due_on,
            choice=roster.choose_advisor(due_on, recused=recused.get(resident.resident_id, ())),
            chain=chain,
            calendar=calendar,
            now=now,
        )
        for resident in residents
    ]
    visit_tasks.open_all(session, made, now=now)
    return [task["task_id"] for task in made]


def event_of(
    session: Session,
    row: Mapping[str, Any],
    fact: Fact,
    outcome: str,
    until: date | None,
    result: str,
    *,
    now: datetime,
) -> tuple[str, dict[str, object]]:
    """The event that a decision amounts to."""
    today, began = clock.today(now), fact.valid_from.isoformat()
    named = {"kind": fact.kind.value, "valid_from": began}
    match outcome:
        case "close":
            # The change ends the day before: from today on it no longer counts.
            return "fact.ended", {"end": {**named, "on": (today - timedelta(days=1)).isoformat()}}
        case "confirm":
            return "fact.recorded", {"facts": [{**_bare(fact), "confirmed_on": today.isoformat()}]}
        case "reject":
            return "fact.retracted", {"retract": {**named, "reason": result}}
    terms = rulebooks.of_street(session, row["street_code"]).terms(today)
    latest = limit_of(fact, terms) + timedelta(days=terms.extension_days)
    if until is None or not today < until <= latest:
        raise Invalid(f"重大变故须延长到今天以后，最晚到 {latest}。")
    return "change.extended", {"extend": {"valid_from": began, "until": until.isoformat()}}


def _bare(fact: Fact) -> dict[str, object]:
    """A fact as it was said, without what we know about its telling."""
    return {key: value for key, value in fact_dict(fact).items() if key not in ("recorded_on", "source")}


def _asked(
    history: History, path: TierPath, resident: Standing, terms: Terms, today: date
) -> Iterable[tuple[str, str, date]]:
    """What has to be decided: kind and subject of the task, and since when."""
    if history.died_on is not None:
        return
    for fact in history.facts:
        known_on = fact.recorded_on or today
        if (
            _is_undecided(fact)
            and limit_of(fact, terms) <= today
            # Only a change that keeps the person high has to be decided.
            and Tier(resident.tier) is Tier.HIGH
        ):
            high_since = path.since(Tier.HIGH, today) or today
            yield "decision", f"major_change:{fact.valid_from}", max(limit_of(fact, terms), high_since, known_on)
        if fact.kind is FactKind.SERIOUS_ILLNESS and fact.basis == "found_on_visit" and fact.confirmed_on is None:
            yield "confirm", f"serious_illness:{fact.valid_from}", known_on


def _open(
    session: Session, street: str, resident_ids: Sequence[UUID]
) -> dict[tuple[UUID, str, str], tuple[UUID, date]]:
    """The open questions about some residents: `{(resident, kind, subject): (task, day it was opened)}`."""
    rows = session.execute(
        text(
            "SELECT resident_id, kind, subject, task_id, created_at FROM task WHERE street_code = :street"
            " AND resident_id = ANY(:residents) AND state = 'open' AND kind IN ('decision', 'confirm')"
            " AND (subject LIKE 'major_change:%' OR subject LIKE 'serious_illness:%') ORDER BY task_id FOR UPDATE"
        ),
        {"street": street, "residents": list(resident_ids)},
    )
    return {(row.resident_id, row.kind, row.subject): (row.task_id, clock.today(row.created_at)) for row in rows}
