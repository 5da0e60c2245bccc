"""What one resident is owed, worked out day by day from the last look to today, in memory and without a trace."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core import clock
from core.duties import rows
from core.duties.rows import Duty
from core.policy.street_pass import StreetPass
from core.residents.dossiers import Dossier
from core.store.words import DutyReason
from rules.calendar import ONE_DAY, period_named
from rules.duties import (
    Contact,
    DutyKind,
    DutyState,
    Owed,
    TierPath,
    asking,
    is_paused,
    responses,
    settle,
)
from rules.facts import FactKind, Tier
from rules.history import History, fold
from rules.periodic import Course, closings
from rules.policies import Crediting, Terms


@dataclass(frozen=True, slots=True)
class Basis:
    """What the duties of one resident follow from.

    `since` is the first day to look at again. News and visits before `owing_since` were dealt with when they came; an
    earlier `since` reaches back because something turned out never to have been true.
    """

    dossier: Dossier
    contacts: Sequence[Contact]
    since: date
    owing_since: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """The day by which somebody must go for what is still to be done.

    `recounted`: a retraction or the calendar moved it. `anew_on`: since when, if before nobody had to go although
    nobody looked that day.
    """

    due_on: date
    recounted: bool
    anew_on: date | None


_Key = tuple[DutyKind, Tier | None, str]


@dataclass(frozen=True, slots=True)
class CatchUp:
    """The duties of one resident brought from the last look up to today; `duties` holds them, before and after."""

    pass_: StreetPass
    basis: Basis
    duties: list[Duty]
    course: Course

    def run(self) -> Waiting | None:
        """Look at each day on which something happened, so that days nobody looked leave no trace."""
        waiting: Waiting | None = None
        anew_on: date | None = None
        since = self.basis.since
        for day, moment in self._moments():
            recounted = self._look(since, day, moment)
            days = [duty.due_on for duty in self._held(day)]
            if not days:
                waiting, anew_on = None, day + ONE_DAY
            elif waiting is None or recounted:
                waiting = Waiting(min(days), recounted, anew_on and min(anew_on, day))
            else:
                # The due day never moves later while a task is open (A34).
                waiting = replace(waiting, due_on=min(waiting.due_on, *days))
            since = day
        for duty in self.duties:
            self._place(duty)
        return waiting

    def _held(self, day: date) -> list[Duty]:
        """What somebody still has to go for on a day.

        Periods missed by somebody who has no tier any more are over, unless something else has them visited (A35).
        """
        held = [duty for duty in self.duties if duty.is_held and duty.starts_on <= day]
        if self.basis.dossier.path.tiers.on(day) is not Tier.NONE:
            return held
        return held if any(duty.state is DutyState.OPEN for duty in held) else []

    def _place(self, duty: Duty) -> None:
        """The committee responsible: today's, or of a period that closed that of its last day (A23)."""
        resident, today = self.basis.dossier.resident, self.pass_.today
        is_periodic = duty.kind is DutyKind.PERIODIC
        if duty.carried or duty.state is DutyState.CANCELLED or not (is_periodic or duty.state is DutyState.OPEN):
            return
        closed = is_periodic and duty.due_on < today
        on = duty.due_on if closed else today
        move = self.basis.dossier.history.place_on(on)
        if move is not None and move.to_street == resident.street_code:
            duty.committee_code = move.to_committee
        elif not closed:
            duty.committee_code = resident.committee_code

    def _days(self) -> list[date]:
        since, basis, today, rulebook = self.basis.since, self.basis, self.pass_.today, self.pass_.rulebook
        if since == today:
            return [today]
        days = {since, today}
        days.update(day + ONE_DAY for day in closings(since, today))
        days.update(day for day, _ in basis.dossier.path.tiers.changes)
        days.update(entry.recorded_on for entry in basis.dossier.log)
        days.update(contact.entered_on for contact in basis.contacts)
        terms_change = rulebook.terms_change_on(since)
        while terms_change is not None and terms_change <= today:
            days.add(terms_change)
            terms_change = rulebook.terms_change_on(terms_change)
        return sorted(day for day in days if since <= day <= today)

    def _moments(self) -> Iterator[tuple[date, datetime | None]]:
        """The days to look at, at their end; before, what changed them if visits were entered after that.

        A visit credits what was owed when it was entered, also when the news before it, or the coming of the day, is
        only now looked at.
        """
        log, contacts = self.basis.dossier.log, self.basis.contacts
        for day in self._days():
            began = clock.at(day) if day < self.pass_.today else None
            told = max((entry.recorded_at for entry in log if entry.recorded_on == day), default=began)
            if told and any(contact.entered_on == day and contact.entered_at > told for contact in contacts):
                yield day, told
            yield day, None

    def _look(self, since: date, day: date, moment: datetime | None) -> bool:
        """The duties on a day, given those at the end of `since`; returns whether one was retracted or counted again.

        At the end of the day, or at a moment of it, for which later visits do not exist yet.
        """
        basis, dossier, rulebook = self.basis, self.basis.dossier, self.pass_.rulebook
        terms = rulebook.terms(day)
        path = dossier.path.tiers
        is_today = day == self.pass_.today
        history = dossier.history if is_today else fold(dossier.log, known_on=day, hindsight=True)
        contacts = [
            contact
            for contact in basis.contacts
            if contact.entered_on <= max(day, basis.owing_since)
            and (moment is None or contact.entered_at <= moment)
            # A visit dated after the death credits nothing (A23).
            and (history.died_on is None or contact.service_date <= history.died_on)
        ]
        wanted = self._wanted(history, contacts, since, day)
        owed_now = [owed for owed, _ in wanted.values()]
        recounted = False
        for owed, standing in wanted.values():
            if standing is None:
                self.duties.append(rows.new(dossier.resident, owed, terms, now=self.pass_.now))
            else:
                recounted = recounted or _is_counted_again(standing, owed, terms)
                _renew(standing, owed, terms)
        for duty in self.duties:
            # What begins after the day is judged when its day comes.
            if duty.kind is DutyKind.FOLLOW_UP or duty.starts_on > day:
                continue
            if duty.carried:
                # It closed elsewhere, by the rules there; visits and a death still count.
                paused = duty.reason == DutyReason.PAUSE
                _settle(duty, contacts, history, paused, day, rulebook.terms(duty.due_on).crediting)
                continue
            if duty.state is not DutyState.CANCELLED and self._was_never_true(duty, history, day):
                _cancel(duty, DutyReason.RETRACTED)
                recounted = True
                continue
            judged = duty.kind is DutyKind.RESPONSE or duty.due_on >= since
            # A closed period keeps the rules of its last day (A27).
            judged_on = min(day, duty.due_on) if duty.period else day
            crediting = rulebook.terms(judged_on).crediting
            _settle(duty, contacts, history, self._is_paused(duty, day), day, crediting)
            waits = duty.state in (DutyState.OPEN, DutyState.MISSED) or duty.reason == DutyReason.PAUSE
            if judged and waits and not duty.excuse and _key(duty) not in wanted:
                # What had closed before is looked at again only when something turned out never to have been true.
                closed = duty.due_on < basis.owing_since and basis.since < basis.owing_since
                why = DutyReason.RETRACTED
                if not closed:
                    why = _why_cancelled(duty, owed_now, path, history, min(day, duty.due_on))
                duty.state, duty.reason = DutyState.CANCELLED, why
                # A tier that was never true takes its due day along (A34).
                recounted = recounted or why is DutyReason.RETRACTED or self._was_retracted(since, day)
        return recounted

    def _was_never_true(self, duty: Duty, history: History, day: date) -> bool:
        """Whether a retraction took away what a duty was owed for, whatever became of it (A27)."""
        if not self._holds_retractions:
            return False
        if duty.kind is DutyKind.RESPONSE:
            return all(news.occasion != duty.occasion for news in history.news())
        first = period_named(str(duty.period)).first
        return not self.basis.dossier.path.tiers.reached(duty.tier, first, min(duty.due_on, day))

    @property
    def _holds_retractions(self) -> bool:
        return any("retract" in entry.entry for entry in self.basis.dossier.log)

    def _is_paused(self, duty: Duty, day: date) -> bool:
        """Whether pauses that were told in time cover all of its period (A23, A27)."""
        if not duty.period or all(fact.kind is not FactKind.PAUSE for fact in self.basis.dossier.history.facts):
            return False
        judged_on = min(day, duty.due_on)
        days = self.pass_.rulebook.terms(judged_on).pause_days
        in_time = min(day, duty.due_on + timedelta(days=days))
        told = fold(self.basis.dossier.log, known_on=in_time, hindsight=True)
        return is_paused(told.facts, period_named(duty.period))

    def _was_retracted(self, since: date, day: date) -> bool:
        """Whether a retraction was told since the last look."""
        log = self.basis.dossier.log
        return any("retract" in entry.entry and since <= entry.recorded_on <= day for entry in log)

    def _wanted(
        self, history: History, contacts: Sequence[Contact], since: date, day: date
    ) -> dict[_Key, tuple[Owed, Duty | None]]:
        """What is owed on a day, each with the duty that stands for it."""
        rulebook, path, terms = self.pass_.rulebook, self.basis.dossier.path.tiers, self.pass_.rulebook.terms(day)
        owed = [
            closed
            for closing in closings(since, day)
            for closed in self.course.owed(closing, rulebook.terms(closing))
            if closed.due_on == closing
        ]
        owed += self.course.owed(day, terms)
        standing = {_key(duty): duty for duty in self.duties}
        # News of which no duty was loaded was settled before this look began.
        news = [
            told
            for told in asking(history.news(), terms)
            if told.arrived_on >= self.basis.since or (DutyKind.RESPONSE, None, told.occasion) in standing
        ]
        excused = {
            duty.occasion: duty.excuse.at
            for duty in self.duties
            if duty.kind is DutyKind.RESPONSE and duty.state is DutyState.EXCUSED and duty.excuse
        }
        owed += responses(news, contacts, path, terms, self.pass_.calendar, today=day, excused=excused)
        return {_key(each): (each, standing.get(_key(each))) for each in owed}


