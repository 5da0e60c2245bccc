"""Brings residents in line with everything known about them: decision, duties, task, in that order.

Level-triggered: it recomputes from the log, the visits and the day, so calling it twice, late or in another order is
harmless. `wake_on` is the next day on which time alone will change something for a resident.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from core.duties import history, ledger
from core.duties.owing import Basis
from core.duties.rows import DUTIES, Duty
from core.policy.street_pass import StreetPass
from core.residents import decisions, dossiers, standing
from core.residents.dossiers import Dossier
from core.residents.standing import Standing
from core.store.words import TaskState
from core.tasks import decision_tasks, departures, late_entries, naming, signs_of_life, visit_tasks
from core.tasks import rows as task_rows
from core.tasks.desk import Desk
from rules.calendar import ONE_DAY, period_of
from rules.duties import DutyState
from rules.facts import TIERS, Tier
from rules.history import Move, Order, rejudged_since


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass did for one resident."""

    tier_before: Tier
    tier_after: Tier
    task_id: UUID | None
    # To another street, due by now and not carried out yet.
    move: Move | None
    # The first day on which anything was known.
    known_since: date
    # As they are now: those that may still change, and those that did.
    duties: Sequence[Duty]
    # What somebody is asked now about the resident.
    asked: Sequence[UUID]
    # News that said again what was ended or decided since (A40).
    in_vain: Collection[Order]


def after_news(
    pass_: StreetPass,
    residents: Sequence[Standing],
    since: Mapping[UUID, date],
    *,
    merged: Collection[UUID] = (),
) -> dict[UUID, Outcome]:
    """Facts changed, or a day came on which time changes something: decide anew from `since`, then duties and tasks.

    Of who has just been merged with another, everything is decided anew, as it would have been had both been one from
    the start; periods that closed keep what was owed in them (A27). Worker processes only: it evaluates rules.
    """
    known = dossiers.read(pass_, residents)
    # Days not yet decided since the last look come first: a change of age or an anniversary may lie among them.
    owing_since = {
        resident.resident_id: min(since[resident.resident_id], _undecided(resident, pass_.today))
        for resident in residents
    }
    back = {
        dossier.resident.resident_id: rejudged_since(dossier.log, owing_since[dossier.resident.resident_id])
        for dossier in known
    }
    anew = {
        dossier.resident.resident_id: min(entry.recorded_on for entry in dossier.log)
        for dossier in known
        if dossier.resident.resident_id in merged and dossier.log
    }
    decisions.decide(pass_, known, back | anew)
    return _bring_in_line(pass_, known, back, owing_since)


def after_visits(
    pass_: StreetPass,
    residents: Sequence[Standing],
    service_date: date,
    *,
    rejudged: bool = False,
    changed: Collection[UUID] = (),
) -> dict[UUID, Outcome]:
    """A visit was recorded, changed or voided: settle duties and tasks. No rule is evaluated.

    `rejudged`: every day since is gone through again, by the visits that stand, as if it had been so from the start
    (A27). `changed` are the visits in question.
    """
    known = dossiers.read(pass_, residents)
    # A new visit puts nothing else in question than what it was made for.
    start = {
        dossier.resident.resident_id: max(service_date, _known_since(pass_, dossier)) if rejudged else pass_.today
        for dossier in known
    }
    return _bring_in_line(pass_, known, start, start, visited_since=service_date, changed=changed)


def _known_since(pass_: StreetPass, dossier: Dossier) -> date:
    """The first day on which anything was known: before, nothing was owed."""
    return min((entry.recorded_on for entry in dossier.log), default=pass_.today)


def _undecided(resident: Standing, today: date) -> date:
    return min(resident.wake_on, today) if resident.wake_on else today


