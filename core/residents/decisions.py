"""Which tier a person is in, from which day: the rules asked, the answer kept.

Only worker processes call `decide`: the engine is a C extension whose crash must not take the API along.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.residents.standing import Standing
from core.store import bulk
from core.store.ids import uuid7
from rules.calendar import ONE_DAY
from rules.duties import TierPath
from rules.facts import Tier, sex_of
from rules.history import Entry, History, fold
from rules.rulebook import Rulebook, Verdict


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided from a day on, and the next day on which time alone changes it."""

    decision_id: UUID
    from_on: date
    verdict: Verdict
    next_change_on: date | None

    @property
    def meaning(self) -> tuple[Verdict, date | None]:
        """What makes a decision another one."""
        return (self.verdict, self.next_change_on)


@dataclass(slots=True)
class Path:
    """The decisions that stand for a person, oldest first."""

    decided: list[Decided] = field(default_factory=list)

    @property
    def tiers(self) -> TierPath:
        """What the duties need of it."""
        return TierPath((one.from_on, one.verdict.tier) for one in self.decided)

    @property
    def latest(self) -> Decided | None:
        """The decision in force now."""
        return self.decided[-1] if self.decided else None

    def split(self, day: date) -> tuple[list[Decided], list[Decided]]:
        """The decisions before a day, and those from it on."""
        return [one for one in self.decided if one.from_on < day], [one for one in self.decided if one.from_on >= day]


def paths(session: Session, street: str, resident_ids: Iterable[UUID]) -> dict[UUID, Path]:
    """The standing decisions of some residents."""
    rows = session.execute(
        text(
            "SELECT resident_id, decision_id, from_on, tier, rules, next_change_on, policy_id, policy_version,"
            " coverage_version FROM decision WHERE street_code = :street AND resident_id = ANY(:residents)"
            " AND superseded_at IS NULL ORDER BY from_on"
        ),
        {"street": street, "residents": list(resident_ids)},
    )
    found: dict[UUID, Path] = defaultdict(Path)
    for row in rows:
        verdict = Verdict(Tier(row.tier), tuple(row.rules), row.policy_id, row.policy_version, row.coverage_version)
        found[row.resident_id].decided.append(Decided(row.decision_id, row.from_on, verdict, row.next_change_on))
    return found


def decide(
    session: Session,
    street: str,
    residents: Iterable[Standing],
    logs: Mapping[UUID, list[Entry]],
    histories: Mapping[UUID, History],
    known: Mapping[UUID, Path],
    since: Mapping[UUID, date],
    rulebook: Rulebook,
    *,
    now: datetime,
    today: date,
) -> None:
    """Decide every day from `since` to today on which something can change, with what was known on that day (A26).

    Paths in `known` are brought up to date; days that come out otherwise than decided before are superseded, not lost.
    """
    superseded: list[UUID] = []
    made: list[dict[str, object]] = []
    for resident in residents:
        path = known[resident.resident_id]
        start = since[resident.resident_id]
        before, stale = path.split(start)
        previous = before[-1] if before else None
        log = logs.get(resident.resident_id, [])
        fresh = _walk(resident, log, histories[resident.resident_id], previous, rulebook, start, today)
        if [(one.from_on, one.meaning) for one in stale] == [(one.from_on, one.meaning) for one in fresh]:
            continue
        superseded.extend(one.decision_id for one in stale)
        path.decided = before + fresh
        for one, earlier in zip(fresh, [previous, *fresh], strict=False):
            made.append(
                {
                    "street_code": street,
                    "decision_id": one.decision_id,
                    "resident_id": resident.resident_id,
                    "recorded_at": now,
                    "from_on": one.from_on,
                    "tier": one.verdict.tier.value,
                    "tier_before": earlier.verdict.tier.value if earlier else Tier.NONE.value,
                    "rules": one.verdict.rules,
                    "policy_id": one.verdict.policy_id,
                    "policy_version": one.verdict.policy_version,
                    "coverage_version": one.verdict.coverage_version,
                    "next_change_on": one.next_change_on,
                }
            )
    if superseded:
        session.execute(
            text("UPDATE decision SET superseded_at = :now WHERE street_code = :street AND decision_id = ANY(:ids)"),
            {"now": now, "street": street, "ids": superseded},
        )
    bulk.insert(session, "decision", made)


def _walk(
    resident: Standing,
    log: list[Entry],
    history: History,
    previous: Decided | None,
    rulebook: Rulebook,
    start: date,
    today: date,
) -> list[Decided]:
    """The decisions from `start` on: one for each day that differs from the day before."""
    fresh: list[Decided] = []
    learnt = sorted({entry.recorded_on for entry in log if start < entry.recorded_on <= today})
    day = start
    while True:
        # Nearly always everything is known by now; only a catch-up has to look at less than the whole log.
        later = [one for one in learnt if one > day]
        known = fold(log, known_on=day, hindsight=True) if later else history
        person = known.person(resident.birth_date, sex_of(resident.sex))
        next_change_on = rulebook.next_change_on(person, day)
        decided = Decided(uuid7(), day, rulebook.verdict(person, day), next_change_on)
        if previous is None or previous.meaning != decided.meaning:
            fresh.append(decided)
            previous = decided
        upcoming = [one for one in (next_change_on, *later[:1]) if one is not None and one <= today]
        if not upcoming:
            return fresh
        day = max(min(upcoming), day + ONE_DAY)