def _is_counted_again(duty: Duty, owed: Owed, terms: Terms) -> bool:
    """Whether another calendar moved a deadline in working days: A34's "never later" does not hold against it (A41)."""
    rules = (terms.policy_id, terms.policy_version, terms.coverage_version)
    is_same = rules == (duty.policy_id, duty.policy_version, duty.coverage_version)
    return duty.kind is DutyKind.RESPONSE and duty.state is DutyState.OPEN and duty.due_on != owed.due_on and is_same


def _renew(duty: Duty, owed: Owed, terms: Terms) -> None:
    """A duty that stands and is still owed: what is open follows a change of the rules (A27)."""
    if duty.carried:
        return
    if duty.state in (DutyState.OPEN, DutyState.CANCELLED):
        duty.modes = owed.modes
        duty.policy_id, duty.policy_version = terms.policy_id, terms.policy_version
        duty.coverage_version = terms.coverage_version
        duty.tier, duty.due_on = owed.tier, owed.due_on
        duty.news_at = owed.news_at
    if owed.kind is DutyKind.PERIODIC:
        duty.starts_on, duty.news_at = owed.starts_on, owed.news_at
    if duty.state is DutyState.CANCELLED:
        duty.state, duty.reason = DutyState.OPEN, None


def _key(owed: Duty | Owed) -> _Key:
    """What makes it the same duty: the tier only where each tier owes its own."""
    return (owed.kind, owed.tier if owed.kind is DutyKind.PERIODIC else None, owed.occasion)


