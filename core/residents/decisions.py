"""Which tier a person is in, from which day: the rules asked, the answer kept.

Only worker processes call `decide`: the engine is a C extension whose crash must not take the API along.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.policy.street_pass import StreetPass
from core.residents.dossiers import Decided, Dossier
from core.store import bulk
from core.store.ids import uuid7
from rules.calendar import ONE_DAY
from rules.facts import Tier, sex_of
from rules.history import fold, was_never_true

_SUPERSEDE = text(
    "UPDATE decision SET superseded_at = :now WHERE street_code = :street AND decision_id = ANY(:decisions)"
)


def decide(pass_: StreetPass, dossiers: Iterable[Dossier], since: Mapping[UUID, date]) -> None:
    """Decide every day from `since` to today on which something can change, with what was known on that day (A26).

    The paths of the dossiers are brought up to date; days that come out otherwise than decided before are superseded,
    not lost.
    """
    superseded: list[UUID] = []
    made: list[dict[str, object]] = []
    for dossier in dossiers:
        start = since[dossier.resident.resident_id]
        before, stale = dossier.path.split(start)
        previous = before[-1] if before else None
        fresh = _walk(pass_, dossier, previous, start)
        if list(map(_told, stale)) == list(map(_told, fresh)):
            continue
        superseded.extend(decision.decision_id for decision in stale)
        dossier.path.decided = before + fresh
        for decision, earlier in zip(fresh, [previous, *fresh], strict=False):
            made.append(_row(pass_, dossier.resident.resident_id, decision, earlier))
    if superseded:
        values = {"now": pass_.now, "street": pass_.street, "decisions": superseded}
        pass_.session.execute(_SUPERSEDE, values)
    bulk.insert(pass_.session, "decision", made)


def _told(decision: Decided) -> tuple[object, ...]:
    """What it says, whenever it was made."""
    return (decision.from_on, decision.news_at, decision.verdict, decision.next_change_on)


def _row(pass_: StreetPass, resident_id: UUID, decision: Decided, earlier: Decided | None) -> dict[str, object]:
    return {
        "street_code": pass_.street,
        "decision_id": decision.decision_id,
        "resident_id": resident_id,
        "recorded_at": pass_.now,
        "from_on": decision.from_on,
        "news_at": decision.news_at,
        "tier": decision.verdict.tier,
        "tier_before": earlier.verdict.tier if earlier else Tier.NONE,
        "rules": decision.verdict.rules,
        "policy_id": decision.verdict.policy_id,
        "policy_version": decision.verdict.policy_version,
        "coverage_version": decision.verdict.coverage_version,
        "next_change_on": decision.next_change_on,
    }


def _walk(pass_: StreetPass, dossier: Dossier, previous: Decided | None, start: date) -> list[Decided]:
    """The decisions from `start` on: one for each day that differs from the day before."""
    fresh: list[Decided] = []
    log, resident, rulebook, today = dossier.log, dossier.resident, pass_.rulebook, pass_.today
    learnt = sorted({entry.recorded_on for entry in log if start < entry.recorded_on <= today})
    day = start
    while True:
        # Nearly always everything is known by now; only a catch-up has to look at less than the whole log.
        later = [learnt_on for learnt_on in learnt if learnt_on > day]
        known = fold(log, known_on=day, hindsight=True) if later else dossier.history
        person = known.person(resident.birth_date, sex_of(resident.sex))
        next_change_on = rulebook.next_change_on(person, day)
        verdict = rulebook.verdict(person, day)
        rises = verdict.tier is Tier.HIGH and (previous is None or previous.verdict.tier is not Tier.HIGH)
        news_at = _news_at(pass_, dossier, day) if rises else None
        decided = Decided(uuid7(), day, news_at, verdict, next_change_on)
        if previous is None or previous.meaning != decided.meaning:
            fresh.append(decided)
            previous = decided
        upcoming = [change_on for change_on in (next_change_on, *later[:1]) if change_on and change_on <= today]
        if not upcoming:
            return fresh
        day = max(min(upcoming), day + ONE_DAY)


def _news_at(pass_: StreetPass, dossier: Dossier, day: date) -> datetime | None:
    """When the news was accepted that makes somebody high on a day (A17); None where time alone does."""
    log, resident = dossier.log, dossier.resident
    began = clock.at(day)
    for moment in sorted({began, *(entry.recorded_at for entry in log if entry.recorded_on == day)}):
        known = [entry for entry in log if entry.recorded_at <= moment or was_never_true(entry)]
        person = fold(known).person(resident.birth_date, sex_of(resident.sex))
        if pass_.rulebook.verdict(person, day).tier is Tier.HIGH:
            return None if moment == began else moment
    return None
