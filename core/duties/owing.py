"""What one resident is owed, worked out day by day from the last look to today, in memory and without a trace."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core import clock
from core.residents.decisions import Path
from core.store.ids import uuid7
from rules.calendar import ONE_DAY, WorkingCalendar, period_named
from rules.duties import (
    Contact,
    DutyKind,
    Owed,
    TierPath,
    asking,
    closings,
    is_paused,
    periodic,
    responses,
    settle,
)
from rules.facts import Tier
from rules.history import Entry, History, fold
from rules.policies import Crediting, Terms
from rules.rulebook import Rulebook

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Basis:
    """What the duties of one resident follow from.

    `since` is the first day to look at again. News and visits before `owing_since` were dealt with when they came; an
    earlier `since` reaches back because something turned out never to have been true.
    """

    log: Sequence[Entry]
    history: History
    path: Path
    contacts: Sequence[Contact]
    since: date
    owing_since: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """The day by which somebody must go for what is still to be done, and whether a retraction moved it.

    `anew_on`: since when, if before nobody had to go although nobody looked that day.
    """

    due_on: date
    retracted: bool
    anew_on: date | None


def is_held(duty: Row) -> bool:
    """Whether somebody still has to go for a duty: it is open, or was missed and nobody has gone since (A35)."""
    return (
        not duty["carried"]
        and duty["kind"] != DutyKind.FOLLOW_UP
        and (duty["state"] == "open" or (duty["state"] == "missed" and duty["made_up_on"] is None))
    )


_Key = tuple[DutyKind, Tier | None, str]


@dataclass(frozen=True, slots=True)
class Pass:
    """The duties of one resident brought from the last look up to today."""

    street: str
    resident_id: UUID
    basis: Basis
    rows: list[Row]
    rulebook: Rulebook
    calendar: WorkingCalendar
    now: datetime

    def catch_up(self, today: date) -> Waiting | None:
        """Look at each day on which something happened, so that days nobody looked leave no trace."""
        waiting: Waiting | None = None
        anew_on: date | None = None
        since = self.basis.since
        for day, moment in self._moments(today):
            retracted = self._look(since, day, today, moment)
            days = [row["due_on"] for row in self.rows if is_held(row) and row["starts_on"] <= day]
            if not days:
                waiting, anew_on = None, day + ONE_DAY
            elif waiting is None or retracted:
                waiting = Waiting(min(days), retracted, anew_on and min(anew_on, day))
            else:
                # The due day never moves later while a task is open (A34).
                waiting = replace(waiting, due_on=min(waiting.due_on, *days))
            since = day
        return waiting

    def _days(self, today: date) -> list[date]:
        since, basis = self.basis.since, self.basis
        if since == today:
            return [today]
        days = {since, today}
        days.update(day + ONE_DAY for day in closings(since, today))
        days.update(day for day, _ in basis.path.tiers.changes)
        days.update(entry.recorded_on for entry in basis.log)
        days.update(contact.entered_on for contact in basis.contacts)
        terms_change = self.rulebook.terms_change_on(since)
        while terms_change is not None and terms_change <= today:
            days.add(terms_change)
            terms_change = self.rulebook.terms_change_on(terms_change)
        return sorted(day for day in days if since <= day <= today)

    def _moments(self, today: date) -> Iterator[tuple[date, datetime | None]]:
        """The days to look at, at their end; before, what changed them if visits were entered after that.

        A visit credits what was owed when it was entered, also when the news before it, or the coming of the day, is
        only now looked at.
        """
        for day in self._days(today):
            began = clock.at(day) if day < today else None
            told = max((entry.recorded_at for entry in self.basis.log if entry.recorded_on == day), default=began)
            if told and any(one.entered_on == day and one.entered_at > told for one in self.basis.contacts):
                yield day, told
            yield day, None

    def _look(self, since: date, day: date, today: date, moment: datetime | None) -> bool:
        """The duties on a day, given those at the end of `since`; returns whether one was retracted.

        At the end of the day, or at a moment of it, for which later visits do not exist yet.
        """
        basis, path, terms = self.basis, self.basis.path.tiers, self.rulebook.terms(day)
        history = basis.history if day == today else fold(basis.log, known_on=day, hindsight=True)
        contacts = [
            one
            for one in basis.contacts
            if one.entered_on <= max(day, basis.owing_since) and (moment is None or one.entered_at <= moment)
        ]
        wanted = self._wanted(history, contacts, since, day)
        for one, row in wanted.values():
            if row is None:
                self.rows.append(_new_row(self.street, self.resident_id, one, terms, self.now))
            else:
                _renew(row, one, terms)
        retracted = False
        for row in self.rows:
            # What begins after the day is judged when its day comes.
            if row["carried"] or row["kind"] == DutyKind.FOLLOW_UP or row["starts_on"] > day:
                continue
            judged = row["kind"] == DutyKind.RESPONSE or row["due_on"] >= since
            _settle(row, contacts, history, judged, day, terms.crediting)
            waits = row["state"] in ("open", "missed") or (row["state"] == "excused" and row["reason"] == PAUSED)
            if judged and waits and not row["excuse"] and _key(row) not in wanted:
                # What had closed before is looked at again only when something turned out never to have been true.
                closed = row["due_on"] < basis.owing_since and basis.since < basis.owing_since
                why = RETRACTED if closed else _why_cancelled(row, path, history, min(day, row["due_on"]))
                row["state"], row["reason"] = "cancelled", why
                # A tier that was never true takes its due day along (A34).
                retracted = retracted or why == RETRACTED or self._was_retracted(since, day)
        return retracted

    def _was_retracted(self, since: date, day: date) -> bool:
        """Whether a retraction was told since the last look."""
        return any("retract" in entry.entry and since <= entry.recorded_on <= day for entry in self.basis.log)

    def _wanted(
        self, history: History, contacts: Sequence[Contact], since: date, day: date
    ) -> dict[_Key, tuple[Owed, Row | None]]:
        basis, path, terms = self.basis, self.basis.path.tiers, self.rulebook.terms(day)
        owed = [
            one
            for closing in closings(since, day)
            for one in periodic(path, closing, self.rulebook.terms(closing))
            if one.due_on == closing
        ]
        owed += periodic(path, day, terms)
        standing = {_key(row): row for row in self.rows}
        # News of which no duty was loaded was settled before this look began.
        news = [
            one
            for one in asking(history.news(), terms)
            if one.arrived_on >= basis.since or (DutyKind.RESPONSE, None, one.occasion) in standing
        ]
        excused = {
            row["occasion"]: datetime.fromisoformat(row["excuse"]["at"])
            for row in self.rows
            if row["kind"] == DutyKind.RESPONSE and row["state"] == "excused" and row["excuse"]
        }
        owed += responses(news, contacts, path, terms, self.calendar, today=day, excused=excused)
        keys = [(one.kind, one.tier if one.kind is DutyKind.PERIODIC else None, one.occasion) for one in owed]
        return {key: (one, standing.get(key)) for key, one in zip(keys, owed, strict=True)}


def _renew(row: Row, one: Owed, terms: Terms) -> None:
    """A duty that stands and is still owed: what is open follows a change of the rules (A27)."""
    if row["carried"]:
        return
    if row["state"] in ("open", "cancelled"):
        row["modes"] = list(one.modes)
        row["policy_id"], row["policy_version"] = terms.policy_id, terms.policy_version
        row["coverage_version"] = terms.coverage_version
        row["tier"], row["due_on"] = one.tier.value, one.due_on
    if one.kind is DutyKind.PERIODIC:
        row["starts_on"] = one.starts_on
    if row["state"] == "cancelled":
        row["state"], row["reason"] = "open", None


def _key(row: Row) -> _Key:
    kind = DutyKind(row["kind"])
    return (kind, Tier(row["tier"]) if kind is DutyKind.PERIODIC else None, row["occasion"])


def _new_row(street: str, resident_id: UUID, one: Owed, terms: Terms, now: datetime) -> Row:
    return {
        "street_code": street,
        "duty_id": uuid7(),
        "resident_id": resident_id,
        "kind": one.kind.value,
        "tier": one.tier.value,
        "occasion": one.occasion,
        "period": one.period,
        "starts_on": one.starts_on,
        "due_on": one.due_on,
        "modes": list(one.modes),
        "limit": one.limit,
        "clause": one.clause,
        "state": "open",
        "reason": None,
        "task_id": None,
        "credited_visit_id": None,
        "late_entry": False,
        "made_up_on": None,
        "carried": False,
        "policy_id": terms.policy_id,
        "policy_version": terms.policy_version,
        "coverage_version": terms.coverage_version,
        "created_at": now,
        "settled_at": None,
        "excuse": None,
    }


def owed_of(row: Row) -> Owed:
    """A stored duty as the rules look at it."""
    return Owed(
        kind=DutyKind(row["kind"]),
        tier=Tier(row["tier"]),
        occasion=row["occasion"],
        period=row["period"],
        starts_on=row["starts_on"],
        due_on=row["due_on"],
        modes=tuple(row["modes"]),
        limit=row["limit"],
        clause=row["clause"],
    )


def _settle(
    row: Row, contacts: Sequence[Contact], history: History, judged: bool, today: date, crediting: Crediting
) -> None:
    """What visits, a death or a pause make of a duty; what the street advisor excused stays so."""
    if row["state"] == "cancelled" or (row["state"] == "excused" and row["excuse"]):
        return
    if row["state"] == "excused" and row["reason"] == PAUSED and not judged:
        return
    settled = settle(owed_of(row), contacts, crediting, today=today)
    row["state"], row["reason"] = settled.state, None
    row["credited_visit_id"] = settled.contact.visit_id if settled.contact else None
    row["late_entry"] = settled.late_entry
    row["made_up_on"] = settled.made_up_on
    if row["state"] in ("open", "missed") and (because := _excused_because(row, history, judged)):
        row["state"], row["reason"] = "excused", because


DEAD, PAUSED, RETRACTED = "death", "pause", "retracted"


def _excused_because(row: Row, history: History, judged: bool) -> str | None:
    """Death excuses what was still owed from the death on; a pause a period of which it covers all (A23)."""
    if history.died_on is not None and (row["state"] == "open" or row["due_on"] >= history.died_on):
        return DEAD
    if judged and row["period"] and is_paused(history.facts, period_named(row["period"])):
        return PAUSED
    return None


def _why_cancelled(row: Row, path: TierPath, history: History, on: date) -> str:
    if row["kind"] == DutyKind.RESPONSE:
        stands = any(one.occasion == row["occasion"] for one in history.news())
        return "joined" if stands else RETRACTED
    current, was = path.on(on), Tier(row["tier"])
    if current is Tier.NONE:
        return "tier_none"
    if current.rank < was.rank:
        return "tier_lowered"
    if current.rank > was.rank:
        return "absorbed"
    return "not_owed"