def _settle(
    duty: Duty, contacts: Sequence[Contact], history: History, paused: bool, today: date, crediting: Crediting
) -> None:
    """What visits, a death or a pause make of a duty; what the street advisor excused stays so."""
    if duty.state is DutyState.CANCELLED:
        return
    if _began_after_death(duty, history):
        _cancel(duty, DutyReason.DEATH)
        return
    if duty.state is DutyState.EXCUSED and duty.excuse:
        return
    settled = settle(duty.owed, contacts, crediting, today=today)
    duty.state, duty.reason = settled.state, None
    duty.credited_visit_id = settled.contact.visit_id if settled.contact else None
    duty.late_entry, duty.face_to_face = settled.late_entry, settled.face_to_face
    duty.made_up_on = settled.made_up_on
    duty.made_up_visit_id = settled.made_up.visit_id if settled.made_up else None
    if duty.state in (DutyState.OPEN, DutyState.MISSED) and (because := _excused_because(duty, history, paused)):
        duty.state, duty.reason = DutyState.EXCUSED, because
        # Nobody had to go, so nothing was made up, whenever this is looked at (A35).
        duty.made_up_on, duty.made_up_visit_id = None, None


def _began_after_death(duty: Duty, history: History) -> bool:
    """Whether a period, or what asks for a visit, began when the person was dead: it is not owed (A23)."""
    if history.died_on is None:
        return False
    return (period_named(duty.period).first if duty.period else duty.starts_on) > history.died_on


def _cancel(duty: Duty, because: DutyReason) -> None:
    """It is not owed, and no visit counts for it."""
    duty.state, duty.reason = DutyState.CANCELLED, because
    duty.credited_visit_id, duty.late_entry, duty.face_to_face = None, False, False
    duty.made_up_on, duty.made_up_visit_id = None, None


def _excused_because(duty: Duty, history: History, paused: bool) -> DutyReason | None:
    """Death excuses what was still owed from the death on; a pause a period of which it covers all (A23)."""
    if history.died_on is not None and (duty.state is DutyState.OPEN or duty.due_on >= history.died_on):
        return DutyReason.DEATH
    return DutyReason.PAUSE if paused else None


def _why_cancelled(duty: Duty, owed_now: Iterable[Owed], path: TierPath, history: History, on: date) -> DutyReason:
    if duty.kind is DutyKind.RESPONSE:
        stands = any(news.occasion == duty.occasion for news in history.news())
        return DutyReason.JOINED if stands else DutyReason.RETRACTED
    current = path.on(on)
    if current is Tier.NONE:
        return DutyReason.TIER_NONE
    if current.rank < duty.tier.rank:
        return DutyReason.TIER_LOWERED
    # Where a frequency was raised, one of the new takes the place of the old (A15).
    if current.rank > duty.tier.rank or any(_is_shorter(owed, duty) for owed in owed_now):
        return DutyReason.ABSORBED
    return DutyReason.NOT_OWED


def _is_shorter(owed: Owed, duty: Duty) -> bool:
    """Whether a period lies within the longer one of a duty."""
    if not owed.period or not duty.period or owed.period == duty.period:
        return False
    shorter, longer = period_named(owed.period), period_named(duty.period)
    return longer.first <= shorter.first and shorter.last <= longer.last
