"""Brings residents in line with everything known about them: decision, duties, task, in that order.

Level-triggered: it recomputes from the log, the visits and the day, so calling it twice, late or in another order is
harmless. `wake_on` is the next day on which time alone will change something for a resident.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from core import clock
from core.duties import ledger, owing
from core.policy import rulebooks
from core.residents import decisions, fact_log, standing
from core.residents.standing import Standing
from core.tasks import decision_tasks, visit_tasks
from rules.calendar import ONE_DAY, period_of
from rules.facts import TIERS, Tier
from rules.history import Entry, History, Move, fold, rejudged_since
from rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass did for one resident."""

    tier_before: str
    tier_after: str
    task_id: UUID | None
    # To another street, due by now and not carried out yet.
    move: Move | None
    # The first day on which anything was known.
    known_since: date


def after_news(
    session: Session, street: str, residents: Sequence[Standing], since: Mapping[UUID, date], *, now: datetime
) -> dict[UUID, Outcome]:
    """Facts changed, or a day came on which time changes something: decide anew from `since`, then duties and tasks.

    Worker processes only: it evaluates rules.
    """
    today = clock.today(now)
    rulebook = rulebooks.of_street(session, street)
    ids = [resident.resident_id for resident in residents]
    logs = fact_log.entries(session, street, ids)
    paths = decisions.paths(session, street, ids)
    # Days not yet decided since the last look come first: a change of age or an anniversary may lie among them.
    start = {
        resident.resident_id: min(since[resident.resident_id], _undecided(resident, today)) for resident in residents
    }
    histories = {one: fold(logs.get(one, ())) for one in ids}
    decided = {one: rejudged_since(logs.get(one, ()), day) for one, day in start.items()}
    decisions.decide(session, street, residents, logs, histories, paths, decided, rulebook, now=now, today=today)
    return _bring_in_line(session, street, residents, logs, histories, paths, start, rulebook, now=now)


def after_visits(
    session: Session, street: str, residents: Sequence[Standing], service_date: date, *, now: datetime
) -> dict[UUID, list[owing.Row]]:
    """A visit was recorded, changed or voided: settle duties and tasks. No rule is evaluated; returns the duties."""
    today = clock.today(now)
    rulebook = rulebooks.of_street(session, street)
    ids = [resident.resident_id for resident in residents]
    logs = fact_log.entries(session, street, ids)
    paths = decisions.paths(session, street, ids)
    histories = {one: fold(logs.get(one, ())) for one in ids}
    start = dict.fromkeys(ids, today)
    rows: dict[UUID, list[owing.Row]] = {}
    _bring_in_line(
        *(session, street, residents, logs, histories, paths, start, rulebook),
        now=now,
        visited_since=service_date,
        rows=rows,
    )
    return rows


def _undecided(resident: Standing, today: date) -> date:
    return min(resident.wake_on, today) if resident.wake_on else today


def _bring_in_line(
    session: Session,
    street: str,
    residents: Sequence[Standing],
    logs: Mapping[UUID, list[Entry]],
    histories: Mapping[UUID, History],
    paths: Mapping[UUID, decisions.Path],
    start: Mapping[UUID, date],
    rulebook: Rulebook,
    *,
    now: datetime,
    visited_since: date | None = None,
    rows: dict[UUID, list[owing.Row]] | None = None,
) -> dict[UUID, Outcome]:
    today = clock.today(now)
    calendar = rulebooks.calendar(session)
    ids = [resident.resident_id for resident in residents]
    # A visit puts nothing else in question than what it was made for.
    back = start if visited_since else {one: rejudged_since(logs.get(one, ()), day) for one, day in start.items()}
    earliest = min([*back.values(), visited_since or today])
    rows = rows if rows is not None else {}
    rows.update(ledger.of_residents(session, street, ids, since=earliest))
    visits = ledger.contacts(session, street, ids, since=ledger.window_start(earliest, rows))
    bases = {
        resident_id: owing.Basis(
            log=logs.get(resident_id, []),
            history=histories[resident_id],
            path=paths[resident_id],
            contacts=visits.get(resident_id, []),
            since=back[resident_id],
            owing_since=start[resident_id],
        )
        for resident_id in ids
    }
    draft = ledger.reconcile(street, bases, rows, rulebook, calendar, now=now, today=today)
    before = {resident.resident_id: resident.tier for resident in residents}
    why: dict[UUID, str] = {}
    for resident in residents:
        history = histories[resident.resident_id]
        overdue = resident.wake_on if visited_since and resident.wake_on and resident.wake_on <= today else None
        _settle_standing(
            resident, history, paths[resident.resident_id], rows.get(resident.resident_id, []), rulebook, today
        )
        # A visit decides nothing: what was to wake today still has to.
        resident.wake_on = overdue or resident.wake_on
        why[resident.resident_id] = _why(resident, history, rulebook, today)
    standing.write(session, residents)
    held = visit_tasks.reconcile(session, street, residents, rows, draft, why, rulebook, calendar, now=now, today=today)
    draft.write(session)
    decision_tasks.reconcile(session, street, residents, histories, paths, rulebook, calendar, now=now, today=today)
    return {
        resident.resident_id: Outcome(
            tier_before=before[resident.resident_id],
            tier_after=resident.tier,
            task_id=held.get(resident.resident_id),
            move=_leaves(histories[resident.resident_id], street, today),
            known_since=min((entry.recorded_on for entry in logs.get(resident.resident_id, ())), default=today),
        )
        for resident in residents
    }


def _settle_standing(
    resident: Standing,
    history: History,
    path: decisions.Path,
    rows: Sequence[owing.Row],
    rulebook: Rulebook,
    today: date,
) -> None:
    terms = rulebook.terms(today)
    latest = path.latest
    resident.tier = latest.verdict.tier.value if latest else Tier.NONE.value
    resident.rules = list(latest.verdict.rules) if latest else []
    resident.decided_on = today
    resident.died_on = history.died_on
    move = history.place_on(today)
    if move is not None and move.to_street == resident.street_code:
        resident.committee_code = move.to_committee
    days: list[date] = [row["due_on"] + ONE_DAY for row in rows if row["state"] == "open" and row["due_on"] >= today]
    if latest and latest.next_change_on:
        days.append(latest.next_change_on)
    tier = Tier(resident.tier)
    # The next period of every tier up to the present one: there a new duty begins, or absorbs a longer one.
    days.extend(period_of(today, terms.frequency[one]).last + ONE_DAY for one in TIERS if one.rank <= tier.rank)
    days.extend(decision_tasks.review_days(history, terms))
    # On that day other terms hold: periods, modes or limits may differ though the tier does not.
    days.extend(day for day in [rulebook.terms_change_on(today)] if day)
    days.extend(move.on for move in history.moves)
    resident.wake_on = min((day for day in days if day > today), default=None)


def _why(resident: Standing, history: History, rulebook: Rulebook, today: date) -> str:
    """One line for the visitor: clause and label of what put the person into their tier, and the news behind it."""
    said = "；".join(
        f"{rule.clause}{rule.label}" for rule in (rulebook.rule(name, today) for name in resident.rules[:1])
    )
    news = history.news()
    if news:
        latest = news[-1]
        source = (latest.fact.source or "").rstrip("/").rpartition("/")[2]
        word = "推送" if latest.fact.kind == "warning" else "发生"
        said = (said or "因病致贫预警或重大变故") + f"（{latest.fact.valid_from} {word}，来源 {source}）"
    return said


def _leaves(history: History, street: str, today: date) -> Move | None:
    move = history.place_on(today) if history.moves else None
    return move if move is not None and move.to_street != street else None