def _bring_in_line(
    pass_: StreetPass,
    known: Sequence[Dossier],
    since: Mapping[UUID, date],
    owing_since: Mapping[UUID, date],
    *,
    visited_since: date | None = None,
    changed: Collection[UUID] = (),
) -> dict[UUID, Outcome]:
    ids = [dossier.resident.resident_id for dossier in known]
    # A death puts in question what was owed, and who was met, since it happened, whenever it is learnt of (A23); and a
    # period that closed since a move keeps the committee of its last day (A27).
    deaths = [dossier.history.died_on for dossier in known if dossier.history.died_on]
    moved = [
        date.fromisoformat(entry.entry["moved"]["on"])
        for dossier in known
        for entry in dossier.log
        if "moved" in entry.entry and entry.recorded_on >= owing_since[dossier.resident.resident_id]
    ]
    earliest = min([*since.values(), visited_since or pass_.today, *deaths, *moved])
    # What closed a short while ago is still excused by a pause that is told now (A27).
    missed_since = earliest - timedelta(days=pass_.terms.pause_days)
    duties = ledger.of_residents(pass_.session, pass_.street, ids, since=earliest, missed_since=missed_since)
    window_start = ledger.window_start(earliest, duties)
    visits = ledger.contacts(pass_.session, pass_.street, ids, since=window_start)
    bases = [
        Basis(
            dossier=dossier,
            contacts=visits.get(resident_id, []),
            since=since[resident_id],
            owing_since=owing_since[resident_id],
        )
        for resident_id, dossier in zip(ids, known, strict=True)
    ]
    waiting = ledger.bring_up_to_date(pass_, bases, duties)
    residents = [dossier.resident for dossier in known]
    tier_before = {resident.resident_id: resident.tier for resident in residents}
    died_before = {resident.resident_id: resident.died_on for resident in residents}
    why: dict[UUID, str] = {}
    for resident_id, dossier in zip(ids, known, strict=True):
        wake_on = dossier.resident.wake_on
        _settle_standing(pass_, dossier, duties[resident_id])
        # A visit decides nothing: what was to wake today still has to.
        if visited_since and wake_on and wake_on <= pass_.today:
            dossier.resident.wake_on = wake_on
        # The street in which a period closed is told by a pass that reaches it.
        if visited_since and any(duty.carried and DUTIES.is_changed(duty) for duty in duties[resident_id]):
            dossier.resident.wake_on = pass_.today
        why[resident_id] = _why(pass_, dossier)
    standing.write(pass_.session, residents)
    desk = Desk(pass_, ids)
    tasks = task_rows.open_of(pass_.session, pass_.street, ids)
    departures.carry_through(desk, known, died_before, tasks, duties)
    visit_tasks.follow(desk, known, tasks)
    held_by = visit_tasks.hold(desk, known, tasks, duties, waiting, why)
    decision_tasks.ask(desk, known, tasks)
    asked = signs_of_life.ask(desk, known, tasks, visits)
    asked += late_entries.ask(desk, residents, tasks, duties, visits, earliest, changed=changed)
    for task in tasks:
        if task.state is TaskState.OPEN:
            desk.keep_hours(task)
    desk.write()
    history.write(pass_.session, [duty for held in duties.values() for duty in held], now=pass_.now)
    return {
        resident_id: Outcome(
            tier_before=tier_before[resident_id],
            tier_after=dossier.resident.tier,
            task_id=held_by.get(resident_id),
            move=_leaves(pass_, dossier),
            known_since=_known_since(pass_, dossier),
            duties=duties[resident_id],
            asked=[task.task_id for task in asked if task.resident_id == resident_id],
            in_vain=dossier.history.in_vain,
        )
        for resident_id, dossier in zip(ids, known, strict=True)
    }


def _settle_standing(pass_: StreetPass, dossier: Dossier, duties: Sequence[Duty]) -> None:
    """What a resident's row repeats of the latest decision, and the next day on which to look at them."""
    resident, history, latest, today = dossier.resident, dossier.history, dossier.path.latest, pass_.today
    resident.tier = latest.verdict.tier if latest else Tier.NONE
    resident.rules = latest.verdict.rules if latest else ()
    resident.decided_on = today
    resident.died_on = history.died_on
    move = history.place_on(today)
    if move is not None and move.to_street == resident.street_code:
        resident.committee_code = move.to_committee
    days = [duty.due_on + ONE_DAY for duty in duties if duty.state is DutyState.OPEN and duty.due_on >= today]
    if latest and latest.next_change_on:
        days.append(latest.next_change_on)
    # The next period of every tier up to the present one: there a new duty begins, or absorbs a longer one.
    frequency = pass_.terms.frequency
    days.extend(period_of(today, frequency[tier]).last + ONE_DAY for tier in TIERS if tier.rank <= resident.tier.rank)
    days.extend(decision_tasks.review_days(history, pass_.terms))
    # On that day other terms hold: periods, modes or limits may differ though the tier does not.
    days.extend(day for day in [pass_.rulebook.terms_change_on(today)] if day)
    days.extend(move.on for move in history.moves)
    resident.wake_on = min((day for day in days if day > today), default=None)


def _why(pass_: StreetPass, dossier: Dossier) -> str:
    """One line for the visitor: clause and label of what put the person into their tier, and the news behind it."""
    said = ""
    if dossier.resident.rules:
        rule = pass_.rulebook.rule(dossier.resident.rules[0], pass_.today)
        said = f"{rule.clause}{rule.label}"
    news = dossier.history.news()
    if news:
        latest = news[-1].fact
        said = (said or naming.of_news(latest.kind, latest.cause or "")) + f"（{latest.valid_from}）"
    return said


def _leaves(pass_: StreetPass, dossier: Dossier) -> Move | None:
    move = dossier.history.place_on(pass_.today) if dossier.history.moves else None
    return move if move is not None and move.to_street != pass_.street else None
